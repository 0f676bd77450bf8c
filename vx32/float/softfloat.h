/* SPDX-License-Identifier: MIT */
/* Binary32, binary64 and x87 arithmetic as the IA-32 processor does it, in integers only. */
#ifndef VX32_FLOAT_SOFTFLOAT_H
#define VX32_FLOAT_SOFTFLOAT_H

#include <stdbool.h>
#include <stdint.h>

/* The encoding of the RC field of MXCSR and of the x87 control word. */
enum vx_round { VX_ROUND_NEAREST = 0, VX_ROUND_DOWN = 1, VX_ROUND_UP = 2, VX_ROUND_ZERO = 3 };

/* Exceptions at their bit positions in MXCSR and in the x87 status word. */
enum vx_float_exception {
    VX_FE_INVALID = 1,
    VX_FE_DENORMAL = 2,
    VX_FE_DIVZERO = 4,
    VX_FE_OVERFLOW = 8,
    VX_FE_UNDERFLOW = 16,
    VX_FE_INEXACT = 32,
    VX_FE_ALL = 63,
    /* Found before a result is computed: when unmasked, the result must not be used. */
    VX_FE_BEFORE = VX_FE_INVALID | VX_FE_DENORMAL | VX_FE_DIVZERO,
};

/* The condition codes of the x87 status word. */
enum vx_condition { VX_C0 = 0x0100, VX_C1 = 0x0200, VX_C2 = 0x0400, VX_C3 = 0x4000 };

/*
 * What an operation depends on, and what it tells beside its result.
 *
 * An operation only adds to `flags`. The caller traps when (flags & ~masks) has a flag that this
 * operation raised; for that it clears `flags` before and merges them afterwards.
 */
struct vx_float_env {
    uint8_t rounding;        /* enum vx_round */
    uint8_t precision;       /* significand bits of x87 add, sub, mul, div, sqrt: 24, 53 or 64 */
    bool flush_to_zero;      /* MXCSR.FTZ; binary32 and binary64 only */
    bool denormals_are_zero; /* MXCSR.DAZ; binary32 and binary64 only */
    uint8_t masks;           /* masked exceptions, bit set: masked */
    uint8_t flags;           /* sticky; raised by the operation */
    bool round_up;           /* x87 C1: the last rounding went away from zero */
    /*
     * Set by vx_f80_operand_*: the memory operand was denormal before it was widened. The next
     * x87 arithmetic, compare or remainder reads it as a denormal operand and clears it.
     */
    bool denormal_operand;
};

enum vx_order { VX_LESS, VX_EQUAL, VX_GREATER, VX_UNORDERED };

/* The predicates of CMPPS and CMPPD, in the encoding of their immediate byte. */
enum vx_predicate {
    VX_PREDICATE_EQ,
    VX_PREDICATE_LT,
    VX_PREDICATE_LE,
    VX_PREDICATE_UNORDERED,
    VX_PREDICATE_NEQ,
    VX_PREDICATE_NLT,
    VX_PREDICATE_NLE,
    VX_PREDICATE_ORDERED,
};

/*
 * SSE and SSE2 on bit patterns. `a` is the first operand (the destination), `b` the second.
 * A packed instruction is its lanes one after another with one env: flags accumulate.
 */
uint32_t vx_f32_add(uint32_t a, uint32_t b, struct vx_float_env *env);
uint32_t vx_f32_sub(uint32_t a, uint32_t b, struct vx_float_env *env);
uint32_t vx_f32_mul(uint32_t a, uint32_t b, struct vx_float_env *env);
uint32_t vx_f32_div(uint32_t a, uint32_t b, struct vx_float_env *env);
uint32_t vx_f32_sqrt(uint32_t a, struct vx_float_env *env);
uint32_t vx_f32_min(uint32_t a, uint32_t b, struct vx_float_env *env);
uint32_t vx_f32_max(uint32_t a, uint32_t b, struct vx_float_env *env);
/* UCOMISS with signal_quiet false, COMISS with true: then a quiet NaN is invalid too. */
enum vx_order vx_f32_compare(uint32_t a, uint32_t b, bool signal_quiet, struct vx_float_env *env);
bool vx_f32_predicate(uint32_t a, uint32_t b, enum vx_predicate predicate,
                      struct vx_float_env *env);

uint64_t vx_f64_add(uint64_t a, uint64_t b, struct vx_float_env *env);
uint64_t vx_f64_sub(uint64_t a, uint64_t b, struct vx_float_env *env);
uint64_t vx_f64_mul(uint64_t a, uint64_t b, struct vx_float_env *env);
uint64_t vx_f64_div(uint64_t a, uint64_t b, struct vx_float_env *env);
uint64_t vx_f64_sqrt(uint64_t a, struct vx_float_env *env);
uint64_t vx_f64_min(uint64_t a, uint64_t b, struct vx_float_env *env);
uint64_t vx_f64_max(uint64_t a, uint64_t b, struct vx_float_env *env);
enum vx_order vx_f64_compare(uint64_t a, uint64_t b, bool signal_quiet, struct vx_float_env *env);
bool vx_f64_predicate(uint64_t a, uint64_t b, enum vx_predicate predicate,
                      struct vx_float_env *env);

/* CVTSS2SD and CVTSD2SS. */
uint64_t vx_f32_to_f64(uint32_t a, struct vx_float_env *env);
uint32_t vx_f64_to_f32(uint64_t a, struct vx_float_env *env);
/* CVTSS2SI, CVTSD2SI in the current rounding, CVTTSS2SI, CVTTSD2SI; out of range: INT32_MIN. */
int32_t vx_f32_to_i32(uint32_t a, struct vx_float_env *env);
int32_t vx_f64_to_i32(uint64_t a, struct vx_float_env *env);
int32_t vx_f32_truncate_to_i32(uint32_t a, struct vx_float_env *env);
int32_t vx_f64_truncate_to_i32(uint64_t a, struct vx_float_env *env);
uint32_t vx_f32_from_i32(int32_t value, struct vx_float_env *env);
uint64_t vx_f64_from_i32(int32_t value); /* exact */

/*
 * RCPSS and RSQRTSS as this guest machine defines them: the binary32 nearest to 1/a and to
 * 1/sqrt(a). Denormal operands count as zero, tiny results become zero, no flag is raised.
 */
uint32_t vx_f32_reciprocal(uint32_t a);
uint32_t vx_f32_reciprocal_sqrt(uint32_t a);

/*
 * x87. Every function with an env, save vx_f80_operand_*, sets round_up (C1): false unless the
 * result was rounded away from zero.
 * An unmasked overflow or underflow gives the result with the adjusted exponent that the processor
 * leaves in a register.
 */
struct vx_f80 {
    uint64_t significand;
    uint16_t sign_exponent;
};

struct vx_f80 vx_f80_add(struct vx_f80 a, struct vx_f80 b, struct vx_float_env *env);
struct vx_f80 vx_f80_sub(struct vx_f80 a, struct vx_f80 b, struct vx_float_env *env);
struct vx_f80 vx_f80_mul(struct vx_f80 a, struct vx_f80 b, struct vx_float_env *env);
struct vx_f80 vx_f80_div(struct vx_f80 a, struct vx_f80 b, struct vx_float_env *env);
struct vx_f80 vx_f80_sqrt(struct vx_f80 a, struct vx_float_env *env);

/* FPREM with nearest false, FPREM1 with true. *condition gets C2 (incomplete) or C0, C3, C1. */
struct vx_f80 vx_f80_remainder(struct vx_f80 a, struct vx_f80 b, bool nearest, uint16_t *condition,
                               struct vx_float_env *env);
/* FRNDINT. */
struct vx_f80 vx_f80_round(struct vx_f80 a, struct vx_float_env *env);
/* FSCALE: a times two to the power of b's integer part. */
struct vx_f80 vx_f80_scale(struct vx_f80 a, struct vx_f80 b, struct vx_float_env *env);
/* FXTRACT: returns the significand (the new top of stack), *exponent is what lies under it. */
struct vx_f80 vx_f80_extract(struct vx_f80 a, struct vx_f80 *exponent, struct vx_float_env *env);
/* FUCOM, FUCOMI with signal_quiet false; FCOM, FCOMI, FTST with true. */
enum vx_order vx_f80_compare(struct vx_f80 a, struct vx_f80 b, bool signal_quiet,
                             struct vx_float_env *env);
/* FXAM of a register that is not empty: C3, C2, C0 the class, C1 the sign. */
uint16_t vx_f80_classify(struct vx_f80 a);

/* FLD m32, FLD m64: a signalling NaN is invalid and becomes quiet. */
struct vx_f80 vx_f80_from_f32(uint32_t a, struct vx_float_env *env);
struct vx_f80 vx_f80_from_f64(uint64_t a, struct vx_float_env *env);
/*
 * The memory operand of FADD m32, FCOM m64 and their kin: raises nothing, since which flag a
 * signalling NaN or a denormal raises depends on the operation and its other operand.
 */
struct vx_f80 vx_f80_operand_f32(uint32_t a, struct vx_float_env *env);
struct vx_f80 vx_f80_operand_f64(uint64_t a, struct vx_float_env *env);
/* FILD and FIADD and their kin, of any width. */
struct vx_f80 vx_f80_from_i64(int64_t value); /* exact */
/* FBLD: ten bytes as they lie in guest memory. */
struct vx_f80 vx_f80_from_bcd(const uint8_t bcd[10]);

/* FST m32, FST m64. */
uint32_t vx_f80_to_f32(struct vx_f80 a, struct vx_float_env *env);
uint64_t vx_f80_to_f64(struct vx_f80 a, struct vx_float_env *env);
/* FIST m16, m32, m64; out of range: the most negative integer, and invalid. */
int16_t vx_f80_to_i16(struct vx_f80 a, struct vx_float_env *env);
int32_t vx_f80_to_i32(struct vx_f80 a, struct vx_float_env *env);
int64_t vx_f80_to_i64(struct vx_f80 a, struct vx_float_env *env);
/* FBSTP; out of range: the packed decimal indefinite, and invalid. */
void vx_f80_to_bcd(struct vx_f80 a, uint8_t bcd[10], struct vx_float_env *env);

enum vx_f80_constant {
    VX_F80_ONE,     /* FLD1 */
    VX_F80_LOG2_10, /* FLDL2T */
    VX_F80_LOG2_E,  /* FLDL2E */
    VX_F80_PI,      /* FLDPI */
    VX_F80_LOG10_2, /* FLDLG2 */
    VX_F80_LN_2,    /* FLDLN2 */
    VX_F80_ZERO,    /* FLDZ; this order is that of the opcodes D9 E8 to D9 EE */
};
struct vx_f80 vx_f80_constant(enum vx_f80_constant which, enum vx_round rounding);

/* The indefinite: the quiet NaN that a masked invalid operation or stack fault gives. */
static inline struct vx_f80 vx_f80_indefinite(void)
{
    return (struct vx_f80){UINT64_C(0xC000000000000000), 0xFFFF};
}

/* C3, C2, C0 as FCOM leaves them. */
static inline uint16_t vx_order_condition(enum vx_order order)
{
    static const uint16_t condition[] = {VX_C0, VX_C3, 0, VX_C0 | VX_C2 | VX_C3};
    return condition[order];
}

#endif

/* SPDX-License-Identifier: MIT */
/* Every operation of the floating-point core beside the processor instruction that it stands for.
 */
#include "float_case.h"
#include "float_host.h"

#include <stddef.h>

#define A32 ((uint32_t)o->a.significand)
#define B32 ((uint32_t)o->b.significand)
#define A64 (o->a.significand)
#define B64 (o->b.significand)

/* A doer that gives a pattern of up to 64 bits, and one that gives 80 bits. */
#define SOFT(name, expression)                                                                     \
    static void soft_##name(const struct operands *o, struct vx_float_env env,                     \
                            struct outcome *outcome)                                               \
    {                                                                                              \
        struct vx_float_env *e = &env;                                                             \
        uint64_t value = (uint64_t)(expression);                                                   \
        outcome->value = (struct vx_f80){value, 0};                                                \
        finish(o, e, outcome);                                                                     \
    }
#define SOFT80(name, expression)                                                                   \
    static void soft_##name(const struct operands *o, struct vx_float_env env,                     \
                            struct outcome *outcome)                                               \
    {                                                                                              \
        struct vx_float_env *e = &env;                                                             \
        uint16_t condition = 0, *c = &condition;                                                   \
        (void)c;                                                                                   \
        outcome->value = (expression);                                                             \
        outcome->condition = condition;                                                            \
        finish(o, e, outcome);                                                                     \
    }

static void finish(const struct operands *o, const struct vx_float_env *env,
                   struct outcome *outcome)
{
    (void)o;
    if (env->round_up)
        outcome->condition |= VX_C1;
    outcome->flags = env->flags;
    outcome->trapped = (env->flags & ~env->masks) != 0;
}

/* The order as LAHF shows it after a compare: bit 1 always, ZF 40h, PF 04h, CF 01h. */
static uint64_t order_flags(enum vx_order order)
{
    static const uint8_t flags[] = {0x03, 0x42, 0x02, 0x47};
    return flags[order];
}

#define SSE_FORMAT(f, suffix, x, y, ones)                                                          \
    SOFT(f##_add, vx_##f##_add(x, y, e))                                                           \
    HOST_SSE_XMM(f##_add, "adds" suffix " %%xmm1, %%xmm0")                                         \
    SOFT(f##_sub, vx_##f##_sub(x, y, e))                                                           \
    HOST_SSE_XMM(f##_sub, "subs" suffix " %%xmm1, %%xmm0")                                         \
    SOFT(f##_mul, vx_##f##_mul(x, y, e))                                                           \
    HOST_SSE_XMM(f##_mul, "muls" suffix " %%xmm1, %%xmm0")                                         \
    SOFT(f##_div, vx_##f##_div(x, y, e))                                                           \
    HOST_SSE_XMM(f##_div, "divs" suffix " %%xmm1, %%xmm0")                                         \
    SOFT(f##_sqrt, vx_##f##_sqrt(x, e))                                                            \
    HOST_SSE_XMM(f##_sqrt, "sqrts" suffix " %%xmm0, %%xmm0")                                       \
    SOFT(f##_min, vx_##f##_min(x, y, e))                                                           \
    HOST_SSE_XMM(f##_min, "mins" suffix " %%xmm1, %%xmm0")                                         \
    SOFT(f##_max, vx_##f##_max(x, y, e))                                                           \
    HOST_SSE_XMM(f##_max, "maxs" suffix " %%xmm1, %%xmm0")                                         \
    SOFT(f##_ucomi, order_flags(vx_##f##_compare(x, y, false, e)))                                 \
    HOST_SSE_FLAGS(f##_ucomi, "ucomis" suffix)                                                     \
    SOFT(f##_comi, order_flags(vx_##f##_compare(x, y, true, e)))                                   \
    HOST_SSE_FLAGS(f##_comi, "comis" suffix)                                                       \
    SOFT(f##_cmp_eq, vx_##f##_predicate(x, y, VX_PREDICATE_EQ, e) ? (ones) : 0)                    \
    HOST_SSE_XMM(f##_cmp_eq, "cmps" suffix " $0, %%xmm1, %%xmm0")                                  \
    SOFT(f##_cmp_lt, vx_##f##_predicate(x, y, VX_PREDICATE_LT, e) ? (ones) : 0)                    \
    HOST_SSE_XMM(f##_cmp_lt, "cmps" suffix " $1, %%xmm1, %%xmm0")                                  \
    SOFT(f##_cmp_le, vx_##f##_predicate(x, y, VX_PREDICATE_LE, e) ? (ones) : 0)                    \
    HOST_SSE_XMM(f##_cmp_le, "cmps" suffix " $2, %%xmm1, %%xmm0")                                  \
    SOFT(f##_cmp_unord, vx_##f##_predicate(x, y, VX_PREDICATE_UNORDERED, e) ? (ones) : 0)          \
    HOST_SSE_XMM(f##_cmp_unord, "cmps" suffix " $3, %%xmm1, %%xmm0")                               \
    SOFT(f##_cmp_neq, vx_##f##_predicate(x, y, VX_PREDICATE_NEQ, e) ? (ones) : 0)                  \
    HOST_SSE_XMM(f##_cmp_neq, "cmps" suffix " $4, %%xmm1, %%xmm0")                                 \
    SOFT(f##_cmp_nlt, vx_##f##_predicate(x, y, VX_PREDICATE_NLT, e) ? (ones) : 0)                  \
    HOST_SSE_XMM(f##_cmp_nlt, "cmps" suffix " $5, %%xmm1, %%xmm0")                                 \
    SOFT(f##_cmp_nle, vx_##f##_predicate(x, y, VX_PREDICATE_NLE, e) ? (ones) : 0)                  \
    HOST_SSE_XMM(f##_cmp_nle, "cmps" suffix " $6, %%xmm1, %%xmm0")                                 \
    SOFT(f##_cmp_ord, vx_##f##_predicate(x, y, VX_PREDICATE_ORDERED, e) ? (ones) : 0)              \
    HOST_SSE_XMM(f##_cmp_ord, "cmps" suffix " $7, %%xmm1, %%xmm0")                                 \
    SOFT(f##_to_i32, (uint32_t)vx_##f##_to_i32(x, e))                                              \
    HOST_SSE_RAX(f##_to_i32, "cvts" suffix "2si %%xmm0, %%eax")                                    \
    SOFT(f##_truncate_to_i32, (uint32_t)vx_##f##_truncate_to_i32(x, e))                            \
    HOST_SSE_RAX(f##_truncate_to_i32, "cvtts" suffix "2si %%xmm0, %%eax")

SSE_FORMAT(f32, "s", A32, B32, UINT32_MAX)
SSE_FORMAT(f64, "d", A64, B64, UINT64_MAX)

SOFT(f32_to_f64, vx_f32_to_f64(A32, e))
HOST_SSE_XMM(f32_to_f64, "cvtss2sd %%xmm0, %%xmm0")
SOFT(f64_to_f32, vx_f64_to_f32(A64, e))
HOST_SSE_XMM(f64_to_f32, "cvtsd2ss %%xmm0, %%xmm0")
SOFT(f32_from_i32, vx_f32_from_i32((int32_t)A32, e))
HOST_SSE_XMM(f32_from_i32, "cvtsi2ssl %%eax, %%xmm0")
SOFT(f64_from_i32, vx_f64_from_i32((int32_t)A32))
HOST_SSE_XMM(f64_from_i32, "cvtsi2sdl %%eax, %%xmm0")

/*
 * No processor has these as the guest machine defines them: the host computes 1/a, and 1/sqrt(a)
 * in the 80-bit format, whose 64 bits leave no double rounding at 24 for any binary32 operand.
 */
SOFT(f32_reciprocal, vx_f32_reciprocal(A32))
SOFT(f32_reciprocal_sqrt, vx_f32_reciprocal_sqrt(A32))
#if defined(__x86_64__)
static void host_f32_reciprocal(const struct operands *o, struct vx_float_env env,
                                struct outcome *outcome)
{
    const struct operands one = {{0x3F800000, 0}, o->a};
    env = (struct vx_float_env){
        .masks = VX_FE_ALL, .flush_to_zero = true, .denormals_are_zero = true};
    host_f32_div(&one, env, outcome);
    outcome->flags = 0;
}
HOST_X87_FULL(x87_reciprocal_sqrt, "flds %[a]\n\tfsqrt\n\tfld1\n\tfdivp", "fsts %[out]",
              "fstpt %[value]", true)
static void host_f32_reciprocal_sqrt(const struct operands *o, struct vx_float_env env,
                                     struct outcome *outcome)
{
    struct operands flushed = *o;
    if ((A32 & 0x7F800000) == 0)
        flushed.a.significand &= 0x80000000;
    env = (struct vx_float_env){.masks = VX_FE_ALL, .precision = 64};
    host_x87_reciprocal_sqrt(&flushed, env, outcome);
    outcome->flags = 0;
    outcome->condition = 0;
}
#endif

#define ST0 (o->a)
#define ST1 (o->b)
#define X87_BINARY(op, instruction)                                                                \
    SOFT80(f80_##op, vx_f80_##op(ST0, ST1, e))                                                     \
    HOST_X87(f80_##op, instruction " %%st(1), %%st")                                               \
    SOFT80(f80_##op##_reversed, vx_f80_##op(ST1, ST0, e))                                          \
    HOST_X87(f80_##op##_reversed, instruction X87_REVERSED_##op " %%st(1), %%st")                  \
    SOFT80(f80_##op##_m32, vx_f80_##op(ST0, vx_f80_operand_f32(B32, e), e))                        \
    HOST_X87_MEMORY(f80_##op##_m32, instruction "s")                                               \
    SOFT80(f80_##op##_m64, vx_f80_##op(ST0, vx_f80_operand_f64(B64, e), e))                        \
    HOST_X87_MEMORY(f80_##op##_m64, instruction "l")                                               \
    SOFT80(f80_##op##_reversed_m32, vx_f80_##op(vx_f80_operand_f32(B32, e), ST0, e))               \
    HOST_X87_MEMORY(f80_##op##_reversed_m32, instruction X87_REVERSED_##op "s")                    \
    SOFT80(f80_##op##_i32, vx_f80_##op(ST0, vx_f80_from_i64((int32_t)B32), e))                     \
    HOST_X87_MEMORY(f80_##op##_i32, X87_INTEGER_##op)
#define X87_REVERSED_add ""
#define X87_REVERSED_sub "r"
#define X87_REVERSED_mul ""
#define X87_REVERSED_div "r"
#define X87_INTEGER_add  "fiaddl"
#define X87_INTEGER_sub  "fisubl"
#define X87_INTEGER_mul  "fimull"
#define X87_INTEGER_div  "fidivl"

X87_BINARY(add, "fadd")
X87_BINARY(sub, "fsub")
X87_BINARY(mul, "fmul")
X87_BINARY(div, "fdiv")

SOFT80(f80_sqrt, vx_f80_sqrt(ST0, e))
HOST_X87(f80_sqrt, "fsqrt")
SOFT80(f80_fprem, vx_f80_remainder(ST0, ST1, false, c, e))
HOST_X87(f80_fprem, "fprem")
SOFT80(f80_fprem1, vx_f80_remainder(ST0, ST1, true, c, e))
HOST_X87(f80_fprem1, "fprem1")
SOFT80(f80_round, vx_f80_round(ST0, e))
HOST_X87(f80_round, "frndint")
SOFT80(f80_scale, vx_f80_scale(ST0, ST1, e))
HOST_X87(f80_scale, "fscale")

static struct vx_f80 extracted_exponent(struct vx_f80 a, struct vx_float_env *env)
{
    struct vx_f80 exponent;
    (void)vx_f80_extract(a, &exponent, env);
    return exponent;
}

static struct vx_f80 extracted_significand(struct vx_f80 a, struct vx_float_env *env)
{
    struct vx_f80 exponent;
    return vx_f80_extract(a, &exponent, env);
}

SOFT80(f80_extract, extracted_significand(ST0, e))
HOST_X87_FULL(f80_extract, "fldt %[a]", "fxtract", "fstpt %[value]", false)
SOFT80(f80_extract_exponent, extracted_exponent(ST0, e))
HOST_X87_FULL(f80_extract_exponent, "fldt %[a]", "fxtract", "fstp %%st(0)\n\tfstpt %[value]", false)

/* Compares leave st(0) as it is: the outcome is the condition. */
static struct vx_f80 compared(struct vx_f80 a, struct vx_f80 b, bool signal_quiet, uint16_t *c,
                              struct vx_float_env *env)
{
    *c = vx_order_condition(vx_f80_compare(a, b, signal_quiet, env));
    return a;
}

static struct vx_f80 classified(struct vx_f80 a, uint16_t *c)
{
    *c = vx_f80_classify(a);
    return a;
}

SOFT80(f80_fcom, compared(ST0, ST1, true, c, e))
HOST_X87(f80_fcom, "fcom %%st(1)")
SOFT80(f80_fucom, compared(ST0, ST1, false, c, e))
HOST_X87(f80_fucom, "fucom %%st(1)")
SOFT80(f80_fcom_m32, compared(ST0, vx_f80_operand_f32(B32, e), true, c, e))
HOST_X87_MEMORY(f80_fcom_m32, "fcoms")
SOFT80(f80_fcom_m64, compared(ST0, vx_f80_operand_f64(B64, e), true, c, e))
HOST_X87_MEMORY(f80_fcom_m64, "fcoml")
SOFT80(f80_ficom, compared(ST0, vx_f80_from_i64((int32_t)B32), true, c, e))
HOST_X87_MEMORY(f80_ficom, "ficoml")
SOFT80(f80_ftst, compared(ST0, vx_f80_from_i64(0), true, c, e))
HOST_X87(f80_ftst, "ftst")
SOFT80(f80_fxam, classified(ST0, c))
HOST_X87(f80_fxam, "fxam")

SOFT80(f80_from_f32, vx_f80_from_f32(A32, e))
HOST_X87_LOAD(f80_from_f32, "flds")
SOFT80(f80_from_f64, vx_f80_from_f64(A64, e))
HOST_X87_LOAD(f80_from_f64, "fldl")
SOFT80(f80_from_i16, vx_f80_from_i64((int16_t)A32))
HOST_X87_LOAD(f80_from_i16, "filds")
SOFT80(f80_from_i32, vx_f80_from_i64((int32_t)A32))
HOST_X87_LOAD(f80_from_i32, "fildl")
SOFT80(f80_from_i64, vx_f80_from_i64((int64_t)A64))
HOST_X87_LOAD(f80_from_i64, "fildll")
SOFT(f80_to_f32, vx_f80_to_f32(ST0, e))
HOST_X87_STORE(f80_to_f32, "fsts")
SOFT(f80_to_f64, vx_f80_to_f64(ST0, e))
HOST_X87_STORE(f80_to_f64, "fstl")
SOFT(f80_to_i16, (uint16_t)vx_f80_to_i16(ST0, e))
HOST_X87_STORE(f80_to_i16, "fists")
SOFT(f80_to_i32, (uint32_t)vx_f80_to_i32(ST0, e))
HOST_X87_STORE(f80_to_i32, "fistl")
SOFT(f80_to_i64, vx_f80_to_i64(ST0, e))
HOST_X87_STORE(f80_to_i64, "fistpll")

static struct vx_f80 from_bcd(struct vx_f80 a)
{
    uint8_t bcd[10];
    for (int i = 0; i < 10; i++)
        bcd[i] =
            (uint8_t)(i < 8 ? a.significand >> 8 * i : (unsigned)a.sign_exponent >> 8 * (i - 8));
    return vx_f80_from_bcd(bcd);
}

static struct vx_f80 to_bcd(struct vx_f80 a, struct vx_float_env *env)
{
    uint8_t bcd[10];
    struct vx_f80 value = {0, 0};
    vx_f80_to_bcd(a, bcd, env);
    for (int i = 0; i < 8; i++)
        value.significand |= (uint64_t)bcd[i] << 8 * i;
    value.sign_exponent = (uint16_t)(bcd[8] | bcd[9] << 8);
    return value;
}

SOFT80(f80_from_bcd, from_bcd(ST0))
HOST_X87_LOAD(f80_from_bcd, "fbld")
SOFT80(f80_to_bcd, to_bcd(ST0, e))
HOST_X87_STORE(f80_to_bcd, "fbstp")

#define X87_CONSTANT(name, which, instruction)                                                     \
    SOFT80(name, vx_f80_constant(which, (enum vx_round)e->rounding))                               \
    HOST_X87_FULL(name, "", instruction, "fstpt %[value]", false)
X87_CONSTANT(fld1, VX_F80_ONE, "fld1")
X87_CONSTANT(fldl2t, VX_F80_LOG2_10, "fldl2t")
X87_CONSTANT(fldl2e, VX_F80_LOG2_E, "fldl2e")
X87_CONSTANT(fldpi, VX_F80_PI, "fldpi")
X87_CONSTANT(fldlg2, VX_F80_LOG10_2, "fldlg2")
X87_CONSTANT(fldln2, VX_F80_LN_2, "fldln2")
X87_CONSTANT(fldz, VX_F80_ZERO, "fldz")

#define ROW(name, a, b, result)                                                                    \
    {                                                                                              \
#name, a, b, result, soft_##name, HOST(name)                                               \
    }
#define SSE_ROWS(f, F)                                                                             \
    ROW(f##_add, F, F, F), ROW(f##_sub, F, F, F), ROW(f##_mul, F, F, F), ROW(f##_div, F, F, F),    \
        ROW(f##_sqrt, F, NONE, F), ROW(f##_min, F, F, F), ROW(f##_max, F, F, F),                   \
        ROW(f##_ucomi, F, F, CODE), ROW(f##_comi, F, F, CODE), ROW(f##_cmp_eq, F, F, F),           \
        ROW(f##_cmp_lt, F, F, F), ROW(f##_cmp_le, F, F, F), ROW(f##_cmp_unord, F, F, F),           \
        ROW(f##_cmp_neq, F, F, F), ROW(f##_cmp_nlt, F, F, F), ROW(f##_cmp_nle, F, F, F),           \
        ROW(f##_cmp_ord, F, F, F), ROW(f##_to_i32, F, NONE, I32),                                  \
        ROW(f##_truncate_to_i32, F, NONE, I32)
#define X87_ROWS(op)                                                                               \
    ROW(f80_##op, F80, F80, F80), ROW(f80_##op##_reversed, F80, F80, F80),                         \
        ROW(f80_##op##_m32, F80, F32, F80), ROW(f80_##op##_m64, F80, F64, F80),                    \
        ROW(f80_##op##_reversed_m32, F80, F32, F80), ROW(f80_##op##_i32, F80, I32, F80)

const struct operation float_operations[] = {
    SSE_ROWS(f32, F32),
    SSE_ROWS(f64, F64),
    ROW(f32_to_f64, F32, NONE, F64),
    ROW(f64_to_f32, F64, NONE, F32),
    ROW(f32_from_i32, I32, NONE, F32),
    ROW(f64_from_i32, I32, NONE, F64),
    ROW(f32_reciprocal, F32, NONE, F32),
    ROW(f32_reciprocal_sqrt, F32, NONE, F32),
    X87_ROWS(add),
    X87_ROWS(sub),
    X87_ROWS(mul),
    X87_ROWS(div),
    ROW(f80_sqrt, F80, NONE, F80),
    ROW(f80_fprem, F80, F80, F80),
    ROW(f80_fprem1, F80, F80, F80),
    ROW(f80_round, F80, NONE, F80),
    ROW(f80_scale, F80, F80, F80),
    ROW(f80_extract, F80, NONE, F80),
    ROW(f80_extract_exponent, F80, NONE, F80),
    ROW(f80_fcom, F80, F80, F80),
    ROW(f80_fucom, F80, F80, F80),
    ROW(f80_fcom_m32, F80, F32, F80),
    ROW(f80_fcom_m64, F80, F64, F80),
    ROW(f80_ficom, F80, I32, F80),
    ROW(f80_ftst, F80, NONE, F80),
    ROW(f80_fxam, F80, NONE, F80),
    ROW(f80_from_f32, F32, NONE, F80),
    ROW(f80_from_f64, F64, NONE, F80),
    ROW(f80_from_i16, I16, NONE, F80),
    ROW(f80_from_i32, I32, NONE, F80),
    ROW(f80_from_i64, I64, NONE, F80),
    ROW(f80_to_f32, F80, NONE, F32),
    ROW(f80_to_f64, F80, NONE, F64),
    ROW(f80_to_i16, F80, NONE, I16),
    ROW(f80_to_i32, F80, NONE, I32),
    ROW(f80_to_i64, F80, NONE, I64),
    ROW(f80_from_bcd, BCD, NONE, F80),
    ROW(f80_to_bcd, F80, NONE, BCD),
    ROW(fld1, NONE, NONE, F80),
    ROW(fldl2t, NONE, NONE, F80),
    ROW(fldl2e, NONE, NONE, F80),
    ROW(fldpi, NONE, NONE, F80),
    ROW(fldlg2, NONE, NONE, F80),
    ROW(fldln2, NONE, NONE, F80),
    ROW(fldz, NONE, NONE, F80),
};

const int float_operation_count = (int)(sizeof float_operations / sizeof float_operations[0]);

bool float_kind_is_x87(const struct operation *operation)
{
    return operation->a == F80 || operation->result == F80 || operation->a == BCD;
}

/* SPDX-License-Identifier: MIT */
/* The 80-bit format from within: classes of encodings, unpacking, rounding and packing. */
#ifndef VX32_FLOAT_F80_H
#define VX32_FLOAT_F80_H

#include "limbs.h"
#include "softfloat.h"

enum {
    VX_F80_EXPONENT_MAX = 0x7FFF,
    VX_F80_BIAS = 0x3FFF,
    VX_F80_SIGN = 0x8000,
    VX_F80_PRECISION = 64,
    /* What the exponent of an unmasked overflow or underflow is moved by, to fit a register. */
    VX_F80_BIAS_ADJUSTMENT = 0x6000,
};

static const uint64_t vx_f80_quiet_bit = UINT64_C(1) << 62;

/* A finite nonzero number: the top bit is set, exponent is biased, any integer. */
struct vx_f80_finite {
    bool sign;
    int exponent;
    uint64_t significand;
};

static inline int vx_f80_exponent(struct vx_f80 a)
{
    return a.sign_exponent & VX_F80_EXPONENT_MAX;
}

static inline bool vx_f80_negative(struct vx_f80 a)
{
    return (a.sign_exponent & VX_F80_SIGN) != 0;
}

static inline bool vx_f80_is_normal(struct vx_f80 a)
{
    return (unsigned)vx_f80_exponent(a) - 1 < VX_F80_EXPONENT_MAX - 1 && a.significand >> 63 != 0;
}

/* Encodings without the explicit leading one, which no processor since the 80387 makes. */
static inline bool vx_f80_is_unsupported(struct vx_f80 a)
{
    return vx_f80_exponent(a) != 0 && a.significand >> 63 == 0;
}

static inline bool vx_f80_is_nan(struct vx_f80 a)
{
    return vx_f80_exponent(a) == VX_F80_EXPONENT_MAX && a.significand > vx_top_bit;
}

static inline bool vx_f80_is_signalling(struct vx_f80 a)
{
    return vx_f80_is_nan(a) && (a.significand & vx_f80_quiet_bit) == 0;
}

static inline bool vx_f80_is_infinite(struct vx_f80 a)
{
    return vx_f80_exponent(a) == VX_F80_EXPONENT_MAX && a.significand == vx_top_bit;
}

static inline bool vx_f80_is_zero(struct vx_f80 a)
{
    return vx_f80_exponent(a) == 0 && a.significand == 0;
}

/* Denormals and pseudo-denormals. */
static inline bool vx_f80_is_denormal(struct vx_f80 a)
{
    return vx_f80_exponent(a) == 0 && a.significand != 0;
}

static inline struct vx_f80 vx_f80_make(bool sign, int exponent, uint64_t significand)
{
    return (struct vx_f80){significand, (uint16_t)((sign ? VX_F80_SIGN : 0) | exponent)};
}

static inline struct vx_f80 vx_f80_zero(bool sign)
{
    return vx_f80_make(sign, 0, 0);
}

static inline struct vx_f80 vx_f80_infinity(bool sign)
{
    return vx_f80_make(sign, VX_F80_EXPONENT_MAX, vx_top_bit);
}

/* Any supported finite nonzero operand. */
static inline struct vx_f80_finite vx_f80_unpack(struct vx_f80 a)
{
    int exponent = vx_f80_exponent(a);
    if (exponent != 0)
        return (struct vx_f80_finite){vx_f80_negative(a), exponent, a.significand};
    int shift = vx_leading_zeros(a.significand);
    return (struct vx_f80_finite){vx_f80_negative(a), 1 - shift, a.significand << shift};
}

static inline struct vx_f80 vx_f80_invalid(struct vx_float_env *env)
{
    env->flags |= VX_FE_INVALID;
    return vx_f80_indefinite();
}

/* Whether the part of a significand below its last place moves it away from zero. */
static inline bool vx_f80_round_away(bool sign, uint64_t significand, uint64_t below,
                                     const struct vx_float_env *env)
{
    switch (env->rounding) {
    case VX_ROUND_NEAREST:
        return below > vx_top_bit || (below == vx_top_bit && (significand & 1) != 0);
    case VX_ROUND_DOWN: return sign && below != 0;
    case VX_ROUND_UP: return !sign && below != 0;
    default: return false;
    }
}

/*
 * Rounds x, continued by the bits `below` (the lowest one sticky), to `precision` bits: the one
 * place that raises overflow, underflow and inexact for register results, and sets round_up.
 */
struct vx_f80 vx_f80_pack(struct vx_f80_finite x, uint64_t below, int precision,
                          struct vx_float_env *env);

/*
 * For operands of which one is a NaN or unsupported: gives the result and returns true. A
 * one-operand instruction passes its operand twice.
 */
bool vx_f80_take_nan(struct vx_f80 a, struct vx_f80 b, struct vx_f80 *result,
                     struct vx_float_env *env);

/* Raises the denormal flag where due; false if that stops the operation. */
bool vx_f80_accept_denormals(struct vx_f80 a, struct vx_f80 b, bool memory_denormal,
                             struct vx_float_env *env);

/* Reads and clears the mark of vx_f80_operand_*. */
static inline bool vx_f80_take_mark(struct vx_float_env *env)
{
    bool mark = env->denormal_operand;
    env->denormal_operand = false;
    return mark;
}

#endif

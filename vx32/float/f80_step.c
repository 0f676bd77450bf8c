/* SPDX-License-Identifier: MIT */
/* The x87 instructions that take a number apart: remainder, integer part, scale, extract. */
#include "f80.h"

/* a modulo b, and the quotient's low bits. */
struct division {
    uint64_t remainder;
    uint64_t quotient;
    int exponent; /* of the remainder */
};

/* Long division with quotient bits down to 2^left; a's exponent is above b's by left to left+63. */
static struct division divide(struct vx_f80_finite a, struct vx_f80_finite b, int left)
{
    int steps = a.exponent - b.exponent - left;
    struct division result = {a.significand, 0, b.exponent + left};
    bool above = a.significand >= b.significand;
    if (above)
        result.remainder -= b.significand;
    struct vx_u128 numerator = vx_shift_left128((struct vx_u128){0, result.remainder}, steps);
    result.quotient = vx_div128(numerator, b.significand, &result.remainder);
    result.quotient += (uint64_t)above << steps;
    return result;
}

static uint16_t quotient_condition(uint64_t quotient)
{
    return (uint16_t)((quotient & 4 ? VX_C0 : 0) | (quotient & 2 ? VX_C3 : 0) |
                      (quotient & 1 ? VX_C1 : 0));
}

static struct vx_f80 pack_remainder(bool sign, struct division division, struct vx_float_env *env)
{
    if (division.remainder == 0)
        return vx_f80_zero(sign);
    int shift = vx_leading_zeros(division.remainder);
    struct vx_f80_finite x = {sign, division.exponent - shift, division.remainder << shift};
    return vx_f80_pack(x, 0, VX_F80_PRECISION, env);
}

/* FPREM1 of a number below b by one binade: the quotient is 0 or 1. */
static struct division divide_below(struct vx_f80_finite a, struct vx_f80_finite b, bool *above)
{
    *above = a.significand > b.significand;
    if (!*above)
        return (struct division){a.significand, 0, a.exponent};
    return (struct division){b.significand - (a.significand - b.significand), 1, a.exponent};
}

/* Moves a remainder above half of b, or at half with an odd quotient, to the next quotient. */
static bool make_nearest(struct division *division, uint64_t b)
{
    uint64_t rest = b - division->remainder;
    bool odd = (division->quotient & 1) != 0;
    if (division->remainder < rest || (division->remainder == rest && !odd))
        return false;
    division->remainder = rest;
    division->quotient++;
    return true;
}

/* Both finite and nonzero. */
static struct vx_f80 remainder_finite(struct vx_f80_finite a, struct vx_f80_finite b, bool nearest,
                                      uint16_t *condition, struct vx_float_env *env)
{
    int difference = a.exponent - b.exponent;
    if (difference < (nearest ? -1 : 0))
        return vx_f80_pack(a, 0, VX_F80_PRECISION, env);
    if (difference > 63) {
        /* An incomplete step lowers the exponent by 32 to 63, as the processors do. */
        int steps = (difference & 31) | 32;
        *condition = VX_C2;
        return pack_remainder(a.sign, divide(a, b, difference - steps), env);
    }
    struct division division;
    bool negated = false;
    if (difference < 0) {
        division = divide_below(a, b, &negated);
    } else {
        division = divide(a, b, 0);
        if (nearest)
            negated = make_nearest(&division, b.significand);
    }
    *condition = quotient_condition(division.quotient);
    return pack_remainder(a.sign != negated, division, env);
}

/* A result that is the operand, of which a pseudo-denormal becomes the normal number it is. */
static struct vx_f80 same_number(struct vx_f80 a)
{
    a.sign_exponent |= vx_f80_exponent(a) == 0 ? (uint16_t)(a.significand >> 63) : 0;
    return a;
}

struct vx_f80 vx_f80_remainder(struct vx_f80 a, struct vx_f80 b, bool nearest, uint16_t *condition,
                               struct vx_float_env *env)
{
    env->round_up = false;
    *condition = 0;
    bool mark = vx_f80_take_mark(env);
    struct vx_f80 result;
    if (vx_f80_take_nan(a, b, &result, env))
        return result;
    if (vx_f80_is_infinite(a) || vx_f80_is_zero(b))
        return vx_f80_invalid(env);
    if (!vx_f80_accept_denormals(a, b, mark, env) || vx_f80_is_zero(a))
        return a;
    if (vx_f80_is_infinite(b))
        return same_number(a);
    result = remainder_finite(vx_f80_unpack(a), vx_f80_unpack(b), nearest, condition, env);
    env->round_up = false;
    return result;
}

struct vx_f80 vx_f80_round(struct vx_f80 a, struct vx_float_env *env)
{
    env->round_up = false;
    struct vx_f80 result;
    if (vx_f80_take_nan(a, a, &result, env))
        return result;
    int exponent = vx_f80_exponent(a) - VX_F80_BIAS;
    if (exponent >= 63 || vx_f80_is_zero(a))
        return a;
    if (!vx_f80_accept_denormals(a, a, false, env))
        return a;
    struct vx_u128 fixed = vx_shift_sticky128((struct vx_u128){a.significand, 0}, 63 - exponent);
    bool sign = vx_f80_negative(a);
    bool away = vx_f80_round_away(sign, fixed.high, fixed.low, env);
    env->flags |= fixed.low != 0 ? VX_FE_INEXACT : 0;
    env->round_up = away;
    uint64_t integer = fixed.high + away;
    if (integer == 0)
        return vx_f80_zero(sign);
    int shift = vx_leading_zeros(integer);
    return vx_f80_make(sign, VX_F80_BIAS + 63 - shift, integer << shift);
}

/* The integer part of b, limited to what takes any number out of range. */
static int scale_count(struct vx_f80 b)
{
    enum { FAR = 0x10000 };
    int exponent = vx_f80_exponent(b) - VX_F80_BIAS;
    if (exponent < 0)
        return 0;
    int count = exponent > 15 ? FAR : (int)(b.significand >> (63 - exponent));
    return vx_f80_negative(b) ? -count : count;
}

struct vx_f80 vx_f80_scale(struct vx_f80 a, struct vx_f80 b, struct vx_float_env *env)
{
    env->round_up = false;
    struct vx_f80 result;
    if (vx_f80_take_nan(a, b, &result, env))
        return result;
    bool infinite_b = vx_f80_is_infinite(b), down = vx_f80_negative(b);
    if (infinite_b && (down ? vx_f80_is_infinite(a) : vx_f80_is_zero(a)))
        return vx_f80_invalid(env);
    if (!vx_f80_accept_denormals(a, b, false, env))
        return a;
    if (vx_f80_is_infinite(a) || vx_f80_is_zero(a))
        return a;
    if (infinite_b)
        return down ? vx_f80_zero(vx_f80_negative(a)) : vx_f80_infinity(vx_f80_negative(a));
    if (vx_f80_is_zero(b))
        return same_number(a);
    struct vx_f80_finite x = vx_f80_unpack(a);
    x.exponent += scale_count(b);
    return vx_f80_pack(x, 0, VX_F80_PRECISION, env);
}

struct vx_f80 vx_f80_extract(struct vx_f80 a, struct vx_f80 *exponent, struct vx_float_env *env)
{
    env->round_up = false;
    struct vx_f80 result;
    if (vx_f80_take_nan(a, a, &result, env)) {
        *exponent = result;
        return result;
    }
    if (vx_f80_is_infinite(a)) {
        *exponent = vx_f80_infinity(false);
        return a;
    }
    if (vx_f80_is_zero(a)) {
        env->flags |= VX_FE_DIVZERO;
        *exponent = vx_f80_infinity(true);
        return a;
    }
    (void)vx_f80_accept_denormals(a, a, false, env);
    struct vx_f80_finite x = vx_f80_unpack(a);
    *exponent = vx_f80_from_i64(x.exponent - VX_F80_BIAS);
    return vx_f80_make(x.sign, VX_F80_BIAS, x.significand);
}

/* SPDX-License-Identifier: MIT */
/* x87 arithmetic and comparison in the 80-bit format, with its precision control. */
#include "f80.h"

/* Unmasked: the result with a smaller exponent, or infinity if that is still too large. */
static struct vx_f80 overflow_unmasked(struct vx_f80_finite rounded, bool inexact, bool away,
                                       struct vx_float_env *env)
{
    int exponent = rounded.exponent - VX_F80_BIAS_ADJUSTMENT;
    bool huge = exponent >= VX_F80_EXPONENT_MAX;

    env->flags |= inexact || huge ? VX_FE_OVERFLOW | VX_FE_INEXACT : VX_FE_OVERFLOW;
    env->round_up = away || huge;
    if (huge)
        return vx_f80_infinity(rounded.sign);
    return vx_f80_make(rounded.sign, exponent, rounded.significand);
}

static struct vx_f80 overflow(bool sign, int precision, struct vx_float_env *env)
{
    env->flags |= VX_FE_OVERFLOW;
    env->flags |= VX_FE_INEXACT;
    env->round_up =
        env->rounding == VX_ROUND_NEAREST || env->rounding == (sign ? VX_ROUND_DOWN : VX_ROUND_UP);
    if (env->round_up)
        return vx_f80_infinity(sign);
    return vx_f80_make(sign, VX_F80_EXPONENT_MAX - 1, UINT64_MAX << (64 - precision));
}

/* A significand in units of its last place at the given precision, and what lies below. */
static struct vx_u128 at_precision(uint64_t significand, uint64_t below, int precision)
{
    if (precision == VX_F80_PRECISION)
        return (struct vx_u128){significand, below};
    return (struct vx_u128){significand >> (64 - precision),
                            significand << precision | (below != 0)};
}

/* Unmasked: the result with a larger exponent, or zero if that is still too small. */
static struct vx_f80 underflow_unmasked(struct vx_f80_finite x, struct vx_u128 unit, int precision,
                                        bool away, struct vx_float_env *env)
{
    uint64_t significand = (unit.high + away) << (64 - precision);
    int exponent = x.exponent + VX_F80_BIAS_ADJUSTMENT + (significand == 0);
    bool inexact = unit.low != 0 || x.exponent + VX_F80_BIAS_ADJUSTMENT <= 0;

    env->flags |= inexact ? VX_FE_UNDERFLOW | VX_FE_INEXACT : VX_FE_UNDERFLOW;
    env->round_up = away;
    if (exponent <= 0)
        return vx_f80_zero(x.sign);
    return vx_f80_make(x.sign, exponent, significand == 0 ? vx_top_bit : significand);
}

/* A number whose exponent before rounding is below that of the normal numbers. */
static struct vx_f80 pack_small(struct vx_f80_finite x, uint64_t below, int precision,
                                struct vx_float_env *env)
{
    struct vx_u128 unit = at_precision(x.significand, below, precision);
    bool away = vx_f80_round_away(x.sign, unit.high, unit.low, env);
    bool carry = away && unit.high == UINT64_MAX >> (64 - precision);
    bool tiny = x.exponent < 0 || !carry;
    if (tiny && (env->masks & VX_FE_UNDERFLOW) == 0)
        return underflow_unmasked(x, unit, precision, away, env);
    struct vx_u128 wide =
        vx_shift_sticky128((struct vx_u128){x.significand, below}, 1 - x.exponent);
    unit = at_precision(wide.high, wide.low, precision);
    away = vx_f80_round_away(x.sign, unit.high, unit.low, env);
    if (unit.low != 0)
        env->flags |= tiny ? VX_FE_UNDERFLOW | VX_FE_INEXACT : VX_FE_INEXACT;
    env->round_up = away;
    uint64_t significand = (unit.high + away) << (64 - precision);
    return vx_f80_make(x.sign, (int)(significand >> 63), significand);
}

struct vx_f80 vx_f80_pack(struct vx_f80_finite x, uint64_t below, int precision,
                          struct vx_float_env *env)
{
    if (x.exponent <= 0)
        return pack_small(x, below, precision, env);
    struct vx_u128 unit = at_precision(x.significand, below, precision);
    bool away = vx_f80_round_away(x.sign, unit.high, unit.low, env);
    uint64_t significand = (unit.high + away) << (64 - precision);
    int exponent = x.exponent;
    if (significand == 0) {
        significand = vx_top_bit;
        exponent++;
    }
    if (exponent >= VX_F80_EXPONENT_MAX && (env->masks & VX_FE_OVERFLOW) == 0)
        return overflow_unmasked((struct vx_f80_finite){x.sign, exponent, significand},
                                 unit.low != 0, away, env);
    if (exponent >= VX_F80_EXPONENT_MAX)
        return overflow(x.sign, precision, env);
    env->flags |= unit.low != 0 ? VX_FE_INEXACT : 0;
    env->round_up = away;
    return vx_f80_make(x.sign, exponent, significand);
}

/* Of two NaNs: a quiet one before a signalling one, the larger significand, the positive one. */
static struct vx_f80 choose_nan(struct vx_f80 a, struct vx_f80 b)
{
    bool signalling_a = vx_f80_is_signalling(a);
    if (signalling_a != vx_f80_is_signalling(b))
        return signalling_a ? b : a;
    if (a.significand != b.significand)
        return a.significand > b.significand ? a : b;
    return a.sign_exponent < b.sign_exponent ? a : b;
}

bool vx_f80_take_nan(struct vx_f80 a, struct vx_f80 b, struct vx_f80 *result,
                     struct vx_float_env *env)
{
    if (vx_f80_is_unsupported(a) || vx_f80_is_unsupported(b)) {
        *result = vx_f80_invalid(env);
        return true;
    }
    bool nan_a = vx_f80_is_nan(a), nan_b = vx_f80_is_nan(b);
    if (!nan_a && !nan_b)
        return false;
    if (vx_f80_is_signalling(a) || vx_f80_is_signalling(b))
        env->flags |= VX_FE_INVALID;
    *result = nan_a && nan_b ? choose_nan(a, b) : nan_a ? a : b;
    result->significand |= vx_f80_quiet_bit;
    return true;
}

bool vx_f80_accept_denormals(struct vx_f80 a, struct vx_f80 b, bool memory_denormal,
                             struct vx_float_env *env)
{
    if (!memory_denormal && !vx_f80_is_denormal(a) && !vx_f80_is_denormal(b))
        return true;
    env->flags |= VX_FE_DENORMAL;
    return (env->masks & VX_FE_DENORMAL) != 0;
}

/* Two operands that need no attention before the operation. */
static bool plain(struct vx_f80 a, struct vx_f80 b, const struct vx_float_env *env)
{
    return vx_f80_is_normal(a) && vx_f80_is_normal(b) && !env->denormal_operand;
}

static struct vx_f80 add_finite(struct vx_f80_finite a, struct vx_f80_finite b,
                                struct vx_float_env *env)
{
    if (a.exponent < b.exponent || (a.exponent == b.exponent && a.significand < b.significand)) {
        struct vx_f80_finite larger = b;
        b = a;
        a = larger;
    }
    struct vx_u128 aligned =
        vx_shift_sticky128((struct vx_u128){b.significand, 0}, a.exponent - b.exponent);
    struct vx_u128 sum;
    if (a.sign == b.sign) {
        sum = (struct vx_u128){a.significand + aligned.high, aligned.low};
        if (sum.high < a.significand) {
            sum = vx_shift_sticky128(sum, 1);
            sum.high |= vx_top_bit;
            a.exponent++;
        }
    } else {
        sum = vx_sub128((struct vx_u128){a.significand, 0}, aligned);
        if (sum.high == 0 && sum.low == 0)
            return vx_f80_zero(env->rounding == VX_ROUND_DOWN);
        if (sum.high == 0) {
            sum = (struct vx_u128){sum.low, 0};
            a.exponent -= 64;
        }
        int shift = vx_leading_zeros(sum.high);
        sum = vx_shift_left128(sum, shift);
        a.exponent -= shift;
    }
    a.significand = sum.high;
    return vx_f80_pack(a, sum.low, env->precision, env);
}

static struct vx_f80 add_special(struct vx_f80 a, struct vx_f80 b, bool subtract,
                                 struct vx_float_env *env)
{
    bool mark = vx_f80_take_mark(env);
    struct vx_f80 result;
    if (vx_f80_take_nan(a, b, &result, env))
        return result;
    b.sign_exponent ^= subtract ? VX_F80_SIGN : 0;
    bool same_sign = vx_f80_negative(a) == vx_f80_negative(b);
    bool infinite_a = vx_f80_is_infinite(a), infinite_b = vx_f80_is_infinite(b);
    if (infinite_a && infinite_b && !same_sign)
        return vx_f80_invalid(env);
    if (!vx_f80_accept_denormals(a, b, mark, env))
        return a;
    if (infinite_a || infinite_b)
        return infinite_a ? a : b;
    bool zero_a = vx_f80_is_zero(a), zero_b = vx_f80_is_zero(b);
    if (zero_a && zero_b)
        return same_sign ? a : vx_f80_zero(env->rounding == VX_ROUND_DOWN);
    if (zero_a || zero_b)
        return vx_f80_pack(vx_f80_unpack(zero_a ? b : a), 0, env->precision, env);
    return add_finite(vx_f80_unpack(a), vx_f80_unpack(b), env);
}

struct vx_f80 vx_f80_add(struct vx_f80 a, struct vx_f80 b, struct vx_float_env *env)
{
    env->round_up = false;
    if (!plain(a, b, env))
        return add_special(a, b, false, env);
    return add_finite(vx_f80_unpack(a), vx_f80_unpack(b), env);
}

struct vx_f80 vx_f80_sub(struct vx_f80 a, struct vx_f80 b, struct vx_float_env *env)
{
    env->round_up = false;
    if (!plain(a, b, env))
        return add_special(a, b, true, env);
    b.sign_exponent ^= VX_F80_SIGN;
    return add_finite(vx_f80_unpack(a), vx_f80_unpack(b), env);
}

static struct vx_f80 mul_finite(struct vx_f80_finite a, struct vx_f80_finite b,
                                struct vx_float_env *env)
{
    struct vx_u128 product = vx_mul64(a.significand, b.significand);
    int exponent = a.exponent + b.exponent - VX_F80_BIAS + 1;
    if (product.high >> 63 == 0) {
        product = vx_shift_left128(product, 1);
        exponent--;
    }
    return vx_f80_pack((struct vx_f80_finite){a.sign != b.sign, exponent, product.high},
                       product.low, env->precision, env);
}

static struct vx_f80 mul_special(struct vx_f80 a, struct vx_f80 b, struct vx_float_env *env)
{
    bool mark = vx_f80_take_mark(env);
    struct vx_f80 result;
    if (vx_f80_take_nan(a, b, &result, env))
        return result;
    bool sign = vx_f80_negative(a) != vx_f80_negative(b);
    bool zero = vx_f80_is_zero(a) || vx_f80_is_zero(b);
    bool infinite = vx_f80_is_infinite(a) || vx_f80_is_infinite(b);
    if (zero && infinite)
        return vx_f80_invalid(env);
    if (!vx_f80_accept_denormals(a, b, mark, env) || zero)
        return vx_f80_zero(sign);
    if (infinite)
        return vx_f80_infinity(sign);
    return mul_finite(vx_f80_unpack(a), vx_f80_unpack(b), env);
}

struct vx_f80 vx_f80_mul(struct vx_f80 a, struct vx_f80 b, struct vx_float_env *env)
{
    env->round_up = false;
    if (!plain(a, b, env))
        return mul_special(a, b, env);
    return mul_finite(vx_f80_unpack(a), vx_f80_unpack(b), env);
}

static struct vx_f80 div_finite(struct vx_f80_finite a, struct vx_f80_finite b,
                                struct vx_float_env *env)
{
    int exponent = a.exponent - b.exponent + VX_F80_BIAS;
    struct vx_u128 numerator = {a.significand, 0};
    if (a.significand < b.significand)
        exponent--;
    else
        numerator = (struct vx_u128){a.significand >> 1, a.significand << 63};
    uint64_t remainder;
    uint64_t quotient = vx_div128(numerator, b.significand, &remainder);
    /* A quotient is never half way: 65 bits, the last one set, times b has more bits than a. */
    bool above_half = remainder > b.significand - remainder;
    uint64_t below = (above_half ? vx_top_bit : 0) | (remainder != 0);
    return vx_f80_pack((struct vx_f80_finite){a.sign != b.sign, exponent, quotient}, below,
                       env->precision, env);
}

static struct vx_f80 div_special(struct vx_f80 a, struct vx_f80 b, struct vx_float_env *env)
{
    bool mark = vx_f80_take_mark(env);
    struct vx_f80 result;
    if (vx_f80_take_nan(a, b, &result, env))
        return result;
    bool sign = vx_f80_negative(a) != vx_f80_negative(b);
    bool zero_a = vx_f80_is_zero(a), zero_b = vx_f80_is_zero(b);
    bool infinite_a = vx_f80_is_infinite(a), infinite_b = vx_f80_is_infinite(b);
    if ((zero_a && zero_b) || (infinite_a && infinite_b))
        return vx_f80_invalid(env);
    if (zero_b && !infinite_a) {
        env->flags |= VX_FE_DIVZERO;
        return vx_f80_infinity(sign);
    }
    if (!vx_f80_accept_denormals(a, b, mark, env) || zero_a || infinite_b)
        return vx_f80_zero(sign);
    if (infinite_a)
        return vx_f80_infinity(sign);
    return div_finite(vx_f80_unpack(a), vx_f80_unpack(b), env);
}

struct vx_f80 vx_f80_div(struct vx_f80 a, struct vx_f80 b, struct vx_float_env *env)
{
    env->round_up = false;
    if (!plain(a, b, env))
        return div_special(a, b, env);
    return div_finite(vx_f80_unpack(a), vx_f80_unpack(b), env);
}

struct vx_f80 vx_f80_sqrt(struct vx_f80 a, struct vx_float_env *env)
{
    env->round_up = false;
    struct vx_f80 result;
    if (vx_f80_take_nan(a, a, &result, env))
        return result;
    if (vx_f80_is_zero(a))
        return a;
    if (vx_f80_negative(a))
        return vx_f80_invalid(env);
    if (!vx_f80_accept_denormals(a, a, false, env) || vx_f80_is_infinite(a))
        return a;
    struct vx_f80_finite x = vx_f80_unpack(a);
    /* The radicand is in [1, 4), so that its root is in [1, 2); its exponent is even. */
    int exponent = x.exponent - VX_F80_BIAS, odd = exponent & 1;
    struct vx_u128 radicand = {x.significand, 0}, remainder;
    if (!odd)
        radicand = (struct vx_u128){x.significand >> 1, x.significand << 63};
    uint64_t root = vx_sqrt128(radicand, &remainder);
    bool above_half = remainder.high != 0 || remainder.low > root;
    uint64_t below = (above_half ? vx_top_bit : 0) | (remainder.high != 0 || remainder.low != 0);
    x.exponent = (exponent - odd) / 2 + VX_F80_BIAS;
    x.significand = root;
    return vx_f80_pack(x, below, env->precision, env);
}

/* The order of two finite numbers or infinities, of any sign. */
static enum vx_order order(struct vx_f80 a, struct vx_f80 b)
{
    if (vx_f80_is_zero(a) && vx_f80_is_zero(b))
        return VX_EQUAL;
    bool negative = vx_f80_negative(a);
    if (negative != vx_f80_negative(b))
        return negative ? VX_LESS : VX_GREATER;
    /* A pseudo-denormal equals the normal number with exponent one. */
    int exponent_a = vx_f80_exponent(a) + (vx_f80_exponent(a) == 0);
    int exponent_b = vx_f80_exponent(b) + (vx_f80_exponent(b) == 0);
    if (exponent_a == exponent_b && a.significand == b.significand)
        return VX_EQUAL;
    bool below = exponent_a != exponent_b ? exponent_a < exponent_b : a.significand < b.significand;
    return below != negative ? VX_LESS : VX_GREATER;
}

enum vx_order vx_f80_compare(struct vx_f80 a, struct vx_f80 b, bool signal_quiet,
                             struct vx_float_env *env)
{
    env->round_up = false;
    bool mark = vx_f80_take_mark(env);
    struct vx_f80 unused;
    if (vx_f80_take_nan(a, b, &unused, env)) {
        env->flags |= signal_quiet ? VX_FE_INVALID : 0;
        return VX_UNORDERED;
    }
    (void)vx_f80_accept_denormals(a, b, mark, env);
    return order(a, b);
}

uint16_t vx_f80_classify(struct vx_f80 a)
{
    unsigned class_bits = VX_C2; /* normal */
    if (vx_f80_is_unsupported(a))
        class_bits = 0;
    else if (vx_f80_is_nan(a))
        class_bits = VX_C0;
    else if (vx_f80_is_infinite(a))
        class_bits = VX_C2 | VX_C0;
    else if (vx_f80_is_zero(a))
        class_bits = VX_C3;
    else if (vx_f80_is_denormal(a))
        class_bits = VX_C3 | VX_C2;
    return (uint16_t)(class_bits | (vx_f80_negative(a) ? VX_C1 : 0U));
}

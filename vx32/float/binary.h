/* SPDX-License-Identifier: MIT */
/*
 * The SSE arithmetic of one interchange format. The file that includes this first defines the
 * constants FRACTION_BITS and EXPONENT_BITS; patterns are held in 64 bits for both formats.
 */
#ifndef VX32_FLOAT_BINARY_H
#define VX32_FLOAT_BINARY_H

#include "limbs.h"
#include "softfloat.h"

/*
 * During computation a significand is normalised with its leading one in bit 62; the EXTRA_BITS
 * below the fraction decide the rounding, the lowest of them is sticky.
 */
enum {
    EXTRA_BITS = 62 - FRACTION_BITS,
    EXPONENT_MAX = (1 << EXPONENT_BITS) - 1,
    BIAS = EXPONENT_MAX >> 1,
    /* Where a product fits in 64 bits: moves its leading one to bit 61 or 62. */
    PRODUCT_SHIFT = FRACTION_BITS < 31 ? 61 - 2 * FRACTION_BITS : 0,
};

static const uint64_t sign_bit = UINT64_C(1) << (FRACTION_BITS + EXPONENT_BITS);
static const uint64_t hidden_bit = UINT64_C(1) << FRACTION_BITS;
static const uint64_t quiet_bit = UINT64_C(1) << (FRACTION_BITS - 1);
static const uint64_t infinity = (uint64_t)EXPONENT_MAX << FRACTION_BITS;
static const uint64_t default_nan =
    ((uint64_t)EXPONENT_MAX << FRACTION_BITS | UINT64_C(1) << (FRACTION_BITS - 1)) |
    UINT64_C(1) << (FRACTION_BITS + EXPONENT_BITS);
static const uint64_t extra_mask = (UINT64_C(1) << EXTRA_BITS) - 1;

/* A finite nonzero number: significand has hidden_bit set, exponent is biased, any integer. */
struct finite {
    bool sign;
    int exponent;
    uint64_t significand;
};

static inline uint64_t magnitude(uint64_t a)
{
    return a & (sign_bit - 1);
}

static inline bool is_negative(uint64_t a)
{
    return (a & sign_bit) != 0;
}

static inline unsigned exponent_field(uint64_t a)
{
    return (unsigned)(a >> FRACTION_BITS) & EXPONENT_MAX;
}

static inline bool is_normal(uint64_t a)
{
    return exponent_field(a) - 1 < EXPONENT_MAX - 1;
}

static inline bool is_nan(uint64_t a)
{
    return magnitude(a) > infinity;
}

static inline bool is_signalling(uint64_t a)
{
    return is_nan(a) && (a & quiet_bit) == 0;
}

static inline bool is_infinite(uint64_t a)
{
    return magnitude(a) == infinity;
}

static inline bool is_denormal(uint64_t a)
{
    return magnitude(a) - 1 < hidden_bit - 1;
}

static inline uint64_t with_sign(bool sign, uint64_t pattern)
{
    return sign ? pattern | sign_bit : pattern;
}

static inline struct finite unpack_normal(uint64_t a)
{
    return (struct finite){is_negative(a), (int)exponent_field(a),
                           (a & (hidden_bit - 1)) | hidden_bit};
}

/* Any finite nonzero pattern. */
static inline struct finite unpack(uint64_t a)
{
    if (exponent_field(a) != 0)
        return unpack_normal(a);
    int shift = vx_leading_zeros(magnitude(a)) - (63 - FRACTION_BITS);
    return (struct finite){is_negative(a), 1 - shift, magnitude(a) << shift};
}

static inline uint64_t invalid(struct vx_float_env *env)
{
    env->flags |= VX_FE_INVALID;
    return default_nan;
}

/* The result of an operation with a NaN: the first operand that is one, made quiet. */
static inline uint64_t propagate_nan(uint64_t a, uint64_t b, struct vx_float_env *env)
{
    if (is_signalling(a) || is_signalling(b))
        env->flags |= VX_FE_INVALID;
    return (is_nan(a) ? a : b) | quiet_bit;
}

/* What the operation reads in place of `a`. */
static inline uint64_t read_operand(uint64_t a, const struct vx_float_env *env)
{
    return env->denormals_are_zero && is_denormal(a) ? a & sign_bit : a;
}

/* Raises the denormal flag where due; false if that stops the operation. */
static inline bool accept_denormals(uint64_t a, uint64_t b, struct vx_float_env *env)
{
    if (!is_denormal(a) && !is_denormal(b))
        return true;
    env->flags |= VX_FE_DENORMAL;
    return (env->masks & VX_FE_DENORMAL) != 0;
}

/* What to add to a significand so that cutting off its extra bits rounds it. */
static inline uint64_t round_increment(bool sign, uint64_t significand,
                                       const struct vx_float_env *env)
{
    switch (env->rounding) {
    case VX_ROUND_NEAREST: return (extra_mask >> 1) + (significand >> EXTRA_BITS & 1);
    case VX_ROUND_DOWN: return sign ? extra_mask : 0;
    case VX_ROUND_UP: return sign ? 0 : extra_mask;
    default: return 0;
    }
}

static inline uint64_t overflow(bool sign, bool inexact, struct vx_float_env *env)
{
    env->flags |= VX_FE_OVERFLOW;
    if (inexact || (env->masks & VX_FE_OVERFLOW) != 0)
        env->flags |= VX_FE_INEXACT;
    bool up =
        env->rounding == VX_ROUND_NEAREST || env->rounding == (sign ? VX_ROUND_DOWN : VX_ROUND_UP);
    return with_sign(sign, up ? infinity : infinity - 1);
}

/* A number whose exponent before rounding is below that of the normal numbers. */
static inline uint64_t pack_small(struct finite x, struct vx_float_env *env)
{
    uint64_t rounded = x.significand + round_increment(x.sign, x.significand, env);
    bool tiny = x.exponent < 0 || rounded >> 63 == 0;
    if (tiny && (env->masks & VX_FE_UNDERFLOW) == 0) {
        env->flags |= VX_FE_UNDERFLOW;
        if ((x.significand & extra_mask) != 0)
            env->flags |= VX_FE_INEXACT;
        return with_sign(x.sign, 0);
    }
    if (tiny && env->flush_to_zero) {
        env->flags |= VX_FE_UNDERFLOW | VX_FE_INEXACT;
        return with_sign(x.sign, 0);
    }
    uint64_t significand = vx_shift_sticky(x.significand, 1 - x.exponent);
    if ((significand & extra_mask) != 0)
        env->flags |= tiny ? VX_FE_UNDERFLOW | VX_FE_INEXACT : VX_FE_INEXACT;
    return with_sign(x.sign,
                     (significand + round_increment(x.sign, significand, env)) >> EXTRA_BITS);
}

/* Rounds a number whose significand has its leading one in bit 62. */
static inline uint64_t pack(struct finite x, struct vx_float_env *env)
{
    if (x.exponent <= 0)
        return pack_small(x, env);
    uint64_t rounded = x.significand + round_increment(x.sign, x.significand, env);
    bool inexact = (x.significand & extra_mask) != 0;
    if (x.exponent + (int)(rounded >> 63) >= EXPONENT_MAX)
        return overflow(x.sign, inexact, env);
    env->flags |= inexact ? VX_FE_INEXACT : 0;
    /* The hidden bit, or the two that a carry makes of it, adds to the exponent. */
    return with_sign(x.sign,
                     ((uint64_t)(x.exponent - 1) << FRACTION_BITS) + (rounded >> EXTRA_BITS));
}

static inline uint64_t add_finite(struct finite a, struct finite b, struct vx_float_env *env)
{
    /* Signs and order of the operands are as good as random: no branch depends on them. */
    bool swap =
        (a.exponent < b.exponent) | ((a.exponent == b.exponent) & (a.significand < b.significand));
    uint64_t exchange = (a.significand ^ b.significand) & (0 - (uint64_t)swap);
    int distance = a.exponent - b.exponent;
    int exponent = swap ? b.exponent : a.exponent;
    bool sign = swap ? b.sign : a.sign;
    uint64_t x = (a.significand ^ exchange) << (61 - FRACTION_BITS);
    uint64_t y = (b.significand ^ exchange) << (61 - FRACTION_BITS);
    uint64_t opposite = 0 - (uint64_t)(a.sign != b.sign);
    y = vx_shift_sticky(y, distance < 0 ? -distance : distance);
    uint64_t sum = x + (y ^ opposite) - opposite;
    if (sum == 0)
        return with_sign(env->rounding == VX_ROUND_DOWN, 0);
    int shift = vx_leading_zeros(sum) - 1;
    return pack((struct finite){sign, exponent + 1 - shift, sum << shift}, env);
}

/* One of the operands is zero, the other finite. */
static inline uint64_t add_zero(uint64_t a, uint64_t b, struct vx_float_env *env)
{
    if (magnitude(a | b) == 0)
        return a == b ? a : with_sign(env->rounding == VX_ROUND_DOWN, 0);
    struct finite x = unpack(magnitude(a) == 0 ? b : a);
    x.significand <<= EXTRA_BITS;
    return pack(x, env);
}

/* `flip` is sign_bit to subtract, else zero; a NaN keeps its sign. */
static inline uint64_t add_special(uint64_t a, uint64_t b, uint64_t flip, struct vx_float_env *env)
{
    if (is_nan(a) || is_nan(b))
        return propagate_nan(a, b, env);
    a = read_operand(a, env);
    b = read_operand(b, env) ^ flip;
    if (is_infinite(a) && is_infinite(b) && a != b)
        return invalid(env);
    if (!accept_denormals(a, b, env))
        return a;
    if (is_infinite(a) || is_infinite(b))
        return is_infinite(a) ? a : b;
    if (magnitude(a) == 0 || magnitude(b) == 0)
        return add_zero(a, b, env);
    return add_finite(unpack(a), unpack(b), env);
}

static inline uint64_t binary_add(uint64_t a, uint64_t b, uint64_t flip, struct vx_float_env *env)
{
    if (is_normal(a) && is_normal(b))
        return add_finite(unpack_normal(a), unpack_normal(b ^ flip), env);
    return add_special(a, b, flip, env);
}

static inline uint64_t mul_finite(struct finite a, struct finite b, struct vx_float_env *env)
{
    uint64_t product;
    if (FRACTION_BITS < 31) {
        product = a.significand * b.significand << PRODUCT_SHIFT;
    } else {
        struct vx_u128 wide =
            vx_mul64(a.significand << EXTRA_BITS, b.significand << (EXTRA_BITS + 1));
        product = wide.high | (wide.low != 0);
    }
    /* The product of two numbers in [1, 2) has its leading one in bit 61 or 62. */
    int carry = (int)(product >> 62);
    return pack((struct finite){a.sign != b.sign, a.exponent + b.exponent - BIAS + carry,
                                product << (1 - carry)},
                env);
}

static inline uint64_t mul_special(uint64_t a, uint64_t b, struct vx_float_env *env)
{
    if (is_nan(a) || is_nan(b))
        return propagate_nan(a, b, env);
    a = read_operand(a, env);
    b = read_operand(b, env);
    bool sign = is_negative(a) != is_negative(b);
    bool zero = magnitude(a) == 0 || magnitude(b) == 0;
    bool infinite = is_infinite(a) || is_infinite(b);
    if (zero && infinite)
        return invalid(env);
    if (!accept_denormals(a, b, env) || zero)
        return with_sign(sign, 0);
    if (infinite)
        return with_sign(sign, infinity);
    return mul_finite(unpack(a), unpack(b), env);
}

static inline uint64_t binary_mul(uint64_t a, uint64_t b, struct vx_float_env *env)
{
    if (is_normal(a) && is_normal(b))
        return mul_finite(unpack_normal(a), unpack_normal(b), env);
    return mul_special(a, b, env);
}

static inline uint64_t div_finite(struct finite a, struct finite b, struct vx_float_env *env)
{
    int exponent = a.exponent - b.exponent + BIAS;
    if (a.significand < b.significand) {
        a.significand <<= 1;
        exponent--;
    }
    uint64_t quotient, remainder;
    if (FRACTION_BITS < 31) {
        uint64_t numerator = a.significand << (61 - FRACTION_BITS);
        quotient = numerator / b.significand << (1 + FRACTION_BITS);
        remainder = numerator % b.significand;
    } else {
        struct vx_u128 numerator = {a.significand << (EXTRA_BITS - 1), 0};
        quotient = vx_div128(numerator, b.significand << (EXTRA_BITS + 1), &remainder);
    }
    return pack((struct finite){a.sign != b.sign, exponent, quotient | (remainder != 0)}, env);
}

static inline uint64_t div_special(uint64_t a, uint64_t b, struct vx_float_env *env)
{
    if (is_nan(a) || is_nan(b))
        return propagate_nan(a, b, env);
    a = read_operand(a, env);
    b = read_operand(b, env);
    bool sign = is_negative(a) != is_negative(b);
    bool zero_a = magnitude(a) == 0, zero_b = magnitude(b) == 0;
    if ((zero_a && zero_b) || (is_infinite(a) && is_infinite(b)))
        return invalid(env);
    if (zero_b && !is_infinite(a)) {
        env->flags |= VX_FE_DIVZERO;
        return with_sign(sign, infinity);
    }
    if (!accept_denormals(a, b, env) || zero_a || is_infinite(b))
        return with_sign(sign, 0);
    if (is_infinite(a))
        return with_sign(sign, infinity);
    return div_finite(unpack(a), unpack(b), env);
}

static inline uint64_t binary_div(uint64_t a, uint64_t b, struct vx_float_env *env)
{
    if (is_normal(a) && is_normal(b))
        return div_finite(unpack_normal(a), unpack_normal(b), env);
    return div_special(a, b, env);
}

static inline uint64_t sqrt_finite(struct finite a, struct vx_float_env *env)
{
    /* The radicand is in [1, 4), so that its root is in [1, 2); its exponent is even. */
    int exponent = a.exponent - BIAS;
    uint64_t radicand = a.significand << (EXTRA_BITS + (exponent & 1));
    uint64_t root;
    if (FRACTION_BITS < 31) {
        uint64_t remainder;
        root = (uint64_t)vx_sqrt64(radicand, &remainder) << 31 | (remainder != 0);
    } else {
        struct vx_u128 remainder;
        root = vx_sqrt128((struct vx_u128){radicand, 0}, &remainder);
        root = vx_shift_sticky(root, 1) | (remainder.high | remainder.low ? 1 : 0);
    }
    int half = (exponent - (exponent & 1)) / 2;
    return pack((struct finite){false, half + BIAS, root}, env);
}

static inline uint64_t binary_sqrt(uint64_t a, struct vx_float_env *env)
{
    if (is_nan(a))
        return propagate_nan(a, a, env);
    a = read_operand(a, env);
    if (magnitude(a) == 0)
        return a;
    if (is_negative(a))
        return invalid(env);
    if (is_infinite(a) || !accept_denormals(a, a, env))
        return a;
    return sqrt_finite(unpack(a), env);
}

/* The order of two patterns that are no NaN. */
static inline enum vx_order order(uint64_t a, uint64_t b)
{
    if (a == b || magnitude(a | b) == 0)
        return VX_EQUAL;
    if (is_negative(a) != is_negative(b))
        return is_negative(a) ? VX_LESS : VX_GREATER;
    return (a < b) != is_negative(a) ? VX_LESS : VX_GREATER;
}

static inline enum vx_order binary_compare(uint64_t a, uint64_t b, bool signal_quiet,
                                           struct vx_float_env *env)
{
    if (is_nan(a) || is_nan(b)) {
        if (signal_quiet || is_signalling(a) || is_signalling(b))
            env->flags |= VX_FE_INVALID;
        return VX_UNORDERED;
    }
    a = read_operand(a, env);
    b = read_operand(b, env);
    (void)accept_denormals(a, b, env);
    return order(a, b);
}

static inline bool binary_predicate(uint64_t a, uint64_t b, enum vx_predicate predicate,
                                    struct vx_float_env *env)
{
    unsigned relation = predicate & 3U;
    bool signal_quiet = relation == VX_PREDICATE_LT || relation == VX_PREDICATE_LE;
    enum vx_order found = binary_compare(a, b, signal_quiet, env);
    bool holds = relation == VX_PREDICATE_UNORDERED
                     ? found == VX_UNORDERED
                     : (found == VX_EQUAL && relation != VX_PREDICATE_LT) ||
                           (found == VX_LESS && relation != VX_PREDICATE_EQ);
    return holds != ((predicate & 4U) != 0);
}

/* MIN with `wanted` VX_LESS, MAX with VX_GREATER; the second operand wins when in doubt. */
static inline uint64_t binary_select(uint64_t a, uint64_t b, enum vx_order wanted,
                                     struct vx_float_env *env)
{
    enum vx_order found = binary_compare(a, b, true, env);
    return read_operand(found == wanted ? a : b, env);
}

/* Rounds to an integer of 32 bits; NaN, infinity and what does not fit give the indefinite. */
static inline int32_t binary_to_i32(uint64_t a, enum vx_round rounding, struct vx_float_env *env)
{
    a = read_operand(a, env);
    int exponent = (int)exponent_field(a) - BIAS;
    bool sign = is_negative(a);
    if (exponent > 31) {
        env->flags |= VX_FE_INVALID;
        return INT32_MIN;
    }
    uint64_t significand = a & (hidden_bit - 1);
    significand |= exponent_field(a) != 0 ? hidden_bit : 0;
    /* 31 bits of fraction, of which the lowest is sticky. */
    uint64_t fixed = vx_shift_sticky(significand << EXTRA_BITS, 31 - exponent);
    uint64_t rest = fixed & 0x7FFFFFFF;
    uint64_t value = fixed >> 31;
    bool away = rounding == VX_ROUND_NEAREST ? rest + (value & 1) > 0x40000000
                : rounding == VX_ROUND_ZERO  ? false
                                             : rest != 0 && sign == (rounding == VX_ROUND_DOWN);
    value += away;
    if (value > (uint64_t)INT32_MAX + sign) {
        env->flags |= VX_FE_INVALID;
        return INT32_MIN;
    }
    env->flags |= rest != 0 ? VX_FE_INEXACT : 0;
    return (int32_t)(sign ? -(int64_t)value : (int64_t)value);
}

static inline uint64_t binary_from_i32(int32_t value, struct vx_float_env *env)
{
    if (value == 0)
        return 0;
    uint64_t absolute = value < 0 ? (uint64_t)(-(int64_t)value) : (uint64_t)value;
    int shift = vx_leading_zeros(absolute) - 1;
    return pack((struct finite){value < 0, BIAS + 62 - shift, absolute << shift}, env);
}

#endif

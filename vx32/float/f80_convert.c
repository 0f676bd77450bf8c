/* SPDX-License-Identifier: MIT */
/* Conversions between the 80-bit format and the formats of memory, and its constants. */
#include "f80.h"

/* What binary32 and binary64 are to the conversions. */
struct format {
    int fraction_bits, exponent_bits;
};

static const struct format binary32 = {23, 8}, binary64 = {52, 11};

static int exponent_max(struct format format)
{
    return (1 << format.exponent_bits) - 1;
}

/* Widens exactly; a NaN keeps whether it is signalling. *denormal tells what is lost by it. */
static struct vx_f80 widen(uint64_t a, struct format format, bool *denormal)
{
    bool sign = (a >> (format.fraction_bits + format.exponent_bits) & 1) != 0;
    int exponent = (int)(a >> format.fraction_bits) & exponent_max(format);
    uint64_t fraction = a << (64 - format.fraction_bits) >> 1;
    *denormal = exponent == 0 && fraction != 0;
    if (exponent == exponent_max(format))
        return vx_f80_make(sign, VX_F80_EXPONENT_MAX, vx_top_bit | fraction);
    int rebias = VX_F80_BIAS - exponent_max(format) / 2;
    if (exponent != 0)
        return vx_f80_make(sign, exponent + rebias, vx_top_bit | fraction);
    if (fraction == 0)
        return vx_f80_zero(sign);
    int shift = vx_leading_zeros(fraction);
    return vx_f80_make(sign, 1 - shift + rebias, fraction << shift);
}

static struct vx_f80 load(uint64_t a, struct format format, struct vx_float_env *env)
{
    bool denormal;
    env->round_up = false;
    struct vx_f80 result = widen(a, format, &denormal);
    if (vx_f80_is_signalling(result)) {
        env->flags |= VX_FE_INVALID;
        result.significand |= vx_f80_quiet_bit;
    }
    env->flags |= denormal ? VX_FE_DENORMAL : 0;
    return result;
}

struct vx_f80 vx_f80_from_f32(uint32_t a, struct vx_float_env *env)
{
    return load(a, binary32, env);
}

struct vx_f80 vx_f80_from_f64(uint64_t a, struct vx_float_env *env)
{
    return load(a, binary64, env);
}

struct vx_f80 vx_f80_operand_f32(uint32_t a, struct vx_float_env *env)
{
    return widen(a, binary32, &env->denormal_operand);
}

struct vx_f80 vx_f80_operand_f64(uint64_t a, struct vx_float_env *env)
{
    return widen(a, binary64, &env->denormal_operand);
}

struct vx_f80 vx_f80_from_i64(int64_t value)
{
    if (value == 0)
        return vx_f80_zero(false);
    uint64_t absolute = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    int shift = vx_leading_zeros(absolute);
    return vx_f80_make(value < 0, VX_F80_BIAS + 63 - shift, absolute << shift);
}

struct vx_f80 vx_f80_from_bcd(const uint8_t bcd[10])
{
    uint64_t value = 0;
    for (int i = 8; i >= 0; i--)
        value = value * 100 + (bcd[i] >> 4) * 10U + (bcd[i] & 15U);
    struct vx_f80 result = vx_f80_from_i64((int64_t)value);
    return vx_f80_make((bcd[9] & 0x80) != 0, vx_f80_exponent(result), result.significand);
}

/* Unmasked overflow and underflow store nothing: they are never inexact. */
static uint64_t narrow_overflow(bool sign, uint64_t infinity, struct vx_float_env *env)
{
    env->flags |= VX_FE_OVERFLOW;
    if ((env->masks & VX_FE_OVERFLOW) == 0)
        return infinity;
    env->flags |= VX_FE_INEXACT;
    env->round_up =
        env->rounding == VX_ROUND_NEAREST || env->rounding == (sign ? VX_ROUND_DOWN : VX_ROUND_UP);
    return env->round_up ? infinity : infinity - 1;
}

/* Rounds a finite nonzero number; the result has no sign. */
static uint64_t narrow_finite(struct vx_f80_finite x, struct format format,
                              struct vx_float_env *env)
{
    int extra_bits = 63 - format.fraction_bits;
    int exponent = x.exponent - VX_F80_BIAS + exponent_max(format) / 2;
    uint64_t significand = x.significand >> extra_bits, below = x.significand << (64 - extra_bits);
    bool away = vx_f80_round_away(x.sign, significand, below, env);
    bool carry = away && significand + 1 == UINT64_C(2) << format.fraction_bits;
    if (exponent + carry >= exponent_max(format)) {
        uint64_t infinity = (uint64_t)exponent_max(format) << format.fraction_bits;
        return narrow_overflow(x.sign, infinity, env);
    }
    bool tiny = exponent < 0 || (exponent == 0 && !carry);
    if (tiny && (env->masks & VX_FE_UNDERFLOW) == 0) {
        env->flags |= VX_FE_UNDERFLOW;
        return 0;
    }
    if (exponent <= 0) {
        struct vx_u128 wide = {x.significand, 0};
        wide = vx_shift_sticky128(wide, extra_bits + 1 - exponent);
        significand = wide.high;
        below = wide.low;
        away = vx_f80_round_away(x.sign, significand, below, env);
        exponent = 1;
    }
    if (below != 0)
        env->flags |= tiny ? VX_FE_UNDERFLOW | VX_FE_INEXACT : VX_FE_INEXACT;
    env->round_up = away;
    /* The hidden bit, or the two that a carry makes of it, adds to the exponent. */
    return ((uint64_t)(exponent - 1) << format.fraction_bits) + significand + away;
}

static uint64_t narrow(struct vx_f80 a, struct format format, struct vx_float_env *env)
{
    env->round_up = false;
    uint64_t infinity = (uint64_t)exponent_max(format) << format.fraction_bits;
    uint64_t magnitude;
    struct vx_f80 nan;
    if (vx_f80_take_nan(a, a, &nan, env)) {
        a = nan;
        magnitude = infinity | nan.significand << 1 >> (64 - format.fraction_bits);
    } else if (vx_f80_is_infinite(a)) {
        magnitude = infinity;
    } else if (vx_f80_is_zero(a)) {
        magnitude = 0;
    } else {
        magnitude = narrow_finite(vx_f80_unpack(a), format, env);
    }
    uint64_t sign = vx_f80_negative(a) ? 1 : 0;
    return sign << (format.fraction_bits + format.exponent_bits) | magnitude;
}

uint32_t vx_f80_to_f32(struct vx_f80 a, struct vx_float_env *env)
{
    return (uint32_t)narrow(a, binary32, env);
}

uint64_t vx_f80_to_f64(struct vx_f80 a, struct vx_float_env *env)
{
    return narrow(a, binary64, env);
}

/* Rounds |a| to an integer of at most `limit` (one more if negative); false: it does not fit. */
static bool to_integer(struct vx_f80 a, uint64_t limit, uint64_t limit_negative, uint64_t *value,
                       struct vx_float_env *env)
{
    env->round_up = false;
    int exponent = vx_f80_exponent(a) - VX_F80_BIAS;
    bool sign = vx_f80_negative(a);
    if (exponent <= 63 && !vx_f80_is_unsupported(a)) {
        struct vx_u128 fixed =
            vx_shift_sticky128((struct vx_u128){a.significand, 0}, 63 - exponent);
        bool away = vx_f80_round_away(sign, fixed.high, fixed.low, env);
        *value = fixed.high + away;
        if (*value <= (sign ? limit_negative : limit) && *value >= fixed.high) {
            env->flags |= fixed.low != 0 ? VX_FE_INEXACT : 0;
            env->round_up = away;
            return true;
        }
    }
    env->flags |= VX_FE_INVALID;
    return false;
}

int64_t vx_f80_to_i64(struct vx_f80 a, struct vx_float_env *env)
{
    uint64_t value;
    if (!to_integer(a, INT64_MAX, vx_top_bit, &value, env) || value == vx_top_bit)
        return INT64_MIN;
    return vx_f80_negative(a) ? -(int64_t)value : (int64_t)value;
}

static int32_t to_signed(struct vx_f80 a, int32_t max, struct vx_float_env *env)
{
    uint64_t value;
    if (!to_integer(a, (uint64_t)max, (uint64_t)max + 1, &value, env))
        return -max - 1;
    return (int32_t)(vx_f80_negative(a) ? -(int64_t)value : (int64_t)value);
}

int32_t vx_f80_to_i32(struct vx_f80 a, struct vx_float_env *env)
{
    return to_signed(a, INT32_MAX, env);
}

int16_t vx_f80_to_i16(struct vx_f80 a, struct vx_float_env *env)
{
    return (int16_t)to_signed(a, INT16_MAX, env);
}

void vx_f80_to_bcd(struct vx_f80 a, uint8_t bcd[10], struct vx_float_env *env)
{
    const uint64_t limit = UINT64_C(999999999999999999);
    uint64_t value;
    if (!to_integer(a, limit, limit, &value, env)) {
        for (int i = 0; i < 10; i++)
            bcd[i] = i < 7 ? 0 : i == 7 ? 0xC0 : 0xFF;
        return;
    }
    for (int i = 0; i < 9; i++) {
        uint64_t pair = value % 100;
        bcd[i] = (uint8_t)(pair / 10 << 4 | pair % 10);
        value /= 100;
    }
    bcd[9] = vx_f80_negative(a) ? 0x80 : 0;
}

struct vx_f80 vx_f80_constant(enum vx_f80_constant which, enum vx_round rounding)
{
    /* Each cut off at 64 bits; `above_half` tells whether the nearest is one more. */
    static const struct {
        uint64_t significand;
        uint16_t exponent;
        bool inexact, above_half;
    } constants[] = {
        [VX_F80_ONE] = {UINT64_C(0x8000000000000000), 0x3FFF, false, false},
        [VX_F80_LOG2_10] = {UINT64_C(0xD49A784BCD1B8AFE), 0x4000, true, false},
        [VX_F80_LOG2_E] = {UINT64_C(0xB8AA3B295C17F0BB), 0x3FFF, true, true},
        [VX_F80_PI] = {UINT64_C(0xC90FDAA22168C234), 0x4000, true, true},
        [VX_F80_LOG10_2] = {UINT64_C(0x9A209A84FBCFF798), 0x3FFD, true, true},
        [VX_F80_LN_2] = {UINT64_C(0xB17217F7D1CF79AB), 0x3FFE, true, true},
        [VX_F80_ZERO] = {0, 0, false, false},
    };
    bool up = rounding == VX_ROUND_NEAREST ? constants[which].above_half
                                           : rounding == VX_ROUND_UP && constants[which].inexact;
    return vx_f80_make(false, constants[which].exponent, constants[which].significand + up);
}

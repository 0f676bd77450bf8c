/* SPDX-License-Identifier: MIT */
/* Binary32 as SSE computes it. */
#include "softfloat.h"

enum { FRACTION_BITS = 23, EXPONENT_BITS = 8 };

#include "binary.h"

uint32_t vx_f32_add(uint32_t a, uint32_t b, struct vx_float_env *env)
{
    return (uint32_t)binary_add(a, b, 0, env);
}

uint32_t vx_f32_sub(uint32_t a, uint32_t b, struct vx_float_env *env)
{
    return (uint32_t)binary_add(a, b, sign_bit, env);
}

uint32_t vx_f32_mul(uint32_t a, uint32_t b, struct vx_float_env *env)
{
    return (uint32_t)binary_mul(a, b, env);
}

uint32_t vx_f32_div(uint32_t a, uint32_t b, struct vx_float_env *env)
{
    return (uint32_t)binary_div(a, b, env);
}

uint32_t vx_f32_sqrt(uint32_t a, struct vx_float_env *env)
{
    return (uint32_t)binary_sqrt(a, env);
}

uint32_t vx_f32_min(uint32_t a, uint32_t b, struct vx_float_env *env)
{
    return (uint32_t)binary_select(a, b, VX_LESS, env);
}

uint32_t vx_f32_max(uint32_t a, uint32_t b, struct vx_float_env *env)
{
    return (uint32_t)binary_select(a, b, VX_GREATER, env);
}

enum vx_order vx_f32_compare(uint32_t a, uint32_t b, bool signal_quiet, struct vx_float_env *env)
{
    return binary_compare(a, b, signal_quiet, env);
}

bool vx_f32_predicate(uint32_t a, uint32_t b, enum vx_predicate predicate, struct vx_float_env *env)
{
    return binary_predicate(a, b, predicate, env);
}

int32_t vx_f32_to_i32(uint32_t a, struct vx_float_env *env)
{
    return binary_to_i32(a, (enum vx_round)env->rounding, env);
}

int32_t vx_f32_truncate_to_i32(uint32_t a, struct vx_float_env *env)
{
    return binary_to_i32(a, VX_ROUND_ZERO, env);
}

uint32_t vx_f32_from_i32(int32_t value, struct vx_float_env *env)
{
    return (uint32_t)binary_from_i32(value, env);
}

uint32_t vx_f64_to_f32(uint64_t a, struct vx_float_env *env)
{
    bool sign = a >> 63 != 0;
    unsigned exponent = (unsigned)(a >> 52) & 0x7FF;
    uint64_t fraction = a & ((UINT64_C(1) << 52) - 1);
    if (exponent == 0x7FF && fraction != 0) {
        if (fraction >> 51 == 0)
            env->flags |= VX_FE_INVALID;
        return (uint32_t)with_sign(sign, infinity | quiet_bit | fraction >> 29);
    }
    if (exponent == 0x7FF)
        return (uint32_t)with_sign(sign, infinity);
    if (exponent == 0) {
        if (fraction == 0 || env->denormals_are_zero)
            return (uint32_t)with_sign(sign, 0);
        env->flags |= VX_FE_DENORMAL;
        if ((env->masks & VX_FE_DENORMAL) == 0)
            return 0;
        int shift = vx_leading_zeros(fraction) - 1;
        return (uint32_t)pack(
            (struct finite){sign, 1 - 1023 + BIAS - (shift - 10), fraction << shift}, env);
    }
    return (uint32_t)pack(
        (struct finite){sign, (int)exponent - 1023 + BIAS, (fraction | UINT64_C(1) << 52) << 10},
        env);
}

/* Nearest rounding with tiny results flushed, as RCPSS and RSQRTSS have it whatever MXCSR says. */
static struct vx_float_env reciprocal_env(void)
{
    return (struct vx_float_env){
        .flush_to_zero = true, .denormals_are_zero = true, .masks = VX_FE_ALL};
}

uint32_t vx_f32_reciprocal(uint32_t a)
{
    struct vx_float_env env = reciprocal_env();
    return (uint32_t)binary_div((uint64_t)BIAS << FRACTION_BITS, a, &env);
}

uint32_t vx_f32_reciprocal_sqrt(uint32_t a)
{
    struct vx_float_env env = reciprocal_env();
    uint64_t x = read_operand(a, &env);
    if (is_nan(x))
        return (uint32_t)(x | quiet_bit);
    if (magnitude(x) == 0)
        return (uint32_t)(x | infinity);
    if (is_negative(x))
        return (uint32_t)default_nan;
    if (is_infinite(x))
        return 0;
    struct finite finite = unpack_normal(x);
    /*
     * The radicand r = significand * 2^odd is in [1, 4) and 1/sqrt(r) in (1/2, 1]: the root of
     * the integer part of 2^64 / r is the integer part of 2^32 / sqrt(r).
     */
    int exponent = finite.exponent - BIAS, odd = exponent & 1;
    uint64_t radicand = finite.significand << (EXTRA_BITS + odd), remainder, rest;
    int normalising = 1 - odd;
    struct vx_u128 numerator = {UINT64_C(1) << (62 + normalising), 0};
    bool one = finite.significand == hidden_bit && odd == 0;
    if (one)
        return (uint32_t)with_sign(false, (uint64_t)(BIAS - exponent / 2) << FRACTION_BITS);
    uint64_t quotient = vx_div128(numerator, radicand << normalising, &remainder);
    uint64_t root = vx_sqrt64(quotient, &rest);
    bool inexact = (remainder | rest) != 0;
    int half = (exponent - odd) / 2;
    return (uint32_t)pack((struct finite){false, BIAS - 1 - half, root << 31 | inexact}, &env);
}

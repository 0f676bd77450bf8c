/* SPDX-License-Identifier: MIT */
/* Binary64 as SSE2 computes it. */
#include "softfloat.h"

enum { FRACTION_BITS = 52, EXPONENT_BITS = 11 };

#include "binary.h"

uint64_t vx_f64_add(uint64_t a, uint64_t b, struct vx_float_env *env)
{
    return binary_add(a, b, 0, env);
}

uint64_t vx_f64_sub(uint64_t a, uint64_t b, struct vx_float_env *env)
{
    return binary_add(a, b, sign_bit, env);
}

uint64_t vx_f64_mul(uint64_t a, uint64_t b, struct vx_float_env *env)
{
    return binary_mul(a, b, env);
}

uint64_t vx_f64_div(uint64_t a, uint64_t b, struct vx_float_env *env)
{
    return binary_div(a, b, env);
}

uint64_t vx_f64_sqrt(uint64_t a, struct vx_float_env *env)
{
    return binary_sqrt(a, env);
}

uint64_t vx_f64_min(uint64_t a, uint64_t b, struct vx_float_env *env)
{
    return binary_select(a, b, VX_LESS, env);
}

uint64_t vx_f64_max(uint64_t a, uint64_t b, struct vx_float_env *env)
{
    return binary_select(a, b, VX_GREATER, env);
}

enum vx_order vx_f64_compare(uint64_t a, uint64_t b, bool signal_quiet, struct vx_float_env *env)
{
    return binary_compare(a, b, signal_quiet, env);
}

bool vx_f64_predicate(uint64_t a, uint64_t b, enum vx_predicate predicate, struct vx_float_env *env)
{
    return binary_predicate(a, b, predicate, env);
}

int32_t vx_f64_to_i32(uint64_t a, struct vx_float_env *env)
{
    return binary_to_i32(a, (enum vx_round)env->rounding, env);
}

int32_t vx_f64_truncate_to_i32(uint64_t a, struct vx_float_env *env)
{
    return binary_to_i32(a, VX_ROUND_ZERO, env);
}

uint64_t vx_f64_from_i32(int32_t value)
{
    struct vx_float_env exact = {0};
    return binary_from_i32(value, &exact);
}

uint64_t vx_f32_to_f64(uint32_t a, struct vx_float_env *env)
{
    uint64_t sign = (uint64_t)(a >> 31) << 63;
    uint64_t fraction = (uint64_t)(a & 0x7FFFFF) << 29;
    uint64_t exponent = a >> 23 & 0xFF;
    if (exponent - 1 < 0xFE)
        return sign | ((exponent + 1023 - 127) << FRACTION_BITS | fraction);
    if (exponent == 0xFF && fraction != 0)
        return propagate_nan(sign | infinity | fraction, 0, env);
    if (exponent == 0xFF)
        return sign | infinity;
    if (fraction == 0 || env->denormals_are_zero)
        return sign;
    env->flags |= VX_FE_DENORMAL;
    int shift = vx_leading_zeros(fraction) - EXPONENT_BITS;
    uint64_t below = (uint64_t)(1023 - 127 - shift); /* one less: the hidden bit adds it */
    return sign | ((below << FRACTION_BITS) + (fraction << shift));
}

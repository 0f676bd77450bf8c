/* SPDX-License-Identifier: MIT */
/* The short way for floating-point arithmetic: the host's own, where it cannot be told apart. */
#ifndef VX32_INTERP_HARDFLOAT_H
#define VX32_INTERP_HARDFLOAT_H

#include "float/softfloat.h"

#include <float.h>
#include <stdint.h>
#include <string.h>
#if defined(__SSE2__) && !defined(VX_PLAIN_C)
#include <emmintrin.h>
#endif

/*
 * With rounding to nearest, no flushing, all exceptions masked and the inexact flag already set,
 * an operation on zeroes and normal numbers whose result is above the smallest normal number, or a
 * zero that is exact, has no other effect than its result; and IEEE 754 defines that to the bit.
 * The smallest normal number itself may be a rounded tiny one, which raises underflow. Everything
 * else goes through the soft implementation, which is the reference.
 *
 * The host must round to nearest, as C programs start; whether it flushes denormals does not
 * matter, since neither operands nor results are denormal.
 */
enum { VX_MXCSR_ROUTINE = 0x1fa0, VX_MXCSR_ROUTINE_MASK = 0xffe0 };

static inline bool vx_is_routine(uint32_t mxcsr)
{
#if defined(FLT_EVAL_METHOD) && FLT_EVAL_METHOD == 0
    return (mxcsr & VX_MXCSR_ROUTINE_MASK) == VX_MXCSR_ROUTINE;
#else
    (void)mxcsr;
    return false;
#endif
}

static inline bool vx_is_normal32(uint32_t a)
{
    return (((a >> 23) + 1) & 0xff) > 1;
}

static inline bool vx_is_zero32(uint32_t a)
{
    return a << 1 == 0;
}

static inline bool vx_is_normal64(uint64_t a)
{
    return (((a >> 52) + 1) & 0x7ff) > 1;
}

static inline bool vx_is_zero64(uint64_t a)
{
    return a << 1 == 0;
}

/* Normal, and with an exponent that no rounding of a tiny number gives. */
static inline bool vx_is_above_tiny32(uint32_t a)
{
    return (((a >> 23) + 1) & 0xff) > 2;
}

static inline bool vx_is_above_tiny64(uint64_t a)
{
    return (((a >> 52) + 1) & 0x7ff) > 2;
}

static inline float vx_float(uint32_t pattern)
{
    float value;

    memcpy(&value, &pattern, sizeof value);
    return value;
}

static inline double vx_double(uint64_t pattern)
{
    double value;

    memcpy(&value, &pattern, sizeof value);
    return value;
}

static inline uint32_t vx_pattern32(float value)
{
    uint32_t pattern;

    memcpy(&pattern, &value, sizeof pattern);
    return pattern;
}

static inline uint64_t vx_pattern64(double value)
{
    uint64_t pattern;

    memcpy(&pattern, &value, sizeof pattern);
    return pattern;
}

/* ---- arithmetic ---- */

/*
 * vx_quick_*(): false where the short way does not serve; mxcsr must be routine.
 * vx_hard_*(): the short way where it serves, else the soft implementation.
 * zero_ok tells whether a zero result of a and b is exact.
 */
#define VX_HARD_BINARY(bits, type, name, operator, zero_ok)                                        \
    static inline bool vx_quick_##name##bits(uint##bits##_t a, uint##bits##_t b,                   \
                                             uint##bits##_t *result)                               \
    {                                                                                              \
        *result = vx_pattern##bits(vx_##type(a) operator vx_##type(b));                            \
        return (vx_is_normal##bits(a) || vx_is_zero##bits(a)) &&                                   \
               (vx_is_normal##bits(b) || (vx_is_zero##bits(b) && #operator[0] != '/')) &&          \
               (vx_is_above_tiny##bits(*result) || (vx_is_zero##bits(*result) && (zero_ok)));      \
    }                                                                                              \
    static inline uint##bits##_t vx_hard_##name##bits(uint##bits##_t a, uint##bits##_t b,          \
                                                      bool routine, struct vx_float_env *env)      \
    {                                                                                              \
        uint##bits##_t result;                                                                     \
                                                                                                   \
        if (routine && vx_quick_##name##bits(a, b, &result))                                       \
            return result;                                                                         \
        return vx_f##bits##_##name(a, b, env);                                                     \
    }
VX_HARD_BINARY(32, float, add, +, a << 1 == b << 1)
VX_HARD_BINARY(32, float, sub, -, a << 1 == b << 1)
VX_HARD_BINARY(32, float, mul, *, vx_is_zero32(a) || vx_is_zero32(b))
VX_HARD_BINARY(32, float, div, /, vx_is_zero32(a))
VX_HARD_BINARY(64, double, add, +, a << 1 == b << 1)
VX_HARD_BINARY(64, double, sub, -, a << 1 == b << 1)
VX_HARD_BINARY(64, double, mul, *, vx_is_zero64(a) || vx_is_zero64(b))
VX_HARD_BINARY(64, double, div, /, vx_is_zero64(a))
#undef VX_HARD_BINARY

/* Zeroes and normal numbers compare without a flag, whatever MXCSR says. */
#define VX_QUICK_ORDER(bits, type)                                                                 \
    static inline bool vx_quick_order##bits(uint##bits##_t a, uint##bits##_t b,                    \
                                            enum vx_order *order)                                  \
    {                                                                                              \
        type x = vx_##type(a), y = vx_##type(b);                                                   \
                                                                                                   \
        *order = x < y ? VX_LESS : x == y ? VX_EQUAL : VX_GREATER;                                 \
        return (vx_is_normal##bits(a) || vx_is_zero##bits(a)) &&                                   \
               (vx_is_normal##bits(b) || vx_is_zero##bits(b));                                     \
    }
VX_QUICK_ORDER(32, float)
VX_QUICK_ORDER(64, double)
#undef VX_QUICK_ORDER

/* The root of a positive normal number is normal. C's sqrt() would need the mathematics library. */
static inline uint32_t vx_hard_sqrt32(uint32_t a, bool routine, struct vx_float_env *env)
{
#if defined(__SSE2__) && !defined(VX_PLAIN_C)
    if (routine && a >> 31 == 0 && vx_is_normal32(a))
        return vx_pattern32(_mm_cvtss_f32(_mm_sqrt_ss(_mm_set_ss(vx_float(a)))));
#else
    (void)routine;
#endif
    return vx_f32_sqrt(a, env);
}

static inline uint64_t vx_hard_sqrt64(uint64_t a, bool routine, struct vx_float_env *env)
{
#if defined(__SSE2__) && !defined(VX_PLAIN_C)
    if (routine && a >> 63 == 0 && vx_is_normal64(a)) {
        __m128d value = _mm_set_sd(vx_double(a));

        return vx_pattern64(_mm_cvtsd_f64(_mm_sqrt_sd(value, value)));
    }
#else
    (void)routine;
#endif
    return vx_f64_sqrt(a, env);
}

/* ---- conversions ---- */

static inline uint32_t vx_hard_f64_to_f32(uint64_t a, bool routine, struct vx_float_env *env)
{
    if (routine && vx_is_normal64(a)) {
        uint32_t result = vx_pattern32((float)vx_double(a));

        if (vx_is_above_tiny32(result))
            return result;
    }
    return vx_f64_to_f32(a, env);
}

static inline uint32_t vx_hard_f32_from_i32(int32_t value, bool routine, struct vx_float_env *env)
{
    return routine ? vx_pattern32((float)value) : vx_f32_from_i32(value, env);
}

/*
 * A number below 2^31 has an integer part that fits; one below 2^30 also after rounding. Adding
 * 1.5 * 2^52 leaves no bits behind the point, and the integer in the low bits.
 */
static inline int32_t vx_hard_f64_truncate_to_i32(uint64_t a, bool routine,
                                                  struct vx_float_env *env)
{
    if (routine && (a >> 52 & 0x7ff) < 1023 + 31)
        return (int32_t)vx_double(a);
    return vx_f64_truncate_to_i32(a, env);
}

static inline int32_t vx_hard_f64_to_i32(uint64_t a, bool routine, struct vx_float_env *env)
{
    if (routine && (a >> 52 & 0x7ff) < 1023 + 30)
        return (int32_t)(uint32_t)vx_pattern64(vx_double(a) + 0x1.8p52);
    return vx_f64_to_i32(a, env);
}

static inline int32_t vx_hard_f32_truncate_to_i32(uint32_t a, bool routine,
                                                  struct vx_float_env *env)
{
    if (routine && (a >> 23 & 0xff) < 127 + 31)
        return (int32_t)vx_float(a);
    return vx_f32_truncate_to_i32(a, env);
}

static inline int32_t vx_hard_f32_to_i32(uint32_t a, bool routine, struct vx_float_env *env)
{
    if (routine && (a >> 23 & 0xff) < 127 + 30)
        return (int32_t)(uint32_t)vx_pattern64((double)vx_float(a) + 0x1.8p52);
    return vx_f32_to_i32(a, env);
}

#endif

/* SPDX-License-Identifier: MIT */
/* SSE conversions between integers, binary32 and binary64: the plain forms. */
#include "hardfloat.h"
#include "sse_float.h"

/* Lanes of the source become lanes of the destination; what is not written is as `start` says. */
enum start { KEEP, CLEAR };

/*
 * CONVERSION(name, lanes, result lane size, source lane size, start, function of lane s). An
 * instruction on an MMX register begins as all of them do.
 */
#define CONVERSIONS(X)                                                                             \
    X(CVTPI2PS, 2, 4, 4, KEEP, vx_hard_f32_from_i32((int32_t)s, routine, &env))                    \
    X(CVTPI2PD, 2, 8, 4, CLEAR, vx_f64_from_i32((int32_t)s))                                       \
    X(CVTPS2PI, 2, 4, 4, CLEAR, (uint32_t)vx_hard_f32_to_i32(s, routine, &env))                    \
    X(CVTTPS2PI, 2, 4, 4, CLEAR, (uint32_t)vx_hard_f32_truncate_to_i32(s, routine, &env))          \
    X(CVTPD2PI, 2, 4, 8, CLEAR, (uint32_t)vx_hard_f64_to_i32(s, routine, &env))                    \
    X(CVTTPD2PI, 2, 4, 8, CLEAR, (uint32_t)vx_hard_f64_truncate_to_i32(s, routine, &env))          \
    X(CVTPS2PD, 2, 8, 4, CLEAR, vx_f32_to_f64(s, &env))                                            \
    X(CVTPD2PS, 2, 4, 8, CLEAR, vx_hard_f64_to_f32(s, routine, &env))                              \
    X(CVTSS2SD, 1, 8, 4, KEEP, vx_f32_to_f64(s, &env))                                             \
    X(CVTSD2SS, 1, 4, 8, KEEP, vx_hard_f64_to_f32(s, routine, &env))                               \
    X(CVTDQ2PS, 4, 4, 4, CLEAR, vx_hard_f32_from_i32((int32_t)s, routine, &env))                   \
    X(CVTPS2DQ, 4, 4, 4, CLEAR, (uint32_t)vx_hard_f32_to_i32(s, routine, &env))                    \
    X(CVTTPS2DQ, 4, 4, 4, CLEAR, (uint32_t)vx_hard_f32_truncate_to_i32(s, routine, &env))          \
    X(CVTDQ2PD, 2, 8, 4, CLEAR, vx_f64_from_i32((int32_t)s))                                       \
    X(CVTPD2DQ, 2, 4, 8, CLEAR, (uint32_t)vx_hard_f64_to_i32(s, routine, &env))                    \
    X(CVTTPD2DQ, 2, 4, 8, CLEAR, (uint32_t)vx_hard_f64_truncate_to_i32(s, routine, &env))

#define DEFINE(name, lanes, result_size, source_size, start, result)                               \
    void vx_do_##name(struct vx_cpu *cpu, const struct vx_uop *uop)                                \
    {                                                                                              \
        struct vx_float_env env = vx_sse_environment(cpu);                                         \
        bool routine = vx_is_routine(cpu->mxcsr);                                                  \
        struct vx_vector y, x = {{0}};                                                             \
                                                                                                   \
        (void)routine;                                                                             \
        vx_begin_vector(cpu, uop);                                                                 \
        y = vx_read_vector(cpu, uop, 1);                                                           \
        if (start == KEEP)                                                                         \
            x = vx_read_vector(cpu, uop, 0);                                                       \
        for (unsigned i = 0; i < lanes; i++) {                                                     \
            uint##source_size##_lane s = vx_lane##source_size(&y, i);                              \
            vx_set_lane##result_size(&x, i, result);                                               \
        }                                                                                          \
        vx_sse_record(cpu, uop, &env);                                                             \
        vx_write_vector(cpu, uop, 0, &x);                                                          \
    }
typedef uint32_t uint4_lane;
typedef uint64_t uint8_lane;
CONVERSIONS(DEFINE)
#undef DEFINE

/* ---- between a general operand and the low lane ---- */

void vx_do_CVTSI2SS(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    struct vx_float_env env = vx_sse_environment(cpu);
    bool routine = vx_is_routine(cpu->mxcsr);
    int32_t value = (int32_t)vx_read_operand(cpu, uop, 1);
    uint32_t result = vx_hard_f32_from_i32(value, routine, &env);

    vx_sse_record(cpu, uop, &env);
    vx_put32(cpu->xmm[uop->reg].byte, result);
}

void vx_do_CVTSI2SD(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    int32_t value = (int32_t)vx_read_operand(cpu, uop, 1);

    vx_put64(cpu->xmm[uop->reg].byte, vx_f64_from_i32(value));
}

#define TO_GENERAL(X)                                                                              \
    X(CVTSS2SI, 32, vx_hard_f32_to_i32)                                                            \
    X(CVTTSS2SI, 32, vx_hard_f32_truncate_to_i32)                                                  \
    X(CVTSD2SI, 64, vx_hard_f64_to_i32)                                                            \
    X(CVTTSD2SI, 64, vx_hard_f64_truncate_to_i32)
#define DEFINE(name, bits, function)                                                               \
    void vx_do_##name(struct vx_cpu *cpu, const struct vx_uop *uop)                                \
    {                                                                                              \
        struct vx_float_env env = vx_sse_environment(cpu);                                         \
        bool routine = vx_is_routine(cpu->mxcsr);                                                  \
        int32_t result = function(vx_read_low##bits(cpu, uop), routine, &env);                     \
                                                                                                   \
        vx_sse_record(cpu, uop, &env);                                                             \
        vx_write_operand(cpu, uop, 0, (uint32_t)result);                                           \
    }
TO_GENERAL(DEFINE)
#undef DEFINE

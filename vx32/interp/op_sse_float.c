/* SPDX-License-Identifier: MIT */
/* SSE arithmetic and comparisons on floating-point lanes: the plain forms. */
#include "hardfloat.h"
#include "sse_float.h"

/* ---- two operands ---- */

#define ARITHMETIC_FORM(name, lanes, size, operation)                                              \
    void vx_do_##name(struct vx_cpu *cpu, const struct vx_uop *uop)                                \
    {                                                                                              \
        struct vx_float_env env = vx_sse_environment(cpu);                                         \
        struct vx_vector y = vx_read_vector(cpu, uop, 1), x = vx_read_vector(cpu, uop, 0);         \
        bool routine = vx_is_routine(cpu->mxcsr);                                                  \
                                                                                                   \
        (void)routine;                                                                             \
        for (unsigned i = 0; i < lanes; i++)                                                       \
            vx_set_lane##size(&x, i, operation);                                                   \
        vx_sse_record(cpu, uop, &env);                                                             \
        vx_write_vector(cpu, uop, 0, &x);                                                          \
    }
#define HARD(name, OP)                                                                             \
    ARITHMETIC_FORM(OP##PS, 4, 4,                                                                  \
                    vx_hard_##name##32(vx_lane4(&x, i), vx_lane4(&y, i), routine, &env))           \
    ARITHMETIC_FORM(OP##SS, 1, 4,                                                                  \
                    vx_hard_##name##32(vx_lane4(&x, i), vx_lane4(&y, i), routine, &env))           \
    ARITHMETIC_FORM(OP##PD, 2, 8,                                                                  \
                    vx_hard_##name##64(vx_lane8(&x, i), vx_lane8(&y, i), routine, &env))           \
    ARITHMETIC_FORM(OP##SD, 1, 8,                                                                  \
                    vx_hard_##name##64(vx_lane8(&x, i), vx_lane8(&y, i), routine, &env))
HARD(add, ADD)
HARD(sub, SUB)
HARD(mul, MUL)
HARD(div, DIV)

#define SOFT(name, OP)                                                                             \
    ARITHMETIC_FORM(OP##PS, 4, 4, vx_f32_##name(vx_lane4(&x, i), vx_lane4(&y, i), &env))           \
    ARITHMETIC_FORM(OP##SS, 1, 4, vx_f32_##name(vx_lane4(&x, i), vx_lane4(&y, i), &env))           \
    ARITHMETIC_FORM(OP##PD, 2, 8, vx_f64_##name(vx_lane8(&x, i), vx_lane8(&y, i), &env))           \
    ARITHMETIC_FORM(OP##SD, 1, 8, vx_f64_##name(vx_lane8(&x, i), vx_lane8(&y, i), &env))
SOFT(min, MIN)
SOFT(max, MAX)

/* ---- one operand ---- */

ARITHMETIC_FORM(SQRTPS, 4, 4, vx_hard_sqrt32(vx_lane4(&y, i), routine, &env))
ARITHMETIC_FORM(SQRTSS, 1, 4, vx_hard_sqrt32(vx_lane4(&y, i), routine, &env))
ARITHMETIC_FORM(SQRTPD, 2, 8, vx_hard_sqrt64(vx_lane8(&y, i), routine, &env))
ARITHMETIC_FORM(SQRTSD, 1, 8, vx_hard_sqrt64(vx_lane8(&y, i), routine, &env))
ARITHMETIC_FORM(RCPPS, 4, 4, vx_f32_reciprocal(vx_lane4(&y, i)))
ARITHMETIC_FORM(RCPSS, 1, 4, vx_f32_reciprocal(vx_lane4(&y, i)))
ARITHMETIC_FORM(RSQRTPS, 4, 4, vx_f32_reciprocal_sqrt(vx_lane4(&y, i)))
ARITHMETIC_FORM(RSQRTSS, 1, 4, vx_f32_reciprocal_sqrt(vx_lane4(&y, i)))

/* ---- comparisons: all ones or all zeroes ---- */

#define PREDICATE(bits, size)                                                                      \
    vx_f##bits##_predicate(vx_lane##size(&x, i), vx_lane##size(&y, i),                             \
                           (enum vx_predicate)uop->immediate, &env)                                \
        ? UINT##bits##_MAX                                                                         \
        : 0
ARITHMETIC_FORM(CMPPS, 4, 4, PREDICATE(32, 4))
ARITHMETIC_FORM(CMPSS, 1, 4, PREDICATE(32, 4))
ARITHMETIC_FORM(CMPPD, 2, 8, PREDICATE(64, 8))
ARITHMETIC_FORM(CMPSD, 1, 8, PREDICATE(64, 8))

/* ZF, PF and CF tell the order; OF, SF and AF become zero (SDM volume 2, COMISS). */
static void set_order(struct vx_cpu *cpu, const struct vx_uop *uop, enum vx_order order,
                      const struct vx_float_env *env)
{
    bool unordered = order == VX_UNORDERED;

    vx_sse_record(cpu, uop, env);
    vx_set_result(&cpu->flags, order == VX_EQUAL || unordered, false, unordered);
    vx_set_carries(&cpu->flags, order == VX_LESS || unordered, false, false);
}

#define COMPARISON(name, bits, size, signal_quiet)                                                 \
    void vx_do_##name(struct vx_cpu *cpu, const struct vx_uop *uop)                                \
    {                                                                                              \
        struct vx_float_env env = vx_sse_environment(cpu);                                         \
        struct vx_vector y = vx_read_vector(cpu, uop, 1), x = vx_read_vector(cpu, uop, 0);         \
        enum vx_order order =                                                                      \
            vx_f##bits##_compare(vx_lane##size(&x, 0), vx_lane##size(&y, 0), signal_quiet, &env);  \
                                                                                                   \
        set_order(cpu, uop, order, &env);                                                          \
    }
COMPARISON(UCOMISS, 32, 4, false)
COMPARISON(UCOMISD, 64, 8, false)
COMPARISON(COMISS, 32, 4, true)
COMPARISON(COMISD, 64, 8, true)

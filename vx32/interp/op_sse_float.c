/* SPDX-License-Identifier: MIT */
/* SSE arithmetic and comparisons on floating-point lanes: the plain forms. */
#include "hardfloat.h"
#include "sse_float.h"

/*
 * One lane, the lowest: only that much of the registers is touched. `quick` sets `result` and is
 * true, or nothing has happened yet.
 */
#define SCALAR_FORM(name, bits, quick, operation)                                                  \
    void vx_do_##name(struct vx_cpu *cpu, const struct vx_uop *uop)                                \
    {                                                                                              \
        uint##bits##_t y = vx_read_low##bits(cpu, uop), result;                                    \
        uint##bits##_t x = vx_get##bits(cpu->xmm[uop->reg].byte);                                  \
        bool routine = vx_is_routine(cpu->mxcsr);                                                  \
                                                                                                   \
        (void)x;                                                                                   \
        if (!(routine && (quick))) {                                                               \
            struct vx_float_env env = vx_sse_environment(cpu);                                     \
                                                                                                   \
            result = operation;                                                                    \
            vx_sse_record(cpu, uop, &env);                                                         \
        }                                                                                          \
        vx_put##bits(cpu->xmm[uop->reg].byte, result);                                             \
    }

#define PACKED_FORM(name, bits, operation)                                                         \
    void vx_do_##name(struct vx_cpu *cpu, const struct vx_uop *uop)                                \
    {                                                                                              \
        struct vx_float_env env = vx_sse_environment(cpu);                                         \
        struct vx_pair pair = vx_read_pair(cpu, uop);                                              \
        bool routine = vx_is_routine(cpu->mxcsr);                                                  \
                                                                                                   \
        (void)routine;                                                                             \
        for (unsigned i = 0; i < 16; i += bits / 8) {                                              \
            uint##bits##_t x = vx_get##bits(pair.a.byte + i), y = vx_get##bits(pair.b.byte + i);   \
                                                                                                   \
            (void)x;                                                                               \
            vx_put##bits(pair.a.byte + i, operation);                                              \
        }                                                                                          \
        vx_sse_record(cpu, uop, &env);                                                             \
        vx_write_vector(cpu, uop, 0, &pair.a);                                                     \
    }

/* An operation on x and y in its two forms. */
#define FORMS_32(OP, quick, operation)                                                             \
    SCALAR_FORM(OP##SS, 32, quick, operation)                                                      \
    PACKED_FORM(OP##PS, 32, operation)
#define FORMS_64(OP, quick, operation)                                                             \
    SCALAR_FORM(OP##SD, 64, quick, operation)                                                      \
    PACKED_FORM(OP##PD, 64, operation)

/* ---- two operands ---- */

#define HARD(name, OP)                                                                             \
    FORMS_32(OP, vx_quick_##name##32(x, y, &result), vx_hard_##name##32(x, y, routine, &env))      \
    FORMS_64(OP, vx_quick_##name##64(x, y, &result), vx_hard_##name##64(x, y, routine, &env))
HARD(add, ADD)
HARD(sub, SUB)
HARD(mul, MUL)
HARD(div, DIV)

#define SOFT(name, OP)                                                                             \
    FORMS_32(OP, false, vx_f32_##name(x, y, &env))                                                 \
    FORMS_64(OP, false, vx_f64_##name(x, y, &env))
SOFT(min, MIN)
SOFT(max, MAX)

/* ---- one operand ---- */

FORMS_32(SQRT, false, vx_hard_sqrt32(y, routine, &env))
FORMS_64(SQRT, false, vx_hard_sqrt64(y, routine, &env))
FORMS_32(RCP, false, vx_f32_reciprocal(y))
FORMS_32(RSQRT, false, vx_f32_reciprocal_sqrt(y))

/* ---- comparisons: all ones or all zeroes ---- */

#define PREDICATE(bits)                                                                            \
    vx_f##bits##_predicate(x, y, (enum vx_predicate)uop->immediate, &env) ? UINT##bits##_MAX : 0
FORMS_32(CMP, false, PREDICATE(32))
FORMS_64(CMP, false, PREDICATE(64))

/* ZF, PF and CF tell the order; OF, SF and AF become zero (SDM volume 2, COMISS). */
static void set_order(struct vx_cpu *cpu, const struct vx_uop *uop, enum vx_order order,
                      const struct vx_float_env *env)
{
    bool unordered = order == VX_UNORDERED;

    vx_sse_record(cpu, uop, env);
    vx_set_result(&cpu->flags, order == VX_EQUAL || unordered, false, unordered);
    vx_set_carries(&cpu->flags, order == VX_LESS || unordered, false, false);
}

#define COMPARISON(name, bits, signal_quiet)                                                       \
    void vx_do_##name(struct vx_cpu *cpu, const struct vx_uop *uop)                                \
    {                                                                                              \
        struct vx_float_env env = vx_sse_environment(cpu);                                         \
        uint##bits##_t y = vx_read_low##bits(cpu, uop);                                            \
        uint##bits##_t x = vx_get##bits(cpu->xmm[uop->reg].byte);                                  \
        enum vx_order order;                                                                       \
                                                                                                   \
        if (!vx_quick_order##bits(x, y, &order))                                                   \
            order = vx_f##bits##_compare(x, y, signal_quiet, &env);                                \
        set_order(cpu, uop, order, &env);                                                          \
    }
COMPARISON(UCOMISS, 32, false)
COMPARISON(UCOMISD, 64, false)
COMPARISON(COMISS, 32, true)
COMPARISON(COMISD, 64, true)

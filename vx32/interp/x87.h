/* SPDX-License-Identifier: MIT */
/* The x87 register stack and its exceptions, as the handlers of the x87 instructions see them. */
#ifndef VX32_INTERP_X87_H
#define VX32_INTERP_X87_H

#include "operand.h"

static inline unsigned vx_physical(const struct vx_cpu *cpu, unsigned i)
{
    return (cpu->x87.top + i) & 7;
}

static inline struct vx_f80 *vx_st(struct vx_cpu *cpu, unsigned i)
{
    return &cpu->x87.physical[vx_physical(cpu, i)];
}

static inline bool vx_is_empty(const struct vx_cpu *cpu, unsigned i)
{
    return cpu->x87.empty >> vx_physical(cpu, i) & 1;
}

/* Writes ST(i), which becomes valid. */
static inline void vx_set_st(struct vx_cpu *cpu, unsigned i, struct vx_f80 value)
{
    *vx_st(cpu, i) = value;
    cpu->x87.empty &= (uint8_t) ~(1u << vx_physical(cpu, i));
}

static inline void vx_pop_st(struct vx_cpu *cpu)
{
    cpu->x87.empty |= (uint8_t)(1u << cpu->x87.top);
    cpu->x87.top = (cpu->x87.top + 1) & 7;
}

static inline void vx_push_st(struct vx_cpu *cpu, struct vx_f80 value)
{
    cpu->x87.top = (cpu->x87.top - 1) & 7;
    vx_set_st(cpu, 0, value);
}

static inline void vx_set_conditions(struct vx_cpu *cpu, unsigned mask, unsigned conditions)
{
    cpu->x87.status = (uint16_t)((cpu->x87.status & ~mask) | conditions);
}

/*
 * What every waiting instruction begins with: a pending unmasked exception becomes #MF. Returns
 * the environment of the control word.
 */
struct vx_float_env vx_x87_begin(struct vx_cpu *cpu, const struct vx_uop *uop);

/*
 * Records the exceptions and C1. False if the result must not be written: an exception that is
 * found before rounding is unmasked.
 */
bool vx_x87_record(struct vx_cpu *cpu, const struct vx_float_env *env);

/* Whether a result may be written to memory: unmasked overflow and underflow suppress it as well.
 */
bool vx_x87_may_store(const struct vx_float_env *env);

/* A stack fault. True if it is masked: then the indefinite takes the place of the result. */
bool vx_x87_underflow(struct vx_cpu *cpu);
bool vx_x87_overflow(struct vx_cpu *cpu);

/* Loads control, status with the top of stack, and which physical registers are empty. */
void vx_x87_restore(struct vx_cpu *cpu, uint16_t control, uint16_t status, uint8_t empty);

#endif

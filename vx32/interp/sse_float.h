/* SPDX-License-Identifier: MIT */
/* How SSE instructions see MXCSR: the environment of an operation, and what becomes of its flags.
 */
#ifndef VX32_INTERP_SSE_FLOAT_H
#define VX32_INTERP_SSE_FLOAT_H

#include "vector.h"

static inline struct vx_float_env vx_sse_environment(const struct vx_cpu *cpu)
{
    return (struct vx_float_env){
        .rounding = cpu->mxcsr >> 13 & 3,
        .flush_to_zero = cpu->mxcsr >> 15 & 1,
        .denormals_are_zero = cpu->mxcsr >> 6 & 1,
        .masks = cpu->mxcsr >> 7 & VX_FE_ALL,
    };
}

/*
 * Adds the exceptions to MXCSR; an unmasked one becomes #XM before anything is written. One that
 * is found before computing hides those found after it (SDM volume 1, 11.5.3).
 */
static inline void vx_sse_record(struct vx_cpu *cpu, const struct vx_uop *uop,
                                 const struct vx_float_env *env)
{
    unsigned unmasked = env->flags & ~env->masks & VX_FE_ALL;

    if (!env->flags)
        return;
    cpu->mxcsr |= unmasked & VX_FE_BEFORE ? env->flags & VX_FE_BEFORE : env->flags;
    if (unmasked)
        vx_raise(cpu, uop, VX32_TRAP_SIMD);
}

/* The lowest lane of the second operand, an XMM register or as many bytes of memory. */
#define VX_READ_LOW(bits, place)                                                                   \
    static inline uint##bits##_t vx_read_low##bits(struct vx_cpu *cpu, const struct vx_uop *uop)   \
    {                                                                                              \
        vx32_addr addr;                                                                            \
                                                                                                   \
        if (vx_place_of(uop, 1) == VX_PLACE_RM)                                                    \
            return vx_get##bits(cpu->xmm[uop->rm].byte);                                           \
        if (vx_place_of(uop, 1) != place)                                                          \
            return vx_get##bits(vx_read_vector(cpu, uop, 1).byte);                                 \
        addr = vx_plain_addr(cpu, uop);                                                            \
        vx_check(cpu, uop, addr, bits / 8, VX32_ACCESS_READ);                                      \
        return vx_get##bits(vx_host(cpu, addr));                                                   \
    }
VX_READ_LOW(32, VX_PLACE_MEMORY4)
VX_READ_LOW(64, VX_PLACE_MEMORY8)
#undef VX_READ_LOW

#endif

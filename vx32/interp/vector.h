/* SPDX-License-Identifier: MIT */
/* What handlers of vector instructions share: lanes, operands, and what MMX does to the x87 unit.
 */
#ifndef VX32_INTERP_VECTOR_H
#define VX32_INTERP_VECTOR_H

#include "x87.h"

/* Lane i of 1, 2, 4 or 8 bytes. */
static inline uint8_t vx_lane1(const struct vx_vector *v, unsigned i)
{
    return v->byte[i];
}

static inline uint16_t vx_lane2(const struct vx_vector *v, unsigned i)
{
    return vx_get16(v->byte + 2 * i);
}

static inline uint32_t vx_lane4(const struct vx_vector *v, unsigned i)
{
    return vx_get32(v->byte + 4 * i);
}

static inline uint64_t vx_lane8(const struct vx_vector *v, unsigned i)
{
    return vx_get64(v->byte + 8 * i);
}

static inline void vx_set_lane1(struct vx_vector *v, unsigned i, uint8_t value)
{
    v->byte[i] = value;
}

static inline void vx_set_lane2(struct vx_vector *v, unsigned i, uint16_t value)
{
    vx_put16(v->byte + 2 * i, value);
}

static inline void vx_set_lane4(struct vx_vector *v, unsigned i, uint32_t value)
{
    vx_put32(v->byte + 4 * i, value);
}

static inline void vx_set_lane8(struct vx_vector *v, unsigned i, uint64_t value)
{
    vx_put64(v->byte + 8 * i, value);
}

/* Whether the n-th operand is an MMX register, not memory in its place. */
static inline bool vx_is_mmx_register(const struct vx_uop *uop, unsigned n)
{
    unsigned kind = vx_operands[vx_operand_letter(uop, n)].kind;

    return kind == VX_KIND_MMX_REG || kind == VX_KIND_MMX_ONLY ||
           (kind == VX_KIND_MMX_RM && !vx_has_memory(uop));
}

/* Faults as the access to the memory operand will, if there is one. */
static inline void vx_check_memory(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    unsigned first = vx_operands[vx_operand_letter(uop, 0)].kind;
    bool writes = first != VX_KIND_MMX_REG && first != VX_KIND_XMM_REG && first != VX_KIND_REG;
    unsigned n = writes ? 0 : 1;
    vx32_addr addr;

    if (!vx_has_memory(uop))
        return;
    addr = vx_addr_of(cpu, uop);
    if (vx_operand_letter(uop, n) == VX_O_W && addr & 15)
        vx_raise(cpu, uop, VX32_TRAP_GENERAL_PROTECTION);
    vx_check(cpu, uop, addr, vx_nbytes_of(uop, n), writes ? VX32_ACCESS_WRITE : VX32_ACCESS_READ);
}

/*
 * What an instruction with an MMX register begins with; others do not touch the x87 unit. A
 * pending x87 exception comes before a page fault, and that before the x87 unit changes.
 */
static inline void vx_begin_vector(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    if (vx_place_of(uop, 0) == VX_PLACE_REG && vx_place_of(uop, 1) != VX_PLACE_OTHER)
        return;
    if (!vx_is_mmx_register(uop, 0) && !vx_is_mmx_register(uop, 1))
        return;
    vx_x87_begin(cpu, uop);
    vx_check_memory(cpu, uop);
    vx_begin_mmx(cpu, uop);
}

/* The n-th operand after the begin of the instruction. */
static inline struct vx_vector vx_read_source(struct vx_cpu *cpu, const struct vx_uop *uop,
                                              unsigned n)
{
    vx_begin_vector(cpu, uop);
    return vx_read_vector(cpu, uop, n);
}

struct vx_pair {
    struct vx_vector a, b;
};

/* The first operand, a vector register that the result replaces, and the second one. */
static inline struct vx_pair vx_read_pair(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    struct vx_pair pair;

    pair.b = vx_read_source(cpu, uop, 1);
    pair.a = vx_read_vector(cpu, uop, 0);
    return pair;
}

#endif

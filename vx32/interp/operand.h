/* SPDX-License-Identifier: MIT */
/* How handlers reach operands: addresses, checked memory accesses, registers, and faults. */
#ifndef VX32_INTERP_OPERAND_H
#define VX32_INTERP_OPERAND_H

#include "flags.h"
#include "uop.h"

#include <string.h>

/* ---- faults: never return ---- */

_Noreturn void vx_raise(struct vx_cpu *cpu, const struct vx_uop *uop, enum vx32_trap trap);

/* A page fault at the first byte of [addr, addr + nbytes) that does not allow the access. */
_Noreturn void vx_raise_page(struct vx_cpu *cpu, const struct vx_uop *uop, vx32_addr addr,
                             uint32_t nbytes, enum vx32_access access);

/*
 * Leaves in the middle of a long REP instruction, so that limits and interrupts get their turn:
 * registers tell how far it came, eip stays, and running on continues it.
 */
_Noreturn void vx_yield(struct vx_cpu *cpu, const struct vx_uop *uop);

/* What setjmp() returns in the engine's loop. */
enum vx_escape { VX_ESCAPE_FAULT = 1, VX_ESCAPE_YIELD = 2 };

/* ---- memory ---- */

static inline uint8_t *vx_host(const struct vx_cpu *cpu, vx32_addr addr)
{
    return cpu->memory + addr;
}

/* Checks one access of 1 to 4096 bytes. */
static inline void vx_check(struct vx_cpu *cpu, const struct vx_uop *uop, vx32_addr addr,
                            uint32_t nbytes, enum vx32_access access)
{
    if (__builtin_expect(!vx_pages_allow(cpu->permissions, addr, nbytes, access), 0))
        vx_raise_page(cpu, uop, addr, nbytes, access);
}

/* Numbers in guest memory are little endian whatever the host is. */
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define VX_LITTLE_ENDIAN(bits, value) (value)
#else
#define VX_LITTLE_ENDIAN(bits, value) __builtin_bswap##bits(value)
#endif
#define VX_NUMBER(bits)                                                                            \
    static inline uint##bits##_t vx_get##bits(const uint8_t *p)                                    \
    {                                                                                              \
        uint##bits##_t value;                                                                      \
                                                                                                   \
        memcpy(&value, p, sizeof value);                                                           \
        return VX_LITTLE_ENDIAN(bits, value);                                                      \
    }                                                                                              \
    static inline void vx_put##bits(uint8_t *p, uint##bits##_t value)                              \
    {                                                                                              \
        value = VX_LITTLE_ENDIAN(bits, value);                                                     \
        memcpy(p, &value, sizeof value);                                                           \
    }
VX_NUMBER(16)
VX_NUMBER(32)
VX_NUMBER(64)
#undef VX_NUMBER
#undef VX_LITTLE_ENDIAN

static inline uint32_t vx_load(struct vx_cpu *cpu, const struct vx_uop *uop, vx32_addr addr,
                               unsigned nbytes)
{
    const uint8_t *p = vx_host(cpu, addr);

    vx_check(cpu, uop, addr, nbytes, VX32_ACCESS_READ);
    return nbytes == 4 ? vx_get32(p) : nbytes == 2 ? vx_get16(p) : *p;
}

/* Loads what is going to be written: the one check is for writing. */
static inline uint32_t vx_load_to_modify(struct vx_cpu *cpu, const struct vx_uop *uop,
                                         vx32_addr addr, unsigned nbytes)
{
    const uint8_t *p = vx_host(cpu, addr);

    vx_check(cpu, uop, addr, nbytes, VX32_ACCESS_WRITE);
    return nbytes == 4 ? vx_get32(p) : nbytes == 2 ? vx_get16(p) : *p;
}

static inline void vx_store_checked(struct vx_cpu *cpu, vx32_addr addr, unsigned nbytes,
                                    uint32_t value)
{
    uint8_t *p = vx_host(cpu, addr);

    if (nbytes == 4)
        vx_put32(p, value);
    else if (nbytes == 2)
        vx_put16(p, (uint16_t)value);
    else
        *p = (uint8_t)value;
}

static inline void vx_store(struct vx_cpu *cpu, const struct vx_uop *uop, vx32_addr addr,
                            unsigned nbytes, uint32_t value)
{
    vx_check(cpu, uop, addr, nbytes, VX32_ACCESS_WRITE);
    vx_store_checked(cpu, addr, nbytes, value);
}

/* ---- addresses ---- */

/* base + index << shift + displacement, without prefixes. */
static inline vx32_addr vx_plain_addr(const struct vx_cpu *cpu, const struct vx_uop *uop)
{
    return cpu->general[uop->base] + (cpu->general[uop->index] << uop->shift) + uop->displacement;
}

/* The same without an index. */
static inline vx32_addr vx_base_addr(const struct vx_cpu *cpu, const struct vx_uop *uop)
{
    return cpu->general[uop->base] + uop->displacement;
}

/* 16-bit wrap-around and %gs applied to an offset. */
static inline vx32_addr vx_linear(struct vx_cpu *cpu, const struct vx_uop *uop, vx32_addr offset)
{
    if (uop->prefixes & VX_PREFIX_ADDRESS16)
        offset &= 0xffff;
    if (uop->prefixes & VX_PREFIX_GS) {
        if (!cpu->gs_valid)
            vx_raise(cpu, uop, VX32_TRAP_GENERAL_PROTECTION);
        offset += cpu->gs_base;
    }
    return offset;
}

/* The address of the memory operand. */
static inline vx32_addr vx_addr_of(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    return vx_linear(cpu, uop, vx_plain_addr(cpu, uop));
}

static inline bool vx_has_memory(const struct vx_uop *uop)
{
    return uop->prefixes & VX_UOP_MEMORY;
}

/* ---- general registers ---- */

static inline uint32_t vx_reg(const struct vx_cpu *cpu, unsigned number, unsigned nbytes)
{
    if (nbytes == 4)
        return cpu->general[number];
    if (nbytes == 2)
        return cpu->general[number] & 0xffff;
    return cpu->general[number & 3] >> (number & 4 ? 8 : 0) & 0xff; /* al cl dl bl ah ch dh bh */
}

static inline void vx_set_reg(struct vx_cpu *cpu, unsigned number, unsigned nbytes, uint32_t value)
{
    unsigned shift = number & 4 ? 8 : 0;

    if (nbytes == 4)
        cpu->general[number] = value;
    else if (nbytes == 2)
        cpu->general[number] = (cpu->general[number] & 0xffff0000) | (value & 0xffff);
    else
        cpu->general[number & 3] = (cpu->general[number & 3] & ~(0xffu << shift)) | (value & 0xff)
                                                                                        << shift;
}

/* ---- operands by letter (general instructions) ---- */

static inline unsigned vx_operand_letter(const struct vx_uop *uop, unsigned n)
{
    return vx_opcodes[uop->slot].operand[n];
}

static inline unsigned vx_nbytes_of(const struct vx_uop *uop, unsigned n)
{
    unsigned nbytes = vx_operands[vx_operand_letter(uop, n)].nbytes;

    return nbytes ? nbytes : uop->operand_nbytes;
}

/* Reads a general operand, zero-extended; memory through vx_load(). */
uint32_t vx_read_operand(struct vx_cpu *cpu, const struct vx_uop *uop, unsigned n);

/* The same for an operand that is going to be written: memory must be writable. */
uint32_t vx_modify_operand(struct vx_cpu *cpu, const struct vx_uop *uop, unsigned n);

void vx_write_operand(struct vx_cpu *cpu, const struct vx_uop *uop, unsigned n, uint32_t value);

/* ---- stack ---- */

static inline void vx_push(struct vx_cpu *cpu, const struct vx_uop *uop, uint32_t value,
                           unsigned nbytes)
{
    vx32_addr addr = cpu->general[VX32_ESP] - nbytes;

    vx_store(cpu, uop, addr, nbytes, value);
    cpu->general[VX32_ESP] = addr;
}

/* ---- vectors: XMM and MMX operands by value, bytes in memory order ---- */

struct vx_vector {
    uint8_t byte[16]; /* MMX and shorter memory operands: the rest is zero */
};

/* The rest of the two functions below: memory, MMX registers, and XMM registers once more. */
struct vx_vector vx_read_other_vector(struct vx_cpu *cpu, const struct vx_uop *uop, unsigned n);
void vx_write_other_vector(struct vx_cpu *cpu, const struct vx_uop *uop, unsigned n,
                           const struct vx_vector *value);

/*
 * Reads the n-th operand, an XMM or MMX register whole, or as many bytes of memory as its letter
 * says, after the checks: readable, and aligned to 16 where the letter asks for it, else #GP.
 */
static inline struct vx_vector vx_read_vector(struct vx_cpu *cpu, const struct vx_uop *uop,
                                              unsigned n)
{
    struct vx_vector value;

    switch (vx_place_of(uop, n)) {
    case VX_PLACE_REG: memcpy(value.byte, cpu->xmm[uop->reg].byte, 16); return value;
    case VX_PLACE_RM: memcpy(value.byte, cpu->xmm[uop->rm].byte, 16); return value;
    default: return vx_read_other_vector(cpu, uop, n);
    }
}

/* Writes a register whole, or as many bytes of memory as the letter says. */
static inline void vx_write_vector(struct vx_cpu *cpu, const struct vx_uop *uop, unsigned n,
                                   const struct vx_vector *value)
{
    switch (vx_place_of(uop, n)) {
    case VX_PLACE_REG: memcpy(cpu->xmm[uop->reg].byte, value->byte, 16); break;
    case VX_PLACE_RM: memcpy(cpu->xmm[uop->rm].byte, value->byte, 16); break;
    default: vx_write_other_vector(cpu, uop, n, value); break;
    }
}

/* 8 if the n-th operand is an MMX letter, 16 if it is an XMM letter. */
unsigned vx_vector_nbytes(const struct vx_uop *uop, unsigned n);

/*
 * What every MMX instruction does to the x87 unit before it works: a pending exception becomes
 * #MF; the top of stack becomes 0 and all registers valid (SDM volume 1, 9.5).
 */
void vx_begin_mmx(struct vx_cpu *cpu, const struct vx_uop *uop);

/* ---- memory in larger pieces ---- */

/* Copies between guest and host after the checks; nbytes up to 4096. */
void vx_load_bytes(struct vx_cpu *cpu, const struct vx_uop *uop, vx32_addr addr, void *destination,
                   uint32_t nbytes);
void vx_store_bytes(struct vx_cpu *cpu, const struct vx_uop *uop, vx32_addr addr,
                    const void *source, uint32_t nbytes);

#endif

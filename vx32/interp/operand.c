/* SPDX-License-Identifier: MIT */
/* Operands by their letters, and the way out of a handler when the guest faults. */
#include "operand.h"

/*
 * Every handler leaves through here, with nothing of its instruction done. The block was charged
 * as a whole when it was entered, so what was not executed goes back.
 */
static _Noreturn void leave(struct vx_cpu *cpu, const struct vx_uop *uop, enum vx_escape how)
{
    cpu->eip = uop->eip;
    cpu->slice += uop->left;
    longjmp(*cpu->escape, (int)how);
}

_Noreturn void vx_raise(struct vx_cpu *cpu, const struct vx_uop *uop, enum vx32_trap trap)
{
    cpu->fault = (struct vx_fault){.trap = trap};
    leave(cpu, uop, VX_ESCAPE_FAULT);
}

_Noreturn void vx_yield(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    leave(cpu, uop, VX_ESCAPE_YIELD);
}

_Noreturn void vx_raise_page(struct vx_cpu *cpu, const struct vx_uop *uop, vx32_addr addr,
                             uint32_t nbytes, enum vx32_access access)
{
    uint32_t good = (uint32_t)vx_mem_accessible(cpu->mem, addr, nbytes, access);

    cpu->fault = (struct vx_fault){VX32_TRAP_PAGE_FAULT, access, addr + good};
    leave(cpu, uop, VX_ESCAPE_FAULT);
}

void vx_load_bytes(struct vx_cpu *cpu, const struct vx_uop *uop, vx32_addr addr, void *destination,
                   uint32_t nbytes)
{
    vx_check(cpu, uop, addr, nbytes, VX32_ACCESS_READ);
    memcpy(destination, vx_host(cpu, addr), nbytes);
}

void vx_store_bytes(struct vx_cpu *cpu, const struct vx_uop *uop, vx32_addr addr,
                    const void *source, uint32_t nbytes)
{
    vx_check(cpu, uop, addr, nbytes, VX32_ACCESS_WRITE);
    memcpy(vx_host(cpu, addr), source, nbytes);
}

/* ---- general operands ---- */

/* The register that the letter means, when it means a general register. */
static unsigned register_number(const struct vx_uop *uop, unsigned kind)
{
    switch (kind) {
    case VX_KIND_RM:
    case VX_KIND_RM_WORD: return uop->rm;
    case VX_KIND_REG:
    case VX_KIND_OPCODE_REG: return uop->reg;
    case VX_KIND_COUNT: return VX32_ECX;
    default: return VX32_EAX;
    }
}

static bool is_memory(const struct vx_uop *uop, unsigned kind)
{
    return kind == VX_KIND_MEMORY || kind == VX_KIND_OFFSET ||
           (vx_has_memory(uop) && (kind == VX_KIND_RM || kind == VX_KIND_RM_WORD));
}

static uint32_t read_general(struct vx_cpu *cpu, const struct vx_uop *uop, unsigned n,
                             enum vx32_access access)
{
    unsigned kind = vx_operands[vx_operand_letter(uop, n)].kind;
    unsigned nbytes = vx_nbytes_of(uop, n);

    if (is_memory(uop, kind)) {
        vx32_addr addr = vx_addr_of(cpu, uop);

        vx_check(cpu, uop, addr, nbytes, access);
        return vx_load(cpu, uop, addr, nbytes);
    }
    switch (kind) {
    case VX_KIND_IMMEDIATE:
    case VX_KIND_IMMEDIATE_SIGNED:
    case VX_KIND_PREDICATE:
    case VX_KIND_ONE:
    case VX_KIND_RELATIVE: return uop->immediate & vx_mask(nbytes);
    default: return vx_reg(cpu, register_number(uop, kind), nbytes);
    }
}

uint32_t vx_read_operand(struct vx_cpu *cpu, const struct vx_uop *uop, unsigned n)
{
    return read_general(cpu, uop, n, VX32_ACCESS_READ);
}

uint32_t vx_modify_operand(struct vx_cpu *cpu, const struct vx_uop *uop, unsigned n)
{
    return read_general(cpu, uop, n, VX32_ACCESS_WRITE);
}

void vx_write_operand(struct vx_cpu *cpu, const struct vx_uop *uop, unsigned n, uint32_t value)
{
    unsigned kind = vx_operands[vx_operand_letter(uop, n)].kind;
    unsigned nbytes = vx_nbytes_of(uop, n);

    if (is_memory(uop, kind))
        vx_store(cpu, uop, vx_addr_of(cpu, uop), nbytes, value);
    else
        vx_set_reg(cpu, register_number(uop, kind), nbytes, value);
}

/* ---- vectors ---- */

static bool is_mmx_kind(unsigned kind)
{
    return kind == VX_KIND_MMX_REG || kind == VX_KIND_MMX_RM || kind == VX_KIND_MMX_ONLY;
}

static bool is_vector_memory(const struct vx_uop *uop, unsigned kind)
{
    return kind == VX_KIND_MEMORY ||
           (vx_has_memory(uop) && (kind == VX_KIND_MMX_RM || kind == VX_KIND_XMM_RM));
}

static unsigned vector_register(const struct vx_uop *uop, unsigned kind)
{
    return kind == VX_KIND_MMX_REG || kind == VX_KIND_XMM_REG ? uop->reg : uop->rm;
}

unsigned vx_vector_nbytes(const struct vx_uop *uop, unsigned n)
{
    return is_mmx_kind(vx_operands[vx_operand_letter(uop, n)].kind) ? 8 : 16;
}

/* W and M128 want an address that is a multiple of 16 (SDM volume 1, 10.4.1.1). */
static vx32_addr vector_addr(struct vx_cpu *cpu, const struct vx_uop *uop, unsigned n)
{
    unsigned letter = vx_operand_letter(uop, n);
    vx32_addr addr = vx_addr_of(cpu, uop);

    if ((letter == VX_O_W || letter == VX_O_M128) && addr & 15)
        vx_raise(cpu, uop, VX32_TRAP_GENERAL_PROTECTION);
    return addr;
}

/* An operand in memory without prefixes, by its place. */
static inline void read_memory(struct vx_cpu *cpu, const struct vx_uop *uop, unsigned place,
                               uint8_t *bytes)
{
    vx32_addr addr = vx_plain_addr(cpu, uop);
    const uint8_t *p = vx_host(cpu, addr);

    if (place == VX_PLACE_ALIGNED16 && addr & 15)
        vx_raise(cpu, uop, VX32_TRAP_GENERAL_PROTECTION);
    vx_check(cpu, uop, addr, vx_place_nbytes(place), VX32_ACCESS_READ);
    if (place == VX_PLACE_MEMORY4)
        memcpy(bytes, p, 4);
    else if (place == VX_PLACE_MEMORY8)
        memcpy(bytes, p, 8);
    else
        memcpy(bytes, p, 16);
}

struct vx_vector vx_read_other_vector(struct vx_cpu *cpu, const struct vx_uop *uop, unsigned n)
{
    unsigned kind = vx_operands[vx_operand_letter(uop, n)].kind;
    unsigned place = vx_place_of(uop, n);
    struct vx_vector value = {{0}};

    if (place >= VX_PLACE_MEMORY4)
        read_memory(cpu, uop, place, value.byte);
    else if (is_vector_memory(uop, kind))
        vx_load_bytes(cpu, uop, vector_addr(cpu, uop, n), value.byte, vx_nbytes_of(uop, n));
    else if (is_mmx_kind(kind))
        vx_put64(value.byte, cpu->x87.physical[vector_register(uop, kind)].significand);
    else
        memcpy(value.byte, cpu->xmm[vector_register(uop, kind)].byte, 16);
    return value;
}

void vx_write_other_vector(struct vx_cpu *cpu, const struct vx_uop *uop, unsigned n,
                           const struct vx_vector *value)
{
    unsigned kind = vx_operands[vx_operand_letter(uop, n)].kind;

    if (is_vector_memory(uop, kind))
        vx_store_bytes(cpu, uop, vector_addr(cpu, uop, n), value->byte, vx_nbytes_of(uop, n));
    else if (is_mmx_kind(kind))
        cpu->x87.physical[vector_register(uop, kind)] =
            (struct vx_f80){vx_get64(value->byte), 0xffff};
    else
        memcpy(cpu->xmm[vector_register(uop, kind)].byte, value->byte, 16);
}

void vx_begin_mmx(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    if (cpu->x87.status & ~cpu->x87.control & VX_FE_ALL)
        vx_raise(cpu, uop, VX32_TRAP_X87);
    cpu->x87.top = 0;
    cpu->x87.empty = 0;
}

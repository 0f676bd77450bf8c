/* SPDX-License-Identifier: MIT */
/* Encodes x86-64 instructions: prefixes, REX, ModRM, SIB, displacement, immediate. */
#include "emit.h"

#include <string.h>

enum {
    PREFIX_GS = 0x65,
    PREFIX_OPERAND16 = 0x66,
    PREFIX_ADDRESS32 = 0x67,
    PREFIX_LOCK = 0xf0,
    REX = 0x40,
    REX_W = 8,
    REX_R = 4,
    REX_X = 2,
    REX_B = 1,
    RM_SIB = 4, /* ModRM.rm: a SIB byte follows */
    SIB_NO_INDEX = 4,
    SIB_NO_BASE = 5, /* with mod 0: a 32-bit displacement instead */
};

void vx_emit_bytes(struct vx_emitter *e, const uint8_t *bytes, unsigned nbytes)
{
    memcpy(e->at, bytes, nbytes);
    e->at += nbytes;
}

void vx_emit32(struct vx_emitter *e, uint32_t value)
{
    memcpy(e->at, &value, sizeof value);
    e->at += sizeof value;
}

void vx_emit64(struct vx_emitter *e, uint64_t value)
{
    memcpy(e->at, &value, sizeof value);
    e->at += sizeof value;
}

static bool has_memory(const struct vx_form *form)
{
    return form->rm_kind >= VX_RM_GUEST_MEMORY;
}

static bool extended(unsigned reg)
{
    return reg >= VX_R8 && reg < VX_NO_HOST_REGISTER;
}

static unsigned rex_of(const struct vx_form *form)
{
    unsigned rex = form->wide ? REX_W : 0;

    if (form->reg >= VX_R8)
        rex |= REX_R;
    if (!has_memory(form))
        return rex | (form->rm >= VX_R8 ? (unsigned)REX_B : 0);
    if (extended(form->index))
        rex |= REX_X;
    return rex | (extended(form->base) ? (unsigned)REX_B : 0);
}

/*
 * Guest addresses have 32 bits and wrap around. Near a register, which is never more, nothing lies
 * but the guards on both sides of guest memory: what does not wrap there faults, as it would where
 * it wraps to, and the prefix can be spared.
 */
static bool needs_address32(const struct vx_form *form)
{
    int32_t value = (int32_t)form->displacement;

    return form->base == VX_NO_HOST_REGISTER || form->index != VX_NO_HOST_REGISTER ||
           value != (int8_t)value;
}

static void emit_prefixes(struct vx_emitter *e, const struct vx_form *form)
{
    unsigned rex = rex_of(form);

    if (form->locked)
        vx_emit8(e, PREFIX_LOCK);
    if (form->rm_kind == VX_RM_GUEST_MEMORY) {
        if (e->embedded)
            vx_emit8(e, PREFIX_GS);
        if (needs_address32(form))
            vx_emit8(e, PREFIX_ADDRESS32);
    }
    if (form->operand16)
        vx_emit8(e, PREFIX_OPERAND16);
    if (form->mandatory)
        vx_emit8(e, form->mandatory);
    if (rex)
        vx_emit8(e, REX | rex);
}

static unsigned displacement_mode(const struct vx_form *form)
{
    int32_t value = (int32_t)form->displacement;

    if (value == 0 && (form->base & 7) != VX_RBP)
        return 0;
    return value == (int8_t)value ? 1 : 2;
}

static void emit_memory(struct vx_emitter *e, const struct vx_form *form)
{
    unsigned reg = (form->reg & 7u) << 3;
    bool based = form->base != VX_NO_HOST_REGISTER;
    bool indexed = form->index != VX_NO_HOST_REGISTER;
    unsigned mode = based ? displacement_mode(form) : 0;
    unsigned index = indexed ? form->index & 7u : SIB_NO_INDEX;
    unsigned base = based ? form->base & 7u : SIB_NO_BASE;

    if (based && !indexed && base != RM_SIB) {
        vx_emit8(e, mode << 6 | reg | base);
    } else {
        vx_emit8(e, mode << 6 | reg | RM_SIB);
        vx_emit8(e, (unsigned)form->shift << 6 | index << 3 | base);
    }
    if (mode == 1)
        vx_emit8(e, form->displacement);
    else if (mode == 2 || !based)
        vx_emit32(e, form->displacement);
}

static void emit_immediate(struct vx_emitter *e, const struct vx_form *form)
{
    for (unsigned i = 0; i < form->immediate_nbytes; i++)
        vx_emit8(e, form->immediate >> 8 * i);
}

void vx_emit(struct vx_emitter *e, const struct vx_form *form)
{
    emit_prefixes(e, form);
    if (form->escape)
        vx_emit8(e, form->escape);
    if (form->rm_kind == VX_RM_NONE) {
        vx_emit8(e, form->opcode | (form->rm & 7u));
    } else {
        vx_emit8(e, form->opcode);
        if (form->rm_kind == VX_RM_REGISTER)
            vx_emit8(e, 0xc0u | (form->reg & 7u) << 3 | (form->rm & 7u));
        else
            emit_memory(e, form);
    }
    emit_immediate(e, form);
}

/* ---- what the translator writes of its own ---- */

void vx_emit_constant(struct vx_emitter *e, enum vx_host_register reg, uint32_t value)
{
    vx_emit(e, &(struct vx_form){
                   .opcode = 0xb8, .rm = (uint8_t)reg, .immediate_nbytes = 4, .immediate = value});
}

static void emit_based(struct vx_emitter *e, unsigned opcode, enum vx_rm kind, unsigned reg,
                       enum vx_host_register base, int32_t displacement, bool wide)
{
    vx_emit(e, &(struct vx_form){.opcode = (uint8_t)opcode,
                                 .rm_kind = kind,
                                 .reg = (uint8_t)reg,
                                 .base = (uint8_t)base,
                                 .index = VX_NO_HOST_REGISTER,
                                 .displacement = (uint32_t)displacement,
                                 .wide = wide});
}

void vx_emit_lea(struct vx_emitter *e, enum vx_host_register destination,
                 enum vx_host_register base, int32_t displacement, bool wide)
{
    emit_based(e, 0x8d, VX_RM_ADDRESS, destination, base, displacement, wide);
}

void vx_emit_load(struct vx_emitter *e, enum vx_host_register reg, enum vx_host_register base,
                  int32_t displacement)
{
    emit_based(e, 0x8b, VX_RM_GUEST_MEMORY, reg, base, displacement, false);
}

void vx_emit_store(struct vx_emitter *e, enum vx_host_register base, int32_t displacement,
                   enum vx_host_register reg)
{
    emit_based(e, 0x89, VX_RM_GUEST_MEMORY, reg, base, displacement, false);
}

void vx_emit_store_constant(struct vx_emitter *e, enum vx_host_register base, int32_t displacement,
                            uint32_t value)
{
    emit_based(e, 0xc7, VX_RM_GUEST_MEMORY, 0, base, displacement, false);
    vx_emit32(e, value);
}

void vx_emit_jump_gate(struct vx_emitter *e, int displacement)
{
    emit_based(e, 0xff, VX_RM_HOST_MEMORY, 4, VX_HOST_GATE, displacement, false);
}

void vx_emit_call_gate(struct vx_emitter *e, int displacement)
{
    emit_based(e, 0xff, VX_RM_HOST_MEMORY, 2, VX_HOST_GATE, displacement, false);
}

static void emit_table(struct vx_emitter *e, unsigned reg, enum vx_host_register table,
                       enum vx_host_register target)
{
    vx_emit(e, &(struct vx_form){.opcode = 0xff,
                                 .rm_kind = VX_RM_HOST_MEMORY,
                                 .reg = (uint8_t)reg,
                                 .base = (uint8_t)table,
                                 .index = (uint8_t)target,
                                 .shift = 3});
}

void vx_emit_jump_table(struct vx_emitter *e)
{
    emit_table(e, 4, VX_HOST_JUMPS, VX_R8);
}

void vx_emit_call_table(struct vx_emitter *e)
{
    emit_table(e, 2, VX_HOST_CALLS, VX_R10);
}

void vx_emit_poll(struct vx_emitter *e)
{
    emit_based(e, 0x8b, VX_RM_HOST_MEMORY, VX_R9, VX_HOST_GATE, 0, false);
}

void vx_emit_check(struct vx_emitter *e)
{
    vx_emit(e, &(struct vx_form){.opcode = 0x8b,
                                 .rm_kind = VX_RM_HOST_MEMORY,
                                 .reg = VX_R9,
                                 .base = VX_HOST_GATE,
                                 .index = VX_R9,
                                 .shift = 3,
                                 .displacement = VX_CHECK_OFFSET});
}

void vx_emit_padding(struct vx_emitter *e, unsigned nbytes)
{
    static const uint8_t longest[] = {0x66, 0x0f, 0x1f, 0x84, 0, 0, 0, 0, 0};
    static const uint8_t four[] = {0x0f, 0x1f, 0x40, 0};

    for (; nbytes >= sizeof longest; nbytes -= (unsigned)sizeof longest)
        vx_emit_bytes(e, longest, sizeof longest);
    for (; nbytes >= sizeof four; nbytes -= (unsigned)sizeof four)
        vx_emit_bytes(e, four, sizeof four);
    if (nbytes == 3)
        vx_emit_bytes(e, (const uint8_t[]){0x0f, 0x1f, 0}, 3);
    if (nbytes == 2)
        vx_emit8(e, PREFIX_OPERAND16);
    if (nbytes == 1 || nbytes == 2)
        vx_emit8(e, 0x90);
}

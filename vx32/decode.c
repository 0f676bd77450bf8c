/* SPDX-License-Identifier: MIT */
/* From bytes to a decoded instruction: prefixes, table look-up, ModRM, SIB and immediates. */
#include "cpu.h"
#include "insn.h"

/*
 * The order follows the manual's picture of an instruction (SDM volume 2, 2.1). Every step either
 * goes on or gives the final answer; nothing here looks at the processor's state.
 */
struct cursor {
    const uint8_t *bytes;
    size_t nbytes;
    size_t position;
    enum vx_decode_result result; /* VX_DECODE_OK until a step failed */
    /* prefixes as they were met */
    bool operand16, address16, lock, gs, hint, other_segment;
    uint8_t repeat; /* the last of F2h and F3h, or 0 */
    uint8_t opcode; /* the last opcode byte */
    bool two_bytes; /* behind 0Fh */
    bool mandatory; /* the row was found through its prefix, which has no further effect */
    uint8_t modrm;
    struct vx_insn *insn;
};

static bool fail(struct cursor *c, enum vx_decode_result result)
{
    if (c->result == VX_DECODE_OK)
        c->result = result;
    return false;
}

static bool take(struct cursor *c, uint8_t *byte)
{
    if (c->position == VX_INSN_MAX_NBYTES)
        return fail(c, VX_DECODE_TOO_LONG);
    if (c->position == c->nbytes)
        return fail(c, VX_DECODE_TRUNCATED);
    *byte = c->bytes[c->position++];
    return true;
}

/* A little-endian number of 1, 2 or 4 bytes; sign-extended to 32 bits if `is_signed`. */
static bool take_number(struct cursor *c, unsigned nbytes, bool is_signed, uint32_t *number)
{
    uint32_t value = 0;
    uint8_t byte = 0;

    for (unsigned i = 0; i < nbytes; i++) {
        if (!take(c, &byte))
            return false;
        value |= (uint32_t)byte << 8 * i;
    }
    if (is_signed && nbytes < 4 && byte & 0x80)
        value |= UINT32_MAX << 8 * nbytes;
    *number = value;
    return true;
}

/* True if the byte was a prefix. */
static bool note_prefix(struct cursor *c, uint8_t byte)
{
    switch (byte) {
    case 0x66: c->operand16 = true; return true;
    case 0x67: c->address16 = true; return true;
    case 0xf0: c->lock = true; return true;
    case 0xf2:
    case 0xf3: c->repeat = byte; return true;
    case 0x65: c->gs = true; return true;
    case 0x2e:
    case 0x3e: c->hint = true; return true;
    case 0x26:
    case 0x36:
    case 0x64: c->other_segment = true; return true;
    default: return false;
    }
}

static bool take_prefixes(struct cursor *c, uint8_t *opcode)
{
    do {
        if (!take(c, opcode))
            return false;
    } while (note_prefix(c, *opcode));
    return true;
}

static bool is_row(unsigned slot)
{
    return vx_opcodes[slot].operation != VX_OP_REJECT;
}

/* Behind 0Fh a prefix may be part of the opcode; F2h and F3h go before 66h. */
static unsigned two_byte_slot(struct cursor *c)
{
    unsigned slot = c->repeat == 0xf3 ? VX_SLOT_F3 : c->repeat == 0xf2 ? VX_SLOT_F2 : VX_SLOT_66;

    if ((c->repeat || c->operand16) && is_row(slot + c->opcode)) {
        c->mandatory = true;
        return slot + c->opcode;
    }
    return VX_SLOT_0F + c->opcode;
}

static bool take_opcode(struct cursor *c, unsigned *slot)
{
    if (!take_prefixes(c, &c->opcode))
        return false;
    if (c->opcode == 0x90 && c->repeat == 0xf3) {
        *slot = VX_SLOT_F3NOP;
        return true;
    }
    if (c->opcode != 0x0f) {
        *slot = VX_SLOT_ONE + c->opcode;
        return true;
    }
    c->two_bytes = true;
    if (!take(c, &c->opcode))
        return false;
    *slot = two_byte_slot(c);
    return true;
}

/* An escape D8h to DFh: ModRM tells the row. */
static unsigned x87_slot(const struct cursor *c)
{
    unsigned escape = c->opcode & 7u;
    unsigned reg = c->modrm >> 3 & 7u;
    unsigned exact = VX_SLOT_X87_EXACT + escape * 64 + (c->modrm & 63u);

    if (c->modrm < 0xc0)
        return VX_SLOT_X87_MEMORY + escape * 8 + reg;
    return is_row(exact) ? exact : VX_SLOT_X87_STI + escape * 8 + reg;
}

static bool find_row(struct cursor *c, unsigned *slot)
{
    bool is_x87 = !c->two_bytes && *slot < VX_SLOT_0F && (c->opcode & 0xf8) == 0xd8;

    if (is_x87 || vx_opcodes[*slot].operation == VX_OP_IN_GROUP) {
        if (!take(c, &c->modrm))
            return false;
        *slot = is_x87 ? x87_slot(c)
                       : VX_SLOT_GROUP + vx_opcodes[*slot].group * 16u +
                             (c->modrm >= 0xc0 ? 8u : 0u) + (c->modrm >> 3 & 7u);
    }
    return is_row(*slot) || fail(c, VX_DECODE_REJECT);
}

static bool has_modrm_byte(unsigned slot)
{
    for (int i = 0; i < 3; i++)
        switch (vx_operands[vx_opcodes[slot].operand[i]].kind) {
        case VX_KIND_RM:
        case VX_KIND_RM_WORD:
        case VX_KIND_REG:
        case VX_KIND_MEMORY:
        case VX_KIND_MMX_REG:
        case VX_KIND_MMX_RM:
        case VX_KIND_MMX_ONLY:
        case VX_KIND_XMM_REG:
        case VX_KIND_XMM_RM:
        case VX_KIND_XMM_ONLY: return true;
        default: break;
        }
    return false;
}

/* 16-bit address forms (SDM volume 2, table 2-1). */
static bool take_address16(struct cursor *c)
{
    static const uint8_t base[8] = {VX32_EBX, VX32_EBX, VX32_EBP, VX32_EBP,
                                    VX32_ESI, VX32_EDI, VX32_EBP, VX32_EBX};
    static const uint8_t index[4] = {VX32_ESI, VX32_EDI, VX32_ESI, VX32_EDI};
    unsigned mod = c->modrm >> 6, rm = c->modrm & 7u;

    c->insn->prefixes |= VX_PREFIX_ADDRESS16;
    if (mod == 0 && rm == 6)
        return take_number(c, 2, false, &c->insn->displacement);
    c->insn->base = base[rm];
    if (rm < 4)
        c->insn->index = index[rm];
    return mod == 0 || take_number(c, mod, true, &c->insn->displacement);
}

static bool take_sib(struct cursor *c, unsigned mod)
{
    struct vx_insn *insn = c->insn;
    uint8_t sib;

    if (!take(c, &sib))
        return false;
    insn->shift = sib >> 6;
    if ((sib >> 3 & 7) != VX32_ESP)
        insn->index = sib >> 3 & 7;
    if ((sib & 7) == VX32_EBP && mod == 0)
        return take_number(c, 4, false, &insn->displacement);
    insn->base = sib & 7;
    return true;
}

static bool take_address(struct cursor *c)
{
    unsigned mod = c->modrm >> 6, rm = c->modrm & 7u;

    c->insn->has_memory = true;
    if (c->address16)
        return take_address16(c);
    if (rm == VX32_ESP) {
        if (!take_sib(c, mod))
            return false;
    } else if (mod == 0 && rm == VX32_EBP) {
        return take_number(c, 4, false, &c->insn->displacement);
    } else {
        c->insn->base = (uint8_t)rm;
    }
    return mod == 0 || take_number(c, mod == 1 ? 1 : 4, true, &c->insn->displacement);
}

/* Whether the operand letter allows what ModRM says: a register, or memory. */
static bool operand_fits(const struct cursor *c, unsigned kind)
{
    bool is_register = c->modrm >= 0xc0;

    switch (kind) {
    case VX_KIND_MEMORY: return !is_register;
    case VX_KIND_MMX_ONLY:
    case VX_KIND_XMM_ONLY: return is_register;
    case VX_KIND_FIXED_RM3: return (c->modrm & 7) == 3;
    default: return true;
    }
}

static bool take_modrm(struct cursor *c, unsigned slot, bool have_modrm)
{
    bool is_x87 = slot >= VX_SLOT_X87_MEMORY;

    if (!have_modrm && !has_modrm_byte(slot))
        return true;
    if (!have_modrm && !take(c, &c->modrm))
        return false;
    for (int i = 0; i < 3; i++)
        if (!operand_fits(c, vx_operands[vx_opcodes[slot].operand[i]].kind))
            return fail(c, VX_DECODE_REJECT);
    c->insn->reg = c->modrm >> 3 & 7;
    c->insn->rm = c->modrm & 7;
    if (c->modrm >= 0xc0 || (is_x87 && slot >= VX_SLOT_X87_STI))
        return true;
    return take_address(c);
}

static bool take_relative(struct cursor *c, unsigned nbytes)
{
    uint32_t offset;

    if (!take_number(c, nbytes, true, &offset))
        return false;
    c->insn->immediate = c->insn->addr + (uint32_t)c->position + offset;
    return true;
}

static bool take_offset(struct cursor *c)
{
    c->insn->has_memory = true;
    return take_number(c, c->address16 ? 2 : 4, false, &c->insn->displacement);
}

static bool take_predicate(struct cursor *c)
{
    return take_number(c, 1, false, &c->insn->immediate) &&
           (c->insn->immediate < 8 || fail(c, VX_DECODE_REJECT));
}

/* What the operand letter adds behind ModRM. */
static bool take_operand(struct cursor *c, unsigned n)
{
    struct vx_insn *insn = c->insn;
    uint32_t *immediate =
        insn->operation == VX_OP_ENTER && n == 1 ? &insn->immediate2 : &insn->immediate;

    switch (vx_operand_kind(insn, n)) {
    case VX_KIND_OPCODE_REG: insn->reg = c->opcode & 7; return true;
    case VX_KIND_IMMEDIATE: return take_number(c, vx_operand_nbytes(insn, n), false, immediate);
    case VX_KIND_IMMEDIATE_SIGNED: return take_number(c, 1, true, immediate);
    case VX_KIND_PREDICATE: return take_predicate(c);
    case VX_KIND_ONE: *immediate = 1; return true;
    case VX_KIND_RELATIVE: return take_relative(c, vx_operand_nbytes(insn, n));
    case VX_KIND_OFFSET: return take_offset(c);
    default: return true;
    }
}

static bool is_memory_destination(const struct vx_insn *insn)
{
    unsigned kind = vx_operand_kind(insn, 0);

    return insn->has_memory && (kind == VX_KIND_RM || kind == VX_KIND_MEMORY);
}

static bool apply_repeat(struct cursor *c, unsigned allowed)
{
    if (!c->repeat || c->mandatory)
        return true;
    if (c->repeat == 0xf3 && allowed & VX_ROW_F3_REPEATS)
        c->insn->prefixes |= VX_PREFIX_REPE;
    else if (c->repeat == 0xf2 && allowed & VX_ROW_F2_REPEATS)
        c->insn->prefixes |= VX_PREFIX_REPNE;
    else
        return c->repeat == 0xf3 && allowed & VX_ROW_F3_IGNORED;
    return true;
}

static bool apply_segments(struct cursor *c, unsigned allowed)
{
    if (c->other_segment || (c->hint && !(allowed & VX_ROW_HINT_IGNORED)))
        return false;
    if (c->gs && (!c->insn->has_memory || c->hint || c->insn->operation == VX_OP_LEA))
        return false;
    if (c->gs)
        c->insn->prefixes |= VX_PREFIX_GS;
    return true;
}

/* A vector instruction that has no row behind 66h does not take it as an operand size either. */
static bool operand_size_fits(const struct cursor *c, unsigned slot)
{
    const struct vx_opcode *row = &vx_opcodes[slot];

    if (!c->operand16 || c->mandatory)
        return true;
    return !(row->prefixes & VX_ROW_NO66) && row->since < VX_MMX;
}

static bool apply_prefixes(struct cursor *c, unsigned slot)
{
    unsigned allowed = vx_opcodes[slot].prefixes;

    if (!apply_repeat(c, allowed) || !apply_segments(c, allowed) || !operand_size_fits(c, slot))
        return fail(c, VX_DECODE_REJECT);
    if (c->lock && (!(allowed & VX_ROW_LOCK) || !is_memory_destination(c->insn)))
        return fail(c, VX_DECODE_REJECT);
    if (c->lock)
        c->insn->prefixes |= VX_PREFIX_LOCK;
    if (c->address16)
        c->insn->prefixes |= VX_PREFIX_ADDRESS16;
    return true;
}

static bool decode_steps(struct cursor *c)
{
    struct vx_insn *insn = c->insn;
    unsigned first, slot;

    if (!take_opcode(c, &first))
        return false;
    slot = first;
    if (!find_row(c, &slot))
        return false;
    insn->slot = (uint16_t)slot;
    insn->operation = vx_opcodes[slot].operation;
    insn->operand_nbytes = c->operand16 && !c->mandatory ? 2 : 4;
    insn->condition = c->opcode & 15;
    if (!take_modrm(c, slot, slot != first))
        return false;
    for (unsigned n = 0; n < 3; n++)
        if (!take_operand(c, n))
            return false;
    return apply_prefixes(c, slot);
}

enum vx_decode_result vx_decode(const uint8_t *bytes, size_t nbytes, vx32_addr addr,
                                struct vx_insn *insn)
{
    struct cursor c = {.bytes = bytes, .nbytes = nbytes, .insn = insn};

    *insn = (struct vx_insn){.base = VX_NO_REGISTER, .index = VX_NO_REGISTER, .addr = addr};
    decode_steps(&c);
    insn->nbytes = (uint8_t)c.position;
    return c.result;
}

unsigned vx_condition_flags(unsigned condition)
{
    static const uint16_t flags[8] = {
        VX_FL_O, VX_FL_C, VX_FL_Z,           VX_FL_ZC,
        VX_FL_S, VX_FL_P, VX_FL_S | VX_FL_O, VX_FL_S | VX_FL_O | VX_FL_Z,
    };

    return flags[condition >> 1 & 7];
}

/* SPDX-License-Identifier: MIT */
/* Writes the instructions that do not branch: in their own encoding, or as a call of C. */
#include "translator.h"

#include "interp/block.h"

/* How the host does an operation. Zero: it does not, and the interpreter's operation is called. */
enum lowering { LOWER_BY_OPERATION, LOWER_NATIVE };

static const uint8_t lowerings[VX_OP_COUNT] = {
#define LOWER(name) [VX_OP_##name] = LOWER_NATIVE,
#include "lowering.def"
#undef LOWER
};

enum { ESCAPE = 0x0f };

/* ---- what an instruction's operands ask for ---- */

static bool is_mmx(unsigned kind)
{
    return kind == VX_KIND_MMX_REG || kind == VX_KIND_MMX_RM || kind == VX_KIND_MMX_ONLY;
}

static bool any_mmx(const struct vx_insn *insn)
{
    return is_mmx(vx_operand_kind(insn, 0)) || is_mmx(vx_operand_kind(insn, 1)) ||
           is_mmx(vx_operand_kind(insn, 2));
}

/* The general register that the operand is, or VX_NO_REGISTER. */
static unsigned general_register(const struct vx_insn *insn, unsigned n)
{
    switch (vx_operand_kind(insn, n)) {
    case VX_KIND_RM:
    case VX_KIND_RM_WORD: return insn->has_memory ? (unsigned)VX_NO_REGISTER : insn->rm;
    case VX_KIND_REG:
    case VX_KIND_OPCODE_REG: return insn->reg;
    default: return VX_NO_REGISTER;
    }
}

static bool is_esp(const struct vx_insn *insn, unsigned n)
{
    return general_register(insn, n) == VX32_ESP && vx_operand_nbytes(insn, n) != 1;
}

static bool is_high_byte(const struct vx_insn *insn, unsigned n)
{
    unsigned reg = general_register(insn, n);

    return reg != VX_NO_REGISTER && reg >= 4 && vx_operand_nbytes(insn, n) == 1;
}

static bool any_esp(const struct vx_insn *insn)
{
    return is_esp(insn, 0) || is_esp(insn, 1) || is_esp(insn, 2);
}

/* AH, CH, DH and BH cannot be named by an instruction with a REX prefix, which r14 needs. */
static bool high_byte_with_rex(const struct vx_insn *insn)
{
    return (is_high_byte(insn, 0) || is_high_byte(insn, 1)) &&
           (any_esp(insn) || (insn->has_memory && insn->base == VX32_ESP));
}

/* Their address is not the operand's alone: bits far from it are reached. */
static bool is_far_bit(const struct vx_insn *insn)
{
    switch (insn->operation) {
    case VX_OP_BT:
    case VX_OP_BTS:
    case VX_OP_BTR:
    case VX_OP_BTC: return insn->has_memory && vx_operand_kind(insn, 1) == VX_KIND_REG;
    default: return false;
    }
}

bool vx_plain_memory(const struct vx_insn *insn)
{
    return (insn->prefixes & (VX_PREFIX_GS | VX_PREFIX_ADDRESS16)) == 0;
}

static bool is_native(const struct vx_insn *insn)
{
    return lowerings[insn->operation] == LOWER_NATIVE && vx_plain_memory(insn) && !any_mmx(insn) &&
           !high_byte_with_rex(insn) && !is_far_bit(insn);
}

/* ---- the native form ---- */

void vx_set_memory(const struct vx_unit *unit, const struct vx_insn *insn, struct vx_form *form)
{
    form->rm_kind = VX_RM_GUEST_MEMORY;
    form->base = (uint8_t)vx_host_of(insn->base);
    form->index = (uint8_t)vx_host_of(insn->index);
    form->shift = insn->shift;
    form->displacement = insn->displacement;
    if (insn->base == VX32_ESP)
        form->displacement += (uint32_t)unit->delta;
}

/* Opcode bytes of a row that is no group's. 82h, a twin of 80h, is gone in 64-bit mode. */
static void set_opcode(struct vx_form *form, unsigned slot)
{
    form->opcode = (uint8_t)(slot == 0x82 ? 0x80 : slot);
    form->escape = slot >= VX_SLOT_0F ? ESCAPE : 0;
    if (slot >= VX_SLOT_F2)
        form->mandatory = 0xf2;
    else if (slot >= VX_SLOT_F3)
        form->mandatory = 0xf3;
    else if (slot >= VX_SLOT_66)
        form->mandatory = 0x66;
}

static void set_rm(const struct vx_unit *unit, const struct vx_insn *insn, struct vx_form *form,
                   bool general)
{
    if (insn->has_memory) {
        vx_set_memory(unit, insn, form);
        return;
    }
    form->rm_kind = VX_RM_REGISTER;
    form->rm = (uint8_t)(general ? vx_host_of(insn->rm) : insn->rm);
}

/* A register in the opcode; inc and dec in one byte are REX prefixes here. */
static void set_opcode_register(const struct vx_insn *insn, struct vx_form *form, bool byte)
{
    form->rm = (uint8_t)(byte ? insn->reg : vx_host_of(insn->reg));
    if (insn->operation == VX_OP_INC || insn->operation == VX_OP_DEC) {
        form->opcode = 0xff;
        form->rm_kind = VX_RM_REGISTER;
        form->reg = insn->operation == VX_OP_DEC;
    } else {
        form->opcode &= 0xf8;
    }
}

/* mov between the accumulator and an address: its short form has 64 bits of address here. */
static void set_offset(const struct vx_unit *unit, const struct vx_insn *insn, struct vx_form *form)
{
    static const uint8_t opcodes[] = {0x8a, 0x8b, 0x88, 0x89};

    form->opcode = opcodes[form->opcode & 3];
    form->reg = VX_RAX;
    vx_set_memory(unit, insn, form);
}

static void set_operand(const struct vx_unit *unit, const struct vx_insn *insn, unsigned n,
                        struct vx_form *form)
{
    unsigned nbytes = vx_operand_nbytes(insn, n);

    switch (vx_operand_kind(insn, n)) {
    case VX_KIND_RM: set_rm(unit, insn, form, nbytes != 1); break;
    case VX_KIND_RM_WORD: set_rm(unit, insn, form, true); break;
    case VX_KIND_XMM_RM:
    case VX_KIND_XMM_ONLY:
    case VX_KIND_MEMORY: set_rm(unit, insn, form, false); break;
    case VX_KIND_REG: form->reg = (uint8_t)(nbytes == 1 ? insn->reg : vx_host_of(insn->reg)); break;
    case VX_KIND_XMM_REG: form->reg = insn->reg; break;
    case VX_KIND_OPCODE_REG: set_opcode_register(insn, form, nbytes == 1); break;
    case VX_KIND_OFFSET: set_offset(unit, insn, form); break;
    case VX_KIND_IMMEDIATE: form->immediate_nbytes = (uint8_t)nbytes; break;
    case VX_KIND_IMMEDIATE_SIGNED:
    case VX_KIND_PREDICATE: form->immediate_nbytes = 1; break;
    default: break;
    }
}

/* Whether 66h would change what the instruction does. */
static bool has_operand_size(const struct vx_insn *insn)
{
    const uint8_t *letters = vx_opcodes[insn->slot].operand;

    if (insn->operation == VX_OP_CBW || insn->operation == VX_OP_CWD)
        return true;
    for (unsigned n = 0; n < 3; n++) {
        if (letters[n] != VX_O_NONE && vx_operands[letters[n]].nbytes == 0)
            return true;
    }
    return false;
}

static void lower_native(struct vx_unit *unit, const struct vx_insn *insn)
{
    unsigned slot = insn->slot;
    struct vx_form form = {.immediate = insn->immediate,
                           .locked = insn->prefixes & VX_PREFIX_LOCK,
                           .operand16 = insn->operand_nbytes == 2 && has_operand_size(insn)};

    if (slot >= VX_SLOT_GROUP) {
        form.reg = (slot - VX_SLOT_GROUP) & 7;
        form.rm_kind = VX_RM_REGISTER;
        form.rm = insn->rm;
        slot = unit->translator->group_slots[(slot - VX_SLOT_GROUP) / 16];
    }
    set_opcode(&form, slot);
    for (unsigned n = 0; n < 3; n++)
        set_operand(unit, insn, n, &form);
    if (insn->operation == VX_OP_LEA)
        form.rm_kind = VX_RM_ADDRESS;
    vx_emit(&unit->e, &form);
}

/* ---- strings ---- */

/*
 * Where guest addresses are host addresses and nothing is counted, the host does the repeating. A
 * fault leaves the registers as far as it came.
 */
static bool is_native_string(const struct vx_unit *unit, const struct vx_insn *insn)
{
    return vx_operations[insn->operation].class == VX_CLASS_STRING && vx_plain_memory(insn) &&
           !unit->translator->embedded && !unit->translator->counted;
}

static void lower_string(struct vx_unit *unit, const struct vx_insn *insn)
{
    vx_emit8(&unit->e, 0x67);
    if (insn->operand_nbytes == 2 && (insn->slot & 1))
        vx_emit8(&unit->e, 0x66);
    if (insn->prefixes & (VX_PREFIX_REPE | VX_PREFIX_REPNE))
        vx_emit8(&unit->e, insn->prefixes & VX_PREFIX_REPE ? 0xf3 : 0xf2);
    vx_emit8(&unit->e, insn->slot);
}

/* ---- the interpreter's operation ---- */

static uint64_t uop_for(struct vx_unit *unit, unsigned index)
{
    struct vx_translator *translator = unit->translator;
    struct vx_uop *uop;

    if (unit->wanted != NULL)
        return 0;
    uop = &translator->uops[translator->uop_count++];
    vx_uop_set(uop, &unit->insns[index]);
    uop->left = (uint8_t)(translator->counted ? unit->charged - index : 1);
    return (uint64_t)(uintptr_t)uop;
}

void vx_lower_by_operation(struct vx_unit *unit, unsigned index)
{
    vx_unit_settle_esp(unit);
    vx_unit_mark(unit, index, 0);
    vx_emit8(&unit->e, 0x49); /* mov r8, imm64 */
    vx_emit8(&unit->e, 0xb8);
    vx_emit64(&unit->e, uop_for(unit, index));
    vx_emit_call_gate(&unit->e, VX_GATE_CALL_OPERATION);
}

static bool does_nothing(const struct vx_insn *insn)
{
    return insn->operation == VX_OP_NOP || insn->operation == VX_OP_PAUSE ||
           insn->operation == VX_OP_ENDBR;
}

void vx_lower(struct vx_unit *unit, unsigned index)
{
    const struct vx_insn *insn = &unit->insns[index];

    if (does_nothing(insn) || vx_lower_stack(unit, index))
        return;
    if (is_native_string(unit, insn)) {
        lower_string(unit, insn);
        return;
    }
    if (!is_native(insn)) {
        vx_lower_by_operation(unit, index);
        return;
    }
    if (any_esp(insn)) {
        vx_unit_settle_esp(unit);
        vx_unit_mark(unit, index, 0);
    }
    lower_native(unit, insn);
}

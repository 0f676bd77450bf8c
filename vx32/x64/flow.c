/* SPDX-License-Identifier: MIT */
/* Writes what ends a block: branches, calls, returns, system calls, and exits to C. */
#include "translator.h"

enum { JCC = 0x80, CALL = 0xe8, JMP = 0xe9, RET = 0xc3, INT_SYSTEM_CALL = 0x80 };

static vx32_addr behind(const struct vx_insn *insn)
{
    return insn->addr + insn->nbytes;
}

/* Instructions that the interpreter executes one at a time. */
static bool is_step(const struct vx_insn *insn)
{
    switch (insn->operation) {
    case VX_OP_JCXZ:
    case VX_OP_LOOP: return insn->prefixes & VX_PREFIX_ADDRESS16;
    case VX_OP_LOOPE:
    case VX_OP_LOOPNE: return true;
    case VX_OP_INT: return (insn->immediate & 0xff) != INT_SYSTEM_CALL;
    case VX_OP_CALL_INDIRECT:
    case VX_OP_JMP_INDIRECT: return !vx_plain_memory(insn);
    default: return vx_operations[insn->operation].class == VX_CLASS_TRAP;
    }
}

bool vx_ends_unit(const struct vx_translator *translator, const struct vx_insn *insn)
{
    switch (vx_operations[insn->operation].class) {
    case VX_CLASS_PLAIN: return false;
    case VX_CLASS_BRANCH: return insn->operation != VX_OP_JCC;
    case VX_CLASS_STRING: return translator->counted; /* it may use up the slice */
    default: return true;
    }
}

bool vx_is_counted(const struct vx_insn *insn)
{
    return !is_step(insn);
}

/* ---- branches ---- */

static bool is_backward(const struct vx_unit *unit, const struct vx_insn *insn)
{
    return !unit->translator->counted && insn->immediate <= insn->addr;
}

static bool lower_jcc(struct vx_unit *unit, const struct vx_insn *insn)
{
    vx_emit8(&unit->e, 0x0f);
    vx_emit8(&unit->e, JCC | insn->condition);
    vx_unit_edge(unit, insn->immediate, is_backward(unit, insn));
    return true;
}

void vx_unit_jump(struct vx_unit *unit, vx32_addr target, bool polled)
{
    vx_emit8(&unit->e, JMP);
    vx_unit_edge(unit, target, polled);
}

/* The target may well be put right behind: no jump is written here. */
static bool lower_jmp(struct vx_unit *unit, const struct vx_insn *insn)
{
    unit->end = insn->immediate;
    unit->end_polled = is_backward(unit, insn);
    return true;
}

/* The only branches on a register: jecxz, and loop, which counts down without touching flags. */
static bool lower_ecx(struct vx_unit *unit, const struct vx_insn *insn)
{
    static const uint8_t unless_zero[] = {0x67, 0xe3, 5};      /* jecxz over the jump */
    static const uint8_t if_zero[] = {0x67, 0xe3, 2, 0xeb, 5}; /* jecxz to the jump */

    if (insn->operation == VX_OP_LOOP) {
        vx_emit_lea(&unit->e, VX_RCX, VX_RCX, -1, false);
        vx_emit_bytes(&unit->e, unless_zero, sizeof unless_zero);
    } else {
        vx_emit_bytes(&unit->e, if_zero, sizeof if_zero);
    }
    vx_unit_jump(unit, insn->immediate, is_backward(unit, insn));
    return true;
}

static void load_target(struct vx_unit *unit, const struct vx_insn *insn, enum vx_host_register reg)
{
    struct vx_form form = {.opcode = 0x8b, .reg = (uint8_t)reg};

    if (insn->has_memory) {
        vx_set_memory(unit, insn, &form);
    } else {
        form.rm_kind = VX_RM_REGISTER;
        form.rm = (uint8_t)vx_host_of(insn->rm);
    }
    vx_emit(&unit->e, &form);
}

/* A target in esp is its value at the start. */
static void settle_for_target(struct vx_unit *unit, unsigned index)
{
    const struct vx_insn *insn = &unit->insns[index];

    if (!insn->has_memory && insn->rm == VX32_ESP) {
        vx_unit_settle_esp(unit);
        vx_unit_mark(unit, index, 0);
    }
}

static bool lower_jmp_indirect(struct vx_unit *unit, unsigned index)
{
    settle_for_target(unit, index);
    load_target(unit, &unit->insns[index], VX_R8);
    vx_unit_settle_esp(unit);
    vx_unit_mark(unit, index, 0);
    if (!unit->translator->counted)
        vx_emit_poll(&unit->e);
    vx_emit_jump_table(&unit->e);
    return false;
}

/* ---- calls and returns ---- */

/*
 * Stores the return address, and leaves it to the target to lower esp: the instruction can still
 * be begun again afterwards.
 */
static void store_return(struct vx_unit *unit, unsigned index)
{
    vx_unit_settle_esp(unit);
    vx_unit_mark(unit, index, 0);
    vx_emit_store_constant(&unit->e, VX_HOST_ESP, -4, behind(&unit->insns[index]));
}

/*
 * Where the host's return comes to, with the guest's return address in r8d. It must be the expected
 * one, and flags must survive, also where it is not: a word is read that can be read only if the
 * difference is zero.
 */
static void emit_landing(struct vx_unit *unit, vx32_addr expected)
{
    vx_emit_lea(&unit->e, VX_R9, VX_R8, (int32_t)(0 - expected), false);
    vx_emit_check(&unit->e);
}

/* What a landing becomes once a return did go elsewhere: r9 keeps ecx, which is zero for a match.
 */
void vx_emit_patient_landing(struct vx_emitter *e, vx32_addr expected)
{
    static const uint8_t save_rcx[] = {0x4c, 0x8b, 0xc9};    /* mov r9, rcx */
    static const uint8_t restore_rcx[] = {0x49, 0x8b, 0xc9}; /* mov rcx, r9 */
    static const uint8_t if_match[] = {0x67, 0xe3, 11};      /* jecxz over the next three */

    vx_emit_bytes(e, save_rcx, sizeof save_rcx);
    vx_emit_lea(e, VX_RCX, VX_R8, (int32_t)(0 - expected), false);
    vx_emit_bytes(e, if_match, sizeof if_match);
    vx_emit_bytes(e, restore_rcx, sizeof restore_rcx);
    vx_emit_poll(e);
    vx_emit_jump_table(e);
    vx_emit_bytes(e, restore_rcx, sizeof restore_rcx);
}

static bool lower_call(struct vx_unit *unit, unsigned index)
{
    const struct vx_insn *insn = &unit->insns[index];

    store_return(unit, index);
    vx_emit8(&unit->e, CALL);
    vx_unit_call_edge(unit, insn->immediate);
    emit_landing(unit, behind(insn));
    return true;
}

static bool lower_call_indirect(struct vx_unit *unit, unsigned index)
{
    settle_for_target(unit, index);
    load_target(unit, &unit->insns[index], VX_R10);
    store_return(unit, index);
    vx_emit_call_table(&unit->e);
    emit_landing(unit, behind(&unit->insns[index]));
    return true;
}

static bool lower_ret(struct vx_unit *unit, unsigned index)
{
    const struct vx_insn *insn = &unit->insns[index];
    int32_t nbytes = 4;

    if (vx_operand_kind(insn, 0) == VX_KIND_IMMEDIATE)
        nbytes += (int32_t)(insn->immediate & 0xffff);
    vx_emit_load(&unit->e, VX_R8, VX_HOST_ESP, unit->delta);
    unit->delta += nbytes;
    vx_unit_settle_esp(unit);
    vx_emit8(&unit->e, RET);
    return false;
}

/* ---- exits ---- */

void vx_unit_leave(struct vx_unit *unit, vx32_addr eip, enum vx_reason reason)
{
    vx_unit_settle_esp(unit);
    vx_emit_constant(&unit->e, VX_R8, eip);
    vx_emit_constant(&unit->e, VX_R9, reason);
    vx_emit_jump_gate(&unit->e, VX_GATE_LEAVE);
}

bool vx_lower_flow(struct vx_unit *unit, unsigned index)
{
    const struct vx_insn *insn = &unit->insns[index];

    if (is_step(insn)) {
        vx_unit_leave(unit, insn->addr, VX_REASON_STEP);
        return vx_operations[insn->operation].class == VX_CLASS_BRANCH;
    }
    switch (insn->operation) {
    case VX_OP_CALL: return lower_call(unit, index);
    case VX_OP_CALL_INDIRECT: return lower_call_indirect(unit, index);
    case VX_OP_RET: return lower_ret(unit, index);
    case VX_OP_JMP_INDIRECT: return lower_jmp_indirect(unit, index);
    default: break;
    }
    vx_unit_settle_esp(unit);
    vx_unit_mark(unit, index, 0);
    switch (insn->operation) {
    case VX_OP_JCC: return lower_jcc(unit, insn);
    case VX_OP_JMP: return lower_jmp(unit, insn);
    case VX_OP_INT: vx_unit_leave(unit, behind(insn), VX_REASON_SYSTEM_CALL); return true;
    default: return lower_ecx(unit, insn);
    }
}

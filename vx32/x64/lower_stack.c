/* SPDX-License-Identifier: MIT */
/* Writes pushes, pops and arithmetic on esp: esp stays behind, and is brought up to date once. */
#include "translator.h"

/*
 * A run of pushes and pops becomes as many moves: r14d does not change, unit->delta tells how far
 * esp is from it. What reads esp as a register, and every branch, settles it before.
 */

enum { DELTA_MAX = 1 << 20 };

void vx_unit_settle_esp(struct vx_unit *unit)
{
    if (unit->delta != 0)
        vx_emit_lea(&unit->e, VX_HOST_ESP, VX_HOST_ESP, unit->delta, false);
    unit->delta = 0;
}

static void move_esp(struct vx_unit *unit, unsigned index, int32_t nbytes)
{
    if (unit->delta > DELTA_MAX || unit->delta < -DELTA_MAX) {
        vx_unit_settle_esp(unit);
        vx_unit_mark(unit, index, 0);
    }
    unit->delta += nbytes;
}

static bool is_register(const struct vx_insn *insn, unsigned n, unsigned *reg)
{
    unsigned kind = vx_operand_kind(insn, n);

    *reg = kind == VX_KIND_RM ? insn->rm : insn->reg;
    return (kind == VX_KIND_RM && !insn->has_memory) || kind == VX_KIND_REG ||
           kind == VX_KIND_OPCODE_REG;
}

/* ---- push ---- */

static void push_register(struct vx_unit *unit, unsigned reg)
{
    enum vx_host_register host = vx_host_of(reg);

    if (reg == VX32_ESP && unit->delta != 0) {
        vx_emit_lea(&unit->e, VX_R8, VX_HOST_ESP, unit->delta, false);
        host = VX_R8;
    }
    vx_emit_store(&unit->e, VX_HOST_ESP, unit->delta - 4, host);
}

static void push_memory(struct vx_unit *unit, const struct vx_insn *insn)
{
    struct vx_form form = {.opcode = 0x8b, .reg = VX_R8};

    vx_set_memory(unit, insn, &form);
    vx_emit(&unit->e, &form);
    vx_emit_store(&unit->e, VX_HOST_ESP, unit->delta - 4, VX_R8);
}

static bool lower_push(struct vx_unit *unit, unsigned index)
{
    const struct vx_insn *insn = &unit->insns[index];
    unsigned reg;

    if (insn->operand_nbytes != 4 || !vx_plain_memory(insn))
        return false;
    if (is_register(insn, 0, &reg))
        push_register(unit, reg);
    else if (insn->has_memory)
        push_memory(unit, insn);
    else
        vx_emit_store_constant(&unit->e, VX_HOST_ESP, unit->delta - 4, insn->immediate);
    move_esp(unit, index, -4);
    return true;
}

/* ---- pop, leave ---- */

static bool lower_pop(struct vx_unit *unit, unsigned index)
{
    const struct vx_insn *insn = &unit->insns[index];
    unsigned reg;

    if (insn->operand_nbytes != 4 || !is_register(insn, 0, &reg))
        return false;
    vx_emit_load(&unit->e, vx_host_of(reg), VX_HOST_ESP, unit->delta);
    if (reg == VX32_ESP)
        unit->delta = 0;
    else
        move_esp(unit, index, 4);
    return true;
}

static bool lower_leave(struct vx_unit *unit)
{
    vx_emit_load(&unit->e, VX_R8, VX_RBP, 0);
    vx_emit_lea(&unit->e, VX_HOST_ESP, VX_RBP, 4, false);
    unit->delta = 0;
    vx_emit(&unit->e, &(struct vx_form){
                          .opcode = 0x8b, .rm_kind = VX_RM_REGISTER, .reg = VX_RBP, .rm = VX_R8});
    return true;
}

/* ---- arithmetic on esp ---- */

static bool writes_esp(const struct vx_insn *insn)
{
    unsigned reg;

    return insn->operand_nbytes == 4 && vx_operand_nbytes(insn, 0) == 4 &&
           is_register(insn, 0, &reg) && reg == VX32_ESP;
}

/* add and sub of a constant, if nobody asks for the flags. */
static bool lower_add(struct vx_unit *unit, unsigned index)
{
    const struct vx_insn *insn = &unit->insns[index];
    unsigned kind = vx_operand_kind(insn, 1);
    int32_t value = (int32_t)insn->immediate;

    if (!writes_esp(insn) || (kind != VX_KIND_IMMEDIATE && kind != VX_KIND_IMMEDIATE_SIGNED) ||
        value > DELTA_MAX || value < -DELTA_MAX || !vx_unit_flags_dead(unit, index + 1))
        return false;
    move_esp(unit, index, insn->operation == VX_OP_ADD ? value : -value);
    return true;
}

static bool lower_lea(struct vx_unit *unit, unsigned index)
{
    const struct vx_insn *insn = &unit->insns[index];
    int32_t value = (int32_t)insn->displacement;

    if (!writes_esp(insn) || insn->base != VX32_ESP || insn->index != VX_NO_REGISTER ||
        !vx_plain_memory(insn) || value > DELTA_MAX || value < -DELTA_MAX)
        return false;
    move_esp(unit, index, value);
    return true;
}

/* mov between esp and another register needs no settling. */
static bool lower_mov(struct vx_unit *unit, unsigned index)
{
    const struct vx_insn *insn = &unit->insns[index];
    unsigned to, from;

    if (insn->operand_nbytes != 4 || vx_operand_nbytes(insn, 0) != 4 ||
        !is_register(insn, 0, &to) || !is_register(insn, 1, &from))
        return false;
    if (from == VX32_ESP && to != VX32_ESP) {
        vx_emit_lea(&unit->e, vx_host_of(to), VX_HOST_ESP, unit->delta, false);
        return true;
    }
    if (to != VX32_ESP || from == VX32_ESP)
        return false;
    unit->delta = 0;
    vx_emit(&unit->e, &(struct vx_form){.opcode = 0x8b,
                                        .rm_kind = VX_RM_REGISTER,
                                        .reg = VX_HOST_ESP,
                                        .rm = (uint8_t)from});
    return true;
}

bool vx_lower_stack(struct vx_unit *unit, unsigned index)
{
    switch (unit->insns[index].operation) {
    case VX_OP_PUSH: return lower_push(unit, index);
    case VX_OP_POP: return lower_pop(unit, index);
    case VX_OP_LEAVE: return lower_leave(unit);
    case VX_OP_ADD:
    case VX_OP_SUB: return lower_add(unit, index);
    case VX_OP_LEA: return lower_lea(unit, index);
    case VX_OP_MOV: return lower_mov(unit, index);
    default: return false;
    }
}

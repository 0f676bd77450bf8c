/* SPDX-License-Identifier: MIT */
/* Finds the special handler for an instruction. */
#include "special.h"

enum vx_form vx_form_of_load(const struct vx_insn *insn)
{
    if (!insn->has_memory)
        return VX_FORM_REG_RM;
    return insn->index == VX_NO_REGISTER ? VX_FORM_REG_BASE : VX_FORM_REG_MEM;
}

static enum vx_form form_of_store(const struct vx_insn *insn)
{
    if (!insn->has_memory)
        return VX_FORM_RM_REG;
    return insn->index == VX_NO_REGISTER ? VX_FORM_BASE_REG : VX_FORM_MEM_REG;
}

enum vx_form vx_form_of(const struct vx_insn *insn)
{
    unsigned a = vx_operand_kind(insn, 0), b = vx_operand_kind(insn, 1);

    if (a == VX_KIND_REG && b == VX_KIND_RM)
        return vx_form_of_load(insn);
    if (a == VX_KIND_RM && b == VX_KIND_REG)
        return form_of_store(insn);
    if (b != VX_KIND_IMMEDIATE && b != VX_KIND_IMMEDIATE_SIGNED)
        return VX_FORM_OTHER;
    if (a == VX_KIND_RM)
        return insn->has_memory ? VX_FORM_MEM_IMM : VX_FORM_RM_IMM;
    if (a == VX_KIND_ACCUMULATOR)
        return VX_FORM_RM_IMM; /* without ModRM, rm is 0: eax or al */
    return VX_FORM_OTHER;
}

vx_handler *vx_special_handler(const struct vx_insn *insn)
{
    vx_handler *handler;

    if (insn->prefixes || insn->operand_nbytes != 4)
        return NULL;
    handler = vx_special_arith(insn);
    if (!handler)
        handler = vx_special_shift(insn);
    if (!handler)
        handler = vx_special_move(insn);
    return handler ? handler : vx_special_vector(insn);
}

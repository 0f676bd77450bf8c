/* SPDX-License-Identifier: MIT */
/* Finds the special handler for an instruction. */
#include "special.h"

enum vx_form vx_form_of(const struct vx_insn *insn)
{
    unsigned a = vx_operand_kind(insn, 0), b = vx_operand_kind(insn, 1);
    bool memory = insn->has_memory;

    if (a == VX_KIND_REG && b == VX_KIND_RM)
        return memory ? VX_FORM_REG_MEM : VX_FORM_REG_RM;
    if (a == VX_KIND_RM && b == VX_KIND_REG)
        return memory ? VX_FORM_MEM_REG : VX_FORM_RM_REG;
    if (b != VX_KIND_IMMEDIATE && b != VX_KIND_IMMEDIATE_SIGNED)
        return VX_FORM_OTHER;
    if (a == VX_KIND_RM)
        return memory ? VX_FORM_MEM_IMM : VX_FORM_RM_IMM;
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
    return handler ? handler : vx_special_move(insn);
}

/* SPDX-License-Identifier: MIT */
/* Handlers for the forms that compilers emit most, and how the block builder finds them. */
#ifndef VX32_INTERP_SPECIAL_H
#define VX32_INTERP_SPECIAL_H

#include "uop.h"

/*
 * A special handler does what the plain form does, for one operation, size and kind of operands,
 * so that nothing is looked up while it runs. Only plain 32-bit addresses take part.
 */

/* A handler for exactly this form of the instruction, or NULL. */
vx_handler *vx_special_handler(const struct vx_insn *insn);

/* Its parts by subject. */
vx_handler *vx_special_arith(const struct vx_insn *insn);
vx_handler *vx_special_shift(const struct vx_insn *insn);
vx_handler *vx_special_move(const struct vx_insn *insn);
vx_handler *vx_special_vector(const struct vx_insn *insn);

/* Branches, calls, returns, traps and system calls. */
vx_handler *vx_control_handler(const struct vx_insn *insn);

/* How a two-operand instruction reaches its operands, with general registers of 32 bits. */
enum vx_form {
    VX_FORM_RM_REG,   /* register rm, register reg */
    VX_FORM_REG_RM,   /* register reg, register rm */
    VX_FORM_RM_IMM,   /* register rm, immediate */
    VX_FORM_MEM_REG,  /* memory, register reg */
    VX_FORM_REG_MEM,  /* register reg, memory */
    VX_FORM_MEM_IMM,  /* memory, immediate */
    VX_FORM_REG_BASE, /* register reg, memory at an address without index */
    VX_FORM_BASE_REG, /* the reverse */
    VX_FORM_COUNT,
    VX_FORM_OTHER = VX_FORM_COUNT,
};

enum vx_form vx_form_of(const struct vx_insn *insn);

/* REG_RM, REG_MEM or REG_BASE: for operations that write a register and read register or memory. */
enum vx_form vx_form_of_load(const struct vx_insn *insn);

#endif

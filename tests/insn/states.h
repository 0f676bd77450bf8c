/* SPDX-License-Identifier: MIT */
/* Makes states for a case to start from. */
#ifndef TESTS_INSN_STATES_H
#define TESTS_INSN_STATES_H

#include "machine.h"
#include "values.h"

/* The `number`-th state: the kind of memory access goes round with it, the rest is random. */
void state_make(const struct test_case *c, unsigned number, struct random *r, struct state *state);

/* The address of the memory operand; only if insn->has_memory. */
uint32_t state_operand_addr(const struct vx_insn *insn, const struct vx32_registers *registers);

/* How many bytes the memory operand has. */
unsigned state_operand_nbytes(const struct vx_insn *insn);

#endif

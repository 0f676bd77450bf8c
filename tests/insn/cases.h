/* SPDX-License-Identifier: MIT */
/* Makes cases out of the opcode table: for every row the encodings that its operands allow. */
#ifndef TESTS_INSN_CASES_H
#define TESTS_INSN_CASES_H

#include "machine.h"

/*
 * Adds the cases of every row of the table, or of those whose operation has the mnemonic `only`.
 * False, with a message on stderr, if an encoding made for a row does not decode to it.
 */
bool cases_make(struct program *program, uint64_t seed, const char *only);

/* Whether the slot has a row that stands for an instruction. */
bool cases_is_row(unsigned slot);

/* A short text for a row: its mnemonic, where it stands in the table, and its operand letters. */
void cases_row_text(unsigned slot, char *text, size_t text_nbytes);

#endif

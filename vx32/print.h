/* SPDX-License-Identifier: MIT */
/* Decoded instructions as text in Intel's syntax, for messages and tests. */
#ifndef VX32_PRINT_H
#define VX32_PRINT_H

#include "insn.h"

#include <stddef.h>
#include <stdint.h>

/* Holds the text of any instruction and its end. */
enum { VX_TEXT_NBYTES = 96 };

/*
 * Writes the instruction into `text`, cut off where `text_nbytes` ends, and always terminated
 * unless that is 0. Returns the length of the whole text without its end, as snprintf does.
 */
size_t vx_print(const struct vx_insn *insn, char *text, size_t text_nbytes);

/*
 * Decodes and prints the instruction at `bytes`, which stands at `addr`. Returns its length in
 * bytes, or 0 and the text "(bad)" if there is no whole accepted instruction.
 */
size_t vx_disassemble(const uint8_t *bytes, size_t nbytes, vx32_addr addr, char *text,
                      size_t text_nbytes);

#endif

/* SPDX-License-Identifier: MIT */
/* A second opinion on host code, from Zydis: for what the verifier let pass. */
#ifndef TESTS_UNIT_VERIFY_SECOND_H
#define TESTS_UNIT_VERIFY_SECOND_H

#include "x64/translator.h"

/* NULL if the code from `start` to code->used can do no harm to the host; else why it can. */
const char *second_opinion(const struct vx_translator *translator, uint32_t start);

/* How two instructions differ, as a name of a class. Both must be decodable. */
const char *difference(const uint8_t *before, const uint8_t *after);

/* The length of an instruction, 0 if the bytes are none. */
unsigned instruction_nbytes(const uint8_t *bytes);

#endif

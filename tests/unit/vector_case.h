/* SPDX-License-Identifier: MIT */
/* One checked execution of a vector instruction: its encoding, its start, and its result. */
#ifndef TESTS_UNIT_VECTOR_CASE_H
#define TESTS_UNIT_VECTOR_CASE_H

#include "insn.h"
#include "vector_host.h"

#include <stdbool.h>
#include <stdint.h>

/* One way to encode a row of the opcode table. */
struct vector_form {
    unsigned slot;
    bool in_memory; /* the rm operand lies in memory at [esi] */
};

enum {
    VECTOR_MARGIN = 16,                      /* bytes observed before and behind an operand */
    VECTOR_WINDOW = 512 + 2 * VECTOR_MARGIN, /* the largest operand with its margins */
};

/* All that an instruction starts from; the memory operand begins at `offset` of the memory. */
struct vector_case {
    uint8_t bytes[16];
    struct vx_insn insn;
    struct host_machine machine;
    uint32_t offset;
    uint8_t window[VECTOR_WINDOW];
};

/* All that it leaves. Without padding, so that two can be compared and hashed as bytes. */
struct vector_result {
    uint32_t general[8];
    uint32_t flags;
    uint32_t mxcsr;
    uint32_t fault_addr;
    int32_t trap; /* Intel's vector number, or -1 */
    uint16_t control, status, tags;
    uint8_t access; /* of a page fault: enum vx32_access */
    uint8_t unused;
    uint8_t st[8][10];
    uint8_t xmm[8][16];
    uint8_t window[VECTOR_WINDOW];
};

/* Whether the test covers the row: the vector operations, FXSAVE, FXRSTOR and EMMS. */
bool vector_is_covered(unsigned slot);

/* The forms of all covered rows, in the order of the table. */
unsigned vector_form_count(void);
struct vector_form vector_form(unsigned i);

/* The encoding with registers chosen by `random`; false if the decoder does not see the row. */
bool vector_encode(struct vector_form form, uint64_t random, uint8_t immediate,
                   struct vector_case *c);

/* The i-th case of a form; the same for the same seed on every host. */
bool vector_make(struct vector_form form, uint64_t seed, unsigned i, struct vector_case *c);

/* The memories that both sides start with. */
void vector_prepare(bool with_host);

void vector_run_guest(const struct vector_case *c, bool special, struct vector_result *result);
void vector_run_host(const struct vector_case *c, struct vector_result *result);

#endif

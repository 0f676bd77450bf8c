/* SPDX-License-Identifier: MIT */
/* Random programs: what they may contain, and where their parts lie. */
#ifndef TESTS_RANDOM_GENERATE_H
#define TESTS_RANDOM_GENERATE_H

#include "insn/machine.h"
#include "insn/values.h"

enum {
    RANDOM_TEXT_ADDR = 0x20000,
    RANDOM_TEXT_NBYTES = 0x18000,
    RANDOM_DATA_NBYTES = 0x10000, /* at DATA_ADDR */
    RANDOM_ITEMS_MAX = 4096,
};

/* The instructions that programs are made of: cases of the opcode table, sorted by their risk. */
struct pool {
    struct program program;
    const struct test_case **tame; /* reach only what is there, and keep esp, ebp, esi, edi */
    size_t tame_count;
};

bool pool_make(struct pool *pool);
void pool_free(struct pool *pool);

/* A program: its code, its data, and which of its items were left out. */
struct random_program {
    uint8_t text[RANDOM_TEXT_NBYTES];
    uint32_t text_nbytes;
    uint32_t entry;
    uint8_t data[RANDOM_DATA_NBYTES];
    uint32_t item_count;
    bool without[RANDOM_ITEMS_MAX]; /* set by the caller: items to leave out */
};

/* The same seed and number give the same program, less the items to leave out. */
void random_generate(const struct pool *pool, uint64_t seed, uint64_t number,
                     struct random_program *program);

#endif

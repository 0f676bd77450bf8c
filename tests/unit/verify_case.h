/* SPDX-License-Identifier: MIT */
/* Translators that only write code: for a guest's memory, or for bytes that a test makes up. */
#ifndef TESTS_UNIT_VERIFY_CASE_H
#define TESTS_UNIT_VERIFY_CASE_H

#include "instance.h"
#include "x64/translator.h"
#include "x64/verify.h"

/* How code is written: four ways. */
struct way {
    const char *name;
    bool embedded, counted;
};
enum { WAY_COUNT = 4 };
extern const struct way ways[WAY_COUNT];

/* To be destroyed by close_translator(). */
struct vx_translator *open_translator(const struct way *way, const struct vx_mem *mem);
void close_translator(struct vx_translator *translator);

/* A guest with its program in memory; `path` NULL: a program of random bytes. NULL: no such file */
struct vx32_instance *open_guest(const char *path, uint64_t seed);

/*
 * Translates at every `step`-th executable address, as a jump's and as a call's target, and what
 * that leads to. `seen` is called for each run of blocks once it is verified, with what stood
 * before.
 */
typedef void seen_run(void *data, struct vx_translator *translator,
                      const struct vx_verify_start *start, uint32_t cold);
void sweep(struct vx_translator *translator, uint32_t step, seen_run *seen, void *data);

/* Numbers that follow from the seed. */
uint64_t next_random(uint64_t *state);

#endif

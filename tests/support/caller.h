/* SPDX-License-Identifier: MIT */
/* Makes system calls of a guest one by one, from the host's side. */
#ifndef TESTS_CALLER_H
#define TESTS_CALLER_H

#include "vx32.h"
#include "vx32_abi.h"

#include <stdint.h>

enum {
    CALLER_MEMORY_NBYTES = 0x1000000,
    CALLER_STACK_NBYTES = 0x10000,
    CALLER_MAPPING_END = CALLER_MEMORY_NBYTES - CALLER_STACK_NBYTES - 0x10000,
    CALLER_DATA_ADDR = 0x20000, /* two pages that can be read and written, of zeroes */
    CALLER_DATA_NBYTES = 0x2000,
    CALLER_BREAK_ADDR = CALLER_DATA_ADDR + CALLER_DATA_NBYTES,
};

/* A guest whose program is `int 80h` over and over, or NULL. */
struct vx32_instance *caller_new(enum vx32_profile profile);
struct vx32_instance *caller_new_on(enum vx32_profile profile, enum vx32_engine engine);

/* Loads the registers with a call that the next run makes. */
void caller_load(struct vx32_instance *guest, uint32_t number, const uint32_t argument[6]);

/*
 * Loads the registers with a call, lets the guest make it, and says why the run returned:
 * VX32_EXIT_OUT_OF_FUEL if the call was answered without the host.
 */
enum vx32_exit_reason caller_start(struct vx32_instance *guest, uint32_t number,
                                   const uint32_t argument[6], struct vx32_exit *exit);

/* What eax holds: the result of the last call that was answered. */
int64_t caller_result(const struct vx32_instance *guest);

/* Both together, for calls that need no host; INT64_MIN if the guest left for the host. */
#define caller_call(guest, number, ...)                                                            \
    caller_answer((guest), (number), (const uint32_t[6]){__VA_ARGS__})
int64_t caller_answer(struct vx32_instance *guest, uint32_t number, const uint32_t argument[6]);

/* The first bytes of the guest's data pages. */
void caller_put32(struct vx32_instance *guest, uint32_t offset, uint32_t value);
uint32_t caller_get32(const struct vx32_instance *guest, uint32_t offset);

#endif

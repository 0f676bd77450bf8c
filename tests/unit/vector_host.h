/* SPDX-License-Identifier: MIT */
/* Runs one vector instruction on the host's own processor, with all registers given and taken. */
#ifndef TESTS_UNIT_VECTOR_HOST_H
#define TESTS_UNIT_VECTOR_HOST_H

#include <stdbool.h>
#include <stdint.h>

/*
 * x87, MMX and XMM registers with their control words as FXSAVE lays them out, and the general
 * registers in the order of their numbers; the stack pointer is not loaded.
 */
struct host_machine {
    _Alignas(16) uint8_t fx[512];
    uint64_t general[8];
    uint64_t flags;
};

/* trap: Intel's vector number, or -1; the other two tell about page faults. */
struct host_outcome {
    int trap;
    uint64_t fault_addr;
    bool is_write;
};

/* Two pages of memory that can be written, one that can only be read, and one without access. */
enum {
    HOST_PAGE_NBYTES = 4096,
    HOST_MEMORY_NBYTES = 3 * HOST_PAGE_NBYTES, /* what can be read */
    HOST_WRITABLE_NBYTES = 2 * HOST_PAGE_NBYTES,
};

/* False where the host's processor cannot do it. */
bool host_prepare(void);

uint8_t *host_memory(void);

/* Sets the contents of the page that can only be read. */
void host_fill_read_only(const uint8_t *bytes);

/* Executes the bytes of one instruction that does not use the stack or branch. */
struct host_outcome host_execute(const uint8_t *insn, unsigned nbytes,
                                 struct host_machine *machine);

#endif

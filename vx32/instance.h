/* SPDX-License-Identifier: MIT */
/* One guest as a whole: what the files behind the public API share about it. */
#ifndef VX32_INSTANCE_H
#define VX32_INSTANCE_H

#include "cpu.h"
#include "engine.h"
#include "image.h"
#include "mem.h"
#include "vx32.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    VX_DESCRIPTOR_COUNT = 16,
    VX_DESCRIPTOR_CLOSED = -1,
    VX_STACK_GUARD_NBYTES = 1 << 16, /* kept free below the stack when an address is chosen */
};

/* What the guest was given, for the instance's whole life. */
struct vx_settings {
    enum vx32_profile profile;
    uint64_t memory_nbytes;
    uint32_t stack_nbytes;
    uint64_t fuel;
    bool trap_unwritten;
    uint32_t argc;
    size_t arguments_nbytes;
    char *arguments; /* argc strings, each with its terminating zero, one behind the other */
};

/* What a kernel would remember of this process. */
struct vx_process {
    vx32_addr break_start, break_addr;
    vx32_addr mapping_end; /* addresses for mmap2 are chosen below */
    /* VX32_FD_INPUT, _OUTPUT, _MESSAGES or VX_DESCRIPTOR_CLOSED */
    int8_t descriptors[VX_DESCRIPTOR_COUNT];
    uint64_t random_state;
};

/*
 * A read or write that the host has yet to answer. A writev has more than one piece: the vectors
 * not yet offered, and the sum of what was consumed before.
 */
struct vx_pending {
    bool open;
    uint32_t done_nbytes;
    vx32_addr vector_addr;
    uint32_t vector_count;
};

struct vx_snapshot;

struct vx32_instance {
    struct vx_cpu cpu;
    struct vx_mem mem;
    struct vx_settings settings;
    struct vx_process process;
    struct vx_pending pending;
    struct vx32_image *image;
    const struct vx_engine *engine;
    void *engine_state;
    /* What a reset goes back to; NULL: the program as it was loaded. */
    struct vx_snapshot *snapshot;
    uint64_t loaded_generation; /* of mem's executable pages, in the state of a reset */
    uint64_t fuel;              /* left, or VX32_FUEL_UNLIMITED */
    uint64_t instruction_count, system_call_count;
    struct vx32_exit exit; /* the last one; repeated while a call is open or the guest is over */
    bool over;
    atomic_int interrupted;
};

#endif

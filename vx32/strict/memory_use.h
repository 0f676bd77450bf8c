/* SPDX-License-Identifier: MIT */
/* Which bytes of memory an instruction reads and writes, with its operands known. */
#ifndef VX32_STRICT_MEMORY_USE_H
#define VX32_STRICT_MEMORY_USE_H

#include "interp/uop.h"

struct vx_range {
    vx32_addr addr;
    uint32_t nbytes; /* 0: there is none */
};

/* A copy is read and written, but what is read does not matter yet. */
struct vx_memory_use {
    struct vx_range read[2];
    struct vx_range write[2];
    bool copies; /* from read[0] to write[0] */
};

/*
 * Asked before the instruction is executed. Reads that are left out: vectors that are moved, the
 * frames of a nested ENTER, bits that a register chooses in memory.
 */
struct vx_memory_use vx_memory_use_of(struct vx_cpu *cpu, const struct vx_uop *uop);

#endif

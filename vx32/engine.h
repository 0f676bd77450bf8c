/* SPDX-License-Identifier: MIT */
/* What an engine is to the rest of the sandbox: a way to execute guest instructions. */
#ifndef VX32_ENGINE_H
#define VX32_ENGINE_H

#include "cpu.h"
#include "vx32.h"

#include <stdint.h>

enum vx_stop {
    VX_STOP_SLICE,       /* cpu->slice is zero */
    VX_STOP_SYSTEM_CALL, /* `int 80h` was executed and counted; eip is behind it */
    VX_STOP_TRAP,        /* cpu->fault says why; eip at the instruction, which was not counted */
};

/*
 * An engine executes at most cpu->slice instructions, exactly that many unless the guest stops
 * earlier, and lowers cpu->slice by one for each. State lies in *cpu whenever run() is not active.
 */
struct vx_engine {
    enum vx32_engine kind;
    void *(*create)(void); /* NULL: the host is out of memory */
    void (*destroy)(void *engine);
    enum vx_stop (*run)(void *engine, struct vx_cpu *cpu);
    uint64_t (*block_count)(const void *engine);
};

extern const struct vx_engine vx_engine_interpret;

/* NULL where this build or host has none. */
const struct vx_engine *vx_engine_find(enum vx32_engine kind);

#endif

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
 *
 * One that is `free_running` may be given VX_SLICE_FREE instead: then it need not count, and stops
 * only where the guest does or after interrupt().
 */
struct vx_engine {
    enum vx32_engine kind;
    enum vx_placement placement; /* where the guest's memory must lie */
    bool free_running;
    void *(*create)(void); /* NULL: the host lacks memory or a feature */
    void (*destroy)(void *engine);
    enum vx_stop (*run)(void *engine, struct vx_cpu *cpu);
    uint64_t (*block_count)(const void *engine);
    /* The rest may be NULL. */
    uint64_t (*refused_block_count)(const void *engine); /* see struct vx32_statistics */
    /* begin() and end() stand around any number of run() on one thread. */
    void (*begin)(void *engine, const struct vx_cpu *cpu);
    void (*end)(void *engine);
    void (*interrupt)(void *engine); /* from any thread and from signal handlers */
};

extern const struct vx_engine vx_engine_interpret, vx_engine_strict;

#define VX_SLICE_FREE (INT64_MAX / 2)

/* How many engines the build has for what a caller asked for, best first; at most `limit`. */
unsigned vx_engine_candidates(enum vx32_engine kind, const struct vx_engine **engines,
                              unsigned limit);

#endif

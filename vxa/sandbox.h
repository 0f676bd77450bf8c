/* SPDX-License-Identifier: MIT */
/* Runs a decoder on a stream, in a worker process or in this one. */
#ifndef VXA_SANDBOX_H
#define VXA_SANDBOX_H

#include "failure.h"
#include "stream.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum vxa_engine { VXA_ENGINE_AUTO, VXA_ENGINE_INTERPRET, VXA_ENGINE_TRANSLATE };

struct vxa_interrupt;
struct vxa_spawner;

/* Zero means the default in every field. */
struct vxa_sandbox_limits {
    uint64_t memory_nbytes; /* guest address space; default 1 GiB */
    uint64_t cpu_seconds;   /* for one run; default no limit */
    uint64_t fuel;          /* guest instructions for one run; default no limit */
    /* Who makes workers; without, decoders run in this process. */
    struct vxa_spawner *spawner;
    struct vxa_interrupt *interrupt; /* ends a run, too */
};

/* A decoder ready to run; reset before each run, so nothing passes from one stream to the next. */
struct vxa_sandbox;

/*
 * Validates the ELF in `elf` (copied) and makes a guest for it. `arguments` is the decoder's
 * argument vector after argv[0], or NULL; `name` becomes argv[0].
 */
bool vxa_sandbox_open(const void *elf, size_t elf_nbytes, const char *name,
                      const char *const *arguments, int argument_count, enum vxa_engine engine,
                      const struct vxa_sandbox_limits *limits, struct vxa_sandbox **sandbox,
                      struct vxa_failure *failure);

void vxa_sandbox_close(struct vxa_sandbox *sandbox);

/*
 * Decodes `source` to `sink`. True only if the decoder exited 0. What it wrote to descriptor 2 is
 * kept (first line, printable, at most 200 bytes) for the failure's text. A failing source or sink
 * ends the run with VXA_FAILURE_IO and an empty text: the caller knows its own reason. The source
 * may be read further than the decoder did.
 */
bool vxa_sandbox_run(struct vxa_sandbox *sandbox, struct vxa_source source, struct vxa_sink sink,
                     struct vxa_failure *failure);

/* What a run came to, apart from its bytes. */
struct vxa_sandbox_outcome {
    uint64_t consumed_nbytes;    /* of the source, given to the decoder */
    uint64_t instruction_count;  /* as fuel counts them; 0 without a limit of instructions */
    uint64_t memory_peak_nbytes; /* of guest memory, mapped at once */
};

/* Of the last run. */
struct vxa_sandbox_outcome vxa_sandbox_outcome(const struct vxa_sandbox *sandbox);

/* For the runs to come, another limit of instructions: 0 none; or only that they are counted. */
#define VXA_FUEL_COUNTED (UINT64_MAX - 1)
void vxa_sandbox_set_fuel(struct vxa_sandbox *sandbox, uint64_t fuel);

/* False once its worker is gone: every further run fails. */
bool vxa_sandbox_is_alive(const struct vxa_sandbox *sandbox);

/*
 * Makes a worker to see which walls this system has, see isolation.h; none without a spawner. False
 * if there can be no worker at all.
 */
bool vxa_sandbox_probe(const struct vxa_sandbox_limits *limits, unsigned *walls,
                       struct vxa_failure *failure);

/* False for an engine that this host or build does not have. */
bool vxa_sandbox_engine_available(enum vxa_engine engine);

#endif

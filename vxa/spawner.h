/* SPDX-License-Identifier: MIT */
/* Makes worker processes, which have nothing of this one's memory but what it had at the start. */
#ifndef VXA_SPAWNER_H
#define VXA_SPAWNER_H

#include "channel.h"
#include "failure.h"

#include <sys/types.h>

/* What a worker is told before anything foreign reaches it. */
struct vxa_worker_setup {
    int engine; /* enum vxa_engine */
    uint64_t memory_nbytes;
};

/* What a worker does; it must not return. */
typedef void vxa_worker_main(const struct vxa_worker_setup *setup,
                             struct vxa_channel_memory *memory);

struct vxa_spawner;

/*
 * Forks a process of which all workers will be copies: early, so that they hold nothing of any
 * archive, and before there are threads. They end with this process, however it ends. There may be
 * `worker_max` at a time. NULL with a failure; VXA_FAILURE_UNSUPPORTED where the system has nothing
 * of the kind.
 */
struct vxa_spawner *vxa_spawner_new(vxa_worker_main *run, unsigned worker_max,
                                    struct vxa_failure *failure);
/* NULL is allowed. */
void vxa_spawner_free(struct vxa_spawner *spawner);

struct vxa_worker_process {
    pid_t pid; /* a child of this process, to be waited for */
    struct vxa_channel channel;
};

/* From any thread. */
bool vxa_spawn(struct vxa_spawner *spawner, const struct vxa_worker_setup *setup,
               struct vxa_worker_process *process, struct vxa_failure *failure);

/* Whether it has ended by itself. */
bool vxa_worker_is_gone(const struct vxa_worker_process *process);

/* Ends it if it has not ended; returns its status as waitpid() does, -1 where that is not known. */
int vxa_worker_end(struct vxa_spawner *spawner, struct vxa_worker_process *process);

#endif

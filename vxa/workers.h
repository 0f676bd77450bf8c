/* SPDX-License-Identifier: MIT */
/* What the programs say and do about workers: whether there are any, behind which walls. */
#ifndef VXA_WORKERS_H
#define VXA_WORKERS_H

#include "spawner.h"

#include <stdbool.h>

struct vxa_workers_wish {
    const char *program; /* for messages */
    bool required;       /* all walls, or nothing is done */
    bool tell;           /* which walls this system does not have */
};

/*
 * To be called before anything foreign is read. Without an error `*spawner` is NULL where decoders
 * will run in this process, as on systems without workers. False after a message: what is required
 * cannot be had, or no process.
 */
bool vxa_workers_begin(const struct vxa_workers_wish *wish, struct vxa_spawner **spawner);

#endif

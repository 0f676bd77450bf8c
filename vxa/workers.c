/* SPDX-License-Identifier: MIT */
/* How the lack of a wall is worded, and when it is fatal. */
#include "workers.h"
#include "isolation.h"
#include "message.h"
#include "sandbox.h"
#include "worker.h"

#include <stddef.h>

/* More than any number of jobs needs: a job has one for each of the decoders that it used last. */
enum { WORKER_MAX = 1024 };

static bool report(const struct vxa_workers_wish *wish, const char *what)
{
    struct vxa_failure failure;

    (void)vxa_fail(&failure, VXA_FAILURE_WARNING, "%s%s", what,
                   wish->required ? ": refused because of --require-isolation" : "");
    vxa_message(wish->program, NULL, NULL, &failure);
    return !wish->required;
}

static const char *lack(unsigned walls)
{
    if (!(walls & VXA_WALL_SECCOMP) && !(walls & VXA_WALL_LANDLOCK))
        return "this system has neither seccomp nor Landlock: the processes of decoders have "
               "limits only";
    if (!(walls & VXA_WALL_SECCOMP))
        return "this system has no seccomp: the processes of decoders have Landlock only";
    if (!(walls & VXA_WALL_LANDLOCK))
        return "this system has no Landlock: the processes of decoders have seccomp only";
    return NULL;
}

bool vxa_workers_begin(const struct vxa_workers_wish *wish, struct vxa_spawner **spawner)
{
    struct vxa_failure failure;
    struct vxa_sandbox_limits limits = {0};
    unsigned walls;

    *spawner = vxa_spawner_new(vxa_work, WORKER_MAX, &failure);
    if (!*spawner && failure.kind != VXA_FAILURE_UNSUPPORTED) {
        /* Not a system without workers, but one that has no room for them now. */
        vxa_message(wish->program, NULL, NULL, &failure);
        return false;
    }
    if (!*spawner)
        return !(wish->required || wish->tell) || report(wish, failure.text);
    if (!wish->required && !wish->tell)
        return true;
    limits.spawner = *spawner;
    if (!vxa_sandbox_probe(&limits, &walls, &failure))
        return report(wish, failure.text);
    const char *lacking = lack(walls);

    return !lacking || report(wish, lacking);
}

/* SPDX-License-Identifier: MIT */
/* What a signal handler tells a run, and what it may touch. */
#ifndef VXA_INTERRUPT_H
#define VXA_INTERRUPT_H

#include "guest.h"

#include <signal.h>
#include <stdatomic.h>

struct vxa_interrupt {
    atomic_int raised;
    struct vxa_guest *_Atomic running; /* in this process, to be given to vxa_guest_interrupt() */
};

/*
 * From now on SIGINT, SIGTERM and SIGHUP, unless they are ignored, only raise the interrupt that is
 * returned, so that the run can remove its unfinished files; SIGPIPE and SIGXFSZ are left to the
 * errors of write(). For a program's start: there is one such object in a process.
 */
struct vxa_interrupt *vxa_catch_signals(void);

/* Ends as a program does that knows nothing of SIGPIPE, so that no shell says anything. */
void vxa_end_by_sigpipe(void);

#endif

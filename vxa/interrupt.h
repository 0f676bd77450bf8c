/* SPDX-License-Identifier: MIT */
/* What a signal handler tells a run, and what it may touch. */
#ifndef VXA_INTERRUPT_H
#define VXA_INTERRUPT_H

#include "sandbox.h"

#include <signal.h>

struct vxa_interrupt {
    volatile sig_atomic_t raised;
    struct vxa_sandbox *volatile running; /* to be given to vxa_sandbox_interrupt() */
};

#endif

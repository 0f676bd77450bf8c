/* SPDX-License-Identifier: MIT */
/* Which signals end a run, and the one object that their handler can reach. */
#include "interrupt.h"

#include <stddef.h>

/* A handler has no context of its own: the one thing that must be reachable from anywhere. */
static struct vxa_interrupt interrupt;

static void on_signal(int number)
{
    struct vxa_guest *running = interrupt.running;

    (void)number;
    interrupt.raised = 1;
    if (running)
        vxa_guest_interrupt(running);
}

struct vxa_interrupt *vxa_catch_signals(void)
{
    static const int ending[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction old;
    struct sigaction action = {.sa_handler = on_signal};

    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof(ending) / sizeof(ending[0]); i++) {
        if (sigaction(ending[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
            sigaction(ending[i], &action, NULL);
    }
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, NULL);
    sigaction(SIGXFSZ, &action, NULL);
    return &interrupt;
}

void vxa_end_by_sigpipe(void)
{
    signal(SIGPIPE, SIG_DFL);
    raise(SIGPIPE);
}

/* SPDX-License-Identifier: MIT */
/* The host's side of the floating-point test that is not an instruction: masks, flags, traps. */
#define _GNU_SOURCE 1
#include "float_host.h"

#if defined(__x86_64__)

#include <signal.h>
#include <stdlib.h>
#include <ucontext.h>

static volatile sig_atomic_t trapped_mxcsr;

/* Notes what an unmasked exception left in MXCSR, and lets the instruction run again masked. */
static void on_sigfpe(int number, siginfo_t *info, void *context)
{
    ucontext_t *interrupted = context;
    (void)number;
    (void)info;
    trapped_mxcsr = (sig_atomic_t)interrupted->uc_mcontext.fpregs->mxcsr;
    interrupted->uc_mcontext.fpregs->mxcsr |= 0x1F80;
}

void float_host_prepare(void)
{
    struct sigaction action = {0};
    action.sa_sigaction = on_sigfpe;
    action.sa_flags = SA_SIGINFO;
    if (sigaction(SIGFPE, &action, NULL) != 0)
        abort();
}

uint32_t float_host_mxcsr(struct vx_float_env env)
{
    return (uint32_t)(env.masks << 7 | env.rounding << 13 | (env.flush_to_zero ? 0x8000 : 0) |
                      (env.denormals_are_zero ? 0x0040 : 0));
}

uint16_t float_host_control(struct vx_float_env env)
{
    int precision = env.precision == 24 ? 0 : env.precision == 53 ? 2 : 3;
    return (uint16_t)(0x40 | env.masks | precision << 8 | env.rounding << 10);
}

void float_host_begin(void)
{
    trapped_mxcsr = 0;
}

void float_host_end(uint32_t mxcsr, struct vx_float_env env, struct outcome *outcome)
{
    uint32_t flags = trapped_mxcsr != 0 ? (uint32_t)trapped_mxcsr : mxcsr;
    outcome->flags = flags & VX_FE_ALL;
    outcome->trapped = (outcome->flags & ~env.masks) != 0;
}

void float_host_status(uint16_t status, struct vx_float_env env, struct outcome *outcome)
{
    outcome->condition = status & (VX_C0 | VX_C1 | VX_C2 | VX_C3);
    outcome->flags = status & VX_FE_ALL;
    outcome->trapped = (outcome->flags & ~env.masks) != 0;
}

#else

/* ISO C forbids an empty translation unit. */
extern const int float_host_count;
const int float_host_count = 0;

#endif

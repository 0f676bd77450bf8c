/* SPDX-License-Identifier: 0BSD */
/* Knows how a guest ends: with a status, or at once when an invariant is broken. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "syscall.h"

/* The status a shell shows for a program that aborted. */
enum { ABORT_STATUS = 134 };

_Noreturn void _Exit(int status)
{
    for (;;) {
        (void)guest_call1(VX32_SYS_EXIT_GROUP, status);
        (void)guest_call1(VX32_SYS_EXIT, status);
    }
}

_Noreturn void exit(int status)
{
    _Exit(status);
}

_Noreturn void abort(void)
{
    _Exit(ABORT_STATUS);
}

_Noreturn void guest_assertion_failed(const char *condition)
{
    static const char start[] = "assertion failed: ";
    (void)write(STDERR_FILENO, start, sizeof start - 1);
    (void)write(STDERR_FILENO, condition, strlen(condition));
    (void)write(STDERR_FILENO, "\n", 1);
    abort();
}

/* SPDX-License-Identifier: MIT */
/* How failures are worded. */
#include "failure.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

bool vxa_fail(struct vxa_failure *failure, enum vxa_failure_kind kind, const char *format, ...)
{
    va_list arguments;

    failure->kind = kind;
    va_start(arguments, format);
    (void)vsnprintf(failure->text, sizeof failure->text, format, arguments);
    va_end(arguments);
    return false;
}

bool vxa_fail_errno(struct vxa_failure *failure, const char *what, int error_number)
{
    bool full = error_number == ENOSPC || error_number == EDQUOT;

    return vxa_fail(failure, full ? VXA_FAILURE_DISK_FULL : VXA_FAILURE_IO, "%s: %s", what,
                    strerror(error_number));
}

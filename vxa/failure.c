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

const char *vxa_failure_kind_name(enum vxa_failure_kind kind)
{
    static const char *const names[] = {
        [VXA_FAILURE_NONE] = "none",
        [VXA_FAILURE_WARNING] = "warning",
        [VXA_FAILURE_UNSUPPORTED] = "unsupported",
        [VXA_FAILURE_NO_DECODER] = "no-decoder",
        [VXA_FAILURE_DATA] = "data",
        [VXA_FAILURE_DECODER] = "decoder",
        [VXA_FAILURE_LIMIT] = "limit",
        [VXA_FAILURE_UNSAFE] = "unsafe",
        [VXA_FAILURE_NOT_ZIP] = "not-zip",
        [VXA_FAILURE_IO] = "io",
        [VXA_FAILURE_DISK_FULL] = "disk-full",
        [VXA_FAILURE_MEMORY] = "memory",
        [VXA_FAILURE_INTERRUPTED] = "interrupted",
    };

    return names[kind];
}

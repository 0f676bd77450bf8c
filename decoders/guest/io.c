/* SPDX-License-Identifier: 0BSD */
/* Knows read and write as system calls, and errno. */
#include <errno.h>
#include <unistd.h>

#include "syscall.h"

int errno;

static ssize_t result_or_errno(long result)
{
    if (GUEST_IS_ERROR(result)) {
        errno = (int)-result;
        return -1;
    }
    return result;
}

ssize_t read(int descriptor, void *to, size_t nbytes)
{
    return result_or_errno(guest_call3(VX32_SYS_READ, descriptor, (long)to, (long)nbytes));
}

ssize_t write(int descriptor, const void *from, size_t nbytes)
{
    return result_or_errno(guest_call3(VX32_SYS_WRITE, descriptor, (long)from, (long)nbytes));
}

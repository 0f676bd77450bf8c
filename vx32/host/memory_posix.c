/* SPDX-License-Identifier: MIT */
/* Reserves, commits and decommits memory with mmap and mprotect. */
#include "host.h"

#include <sys/mman.h>
#include <unistd.h>

/* Both are optional in POSIX systems: without them a reservation only costs more bookkeeping. */
#ifndef MAP_NORESERVE
#define MAP_NORESERVE 0
#endif
#ifndef MAP_ANONYMOUS
#define MAP_ANONYMOUS MAP_ANON
#endif

enum { RESERVE_FLAGS = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE };

size_t vx_host_page_nbytes(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

void *vx_host_reserve(size_t nbytes)
{
    void *start = mmap(NULL, nbytes, PROT_NONE, RESERVE_FLAGS, -1, 0);

    return start == MAP_FAILED ? NULL : start;
}

void vx_host_release(void *start, size_t nbytes)
{
    (void)munmap(start, nbytes);
}

bool vx_host_commit(void *start, size_t nbytes)
{
    return mprotect(start, nbytes, PROT_READ | PROT_WRITE) == 0;
}

bool vx_host_decommit(void *start, size_t nbytes)
{
    return mmap(start, nbytes, PROT_NONE, RESERVE_FLAGS | MAP_FIXED, -1, 0) != MAP_FAILED;
}

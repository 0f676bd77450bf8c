/* SPDX-License-Identifier: MIT */
/* Reserves, commits, protects and decommits memory with mmap and mprotect. */
#include "host.h"

#include <stdint.h>
#include <string.h>
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

/* Without MAP_FIXED_NOREPLACE the address is only a wish, and what came of it is looked at. */
void *vx_host_reserve_at(void *start, size_t nbytes)
{
#ifdef MAP_FIXED_NOREPLACE
    void *got = mmap(start, nbytes, PROT_NONE, RESERVE_FLAGS | MAP_FIXED_NOREPLACE, -1, 0);
#else
    void *got = mmap(start, nbytes, PROT_NONE, RESERVE_FLAGS, -1, 0);
#endif

    if (got == MAP_FAILED)
        return NULL;
    if (got == start)
        return got;
    vx_host_release(got, nbytes);
    return NULL;
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

bool vx_host_protect(void *start, size_t nbytes, enum vx_host_access access)
{
    static const int protections[] = {PROT_NONE, PROT_READ, PROT_READ | PROT_WRITE};

    return mprotect(start, nbytes, protections[access]) == 0;
}

#ifdef __linux__

enum {
    LOOK_PAGE_COUNT = 2048, /* pages asked about at once */
    KEEP_PAGE_COUNT = 512,  /* more are rather given back than cleared */
};

/* Gives the memory away: pages read as zero again, wherever their contents were. */
static bool drop(uint8_t *start, size_t nbytes)
{
    return nbytes == 0 || madvise(start, nbytes, MADV_DONTNEED) == 0;
}

/*
 * Clears the pages that have memory behind them, up to KEEP_PAGE_COUNT, so that they need not be
 * had again. The others are dropped, for they may be swapped out. False: not all was done.
 */
static bool clear_resident(uint8_t *start, size_t page_count, size_t page_nbytes)
{
    unsigned char resident[LOOK_PAGE_COUNT];
    size_t kept = 0;

    if (mincore(start, page_count * page_nbytes, resident) != 0)
        return false;
    for (size_t i = 0, end; i < page_count; i = end) {
        bool here = (resident[i] & 1) != 0;
        size_t nbytes;

        for (end = i + 1; end < page_count && ((resident[end] & 1) != 0) == here; end++)
            continue;
        nbytes = (end - i) * page_nbytes;
        kept += here ? end - i : 0;
        if (kept > KEEP_PAGE_COUNT)
            return false;
        if (here)
            memset(start + i * page_nbytes, 0, nbytes);
        else if (!drop(start + i * page_nbytes, nbytes))
            return false;
    }
    return true;
}

static void zero_some(uint8_t *start, size_t page_count, size_t page_nbytes)
{
    if (!clear_resident(start, page_count, page_nbytes) && !drop(start, page_count * page_nbytes))
        memset(start, 0, page_count * page_nbytes);
}

void vx_host_zero(void *start, size_t nbytes)
{
    size_t page_nbytes = vx_host_page_nbytes();
    uint8_t *next = start;

    for (size_t left = nbytes / page_nbytes; left > 0;) {
        size_t count = left < LOOK_PAGE_COUNT ? left : LOOK_PAGE_COUNT;

        zero_some(next, count, page_nbytes);
        next += count * page_nbytes;
        left -= count;
    }
    /* What is no whole page of a host with large pages. */
    memset(next, 0, nbytes % page_nbytes);
}

#else

void vx_host_zero(void *start, size_t nbytes)
{
    memset(start, 0, nbytes);
}

#endif

#ifdef MFD_CLOEXEC

/* Code that is mapped needs no name and no descriptor. */
static bool map_twice(int file, size_t nbytes, void **writable, void **executable)
{
    if (ftruncate(file, (off_t)nbytes) != 0)
        return false;
    *writable = mmap(NULL, nbytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (*writable == MAP_FAILED)
        return false;
    *executable = mmap(NULL, nbytes, PROT_READ | PROT_EXEC, MAP_SHARED, file, 0);
    if (*executable != MAP_FAILED)
        return true;
    (void)munmap(*writable, nbytes);
    return false;
}

bool vx_host_map_code(size_t nbytes, void **writable, void **executable)
{
    int file = memfd_create("vx32 code", MFD_CLOEXEC);
    bool good;

    if (file < 0)
        return false;
    good = map_twice(file, nbytes, writable, executable);
    (void)close(file);
    return good;
}

#else

bool vx_host_map_code(size_t nbytes, void **writable, void **executable)
{
    (void)nbytes;
    (void)writable;
    (void)executable;
    return false;
}

#endif

void vx_host_unmap_code(size_t nbytes, void *writable, void *executable)
{
    (void)munmap(writable, nbytes);
    (void)munmap(executable, nbytes);
}

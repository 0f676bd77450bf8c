/* SPDX-License-Identifier: MIT */
/* Reserves, commits, protects and decommits memory with mmap and mprotect. */
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

/* SPDX-License-Identifier: MIT */
/* Guest memory out of the C library's heap, for hosts of which nothing else is known. */
#include "host/host.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE_NBYTES = 4096 };

size_t vx_host_page_nbytes(void)
{
    return PAGE_NBYTES;
}

#if defined(__wasm__)

/* New pages of a WebAssembly memory are zero, and need not be touched to be so. */
void *vx_host_reserve(size_t nbytes)
{
    enum { WASM_PAGE_NBYTES = 65536 };
    size_t page = __builtin_wasm_memory_grow(0, nbytes / WASM_PAGE_NBYTES + 1);

    return page == (size_t)-1 ? NULL : (void *)(page * WASM_PAGE_NBYTES);
}

void vx_host_release(void *start, size_t nbytes)
{
    (void)start;
    (void)nbytes;
}

#else

void *vx_host_reserve(size_t nbytes)
{
    return calloc(nbytes, 1);
}

void vx_host_release(void *start, size_t nbytes)
{
    (void)nbytes;
    free(start);
}

#endif

void *vx_host_reserve_at(void *start, size_t nbytes)
{
    (void)start;
    (void)nbytes;
    return NULL;
}

bool vx_host_commit(void *start, size_t nbytes)
{
    (void)start;
    (void)nbytes;
    return true;
}

/* Memory is never given back: the caller zeroes what was in use. */
bool vx_host_decommit(void *start, size_t nbytes)
{
    (void)start;
    (void)nbytes;
    return false;
}

bool vx_host_protect(void *start, size_t nbytes, enum vx_host_access access)
{
    (void)start;
    (void)nbytes;
    (void)access;
    return true;
}

void vx_host_zero(void *start, size_t nbytes)
{
    memset(start, 0, nbytes);
}

bool vx_host_map_code(size_t nbytes, void **writable, void **executable)
{
    (void)nbytes;
    (void)writable;
    (void)executable;
    return false;
}

void vx_host_unmap_code(size_t nbytes, void *writable, void *executable)
{
    (void)nbytes;
    (void)writable;
    (void)executable;
}

/* SPDX-License-Identifier: MIT */
/* What the sandbox asks of an operating system: address space, and memory in it. */
#ifndef VX32_HOST_H
#define VX32_HOST_H

#include <stdbool.h>
#include <stddef.h>

/* The granularity of everything below: a power of two. */
size_t vx_host_page_nbytes(void);

/* Takes address space without memory behind it; touching it faults. NULL: refused. */
void *vx_host_reserve(size_t nbytes);

/* The same at exactly this address. NULL also where something lies there already. */
void *vx_host_reserve_at(void *start, size_t nbytes);

/* Gives back a whole reservation. */
void vx_host_release(void *start, size_t nbytes);

/*
 * Makes part of a reservation readable and writable. Bytes that were not committed before read as
 * zero, the others keep their values. False: the host has no memory, nothing has changed.
 */
bool vx_host_commit(void *start, size_t nbytes);

/*
 * Takes the memory away from part of a reservation, committed or not: touching it faults, and it
 * will read as zero once it is committed again. False: the host refused, nothing has changed.
 */
bool vx_host_decommit(void *start, size_t nbytes);

enum vx_host_access { VX_HOST_NO_ACCESS, VX_HOST_READ, VX_HOST_READ_WRITE };

/*
 * Gives pages of a reservation an access; what was not committed before reads as zero. False: the
 * host refused, and some of the pages may have changed. May be called from signal handlers.
 */
bool vx_host_protect(void *start, size_t nbytes, enum vx_host_access access);

/* Zeroes pages that are readable and writable, touching no more of them than it must. */
void vx_host_zero(void *start, size_t nbytes);

/*
 * Maps the same zeroed memory twice, once to write and once to execute, so that no address is both.
 * False: refused, or the host has no such thing.
 */
bool vx_host_map_code(size_t nbytes, void **writable, void **executable);
void vx_host_unmap_code(size_t nbytes, void *writable, void *executable);

#endif

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

#endif

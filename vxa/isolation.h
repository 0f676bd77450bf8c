/* SPDX-License-Identifier: MIT */
/* Takes away from the calling process all that a decoder does not need of the system. */
#ifndef VXA_ISOLATION_H
#define VXA_ISOLATION_H

#include <stdint.h>

/* What the kernel can be asked for, as bits. */
enum vxa_wall {
    VXA_WALL_SECCOMP = 1 << 0,  /* a list of system calls; any other ends the process */
    VXA_WALL_LANDLOCK = 1 << 1, /* no file, no connection, no signal to others */
};

/*
 * For ever. What is left is: waiting at a word of memory and waking who waits there, memory without
 * rights to execute, the end. `data_nbytes` bounds the memory that the process may yet take.
 * Returns the walls that stand; limits and the like, which every system has, are set in any case.
 */
unsigned vxa_isolate(uint64_t data_nbytes);

#endif

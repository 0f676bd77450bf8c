/* SPDX-License-Identifier: 0BSD */
/* Knows how a guest asks the host: int 80h with the numbers of the archive profile. */
#ifndef GUEST_SYSCALL_H
#define GUEST_SYSCALL_H

#include <stddef.h>

#include "vx32_abi.h"

/* Results from -4095 to -1 are negated error numbers. */
#define GUEST_IS_ERROR(result) ((unsigned long)(result) > -4096UL)

static inline long guest_call1(long number, long first)
{
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(first) : "memory");
    return result;
}

static inline long guest_call2(long number, long first, long second)
{
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(first), "c"(second) : "memory");
    return result;
}

static inline long guest_call3(long number, long first, long second, long third)
{
    long result;
    __asm__ volatile("int $0x80"
                     : "=a"(result)
                     : "a"(number), "b"(first), "c"(second), "d"(third)
                     : "memory");
    return result;
}

/* New zeroed pages, private and anonymous; the page offset in ebp is zero. */
static inline long guest_map(size_t nbytes)
{
    long result;
    __asm__ volatile("pushl %%ebp\n\t"
                     "xorl %%ebp, %%ebp\n\t"
                     "int $0x80\n\t"
                     "popl %%ebp"
                     : "=a"(result)
                     : "a"(VX32_SYS_MMAP2), "b"(0), "c"(nbytes),
                       "d"(VX32_PROT_READ | VX32_PROT_WRITE),
                       "S"(VX32_MAP_PRIVATE | VX32_MAP_ANONYMOUS), "D"(-1)
                     : "memory");
    return result;
}

#endif

/* SPDX-License-Identifier: MIT */
/* The guest's view of the world as plain numbers, usable from C and from assembler. */
#ifndef VX32_ABI_H
#define VX32_ABI_H

/*
 * System calls: `int 80h`, number in eax, arguments in ebx, ecx, edx, esi, edi, ebp, result in
 * eax, as on Linux/i386. A result from -4095 to -1 is a negated error number.
 */
#define VX32_SYS_EXIT       1
#define VX32_SYS_READ       3
#define VX32_SYS_WRITE      4
#define VX32_SYS_BRK        45
#define VX32_SYS_MUNMAP     91
#define VX32_SYS_MMAP2      192
#define VX32_SYS_EXIT_GROUP 252

/* Error numbers of Linux/i386 that the archive profile can return. */
#define VX32_EBADF  9
#define VX32_ENOMEM 12
#define VX32_EFAULT 14
#define VX32_EINVAL 22
#define VX32_ENOSYS 38

/* Descriptors: encoded input, decoded output, messages. */
#define VX32_FD_INPUT    0
#define VX32_FD_OUTPUT   1
#define VX32_FD_MESSAGES 2

/* mmap2: only private anonymous mappings exist. */
#define VX32_PROT_READ     1
#define VX32_PROT_WRITE    2
#define VX32_PROT_EXEC     4
#define VX32_MAP_PRIVATE   2
#define VX32_MAP_FIXED     16
#define VX32_MAP_ANONYMOUS 32

/* Memory map. Page 0 to VX32_LOWEST_ADDR is never mapped; the stack ends at the address limit. */
#define VX32_PAGE_NBYTES           4096
#define VX32_LOWEST_ADDR           0x10000
#define VX32_DEFAULT_MEMORY_NBYTES 0x40000000
#define VX32_DEFAULT_STACK_NBYTES  0x800000

/* Floating-point control at the guest's first instruction (the Linux values). */
#define VX32_INITIAL_X87_CONTROL 0x037f
#define VX32_INITIAL_MXCSR       0x1f80

#endif

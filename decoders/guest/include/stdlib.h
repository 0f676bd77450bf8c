/* SPDX-License-Identifier: 0BSD */
/* Knows memory, sorting, numbers and the ways to end the program. */
#ifndef GUEST_STDLIB_H
#define GUEST_STDLIB_H

#include <stddef.h>

#define EXIT_SUCCESS 0
#define EXIT_FAILURE 1

/* Blocks are aligned to 16 bytes. A failure gives NULL and sets errno to ENOMEM. */
void *malloc(size_t nbytes);
void *calloc(size_t count, size_t item_nbytes);
void *realloc(void *block, size_t nbytes);
void free(void *block);
void *aligned_alloc(size_t alignment, size_t nbytes);
int posix_memalign(void **block, size_t alignment, size_t nbytes);

void qsort(void *items, size_t count, size_t item_nbytes,
           int (*compare)(const void *left, const void *right));

int abs(int value);
long labs(long value);

_Noreturn void exit(int status);
_Noreturn void _Exit(int status);
_Noreturn void abort(void);

#endif

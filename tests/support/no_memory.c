/* SPDX-License-Identifier: MIT */
/* Loaded before a program: its allocation number NO_MEMORY fails; NO_MEMORY_COUNT is the file that
 * their count goes to. */
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

static atomic_ulong count, failing;
static _Atomic int is_ready;

__attribute__((constructor)) static void begin(void)
{
    const char *number = getenv("NO_MEMORY");

    failing = number ? strtoul(number, NULL, 10) : 0;
    is_ready = 1;
}

__attribute__((destructor)) static void end(void)
{
    const char *path = getenv("NO_MEMORY_COUNT");
    FILE *file = path ? fopen(path, "w") : NULL;

    if (!file)
        return;
    fprintf(file, "%lu\n", (unsigned long)count);
    fclose(file);
}

static int fails(void)
{
    if (!is_ready || atomic_fetch_add(&count, 1) + 1 != failing)
        return 0;
    errno = ENOMEM;
    return 1;
}

void *__libc_malloc(size_t nbytes);
void *__libc_calloc(size_t element_count, size_t nbytes);
void *__libc_realloc(void *old, size_t nbytes);

void *malloc(size_t nbytes)
{
    return fails() ? NULL : __libc_malloc(nbytes);
}

void *calloc(size_t element_count, size_t nbytes)
{
    return fails() ? NULL : __libc_calloc(element_count, nbytes);
}

void *realloc(void *old, size_t nbytes)
{
    return fails() ? NULL : __libc_realloc(old, nbytes);
}

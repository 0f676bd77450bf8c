/* SPDX-License-Identifier: 0BSD */
/* Knows that a guest has no files to look at: the names exist for libraries' unused parts. */
#ifndef GUEST_SYS_STAT_H
#define GUEST_SYS_STAT_H

#include <sys/types.h>

struct stat {
    long long st_size;
};

int fstat(int descriptor, struct stat *result);
int stat(const char *path, struct stat *result);

#endif

/* SPDX-License-Identifier: 0BSD */
/* Knows the input, the output and the messages as descriptors. */
#ifndef GUEST_UNISTD_H
#define GUEST_UNISTD_H

#include <stddef.h>
#include <sys/types.h>

#define STDIN_FILENO  0
#define STDOUT_FILENO 1
#define STDERR_FILENO 2

/* A failure gives -1 and sets errno. */
ssize_t read(int descriptor, void *to, size_t nbytes);
ssize_t write(int descriptor, const void *from, size_t nbytes);

#endif

/* SPDX-License-Identifier: 0BSD */
/* Knows text of numbers, and that a guest has no files: their names exist for libraries'
 * declarations.
 */
#ifndef GUEST_STDIO_H
#define GUEST_STDIO_H

#include <stdarg.h>
#include <stddef.h>

typedef struct guest_file FILE;

#define EOF      (-1)
#define SEEK_SET 0
#define SEEK_CUR 1
#define SEEK_END 2

/* Integers, characters and strings; no floating point. */
int snprintf(char *to, size_t room_nbytes, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
int vsnprintf(char *to, size_t room_nbytes, const char *format, va_list arguments)
    __attribute__((format(printf, 3, 0)));

#endif

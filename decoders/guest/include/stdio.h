/* SPDX-License-Identifier: 0BSD */
/* Knows that a guest has no files: the names exist for libraries' declarations, no function does.
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

#endif

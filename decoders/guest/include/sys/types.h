/* SPDX-License-Identifier: 0BSD */
/* Knows the types of sizes and offsets that system interfaces use. */
#ifndef GUEST_SYS_TYPES_H
#define GUEST_SYS_TYPES_H

#include <stddef.h>

typedef __PTRDIFF_TYPE__ ssize_t;
typedef long long off_t;

#endif

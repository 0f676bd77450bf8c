/* SPDX-License-Identifier: 0BSD */
/* Knows the byte order of i386 under the names that musl's mathematics looks for. */
#ifndef GUEST_MUSL_ENDIAN_H
#define GUEST_MUSL_ENDIAN_H

#define __LITTLE_ENDIAN 1234
#define __BIG_ENDIAN    4321
#define __BYTE_ORDER    __LITTLE_ENDIAN

#endif

/* SPDX-License-Identifier: 0BSD */
/* Knows what openjpeg wants to know of the compiler and the C library. */
#define OPJ_HAVE_INTTYPES_H 1
#define OPJ_HAVE_POSIX_MEMALIGN
#define OPJ_PACKAGE_VERSION "2.5.0"

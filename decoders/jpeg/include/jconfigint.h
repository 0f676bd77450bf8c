/* SPDX-License-Identifier: 0BSD */
/* Knows what libjpeg-turbo wants to know of the compiler. */
#define BUILD        ""
#define PACKAGE_NAME "libjpeg-turbo"
#define VERSION      "2.1.5"

#define INLINE       inline __attribute__((always_inline))
#define THREAD_LOCAL /* a guest has one thread */
#define FALLTHROUGH  __attribute__((fallthrough));

#define SIZEOF_SIZE_T     4
#define HAVE_BUILTIN_CTZL 1
#define NO_GETENV         1
#define NO_PUTENV         1

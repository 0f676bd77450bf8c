/* SPDX-License-Identifier: 0BSD */
/* Knows what libjpeg-turbo is asked to support: as Debian's library, for reading. */
#define JPEG_LIB_VERSION             62
#define LIBJPEG_TURBO_VERSION        2.1.5
#define LIBJPEG_TURBO_VERSION_NUMBER 2001005

#define D_ARITH_CODING_SUPPORTED 1
#ifndef WITHOUT_SIMD
#define WITH_SIMD 1
#endif
#define BITS_IN_JSAMPLE 8

/* SPDX-License-Identifier: 0BSD */
/* Knows the version of openjpeg. */
#define OPJ_HAVE_STDINT_H 1
#define OPJ_VERSION_MAJOR 2
#define OPJ_VERSION_MINOR 5
#define OPJ_VERSION_BUILD 0

/* SPDX-License-Identifier: 0BSD */
/* Knows what the library wants of this header, for ASCII. */
#define isdigit(byte) ((unsigned)(byte) - 48 < 10)
#define isalnum(byte) (isdigit(byte) || ((unsigned)(byte) | 32) - 97 < 26)

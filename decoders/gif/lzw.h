/* SPDX-License-Identifier: 0BSD */
/* Knows how GIF's codes of 3 to 12 bits become bytes. */
#ifndef GIF_LZW_H
#define GIF_LZW_H

#include <stddef.h>

/*
 * Decodes `codes` into exactly `nbytes` bytes at `to`, each below 1 << literal_nbits (2 to 8).
 * Gives NULL or what is wrong with the codes.
 */
const char *lzw_decode(unsigned char *to, size_t nbytes, const unsigned char *codes,
                       size_t codes_nbytes, unsigned literal_nbits);

#endif

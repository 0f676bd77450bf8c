/* SPDX-License-Identifier: 0BSD */
/* Knows where a WavPack file ends: its blocks, and the tags behind them. */
#ifndef WAVPACK_CONTAINER_H
#define WAVPACK_CONTAINER_H

#include <stddef.h>

/* NULL, or why the input is no whole file. */
const char *wavpack_check(const unsigned char *bytes, size_t nbytes);

#endif

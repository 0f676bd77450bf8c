/* SPDX-License-Identifier: MIT */
/* Shell patterns over member names, as zip(1) and unzip(1) understand them. */
#ifndef VXA_PATTERN_H
#define VXA_PATTERN_H

#include <stdbool.h>

/*
 * Whether `pattern` matches the whole of `name`, byte by byte: `*` any run, `/` included; `?` one
 * byte; `[a-z]` one byte of a set, `[!a-z]` and `[^a-z]` one outside it; `\` takes the next byte
 * literally. A `[` without its `]` stands for itself. The time is at most the product of the two
 * lengths.
 */
bool vxa_pattern_match(const char *pattern, const char *name);

#endif

/* SPDX-License-Identifier: 0BSD */
/* Knows the beginning of the input in memory, and the quick way when that is all of it. */
#ifndef DEFLATE_WHOLE_H
#define DEFLATE_WHOLE_H

#include <filter.h>
#include <stdbool.h>

struct beginning {
    unsigned char *bytes; /* filter.in, or memory of its own */
    size_t nbytes;
    bool is_whole; /* the input ends here */
};

/* Reads as much as the quick way takes. */
struct beginning whole_read(struct filter *filter);

/*
 * Writes what a raw deflate stream holds that is the whole input, and nothing else. False when it
 * is not, or is damaged, or does not fit into memory; then nothing is written.
 */
bool whole_decode(const struct filter *filter, const struct beginning *beginning);

#endif

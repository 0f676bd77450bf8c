/* SPDX-License-Identifier: 0BSD */
/* Knows what every decoder does: read blocks, write blocks, and fail with one clear line. */
#ifndef GUEST_FILTER_H
#define GUEST_FILTER_H

#include <stdbool.h>
#include <stddef.h>

/* Large enough that system calls cost nothing beside the decoding. */
#define FILTER_BUFFER_NBYTES ((size_t)256 * 1024)

enum filter_status {
    FILTER_GOOD = 0,
    FILTER_BAD_DATA = 1,
    FILTER_BAD_USAGE = 2,
    FILTER_NO_MEMORY = 3,
    FILTER_BAD_IO = 4,
};

struct filter {
    const char *name;   /* begins each message */
    unsigned char *in;  /* FILTER_BUFFER_NBYTES of encoded bytes */
    unsigned char *out; /* FILTER_BUFFER_NBYTES for decoded bytes */
};

void filter_open(struct filter *filter, const char *name);

/* True when `option` is the only argument; ends the program when there is any other. */
bool filter_option(const struct filter *filter, int argc, char **argv, const char *option);

/* Reads into `to`: `nbytes`, or fewer only at the end of the input. */
size_t filter_read(const struct filter *filter, unsigned char *to, size_t nbytes);

/* The number of bytes now in `in`: all it holds, fewer only at the end of the input, then 0. */
size_t filter_fill(struct filter *filter);

/* The whole input in one block of memory; ends the program when it is empty. */
unsigned char *filter_read_all(const struct filter *filter, size_t *nbytes);

/* Writes the first `nbytes` of `out`, all of them. */
void filter_flush(struct filter *filter, size_t nbytes);

/* Writes bytes from elsewhere, all of them. */
void filter_write(const struct filter *filter, const unsigned char *bytes, size_t nbytes);

/* Writes "NAME: REASON" to the messages and ends the program. */
_Noreturn void filter_fail(const struct filter *filter, enum filter_status status,
                           const char *reason);

#endif

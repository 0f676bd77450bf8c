/* SPDX-License-Identifier: MIT */
/* Raw deflate streams (RFC 1951) from memory into a sink. */
#ifndef VXA_READER_INFLATE_H
#define VXA_READER_INFLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Takes decoded bytes; false: no more are wanted. */
struct reader_sink {
    bool (*put)(void *context, const uint8_t *bytes, size_t nbytes);
    void *context;
};

/* NULL when the stream is whole and ends with the last byte of `data`; else what is wrong. */
const char *reader_inflate(const uint8_t *data, size_t nbytes, struct reader_sink sink);

#endif

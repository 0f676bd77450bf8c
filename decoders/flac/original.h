/* SPDX-License-Identifier: 0BSD */
/* Knows the file that a FLAC stream was made from: its chunks, kept in application blocks. */
#ifndef FLAC_ORIGINAL_H
#define FLAC_ORIGINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audio/wav.h"

struct original_chunk;

struct original {
    struct original_chunk *first;
    struct original_chunk *last;
    struct original_chunk *audio; /* ends before the samples */
    bool is_big_endian;
    bool is_signed; /* also samples of one byte */
};

/* Keeps the data of an application block when its kind, four bytes, is one of a file's chunks. */
void original_add(struct original *original, const struct filter *filter, const uint8_t *kind,
                  const uint8_t *data, size_t nbytes);

/* Writes what comes before the samples; ends the program when the stream does not hold it. */
void original_begin(const struct original *original, struct wav *wav);

/* Writes what comes after so many bytes of samples. */
void original_end(const struct original *original, struct wav *wav, uint64_t sample_nbytes);

#endif

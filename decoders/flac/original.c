/* SPDX-License-Identifier: 0BSD */
/* Knows how the chunks of WAV and AIFF files lie in application blocks, one in each, in order. */
#include "original.h"

#include <stdlib.h>
#include <string.h>

/* One block without its kind: the file's first 12 bytes, or a chunk with its padding. */
struct original_chunk {
    struct original_chunk *next;
    size_t nbytes;
    uint8_t bytes[];
};

enum {
    KIND_NBYTES = 4,
    CHUNK_HEAD_NBYTES = 8,
    FORM_TYPE_OFF = 8,
    /* In the COMM chunk of an AIFC file, behind channels, frames, bits and the rate. */
    COMPRESSION_OFF = CHUNK_HEAD_NBYTES + 18,
};

static bool has_text(const struct original_chunk *chunk, size_t off, const char *text)
{
    size_t nbytes = strlen(text);
    return off + nbytes <= chunk->nbytes && memcmp(chunk->bytes + off, text, nbytes) == 0;
}

static void learn(struct original *original, struct original_chunk *chunk)
{
    if (chunk == original->first) {
        original->is_signed = original->is_big_endian = has_text(chunk, 0, "FORM");
    } else if (has_text(chunk, 0, "COMM")) {
        if (has_text(original->first, FORM_TYPE_OFF, "AIFC") &&
            has_text(chunk, COMPRESSION_OFF, "sowt"))
            original->is_big_endian = false;
    } else if (!original->audio && (has_text(chunk, 0, "data") || has_text(chunk, 0, "SSND"))) {
        original->audio = chunk;
    }
}

static bool is_kept(const uint8_t *kind, size_t nbytes)
{
    return nbytes >= CHUNK_HEAD_NBYTES &&
           (memcmp(kind, "riff", KIND_NBYTES) == 0 || memcmp(kind, "aiff", KIND_NBYTES) == 0);
}

void original_add(struct original *original, const struct filter *filter, const uint8_t *kind,
                  const uint8_t *data, size_t nbytes)
{
    if (!is_kept(kind, nbytes))
        return;
    struct original_chunk *chunk = malloc(sizeof *chunk + nbytes);
    if (!chunk)
        filter_fail(filter, FILTER_NO_MEMORY, "out of memory");
    chunk->next = NULL;
    chunk->nbytes = nbytes;
    memcpy(chunk->bytes, data, nbytes);
    if (original->last)
        original->last->next = chunk;
    else
        original->first = chunk;
    original->last = chunk;
    learn(original, chunk);
}

void original_begin(const struct original *original, struct wav *wav)
{
    if (!original->audio)
        filter_fail(wav->filter, FILTER_BAD_DATA, "the stream does not hold its original's chunks");
    const struct original_chunk *chunk = original->first;
    for (; chunk != original->audio; chunk = chunk->next)
        wav_write(wav, chunk->bytes, chunk->nbytes);
    wav_write(wav, chunk->bytes, chunk->nbytes);
}

void original_end(const struct original *original, struct wav *wav, uint64_t sample_nbytes)
{
    if ((original->audio->nbytes + sample_nbytes) & 1)
        wav_write(wav, "", 1);
    for (const struct original_chunk *chunk = original->audio->next; chunk; chunk = chunk->next)
        wav_write(wav, chunk->bytes, chunk->nbytes);
}

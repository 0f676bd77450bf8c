/* SPDX-License-Identifier: 0BSD */
/* Knows how a member that fits into memory is decoded in one go by libdeflate. */
#include "whole.h"

#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>

/*
 * Beyond these the decoder for streams serves as well: it needs little memory, and data that
 * shrink so much decode quickly anyway.
 */
enum {
    INPUT_LIMIT_NBYTES = 16 * 1024 * 1024,
    OUTPUT_LIMIT_NBYTES = 64 * 1024 * 1024,
    OUTPUT_LEAST_NBYTES = 64 * 1024,
    EXPECTED_RATIO = 8,
};

/* Twice the room, with what it holds so far; false when there is not so much memory. */
static bool widen(const struct filter *filter, struct beginning *beginning, size_t *room_nbytes)
{
    unsigned char *wider = malloc(2 * *room_nbytes);
    if (!wider)
        return false;
    memcpy(wider, beginning->bytes, beginning->nbytes);
    if (beginning->bytes != filter->in)
        free(beginning->bytes);
    beginning->bytes = wider;
    *room_nbytes *= 2;
    return true;
}

struct beginning whole_read(struct filter *filter)
{
    struct beginning beginning = {.bytes = filter->in};
    size_t room_nbytes = FILTER_BUFFER_NBYTES;
    for (;;) {
        size_t part_nbytes =
            filter_read(filter, beginning.bytes + beginning.nbytes, room_nbytes - beginning.nbytes);
        beginning.nbytes += part_nbytes;
        beginning.is_whole = beginning.nbytes < room_nbytes;
        if (beginning.is_whole || room_nbytes >= INPUT_LIMIT_NBYTES ||
            !widen(filter, &beginning, &room_nbytes))
            return beginning;
    }
}

static size_t output_room_nbytes(size_t input_nbytes)
{
    size_t room_nbytes = input_nbytes * EXPECTED_RATIO;
    if (room_nbytes > OUTPUT_LIMIT_NBYTES)
        room_nbytes = OUTPUT_LIMIT_NBYTES;
    return room_nbytes > OUTPUT_LEAST_NBYTES ? room_nbytes : OUTPUT_LEAST_NBYTES;
}

bool whole_decode(const struct filter *filter, const struct beginning *beginning)
{
    size_t room_nbytes = output_room_nbytes(beginning->nbytes), in_nbytes = 0, out_nbytes = 0;
    unsigned char *out = room_nbytes <= FILTER_BUFFER_NBYTES ? filter->out : malloc(room_nbytes);
    struct libdeflate_decompressor *decoder = libdeflate_alloc_decompressor();
    bool is_good = out && decoder && beginning->is_whole &&
                   libdeflate_deflate_decompress_ex(decoder, beginning->bytes, beginning->nbytes,
                                                    out, room_nbytes, &in_nbytes,
                                                    &out_nbytes) == LIBDEFLATE_SUCCESS &&
                   in_nbytes == beginning->nbytes;
    if (is_good)
        filter_write(filter, out, out_nbytes);
    libdeflate_free_decompressor(decoder);
    if (out != filter->out)
        free(out);
    return is_good;
}

/* SPDX-License-Identifier: MIT */
/* The encoder for ZIP method 8: raw deflate by the host's zlib. */
#include "codec.h"

#include <stdlib.h>
#include <zlib.h>

enum { CHUNK_NBYTES = 64 * 1024, WINDOW_BITS = 15, MEMORY_LEVEL = 9 };

struct buffers {
    uint8_t input[CHUNK_NBYTES];
    uint8_t output[CHUNK_NBYTES];
};

/* Takes all pending input; with Z_FINISH, to the end of the stream. */
static bool push(z_stream *stream, int flush, struct buffers *buffers, struct vxa_sink sink,
                 struct vxa_failure *failure)
{
    do {
        stream->next_out = buffers->output;
        stream->avail_out = CHUNK_NBYTES;
        if (deflate(stream, flush) == Z_STREAM_ERROR)
            return vxa_fail(failure, VXA_FAILURE_MEMORY, "zlib lost its state");
        size_t nbytes = CHUNK_NBYTES - stream->avail_out;

        if (nbytes > 0 && !sink.write(sink.context, buffers->output, nbytes))
            return vxa_fail(failure, VXA_FAILURE_IO, "the encoded data could not be written");
    } while (stream->avail_out == 0);
    return true;
}

static bool encode(z_stream *stream, struct buffers *buffers, const struct vxa_original *original,
                   struct vxa_sink sink, struct vxa_failure *failure)
{
    struct vxa_source source = original->source;
    uint64_t total_nbytes = 0;
    ptrdiff_t nbytes;

    while ((nbytes = source.read(source.context, buffers->input, CHUNK_NBYTES)) > 0) {
        total_nbytes += (uint64_t)nbytes;
        stream->next_in = buffers->input;
        stream->avail_in = (uInt)nbytes;
        if (!push(stream, Z_NO_FLUSH, buffers, sink, failure))
            return false;
    }
    if (nbytes < 0)
        return vxa_fail(failure, VXA_FAILURE_IO, "the data could not be read");
    if (total_nbytes != original->nbytes)
        return vxa_fail(failure, VXA_FAILURE_DATA, "the data does not have its declared size");
    return push(stream, Z_FINISH, buffers, sink, failure);
}

bool vxa_encode_deflate(const struct vxa_original *original, int level, struct vxa_sink sink,
                        struct vxa_failure *failure)
{
    z_stream stream = {0};
    struct buffers *buffers = malloc(sizeof(*buffers));
    bool ok = false;

    if (buffers && deflateInit2(&stream, level, Z_DEFLATED, -WINDOW_BITS, MEMORY_LEVEL,
                                Z_DEFAULT_STRATEGY) == Z_OK) {
        ok = encode(&stream, buffers, original, sink, failure);
        deflateEnd(&stream);
    } else {
        (void)vxa_fail(failure, VXA_FAILURE_MEMORY, "out of memory for zlib");
    }
    free(buffers);
    return ok;
}

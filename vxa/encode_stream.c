/* SPDX-License-Identifier: MIT */
/* The loop around a library that encodes in pieces. */
#include "encode_stream.h"

#include <stdlib.h>

enum { CHUNK_NBYTES = 64 * 1024 };

struct buffers {
    uint8_t input[CHUNK_NBYTES], output[CHUNK_NBYTES];
};

/* Steps until the input is taken or, with the last of it, the stream has ended. */
static bool push(const struct vxa_stream_coder *coder, struct vxa_window *window,
                 struct buffers *buffers, struct vxa_sink sink, struct vxa_failure *failure)
{
    enum vxa_step step = VXA_STEP_ON;

    while (step == VXA_STEP_ON && (window->is_last || window->in_nbytes > 0)) {
        window->out = buffers->output;
        window->out_nbytes = CHUNK_NBYTES;
        step = coder->step(coder->context, window);
        size_t nbytes = CHUNK_NBYTES - window->out_nbytes;

        if (step == VXA_STEP_FAILED)
            return vxa_fail(failure, VXA_FAILURE_MEMORY, "%s: out of memory", coder->name);
        if (nbytes > 0 && !sink.write(sink.context, buffers->output, nbytes))
            return vxa_fail(failure, VXA_FAILURE_IO, "the encoded data could not be written");
    }
    return true;
}

static bool encode(const struct vxa_original *original, const struct vxa_stream_coder *coder,
                   struct buffers *buffers, struct vxa_sink sink, struct vxa_failure *failure)
{
    struct vxa_source source = original->source;
    struct vxa_window window = {0};
    uint64_t total_nbytes = 0;
    ptrdiff_t nbytes;

    while ((nbytes = source.read(source.context, buffers->input, CHUNK_NBYTES)) > 0) {
        total_nbytes += (uint64_t)nbytes;
        window.in = buffers->input;
        window.in_nbytes = (size_t)nbytes;
        if (!push(coder, &window, buffers, sink, failure))
            return false;
    }
    if (nbytes < 0)
        return vxa_fail(failure, VXA_FAILURE_IO, "the data could not be read");
    if (total_nbytes != original->nbytes)
        return vxa_fail(failure, VXA_FAILURE_DATA, "the data does not have its declared size");
    window.is_last = true;
    return push(coder, &window, buffers, sink, failure);
}

bool vxa_encode_stream(const struct vxa_original *original, const struct vxa_stream_coder *coder,
                       struct vxa_sink sink, struct vxa_failure *failure)
{
    struct buffers *buffers = malloc(sizeof(*buffers));
    bool ok = buffers ? encode(original, coder, buffers, sink, failure)
                      : vxa_fail(failure, VXA_FAILURE_MEMORY, "out of memory");

    free(buffers);
    return ok;
}

/* SPDX-License-Identifier: MIT */
/* The encoder for ZIP method 12: one bzip2 stream by the host's libbz2. */
#include "encode_stream.h"

#include <bzlib.h>

static enum vxa_step step(void *context, struct vxa_window *window)
{
    bz_stream *stream = context;

    /* libbz2 does not write to its input, but its interface is older than const. */
    stream->next_in = (char *)(uintptr_t)window->in;
    stream->avail_in = (unsigned)window->in_nbytes;
    stream->next_out = (char *)window->out;
    stream->avail_out = (unsigned)window->out_nbytes;
    int result = BZ2_bzCompress(stream, window->is_last ? BZ_FINISH : BZ_RUN);

    window->in = (const uint8_t *)stream->next_in;
    window->in_nbytes = stream->avail_in;
    window->out = (uint8_t *)stream->next_out;
    window->out_nbytes = stream->avail_out;
    if (result == BZ_STREAM_END)
        return VXA_STEP_END;
    return result == BZ_RUN_OK || result == BZ_FINISH_OK ? VXA_STEP_ON : VXA_STEP_FAILED;
}

bool vxa_encode_bzip2(const struct vxa_original *original, int level, struct vxa_sink sink,
                      struct vxa_failure *failure)
{
    bz_stream stream = {0};
    struct vxa_stream_coder coder = {"bzip2", step, &stream};

    if (BZ2_bzCompressInit(&stream, level, 0, 0) != BZ_OK)
        return vxa_fail(failure, VXA_FAILURE_MEMORY, "out of memory for bzip2");
    bool ok = vxa_encode_stream(original, &coder, sink, failure);

    (void)BZ2_bzCompressEnd(&stream);
    return ok;
}

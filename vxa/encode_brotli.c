/* SPDX-License-Identifier: MIT */
/* The encoder for brotli: one stream by the host's libbrotlienc. */
#include "encode_stream.h"

#include <brotli/encode.h>

/* brotli's quality for -1 to -9. */
static const uint8_t qualities[9] = {1, 3, 4, 4, 5, 5, 6, 9, 11};

static enum vxa_step step(void *context, struct vxa_window *window)
{
    BrotliEncoderState *state = context;

    if (!BrotliEncoderCompressStream(
            state, window->is_last ? BROTLI_OPERATION_FINISH : BROTLI_OPERATION_PROCESS,
            &window->in_nbytes, &window->in, &window->out_nbytes, &window->out, NULL))
        return VXA_STEP_FAILED;
    return BrotliEncoderIsFinished(state) ? VXA_STEP_END : VXA_STEP_ON;
}

static bool configure(BrotliEncoderState *state, uint64_t nbytes, int level)
{
    uint32_t size_hint = nbytes < UINT32_MAX >> 2 ? (uint32_t)nbytes : UINT32_MAX >> 2;
    uint32_t window_bits = BROTLI_MIN_WINDOW_BITS;

    while (window_bits < BROTLI_MAX_WINDOW_BITS && nbytes >> window_bits > 0)
        window_bits++;
    return BrotliEncoderSetParameter(state, BROTLI_PARAM_QUALITY, qualities[level - 1]) &&
           BrotliEncoderSetParameter(state, BROTLI_PARAM_LGWIN, window_bits) &&
           BrotliEncoderSetParameter(state, BROTLI_PARAM_SIZE_HINT, size_hint);
}

bool vxa_encode_brotli(const struct vxa_original *original, int level, struct vxa_sink sink,
                       struct vxa_failure *failure)
{
    BrotliEncoderState *state = BrotliEncoderCreateInstance(NULL, NULL, NULL);
    struct vxa_stream_coder coder = {"brotli", step, state};

    if (!state)
        return vxa_fail(failure, VXA_FAILURE_MEMORY, "out of memory for brotli");
    bool ok = configure(state, original->nbytes, level)
                  ? vxa_encode_stream(original, &coder, sink, failure)
                  : vxa_fail(failure, VXA_FAILURE_MEMORY, "brotli refuses its parameters");

    BrotliEncoderDestroyInstance(state);
    return ok;
}

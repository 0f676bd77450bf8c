/* SPDX-License-Identifier: MIT */
/* The encoder for ZIP method 93: one Zstandard frame by the host's libzstd. */
#include "codec.h"

#include <stdlib.h>
#include <zstd.h>

/* 8 MiB: what every reader must accept (RFC 8878, 3.1.1.1.2). */
enum { WINDOW_LOG_MAX = 23 };

/*
 * zstd's level for -1 to -9. The default, -6, is the smallest that is still clearly faster than
 * `zip -6` on source code.
 */
static const int zstd_levels[9] = {1, 3, 5, 6, 7, 8, 12, 15, 19};

struct buffers {
    void *input, *output;
    size_t input_nbytes, output_nbytes;
};

static bool zstd_failed(struct vxa_failure *failure, size_t result)
{
    return vxa_fail(failure, VXA_FAILURE_MEMORY, "zstd: %s", ZSTD_getErrorName(result));
}

static bool configure(ZSTD_CCtx *context, uint64_t source_nbytes, int level,
                      struct vxa_failure *failure)
{
    int zstd_level = zstd_levels[level < 1 ? 0 : level > 9 ? 8 : level - 1];
    size_t result = ZSTD_CCtx_setPledgedSrcSize(context, source_nbytes);

    if (!ZSTD_isError(result))
        result = ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, zstd_level);
    if (!ZSTD_isError(result))
        result = ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 0);
    /* Levels up to 19 keep within the limit today; another libzstd may think otherwise. */
    if (!ZSTD_isError(result) && source_nbytes > (1u << WINDOW_LOG_MAX) && zstd_level >= 17)
        result = ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, WINDOW_LOG_MAX);
    return ZSTD_isError(result) ? zstd_failed(failure, result) : true;
}

/* Takes all of `input`; with ZSTD_e_end, to the end of the frame. */
static bool push(ZSTD_CCtx *context, ZSTD_inBuffer *input, ZSTD_EndDirective directive,
                 struct buffers *buffers, struct vxa_sink sink, struct vxa_failure *failure)
{
    bool done;

    do {
        ZSTD_outBuffer output = {buffers->output, buffers->output_nbytes, 0};
        size_t result = ZSTD_compressStream2(context, &output, input, directive);

        if (ZSTD_isError(result))
            return zstd_failed(failure, result);
        if (output.pos > 0 && !sink.write(sink.context, output.dst, output.pos))
            return vxa_fail(failure, VXA_FAILURE_IO, "the encoded data could not be written");
        done = directive == ZSTD_e_end ? result == 0 : input->pos == input->size;
    } while (!done);
    return true;
}

static bool encode(ZSTD_CCtx *context, struct buffers *buffers, const struct vxa_original *original,
                   struct vxa_sink sink, struct vxa_failure *failure)
{
    struct vxa_source source = original->source;
    ZSTD_inBuffer input = {buffers->input, 0, 0};
    uint64_t total_nbytes = 0;
    ptrdiff_t nbytes;

    while ((nbytes = source.read(source.context, buffers->input, buffers->input_nbytes)) > 0) {
        total_nbytes += (uint64_t)nbytes;
        if (total_nbytes > original->nbytes)
            break;
        input = (ZSTD_inBuffer){buffers->input, (size_t)nbytes, 0};
        if (!push(context, &input, ZSTD_e_continue, buffers, sink, failure))
            return false;
    }
    if (nbytes < 0)
        return vxa_fail(failure, VXA_FAILURE_IO, "the data could not be read");
    if (total_nbytes != original->nbytes)
        return vxa_fail(failure, VXA_FAILURE_DATA, "the data does not have its declared size");
    input.size = input.pos = 0;
    return push(context, &input, ZSTD_e_end, buffers, sink, failure);
}

bool vxa_encode_zstd(const struct vxa_original *original, int level, struct vxa_sink sink,
                     struct vxa_failure *failure)
{
    struct buffers buffers = {.input_nbytes = ZSTD_CStreamInSize(),
                              .output_nbytes = ZSTD_CStreamOutSize()};
    ZSTD_CCtx *context = ZSTD_createCCtx();
    bool ok = false;

    buffers.input = malloc(buffers.input_nbytes);
    buffers.output = malloc(buffers.output_nbytes);
    if (context && buffers.input && buffers.output)
        ok = configure(context, original->nbytes, level, failure) &&
             encode(context, &buffers, original, sink, failure);
    else
        (void)vxa_fail(failure, VXA_FAILURE_MEMORY, "out of memory for zstd");
    free(buffers.input);
    free(buffers.output);
    ZSTD_freeCCtx(context);
    return ok;
}

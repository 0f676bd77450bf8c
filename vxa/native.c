/* SPDX-License-Identifier: MIT */
/* The table of libraries, each behind the same four operations, and the loop around them. */
#include "native.h"
#include "zip_format.h"

#include <bzlib.h>
#include <lzma.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

enum { CHUNK_NBYTES = 64 * 1024 };

/* What an .xz stream may use: well above the greatest dictionary of docs/format.md. */
#define XZ_MEMORY_NBYTES ((uint64_t)256 << 20)

struct window {
    const uint8_t *in;
    size_t in_nbytes;
    uint8_t *out;
    size_t out_nbytes;
};

enum result { RESULT_ON, RESULT_END, RESULT_BAD };

/* The state of any of the libraries. */
union state {
    z_stream deflate;
    bz_stream bzip2;
    lzma_stream xz;
    ZSTD_DCtx *zstd;
};

/* ---- the libraries ---- */

static bool open_deflate(union state *state)
{
    state->deflate = (z_stream){0};
    return inflateInit2(&state->deflate, -MAX_WBITS) == Z_OK;
}

static enum result step_deflate(union state *state, struct window *window)
{
    z_stream *stream = &state->deflate;

    stream->next_in = (z_const Bytef *)(uintptr_t)window->in;
    stream->avail_in = (uInt)window->in_nbytes;
    stream->next_out = window->out;
    stream->avail_out = (uInt)window->out_nbytes;
    int result = inflate(stream, Z_NO_FLUSH);

    *window =
        (struct window){stream->next_in, stream->avail_in, stream->next_out, stream->avail_out};
    if (result == Z_STREAM_END)
        return RESULT_END;
    return result == Z_OK || result == Z_BUF_ERROR ? RESULT_ON : RESULT_BAD;
}

static void close_deflate(union state *state)
{
    (void)inflateEnd(&state->deflate);
}

static bool open_bzip2(union state *state)
{
    state->bzip2 = (bz_stream){0};
    return BZ2_bzDecompressInit(&state->bzip2, 0, 0) == BZ_OK;
}

static enum result step_bzip2(union state *state, struct window *window)
{
    bz_stream *stream = &state->bzip2;

    stream->next_in = (char *)(uintptr_t)window->in;
    stream->avail_in = (unsigned)window->in_nbytes;
    stream->next_out = (char *)window->out;
    stream->avail_out = (unsigned)window->out_nbytes;
    int result = BZ2_bzDecompress(stream);

    *window = (struct window){(const uint8_t *)stream->next_in, stream->avail_in,
                              (uint8_t *)stream->next_out, stream->avail_out};
    if (result == BZ_STREAM_END)
        return RESULT_END;
    return result == BZ_OK ? RESULT_ON : RESULT_BAD;
}

static void close_bzip2(union state *state)
{
    (void)BZ2_bzDecompressEnd(&state->bzip2);
}

static bool open_xz(union state *state)
{
    state->xz = (lzma_stream)LZMA_STREAM_INIT;
    return lzma_stream_decoder(&state->xz, XZ_MEMORY_NBYTES, 0) == LZMA_OK;
}

static enum result step_xz(union state *state, struct window *window)
{
    lzma_stream *stream = &state->xz;

    stream->next_in = window->in;
    stream->avail_in = window->in_nbytes;
    stream->next_out = window->out;
    stream->avail_out = window->out_nbytes;
    lzma_ret result = lzma_code(stream, LZMA_RUN);

    *window =
        (struct window){stream->next_in, stream->avail_in, stream->next_out, stream->avail_out};
    if (result == LZMA_STREAM_END)
        return RESULT_END;
    return result == LZMA_OK || result == LZMA_BUF_ERROR ? RESULT_ON : RESULT_BAD;
}

static void close_xz(union state *state)
{
    lzma_end(&state->xz);
}

static bool open_zstd(union state *state)
{
    state->zstd = ZSTD_createDCtx();
    return state->zstd != NULL;
}

static enum result step_zstd(union state *state, struct window *window)
{
    ZSTD_inBuffer input = {window->in, window->in_nbytes, 0};
    ZSTD_outBuffer output = {window->out, window->out_nbytes, 0};
    size_t result = ZSTD_decompressStream(state->zstd, &output, &input);

    window->in += input.pos;
    window->in_nbytes -= input.pos;
    window->out += output.pos;
    window->out_nbytes -= output.pos;
    if (ZSTD_isError(result))
        return RESULT_BAD;
    return result == 0 ? RESULT_END : RESULT_ON;
}

static void close_zstd(union state *state)
{
    (void)ZSTD_freeDCtx(state->zstd);
}

static const struct library {
    uint16_t method;
    bool (*open)(union state *state);
    enum result (*step)(union state *state, struct window *window);
    void (*close)(union state *state);
} libraries[] = {
    {ZIP_METHOD_DEFLATE, open_deflate, step_deflate, close_deflate},
    {ZIP_METHOD_BZIP2, open_bzip2, step_bzip2, close_bzip2},
    {ZIP_METHOD_ZSTD, open_zstd, step_zstd, close_zstd},
    {ZIP_METHOD_XZ, open_xz, step_xz, close_xz},
};

/* ---- the loop ---- */

static const struct library *find(uint16_t method)
{
    for (size_t i = 0; i < sizeof(libraries) / sizeof(libraries[0]); i++) {
        if (libraries[i].method == method)
            return &libraries[i];
    }
    return NULL;
}

bool vxa_native_has(uint16_t method)
{
    return find(method) != NULL;
}

struct buffers {
    uint8_t input[CHUNK_NBYTES], output[CHUNK_NBYTES];
};

static bool run(const struct library *library, union state *state, struct buffers *buffers,
                struct vxa_source source, struct vxa_sink sink, struct vxa_failure *failure)
{
    struct window window = {0};
    enum result result = RESULT_ON;

    while (result == RESULT_ON) {
        /* What is left of the output is asked for before more input is. */
        if (window.in_nbytes == 0 && window.out_nbytes > 0) {
            ptrdiff_t count = source.read(source.context, buffers->input, CHUNK_NBYTES);

            if (count < 0)
                return vxa_fail(failure, VXA_FAILURE_IO, "%s", "");
            if (count == 0)
                return vxa_fail(failure, VXA_FAILURE_DATA, "it ends within its coded bytes");
            window.in = buffers->input;
            window.in_nbytes = (size_t)count;
        }
        window.out = buffers->output;
        window.out_nbytes = CHUNK_NBYTES;
        result = library->step(state, &window);
        size_t nbytes = CHUNK_NBYTES - window.out_nbytes;

        if (nbytes > 0 && !sink.write(sink.context, buffers->output, nbytes))
            return vxa_fail(failure, VXA_FAILURE_IO, "%s", "");
    }
    if (result == RESULT_BAD)
        return vxa_fail(failure, VXA_FAILURE_DATA, "its coded bytes are damaged");
    if (window.in_nbytes > 0)
        return vxa_fail(failure, VXA_FAILURE_DATA, "its coded bytes go on after their end");
    return true;
}

bool vxa_native_decode(uint16_t method, struct vxa_source source, struct vxa_sink sink,
                       struct vxa_failure *failure)
{
    const struct library *library = find(method);
    struct buffers *buffers = malloc(sizeof(*buffers));
    union state state;
    bool ok = false;

    if (library && buffers && library->open(&state)) {
        ok = run(library, &state, buffers, source, sink, failure);
        library->close(&state);
    } else {
        (void)vxa_fail(failure, VXA_FAILURE_MEMORY, "out of memory");
    }
    free(buffers);
    return ok;
}

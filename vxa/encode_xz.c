/* SPDX-License-Identifier: MIT */
/* The encoder for ZIP method 95: one .xz stream by the host's liblzma. */
#include "encode_stream.h"
#include "zip_format.h"

#include <lzma.h>
#include <string.h>

/* What a reader must accept, docs/format.md. */
enum { DICTIONARY_MAX_NBYTES = 64 << 20, DICTIONARY_MIN_NBYTES = 64 << 10 };

/* liblzma's presets for -1 to -9. */
static const uint32_t presets[9] = {0, 1, 2, 3, 4, 6, 7, 8, 9 | LZMA_PRESET_EXTREME};

struct state {
    lzma_stream stream;
    lzma_options_lzma options;
    bool begun;
};

/* ELF's and Windows's word for a processor, and the filter that makes its jumps absolute. */
static lzma_vli branch_filter(const uint8_t *head, size_t nbytes)
{
    static const struct {
        uint16_t machine;
        lzma_vli filter;
    } filters[] = {
        {3, LZMA_FILTER_X86},
        {62, LZMA_FILTER_X86},
        {40, LZMA_FILTER_ARM},
        {183, LZMA_FILTER_ARM64},
    };

    if (nbytes < 64)
        return LZMA_VLI_UNKNOWN;
    if (memcmp(head, "MZ", 2) == 0)
        return LZMA_FILTER_X86;
    if (memcmp(head, "\177ELF", 4) != 0 || head[5] != 1)
        return LZMA_VLI_UNKNOWN;
    for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++) {
        if (filters[i].machine == zip_get16(head + 18))
            return filters[i].filter;
    }
    return LZMA_VLI_UNKNOWN;
}

/* Without a check of its own: the member's CRC-32 covers the data. */
static lzma_ret begin(struct state *state, const struct vxa_window *window)
{
    lzma_vli branch = branch_filter(window->in, window->in_nbytes);
    lzma_filter filters[3] = {
        {branch, NULL}, {LZMA_FILTER_LZMA2, &state->options}, {LZMA_VLI_UNKNOWN, NULL}};

    state->begun = true;
    return lzma_stream_encoder(&state->stream, branch == LZMA_VLI_UNKNOWN ? filters + 1 : filters,
                               LZMA_CHECK_NONE);
}

static enum vxa_step step(void *context, struct vxa_window *window)
{
    struct state *state = context;
    lzma_stream *stream = &state->stream;

    if (!state->begun && begin(state, window) != LZMA_OK)
        return VXA_STEP_FAILED;
    stream->next_in = window->in;
    stream->avail_in = window->in_nbytes;
    stream->next_out = window->out;
    stream->avail_out = window->out_nbytes;
    lzma_ret result = lzma_code(stream, window->is_last ? LZMA_FINISH : LZMA_RUN);

    window->in = stream->next_in;
    window->in_nbytes = stream->avail_in;
    window->out = stream->next_out;
    window->out_nbytes = stream->avail_out;
    if (result == LZMA_STREAM_END)
        return VXA_STEP_END;
    return result == LZMA_OK || result == LZMA_BUF_ERROR ? VXA_STEP_ON : VXA_STEP_FAILED;
}

/* A dictionary is no larger than the data: encoder and decoder would only need more memory. */
static bool configure(struct state *state, uint64_t nbytes, int level)
{
    uint32_t dictionary_nbytes = DICTIONARY_MIN_NBYTES;

    if (lzma_lzma_preset(&state->options, presets[level - 1]))
        return false;
    while (dictionary_nbytes < DICTIONARY_MAX_NBYTES && dictionary_nbytes < nbytes)
        dictionary_nbytes *= 2;
    if (state->options.dict_size > dictionary_nbytes)
        state->options.dict_size = dictionary_nbytes;
    return true;
}

bool vxa_encode_xz(const struct vxa_original *original, int level, struct vxa_sink sink,
                   struct vxa_failure *failure)
{
    struct state state = {.stream = LZMA_STREAM_INIT};
    struct vxa_stream_coder coder = {"xz", step, &state};

    if (!configure(&state, original->nbytes, level))
        return vxa_fail(failure, VXA_FAILURE_MEMORY, "liblzma refuses its parameters");
    bool ok = vxa_encode_stream(original, &coder, sink, failure);

    lzma_end(&state.stream);
    return ok;
}

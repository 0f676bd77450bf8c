/* SPDX-License-Identifier: 0BSD */
/* Knows how one zstd frame becomes bytes. */
#include <filter.h>
#include <string.h>

#define ZSTD_STATIC_LINKING_ONLY
#include <zstd.h>
#include <zstd_errors.h>

/* Windows up to 128 MiB. */
enum { WINDOW_LOG_MAX = 27 };

static void check(const struct filter *filter, size_t result)
{
    if (!ZSTD_isError(result))
        return;
    if (ZSTD_getErrorCode(result) == ZSTD_error_memory_allocation)
        filter_fail(filter, FILTER_NO_MEMORY, "out of memory");
    filter_fail(filter, FILTER_BAD_DATA, ZSTD_getErrorName(result));
}

static ZSTD_DCtx *open_decoder(const struct filter *filter, int argc, char **argv)
{
    int ignores_checksum = argc == 2 && strcmp(argv[1], "--no-checksum") == 0;
    if (argc > 1 && !ignores_checksum)
        filter_fail(filter, FILTER_BAD_USAGE, "usage: zstd [--no-checksum] < encoded > decoded");
    ZSTD_DCtx *decoder = ZSTD_createDCtx();
    if (!decoder)
        filter_fail(filter, FILTER_NO_MEMORY, "out of memory");
    check(filter, ZSTD_DCtx_setParameter(decoder, ZSTD_d_windowLogMax, WINDOW_LOG_MAX));
    if (ignores_checksum)
        check(filter,
              ZSTD_DCtx_setParameter(decoder, ZSTD_d_forceIgnoreChecksum, ZSTD_d_ignoreChecksum));
    return decoder;
}

static void refill(struct filter *filter, ZSTD_inBuffer *input)
{
    *input = (ZSTD_inBuffer){filter->in, filter_fill(filter), 0};
    if (!input->size)
        filter_fail(filter, FILTER_BAD_DATA, "the input ends within the frame");
}

static void decode(struct filter *filter, ZSTD_DCtx *decoder, ZSTD_inBuffer *input)
{
    for (;;) {
        ZSTD_outBuffer output = {filter->out, FILTER_BUFFER_NBYTES, 0};
        size_t pending_nbytes = ZSTD_decompressStream(decoder, &output, input);
        check(filter, pending_nbytes);
        filter_flush(filter, output.pos);
        if (!pending_nbytes)
            return;
        if (output.pos < output.size && input->pos == input->size)
            refill(filter, input);
    }
}

int main(int argc, char **argv)
{
    struct filter filter;
    filter_open(&filter, "zstd");
    ZSTD_DCtx *decoder = open_decoder(&filter, argc, argv);
    ZSTD_inBuffer input = {filter.in, filter_fill(&filter), 0};
    if (!input.size)
        filter_fail(&filter, FILTER_BAD_DATA, "the input is empty");
    /* zstd itself would take it for a complete stream of nothing. */
    if (ZSTD_isSkippableFrame(input.src, input.size))
        filter_fail(&filter, FILTER_BAD_DATA, "the input begins with a skippable frame");
    decode(&filter, decoder, &input);
    if (input.pos < input.size || filter_fill(&filter))
        filter_fail(&filter, FILTER_BAD_DATA, "bytes follow the end of the frame");
    return FILTER_GOOD;
}

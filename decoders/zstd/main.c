/* SPDX-License-Identifier: 0BSD */
/* Knows how one zstd frame becomes bytes. */
#include <filter.h>
#include <string.h>

#define ZSTD_STATIC_LINKING_ONLY
#include <zstd.h>
#include <zstd_errors.h>

/* Windows up to 128 MiB. */
enum { WINDOW_LOG_MAX = 27 };

struct request {
    bool ignores_checksum;
    bool takes_several; /* frames in a row, with skippable ones among them */
};

static struct request parse_arguments(const struct filter *filter, int argc, char **argv)
{
    struct request request = {0};
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--no-checksum") == 0)
            request.ignores_checksum = true;
        else if (strcmp(argv[i], "--concatenated") == 0)
            request.takes_several = true;
        else
            filter_fail(filter, FILTER_BAD_USAGE,
                        "usage: zstd [--no-checksum] [--concatenated] < encoded > decoded");
    }
    return request;
}

static void check(const struct filter *filter, size_t result)
{
    if (!ZSTD_isError(result))
        return;
    if (ZSTD_getErrorCode(result) == ZSTD_error_memory_allocation)
        filter_fail(filter, FILTER_NO_MEMORY, "out of memory");
    filter_fail(filter, FILTER_BAD_DATA, ZSTD_getErrorName(result));
}

static ZSTD_DCtx *open_decoder(const struct filter *filter, const struct request *request)
{
    ZSTD_DCtx *decoder = ZSTD_createDCtx();
    if (!decoder)
        filter_fail(filter, FILTER_NO_MEMORY, "out of memory");
    check(filter, ZSTD_DCtx_setParameter(decoder, ZSTD_d_windowLogMax, WINDOW_LOG_MAX));
    if (request->ignores_checksum)
        check(filter,
              ZSTD_DCtx_setParameter(decoder, ZSTD_d_forceIgnoreChecksum, ZSTD_d_ignoreChecksum));
    return decoder;
}

static bool refill(struct filter *filter, ZSTD_inBuffer *input)
{
    if (input->pos == input->size)
        *input = (ZSTD_inBuffer){filter->in, filter_fill(filter), 0};
    return input->size;
}

/* One frame; what follows it stays in the input. */
static void decode(struct filter *filter, ZSTD_DCtx *decoder, ZSTD_inBuffer *input)
{
    for (;;) {
        ZSTD_outBuffer output = {filter->out, FILTER_BUFFER_NBYTES, 0};
        size_t pending_nbytes = ZSTD_decompressStream(decoder, &output, input);
        check(filter, pending_nbytes);
        filter_flush(filter, output.pos);
        if (!pending_nbytes)
            return;
        if (output.pos < output.size && !refill(filter, input))
            filter_fail(filter, FILTER_BAD_DATA, "the input ends within the frame");
    }
}

int main(int argc, char **argv)
{
    struct filter filter;
    filter_open(&filter, "zstd");
    struct request request = parse_arguments(&filter, argc, argv);
    ZSTD_DCtx *decoder = open_decoder(&filter, &request);
    ZSTD_inBuffer input = {0};
    if (!refill(&filter, &input))
        filter_fail(&filter, FILTER_BAD_DATA, "the input is empty");
    /* zstd itself would take it for a complete stream of nothing. */
    if (!request.takes_several && ZSTD_isSkippableFrame(input.src, input.size))
        filter_fail(&filter, FILTER_BAD_DATA, "the input begins with a skippable frame");
    do
        decode(&filter, decoder, &input);
    while (request.takes_several && refill(&filter, &input));
    if (refill(&filter, &input))
        filter_fail(&filter, FILTER_BAD_DATA, "bytes follow the end of the frame");
    return FILTER_GOOD;
}

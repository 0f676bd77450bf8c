/* SPDX-License-Identifier: 0BSD */
/* Knows how a brotli stream becomes bytes. */
#include <brotli/decode.h>
#include <filter.h>

struct span {
    const uint8_t *next;
    size_t nbytes;
};

static BrotliDecoderState *open_decoder(const struct filter *filter)
{
    BrotliDecoderState *decoder = BrotliDecoderCreateInstance(NULL, NULL, NULL);
    /* Its own tool takes large windows too: in other streams their mark would be an error. */
    if (!decoder || !BrotliDecoderSetParameter(decoder, BROTLI_DECODER_PARAM_LARGE_WINDOW, 1))
        filter_fail(filter, FILTER_NO_MEMORY, "out of memory");
    return decoder;
}

static _Noreturn void fail(const struct filter *filter, const BrotliDecoderState *decoder)
{
    BrotliDecoderErrorCode code = BrotliDecoderGetErrorCode(decoder);
    if (code <= BROTLI_DECODER_ERROR_ALLOC_CONTEXT_MODES &&
        code >= BROTLI_DECODER_ERROR_ALLOC_BLOCK_TYPE_TREES)
        filter_fail(filter, FILTER_NO_MEMORY, "out of memory");
    filter_fail(filter, FILTER_BAD_DATA, "damaged stream");
}

static void refill(struct filter *filter, struct span *input, const char *reason_at_end)
{
    *input = (struct span){filter->in, filter_fill(filter)};
    if (!input->nbytes)
        filter_fail(filter, FILTER_BAD_DATA, reason_at_end);
}

/* What follows the stream stays in the input. */
static void decode(struct filter *filter, BrotliDecoderState *decoder, struct span *input)
{
    BrotliDecoderResult result;
    do {
        uint8_t *out = filter->out;
        size_t room_nbytes = FILTER_BUFFER_NBYTES;
        result = BrotliDecoderDecompressStream(decoder, &input->nbytes, &input->next, &room_nbytes,
                                               &out, NULL);
        if (result == BROTLI_DECODER_RESULT_ERROR)
            fail(filter, decoder);
        filter_flush(filter, FILTER_BUFFER_NBYTES - room_nbytes);
        if (result == BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT)
            refill(filter, input, "the input ends within the stream");
    } while (result != BROTLI_DECODER_RESULT_SUCCESS);
}

int main(int argc, char **argv)
{
    struct filter filter;
    struct span input;
    (void)argv;
    filter_open(&filter, "brotli");
    if (argc > 1)
        filter_fail(&filter, FILTER_BAD_USAGE, "usage: brotli < encoded > decoded");
    BrotliDecoderState *decoder = open_decoder(&filter);
    refill(&filter, &input, "the input is empty");
    decode(&filter, decoder, &input);
    if (input.nbytes || filter_fill(&filter))
        filter_fail(&filter, FILTER_BAD_DATA, "bytes follow the end of the stream");
    return FILTER_GOOD;
}

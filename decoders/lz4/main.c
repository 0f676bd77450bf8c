/* SPDX-License-Identifier: 0BSD */
/* Knows how an LZ4 frame, or several in a row, become bytes. */
#include <filter.h>
#include <stdint.h>
#include <string.h>

#define LZ4F_STATIC_LINKING_ONLY /* for the error codes */
#include <lz4frame.h>

/* A frame that holds no data begins with one of 16 numbers. */
enum { SKIPPABLE_MAGIC = 0x184D2A50, SKIPPABLE_MASK = 0xF };

struct input {
    const unsigned char *next;
    size_t nbytes;
};

static void check(const struct filter *filter, size_t result)
{
    if (!LZ4F_isError(result))
        return;
    if (LZ4F_getErrorCode(result) == LZ4F_ERROR_allocation_failed)
        filter_fail(filter, FILTER_NO_MEMORY, "out of memory");
    filter_fail(filter, FILTER_BAD_DATA, LZ4F_getErrorName(result));
}

static bool refill(struct filter *filter, struct input *input)
{
    if (!input->nbytes)
        *input = (struct input){filter->in, filter_fill(filter)};
    return input->nbytes;
}

static bool is_skippable(const struct input *input)
{
    uint32_t magic = 0;
    memcpy(&magic, input->next, input->nbytes < sizeof magic ? input->nbytes : sizeof magic);
    return (magic & ~(uint32_t)SKIPPABLE_MASK) == SKIPPABLE_MAGIC;
}

/* One frame; what follows it stays in the input. */
static void decode(struct filter *filter, LZ4F_dctx *decoder, struct input *input)
{
    for (;;) {
        size_t out_nbytes = FILTER_BUFFER_NBYTES;
        size_t in_nbytes = input->nbytes;
        size_t pending =
            LZ4F_decompress(decoder, filter->out, &out_nbytes, input->next, &in_nbytes, NULL);
        check(filter, pending);
        filter_flush(filter, out_nbytes);
        input->next += in_nbytes;
        input->nbytes -= in_nbytes;
        if (!pending)
            return;
        if (out_nbytes < FILTER_BUFFER_NBYTES && !refill(filter, input))
            filter_fail(filter, FILTER_BAD_DATA, "the input ends within the frame");
    }
}

int main(int argc, char **argv)
{
    struct filter filter;
    struct input input = {0};
    LZ4F_dctx *decoder;
    filter_open(&filter, "lz4");
    bool takes_several = filter_option(&filter, argc, argv, "--concatenated");
    check(&filter, LZ4F_createDecompressionContext(&decoder, LZ4F_VERSION));
    if (!refill(&filter, &input))
        filter_fail(&filter, FILTER_BAD_DATA, "the input is empty");
    if (!takes_several && is_skippable(&input))
        filter_fail(&filter, FILTER_BAD_DATA, "the input begins with a skippable frame");
    do
        decode(&filter, decoder, &input);
    while (takes_several && refill(&filter, &input));
    if (refill(&filter, &input))
        filter_fail(&filter, FILTER_BAD_DATA, "bytes follow the end of the frame");
    return FILTER_GOOD;
}

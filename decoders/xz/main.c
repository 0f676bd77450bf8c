/* SPDX-License-Identifier: 0BSD */
/* Knows how a .xz or .lzma stream, or several .xz streams in a row, become bytes. */
#include <filter.h>
#include <lzma.h>

static void check(const struct filter *filter, lzma_ret result)
{
    switch (result) {
    case LZMA_OK:
    case LZMA_STREAM_END:
    case LZMA_BUF_ERROR: /* it only wants more input or more room */ return;
    case LZMA_MEM_ERROR: filter_fail(filter, FILTER_NO_MEMORY, "out of memory");
    case LZMA_FORMAT_ERROR:
        filter_fail(filter, FILTER_BAD_DATA, "neither a .xz nor a .lzma stream");
    case LZMA_UNSUPPORTED_CHECK:
        filter_fail(filter, FILTER_BAD_DATA, "the stream has an unknown kind of checksum");
    case LZMA_OPTIONS_ERROR:
        filter_fail(filter, FILTER_BAD_DATA, "the stream needs an unknown filter or option");
    default: filter_fail(filter, FILTER_BAD_DATA, "damaged stream");
    }
}

static void refill(struct filter *filter, lzma_stream *stream)
{
    stream->next_in = filter->in;
    stream->avail_in = filter_fill(filter);
}

static void drain(struct filter *filter, lzma_stream *stream)
{
    filter_flush(filter, FILTER_BUFFER_NBYTES - stream->avail_out);
    stream->next_out = filter->out;
    stream->avail_out = FILTER_BUFFER_NBYTES;
}

/* The library is told of the end of the input, for only it knows whether another stream may come.
 */
static void decode(struct filter *filter, lzma_stream *stream)
{
    lzma_action action = LZMA_RUN;
    for (;;) {
        lzma_ret result = lzma_code(stream, action);
        check(filter, result);
        if (result == LZMA_STREAM_END || !stream->avail_out) {
            drain(filter, stream);
        } else if (action == LZMA_FINISH) {
            filter_fail(filter, FILTER_BAD_DATA, "the input ends within the stream");
        } else {
            refill(filter, stream);
            action = stream->avail_in ? LZMA_RUN : LZMA_FINISH;
        }
        if (result == LZMA_STREAM_END)
            return;
    }
}

int main(int argc, char **argv)
{
    struct filter filter;
    filter_open(&filter, "xz");
    uint32_t flags = LZMA_TELL_UNSUPPORTED_CHECK;
    if (filter_option(&filter, argc, argv, "--concatenated"))
        flags |= LZMA_CONCATENATED;
    lzma_stream stream = LZMA_STREAM_INIT;
    check(&filter, lzma_auto_decoder(&stream, UINT64_MAX, flags));
    stream.next_out = filter.out;
    stream.avail_out = FILTER_BUFFER_NBYTES;
    refill(&filter, &stream);
    if (!stream.avail_in)
        filter_fail(&filter, FILTER_BAD_DATA, "the input is empty");
    decode(&filter, &stream);
    if (stream.avail_in || filter_fill(&filter))
        filter_fail(&filter, FILTER_BAD_DATA, "bytes follow the end of the stream");
    return FILTER_GOOD;
}

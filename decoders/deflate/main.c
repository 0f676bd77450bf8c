/* SPDX-License-Identifier: 0BSD */
/* Knows how a deflate stream becomes bytes: raw as in ZIP method 8, or in a zlib or gzip wrapper.
 */
#include <filter.h>
#include <string.h>
#include <zlib.h>

/* What zlib calls "window bits": the largest window, and the wrapper in the sign or on top. */
enum window_bits { RAW = -MAX_WBITS, ZLIB = MAX_WBITS, GZIP = MAX_WBITS + 16 };

static enum window_bits parse_arguments(const struct filter *filter, int argc, char **argv)
{
    if (argc <= 1)
        return RAW;
    if (argc == 2 && strcmp(argv[1], "--zlib") == 0)
        return ZLIB;
    if (argc == 2 && strcmp(argv[1], "--gzip") == 0)
        return GZIP;
    filter_fail(filter, FILTER_BAD_USAGE, "usage: deflate [--zlib | --gzip] < encoded > decoded");
}

static void refill(struct filter *filter, z_stream *stream, const char *reason_at_end)
{
    stream->next_in = filter->in;
    stream->avail_in = (uInt)filter_fill(filter);
    if (!stream->avail_in)
        filter_fail(filter, FILTER_BAD_DATA, reason_at_end);
}

static void drain(struct filter *filter, z_stream *stream)
{
    filter_flush(filter, FILTER_BUFFER_NBYTES - stream->avail_out);
    stream->next_out = filter->out;
    stream->avail_out = (uInt)FILTER_BUFFER_NBYTES;
}

static void check(const struct filter *filter, const z_stream *stream, int result)
{
    switch (result) {
    case Z_OK:
    case Z_STREAM_END:
    case Z_BUF_ERROR: /* it only wants more input or more room */ return;
    case Z_MEM_ERROR: filter_fail(filter, FILTER_NO_MEMORY, "out of memory");
    case Z_NEED_DICT: filter_fail(filter, FILTER_BAD_DATA, "the stream needs a preset dictionary");
    default: filter_fail(filter, FILTER_BAD_DATA, stream->msg ? stream->msg : "damaged stream");
    }
}

static void decode(struct filter *filter, z_stream *stream)
{
    refill(filter, stream, "the input is empty");
    for (;;) {
        int result = inflate(stream, Z_NO_FLUSH);
        check(filter, stream, result);
        if (result == Z_STREAM_END || !stream->avail_out)
            drain(filter, stream);
        else
            refill(filter, stream, "the input ends within the stream");
        if (result == Z_STREAM_END)
            return;
    }
}

int main(int argc, char **argv)
{
    struct filter filter;
    filter_open(&filter, "deflate");
    z_stream stream = {.next_out = filter.out, .avail_out = (uInt)FILTER_BUFFER_NBYTES};
    enum window_bits window_bits = parse_arguments(&filter, argc, argv);
    check(&filter, &stream, inflateInit2(&stream, window_bits));
    decode(&filter, &stream);
    if (stream.avail_in || filter_fill(&filter))
        filter_fail(&filter, FILTER_BAD_DATA, "bytes follow the end of the stream");
    return FILTER_GOOD;
}

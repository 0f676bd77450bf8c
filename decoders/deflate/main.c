/* SPDX-License-Identifier: 0BSD */
/* Knows how a deflate stream becomes bytes: raw as in ZIP, or in a zlib or gzip wrapper. */
#include <filter.h>
#include <string.h>
#include <zlib.h>

#include "whole.h"

/* What zlib calls "window bits": the largest window, and the wrapper in the sign or on top. */
enum window_bits { RAW = -MAX_WBITS, ZLIB = MAX_WBITS, GZIP = MAX_WBITS + 16 };

struct request {
    enum window_bits window_bits;
    bool takes_several; /* gzip members in a row */
};

static struct request parse_arguments(const struct filter *filter, int argc, char **argv)
{
    if (argc <= 1)
        return (struct request){RAW, false};
    if (argc == 2 && strcmp(argv[1], "--zlib") == 0)
        return (struct request){ZLIB, false};
    if (argc == 2 && strcmp(argv[1], "--gzip") == 0)
        return (struct request){GZIP, false};
    if (argc == 3 && strcmp(argv[1], "--gzip") == 0 && strcmp(argv[2], "--concatenated") == 0)
        return (struct request){GZIP, true};
    filter_fail(filter, FILTER_BAD_USAGE,
                "usage: deflate [--zlib | --gzip [--concatenated]] < encoded > decoded");
}

static bool refill(struct filter *filter, z_stream *stream)
{
    if (!stream->avail_in) {
        stream->next_in = filter->in;
        stream->avail_in = (uInt)filter_fill(filter);
    }
    return stream->avail_in;
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

/* One stream; what follows it stays in the input. */
static void decode(struct filter *filter, z_stream *stream)
{
    for (;;) {
        int result = inflate(stream, Z_NO_FLUSH);
        check(filter, stream, result);
        if (result == Z_STREAM_END || !stream->avail_out)
            drain(filter, stream);
        else if (!refill(filter, stream))
            filter_fail(filter, FILTER_BAD_DATA, "the input ends within the stream");
        if (result == Z_STREAM_END)
            return;
    }
}

static void decode_all(struct filter *filter, const struct request *request,
                       const struct beginning *beginning)
{
    z_stream stream = {.next_in = beginning->bytes,
                       .avail_in = (uInt)beginning->nbytes,
                       .next_out = filter->out,
                       .avail_out = (uInt)FILTER_BUFFER_NBYTES};
    check(filter, &stream, inflateInit2(&stream, request->window_bits));
    decode(filter, &stream);
    while (request->takes_several && refill(filter, &stream)) {
        check(filter, &stream, inflateReset(&stream));
        decode(filter, &stream);
    }
    if (refill(filter, &stream))
        filter_fail(filter, FILTER_BAD_DATA, "bytes follow the end of the stream");
}

int main(int argc, char **argv)
{
    struct filter filter;
    filter_open(&filter, "deflate");
    struct request request = parse_arguments(&filter, argc, argv);
    struct beginning beginning = {.bytes = filter.in};
    if (request.window_bits == RAW)
        beginning = whole_read(&filter);
    else
        beginning.nbytes = filter_fill(&filter);
    if (!beginning.nbytes)
        filter_fail(&filter, FILTER_BAD_DATA, "the input is empty");
    if (request.window_bits != RAW || !whole_decode(&filter, &beginning))
        decode_all(&filter, &request, &beginning);
    return FILTER_GOOD;
}

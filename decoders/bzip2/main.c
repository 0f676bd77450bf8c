/* SPDX-License-Identifier: 0BSD */
/* Knows how a bzip2 stream, or several in a row, become bytes. */
#include <bzlib.h>
#include <filter.h>
#include <stdlib.h>

/* The library calls this where its own state is broken. */
void bz_internal_error(int code);

void bz_internal_error(int code)
{
    (void)code;
    abort();
}

static bool refill(struct filter *filter, bz_stream *stream)
{
    if (stream->avail_in)
        return true;
    stream->next_in = (char *)filter->in;
    stream->avail_in = (unsigned)filter_fill(filter);
    return stream->avail_in;
}

static void drain(struct filter *filter, bz_stream *stream)
{
    filter_flush(filter, FILTER_BUFFER_NBYTES - stream->avail_out);
    stream->next_out = (char *)filter->out;
    stream->avail_out = (unsigned)FILTER_BUFFER_NBYTES;
}

static void check(const struct filter *filter, int result)
{
    switch (result) {
    case BZ_OK:
    case BZ_STREAM_END: return;
    case BZ_MEM_ERROR: filter_fail(filter, FILTER_NO_MEMORY, "out of memory");
    case BZ_DATA_ERROR_MAGIC: filter_fail(filter, FILTER_BAD_DATA, "not a bzip2 stream");
    default: filter_fail(filter, FILTER_BAD_DATA, "damaged stream");
    }
}

/* One stream; what follows it stays in the input. */
static void decode(struct filter *filter, bz_stream *stream)
{
    check(filter, BZ2_bzDecompressInit(stream, 0, 0));
    for (;;) {
        int result = BZ2_bzDecompress(stream);
        check(filter, result);
        if (result == BZ_STREAM_END || !stream->avail_out)
            drain(filter, stream);
        else if (!refill(filter, stream))
            filter_fail(filter, FILTER_BAD_DATA, "the input ends within the stream");
        if (result == BZ_STREAM_END)
            break;
    }
    check(filter, BZ2_bzDecompressEnd(stream));
}

int main(int argc, char **argv)
{
    struct filter filter;
    filter_open(&filter, "bzip2");
    bool takes_several = filter_option(&filter, argc, argv, "--concatenated");
    bz_stream stream = {.next_out = (char *)filter.out,
                        .avail_out = (unsigned)FILTER_BUFFER_NBYTES};
    if (!refill(&filter, &stream))
        filter_fail(&filter, FILTER_BAD_DATA, "the input is empty");
    do
        decode(&filter, &stream);
    while (takes_several && refill(&filter, &stream));
    if (refill(&filter, &stream))
        filter_fail(&filter, FILTER_BAD_DATA, "bytes follow the end of the stream");
    return FILTER_GOOD;
}

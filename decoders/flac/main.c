/* SPDX-License-Identifier: 0BSD */
/* Knows how a FLAC stream becomes a WAV file, or exactly the file that it was made from. */
#include <FLAC/stream_decoder.h>
#include <filter.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audio/wav.h"
#include "flac/original.h"

/* Frames that are packed at once: eight channels of four bytes fill the room. */
enum { STEP_COUNT = 4096 };

_Static_assert(STEP_COUNT *FLAC__MAX_CHANNELS * 4 <= WAV_ROOM_NBYTES, "a step fits");

struct decoding {
    struct filter filter;
    struct wav wav;
    struct original original;
    FLAC__StreamDecoder *decoder;
    struct wav_format format;
    uint64_t frame_count;
    uint64_t sample_nbytes; /* written */
    uint64_t read_nbytes;   /* taken from the input by the library */
    uint64_t good_nbytes;   /* up to the end of the last good frame */
    size_t in_off;          /* within filter.in */
    size_t in_nbytes;
    bool restores; /* the original */
    bool has_info;
};

/* The library would call it for a file that it had opened itself. */
int fclose(FILE *file);

int fclose(FILE *file)
{
    (void)file;
    abort();
}

static bool refill(struct decoding *d)
{
    if (d->in_off == d->in_nbytes) {
        d->in_off = 0;
        d->in_nbytes = filter_fill(&d->filter);
    }
    return d->in_nbytes;
}

static FLAC__StreamDecoderReadStatus on_read(const FLAC__StreamDecoder *decoder, FLAC__byte *to,
                                             size_t *nbytes, void *context)
{
    struct decoding *d = context;
    (void)decoder;
    if (!refill(d)) {
        *nbytes = 0;
        return FLAC__STREAM_DECODER_READ_STATUS_END_OF_STREAM;
    }
    size_t part_nbytes = d->in_nbytes - d->in_off;
    if (*nbytes > part_nbytes)
        *nbytes = part_nbytes;
    memcpy(to, d->filter.in + d->in_off, *nbytes);
    d->in_off += *nbytes;
    d->read_nbytes += *nbytes;
    return FLAC__STREAM_DECODER_READ_STATUS_CONTINUE;
}

static FLAC__StreamDecoderTellStatus on_tell(const FLAC__StreamDecoder *decoder,
                                             FLAC__uint64 *nbytes, void *context)
{
    const struct decoding *d = context;
    (void)decoder;
    *nbytes = d->read_nbytes;
    return FLAC__STREAM_DECODER_TELL_STATUS_OK;
}

static void on_error(const FLAC__StreamDecoder *decoder, FLAC__StreamDecoderErrorStatus status,
                     void *context)
{
    struct decoding *d = context;
    (void)decoder;
    (void)status;
    filter_fail(&d->filter, FILTER_BAD_DATA,
                d->has_info ? "damaged stream" : "not a FLAC stream, or its beginning is damaged");
}

/* The number after the mask's name in a comment; only the form 0x and hexadecimal digits. */
static uint32_t parse_mask(const char *text)
{
    uint32_t mask = 0;
    if (strncmp(text, "0x", 2) != 0)
        return 0;
    for (text += 2; *text; text++) {
        unsigned digit = (unsigned char)*text;
        if (digit >= '0' && digit <= '9')
            digit -= '0';
        else if ((digit | 0x20) >= 'a' && (digit | 0x20) <= 'f')
            digit = (digit | 0x20) - 'a' + 10;
        else
            break;
        mask = mask << 4 | digit;
    }
    return mask;
}

static void read_comments(struct decoding *d, const FLAC__StreamMetadata_VorbisComment *comments)
{
    static const char name[] = "WAVEFORMATEXTENSIBLE_CHANNEL_MASK=";
    for (uint32_t i = 0; i < comments->num_comments; i++) {
        const char *entry = (const char *)comments->comments[i].entry;
        if (entry && strncmp(entry, name, sizeof name - 1) == 0)
            d->format.channel_mask = parse_mask(entry + sizeof name - 1);
    }
}

static void on_metadata(const FLAC__StreamDecoder *decoder, const FLAC__StreamMetadata *block,
                        void *context)
{
    struct decoding *d = context;
    (void)decoder;
    if (block->type == FLAC__METADATA_TYPE_STREAMINFO) {
        d->has_info = true;
        d->format.rate_hz = block->data.stream_info.sample_rate;
        d->format.channel_count = block->data.stream_info.channels;
        d->format.sample_bits = block->data.stream_info.bits_per_sample;
        d->frame_count = block->data.stream_info.total_samples;
    } else if (block->type == FLAC__METADATA_TYPE_VORBIS_COMMENT) {
        read_comments(d, &block->data.vorbis_comment);
    } else if (block->type == FLAC__METADATA_TYPE_APPLICATION && d->restores) {
        original_add(&d->original, &d->filter, block->data.application.id,
                     block->data.application.data,
                     block->length - sizeof block->data.application.id);
    }
}

/* Samples of one channel, little endian, each in the highest bits of its bytes. */
static void pack_channel(const struct decoding *d, const FLAC__int32 *from, unsigned count,
                         unsigned char *to)
{
    unsigned nbytes = wav_sample_nbytes(d->format.sample_bits);
    unsigned step_nbytes = nbytes * d->format.channel_count;
    unsigned shift = 8 * nbytes - d->format.sample_bits;
    uint32_t bias = nbytes == 1 && !d->original.is_signed ? 0x80 : 0;
    for (unsigned i = 0; i < count; i++, to += step_nbytes) {
        uint32_t value = ((uint32_t)from[i] << shift) + bias;
        for (unsigned byte = 0; byte < nbytes; byte++, value >>= 8)
            to[byte] = (unsigned char)value;
    }
}

static void pack_16_bits(const FLAC__int32 *from, unsigned count, unsigned char *to,
                         unsigned step_nbytes)
{
    for (unsigned i = 0; i < count; i++, to += step_nbytes) {
        uint16_t value = (uint16_t)from[i];
        memcpy(to, &value, sizeof value);
    }
}

static void swap_bytes(unsigned char *samples, size_t count, unsigned nbytes)
{
    for (; count; count--, samples += nbytes) {
        for (unsigned i = 0; i < nbytes / 2; i++) {
            unsigned char byte = samples[i];
            samples[i] = samples[nbytes - 1 - i];
            samples[nbytes - 1 - i] = byte;
        }
    }
}

static void put_frames(struct decoding *d, const FLAC__int32 *const planes[], unsigned first,
                       unsigned count)
{
    unsigned nbytes = wav_sample_nbytes(d->format.sample_bits);
    unsigned channel_count = d->format.channel_count;
    unsigned char *to = wav_room(&d->wav);
    for (unsigned channel = 0; channel < channel_count; channel++) {
        if (d->format.sample_bits == 16)
            pack_16_bits(planes[channel] + first, count, to + channel * nbytes,
                         channel_count * nbytes);
        else
            pack_channel(d, planes[channel] + first, count, to + channel * nbytes);
    }
    if (d->original.is_big_endian)
        swap_bytes(to, count * channel_count, nbytes);
    wav_put(&d->wav, count * channel_count * nbytes);
    d->sample_nbytes += count * channel_count * nbytes;
}

static FLAC__StreamDecoderWriteStatus on_frame(const FLAC__StreamDecoder *decoder,
                                               const FLAC__Frame *frame,
                                               const FLAC__int32 *const planes[], void *context)
{
    struct decoding *d = context;
    const FLAC__FrameHeader *header = &frame->header;
    if (header->channels != d->format.channel_count ||
        header->bits_per_sample != d->format.sample_bits ||
        header->sample_rate != d->format.rate_hz)
        filter_fail(&d->filter, FILTER_BAD_DATA, "the kind of sound changes within the stream");
    for (unsigned first = 0; first < header->blocksize; first += STEP_COUNT) {
        unsigned left_count = header->blocksize - first;
        put_frames(d, planes, first, left_count < STEP_COUNT ? left_count : STEP_COUNT);
    }
    (void)FLAC__stream_decoder_get_decode_position(decoder, &d->good_nbytes);
    return FLAC__STREAM_DECODER_WRITE_STATUS_CONTINUE;
}

static void open_decoder(struct decoding *d)
{
    d->decoder = FLAC__stream_decoder_new();
    if (!d->decoder)
        filter_fail(&d->filter, FILTER_NO_MEMORY, "out of memory");
    FLAC__stream_decoder_set_md5_checking(d->decoder, true);
    FLAC__stream_decoder_set_metadata_respond(d->decoder, FLAC__METADATA_TYPE_VORBIS_COMMENT);
    FLAC__stream_decoder_set_metadata_respond(d->decoder, FLAC__METADATA_TYPE_APPLICATION);
    if (FLAC__stream_decoder_init_stream(d->decoder, on_read, NULL, on_tell, NULL, NULL, on_frame,
                                         on_metadata, on_error,
                                         d) != FLAC__STREAM_DECODER_INIT_STATUS_OK)
        filter_fail(&d->filter, FILTER_NO_MEMORY, "out of memory");
}

static void check(const struct decoding *d, bool is_good)
{
    if (is_good)
        return;
    if (FLAC__stream_decoder_get_state(d->decoder) == FLAC__STREAM_DECODER_MEMORY_ALLOCATION_ERROR)
        filter_fail(&d->filter, FILTER_NO_MEMORY, "out of memory");
    filter_fail(&d->filter, FILTER_BAD_DATA, "damaged stream");
}

static void begin(struct decoding *d)
{
    check(d, FLAC__stream_decoder_process_until_end_of_metadata(d->decoder));
    if (!d->has_info ||
        FLAC__stream_decoder_get_state(d->decoder) == FLAC__STREAM_DECODER_END_OF_STREAM)
        filter_fail(&d->filter, FILTER_BAD_DATA, "the input ends within the stream");
    (void)FLAC__stream_decoder_get_decode_position(d->decoder, &d->good_nbytes);
    if (d->restores) {
        wav_begin_bare(&d->wav, &d->filter);
        original_begin(&d->original, &d->wav);
    } else {
        wav_begin(&d->wav, &d->filter, &d->format,
                  d->frame_count ? d->frame_count : WAV_COUNT_UNKNOWN);
    }
}

static uint64_t frame_nbytes(const struct decoding *d)
{
    return (uint64_t)d->format.channel_count * wav_sample_nbytes(d->format.sample_bits);
}

static bool has_all(const struct decoding *d)
{
    return d->frame_count && d->sample_nbytes >= d->frame_count * frame_nbytes(d);
}

/* Up to the announced number of samples, or where the input ends. */
static void decode(struct decoding *d)
{
    while (!has_all(d) &&
           FLAC__stream_decoder_get_state(d->decoder) != FLAC__STREAM_DECODER_END_OF_STREAM)
        check(d, FLAC__stream_decoder_process_single(d->decoder));
}

static void check_end(struct decoding *d)
{
    bool has_rest = d->good_nbytes < d->read_nbytes || refill(d);
    if (d->frame_count ? !has_all(d) : has_rest)
        filter_fail(&d->filter, FILTER_BAD_DATA, "the input ends within the stream");
    if (d->frame_count && d->sample_nbytes > d->frame_count * frame_nbytes(d))
        filter_fail(&d->filter, FILTER_BAD_DATA, "the stream has more samples than it says");
    if (has_rest)
        filter_fail(&d->filter, FILTER_BAD_DATA, "bytes follow the end of the stream");
    if (!FLAC__stream_decoder_finish(d->decoder))
        filter_fail(&d->filter, FILTER_BAD_DATA, "the samples do not have the stream's MD5");
}

int main(int argc, char **argv)
{
    struct decoding decoding = {0};
    struct decoding *d = &decoding;
    filter_open(&d->filter, "flac");
    d->restores = filter_option(&d->filter, argc, argv, "--original");
    if (!refill(d))
        filter_fail(&d->filter, FILTER_BAD_DATA, "the input is empty");
    open_decoder(d);
    begin(d);
    decode(d);
    check_end(d);
    if (d->restores)
        original_end(&d->original, &d->wav, d->sample_nbytes);
    wav_end(&d->wav);
    return FILTER_GOOD;
}

/* SPDX-License-Identifier: 0BSD */
/* Knows how an Ogg file with one Opus stream becomes a WAV file of 16 bits at 48 kHz. */
#include <filter.h>
#include <opus_multistream.h>
#include <stdint.h>
#include <string.h>

#include "audio/channels.h"
#include "audio/ogg.h"
#include "audio/wav.h"

enum {
    RATE_HZ = 48000,
    PACKET_FRAME_LIMIT = RATE_HZ * 120 / 1000, /* a packet lasts 120 ms at most */
    SAMPLE_NBYTES = 2,

    /* The identification header. */
    VERSION_OFF = 8,
    CHANNEL_COUNT_OFF = 9,
    PRE_SKIP_OFF = 10,
    GAIN_OFF = 16,
    FAMILY_OFF = 18,
    HEAD_NBYTES = 19,
    STREAM_COUNT_OFF = 19,
    COUPLED_COUNT_OFF = 20,
    MAPPING_OFF = 21,
};

_Static_assert(PACKET_FRAME_LIMIT *CHANNELS_LIMIT *SAMPLE_NBYTES <= WAV_ROOM_NBYTES,
               "a packet fits");

struct head {
    unsigned channel_count;
    unsigned pre_skip_count; /* frames before the sound */
    int gain;                /* 1/256 dB */
    int stream_count;
    int coupled_count;
    unsigned char mapping[CHANNELS_LIMIT];
};

struct decoding {
    struct filter filter;
    struct wav wav;
    struct ogg_reader reader;
    struct head head;
    OpusMSDecoder *decoder;
    uint64_t frame_count; /* of the sound */
};

static _Noreturn void fail(const struct decoding *d, const char *reason)
{
    filter_fail(&d->filter, FILTER_BAD_DATA, reason);
}

/* One or two channels need no table; more have one, and a loudspeaker each. */
static void read_mapping(struct decoding *d, const struct ogg_packet_view *packet)
{
    struct head *head = &d->head;
    unsigned family = packet->bytes[FAMILY_OFF];
    if (family > 1)
        fail(d, "the stream's channels are not for loudspeakers");
    if (!head->channel_count || head->channel_count > (family ? CHANNELS_LIMIT : 2U))
        fail(d, "the stream's headers are damaged");
    head->stream_count = 1;
    head->coupled_count = (int)head->channel_count - 1;
    head->mapping[1] = 1;
    if (!family)
        return;
    if (packet->nbytes < MAPPING_OFF + head->channel_count)
        fail(d, "the stream's headers are damaged");
    head->stream_count = packet->bytes[STREAM_COUNT_OFF];
    head->coupled_count = packet->bytes[COUPLED_COUNT_OFF];
    memcpy(head->mapping, packet->bytes + MAPPING_OFF, head->channel_count);
}

static void read_head(struct decoding *d)
{
    struct ogg_packet_view packet;
    if (!ogg_next(&d->reader, &packet) || packet.nbytes < HEAD_NBYTES ||
        memcmp(packet.bytes, "OpusHead", 8) != 0 || packet.bytes[VERSION_OFF] >> 4)
        fail(d, "not an Opus stream");
    const unsigned char *bytes = packet.bytes;
    d->head.channel_count = bytes[CHANNEL_COUNT_OFF];
    d->head.pre_skip_count = bytes[PRE_SKIP_OFF] | (unsigned)bytes[PRE_SKIP_OFF + 1] << 8;
    d->head.gain = (int16_t)(bytes[GAIN_OFF] | bytes[GAIN_OFF + 1] << 8);
    read_mapping(d, &packet);
    if (!ogg_next(&d->reader, &packet) || packet.nbytes < 8 ||
        memcmp(packet.bytes, "OpusTags", 8) != 0)
        fail(d, "the stream's headers are damaged");
}

static unsigned packet_frame_count(const struct decoding *d, const struct ogg_packet_view *packet)
{
    int count = packet->nbytes
                    ? opus_packet_get_nb_samples(packet->bytes, (opus_int32)packet->nbytes, RATE_HZ)
                    : OPUS_INVALID_PACKET;
    if (count <= 0 || count > PACKET_FRAME_LIMIT)
        fail(d, "damaged stream");
    return (unsigned)count;
}

/*
 * The sound lasts from where the first page's packets begin, less the skip, to what the last page
 * says. Only a first page that is also the last one may end before its packets do.
 */
static void count_frames(struct decoding *d)
{
    struct ogg_packet_view packet;
    int64_t coded_count = 0, start = OGG_NO_GRANULE, end = 0;
    while (ogg_next(&d->reader, &packet)) {
        coded_count += packet_frame_count(d, &packet);
        if (packet.granule == OGG_NO_GRANULE)
            continue;
        end = packet.granule;
        if (start == OGG_NO_GRANULE)
            start = end > coded_count ? end - coded_count : 0;
    }
    if (start == OGG_NO_GRANULE)
        start = 0;
    if (end < start)
        fail(d, "damaged stream");
    int64_t all_count = end - start < coded_count ? end - start : coded_count;
    d->frame_count =
        all_count > d->head.pre_skip_count ? (uint64_t)(all_count - d->head.pre_skip_count) : 0;
}

static void open_decoder(struct decoding *d)
{
    int error;
    d->decoder =
        opus_multistream_decoder_create(RATE_HZ, (int)d->head.channel_count, d->head.stream_count,
                                        d->head.coupled_count, d->head.mapping, &error);
    if (error == OPUS_ALLOC_FAIL)
        filter_fail(&d->filter, FILTER_NO_MEMORY, "out of memory");
    if (error != OPUS_OK ||
        opus_multistream_decoder_ctl(d->decoder, OPUS_SET_GAIN(d->head.gain)) != OPUS_OK)
        fail(d, "the stream's headers are damaged");
}

static void put_frames(struct decoding *d, const opus_int16 *from, unsigned count)
{
    unsigned channel_count = d->head.channel_count;
    const unsigned char *source = channels_order(channel_count)->source;
    opus_int16 *to = (opus_int16 *)(void *)wav_room(&d->wav);
    for (unsigned i = 0; i < count; i++, from += channel_count) {
        for (unsigned place = 0; place < channel_count; place++)
            *to++ = from[source[place]];
    }
    wav_put(&d->wav, (size_t)count * channel_count * SAMPLE_NBYTES);
}

static void decode(struct decoding *d)
{
    static opus_int16 samples[PACKET_FRAME_LIMIT * CHANNELS_LIMIT];
    struct ogg_packet_view packet;
    unsigned skip_count = d->head.pre_skip_count;
    uint64_t left_count = d->frame_count;
    while (ogg_next(&d->reader, &packet)) {
        int result = opus_multistream_decode(d->decoder, packet.bytes, (opus_int32)packet.nbytes,
                                             samples, PACKET_FRAME_LIMIT, 0);
        if (result < 0)
            fail(d, "damaged stream");
        unsigned count = (unsigned)result;
        unsigned first = skip_count < count ? skip_count : count;
        skip_count -= first;
        count -= first;
        if (count > left_count)
            count = (unsigned)left_count;
        left_count -= count;
        put_frames(d, samples + first * d->head.channel_count, count);
    }
}

static void begin_wav(struct decoding *d)
{
    struct wav_format format = {
        .rate_hz = RATE_HZ,
        .channel_count = d->head.channel_count,
        .sample_bits = 8 * SAMPLE_NBYTES,
        .channel_mask = channels_order(d->head.channel_count)->mask,
    };
    wav_begin(&d->wav, &d->filter, &format, d->frame_count);
}

int main(int argc, char **argv)
{
    static struct decoding decoding;
    struct decoding *d = &decoding;
    size_t nbytes;
    (void)argv;
    filter_open(&d->filter, "opus");
    if (argc > 1)
        filter_fail(&d->filter, FILTER_BAD_USAGE, "usage: opus < encoded > decoded");
    unsigned char *bytes = filter_read_all(&d->filter, &nbytes);
    ogg_open(&d->reader, &d->filter, bytes, nbytes);
    read_head(d);
    count_frames(d);
    open_decoder(d);
    begin_wav(d);
    ogg_open(&d->reader, &d->filter, bytes, nbytes);
    read_head(d);
    decode(d);
    wav_end(&d->wav);
    return FILTER_GOOD;
}

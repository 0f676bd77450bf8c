/* SPDX-License-Identifier: 0BSD */
/* Knows how an Ogg file with one Vorbis stream becomes a WAV file of 16 bits. */
#include <filter.h>
#include <math.h>
#include <stdlib.h>
#include <vorbis/codec.h>

#include "audio/channels.h"
#include "audio/ogg.h"
#include "audio/wav.h"

enum { HEADER_COUNT = 3, STEP_COUNT = 4096, SAMPLE_NBYTES = 2 };

struct decoding {
    struct filter filter;
    struct wav wav;
    struct ogg_reader reader;
    vorbis_info info;
    vorbis_comment comment;
    vorbis_dsp_state state;
    vorbis_block block;
};

/* Where the sound is after a packet, counted as libvorbis does it. */
struct position {
    long block_count;    /* frames that the last packet's window covers; 0 before the first */
    int64_t end;         /* since the first packet */
    int64_t granule;     /* the same, set right by pages; or OGG_NO_GRANULE */
    uint64_t sent_count; /* frames given out */
};

static void *given(void *block)
{
    static const struct filter nameless = {.name = "vorbis"};
    if (!block)
        filter_fail(&nameless, FILTER_NO_MEMORY, "out of memory");
    return block;
}

void *vorbis_malloc(size_t nbytes)
{
    return given(malloc(nbytes ? nbytes : 1));
}

void *vorbis_calloc(size_t count, size_t item_nbytes)
{
    return given(calloc(count ? count : 1, item_nbytes ? item_nbytes : 1));
}

void *vorbis_realloc(void *block, size_t nbytes)
{
    return given(realloc(block, nbytes ? nbytes : 1));
}

static bool next_packet(struct decoding *d, ogg_packet *packet)
{
    struct ogg_packet_view view;
    long long number = packet->packetno + 1;
    if (!ogg_next(&d->reader, &view))
        return false;
    *packet = (ogg_packet){
        .packet = (unsigned char *)(uintptr_t)view.bytes,
        .bytes = (long)view.nbytes,
        .b_o_s = number == 0,
        .e_o_s = view.is_last,
        .granulepos = view.granule,
        .packetno = number,
    };
    return true;
}

static void read_headers(struct decoding *d, ogg_packet *packet, const unsigned char *bytes,
                         size_t nbytes)
{
    ogg_open(&d->reader, &d->filter, bytes, nbytes);
    packet->packetno = -1;
    vorbis_info_init(&d->info);
    vorbis_comment_init(&d->comment);
    for (int i = 0; i < HEADER_COUNT; i++) {
        if (!next_packet(d, packet))
            filter_fail(&d->filter, FILTER_BAD_DATA, "the stream has no sound");
        if (vorbis_synthesis_headerin(&d->info, &d->comment, packet) != 0)
            filter_fail(&d->filter, FILTER_BAD_DATA,
                        i ? "the stream's headers are damaged" : "not a Vorbis stream");
    }
    if (d->info.channels > CHANNELS_LIMIT)
        filter_fail(&d->filter, FILTER_BAD_DATA, "more channels than there are loudspeakers for");
}

static int16_t to_16_bits(float sample)
{
    float scaled = sample * 32768.0F;
    if (scaled > 32767.0F)
        return INT16_MAX;
    if (scaled < -32768.0F)
        return INT16_MIN;
    return (int16_t)lrintf(scaled);
}

static void put_frames(struct decoding *d, float **planes, int first, int count)
{
    unsigned channel_count = (unsigned)d->info.channels;
    const struct channels_order *order = channels_order(channel_count);
    int16_t *to = (int16_t *)(void *)wav_room(&d->wav);
    for (unsigned place = 0; place < channel_count; place++) {
        const float *from = planes[order->source[place]] + first;
        for (int i = 0; i < count; i++)
            to[(unsigned)i * channel_count + place] = to_16_bits(from[i]);
    }
    wav_put(&d->wav, (size_t)count * channel_count * SAMPLE_NBYTES);
}

static void put_all_frames(struct decoding *d)
{
    float **planes;
    int count;
    while ((count = vorbis_synthesis_pcmout(&d->state, &planes)) > 0) {
        for (int first = 0; first < count; first += STEP_COUNT)
            put_frames(d, planes, first, count - first < STEP_COUNT ? count - first : STEP_COUNT);
        (void)vorbis_synthesis_read(&d->state, count);
    }
}

static void decode_packet(struct decoding *d, ogg_packet *packet)
{
    if (vorbis_synthesis(&d->block, packet) != 0 ||
        vorbis_synthesis_blockin(&d->state, &d->block) != 0)
        filter_fail(&d->filter, FILTER_BAD_DATA, "damaged stream");
    put_all_frames(d);
}

static void decode(struct decoding *d, ogg_packet *packet)
{
    if (vorbis_synthesis_init(&d->state, &d->info) != 0)
        filter_fail(&d->filter, FILTER_BAD_DATA, "the stream's headers are damaged");
    vorbis_block_init(&d->state, &d->block);
    while (next_packet(d, packet)) {
        if (packet->bytes) /* an empty one is allowed, and is nothing */
            decode_packet(d, packet);
    }
}

/* The frames too many at a page that says where it ends: none unless it begins or ends the sound.
 */
static int64_t excess(const struct position *position, const ogg_packet *packet, bool is_set)
{
    if (packet->granulepos == OGG_NO_GRANULE || position->granule <= packet->granulepos)
        return 0;
    return packet->e_o_s || !is_set ? position->granule - packet->granulepos : 0;
}

static void count_packet(struct position *position, const ogg_packet *packet, long block_count)
{
    int64_t new_count = position->block_count ? (position->block_count + block_count) / 4 : 0;
    bool is_set = position->granule != OGG_NO_GRANULE;
    position->block_count = block_count;
    position->end += new_count;
    position->granule = is_set ? position->granule + new_count : position->end;
    int64_t extra_count = excess(position, packet, is_set);
    position->sent_count += (uint64_t)(extra_count < new_count ? new_count - extra_count : 0);
    if (packet->granulepos != OGG_NO_GRANULE)
        position->granule = packet->granulepos;
    else if (!is_set)
        position->granule = OGG_NO_GRANULE;
}

static uint64_t count_frames(struct decoding *d, ogg_packet *packet)
{
    struct position position = {.granule = OGG_NO_GRANULE};
    while (next_packet(d, packet)) {
        if (!packet->bytes)
            continue;
        long block_count = vorbis_packet_blocksize(&d->info, packet);
        if (block_count <= 0)
            filter_fail(&d->filter, FILTER_BAD_DATA, "damaged stream");
        count_packet(&position, packet, block_count);
    }
    return position.sent_count;
}

static void begin_wav(struct decoding *d, uint64_t frame_count)
{
    struct wav_format format = {
        .rate_hz = (uint32_t)d->info.rate,
        .channel_count = (unsigned)d->info.channels,
        .sample_bits = 8 * SAMPLE_NBYTES,
        .channel_mask = channels_order((unsigned)d->info.channels)->mask,
    };
    wav_begin(&d->wav, &d->filter, &format, frame_count);
}

int main(int argc, char **argv)
{
    static struct decoding decoding;
    struct decoding *d = &decoding;
    size_t nbytes;
    (void)argv;
    filter_open(&d->filter, "vorbis");
    if (argc > 1)
        filter_fail(&d->filter, FILTER_BAD_USAGE, "usage: vorbis < encoded > decoded");
    unsigned char *bytes = filter_read_all(&d->filter, &nbytes);
    ogg_packet packet;
    read_headers(d, &packet, bytes, nbytes);
    begin_wav(d, count_frames(d, &packet));
    vorbis_comment_clear(&d->comment);
    vorbis_info_clear(&d->info);
    read_headers(d, &packet, bytes, nbytes);
    decode(d, &packet);
    wav_end(&d->wav);
    return FILTER_GOOD;
}

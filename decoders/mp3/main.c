/* SPDX-License-Identifier: 0BSD */
/* Knows how an MPEG audio file becomes a WAV file of 16 bits. */
#include <dr_mp3.h>
#include <filter.h>
#include <string.h>

#include "audio/wav.h"
#include "mp3/frames.h"

/* How late a decoder of layer III is: it has to be taken off with what the encoder put before. */
enum { DECODER_DELAY_COUNT = 529, SAMPLE_NBYTES = 2 };

_Static_assert(DRMP3_MAX_SAMPLES_PER_FRAME *SAMPLE_NBYTES <= WAV_ROOM_NBYTES, "a frame fits");

struct decoding {
    struct filter filter;
    struct wav wav;
    struct mp3_span sound;  /* the frames with sound */
    struct mp3_frame first; /* of them */
    uint64_t skip_count;    /* samples of each channel to leave out at the beginning */
    uint64_t left_count;    /* and still to write */
    drmp3dec decoder;
};

static _Noreturn void fail(const struct decoding *d, const char *reason)
{
    filter_fail(&d->filter, FILTER_BAD_DATA, reason);
}

/* The frame that begins here; false behind the last one. */
static bool next_frame(const struct decoding *d, struct mp3_span *span, struct mp3_frame *frame)
{
    if (span->next == span->end)
        return false;
    if (span->end - span->next < 4)
        fail(d, "the input ends within a frame");
    if (!mp3_frame_at(span, frame))
        fail(d, "damaged stream, or bytes follow the end of the stream");
    if (frame->nbytes > (size_t)(span->end - span->next))
        fail(d, "the input ends within a frame");
    span->next += frame->nbytes;
    return true;
}

static uint64_t count_samples(const struct decoding *d)
{
    struct mp3_span span = d->sound;
    struct mp3_frame frame;
    uint64_t count = 0;
    while (next_frame(d, &span, &frame)) {
        if (frame.rate_hz != d->first.rate_hz || frame.channel_count != d->first.channel_count ||
            frame.sample_count != d->first.sample_count)
            fail(d, "the kind of sound changes within the stream");
        count += frame.sample_count;
    }
    return count;
}

/* Finds the frames with sound, and how much of them is the sound that was encoded. */
static void survey(struct decoding *d)
{
    mp3_skip_tags(&d->sound);
    struct mp3_span rest = d->sound;
    struct mp3_info info = {0};
    if (!mp3_frame_at(&rest, &d->first))
        fail(d, "not an MPEG audio stream, or one of free bitrate");
    (void)next_frame(d, &rest, &d->first);
    bool has_info = mp3_read_info(&d->first, &info);
    if (has_info)
        d->sound = rest;
    uint64_t count = count_samples(d), end_count = 0;
    if (info.delay_count || info.padding_count) {
        d->skip_count = info.delay_count + DECODER_DELAY_COUNT;
        if (info.padding_count > DECODER_DELAY_COUNT)
            end_count = info.padding_count - DECODER_DELAY_COUNT;
    }
    d->left_count = d->skip_count + end_count < count ? count - d->skip_count - end_count : 0;
}

/* A frame that needs what came before a cut gives silence. */
static void decode_frame(struct decoding *d, const struct mp3_frame *frame, drmp3_int16 *samples)
{
    drmp3dec_frame_info info;
    int count =
        drmp3dec_decode_frame(&d->decoder, frame->bytes, (int)frame->nbytes, samples, &info);
    if (count == 0 && d->decoder.header[0] != 0)
        memset(samples, 0, frame->sample_count * frame->channel_count * SAMPLE_NBYTES);
    else if ((unsigned)count != frame->sample_count)
        fail(d, "damaged stream");
}

static void decode(struct decoding *d)
{
    static drmp3_int16 samples[DRMP3_MAX_SAMPLES_PER_FRAME];
    struct mp3_span span = d->sound;
    struct mp3_frame frame;
    drmp3dec_init(&d->decoder);
    while (next_frame(d, &span, &frame)) {
        decode_frame(d, &frame, samples);
        uint64_t first = d->skip_count < frame.sample_count ? d->skip_count : frame.sample_count;
        uint64_t count = frame.sample_count - first;
        if (count > d->left_count)
            count = d->left_count;
        d->skip_count -= first;
        d->left_count -= count;
        wav_write(&d->wav, samples + first * frame.channel_count,
                  (size_t)count * frame.channel_count * SAMPLE_NBYTES);
    }
}

int main(int argc, char **argv)
{
    static struct decoding decoding;
    struct decoding *d = &decoding;
    size_t nbytes;
    (void)argv;
    filter_open(&d->filter, "mp3");
    if (argc > 1)
        filter_fail(&d->filter, FILTER_BAD_USAGE, "usage: mp3 < encoded > decoded");
    d->sound.next = filter_read_all(&d->filter, &nbytes);
    d->sound.end = d->sound.next + nbytes;
    survey(d);
    struct wav_format format = {
        .rate_hz = d->first.rate_hz,
        .channel_count = d->first.channel_count,
        .sample_bits = 8 * SAMPLE_NBYTES,
    };
    wav_begin(&d->wav, &d->filter, &format, d->left_count);
    decode(d);
    wav_end(&d->wav);
    return FILTER_GOOD;
}

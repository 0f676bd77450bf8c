/* SPDX-License-Identifier: 0BSD */
/* Knows how a WavPack file becomes the WAV file that it was made from, or one with a plain header.
 */
#include <filter.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wavpack.h>

#include "audio/wav.h"
#include "wavpack/container.h"

enum { STEP_NBYTES = 64 * 1024, CHANNEL_LIMIT = 4096, ERROR_NBYTES = 81 };

struct input {
    const unsigned char *bytes;
    int64_t nbytes;
    int64_t at;
};

static int32_t read_input(void *context, void *to, int32_t nbytes)
{
    struct input *input = context;
    if (nbytes > input->nbytes - input->at)
        nbytes = (int32_t)(input->nbytes - input->at);
    memcpy(to, input->bytes + input->at, (size_t)nbytes);
    input->at += nbytes;
    return nbytes;
}

static int64_t tell_input(void *context)
{
    const struct input *input = context;
    return input->at;
}

/* As the library wants it: 0 is success. */
static int seek_input(void *context, int64_t to)
{
    struct input *input = context;
    if (to < 0 || to > input->nbytes)
        return -1;
    input->at = to;
    return 0;
}

static int move_input(void *context, int64_t by, int from)
{
    const struct input *input = context;
    int64_t base = from == SEEK_SET ? 0 : from == SEEK_CUR ? input->at : input->nbytes;
    return seek_input(context, base + by);
}

static int unread_byte(void *context, int byte)
{
    return move_input(context, -1, SEEK_CUR) ? EOF : byte;
}

static int64_t input_length(void *context)
{
    const struct input *input = context;
    return input->nbytes;
}

static int can_seek(void *context)
{
    (void)context;
    return 1;
}

static WavpackContext *open_sound(const struct filter *filter, struct input *input)
{
    static WavpackStreamReader64 reader = {
        .read_bytes = read_input,
        .get_pos = tell_input,
        .set_pos_abs = seek_input,
        .set_pos_rel = move_input,
        .push_back_byte = unread_byte,
        .get_length = input_length,
        .can_seek = can_seek,
    };
    char reason[ERROR_NBYTES] = "";
    WavpackContext *sound =
        WavpackOpenFileInputEx64(&reader, input, NULL, reason, OPEN_WRAPPER | OPEN_ALT_TYPES, 0);
    if (!sound)
        filter_fail(filter, FILTER_BAD_DATA, *reason ? reason : "damaged stream");
    if (WavpackGetNumSamples64(sound) < 0)
        filter_fail(filter, FILTER_BAD_DATA, "unsupported: the number of samples is not told");
    if (WavpackGetNumChannels(sound) > CHANNEL_LIMIT)
        filter_fail(filter, FILTER_BAD_DATA, "unsupported: so many channels");
    return sound;
}

/* Whether the first bytes of the WAV file are in the stream, so that it can be had again. */
static bool has_header(WavpackContext *sound)
{
    const unsigned char *head = WavpackGetWrapperData(sound);
    return WavpackGetFileFormat(sound) == WP_FORMAT_WAV && WavpackGetWrapperBytes(sound) > 12 &&
           (memcmp(head, "RIFF", 4) == 0 || memcmp(head, "RF64", 4) == 0);
}

static void begin_original(struct wav *wav, struct filter *filter, WavpackContext *sound)
{
    wav_begin_bare(wav, filter);
    wav_write(wav, WavpackGetWrapperData(sound), WavpackGetWrapperBytes(sound));
    WavpackFreeWrapper(sound);
}

/* An odd number of bytes is followed by a zero, which only old encoders keep with the chunks
 * behind. */
static void end_original(struct wav *wav, WavpackContext *sound)
{
    uint64_t nbytes = (uint64_t)WavpackGetNumSamples64(sound) *
                      (unsigned)WavpackGetNumChannels(sound) *
                      (unsigned)WavpackGetBytesPerSample(sound);
    WavpackSeekTrailingWrapper(sound);
    const unsigned char *chunks = WavpackGetWrapperData(sound);
    size_t chunks_nbytes = WavpackGetWrapperBytes(sound);
    if (nbytes % 2 && !(chunks_nbytes && !chunks[0]))
        wav_write(wav, "", 1);
    wav_write(wav, chunks, chunks_nbytes);
}

static void begin(struct wav *wav, struct filter *filter, WavpackContext *sound)
{
    struct wav_format format = {
        .rate_hz = WavpackGetSampleRate(sound),
        .channel_count = (unsigned)WavpackGetNumChannels(sound),
        .sample_bits = (unsigned)WavpackGetBitsPerSample(sound),
        .channel_mask = (uint32_t)WavpackGetChannelMask(sound),
    };
    if (WavpackGetMode(sound) & MODE_FLOAT)
        filter_fail(filter, FILTER_BAD_DATA,
                    "unsupported: floating-point samples without the header of their WAV file");
    wav_begin(wav, filter, &format, (uint64_t)WavpackGetNumSamples64(sound));
}

/* Little endian; one byte has no sign in WAV. The library leaves a sample's free bits lowest. */
static void pack(unsigned char *to, const int32_t *from, size_t count, unsigned nbytes)
{
    uint32_t bias = nbytes == 1 ? 0x80 : 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t value = (uint32_t)from[i] + bias;
        for (unsigned byte = 0; byte < nbytes; byte++, value >>= 8)
            *to++ = (unsigned char)value;
    }
}

static void decode(const struct filter *filter, struct wav *wav, WavpackContext *sound)
{
    unsigned nbytes = (unsigned)WavpackGetBytesPerSample(sound);
    size_t channel_count = (size_t)WavpackGetNumChannels(sound);
    size_t step_count = STEP_NBYTES / (sizeof(int32_t) * channel_count);
    int32_t *samples = malloc(STEP_NBYTES);
    if (!samples)
        filter_fail(filter, FILTER_NO_MEMORY, "out of memory");
    int64_t left_count = WavpackGetNumSamples64(sound);
    while (left_count) {
        uint32_t wanted_count =
            left_count < (int64_t)step_count ? (uint32_t)left_count : (uint32_t)step_count;
        uint32_t count = WavpackUnpackSamples(sound, samples, wanted_count);
        if (!count || WavpackGetNumErrors(sound))
            filter_fail(filter, FILTER_BAD_DATA, "damaged stream");
        pack(wav_room(wav), samples, count * channel_count, nbytes);
        wav_put(wav, count * channel_count * nbytes);
        left_count -= count;
    }
    free(samples);
}

int main(int argc, char **argv)
{
    struct filter filter;
    struct wav wav;
    size_t nbytes;
    (void)argv;
    filter_open(&filter, "wavpack");
    if (argc > 1)
        filter_fail(&filter, FILTER_BAD_USAGE, "usage: wavpack < encoded > decoded");
    struct input input = {.bytes = filter_read_all(&filter, &nbytes)};
    input.nbytes = (int64_t)nbytes;
    const char *reason = wavpack_check(input.bytes, nbytes);
    if (reason)
        filter_fail(&filter, FILTER_BAD_DATA, reason);
    WavpackContext *sound = open_sound(&filter, &input);
    bool is_original = has_header(sound);
    if (is_original)
        begin_original(&wav, &filter, sound);
    else
        begin(&wav, &filter, sound);
    decode(&filter, &wav, sound);
    if (is_original)
        end_original(&wav, sound);
    wav_end(&wav);
    return FILTER_GOOD;
}

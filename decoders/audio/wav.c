/* SPDX-License-Identifier: 0BSD */
/* Knows the header of WAV files, and holds samples back while it cannot be written yet. */
#include "wav.h"

#include <stdlib.h>
#include <string.h>

/* A piece of held output. */
struct wav_block {
    struct wav_block *next;
    size_t nbytes;
    unsigned char bytes[];
};

enum {
    FORMAT_PCM = 1,
    FORMAT_EXTENSIBLE = 0xFFFE,
    PLAIN_FORMAT_NBYTES = 16,
    EXTENSIBLE_FORMAT_NBYTES = 40,
    CHANNEL_LIMIT = 8,
};

/* The second half of the GUID that says PCM, after the number 1 and two of zero and 16. */
static const unsigned char guid_tail[] = {0x80, 0x00, 0x00, 0xaa, 0x00, 0x38, 0x9b, 0x71};

/* The usual loudspeakers of 0 to 8 channels. */
static const uint32_t usual_masks[CHANNEL_LIMIT + 1] = {0,     0x004, 0x003, 0x007, 0x033,
                                                        0x607, 0x60f, 0x70f, 0x63f};

unsigned wav_sample_nbytes(unsigned sample_bits)
{
    return (sample_bits + 7) / 8;
}

static void put_u16(struct wav *wav, unsigned value)
{
    unsigned char bytes[] = {(unsigned char)value, (unsigned char)(value >> 8)};
    wav_write(wav, bytes, sizeof bytes);
}

static void put_u32(struct wav *wav, uint32_t value)
{
    put_u16(wav, value & 0xFFFF);
    put_u16(wav, value >> 16);
}

static uint32_t mask_of(const struct wav_format *format)
{
    if (format->channel_mask || format->channel_count > CHANNEL_LIMIT)
        return format->channel_mask;
    return usual_masks[format->channel_count];
}

/* The plain form knows one and two channels in the usual places, of 8 and 16 bits. */
static bool is_extensible(const struct wav_format *format)
{
    uint32_t mask = mask_of(format);
    return format->channel_count > 2 ||
           (mask && mask != usual_masks[1] && mask != usual_masks[2]) ||
           (format->sample_bits != 8 && format->sample_bits != 16);
}

static uint32_t header_nbytes(const struct wav_format *format)
{
    return 4 + 8 + (is_extensible(format) ? EXTENSIBLE_FORMAT_NBYTES : PLAIN_FORMAT_NBYTES) + 8;
}

static void put_format(struct wav *wav)
{
    const struct wav_format *format = &wav->format;
    unsigned frame_nbytes = format->channel_count * wav_sample_nbytes(format->sample_bits);
    bool extensible = is_extensible(format);
    wav_write(wav, "fmt ", 4);
    put_u32(wav, extensible ? EXTENSIBLE_FORMAT_NBYTES : PLAIN_FORMAT_NBYTES);
    put_u16(wav, extensible ? FORMAT_EXTENSIBLE : FORMAT_PCM);
    put_u16(wav, format->channel_count);
    put_u32(wav, format->rate_hz);
    put_u32(wav, format->rate_hz * frame_nbytes);
    put_u16(wav, frame_nbytes);
    put_u16(wav, 8 * wav_sample_nbytes(format->sample_bits));
    if (!extensible)
        return;
    put_u16(wav, EXTENSIBLE_FORMAT_NBYTES - PLAIN_FORMAT_NBYTES - 2);
    put_u16(wav, format->sample_bits);
    put_u32(wav, mask_of(format));
    put_u32(wav, FORMAT_PCM);
    put_u32(wav, 0x00100000);
    wav_write(wav, guid_tail, sizeof guid_tail);
}

static void put_header(struct wav *wav, uint64_t sample_nbytes)
{
    uint64_t rest_nbytes = header_nbytes(&wav->format) + sample_nbytes + (sample_nbytes & 1);
    if (rest_nbytes > UINT32_MAX)
        filter_fail(wav->filter, FILTER_BAD_DATA, "the sound does not fit into a WAV file");
    wav_write(wav, "RIFF", 4);
    put_u32(wav, (uint32_t)rest_nbytes);
    wav_write(wav, "WAVE", 4);
    put_format(wav);
    wav_write(wav, "data", 4);
    put_u32(wav, (uint32_t)sample_nbytes);
}

void wav_begin(struct wav *wav, struct filter *filter, const struct wav_format *format,
               uint64_t frame_count)
{
    *wav = (struct wav){.filter = filter, .format = *format, .is_wav = true};
    unsigned frame_nbytes = format->channel_count * wav_sample_nbytes(format->sample_bits);
    wav->holds = frame_count == WAV_COUNT_UNKNOWN;
    if (wav->holds)
        return;
    if (frame_count > UINT32_MAX)
        filter_fail(filter, FILTER_BAD_DATA, "the sound does not fit into a WAV file");
    put_header(wav, frame_count * frame_nbytes);
    wav->expected_nbytes = frame_count * frame_nbytes;
    wav->sample_nbytes = 0;
}

void wav_begin_bare(struct wav *wav, struct filter *filter)
{
    *wav = (struct wav){.filter = filter};
}

static void hold(struct wav *wav)
{
    struct wav_block *block = malloc(sizeof *block + wav->pending_nbytes);
    if (!block)
        filter_fail(wav->filter, FILTER_NO_MEMORY, "out of memory");
    block->next = NULL;
    block->nbytes = wav->pending_nbytes;
    memcpy(block->bytes, wav->filter->out, block->nbytes);
    if (wav->last)
        wav->last->next = block;
    else
        wav->first = block;
    wav->last = block;
}

static void drain(struct wav *wav)
{
    if (wav->holds)
        hold(wav);
    else
        filter_flush(wav->filter, wav->pending_nbytes);
    wav->pending_nbytes = 0;
}

unsigned char *wav_room(struct wav *wav)
{
    if (FILTER_BUFFER_NBYTES - wav->pending_nbytes < WAV_ROOM_NBYTES)
        drain(wav);
    return wav->filter->out + wav->pending_nbytes;
}

void wav_put(struct wav *wav, size_t nbytes)
{
    wav->pending_nbytes += nbytes;
    wav->sample_nbytes += nbytes;
}

void wav_write(struct wav *wav, const void *from, size_t nbytes)
{
    const unsigned char *next = from;
    while (nbytes) {
        size_t part_nbytes = nbytes < WAV_ROOM_NBYTES ? nbytes : WAV_ROOM_NBYTES;
        memcpy(wav_room(wav), next, part_nbytes);
        wav_put(wav, part_nbytes);
        next += part_nbytes;
        nbytes -= part_nbytes;
    }
}

/* Now the count is known: the header, then all that was held. */
static void release(struct wav *wav)
{
    uint64_t sample_nbytes = wav->sample_nbytes;
    drain(wav);
    wav->holds = false;
    put_header(wav, sample_nbytes);
    while (wav->first) {
        struct wav_block *block = wav->first;
        wav_write(wav, block->bytes, block->nbytes);
        wav->first = block->next;
        free(block);
    }
    wav->sample_nbytes = wav->expected_nbytes = sample_nbytes;
}

void wav_end(struct wav *wav)
{
    if (wav->holds)
        release(wav);
    if (wav->is_wav) {
        if (wav->sample_nbytes < wav->expected_nbytes)
            filter_fail(wav->filter, FILTER_BAD_DATA, "the stream has fewer samples than it says");
        if (wav->sample_nbytes > wav->expected_nbytes)
            filter_fail(wav->filter, FILTER_BAD_DATA, "the stream has more samples than it says");
        if (wav->sample_nbytes & 1)
            wav_write(wav, "", 1);
    }
    drain(wav);
}

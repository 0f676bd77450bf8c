/* SPDX-License-Identifier: MIT */
/* How the chunks of WAV and AIFF files are read. */
#include "sound.h"
#include "zip_format.h"

#include <string.h>

enum {
    FORM_NBYTES = 12,
    CHUNK_HEAD_NBYTES = 8,
    FORMAT_ROOM_NBYTES = 64,
    SSND_HEAD_NBYTES = CHUNK_HEAD_NBYTES + 8,
    HEAD_MAX_NBYTES = 1 << 20, /* of one chunk in front of the samples */
};

/* The words of a "fmt " chunk that mean whole-numbered samples. */
enum { WAVE_PCM = 1, WAVE_EXTENSIBLE = 0xFFFE };

bool vxa_sound_is_likely(const uint8_t *head, size_t nbytes)
{
    if (nbytes < FORM_NBYTES)
        return false;
    if (memcmp(head, "RIFF", 4) == 0)
        return memcmp(head + 8, "WAVE", 4) == 0;
    return memcmp(head, "FORM", 4) == 0 &&
           (memcmp(head + 8, "AIFF", 4) == 0 || memcmp(head + 8, "AIFC", 4) == 0);
}

static bool read_exactly(const struct vxa_original *original, void *buffer, size_t nbytes,
                         uint64_t off)
{
    uint8_t *at = buffer;

    while (nbytes > 0) {
        ptrdiff_t count = original->read_at(original->source.context, at, nbytes, off);

        if (count <= 0)
            return false;
        at += count;
        nbytes -= (size_t)count;
        off += (uint64_t)count;
    }
    return true;
}

static uint32_t get_big32(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static unsigned get_big16(const uint8_t *bytes)
{
    return (unsigned)bytes[0] << 8 | bytes[1];
}

/* A "fmt " chunk, `data` behind its head. */
static bool take_wave_format(struct vxa_sound *sound, const uint8_t *data, size_t nbytes)
{
    if (nbytes < 16)
        return false;
    unsigned format = zip_get16(data);
    unsigned block_nbytes = zip_get16(data + 12);
    unsigned bits = zip_get16(data + 14);

    if (format == WAVE_EXTENSIBLE && nbytes >= 26)
        format = zip_get16(data + 24);
    sound->channel_count = zip_get16(data + 2);
    sound->rate_hz = zip_get32(data + 4);
    if (format != WAVE_PCM || sound->channel_count == 0 || block_nbytes % sound->channel_count != 0)
        return false;
    sound->sample_nbytes = block_nbytes / sound->channel_count;
    sound->is_unsigned = sound->sample_nbytes == 1;
    return bits > 0 && bits <= 8 * sound->sample_nbytes;
}

/* An 80-bit number as a whole one; 0 where it is none. */
static uint32_t get_rate(const uint8_t *bytes)
{
    unsigned exponent = get_big16(bytes);
    uint32_t mantissa = get_big32(bytes + 2);

    return exponent < 16383 || exponent > 16383 + 31 ? 0 : mantissa >> (16383 + 31 - exponent);
}

/* A "COMM" chunk. */
static bool take_aiff_format(struct vxa_sound *sound, const uint8_t *data, size_t nbytes,
                             bool is_aifc)
{
    unsigned bits = nbytes >= 18 ? get_big16(data + 6) : 0;

    if (bits == 0 || (is_aifc && nbytes < 22))
        return false;
    sound->is_big_endian = true;
    if (is_aifc) {
        sound->is_big_endian = memcmp(data + 18, "NONE", 4) == 0;
        if (!sound->is_big_endian && memcmp(data + 18, "sowt", 4) != 0)
            return false;
    }
    sound->channel_count = get_big16(data);
    sound->sample_nbytes = (bits + 7) / 8;
    sound->rate_hz = get_rate(data + 8);
    return true;
}

/* A chunk on the way. */
struct chunk {
    uint8_t bytes[CHUNK_HEAD_NBYTES + FORMAT_ROOM_NBYTES]; /* its beginning */
    size_t read_nbytes;
    uint64_t off;
    uint32_t nbytes; /* of its data, as it says */
};

static bool read_chunk(const struct vxa_original *original, const struct vxa_sound *sound,
                       struct chunk *chunk)
{
    uint64_t left_nbytes = original->nbytes - chunk->off;

    chunk->read_nbytes =
        left_nbytes < sizeof(chunk->bytes) ? (size_t)left_nbytes : sizeof(chunk->bytes);
    if (chunk->read_nbytes < CHUNK_HEAD_NBYTES ||
        !read_exactly(original, chunk->bytes, chunk->read_nbytes, chunk->off))
        return false;
    chunk->nbytes = sound->is_aiff ? get_big32(chunk->bytes + 4) : zip_get32(chunk->bytes + 4);
    if (chunk->nbytes < chunk->read_nbytes - CHUNK_HEAD_NBYTES)
        chunk->read_nbytes = CHUNK_HEAD_NBYTES + chunk->nbytes;
    return true;
}

static bool is_named(const struct chunk *chunk, const char *name)
{
    return memcmp(chunk->bytes, name, 4) == 0;
}

static bool add_head(struct vxa_sound *sound, uint64_t off, uint32_t nbytes)
{
    if (sound->head_count == VXA_SOUND_HEADS_MAX || nbytes > HEAD_MAX_NBYTES)
        return false;
    sound->heads[sound->head_count++] = (struct vxa_sound_part){off, nbytes};
    return true;
}

/*
 * The frames that are encoded: as many as leave an even number of bytes, after which no decoder
 * adds any, and a tail that is empty or not too small for a block. The rest of them belongs to the
 * tail.
 */
static void leave_tail(const struct vxa_original *original, struct vxa_sound *sound)
{
    uint64_t frame_nbytes = (uint64_t)sound->sample_nbytes * sound->channel_count;

    for (;; sound->frame_count--) {
        uint64_t nbytes = sound->frame_count * frame_nbytes;

        sound->tail_off = sound->samples_off + nbytes;
        uint64_t tail_nbytes = original->nbytes - sound->tail_off;

        if (sound->frame_count == 0 ||
            (nbytes % 2 == 0 && (tail_nbytes == 0 || tail_nbytes >= VXA_SOUND_TAIL_MIN_NBYTES)))
            return;
    }
}

/* Where the samples end, whatever the chunk says beyond the file's end. */
static bool take_samples(const struct vxa_original *original, struct vxa_sound *sound,
                         const struct chunk *chunk)
{
    uint32_t head_nbytes = sound->is_aiff ? SSND_HEAD_NBYTES : CHUNK_HEAD_NBYTES;
    uint64_t end_off = chunk->off + CHUNK_HEAD_NBYTES + chunk->nbytes;

    if (end_off > original->nbytes)
        end_off = original->nbytes;
    sound->samples_off = chunk->off + head_nbytes;
    if (sound->samples_off > end_off || !add_head(sound, chunk->off, head_nbytes))
        return false;
    sound->frame_count =
        (end_off - sound->samples_off) / ((uint64_t)sound->sample_nbytes * sound->channel_count);
    leave_tail(original, sound);
    return sound->frame_count > 0;
}

static bool fits(const struct vxa_sound *sound)
{
    return sound->channel_count >= 1 && sound->channel_count <= VXA_SOUND_CHANNELS_MAX &&
           sound->sample_nbytes >= 1 && sound->sample_nbytes <= 4;
}

bool vxa_sound_find(const struct vxa_original *original, struct vxa_sound *sound)
{
    uint8_t form[FORM_NBYTES];
    struct chunk chunk = {.off = FORM_NBYTES};

    *sound = (struct vxa_sound){0};
    if (original->nbytes < FORM_NBYTES || !read_exactly(original, form, FORM_NBYTES, 0) ||
        !vxa_sound_is_likely(form, FORM_NBYTES) || !add_head(sound, 0, FORM_NBYTES))
        return false;
    sound->is_aiff = form[0] == 'F';
    while (read_chunk(original, sound, &chunk)) {
        const uint8_t *data = chunk.bytes + CHUNK_HEAD_NBYTES;
        size_t nbytes = chunk.read_nbytes - CHUNK_HEAD_NBYTES;

        if (is_named(&chunk, sound->is_aiff ? "SSND" : "data"))
            return fits(sound) && take_samples(original, sound, &chunk);
        if (is_named(&chunk, sound->is_aiff ? "COMM" : "fmt ") &&
            !(sound->is_aiff ? take_aiff_format(sound, data, nbytes, form[11] == 'C')
                             : take_wave_format(sound, data, nbytes)))
            return false;
        uint64_t whole_nbytes = CHUNK_HEAD_NBYTES + (uint64_t)chunk.nbytes + (chunk.nbytes & 1);

        if (whole_nbytes > original->nbytes - chunk.off ||
            !add_head(sound, chunk.off, (uint32_t)whole_nbytes))
            return false;
        chunk.off += whole_nbytes;
    }
    return false;
}

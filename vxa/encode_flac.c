/* SPDX-License-Identifier: MIT */
/*
 * The encoder for WAV and AIFF files: one FLAC stream by the host's libFLAC.
 *
 * What is no sample goes into application blocks "riff" or "aiff", one for the form's head and one
 * for each chunk, as flac(1) does it with --keep-foreign-metadata. The decoder puts them out again
 * around the samples. What lies behind the samples need not be chunks at all.
 */
#include "codec.h"
#include "sound.h"
#include "zip_format.h"

#include <FLAC/metadata.h>
#include <FLAC/stream_encoder.h>
#include <stdlib.h>
#include <string.h>

enum {
    STEP_COUNT = 4096, /* frames at once */
    PART_MAX_NBYTES = 1 << 20,
    TAIL_MAX_NBYTES = 16 << 20,
    BLOCKS_MAX = VXA_SOUND_HEADS_MAX + TAIL_MAX_NBYTES / PART_MAX_NBYTES + 1,
    STEP_MAX_NBYTES = STEP_COUNT * VXA_SOUND_CHANNELS_MAX * 4,
};

/* libFLAC's compression level for -1 to -9. */
static const uint32_t levels[9] = {0, 1, 2, 3, 5, 5, 6, 7, 8};

/* An encoding on its way. */
struct state {
    const struct vxa_original *original;
    struct vxa_sound sound;
    struct vxa_sink sink;
    FLAC__StreamEncoder *encoder;
    FLAC__StreamMetadata *blocks[BLOCKS_MAX];
    uint32_t block_count;
    bool sink_refused;
    uint64_t off; /* read in order */
    uint8_t bytes[STEP_MAX_NBYTES];
    FLAC__int32 samples[STEP_COUNT * VXA_SOUND_CHANNELS_MAX];
};

static bool fail_reading(struct vxa_failure *failure)
{
    return vxa_fail(failure, VXA_FAILURE_IO, "the data could not be read");
}

static bool out_of_memory(struct vxa_failure *failure)
{
    return vxa_fail(failure, VXA_FAILURE_MEMORY, "out of memory for FLAC");
}

/* ---- what is no sample ---- */

static bool read_part(const struct state *state, struct vxa_sound_part part, uint8_t *bytes)
{
    const struct vxa_original *original = state->original;

    while (part.nbytes > 0) {
        ptrdiff_t count = original->read_at(original->source.context, bytes, part.nbytes, part.off);

        if (count <= 0)
            return false;
        bytes += count;
        part.nbytes -= (uint32_t)count;
        part.off += (uint64_t)count;
    }
    return true;
}

static bool add_block(struct state *state, struct vxa_sound_part part, struct vxa_failure *failure)
{
    FLAC__StreamMetadata *block = FLAC__metadata_object_new(FLAC__METADATA_TYPE_APPLICATION);
    uint8_t *bytes = malloc(part.nbytes);

    if (block)
        state->blocks[state->block_count++] = block;
    bool ok = block && bytes ? read_part(state, part, bytes) || fail_reading(failure)
                             : out_of_memory(failure);

    if (ok) {
        memcpy(block->data.application.id, state->sound.is_aiff ? "aiff" : "riff", 4);
        /* The library takes a copy. */
        ok = FLAC__metadata_object_application_set_data(block, bytes, part.nbytes, true) ||
             out_of_memory(failure);
    }
    free(bytes);
    return ok;
}

/* The last part takes what would be too small to stand alone. */
static bool add_tail(struct state *state, struct vxa_failure *failure)
{
    uint64_t off = state->sound.tail_off;
    uint64_t left_nbytes = state->original->nbytes - off;

    while (left_nbytes > 0) {
        uint32_t nbytes = left_nbytes < PART_MAX_NBYTES + VXA_SOUND_TAIL_MIN_NBYTES
                              ? (uint32_t)left_nbytes
                              : PART_MAX_NBYTES;

        if (!add_block(state, (struct vxa_sound_part){off, nbytes}, failure))
            return false;
        off += nbytes;
        left_nbytes -= nbytes;
    }
    return true;
}

static bool add_blocks(struct state *state, struct vxa_failure *failure)
{
    for (size_t i = 0; i < state->sound.head_count; i++) {
        if (!add_block(state, state->sound.heads[i], failure))
            return false;
    }
    return add_tail(state, failure);
}

/* ---- samples ---- */

/* A sample's bytes as they stand, the last of them highest. */
static FLAC__int32 get_sample(const uint8_t *bytes, unsigned nbytes, bool is_big_endian)
{
    uint32_t value = 0;

    for (unsigned i = 0; i < nbytes; i++)
        value |= (uint32_t)bytes[is_big_endian ? nbytes - 1 - i : i] << (8 * i);
    return (FLAC__int32)(value << (32 - 8 * nbytes)) >> (32 - 8 * nbytes);
}

static void unpack(struct state *state, size_t sample_count)
{
    unsigned nbytes = state->sound.sample_nbytes;

    for (size_t i = 0; i < sample_count; i++) {
        const uint8_t *at = state->bytes + i * nbytes;

        state->samples[i] = state->sound.is_unsigned
                                ? (FLAC__int32)*at - 0x80
                                : get_sample(at, nbytes, state->sound.is_big_endian);
    }
}

/* Exactly `nbytes` in order. */
static bool read_bytes(struct state *state, size_t nbytes, struct vxa_failure *failure)
{
    struct vxa_source source = state->original->source;
    uint8_t *at = state->bytes;

    while (nbytes > 0) {
        ptrdiff_t count = source.read(source.context, at, nbytes);

        if (count <= 0)
            return fail_reading(failure);
        at += count;
        nbytes -= (size_t)count;
        state->off += (uint64_t)count;
    }
    return true;
}

/* Passes over what the blocks hold already; the reading alone is of use, to whoever counts. */
static bool skip_to(struct state *state, uint64_t off, struct vxa_failure *failure)
{
    while (state->off < off) {
        uint64_t left_nbytes = off - state->off;

        if (!read_bytes(state,
                        left_nbytes < STEP_MAX_NBYTES ? (size_t)left_nbytes
                                                      : (size_t)STEP_MAX_NBYTES,
                        failure))
            return false;
    }
    return true;
}

static bool encode_failed(const struct state *state, struct vxa_failure *failure)
{
    return state->sink_refused
               ? vxa_fail(failure, VXA_FAILURE_IO, "the encoded data could not be written")
               : out_of_memory(failure);
}

static bool encode_samples(struct state *state, struct vxa_failure *failure)
{
    const struct vxa_sound *sound = &state->sound;
    uint64_t left_count = sound->frame_count;

    while (left_count > 0) {
        uint32_t count = left_count < STEP_COUNT ? (uint32_t)left_count : STEP_COUNT;
        size_t sample_count = (size_t)count * sound->channel_count;

        if (!read_bytes(state, sample_count * sound->sample_nbytes, failure))
            return false;
        unpack(state, sample_count);
        if (!FLAC__stream_encoder_process_interleaved(state->encoder, state->samples, count))
            return encode_failed(state, failure);
        left_count -= count;
    }
    return FLAC__stream_encoder_finish(state->encoder) || encode_failed(state, failure);
}

/* ---- the stream ---- */

static FLAC__StreamEncoderWriteStatus on_write(const FLAC__StreamEncoder *encoder,
                                               const FLAC__byte *bytes, size_t nbytes,
                                               uint32_t sample_count, uint32_t frame, void *context)
{
    struct state *state = context;

    (void)encoder;
    (void)sample_count;
    (void)frame;
    state->sink_refused = !state->sink.write(state->sink.context, bytes, nbytes);
    return state->sink_refused ? FLAC__STREAM_ENCODER_WRITE_STATUS_FATAL_ERROR
                               : FLAC__STREAM_ENCODER_WRITE_STATUS_OK;
}

static bool configure(struct state *state, int level)
{
    FLAC__StreamEncoder *encoder = state->encoder;
    const struct vxa_sound *sound = &state->sound;
    uint32_t rate_hz =
        sound->rate_hz > 0 && sound->rate_hz <= FLAC__MAX_SAMPLE_RATE ? sound->rate_hz : 44100;

    return FLAC__stream_encoder_set_compression_level(encoder, levels[level - 1]) &&
           FLAC__stream_encoder_set_streamable_subset(encoder, false) &&
           FLAC__stream_encoder_set_channels(encoder, sound->channel_count) &&
           FLAC__stream_encoder_set_bits_per_sample(encoder, 8 * sound->sample_nbytes) &&
           FLAC__stream_encoder_set_sample_rate(encoder, rate_hz) &&
           FLAC__stream_encoder_set_total_samples_estimate(encoder, sound->frame_count) &&
           FLAC__stream_encoder_set_metadata(encoder, state->blocks, state->block_count);
}

static bool encode(struct state *state, int level, struct vxa_failure *failure)
{
    if (!add_blocks(state, failure))
        return false;
    state->encoder = FLAC__stream_encoder_new();
    if (!state->encoder || !configure(state, level))
        return out_of_memory(failure);
    /* Nothing can be sought: so the stream has no MD5, and the decoder need not compute one beside
     * the CRC-32 that the member has. */
    if (FLAC__stream_encoder_init_stream(state->encoder, on_write, NULL, NULL, NULL, state) !=
        FLAC__STREAM_ENCODER_INIT_STATUS_OK)
        return encode_failed(state, failure);
    return skip_to(state, state->sound.samples_off, failure) && encode_samples(state, failure) &&
           skip_to(state, state->original->nbytes, failure);
}

/* The file's end tells the caller whether the file has grown. */
static bool encode_all(struct state *state, int level, struct vxa_failure *failure)
{
    struct vxa_source source = state->original->source;

    return encode(state, level, failure) &&
           (source.read(source.context, state->bytes, 1) == 0 || fail_reading(failure));
}

static bool suits(const struct vxa_original *original, const struct vxa_sound *sound)
{
    uint64_t tail_nbytes = original->nbytes - sound->tail_off;

    return tail_nbytes <= TAIL_MAX_NBYTES && sound->frame_count < (uint64_t)1 << 36;
}

bool vxa_encode_flac(const struct vxa_original *original, int level, struct vxa_sink sink,
                     struct vxa_failure *failure)
{
    struct state *state = calloc(1, sizeof(*state));
    bool ok = false;

    if (!state)
        return out_of_memory(failure);
    state->original = original;
    state->sink = sink;
    if (vxa_sound_find(original, &state->sound) && suits(original, &state->sound))
        ok = encode_all(state, level, failure);
    else
        (void)vxa_fail(failure, VXA_FAILURE_UNSUPPORTED, "it has no sound that FLAC can hold");
    if (state->encoder)
        FLAC__stream_encoder_delete(state->encoder);
    for (uint32_t i = 0; i < state->block_count; i++)
        FLAC__metadata_object_delete(state->blocks[i]);
    free(state);
    return ok;
}

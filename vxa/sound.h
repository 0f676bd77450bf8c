/* SPDX-License-Identifier: MIT */
/* Where the samples lie in a WAV or AIFF file, and what lies around them. */
#ifndef VXA_SOUND_H
#define VXA_SOUND_H

#include "codec.h"

/* The widest sound that FLAC holds, and the smallest tail that a block does. */
enum { VXA_SOUND_CHANNELS_MAX = 8, VXA_SOUND_HEADS_MAX = 64, VXA_SOUND_TAIL_MIN_NBYTES = 8 };

/* A run of bytes that are no samples. */
struct vxa_sound_part {
    uint64_t off;
    uint32_t nbytes;
};

struct vxa_sound {
    bool is_aiff;
    bool is_big_endian; /* the samples */
    bool is_unsigned;
    unsigned channel_count;
    unsigned sample_nbytes; /* of one sample of one channel, 1 to 4 */
    uint32_t rate_hz;       /* 0: none that FLAC can say */
    /* The form's head, then each chunk up to the head of that with the samples. */
    struct vxa_sound_part heads[VXA_SOUND_HEADS_MAX];
    size_t head_count;
    uint64_t samples_off, frame_count; /* a frame is one sample of each channel */
    uint64_t tail_off; /* of all that follows, some last samples included, to the file's end */
};

/* Whether a file may be such a sound, by its first bytes. */
bool vxa_sound_is_likely(const uint8_t *head, size_t nbytes);

/* False if the file has no whole-numbered samples that FLAC can hold, or is not well made. */
bool vxa_sound_find(const struct vxa_original *original, struct vxa_sound *sound);

#endif

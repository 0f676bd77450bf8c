/* SPDX-License-Identifier: 0BSD */
/* Knows which loudspeakers the channels of Vorbis and Opus are for, and their order in WAV files.
 */
#ifndef AUDIO_CHANNELS_H
#define AUDIO_CHANNELS_H

#include <stdint.h>

enum { CHANNELS_LIMIT = 8 };

/* Place i of a WAV frame holds the coded channel source[i]. */
struct channels_order {
    uint32_t mask;
    unsigned char source[CHANNELS_LIMIT];
};

/* For 1 to CHANNELS_LIMIT channels. */
const struct channels_order *channels_order(unsigned channel_count);

#endif

/* SPDX-License-Identifier: 0BSD */
/* Knows how samples become a WAV file on the output, also when their number is known only at the
 * end. */
#ifndef AUDIO_WAV_H
#define AUDIO_WAV_H

#include <filter.h>
#include <stdbool.h>
#include <stdint.h>

/* The most that wav_room() gives at once. */
#define WAV_ROOM_NBYTES ((size_t)128 * 1024)

#define WAV_COUNT_UNKNOWN UINT64_MAX

struct wav_format {
    uint32_t rate_hz;
    unsigned channel_count;
    unsigned sample_bits;  /* in the highest bits of 1 to 4 bytes; one byte has no sign */
    uint32_t channel_mask; /* which loudspeakers; 0 the usual ones */
};

struct wav_block;

struct wav {
    struct filter *filter;
    struct wav_format format;
    bool is_wav;              /* otherwise bytes without a header */
    bool holds;               /* until the end: the header needs the count */
    size_t pending_nbytes;    /* in filter->out */
    uint64_t expected_nbytes; /* of samples */
    uint64_t sample_nbytes;   /* so far */
    struct wav_block *first;  /* what is held */
    struct wav_block *last;
};

/* Frame: one sample of each channel. Ends the program when a WAV file cannot hold so many. */
void wav_begin(struct wav *wav, struct filter *filter, const struct wav_format *format,
               uint64_t frame_count);

/* The same without a header: what is put is all there is. */
void wav_begin_bare(struct wav *wav, struct filter *filter);

/* Where the next bytes go, up to WAV_ROOM_NBYTES; they count when they are put. */
unsigned char *wav_room(struct wav *wav);
void wav_put(struct wav *wav, size_t nbytes);

/* Bytes from elsewhere, any number. */
void wav_write(struct wav *wav, const void *from, size_t nbytes);

/* Ends the program when there are more or fewer samples than announced. */
void wav_end(struct wav *wav);

/* The bytes that a sample of so many bits takes. */
unsigned wav_sample_nbytes(unsigned sample_bits);

#endif

/* SPDX-License-Identifier: 0BSD */
/* Knows where the frames of an MPEG audio file lie, between the tags before and after them. */
#ifndef MP3_FRAMES_H
#define MP3_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mp3_frame {
    const unsigned char *bytes;
    size_t nbytes;
    uint32_t rate_hz;
    unsigned channel_count;
    unsigned sample_count; /* of each channel */
};

struct mp3_span {
    const unsigned char *next;
    const unsigned char *end;
};

/* What a file's first frame may say of the others instead of holding sound. */
struct mp3_info {
    unsigned delay_count;   /* samples that the encoder put before the sound */
    unsigned padding_count; /* and behind it */
};

/* Takes tags off the beginning and off the end. */
void mp3_skip_tags(struct mp3_span *span);

/* Reads the header of a frame that begins here, though it may end later than the file. */
bool mp3_frame_at(const struct mp3_span *span, struct mp3_frame *frame);

/* True for a frame that describes the file. */
bool mp3_read_info(const struct mp3_frame *frame, struct mp3_info *info);

#endif

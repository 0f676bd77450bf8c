/* SPDX-License-Identifier: 0BSD */
/* Knows the packets of an Ogg file that holds one stream, and ends the program at the first fault.
 */
#ifndef AUDIO_OGG_H
#define AUDIO_OGG_H

#include <filter.h>
#include <stdbool.h>
#include <stdint.h>

#define OGG_NO_GRANULE (-1)

struct ogg_packet_view {
    const unsigned char *bytes;
    size_t nbytes;
    int64_t granule;   /* of its page, when it is the last packet that ends there */
    bool is_last;      /* of the stream */
    bool is_page_last; /* the last that ends on its page */
};

struct ogg_reader {
    const struct filter *filter;
    const unsigned char *bytes; /* the whole file */
    size_t nbytes;
    size_t next_off;           /* of the next page */
    const unsigned char *page; /* the present one, or NULL */
    unsigned segment;          /* the next of its segments */
    size_t body_off;           /* where that begins, in the file */
    uint32_t page_count;       /* so far */
    unsigned char *joined;     /* a packet from several pages */
    size_t joined_nbytes;
    size_t joined_room_nbytes;
    bool has_part; /* of a packet that goes on on the next page */
};

/* The reader starts over when it is opened again; what it joined before is used again. */
void ogg_open(struct ogg_reader *reader, const struct filter *filter, const unsigned char *bytes,
              size_t nbytes);

/* False after the last packet; then the file has ended too. A packet is valid until the next call.
 */
bool ogg_next(struct ogg_reader *reader, struct ogg_packet_view *packet);

#endif

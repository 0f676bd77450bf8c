/* SPDX-License-Identifier: 0BSD */
/* Knows Ogg pages: their header, their checksum, and how packets lie in segments across pages. */
#include "ogg.h"

#include <stdlib.h>
#include <string.h>

enum {
    VERSION_OFF = 4,
    FLAGS_OFF = 5,
    GRANULE_OFF = 6,
    SERIAL_OFF = 14,
    SEQUENCE_OFF = 18,
    CHECKSUM_OFF = 22,
    SEGMENT_COUNT_OFF = 26,
    HEADER_NBYTES = 27,

    IS_CONTINUED = 1,
    IS_FIRST = 2,
    IS_LAST = 4,

    FULL_SEGMENT = 255, /* the packet goes on */
};

static _Noreturn void fail(const struct ogg_reader *reader, const char *reason)
{
    filter_fail(reader->filter, FILTER_BAD_DATA, reason);
}

static uint32_t u32_at(const unsigned char *at)
{
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

/* Polynomial 04C11DB7h, highest bit first, no inversion; four bits at a time. */
static uint32_t add_to_checksum(uint32_t sum, const unsigned char *bytes, size_t nbytes)
{
    static const uint32_t table[16] = {
        0x00000000, 0x04c11db7, 0x09823b6e, 0x0d4326d9, 0x130476dc, 0x17c56b6b,
        0x1a864db2, 0x1e475005, 0x2608edb8, 0x22c9f00f, 0x2f8ad6d6, 0x2b4bcb61,
        0x350c9b64, 0x31cd86d3, 0x3c8ea00a, 0x384fbdbd,
    };
    for (; nbytes; bytes++, nbytes--) {
        sum = sum << 4 ^ table[sum >> 28 ^ *bytes >> 4];
        sum = sum << 4 ^ table[sum >> 28 ^ (*bytes & 15)];
    }
    return sum;
}

static bool has_good_checksum(const unsigned char *page, size_t nbytes)
{
    static const unsigned char zeros[4];
    uint32_t sum = add_to_checksum(0, page, CHECKSUM_OFF);
    sum = add_to_checksum(sum, zeros, sizeof zeros);
    sum = add_to_checksum(sum, page + CHECKSUM_OFF + 4, nbytes - CHECKSUM_OFF - 4);
    return sum == u32_at(page + CHECKSUM_OFF);
}

static size_t body_nbytes(const unsigned char *page)
{
    size_t nbytes = 0;
    for (unsigned i = 0; i < page[SEGMENT_COUNT_OFF]; i++)
        nbytes += page[HEADER_NBYTES + i];
    return nbytes;
}

/* The length of the page at the next offset; all of it is there and unharmed. */
static size_t check_page(const struct ogg_reader *reader)
{
    const unsigned char *page = reader->bytes + reader->next_off;
    size_t left_nbytes = reader->nbytes - reader->next_off;
    if (left_nbytes >= 4 && memcmp(page, "OggS", 4) != 0)
        fail(reader, reader->page ? "damaged stream" : "not an Ogg file");
    if (left_nbytes < HEADER_NBYTES || left_nbytes - HEADER_NBYTES < page[SEGMENT_COUNT_OFF])
        fail(reader, "the input ends within the stream");
    size_t head_nbytes = (size_t)HEADER_NBYTES + page[SEGMENT_COUNT_OFF];
    if (left_nbytes - head_nbytes < body_nbytes(page))
        fail(reader, "the input ends within the stream");
    if (!has_good_checksum(page, head_nbytes + body_nbytes(page)) || page[VERSION_OFF])
        fail(reader, "damaged stream");
    return head_nbytes + body_nbytes(page);
}

/* Pages of one stream carry its serial number, are numbered, and say how packets go on. */
static void check_order(const struct ogg_reader *reader, const unsigned char *page)
{
    bool is_first = page[FLAGS_OFF] & IS_FIRST;
    if (is_first != !reader->page_count ||
        u32_at(page + SERIAL_OFF) != u32_at(reader->bytes + SERIAL_OFF))
        fail(reader, "the file holds more than one stream");
    if (u32_at(page + SEQUENCE_OFF) != u32_at(reader->bytes + SEQUENCE_OFF) + reader->page_count ||
        (bool)(page[FLAGS_OFF] & IS_CONTINUED) != reader->has_part)
        fail(reader, "a page of the stream is missing");
}

/* False behind the last page. */
static bool next_page(struct ogg_reader *reader)
{
    if (reader->page && reader->page[FLAGS_OFF] & IS_LAST) {
        if (reader->has_part)
            fail(reader, "damaged stream");
        if (reader->next_off < reader->nbytes)
            fail(reader, "bytes follow the end of the stream");
        return false;
    }
    size_t page_nbytes = check_page(reader);
    const unsigned char *page = reader->bytes + reader->next_off;
    check_order(reader, page);
    reader->page = page;
    reader->segment = 0;
    reader->body_off = reader->next_off + HEADER_NBYTES + page[SEGMENT_COUNT_OFF];
    reader->next_off += page_nbytes;
    reader->page_count++;
    return true;
}

static void join(struct ogg_reader *reader, const unsigned char *bytes, size_t nbytes)
{
    size_t needed_nbytes = reader->joined_nbytes + nbytes;
    if (needed_nbytes > reader->joined_room_nbytes) {
        reader->joined_room_nbytes = 2 * needed_nbytes;
        reader->joined = realloc(reader->joined, reader->joined_room_nbytes);
        if (!reader->joined)
            filter_fail(reader->filter, FILTER_NO_MEMORY, "out of memory");
    }
    memcpy(reader->joined + reader->joined_nbytes, bytes, nbytes);
    reader->joined_nbytes = needed_nbytes;
}

/* Takes the segments of one packet, or of its part on this page: true when the packet ends here. */
static bool take_segments(struct ogg_reader *reader, size_t *nbytes)
{
    const unsigned char *lengths = reader->page + HEADER_NBYTES;
    *nbytes = 0;
    while (reader->segment < reader->page[SEGMENT_COUNT_OFF]) {
        unsigned length = lengths[reader->segment++];
        *nbytes += length;
        if (length < FULL_SEGMENT)
            return true;
    }
    return false;
}

/* No packet ends in the segments that are left of the page. */
static bool is_last_end(const struct ogg_reader *reader)
{
    for (unsigned i = reader->segment; i < reader->page[SEGMENT_COUNT_OFF]; i++) {
        if (reader->page[HEADER_NBYTES + i] < FULL_SEGMENT)
            return false;
    }
    return true;
}

static void describe(const struct ogg_reader *reader, struct ogg_packet_view *packet)
{
    packet->is_page_last = is_last_end(reader);
    packet->is_last = packet->is_page_last && reader->page[FLAGS_OFF] & IS_LAST;
    packet->granule = OGG_NO_GRANULE;
    if (packet->is_page_last)
        memcpy(&packet->granule, reader->page + GRANULE_OFF, sizeof packet->granule);
}

void ogg_open(struct ogg_reader *reader, const struct filter *filter, const unsigned char *bytes,
              size_t nbytes)
{
    *reader = (struct ogg_reader){.filter = filter,
                                  .bytes = bytes,
                                  .nbytes = nbytes,
                                  .joined = reader->joined,
                                  .joined_room_nbytes = reader->joined_room_nbytes};
}

bool ogg_next(struct ogg_reader *reader, struct ogg_packet_view *packet)
{
    reader->joined_nbytes = 0;
    for (;;) {
        if (!reader->page || reader->segment == reader->page[SEGMENT_COUNT_OFF]) {
            if (!next_page(reader))
                return false;
            continue;
        }
        size_t part_nbytes;
        const unsigned char *part = reader->bytes + reader->body_off;
        bool is_end = take_segments(reader, &part_nbytes);
        reader->body_off += part_nbytes;
        bool had_part = reader->has_part;
        reader->has_part = !is_end;
        if (had_part || !is_end)
            join(reader, part, part_nbytes);
        if (!is_end)
            continue;
        packet->bytes = had_part ? reader->joined : part;
        packet->nbytes = had_part ? reader->joined_nbytes : part_nbytes;
        describe(reader, packet);
        return true;
    }
}

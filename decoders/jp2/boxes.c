/* SPDX-License-Identifier: 0BSD */
/* Knows where a JPEG 2000 file ends: its boxes, and the parts of the coded picture to its end mark.
 */
#include <string.h>

#include "jp2/boxes.h"

enum { MARK_NBYTES = 2, BOX_HEADER_NBYTES = 8, LONG_HEADER_NBYTES = 16 };

static uint64_t read_number(const unsigned char *bytes, unsigned count)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < count; i++)
        value = value << 8 | bytes[i];
    return value;
}

bool jp2_is_codestream(const unsigned char *bytes, size_t nbytes)
{
    static const unsigned char start[] = {0xff, 0x4f, 0xff, 0x51};
    return memcmp(bytes, start, nbytes < sizeof start ? nbytes : sizeof start) == 0;
}

bool jp2_is_file(const unsigned char *bytes, size_t nbytes)
{
    static const unsigned char start[] = "\0\0\0\x0cjP  \r\n\x87\n";
    size_t start_nbytes = sizeof start - 1;
    return memcmp(bytes, start, nbytes < start_nbytes ? nbytes : start_nbytes) == 0;
}

/* The length of the tile-part or the marker segment at the start of `bytes`, 0 where it is none. */
static uint64_t part_nbytes(const unsigned char *bytes, uint64_t nbytes)
{
    enum { TILE_PART = 0xff90, TILE_PART_HEADER_NBYTES = 12 };
    if (nbytes < MARK_NBYTES + 2)
        return 0;
    if (read_number(bytes, MARK_NBYTES) != TILE_PART)
        return bytes[0] == 0xff ? MARK_NBYTES + read_number(bytes + MARK_NBYTES, 2) : 0;
    if (nbytes < TILE_PART_HEADER_NBYTES)
        return 0;
    uint64_t size = read_number(bytes + 6, 4);
    if (size == 0)
        return nbytes - MARK_NBYTES; /* to the end mark */
    return size < TILE_PART_HEADER_NBYTES ? 0 : size;
}

static const char *check_codestream(const unsigned char *bytes, uint64_t nbytes)
{
    enum { END_MARK = 0xffd9 };
    uint64_t at = MARK_NBYTES;
    while (at + MARK_NBYTES <= nbytes && read_number(bytes + at, MARK_NBYTES) != END_MARK) {
        uint64_t size = part_nbytes(bytes + at, nbytes - at);
        if (!size)
            return "damaged picture: no marker where one must be";
        at += size;
    }
    if (at + MARK_NBYTES > nbytes)
        return "the input ends within the picture";
    return at + MARK_NBYTES < nbytes ? "bytes follow the end of the picture" : NULL;
}

/* The whole size of the box at the start of `bytes`, or 0 where it is none. */
static uint64_t box_nbytes(const unsigned char *bytes, size_t nbytes, size_t *header_nbytes)
{
    *header_nbytes = BOX_HEADER_NBYTES;
    if (nbytes < BOX_HEADER_NBYTES)
        return 0;
    uint64_t size = read_number(bytes, 4);
    if (size == 0)
        return nbytes; /* to the end of the file */
    if (size == 1) {
        *header_nbytes = LONG_HEADER_NBYTES;
        size = nbytes < LONG_HEADER_NBYTES ? 0 : read_number(bytes + BOX_HEADER_NBYTES, 8);
    }
    return size < *header_nbytes ? 0 : size;
}

const char *jp2_check_end(const unsigned char *bytes, size_t nbytes)
{
    bool has_picture = false;
    if (jp2_is_codestream(bytes, nbytes))
        return check_codestream(bytes, nbytes);
    while (nbytes) {
        size_t header_nbytes;
        uint64_t size = box_nbytes(bytes, nbytes, &header_nbytes);
        if (!size || size > nbytes)
            return has_picture ? "bytes follow the end of the picture"
                               : "the input ends within the picture";
        if (memcmp(bytes + 4, "jp2c", 4) == 0) {
            const char *reason = check_codestream(bytes + header_nbytes, size - header_nbytes);
            if (reason)
                return reason;
            has_picture = true;
        }
        bytes += size;
        nbytes -= (size_t)size;
    }
    return has_picture ? NULL : "the input ends within the picture";
}

/* SPDX-License-Identifier: 0BSD */
/* Knows where a WavPack file ends: its blocks, and the tags behind them. */
#include "wavpack/container.h"

#include <stdint.h>
#include <string.h>

enum { BLOCK_HEADER_NBYTES = 32, APE_HEADER_NBYTES = 32, ID3_NBYTES = 128 };

static uint32_t number(const unsigned char *bytes)
{
    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

/* The tags that may follow: one of APE's, beginning with its header, then one of ID3's. */
static size_t tags_nbytes(const unsigned char *bytes, size_t nbytes)
{
    size_t at = 0;
    if (nbytes >= APE_HEADER_NBYTES && memcmp(bytes, "APETAGEX", 8) == 0) {
        uint32_t rest_nbytes = number(bytes + 12);
        if (rest_nbytes > nbytes - APE_HEADER_NBYTES)
            return 0;
        at = APE_HEADER_NBYTES + rest_nbytes;
    }
    if (nbytes - at >= ID3_NBYTES && memcmp(bytes + at, "TAG", 3) == 0)
        at += ID3_NBYTES;
    return at;
}

const char *wavpack_check(const unsigned char *bytes, size_t nbytes)
{
    static const char magic[] = "wvpk";
    size_t at = 0;
    if (memcmp(bytes, magic, nbytes < 4 ? nbytes : 4) != 0)
        return "not a WavPack file";
    while (nbytes - at >= BLOCK_HEADER_NBYTES && memcmp(bytes + at, magic, 4) == 0) {
        uint32_t rest_nbytes = number(bytes + at + 4);
        if (rest_nbytes > nbytes - at - 8)
            return "the input ends within the stream";
        if (rest_nbytes < BLOCK_HEADER_NBYTES - 8)
            return "damaged stream";
        at += 8 + rest_nbytes;
    }
    if (at == nbytes || at + tags_nbytes(bytes + at, nbytes - at) == nbytes)
        return NULL;
    if (nbytes - at >= 4 && memcmp(bytes + at, magic, 4) != 0 && memcmp(bytes + at, "APET", 4) != 0)
        return "bytes follow the end of the stream";
    return nbytes - at >= 4 || memcmp(bytes + at, magic, nbytes - at) == 0
               ? "the input ends within the stream"
               : "bytes follow the end of the stream";
}

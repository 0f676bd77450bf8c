/* SPDX-License-Identifier: 0BSD */
/* Knows the headers of MPEG audio frames, and the tags ID3, APE, Xing and LAME. */
#include "frames.h"

#include <string.h>

enum {
    HEADER_NBYTES = 4,
    ID3V2_HEAD_NBYTES = 10,
    ID3V2_HAS_FOOT = 0x10,
    ID3V1_NBYTES = 128,
    APE_EDGE_NBYTES = 32, /* the head and the foot of an APE tag */
    APE_SIZE_OFF = 12,    /* the foot and the items, not the head */
    APE_FLAGS_OFF = 20,
    APE_HAS_HEAD = 0x80, /* in the last byte of the flags */

    /* In the header, as the standard numbers them. */
    VERSION_2_5 = 0,
    VERSION_1 = 3,
    LAYER_3 = 1,
    LAYER_1 = 3,
    MODE_MONO = 3,

    XING_COUNT_FLAGS = 3, /* two numbers of 4 bytes */
    XING_HAS_TABLE = 4,
    XING_TABLE_NBYTES = 100,
    XING_HAS_QUALITY = 8,
    LAME_DELAYS_OFF = 21,
    LAME_NBYTES = 36,
};

struct header {
    unsigned version;
    unsigned layer;
    unsigned rate_code;
    unsigned bitrate_code;
    unsigned has_padding;
    unsigned mode;
};

/* Thousands of bits a second: MPEG 1 layers I, II, III, then the later versions' I, and II and III.
 */
static const uint16_t bitrates[5][15] = {
    {0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448},
    {0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384},
    {0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320},
    {0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256},
    {0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160},
};

static bool has_text(const struct mp3_span *span, const unsigned char *at, const char *text)
{
    size_t nbytes = strlen(text);
    return at >= span->next && (size_t)(span->end - at) >= nbytes && memcmp(at, text, nbytes) == 0;
}

static void skip_id3v2(struct mp3_span *span)
{
    while ((size_t)(span->end - span->next) >= ID3V2_HEAD_NBYTES &&
           has_text(span, span->next, "ID3")) {
        const unsigned char *head = span->next;
        size_t nbytes = (head[6] & 0x7FU) << 21 | (head[7] & 0x7FU) << 14 | (head[8] & 0x7FU) << 7 |
                        (head[9] & 0x7FU);
        nbytes += ID3V2_HEAD_NBYTES;
        if (head[5] & ID3V2_HAS_FOOT)
            nbytes += ID3V2_HEAD_NBYTES;
        size_t left_nbytes = (size_t)(span->end - span->next);
        span->next += nbytes < left_nbytes ? nbytes : left_nbytes;
    }
}

static void cut_id3v1(struct mp3_span *span)
{
    if (span->end - span->next >= ID3V1_NBYTES && has_text(span, span->end - ID3V1_NBYTES, "TAG"))
        span->end -= ID3V1_NBYTES;
}

static void cut_ape(struct mp3_span *span)
{
    const unsigned char *foot = span->end - APE_EDGE_NBYTES;
    if (span->end - span->next < APE_EDGE_NBYTES || !has_text(span, foot, "APETAGEX"))
        return;
    uint32_t nbytes;
    memcpy(&nbytes, foot + APE_SIZE_OFF, sizeof nbytes);
    size_t left_nbytes = (size_t)(span->end - span->next);
    if (foot[APE_FLAGS_OFF + 3] & APE_HAS_HEAD && nbytes <= left_nbytes)
        nbytes += APE_EDGE_NBYTES;
    if (nbytes <= left_nbytes)
        span->end -= nbytes;
}

void mp3_skip_tags(struct mp3_span *span)
{
    skip_id3v2(span);
    cut_id3v1(span);
    cut_ape(span);
}

/* False when these are not the first bytes of a frame. A bitrate of zero would be a free one. */
static bool parse_header(const unsigned char *bytes, struct header *header)
{
    header->version = bytes[1] >> 3 & 3;
    header->layer = bytes[1] >> 1 & 3;
    header->bitrate_code = bytes[2] >> 4;
    header->rate_code = bytes[2] >> 2 & 3;
    header->has_padding = bytes[2] >> 1 & 1;
    header->mode = bytes[3] >> 6;
    return bytes[0] == 0xFF && bytes[1] >> 5 == 7 && header->version != 1 && header->layer != 0 &&
           header->bitrate_code != 0 && header->bitrate_code != 15 && header->rate_code != 3;
}

static uint32_t rate_hz(const struct header *header)
{
    static const uint32_t rates_hz[] = {44100, 48000, 32000};
    uint32_t rate = rates_hz[header->rate_code];
    if (header->version == VERSION_1)
        return rate;
    return header->version == VERSION_2_5 ? rate / 4 : rate / 2;
}

static unsigned sample_count(const struct header *header)
{
    if (header->layer == LAYER_1)
        return 384;
    return header->layer == LAYER_3 && header->version != VERSION_1 ? 576 : 1152;
}

static size_t frame_nbytes(const struct header *header)
{
    unsigned row = LAYER_1 - header->layer;
    if (header->version != VERSION_1)
        row = header->layer == LAYER_1 ? 3 : 4;
    uint32_t bits = bitrates[row][header->bitrate_code] * 1000U;
    if (header->layer == LAYER_1)
        return (12 * bits / rate_hz(header) + header->has_padding) * 4;
    return sample_count(header) / 8 * bits / rate_hz(header) + header->has_padding;
}

bool mp3_frame_at(const struct mp3_span *span, struct mp3_frame *frame)
{
    struct header header;
    if (span->end - span->next < HEADER_NBYTES || !parse_header(span->next, &header))
        return false;
    *frame = (struct mp3_frame){
        .bytes = span->next,
        .nbytes = frame_nbytes(&header),
        .rate_hz = rate_hz(&header),
        .channel_count = header.mode == MODE_MONO ? 1 : 2,
        .sample_count = sample_count(&header),
    };
    return true;
}

/* How much layer III has between its header and its sound. */
static size_t side_nbytes(const struct header *header)
{
    if (header->version == VERSION_1)
        return header->mode == MODE_MONO ? 17 : 32;
    return header->mode == MODE_MONO ? 9 : 17;
}

static size_t xing_nbytes(unsigned flags)
{
    size_t nbytes = 8;
    for (unsigned flag = 1; flag <= XING_COUNT_FLAGS; flag <<= 1) {
        if (flags & flag)
            nbytes += 4;
    }
    if (flags & XING_HAS_TABLE)
        nbytes += XING_TABLE_NBYTES;
    if (flags & XING_HAS_QUALITY)
        nbytes += 4;
    return nbytes;
}

bool mp3_read_info(const struct mp3_frame *frame, struct mp3_info *info)
{
    struct header header;
    struct mp3_span span = {frame->bytes, frame->bytes + frame->nbytes};
    if (!parse_header(frame->bytes, &header) || header.layer != LAYER_3)
        return false;
    /* Where it would be without a checksum, also in a frame that has one. */
    const unsigned char *tag = frame->bytes + HEADER_NBYTES + side_nbytes(&header);
    if (tag + 8 > span.end || (!has_text(&span, tag, "Xing") && !has_text(&span, tag, "Info")))
        return false;
    const unsigned char *lame = tag + xing_nbytes(tag[7]);
    *info = (struct mp3_info){0};
    if (span.end - lame >= LAME_NBYTES && *lame) {
        const unsigned char *delays = lame + LAME_DELAYS_OFF;
        info->delay_count = (unsigned)delays[0] << 4 | delays[1] >> 4;
        info->padding_count = (delays[1] & 15U) << 8 | delays[2];
    }
    return true;
}

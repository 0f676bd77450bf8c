/* SPDX-License-Identifier: MIT */
/* The table of recognisers, and the first bytes of each format. */
#include "recognise.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { OGG_HEAD_NBYTES = 28 };

static bool begins(const uint8_t *head, size_t nbytes, size_t off, const char *text,
                   size_t text_nbytes)
{
    return off + text_nbytes <= nbytes && memcmp(head + off, text, text_nbytes) == 0;
}

/* The string without its last NUL. */
#define BEGINS(off, text) begins(head, nbytes, off, text, sizeof(text) - 1)

/* ---- general codecs ---- */

static bool is_gzip(const uint8_t *head, size_t nbytes)
{
    return nbytes >= 18 && BEGINS(0, "\x1f\x8b\x08") && (head[3] & 0xE0) == 0;
}

static bool is_zlib(const uint8_t *head, size_t nbytes)
{
    return nbytes >= 8 && (head[0] & 0x0F) == 8 && head[0] >> 4 <= 7 && (head[1] & 0x20) == 0 &&
           (head[0] << 8 | head[1]) % 31 == 0;
}

static bool is_bzip2(const uint8_t *head, size_t nbytes)
{
    return BEGINS(0, "BZh") && nbytes >= 14 && head[3] >= '1' && head[3] <= '9' &&
           (BEGINS(4, "\x31\x41\x59\x26\x53\x59") || BEGINS(4, "\x17\x72\x45\x38\x50\x90"));
}

static bool is_xz(const uint8_t *head, size_t nbytes)
{
    return BEGINS(0, "\xFD\x37zXZ\0");
}

/* Properties, a dictionary of 2^n or 2^n + 2^(n-1) bytes, and a size below 256 GiB or unknown. */
static bool is_lzma(const uint8_t *head, size_t nbytes)
{
    if (nbytes < 13 || head[0] >= 225)
        return false;
    uint32_t dictionary = (uint32_t)head[1] | (uint32_t)head[2] << 8 | (uint32_t)head[3] << 16 |
                          (uint32_t)head[4] << 24;
    uint32_t low = dictionary & (0u - dictionary);
    uint32_t rest = dictionary - low;

    return dictionary != 0 && (rest == 0 || rest == low * 2 || dictionary == UINT32_MAX) &&
           (BEGINS(5, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF") ||
            (head[10] < 0x40 && BEGINS(11, "\0\0")));
}

static bool is_zstd(const uint8_t *head, size_t nbytes)
{
    return BEGINS(0, "\x28\xB5\x2F\xFD");
}

static bool is_lz4(const uint8_t *head, size_t nbytes)
{
    return BEGINS(0, "\x04\x22\x4D\x18");
}

/* ---- sound ---- */

static bool is_flac(const uint8_t *head, size_t nbytes)
{
    return BEGINS(0, "fLaC") && nbytes > 4 && (head[4] & 0x7F) == 0;
}

static bool is_vorbis(const uint8_t *head, size_t nbytes)
{
    return BEGINS(0, "OggS") && BEGINS(OGG_HEAD_NBYTES, "\x01vorbis");
}

static bool is_opus(const uint8_t *head, size_t nbytes)
{
    return BEGINS(0, "OggS") && BEGINS(OGG_HEAD_NBYTES, "OpusHead");
}

static bool is_wavpack(const uint8_t *head, size_t nbytes)
{
    return nbytes >= 32 && BEGINS(0, "wvpk") && head[9] == 4;
}

/* A tag in front, or the head of a frame of layer III with a rate and a bit rate. */
static bool is_mp3(const uint8_t *head, size_t nbytes)
{
    if (BEGINS(0, "ID3"))
        return true;
    return nbytes >= 4 && head[0] == 0xFF && (head[1] & 0xE6) == 0xE2 && (head[1] >> 3 & 3) != 1 &&
           head[2] >> 4 != 0 && head[2] >> 4 != 15 && (head[2] >> 2 & 3) != 3;
}

/* ---- images ---- */

static bool is_jpeg(const uint8_t *head, size_t nbytes)
{
    return BEGINS(0, "\xFF\xD8\xFF");
}

static bool is_jp2(const uint8_t *head, size_t nbytes)
{
    return BEGINS(0, "\0\0\0\x0CjP  \r\n\x87\n") || BEGINS(0, "\xFF\x4F\xFF\x51");
}

static bool is_webp(const uint8_t *head, size_t nbytes)
{
    return BEGINS(0, "RIFF") && BEGINS(8, "WEBP");
}

static bool is_gif(const uint8_t *head, size_t nbytes)
{
    return BEGINS(0, "GIF87a") || BEGINS(0, "GIF89a");
}

static bool is_png(const uint8_t *head, size_t nbytes)
{
    return BEGINS(0, "\x89PNG\r\n\x1A\n");
}

#undef BEGINS

/* ---- the table ---- */

#define BYTES "application/octet-stream"

static const struct vxa_recogniser recognisers[] = {
    {"deflate", "--gzip", is_gzip, " .gz .tgz ", false, "application/gzip", BYTES, NULL},
    {"bzip2", "--concatenated", is_bzip2, " .bz2 .tbz2 ", false, "application/x-bzip2", BYTES,
     NULL},
    {"xz", "--concatenated", is_xz, " .xz .txz ", false, "application/x-xz", BYTES, NULL},
    {"zstd", "--no-checksum", is_zstd, " .zst .tzst ", false, "application/zstd", BYTES, NULL},
    {"lz4", "--concatenated", is_lz4, " .lz4 ", false, "application/x-lz4", BYTES, NULL},
    {"flac", "", is_flac, " .flac ", false, "audio/flac", "audio/wav", ".wav"},
    {"vorbis", "", is_vorbis, " .ogg .oga ", false, "audio/ogg", "audio/wav", ".wav"},
    {"opus", "", is_opus, " .opus .ogg ", false, "audio/ogg", "audio/wav", ".wav"},
    {"wavpack", "", is_wavpack, " .wv ", false, "audio/x-wavpack", "audio/wav", ".wav"},
    {"mp3", "", is_mp3, " .mp3 ", true, "audio/mpeg", "audio/wav", ".wav"},
    {"jpeg", "", is_jpeg, " .jpg .jpeg ", false, "image/jpeg", "image/bmp", ".bmp"},
    {"jp2", "", is_jp2, " .jp2 .j2k ", false, "image/jp2", "image/bmp", ".bmp"},
    {"webp", "", is_webp, " .webp ", false, "image/webp", "image/bmp", ".bmp"},
    {"png", "", is_png, " .png ", false, "image/png", "image/bmp", ".bmp"},
    {"gif", "", is_gif, " .gif ", false, "image/gif", "image/bmp", ".bmp"},
    {"xz", "", is_lzma, " .lzma .tlz ", true, "application/x-lzma", BYTES, NULL},
    {"deflate", "--zlib", is_zlib, " .zlib .zz ", true, "application/zlib", BYTES, NULL},
    {"brotli", "", NULL, " .br ", true, "application/x-brotli", BYTES, NULL},
};

/* The last dot of the name's last part, or its end. */
static const char *ending_of(const char *name)
{
    const char *slash = strrchr(name, '/');
    const char *dot = strrchr(slash ? slash : name, '.');

    return dot ? dot : name + strlen(name);
}

static bool has_ending(const char *endings, const char *ending)
{
    size_t nbytes = strlen(ending);

    for (const char *at = endings; nbytes > 1 && (at = strchr(at, '.')) != NULL; at++) {
        if (strncasecmp(at, ending, nbytes) == 0 && at[nbytes] == ' ')
            return true;
    }
    return false;
}

const struct vxa_recogniser *vxa_recognise(const char *name, const uint8_t *head, size_t nbytes)
{
    const char *ending = ending_of(name);

    for (size_t i = 0; i < sizeof(recognisers) / sizeof(recognisers[0]) && nbytes > 0; i++) {
        const struct vxa_recogniser *row = &recognisers[i];

        if ((!row->is_likely || row->is_likely(head, nbytes)) &&
            (!row->needs_ending || has_ending(row->endings, ending)))
            return row;
    }
    return NULL;
}

/* "a.tar.gz" has ".tar" in front of its ending; ".tgz" and its like mean the same. */
static void inner_suffix(const char *name, char suffix[32])
{
    const char *slash = strrchr(name, '/');
    const char *base = slash ? slash + 1 : name;
    const char *end = ending_of(name);
    const char *dot = end;

    while (dot > base && *--dot != '.')
        ;
    bool plain = dot > base && end - dot > 1 && end - dot < 16;

    for (const char *at = dot; plain && at < end; at++)
        plain = *at > ' ' && *at < 0x7F;
    if (has_ending(" .tgz .tbz2 .txz .tzst .tlz ", end))
        strcpy(suffix, ".tar");
    else
        (void)snprintf(suffix, 32, "%.*s", plain ? (int)(end - dot) : (int)sizeof(".decoded"),
                       plain ? dot : ".decoded");
}

void vxa_decoded_suffix(const struct vxa_recogniser *recogniser, const char *name,
                        const uint8_t *head, size_t nbytes, char suffix[32])
{
    bool is_pnm = nbytes > 2 && head[0] == 'P' && head[1] >= '4' && head[1] <= '7';

    if (!recogniser->decoded_suffix)
        inner_suffix(name, suffix);
    else if (is_pnm && strcmp(recogniser->decoded_suffix, ".bmp") == 0)
        strcpy(suffix, ".pnm"); /* of images that BMP cannot hold */
    else
        strcpy(suffix, recogniser->decoded_suffix);
}

/* SPDX-License-Identifier: MIT */
/* What a codec is: one row of codecs.def, and an encoder. */
#ifndef VXA_CODEC_H
#define VXA_CODEC_H

#include "failure.h"
#include "stream.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is to be encoded: its bytes in order, `nbytes` of them exactly, and in any order. */
struct vxa_original {
    struct vxa_source source;
    uint64_t nbytes;
    /* As source.read, from an offset; fewer bytes only at the end. */
    ptrdiff_t (*read_at)(void *context, void *buffer, size_t nbytes, uint64_t off);
};

/*
 * Encodes to `sink` at `level` 1 (fast) to 9 (small). It must read the source to its end. It fails
 * with VXA_FAILURE_UNSUPPORTED, and before the source has been read, if the codec is not made for
 * such data.
 */
typedef bool vxa_encoder(const struct vxa_original *original, int level, struct vxa_sink sink,
                         struct vxa_failure *failure);

struct vxa_codec {
    const char *name;        /* the word after --method= and the decoder's file name */
    uint16_t method;         /* ZIP method tag of what the encoder makes */
    uint16_t version_needed; /* APPNOTE 4.4.3, of a member without zip64 */
    bool portable;           /* --portable may use it */
    vxa_encoder *encode;     /* NULL: the codec only decodes, or is "store" */
    const char *argument;    /* for the decoder of what the encoder makes, or "" */
    const char *label;       /* name and version of the format for the VXA block, item 06 */
};

/* The table: rows in the order of preference. */
extern const struct vxa_codec vxa_codecs[];
extern const size_t vxa_codec_count;

/* NULL if there is none. */
const struct vxa_codec *vxa_codec_by_name(const char *name);
/* Of a method that is the codec's own: neither "stored" nor 5856h. */
const struct vxa_codec *vxa_codec_by_method(uint16_t method);

/* The encoders of the table. */
vxa_encoder vxa_encode_deflate; /* a raw deflate stream */
vxa_encoder vxa_encode_zstd;    /* one frame: size given, no checksum, window at most 8 MiB */
vxa_encoder vxa_encode_bzip2;   /* one stream */
vxa_encoder vxa_encode_xz;      /* one .xz stream: no check, dictionary at most 64 MiB */
vxa_encoder vxa_encode_brotli;  /* one stream, window at most 16 MiB */
vxa_encoder vxa_encode_flac;    /* of WAV and AIFF files: one stream with all their chunks */

#endif

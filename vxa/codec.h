/* SPDX-License-Identifier: MIT */
/* What a codec is: one row of codecs.def, and an encoder. */
#ifndef VXA_CODEC_H
#define VXA_CODEC_H

#include "failure.h"
#include "stream.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Encodes `source` (of `source_nbytes`, exactly) to `sink` at `level` 1 (fast) to 9 (small). */
typedef bool vxa_encoder(struct vxa_source source, uint64_t source_nbytes, int level,
                         struct vxa_sink sink, struct vxa_failure *failure);

struct vxa_codec {
    const char *name;        /* the word after --method= and the decoder's file name */
    uint16_t method;         /* ZIP method tag of what the encoder makes */
    uint16_t version_needed; /* APPNOTE 4.4.3, of a member without zip64 */
    bool portable;           /* --portable may use it */
    vxa_encoder *encode;     /* NULL: the codec only decodes, or is "store" */
    const char *label;       /* name and version of the format for the VXA block, item 06 */
};

/* The table: rows in the order of preference. */
extern const struct vxa_codec vxa_codecs[];
extern const size_t vxa_codec_count;

/* NULL if there is none. */
const struct vxa_codec *vxa_codec_by_name(const char *name);
const struct vxa_codec *vxa_codec_by_method(uint16_t method);

/* The encoders of the table. */
vxa_encoder vxa_encode_deflate; /* a raw deflate stream */
vxa_encoder vxa_encode_zstd;    /* one frame: size given, no checksum, window at most 8 MiB */

#endif

/* SPDX-License-Identifier: MIT */
/* Which members are decoders, and which name them. */
#ifndef VXA_MENTION_H
#define VXA_MENTION_H

#include "zip_read.h"

/* A member that is a decoder or names one. */
struct vxa_mention {
    uint8_t sha256[VXA_HASH_NBYTES];
    bool is_decoder;
    size_t index;
};

/*
 * Fills `mentions`, which has room for one of each member, sorted by decoder, each decoder's own
 * member in front of those that name it. Returns their number.
 */
size_t vxa_mentions_collect(const struct zip_archive *archive, struct vxa_mention *mentions);

/* Behind the last mention of the decoder that `begin` mentions. */
size_t vxa_mentions_end(const struct vxa_mention *mentions, size_t begin, size_t count);

#endif

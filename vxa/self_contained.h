/* SPDX-License-Identifier: MIT */
/* What makes an archive self-contained: texts that the build makes and deflates (reader/). */
#ifndef VXA_SELF_CONTAINED_H
#define VXA_SELF_CONTAINED_H

#include <stddef.h>
#include <stdint.h>

struct vxa_packed_text {
    const char *name;     /* of the member */
    const uint8_t *bytes; /* raw deflate */
    size_t compressed_size, size;
    uint32_t crc32;
};

extern const struct vxa_packed_text vxa_self_contained[];
extern const size_t vxa_self_contained_count;

#endif

/* SPDX-License-Identifier: MIT */
/* The header fields of a new member: attributes, time, name flag, and its extra fields. */
#ifndef VXA_MEMBER_H
#define VXA_MEMBER_H

#include "failure.h"
#include "keep.h"
#include "vxa_block.h"
#include "zip_write.h"

enum {
    VXA_EXTRA_TIME_NBYTES = 9,
    VXA_MEMBER_EXTRA_NBYTES = VXA_BLOCK_MAX_NBYTES + VXA_KEEP_MAX_NBYTES + 16
};

/* A new member with room for its extra field, to which `fields` points: not to be copied. */
struct vxa_member {
    struct zip_new_member fields;
    uint8_t extra[VXA_MEMBER_EXTRA_NBYTES];
};

/* What a member is, apart from its data. */
struct vxa_member_facts {
    const char *name; /* must outlive the member */
    uint32_t mode;    /* with the S_IF bits */
    int64_t mtime;
    const struct vxa_block *block; /* or NULL */
    const uint8_t *kept;           /* fields of keep.h */
    size_t kept_nbytes;
};

/* Fills all but method, version needed, sizes and CRC. */
bool vxa_member_fill(struct vxa_member *member, const struct vxa_member_facts *facts,
                     struct vxa_failure *failure);

/* The flag that a name needs: ZIP_FLAG_UTF8 for valid UTF-8 beyond ASCII, else 0. */
uint16_t vxa_name_flag(const char *name);

#endif

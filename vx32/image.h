/* SPDX-License-Identifier: MIT */
/* A program that passed validation: its segments, immutable and counted by reference. */
#ifndef VX32_IMAGE_H
#define VX32_IMAGE_H

#include "vx32.h"
#include "vx32_abi.h"

#include <stdatomic.h>
#include <stdint.h>

/* The end of the largest address space that a guest can have. */
#define VX_HIGHEST_END_ADDR 0xffff0000u

enum { VX_MAX_PROGRAM_HEADERS = 64 };

/* Bytes addr to addr + file_nbytes come from `bytes`, the rest up to addr + nbytes is zero. */
struct vx_segment {
    vx32_addr addr;
    uint32_t nbytes; /* at least 1 */
    uint32_t file_nbytes;
    unsigned permissions; /* bits of enum vx32_access, never write and execute together */
    const uint8_t *bytes;
};

/* Segments ascend and do not overlap; pages that two of them share are nowhere W and X at once. */
struct vx32_image {
    atomic_uint reference_count;
    vx32_addr entry;
    vx32_addr end; /* behind the last segment, rounded up to a page */
    /* The program headers as the guest sees them; address 0 if no segment holds them. */
    vx32_addr header_addr;
    uint32_t header_count;
    uint32_t segment_count;
    struct vx_segment segments[VX_MAX_PROGRAM_HEADERS];
    uint8_t *file;
};

/* One more owner; vx32_image_free() is its counterpart. */
struct vx32_image *vx_image_share(struct vx32_image *image);

#endif

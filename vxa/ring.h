/* SPDX-License-Identifier: MIT */
/* Frames in shared memory, one way, between two processes of which neither believes the other. */
#ifndef VXA_RING_H
#define VXA_RING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    VXA_RING_NBYTES = 1 << 18,
    VXA_FRAME_MAX_NBYTES = 1 << 15, /* of content */
    VXA_FRAME_HEADER_NBYTES = 8,
};

/* What both processes see. The counters only grow: bytes ever written, and ever read. */
struct vxa_ring_memory {
    _Alignas(64) _Atomic uint64_t written;
    _Alignas(64) _Atomic uint64_t read;
    _Alignas(64) uint8_t bytes[VXA_RING_NBYTES];
};

/* One end of a ring. `own` is this end's counter, which is never read back from the memory. */
struct vxa_ring {
    struct vxa_ring_memory *memory;
    uint64_t own;
    bool broken; /* the other end's counter cannot be right */
};

/* Bytes that wait for the reader; asked by the reader. */
size_t vxa_ring_filled_nbytes(struct vxa_ring *ring);
/* Bytes that the writer may yet write, headers included; asked by the writer. */
size_t vxa_ring_free_nbytes(struct vxa_ring *ring);

/*
 * The place for the content of the next frame, of which `*nbytes` can be had in one piece: at most
 * VXA_FRAME_MAX_NBYTES. NULL if there is none now.
 */
uint8_t *vxa_ring_place(struct vxa_ring *ring, size_t *nbytes);
/* Makes a frame of the first `nbytes` of that place; 0 is no kind. */
void vxa_ring_put(struct vxa_ring *ring, uint32_t kind, size_t nbytes);
/* Writes a frame of no more than a few hundred bytes. False if there is no room now. */
bool vxa_ring_send(struct vxa_ring *ring, uint32_t kind, const void *content, size_t nbytes);

/* The next frame, which is whole; its content may change under the reader's eyes. */
struct vxa_frame {
    uint32_t kind;
    size_t nbytes;
    const uint8_t *content;
};

/* False if there is none, or the ring is broken. */
bool vxa_ring_look(struct vxa_ring *ring, struct vxa_frame *frame);
/* Behind this frame. */
void vxa_ring_pass(struct vxa_ring *ring, const struct vxa_frame *frame);

#endif

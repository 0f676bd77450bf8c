/* SPDX-License-Identifier: MIT */
/* How frames lie in a ring: a header of 8 bytes, then the content, in one piece and padded to 8. */
#include "ring.h"

#include <string.h>

/* Fills what is left before the ring's end, where a frame has to be in one piece. */
enum { KIND_PADDING = 0 };

_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2, "counters between processes need lock-free atomics");

/* Header and content of a frame; the content never goes over the ring's end. */
static size_t padded(size_t nbytes)
{
    return (nbytes + 7) & ~(size_t)7;
}

static size_t position(uint64_t counter)
{
    return (size_t)(counter % VXA_RING_NBYTES);
}

/* Where the content behind a header at this counter begins. */
static uint8_t *content_at(const struct vxa_ring *ring, uint64_t counter)
{
    return ring->memory->bytes + position(counter + VXA_FRAME_HEADER_NBYTES);
}

static size_t until_end(uint64_t counter)
{
    return VXA_RING_NBYTES - position(counter + VXA_FRAME_HEADER_NBYTES);
}

/* What lies between two counters; 0, and the ring is broken, where that cannot be. */
static size_t distance(struct vxa_ring *ring, uint64_t from, uint64_t to)
{
    if (to - from > VXA_RING_NBYTES || (to - from) % 8 != 0)
        ring->broken = true;
    return ring->broken ? 0 : (size_t)(to - from);
}

size_t vxa_ring_filled_nbytes(struct vxa_ring *ring)
{
    return distance(ring, ring->own,
                    atomic_load_explicit(&ring->memory->written, memory_order_acquire));
}

size_t vxa_ring_free_nbytes(struct vxa_ring *ring)
{
    uint64_t read = atomic_load_explicit(&ring->memory->read, memory_order_acquire);
    size_t used = distance(ring, read, ring->own);

    return ring->broken ? 0 : VXA_RING_NBYTES - used;
}

uint8_t *vxa_ring_place(struct vxa_ring *ring, size_t *nbytes)
{
    size_t room = vxa_ring_free_nbytes(ring);
    size_t most = until_end(ring->own);

    if (room <= VXA_FRAME_HEADER_NBYTES)
        return NULL;
    room -= VXA_FRAME_HEADER_NBYTES;
    if (most > VXA_FRAME_MAX_NBYTES)
        most = VXA_FRAME_MAX_NBYTES;
    *nbytes = room < most ? room : most;
    return content_at(ring, ring->own);
}

void vxa_ring_put(struct vxa_ring *ring, uint32_t kind, size_t nbytes)
{
    uint32_t header[2] = {kind, (uint32_t)nbytes};

    memcpy(ring->memory->bytes + position(ring->own), header, sizeof header);
    ring->own += VXA_FRAME_HEADER_NBYTES + padded(nbytes);
    atomic_store_explicit(&ring->memory->written, ring->own, memory_order_release);
}

bool vxa_ring_send(struct vxa_ring *ring, uint32_t kind, const void *content, size_t nbytes)
{
    size_t room, rest = until_end(ring->own);

    if (rest < nbytes && vxa_ring_free_nbytes(ring) >= VXA_FRAME_HEADER_NBYTES + rest)
        vxa_ring_put(ring, KIND_PADDING, rest);
    uint8_t *place = vxa_ring_place(ring, &room);

    if (!place || room < nbytes)
        return false;
    if (nbytes > 0)
        memcpy(place, content, nbytes);
    vxa_ring_put(ring, kind, nbytes);
    return true;
}

static bool look(struct vxa_ring *ring, struct vxa_frame *frame)
{
    size_t filled = vxa_ring_filled_nbytes(ring);
    uint32_t header[2];

    if (filled < VXA_FRAME_HEADER_NBYTES)
        return false;
    memcpy(header, ring->memory->bytes + position(ring->own), sizeof header);
    if (header[1] > VXA_FRAME_MAX_NBYTES || header[1] > until_end(ring->own) ||
        padded(header[1]) > filled - VXA_FRAME_HEADER_NBYTES)
        ring->broken = true;
    *frame = (struct vxa_frame){header[0], header[1], content_at(ring, ring->own)};
    return !ring->broken;
}

bool vxa_ring_look(struct vxa_ring *ring, struct vxa_frame *frame)
{
    while (look(ring, frame)) {
        if (frame->kind != KIND_PADDING)
            return true;
        vxa_ring_pass(ring, frame);
    }
    return false;
}

void vxa_ring_pass(struct vxa_ring *ring, const struct vxa_frame *frame)
{
    ring->own += VXA_FRAME_HEADER_NBYTES + padded(frame->nbytes);
    atomic_store_explicit(&ring->memory->read, ring->own, memory_order_release);
}

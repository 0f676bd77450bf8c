/* SPDX-License-Identifier: MIT */
/* What joins a worker to its host: memory with a ring each way, and words to wait at. */
#ifndef VXA_CHANNEL_H
#define VXA_CHANNEL_H

#include "ring.h"

/* The memory that both map; all zero at first. */
struct vxa_channel_memory {
    _Alignas(4096) struct vxa_ring_memory requests, replies;
    _Alignas(64) _Atomic uint32_t host_waits;
    _Alignas(64) _Atomic uint32_t worker_waits;
};

enum vxa_side { VXA_HOST, VXA_WORKER };

struct vxa_channel {
    struct vxa_channel_memory *memory;
    enum vxa_side side;
    struct vxa_ring in, out;
};

struct vxa_channel vxa_channel_open(struct vxa_channel_memory *memory, enum vxa_side side);

/* Wakes the other side if it waits. */
void vxa_channel_nudge(struct vxa_channel *channel);
/* Wakes it even if that was done already: what should not, could have got lost. */
void vxa_channel_wake(struct vxa_channel *channel);

/*
 * Says that this side is going to wait. Whatever it waits for must be looked for once more behind
 * this call; then vxa_channel_wait(), or vxa_channel_go_on() where it has come already.
 */
void vxa_channel_announce(struct vxa_channel *channel);
void vxa_channel_go_on(struct vxa_channel *channel);

/* Until the other side wakes this one, or a signal comes. False: nothing came for so long; with a
 * timeout below 0 that does not happen. */
bool vxa_channel_wait(struct vxa_channel *channel, int timeout_milliseconds);

#endif

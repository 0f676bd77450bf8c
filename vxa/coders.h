/* SPDX-License-Identifier: MIT */
/* The decoders that packing proves its results with: each found, and open, when first needed. */
#ifndef VXA_CODERS_H
#define VXA_CODERS_H

#include "decoder_store.h"
#include "failure.h"
#include "sandbox.h"

struct vxa_coders;

/* What it is given must outlive it. NULL when out of memory. */
struct vxa_coders *vxa_coders_new(struct vxa_decoder_store *store, enum vxa_engine engine,
                                  struct vxa_spawner *spawner, struct vxa_interrupt *interrupt);
/* NULL is allowed. */
void vxa_coders_free(struct vxa_coders *coders);

/* The installed decoder of this name. NULL with VXA_FAILURE_NO_DECODER, or what else is wrong. */
const struct vxa_decoder *vxa_coders_decoder(struct vxa_coders *coders, const char *name,
                                             struct vxa_failure *failure);

/* A sandbox with this decoder and its argument ("" for none), valid until the next call. */
struct vxa_sandbox *vxa_coders_sandbox(struct vxa_coders *coders, const struct vxa_decoder *decoder,
                                       const char *argument, struct vxa_failure *failure);

#endif

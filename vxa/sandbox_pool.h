/* SPDX-License-Identifier: MIT */
/* Sandboxes that stay open, so that members with the same decoder do not pay for a new one each. */
#ifndef VXA_SANDBOX_POOL_H
#define VXA_SANDBOX_POOL_H

#include "decoder_store.h"
#include "failure.h"
#include "sandbox.h"
#include "vxa_block.h"

struct vxa_sandbox_pool;

/* The limits are copied. NULL when out of memory. */
struct vxa_sandbox_pool *vxa_sandbox_pool_new(const struct vxa_sandbox_limits *limits);
/* NULL is allowed. */
void vxa_sandbox_pool_free(struct vxa_sandbox_pool *pool);

/* A sandbox with this decoder and, from `block` unless it is NULL, its arguments. It belongs to
 * the pool, and is valid until the next call. */
struct vxa_sandbox *vxa_sandbox_pool_get(struct vxa_sandbox_pool *pool,
                                         const struct vxa_decoder *decoder,
                                         const struct vxa_block *block, enum vxa_engine engine,
                                         struct vxa_failure *failure);

#endif

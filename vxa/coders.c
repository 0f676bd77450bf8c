/* SPDX-License-Identifier: MIT */
/* A store and a pool of sandboxes behind one door. */
#include "coders.h"
#include "sandbox_pool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* As vxunzip's default: what cannot be decoded within it is not packed that way. */
enum { SECONDS_MAX = 3600 };

struct vxa_coders {
    struct vxa_decoder_store *store;
    struct vxa_sandbox_pool *pool;
    enum vxa_engine engine;
    struct vxa_block block; /* for the pool: nothing but the arguments matters */
};

struct vxa_coders *vxa_coders_new(struct vxa_decoder_store *store, enum vxa_engine engine,
                                  struct vxa_spawner *spawner, struct vxa_interrupt *interrupt)
{
    struct vxa_coders *coders = calloc(1, sizeof(*coders));
    struct vxa_sandbox_limits limits = {
        .cpu_seconds = SECONDS_MAX, .spawner = spawner, .interrupt = interrupt};

    if (!coders)
        return NULL;
    coders->store = store;
    coders->engine = engine;
    coders->pool = vxa_sandbox_pool_new(&limits);
    if (!coders->pool) {
        free(coders);
        return NULL;
    }
    return coders;
}

void vxa_coders_free(struct vxa_coders *coders)
{
    if (!coders)
        return;
    vxa_sandbox_pool_free(coders->pool);
    free(coders);
}

const struct vxa_decoder *vxa_coders_decoder(struct vxa_coders *coders, const char *name,
                                             struct vxa_failure *failure)
{
    return vxa_decoder_by_name(coders->store, name, failure);
}

struct vxa_sandbox *vxa_coders_sandbox(struct vxa_coders *coders, const struct vxa_decoder *decoder,
                                       const char *argument, struct vxa_failure *failure)
{
    struct vxa_block *block = &coders->block;

    block->arguments_nbytes = (uint16_t)strlen(argument);
    (void)snprintf(block->arguments, sizeof(block->arguments), "%s", argument);
    return vxa_sandbox_pool_get(coders->pool, decoder, block, coders->engine, failure);
}

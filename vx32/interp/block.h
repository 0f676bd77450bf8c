/* SPDX-License-Identifier: MIT */
/* Blocks of decoded guest code, and the cache that finds them by address. */
#ifndef VX32_INTERP_BLOCK_H
#define VX32_INTERP_BLOCK_H

#include "uop.h"

#include <stddef.h>

/*
 * A block is a straight run of instructions; conditional branches inside it fall through. It ends
 * with a transfer of control, with a uop that traps where the next instruction cannot be executed,
 * or, after VX_BLOCK_MAX instructions, with a closing uop that goes on and is not counted.
 */
enum { VX_BLOCK_MAX = 64 };

struct vx_block {
    vx32_addr eip;
    uint32_t count;         /* instructions; what entering the block costs */
    struct vx_block *chain; /* next with the same hash */
    struct vx_uop uops[];
};

enum { VX_CACHE_BITS = 13, VX_CACHE_COUNT = 1 << VX_CACHE_BITS };

/* Blocks lie one behind another in an arena; when it is full, all are forgotten at once. */
struct vx_block_cache {
    struct vx_block *table[VX_CACHE_COUNT];
    uint8_t *arena;
    size_t arena_used;
    uint64_t built_count;
    uint32_t block_max;       /* instructions in a block: VX_BLOCK_MAX, or fewer */
    struct vx_block *scratch; /* for blocks that are executed once */
};

bool vx_block_cache_init(struct vx_block_cache *cache);
void vx_block_cache_destroy(struct vx_block_cache *cache);
void vx_block_cache_clear(struct vx_block_cache *cache);

static inline unsigned vx_block_hash(vx32_addr eip)
{
    return (eip * 2654435761u) >> (32 - VX_CACHE_BITS);
}

/* The cached block that begins at `eip`, or NULL. */
static inline struct vx_block *vx_block_find(const struct vx_block_cache *cache, vx32_addr eip)
{
    struct vx_block *block = cache->table[vx_block_hash(eip)];

    while (block && block->eip != eip)
        block = block->chain;
    return block;
}

/* Builds and enters the block at `eip`. *flushed tells that all older blocks are gone. */
struct vx_block *vx_block_build(struct vx_block_cache *cache, const struct vx_mem *mem,
                                vx32_addr eip, bool *flushed);

/* A block of at most `count` (1 to VX_BLOCK_MAX) instructions, valid until the next of its kind. */
struct vx_block *vx_block_build_once(struct vx_block_cache *cache, const struct vx_mem *mem,
                                     vx32_addr eip, uint32_t count);

/* Makes the interpreter's form of an instruction; `left` is the caller's. */
void vx_uop_set(struct vx_uop *uop, const struct vx_insn *insn);

/* ---- handlers that the builder puts into blocks ---- */

/* The best handler for the instruction: a special one for its form, else that of its operation. */
vx_handler *vx_handler_for(const struct vx_insn *insn);

/* The closing uop: goes on at uop->immediate. */
vx_handler vx_run_go_on;
/* Uops for what cannot be executed at uop->eip; counted as an instruction. */
vx_handler vx_run_invalid;     /* #UD */
vx_handler vx_run_too_long;    /* #GP */
vx_handler vx_run_unfetchable; /* #PF at uop->immediate */

#endif

/* SPDX-License-Identifier: MIT */
/* Builds blocks: fetches and decodes guest code, and keeps what was built. */
#include "block.h"
#include "operand.h"

#include <stdlib.h>

enum {
    ARENA_NBYTES = 8 << 20,
    BLOCK_MAX_NBYTES = sizeof(struct vx_block) + (VX_BLOCK_MAX + 1) * sizeof(struct vx_uop),
};

bool vx_block_cache_init(struct vx_block_cache *cache)
{
    *cache = (struct vx_block_cache){
        .arena = malloc(ARENA_NBYTES),
        .scratch = malloc(BLOCK_MAX_NBYTES),
        .block_max = VX_BLOCK_MAX,
    };
    if (cache->arena && cache->scratch)
        return true;
    vx_block_cache_destroy(cache);
    return false;
}

void vx_block_cache_destroy(struct vx_block_cache *cache)
{
    free(cache->arena);
    free(cache->scratch);
}

void vx_block_cache_clear(struct vx_block_cache *cache)
{
    memset(cache->table, 0, sizeof cache->table);
    cache->arena_used = 0;
}

static unsigned place_in_memory(const struct vx_insn *insn, unsigned letter)
{
    if (insn->prefixes & (VX_PREFIX_ADDRESS16 | VX_PREFIX_GS))
        return VX_PLACE_OTHER;
    switch (letter) {
    case VX_O_Wd: return VX_PLACE_MEMORY4;
    case VX_O_Wq: return VX_PLACE_MEMORY8;
    case VX_O_Wu: return VX_PLACE_MEMORY16;
    case VX_O_W: return VX_PLACE_ALIGNED16;
    default: return VX_PLACE_OTHER;
    }
}

static unsigned place_of(const struct vx_insn *insn, unsigned n)
{
    unsigned letter = vx_opcodes[insn->slot].operand[n];

    switch (vx_operands[letter].kind) {
    case VX_KIND_XMM_REG: return VX_PLACE_REG;
    case VX_KIND_XMM_ONLY: return VX_PLACE_RM;
    case VX_KIND_XMM_RM: return insn->has_memory ? place_in_memory(insn, letter) : VX_PLACE_RM;
    default: return VX_PLACE_OTHER;
    }
}

/* The instruction's condition, or the places of its vectors: none has both. */
static uint8_t condition_or_places(const struct vx_insn *insn)
{
    if (vx_operations[insn->operation].reads & VX_FL_CC)
        return insn->condition;
    return (uint8_t)(place_of(insn, 0) | place_of(insn, 1) << 4);
}

void vx_uop_set(struct vx_uop *uop, const struct vx_insn *insn)
{
    *uop = (struct vx_uop){
        .run = vx_handler_for(insn),
        .immediate = insn->operation == VX_OP_ENTER ? insn->immediate2 << 16 | insn->immediate
                                                    : insn->immediate,
        .displacement = insn->displacement,
        .eip = insn->addr,
        .slot = insn->slot,
        .nbytes = insn->nbytes,
        .reg = insn->reg,
        .rm = insn->rm,
        .base = insn->base,
        .index = insn->index,
        .shift = insn->shift,
        .operand_nbytes = insn->operand_nbytes,
        .condition = condition_or_places(insn),
        .prefixes = (uint8_t)(insn->prefixes | (insn->has_memory ? VX_UOP_MEMORY : 0)),
    };
}

static void set_closing(struct vx_uop *uop, vx32_addr eip, vx_handler *run, uint32_t immediate)
{
    *uop = (struct vx_uop){.run = run, .eip = eip, .immediate = immediate};
}

/* Decodes at `eip`; if nothing can be executed there, writes the closing uop that says why. */
static bool fetch(const struct vx_mem *mem, vx32_addr eip, struct vx_insn *insn,
                  struct vx_uop *closing)
{
    size_t nbytes = vx_mem_accessible(mem, eip, VX_INSN_MAX_NBYTES, VX32_ACCESS_EXECUTE);

    switch (vx_decode(mem->base + eip, nbytes, eip, insn)) {
    case VX_DECODE_OK: return true;
    case VX_DECODE_TRUNCATED:
        set_closing(closing, eip, vx_run_unfetchable, eip + (uint32_t)nbytes);
        return false;
    case VX_DECODE_TOO_LONG: set_closing(closing, eip, vx_run_too_long, 0); return false;
    default: set_closing(closing, eip, vx_run_invalid, 0); return false;
    }
}

static bool ends_block(const struct vx_insn *insn)
{
    switch (vx_operations[insn->operation].class) {
    case VX_CLASS_BRANCH: return insn->operation != VX_OP_JCC;
    case VX_CLASS_CALL:
    case VX_CLASS_RET:
    case VX_CLASS_TRAP:
    case VX_CLASS_SYSTEM: return true;
    default: return false;
    }
}

/*
 * Returns the number of uops written. What cannot be executed is counted as an instruction, and
 * given back when it traps as for any other: so nothing traps that the slice does not pay for.
 */
static size_t fill(struct vx_block *block, const struct vx_mem *mem, vx32_addr eip, uint32_t limit)
{
    struct vx_insn insn;
    uint32_t count = 0;
    bool open = true;

    block->eip = eip;
    while (open && count < limit) {
        open = fetch(mem, eip, &insn, &block->uops[count]);
        if (open) {
            vx_uop_set(&block->uops[count], &insn);
            eip += insn.nbytes;
            open = !ends_block(&insn);
        }
        count++;
    }
    if (open)
        set_closing(&block->uops[count], eip, vx_run_go_on, eip);
    block->count = count;
    for (uint32_t i = 0; i < count; i++)
        block->uops[i].left = (uint8_t)(count - i);
    return count + open;
}

struct vx_block *vx_block_build(struct vx_block_cache *cache, const struct vx_mem *mem,
                                vx32_addr eip, bool *flushed)
{
    struct vx_block **head = &cache->table[vx_block_hash(eip)];
    struct vx_block *block;
    size_t uop_count;

    *flushed = cache->arena_used + BLOCK_MAX_NBYTES > ARENA_NBYTES;
    if (*flushed)
        vx_block_cache_clear(cache);
    block = (struct vx_block *)(void *)(cache->arena + cache->arena_used);
    uop_count = fill(block, mem, eip, cache->block_max);
    block->chain = *head;
    *head = block;
    cache->arena_used += sizeof *block + uop_count * sizeof block->uops[0];
    cache->built_count++;
    return block;
}

struct vx_block *vx_block_build_once(struct vx_block_cache *cache, const struct vx_mem *mem,
                                     vx32_addr eip, uint32_t count)
{
    fill(cache->scratch, mem, eip, count);
    return cache->scratch;
}

/* SPDX-License-Identifier: MIT */
/* The interpreter's loop: from block to block until the slice, the guest or a fault ends it. */
#include "interp.h"
#include "operand.h"

#include <stdlib.h>

static void *create(void)
{
    struct vx_interp *interp = calloc(1, sizeof *interp);

    if (interp && !vx_block_cache_init(&interp->cache)) {
        free(interp);
        return NULL;
    }
    return interp;
}

static void destroy(void *engine)
{
    struct vx_interp *interp = engine;

    if (interp)
        vx_block_cache_destroy(&interp->cache);
    free(interp);
}

static uint64_t block_count(const void *engine)
{
    const struct vx_interp *interp = engine;

    return interp->cache.built_count;
}

/* Blocks are made of guest code; when that changed they are worthless. */
static void notice_changed_code(struct vx_interp *interp, const struct vx_mem *mem)
{
    if (interp->mem == mem && interp->code_generation == mem->code_generation)
        return;
    vx_block_cache_clear(&interp->cache);
    interp->mem = mem;
    interp->code_generation = mem->code_generation;
}

static void link_branch(struct vx_uop *uop, struct vx_block *target)
{
    uop->target = target;
    uop->run = vx_linked_handler(uop->run);
}

static struct vx_block *find_or_build(struct vx_interp *interp, vx32_addr eip)
{
    struct vx_block *block = vx_block_find(&interp->cache, eip);
    bool flushed = false;

    if (!block)
        block = vx_block_build(&interp->cache, interp->mem, eip, &flushed);
    if (interp->link && !flushed)
        link_branch(interp->link, block);
    interp->link = NULL;
    return block;
}

const struct vx_uop *vx_interp_peek(struct vx_interp *interp, const struct vx_cpu *cpu)
{
    notice_changed_code(interp, cpu->mem);
    interp->link = NULL;
    return find_or_build(interp, cpu->eip)->uops;
}

/* The next block at eip, no longer than the slice. */
static struct vx_block *next_block(struct vx_interp *interp, const struct vx_cpu *cpu)
{
    struct vx_block *block = find_or_build(interp, cpu->eip);

    if (cpu->slice >= (int64_t)block->count)
        return block;
    return vx_block_build_once(&interp->cache, interp->mem, cpu->eip, (uint32_t)cpu->slice);
}

static void execute(struct vx_cpu *cpu, struct vx_block *block)
{
    struct vx_uop *uop = block->uops;

    cpu->slice -= block->count;
    do
        uop = uop->run(cpu, uop);
    while (uop);
}

static enum vx_stop run_blocks(struct vx_interp *interp, struct vx_cpu *cpu)
{
    interp->link = NULL;
    while (cpu->slice > 0) {
        execute(cpu, next_block(interp, cpu));
        if (interp->leave == VX_LEAVE_SYSTEM_CALL)
            return VX_STOP_SYSTEM_CALL;
    }
    return VX_STOP_SLICE;
}

static enum vx_stop run(void *engine, struct vx_cpu *cpu)
{
    struct vx_interp *interp = engine;
    jmp_buf escape;

    notice_changed_code(interp, cpu->mem);
    cpu->engine = interp;
    cpu->escape = &escape;
    switch (setjmp(escape)) {
    case 0: return run_blocks(interp, cpu);
    case VX_ESCAPE_YIELD: return VX_STOP_SLICE;
    default: return VX_STOP_TRAP;
    }
}

const struct vx_engine vx_engine_interpret = {
    .kind = VX32_ENGINE_INTERPRET,
    .placement = VX_PLACE_ANYWHERE,
    .create = create,
    .destroy = destroy,
    .run = run,
    .block_count = block_count,
};

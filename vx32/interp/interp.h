/* SPDX-License-Identifier: MIT */
/* The interpreter's state while it runs, shared by its loop and its control-flow handlers. */
#ifndef VX32_INTERP_H
#define VX32_INTERP_H

#include "block.h"
#include "engine.h"

/* Why a handler left the block by returning NULL. */
enum vx_leave {
    VX_LEAVE_BRANCH,      /* eip is where to go on */
    VX_LEAVE_SYSTEM_CALL, /* eip is behind `int 80h` */
};

struct vx_interp {
    struct vx_block_cache cache;
    const struct vx_mem *mem;
    uint64_t code_generation; /* of the memory that the blocks were made from */
    enum vx_leave leave;
    struct vx_uop *link; /* the branch that may be linked to the block at eip, or NULL */
};

static inline struct vx_interp *vx_interp_of(const struct vx_cpu *cpu)
{
    return cpu->engine;
}

/* Leaves the block for `eip`. `link` is the direct branch that goes there, or NULL. */
static inline struct vx_uop *vx_leave_to(struct vx_cpu *cpu, vx32_addr eip, struct vx_uop *link)
{
    struct vx_interp *interp = vx_interp_of(cpu);

    cpu->eip = eip;
    interp->leave = VX_LEAVE_BRANCH;
    interp->link = link;
    return NULL;
}

/* Leaves the block behind this instruction; what the block was charged for the rest goes back. */
static inline struct vx_uop *vx_leave_behind(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    cpu->slice += uop->left - 1;
    return vx_leave_to(cpu, uop->eip + uop->nbytes, NULL);
}

/* Enters a block, if the slice allows all of it. */
static inline struct vx_uop *vx_enter_block(struct vx_cpu *cpu, struct vx_block *block)
{
    if (cpu->slice < (int64_t)block->count)
        return vx_leave_to(cpu, block->eip, NULL);
    cpu->slice -= block->count;
    VX_NEXT(cpu, block->uops);
}

/* Goes on at an address that only the guest knows. */
static inline struct vx_uop *vx_enter_addr(struct vx_cpu *cpu, vx32_addr eip)
{
    struct vx_block *block = vx_block_find(&vx_interp_of(cpu)->cache, eip);

    if (!block)
        return vx_leave_to(cpu, eip, NULL);
    return vx_enter_block(cpu, block);
}

/* The instruction that would be executed next; of what cannot be, its uop has no bytes. */
const struct vx_uop *vx_interp_peek(struct vx_interp *interp, const struct vx_cpu *cpu);

/* The handler that a direct branch gets once its target block is known. */
vx_handler *vx_linked_handler(vx_handler *unlinked);

#endif

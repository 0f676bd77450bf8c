/* SPDX-License-Identifier: MIT */
/* The strict engine: the interpreter, one instruction at a time, with what it reads looked at
 * first. */
#include "engine.h"
#include "flag_use.h"
#include "interp/interp.h"

/* Its blocks have one instruction each: what stands at eip is looked at, and then executed. */
static void *create(void)
{
    struct vx_interp *interp = vx_engine_interpret.create();

    if (interp != NULL)
        interp->cache.block_max = 1;
    return interp;
}

/* True if the instruction must not be executed; the fault says why. */
static bool refuse(struct vx_cpu *cpu, const struct vx_flag_use *use)
{
    if ((use->reads & cpu->undefined_flags) == 0)
        return false;
    cpu->fault = (struct vx_fault){.trap = VX32_TRAP_UNDEFINED_FLAG};
    return true;
}

/* Of what cannot be executed there is no instruction to look at: the interpreter will say so. */
static struct vx_flag_use look_at(struct vx_interp *interp, const struct vx_cpu *cpu)
{
    const struct vx_uop *uop = vx_interp_peek(interp, cpu);

    return uop->nbytes != 0 ? vx_flag_use_of(cpu, uop) : (struct vx_flag_use){0, 0, 0};
}

/* Executes one instruction, or one repetition, and takes it off `*left`. */
static enum vx_stop step(struct vx_interp *interp, struct vx_cpu *cpu, int64_t *left)
{
    struct vx_flag_use use = look_at(interp, cpu);
    enum vx_stop stop;

    if (refuse(cpu, &use))
        return VX_STOP_TRAP;
    cpu->slice = 1;
    stop = vx_engine_interpret.run(interp, cpu);
    *left -= 1 - cpu->slice;
    if (stop != VX_STOP_TRAP)
        cpu->undefined_flags =
            (uint16_t)((cpu->undefined_flags & ~use.defines) | use.leaves_undefined);
    return stop;
}

static enum vx_stop run(void *engine, struct vx_cpu *cpu)
{
    int64_t left = cpu->slice;
    enum vx_stop stop = VX_STOP_SLICE;

    while (left > 0 && stop == VX_STOP_SLICE)
        stop = step(engine, cpu, &left);
    cpu->slice = left;
    return stop;
}

static void destroy(void *engine)
{
    vx_engine_interpret.destroy(engine);
}

static uint64_t block_count(const void *engine)
{
    return vx_engine_interpret.block_count(engine);
}

const struct vx_engine vx_engine_strict = {
    .kind = VX32_ENGINE_STRICT,
    .placement = VX_PLACE_ANYWHERE,
    .create = create,
    .destroy = destroy,
    .run = run,
    .block_count = block_count,
};

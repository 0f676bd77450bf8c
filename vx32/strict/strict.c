/* SPDX-License-Identifier: MIT */
/* The strict engine: the interpreter, one instruction at a time, with what it reads looked at
 * first. */
#include "engine.h"
#include "flag_use.h"
#include "interp/interp.h"
#include "memory_use.h"
#include "shadow.h"

/* Its blocks have one instruction each: what stands at eip is looked at, and then executed. */
static void *create(void)
{
    struct vx_interp *interp = vx_engine_interpret.create();

    if (interp != NULL)
        interp->cache.block_max = 1;
    return interp;
}

/* What an instruction uses; of memory only where there is a shadow. */
struct use {
    struct vx_flag_use flags;
    struct vx_memory_use memory;
};

/* Of what cannot be executed there is no instruction to look at: the interpreter will say so. */
static struct use look_at(struct vx_interp *interp, struct vx_cpu *cpu)
{
    const struct vx_uop *uop = vx_interp_peek(interp, cpu);
    struct use use = {0};

    if (uop->nbytes == 0)
        return use;
    use.flags = vx_flag_use_of(cpu, uop);
    if (cpu->mem->shadow != NULL)
        use.memory = vx_memory_use_of(cpu, uop);
    return use;
}

/* True if a byte that is read was never written; the fault says which. */
static bool refuse_memory(struct vx_cpu *cpu, const struct vx_memory_use *use)
{
    if (cpu->mem->shadow == NULL || use->copies)
        return false;
    for (int i = 0; i < 2; i++) {
        vx32_addr addr = use->read[i].addr;

        if (vx_shadow_find(cpu->mem->shadow, &addr, use->read[i].nbytes)) {
            cpu->fault = (struct vx_fault){VX32_TRAP_UNWRITTEN_MEMORY, VX32_ACCESS_READ, addr};
            return true;
        }
    }
    return false;
}

/* True if the instruction must not be executed; the fault says why. */
static bool refuse(struct vx_cpu *cpu, const struct use *use)
{
    if ((use->flags.reads & cpu->undefined_flags) == 0)
        return refuse_memory(cpu, &use->memory);
    cpu->fault = (struct vx_fault){.trap = VX32_TRAP_UNDEFINED_FLAG};
    return true;
}

/* Takes down what the instruction has done. */
static void note(struct vx_cpu *cpu, const struct use *use)
{
    struct vx_shadow *shadow = cpu->mem->shadow;
    const struct vx_range *write = use->memory.write;

    cpu->undefined_flags =
        (uint16_t)((cpu->undefined_flags & ~use->flags.defines) | use->flags.leaves_undefined);
    if (shadow == NULL)
        return;
    if (use->memory.copies)
        vx_shadow_copy(shadow, write[0].addr, use->memory.read[0].addr, write[0].nbytes);
    else
        vx_shadow_write(shadow, write[0].addr, write[0].nbytes);
    vx_shadow_write(shadow, write[1].addr, write[1].nbytes);
}

/* Executes one instruction, or one repetition, and takes it off `*left`. */
static enum vx_stop step(struct vx_interp *interp, struct vx_cpu *cpu, int64_t *left)
{
    struct use use = look_at(interp, cpu);
    enum vx_stop stop;

    if (refuse(cpu, &use))
        return VX_STOP_TRAP;
    cpu->slice = 1;
    stop = vx_engine_interpret.run(interp, cpu);
    *left -= 1 - cpu->slice;
    if (stop != VX_STOP_TRAP)
        note(cpu, &use);
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

/* SPDX-License-Identifier: MIT */
/* Lets a guest run in slices: spends fuel, carries out calls, and turns stops into exits. */
#include "instance.h"
#include "syscall.h"

/* Only then may a signal handler store it. */
_Static_assert(ATOMIC_INT_LOCK_FREE == 2, "vx32_interrupt() needs a lock-free atomic_int");

/*
 * Interrupts are looked for between slices. Code that is made to be slow, where each instruction
 * costs the decoding of a whole block, takes some microseconds for each.
 */
enum { MAX_ERROR_NUMBER = 4095 };
#ifdef VX_NO_ESCAPE
/* A host without longjmp() cannot leave in the middle of a REP instruction. */
#define SLICE_INSTRUCTION_COUNT VX_SLICE_FREE
#else
#define SLICE_INSTRUCTION_COUNT INT64_C(100000)
#endif

static bool leave(struct vx32_instance *instance, enum vx32_exit_reason reason)
{
    instance->exit = (struct vx32_exit){.reason = reason, .eip = instance->cpu.eip};
    return true;
}

static bool leave_with_trap(struct vx32_instance *instance)
{
    const struct vx_fault *fault = &instance->cpu.fault;

    instance->over = true;
    instance->exit = (struct vx32_exit){
        .reason = VX32_EXIT_TRAP,
        .trap = fault->trap,
        .eip = instance->cpu.eip,
    };
    if (fault->trap == VX32_TRAP_PAGE_FAULT || fault->trap == VX32_TRAP_UNWRITTEN_MEMORY) {
        instance->exit.fault_addr = fault->addr;
        instance->exit.access = fault->access;
    }
    return true;
}

/* The host could not carry out a change of the address space: nothing is certain any more. */
static bool leave_without_memory(struct vx32_instance *instance)
{
    instance->cpu.fault =
        (struct vx_fault){VX32_TRAP_PAGE_FAULT, VX32_ACCESS_EXECUTE, instance->cpu.eip};
    return leave_with_trap(instance);
}

/* Without a budget an engine that can do so runs without counting. */
static bool runs_free(const struct vx32_instance *instance)
{
    return instance->fuel == VX32_FUEL_UNLIMITED && instance->engine->free_running;
}

/* Executes up to one slice, and counts it exactly. */
static enum vx_stop execute(struct vx32_instance *instance)
{
    int64_t slice = SLICE_INSTRUCTION_COUNT;
    enum vx_stop stop;
    uint64_t executed;

    if (runs_free(instance)) {
        instance->cpu.slice = VX_SLICE_FREE;
        return instance->engine->run(instance->engine_state, &instance->cpu);
    }
    if (instance->fuel < (uint64_t)slice)
        slice = (int64_t)instance->fuel;
    instance->cpu.slice = slice;
    stop = instance->engine->run(instance->engine_state, &instance->cpu);
    executed = (uint64_t)(slice - instance->cpu.slice);
    instance->instruction_count += executed;
    if (instance->fuel != VX32_FUEL_UNLIMITED)
        instance->fuel -= executed;
    return stop;
}

/* True when the host must act. */
static bool step(struct vx32_instance *instance)
{
    if (atomic_load_explicit(&instance->interrupted, memory_order_relaxed) &&
        atomic_exchange_explicit(&instance->interrupted, 0, memory_order_acquire))
        return leave(instance, VX32_EXIT_INTERRUPTED);
    if (instance->fuel == 0)
        return leave(instance, VX32_EXIT_OUT_OF_FUEL);
    if (instance->mem.failed)
        return leave_without_memory(instance);
    switch (execute(instance)) {
    case VX_STOP_SLICE: return false;
    case VX_STOP_SYSTEM_CALL: return vx_system_call(instance);
    case VX_STOP_TRAP: break;
    }
    return leave_with_trap(instance);
}

void vx32_run(struct vx32_instance *instance, struct vx32_exit *exit)
{
    const struct vx_engine *engine = instance->engine;

    if (!instance->over && !instance->pending.open) {
        if (engine->begin != NULL)
            engine->begin(instance->engine_state, &instance->cpu);
        while (!step(instance))
            continue;
        if (engine->end != NULL)
            engine->end(instance->engine_state);
    }
    *exit = instance->exit;
}

enum vx32_status vx32_complete(struct vx32_instance *instance, int64_t result)
{
    if (!instance->pending.open)
        return VX32_INVALID_ARGUMENT;
    if (result < -MAX_ERROR_NUMBER || result > (int64_t)instance->exit.nbytes)
        return VX32_INVALID_ARGUMENT;
    vx_transfer_complete(instance, result);
    return VX32_OK;
}

void vx32_interrupt(struct vx32_instance *instance)
{
    atomic_store_explicit(&instance->interrupted, 1, memory_order_release);
    if (instance->engine->interrupt != NULL)
        instance->engine->interrupt(instance->engine_state);
}

void vx32_fuel_set(struct vx32_instance *instance, uint64_t fuel)
{
    instance->fuel = fuel;
}

uint64_t vx32_fuel_left(const struct vx32_instance *instance)
{
    return instance->fuel;
}

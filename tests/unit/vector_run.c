/* SPDX-License-Identifier: MIT */
/* Executes a case on either side, and brings what it leaves into one form. */
#include "interp/block.h"
#include "interp/operand.h"
#include "vector_case.h"

#include <stdlib.h>

enum { FX_STATUS = 2, FX_TAGS = 4, FX_MXCSR = 24, FX_ST = 32, FX_XMM = 160 };

/* Guest addresses have the page offsets of host addresses. */
enum { START = VX32_LOWEST_ADDR, LIMIT = 1 << 20 };

static struct vx_mem guest_memory;

void vector_prepare(bool with_host)
{
    static uint8_t page[HOST_PAGE_NBYTES];

    for (unsigned i = 0; i < sizeof page; i++)
        page[i] = (uint8_t)(i * 2654435761u >> 13);
    if (vx_mem_init(&guest_memory, LIMIT, VX_PLACE_ANYWHERE) != VX32_OK ||
        !vx_mem_map(&guest_memory, START, HOST_MEMORY_NBYTES, VX32_ACCESS_READ | VX32_ACCESS_WRITE))
        abort();
    memcpy(guest_memory.base + START + HOST_WRITABLE_NBYTES, page, sizeof page);
    vx_mem_protect(&guest_memory, START + HOST_WRITABLE_NBYTES, HOST_PAGE_NBYTES, VX32_ACCESS_READ);
    if (with_host)
        host_fill_read_only(page);
}

/* How many bytes of the window lie before `end`. */
static unsigned window_nbytes(const struct vector_case *c, uint32_t end)
{
    uint32_t begin = c->offset - VECTOR_MARGIN;

    if (begin >= end)
        return 0;
    return end - begin < VECTOR_WINDOW ? end - begin : VECTOR_WINDOW;
}

static void put_window(const struct vector_case *c, uint8_t *memory)
{
    memcpy(memory + c->offset - VECTOR_MARGIN, c->window, window_nbytes(c, HOST_WRITABLE_NBYTES));
}

static void get_window(const struct vector_case *c, const uint8_t *memory,
                       struct vector_result *result)
{
    memcpy(result->window, memory + c->offset - VECTOR_MARGIN,
           window_nbytes(c, HOST_MEMORY_NBYTES));
}

/* ---- the guest's side ---- */

typedef void vx_do(struct vx_cpu *cpu, const struct vx_uop *uop);

#define DO_PLAIN(name)  [VX_OP_##name] = vx_do_##name,
#define DO_STRING(name) [VX_OP_##name] = vx_do_##name,
#define DO_BRANCH(name)
#define DO_CALL(name)
#define DO_RET(name)
#define DO_TRAP(name)
#define DO_SYSTEM(name)
static vx_do *const plain[VX_OP_COUNT] = {
#define OPERATION(name, mnemonic, class, reads, writes, undefined, sure) DO_##class(name)
#include "operations.def"
#undef OPERATION
};

static struct vx_uop *stop(struct vx_cpu *cpu, struct vx_uop *uop)
{
    (void)cpu;
    (void)uop;
    return NULL;
}

static struct vx_uop uop_of(const struct vx_insn *insn)
{
    struct vx_uop uop;

    vx_uop_set(&uop, insn);
    uop.left = 1;
    return uop;
}

static void load_cpu(const struct vector_case *c, struct vx_cpu *cpu)
{
    const uint8_t *fx = c->machine.fx;
    unsigned status = vx_get16(fx + FX_STATUS);

    vx_cpu_init(cpu, &guest_memory);
    for (unsigned i = 0; i < 8; i++)
        cpu->general[i] = (uint32_t)c->machine.general[i];
    cpu->general[VX32_ESI] = cpu->general[VX32_EDI] = START + c->offset;
    vx_flags_set(&cpu->flags, (uint32_t)c->machine.flags);
    cpu->mxcsr = vx_get32(fx + FX_MXCSR);
    cpu->x87.control = vx_get16(fx);
    cpu->x87.status = status & (VX_FE_ALL | VX_X87_STACK_FAULT | VX_X87_CONDITIONS);
    cpu->x87.top = status >> 11 & 7;
    cpu->x87.empty = (uint8_t)~fx[FX_TAGS];
    for (unsigned i = 0; i < 8; i++) {
        cpu->x87.physical[(cpu->x87.top + i) & 7] = vx_f80_from_bytes(fx + FX_ST + 16 * i);
        memcpy(cpu->xmm[i].byte, fx + FX_XMM + 16 * i, 16);
    }
}

static void store_cpu(const struct vx_cpu *cpu, struct vector_result *result)
{
    memcpy(result->general, cpu->general, sizeof result->general);
    result->flags = vx_flags_get(&cpu->flags);
    result->mxcsr = cpu->mxcsr;
    result->control = cpu->x87.control;
    result->status = vx_cpu_x87_status(cpu);
    result->tags = (uint8_t)~cpu->x87.empty;
    for (unsigned i = 0; i < 8; i++) {
        vx_f80_to_bytes(&cpu->x87.physical[(cpu->x87.top + i) & 7], result->st[i]);
        memcpy(result->xmm[i], cpu->xmm[i].byte, 16);
    }
}

/* False if the instruction faulted. */
static bool execute(struct vx_cpu *cpu, struct vx_uop *uops, unsigned operation, bool special)
{
    jmp_buf escape;

    cpu->escape = &escape;
    if (setjmp(escape))
        return false;
    if (special)
        for (struct vx_uop *uop = uops; uop;)
            uop = uop->run(cpu, uop);
    else
        plain[operation](cpu, uops);
    return true;
}

/* `special`: by the handler that the interpreter takes for this form, else by the plain one. */
void vector_run_guest(const struct vector_case *c, bool special, struct vector_result *result)
{
    struct vx_uop uops[2] = {uop_of(&c->insn), {.run = stop}};
    struct vx_cpu cpu;

    memset(result, 0, sizeof *result);
    result->trap = -1;
    put_window(c, guest_memory.base + START);
    load_cpu(c, &cpu);
    if (!execute(&cpu, uops, c->insn.operation, special)) {
        result->trap = (int32_t)cpu.fault.trap;
        result->fault_addr = cpu.fault.addr;
        result->access = (uint8_t)cpu.fault.access;
    }
    store_cpu(&cpu, result);
    get_window(c, guest_memory.base + START, result);
}

/* ---- the host's side ---- */

static void store_machine(const struct host_machine *machine, struct vector_result *result)
{
    const uint8_t *fx = machine->fx;

    for (unsigned i = 0; i < 8; i++)
        result->general[i] = (uint32_t)machine->general[i];
    result->flags = (uint32_t)machine->flags & VX_STATUS_FLAGS;
    result->mxcsr = vx_get32(fx + FX_MXCSR);
    result->control = vx_get16(fx);
    result->status = vx_get16(fx + FX_STATUS);
    result->tags = fx[FX_TAGS];
    for (unsigned i = 0; i < 8; i++) {
        memcpy(result->st[i], fx + FX_ST + 16 * i, 10);
        memcpy(result->xmm[i], fx + FX_XMM + 16 * i, 16);
    }
}

void vector_run_host(const struct vector_case *c, struct vector_result *result)
{
    struct host_machine machine = c->machine;
    uint64_t pointer = (uint64_t)(uintptr_t)(host_memory() + c->offset);
    struct host_outcome outcome;

    memset(result, 0, sizeof *result);
    put_window(c, host_memory());
    machine.general[VX32_ESI] = machine.general[VX32_EDI] = pointer;
    outcome = host_execute(c->bytes, c->insn.nbytes, &machine);
    for (unsigned i = VX32_ESI; i <= VX32_EDI; i++)
        if (machine.general[i] == pointer)
            machine.general[i] = START + c->offset;
    store_machine(&machine, result);
    result->trap = outcome.trap;
    if (outcome.trap == VX32_TRAP_PAGE_FAULT) {
        result->access = outcome.is_write ? VX32_ACCESS_WRITE : VX32_ACCESS_READ;
        result->fault_addr =
            (uint32_t)(outcome.fault_addr - (uint64_t)(uintptr_t)host_memory()) + START;
    }
    get_window(c, host_memory(), result);
}

/* SPDX-License-Identifier: MIT */
/* Drives a guest: registers and memory in, one case, registers and memory out. */
#include "sandbox.h"

#include "instance.h"
#include "interp/block.h"
#include "interp/operand.h"
#include "interp/special.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct sandbox {
    struct vx32_image *image;
    struct vx32_instance *guest;
    uint32_t text_end;
    bool gs_usable;
};

/* ---- life ---- */

struct sandbox *sandbox_start(const struct program *program, enum vx32_engine engine,
                              const char **problem)
{
    struct sandbox *s = calloc(1, sizeof *s);
    const struct vx32_options options = {
        .struct_nbytes = sizeof options,
        .engine = engine,
        .profile = VX32_PROFILE_LINUX_FILTER,
        .memory_nbytes = MEMORY_LIMIT_NBYTES,
        .stack_nbytes = PAGE_NBYTES,
    };
    enum vx32_status status = VX32_NO_MEMORY;

    *problem = NULL;
    if (s != NULL)
        status = vx32_image_parse(program->elf, program->elf_nbytes, &s->image, problem);
    if (status == VX32_OK)
        status = vx32_instance_new(s->image, &options, &s->guest);
    if (status == VX32_OK) {
        s->text_end = program_text_end(program);
        return s;
    }
    if (*problem == NULL)
        *problem = vx32_status_text(status);
    sandbox_end(s);
    return NULL;
}

void sandbox_end(struct sandbox *s)
{
    if (s == NULL)
        return;
    vx32_instance_free(s->guest);
    vx32_image_free(s->image);
    free(s);
}

static void must(enum vx32_status status, const char *what)
{
    if (status == VX32_OK)
        return;
    fprintf(stderr, "test_insn: %s: %s\n", what, vx32_status_text(status));
    exit(2);
}

/*
 * After a trap a guest is over until vx32_reset(). That would load the whole program again, which
 * takes longer than all else here, so this looks behind the public contract.
 */
static void renew(struct sandbox *s)
{
    s->guest->over = false;
}

static void make_gs_usable(struct sandbox *s)
{
    struct vx32_registers registers;
    struct vx32_exit exit;
    uint8_t area[16];

    if (s->gs_usable)
        return;
    program_put_thread_area(area);
    must(vx32_write(s->guest, DATA_ADDR, area, sizeof area), "cannot write the thread area");
    vx32_registers_get(s->guest, &registers);
    registers.eip = program_gs_setup_addr();
    vx32_registers_set(s->guest, &registers);
    vx32_fuel_set(s->guest, 5);
    vx32_run(s->guest, &exit);
    if (exit.reason != VX32_EXIT_OUT_OF_FUEL) {
        fprintf(stderr, "test_insn: cannot give the guest a thread area\n");
        abort();
    }
    s->gs_usable = true;
}

/* ---- outcomes ---- */

static enum fault fault_of_trap(enum vx32_trap trap)
{
    switch (trap) {
    case VX32_TRAP_BREAKPOINT: return FAULT_NONE;
    case VX32_TRAP_DIVIDE_ERROR: return FAULT_DIVIDE;
    case VX32_TRAP_INVALID_OPCODE: return FAULT_OPCODE;
    case VX32_TRAP_OVERFLOW:
    case VX32_TRAP_BOUND:
    case VX32_TRAP_GENERAL_PROTECTION: return FAULT_GENERAL;
    case VX32_TRAP_PAGE_FAULT: return FAULT_PAGE;
    case VX32_TRAP_X87: return FAULT_X87;
    case VX32_TRAP_SIMD: return FAULT_SIMD;
    default: return FAULT_OTHER;
    }
}

/* The tag word reduced to empty and not empty, as the other machine reports it. */
static uint16_t reduced_tags(uint16_t tags)
{
    unsigned reduced = 0;

    for (int i = 0; i < 8; i++)
        reduced |= ((tags >> 2 * i & 3) == 3 ? 3u : 0) << 2 * i;
    return (uint16_t)reduced;
}

static void unload(struct sandbox *s, struct outcome *outcome)
{
    vx32_registers_get(s->guest, &outcome->state.registers);
    outcome->state.registers.x87_tag = reduced_tags(outcome->state.registers.x87_tag);
    must(vx32_read(s->guest, DATA_ADDR, outcome->state.data, DATA_NBYTES), "cannot read the data");
}

static void set_ending(const struct vx32_exit *exit, struct outcome *outcome)
{
    outcome->fault = FAULT_NONE;
    outcome->fault_addr = 0;
    if (exit->reason == VX32_EXIT_OUT_OF_FUEL)
        return;
    outcome->fault = exit->reason == VX32_EXIT_TRAP ? fault_of_trap(exit->trap) : FAULT_OTHER;
    if (outcome->fault == FAULT_PAGE)
        outcome->fault_addr = exit->fault_addr;
}

/* ---- the plain form ---- */

static vx_operation_function *plain_function(unsigned operation)
{
#define PLAIN(name)  vx_do_##name
#define STRING(name) vx_do_##name
#define BRANCH(name) NULL
#define CALL(name)   NULL
#define RET(name)    NULL
#define TRAP(name)   NULL
#define SYSTEM(name) NULL
    static vx_operation_function *const functions[VX_OP_COUNT] = {
#define OPERATION(name, mnemonic, class, reads, writes, undefined, sure)                           \
    [VX_OP_##name] = class(name),
#include "operations.def"
#undef OPERATION
    };
#undef PLAIN
#undef STRING
#undef BRANCH
#undef CALL
#undef RET
#undef TRAP
#undef SYSTEM

    return functions[operation];
}

bool sandbox_has_special(const struct sandbox *s, const struct test_case *c)
{
    return vx32_instance_engine(s->guest) == VX32_ENGINE_INTERPRET &&
           plain_function(c->insn.operation) != NULL && vx_special_handler(&c->insn) != NULL;
}

static struct vx_uop uop_of(const struct vx_insn *insn)
{
    struct vx_uop uop;

    vx_uop_set(&uop, insn);
    uop.left = 1;
    return uop;
}

static void run_plain(struct sandbox *s, const struct vx_insn *insn, struct outcome *outcome)
{
    struct vx_cpu *cpu = &s->guest->cpu;
    const struct vx_uop uop = uop_of(insn);
    jmp_buf escape;

    cpu->escape = &escape;
    outcome->fault_addr = 0;
    if (setjmp(escape) == 0) {
        plain_function(insn->operation)(cpu, &uop);
        cpu->eip = insn->addr + insn->nbytes;
        outcome->fault = FAULT_NONE;
    } else {
        outcome->fault = fault_of_trap(cpu->fault.trap);
        if (outcome->fault == FAULT_PAGE)
            outcome->fault_addr = cpu->fault.addr;
    }
}

/* ---- running ---- */

static bool is_text(const struct sandbox *s, uint32_t addr)
{
    return addr >= TEXT_ADDR && addr < s->text_end;
}

/* A repeated instruction takes a unit of fuel for each element: it is resumed until it is done. */
static bool is_unfinished(struct sandbox *s, const struct test_case *c)
{
    struct vx32_registers registers;

    vx32_registers_get(s->guest, &registers);
    return c->insn.prefixes & (VX_PREFIX_REPE | VX_PREFIX_REPNE) && registers.eip == c->insn.addr;
}

/* A branch to where nothing is completes; what fails is the next instruction. */
static void run_public(struct sandbox *s, const struct test_case *c, enum way way,
                       struct outcome *outcome)
{
    struct vx32_registers registers;
    struct vx32_exit exit;

    do {
        vx32_fuel_set(s->guest, way == WAY_SINGLE ? 1 : VX32_FUEL_UNLIMITED);
        vx32_run(s->guest, &exit);
    } while (exit.reason == VX32_EXIT_OUT_OF_FUEL && is_unfinished(s, c));
    vx32_registers_get(s->guest, &registers);
    if (exit.reason == VX32_EXIT_OUT_OF_FUEL && !is_text(s, registers.eip)) {
        vx32_fuel_set(s->guest, 1);
        vx32_run(s->guest, &exit);
    }
    set_ending(&exit, outcome);
}

void sandbox_run(struct sandbox *s, const struct test_case *c, enum way way,
                 const struct state *initial, struct outcome *outcome)
{
    renew(s);
    if (c->insn.prefixes & VX_PREFIX_GS || c->insn.operation == VX_OP_MOV_GS)
        make_gs_usable(s);
    must(vx32_write(s->guest, DATA_ADDR, initial->data, DATA_NBYTES), "cannot write the data");
    vx32_registers_set(s->guest, &initial->registers);
    if (way == WAY_PLAIN)
        run_plain(s, &c->insn, outcome);
    else
        run_public(s, c, way, outcome);
    unload(s, outcome);
}

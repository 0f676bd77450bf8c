/* SPDX-License-Identifier: MIT */
/* What both machines share: the memory map, a state before an instruction, and what came of it. */
#ifndef TESTS_INSN_MACHINE_H
#define TESTS_INSN_MACHINE_H

#include "insn.h"
#include "vx32.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The memory map of the one program. Around every segment lie pages that are not mapped, and the
 * space below and above the data is free on both machines.
 */
enum {
    PAGE_NBYTES = 4096,
    TEXT_ADDR = 0x08048000, /* a page of breakpoints, then the cases */
    TEXT_MAX_NBYTES = 0xf00000,
    DATA_ADDR = 0x09000000, /* readable and writable */
    DATA_NBYTES = 2 * PAGE_NBYTES,
    CONST_ADDR = 0x09010000, /* readable only; its contents are const_byte() */
    CONST_NBYTES = PAGE_NBYTES,
    GS_BASE_ADDR = DATA_ADDR - PAGE_NBYTES, /* of the thread area */
    BREAKPOINT = 0xcc,
    MEMORY_LIMIT_NBYTES = 0x0b6d3000, /* the guest's stack lies where no edge value points */
};

/* A case stands in a slot of its own, among breakpoints that catch branches. */
enum { CASE_SLOT_NBYTES = 64, CASE_OFFSET = 24 };

static inline uint8_t const_byte(uint32_t offset)
{
    return (uint8_t)(offset * 37 + (offset >> 8) * 11 + 5);
}

/* The x87 tag word tells only empty (3) from not empty (0) here. */
struct state {
    struct vx32_registers registers;
    uint8_t data[DATA_NBYTES];
};

enum fault {
    FAULT_NONE,    /* the instruction completed; eip is where it went */
    FAULT_DIVIDE,  /* #DE */
    FAULT_OPCODE,  /* #UD */
    FAULT_GENERAL, /* #GP, and #OF and #BR, which Linux reports in the same way */
    FAULT_PAGE,    /* #PF */
    FAULT_X87,     /* #MF */
    FAULT_SIMD,    /* #XM */
    FAULT_OTHER,
};

struct outcome {
    struct state state;
    enum fault fault;
    uint32_t fault_addr; /* FAULT_PAGE */
};

const char *fault_text(enum fault fault);

/* An instruction of the program. */
struct test_case {
    struct vx_insn insn; /* insn.addr: where it stands; insn.slot: its row */
    uint8_t bytes[VX_INSN_MAX_NBYTES];
    uint8_t hardware_skip; /* leading prefix bytes that a newer processor would take otherwise */
};

/* A program of many cases, as an ELF file. */
struct program {
    struct test_case *cases;
    size_t case_count, case_room;
    uint8_t *elf;
    size_t elf_nbytes;
};

/* Makes program->elf from the cases; false without memory. */
bool program_link(struct program *program);
void program_free(struct program *program);

/* The end of the executable pages. */
uint32_t program_text_end(const struct program *program);

/* The address of the code that makes %gs usable, behind which a breakpoint stands. */
uint32_t program_gs_setup_addr(void);

/*
 * Where execution fails before there is an instruction: the n-th address, or 0 at the end of the
 * list. *fault and *fault_addr say how.
 */
uint32_t program_unfetchable_addr(const struct program *program, unsigned n, enum fault *fault,
                                  uint32_t *fault_addr);

/* The address of an `int 80h` with a breakpoint behind it. */
uint32_t program_call_addr(void);

/* The argument of set_thread_area, as the code above finds it at DATA_ADDR. */
void program_put_thread_area(uint8_t *data);

static inline uint32_t case_addr(size_t index)
{
    return (uint32_t)(TEXT_ADDR + PAGE_NBYTES + index * CASE_SLOT_NBYTES + CASE_OFFSET);
}

#endif

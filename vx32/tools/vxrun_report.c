/* SPDX-License-Identifier: MIT */
/* Knows how instructions, traps, registers and statistics look to a reader. */
#include "vxrun_report.h"

#include "vxrun_options.h"

#include <inttypes.h>
#include <stdio.h>

enum { MAX_INSTRUCTION_NBYTES = 15, TEXT_NBYTES = 96 };

/* The bytes in hexadecimal, as far as they can be read. */
static void print_bytes(const struct vx32_instance *guest, vx32_addr addr, size_t nbytes)
{
    for (size_t i = 0; i < nbytes; i++) {
        uint8_t byte;

        if (vx32_read(guest, addr + (vx32_addr)i, &byte, 1) != VX32_OK)
            return;
        fprintf(stderr, "%02x", byte);
    }
}

void vxrun_print_instruction(const struct vx32_instance *guest, vx32_addr addr)
{
    char text[TEXT_NBYTES];
    size_t nbytes = vx32_disassemble(guest, addr, text, sizeof text);
    int padding = 2 * (11 - (int)nbytes);

    fprintf(stderr, "%08" PRIx32 "  ", addr);
    print_bytes(guest, addr, nbytes > 0 ? nbytes : MAX_INSTRUCTION_NBYTES);
    fprintf(stderr, "%*s%s\n", nbytes > 0 && padding > 1 ? padding : 1, "", text);
}

static void print_general(const struct vx32_registers *registers)
{
    static const char *const names[8] = {"eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"};

    for (int i = 0; i < 8; i++)
        fprintf(stderr, "  %s %08" PRIx32 "%s", names[i], registers->general[i],
                i % 4 == 3 ? "\n" : "");
    fprintf(stderr, "  eip %08" PRIx32 "  eflags %08" PRIx32 "\n", registers->eip,
            registers->eflags);
}

/* Most significant byte first, as numbers are read. */
static void print_reversed(const uint8_t *bytes, int nbytes)
{
    while (nbytes-- > 0)
        fprintf(stderr, "%02x", bytes[nbytes]);
}

static void print_floating(const struct vx32_registers *registers)
{
    fprintf(stderr, "  x87 control %04x  status %04x  tag %04x  mxcsr %08" PRIx32 "\n",
            (unsigned)registers->x87_control, (unsigned)registers->x87_status,
            (unsigned)registers->x87_tag, registers->mxcsr);
    for (int i = 0; i < 8; i++) {
        fprintf(stderr, "  st%d ", i);
        print_reversed(registers->st[i], 10);
        fprintf(stderr, "  xmm%d ", i);
        print_reversed(registers->xmm[i], 16);
        fputc('\n', stderr);
    }
}

static const char *access_text(enum vx32_access access)
{
    switch (access) {
    case VX32_ACCESS_READ: return "read from";
    case VX32_ACCESS_WRITE: return "write to";
    case VX32_ACCESS_EXECUTE: return "execute at";
    }
    return "access";
}

void vxrun_print_trap(const struct vx32_instance *guest, const struct vx32_exit *exit)
{
    struct vx32_registers registers;

    fprintf(stderr, "vxrun: the program trapped: %s (vector %d)", vx32_trap_text(exit->trap),
            (int)exit->trap);
    if (exit->trap == VX32_TRAP_PAGE_FAULT || exit->trap == VX32_TRAP_UNWRITTEN_MEMORY)
        fprintf(stderr, ", tried to %s %08" PRIx32, access_text(exit->access), exit->fault_addr);
    fputs("\n  at ", stderr);
    vxrun_print_instruction(guest, exit->eip);
    vx32_registers_get(guest, &registers);
    print_general(&registers);
    print_floating(&registers);
}

void vxrun_print_statistics(const struct vx32_instance *guest, double cpu_seconds)
{
    struct vx32_statistics statistics;

    vx32_statistics_get(guest, &statistics);
    fprintf(stderr, "engine        %s\n", vxrun_engine_name(vx32_instance_engine(guest)));
    fprintf(stderr, "instructions  %" PRIu64 "\n", statistics.instruction_count);
    fprintf(stderr, "CPU time      %.3f s\n", cpu_seconds);
    if (cpu_seconds > 0)
        fprintf(stderr, "speed         %.1f million instructions a second\n",
                (double)statistics.instruction_count / cpu_seconds / 1e6);
    fprintf(stderr, "peak memory   %" PRIu64 " KiB\n", statistics.memory_peak_nbytes / 1024);
    fprintf(stderr, "system calls  %" PRIu64 "\n", statistics.system_call_count);
    fprintf(stderr, "blocks        %" PRIu64 "\n", statistics.block_count);
    fprintf(stderr, "refused       %" PRIu64 "\n", statistics.refused_block_count);
}

int vxrun_trap_signal(enum vx32_trap trap)
{
    enum { ILL = 4, TRAP = 5, BUS = 7, FPE = 8, SEGV = 11 };

    switch (trap) {
    case VX32_TRAP_DIVIDE_ERROR:
    case VX32_TRAP_X87:
    case VX32_TRAP_SIMD: return FPE;
    case VX32_TRAP_DEBUG:
    case VX32_TRAP_BREAKPOINT: return TRAP;
    case VX32_TRAP_INVALID_OPCODE:
    case VX32_TRAP_UNDEFINED_FLAG: return ILL;
    case VX32_TRAP_ALIGNMENT: return BUS;
    case VX32_TRAP_OVERFLOW:
    case VX32_TRAP_BOUND:
    case VX32_TRAP_GENERAL_PROTECTION:
    case VX32_TRAP_PAGE_FAULT:
    case VX32_TRAP_UNWRITTEN_MEMORY: return SEGV;
    }
    return SEGV;
}

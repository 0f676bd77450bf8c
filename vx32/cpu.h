/* SPDX-License-Identifier: MIT */
/* The state of the guest's processor, and how its flags are kept. */
#ifndef VX32_CPU_H
#define VX32_CPU_H

#include "float/softfloat.h"
#include "mem.h"
#include "vx32.h"

#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>

enum vx_eflags {
    VX_CF = 1 << 0,
    VX_PF = 1 << 2,
    VX_AF = 1 << 4,
    VX_ZF = 1 << 6,
    VX_SF = 1 << 7,
    VX_TF = 1 << 8,
    VX_DF = 1 << 10,
    VX_OF = 1 << 11,
    VX_AC = 1 << 18,
    VX_ID = 1 << 21,
    VX_STATUS_FLAGS = VX_CF | VX_PF | VX_AF | VX_ZF | VX_SF | VX_OF,
    /* What POPF can change in user mode (SDM volume 2, POPF), without TF, which would trap. */
    VX_POPF_FLAGS = VX_STATUS_FLAGS | VX_DF | VX_AC | VX_ID,
    VX_EFLAGS_ALWAYS = 1 << 1 | 1 << 9, /* bit 1 reads as one; IF is set in user mode */
};

/*
 * The six status flags are kept as the operands of their definition, so that an arithmetic
 * instruction stores two words and most of the work is never done:
 *
 *   result   bits 0-31: the result, sign-extended from 8 or 16 bits.
 *            ZF = (bits 0-31 are zero)      SF = bit 31 ^ bit 63
 *            PF = even parity of (bits 0-7 ^ bits 32-39)
 *   carries  the carries (borrows) out of every bit position, the operand's top bit moved to 31.
 *            CF = bit 31     OF = bit 31 ^ bit 30     AF = bit 3 (of the unshifted vector)
 *
 * Arithmetic leaves bits 32-63 of the result zero; setting flags one by one uses them.
 */
struct vx_flags {
    uint64_t result;
    uint32_t carries;
};

/* A 16-byte register as its bytes in memory order; lanes are read through vx_get and vx_put. */
struct vx_xmm {
    _Alignas(16) uint8_t byte[16];
};

enum vx_x87_status {
    VX_X87_STACK_FAULT = 1 << 6,
    VX_X87_SUMMARY = 1 << 7 | 1 << 15, /* computed, never kept: an unmasked exception is pending */
    VX_X87_CONDITIONS = VX_C0 | VX_C1 | VX_C2 | VX_C3,
};

/* Bits of the control word that can change; bit 6 always reads as one. */
enum { VX_X87_CONTROL_BITS = 0x1f3f, VX_X87_CONTROL_ALWAYS = 0x40 };

/* The x87 unit. MMX register i is the significand of physical register i. */
struct vx_x87 {
    struct vx_f80 physical[8];
    uint16_t control;
    uint16_t status; /* without the top of stack and the exception summary */
    uint8_t top;
    uint8_t empty; /* bit i set: physical register i is empty */
};

struct vx_fault {
    enum vx32_trap trap;
    enum vx32_access access;
    vx32_addr addr;
};

/* The selector of the one thread area: entry 12 of the descriptor table, privilege level 3. */
enum { VX_GS_ENTRY = 12, VX_GS_SELECTOR = VX_GS_ENTRY << 3 | 3 };

enum { VX_NO_REGISTER = 8 }; /* general[8] is always zero: the absent base or index */

struct vx_cpu {
    uint32_t general[9];
    uint32_t eip;
    struct vx_flags flags;
    uint32_t eflags; /* all but the status flags */
    /* Instructions that the engine may still execute before it must return. */
    int64_t slice;
    struct vx_mem *mem;
    uint32_t gs_base;
    bool gs_valid;
    uint32_t mxcsr;
    struct vx_xmm xmm[8];
    struct vx_x87 x87;
    struct vx_fault fault;
    /* Status flags that a guest must not read now (enum vx_flag_set); kept by the strict engine. */
    uint16_t undefined_flags;
    jmp_buf *escape; /* where an engine's handlers go when the guest faults */
    void *engine;    /* the running engine's own state, for its handlers */
    uint8_t *memory; /* what mem->base and mem->permissions are, within reach */
    const uint8_t *permissions;
};

/* The architectural registers at a program's start (Linux values). */
void vx_cpu_init(struct vx_cpu *cpu, struct vx_mem *mem);

/* EFLAGS as PUSHF shows it, and the reverse; `mask` says which bits change. */
uint32_t vx_cpu_eflags(const struct vx_cpu *cpu);
void vx_cpu_set_eflags(struct vx_cpu *cpu, uint32_t value, uint32_t mask);

/* The x87 status word with TOP, and the full 16-bit tag word. */
uint16_t vx_cpu_x87_status(const struct vx_cpu *cpu);
uint16_t vx_cpu_x87_tag(const struct vx_cpu *cpu);

/* Between a register and its ten bytes in guest memory. */
void vx_f80_to_bytes(const struct vx_f80 *value, uint8_t bytes[10]);
struct vx_f80 vx_f80_from_bytes(const uint8_t bytes[10]);

void vx_cpu_get(const struct vx_cpu *cpu, struct vx32_registers *registers);
void vx_cpu_set(struct vx_cpu *cpu, const struct vx32_registers *registers);

#endif

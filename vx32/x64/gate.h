/* SPDX-License-Identifier: MIT */
/* The gate between guest code and C: what both sides find through r15, as C and as assembler. */
#ifndef VX32_X64_GATE_H
#define VX32_X64_GATE_H

/* Offsets from r15, which points behind the gate, at the page that is polled. */
#define VX_GATE_CALL_OPERATION (-128)
#define VX_GATE_LEAVE          (-120)
#define VX_GATE_CPU            (-112)
#define VX_GATE_HOST_RSP       (-104)
#define VX_GATE_SHADOW_RSP     (-96)
#define VX_GATE_FLAGS          (-88)
#define VX_GATE_JUMPS          (-80)
#define VX_GATE_RUN_OPERATION  (-72)
#define VX_GATE_REASON         (-60)
#define VX_GATE_FAULT_RIP      (-56)
#define VX_GATE_CALLS          (-48)
#define VX_GATE_NBYTES         128

/* Offsets in struct vx_cpu. */
#define VX_CPU_GENERAL 0
#define VX_CPU_EIP     36
#define VX_CPU_SLICE   64
#define VX_CPU_XMM     96

#ifndef __ASSEMBLER__

#include "cpu.h"
#include "interp/uop.h"

#include <stddef.h>

/* Why guest code came back: in the low byte of r9d; the rest is the number of a link. */
enum vx_reason {
    VX_REASON_LINK,         /* a direct branch whose target was not translated yet */
    VX_REASON_ENTER,        /* eip is where to go on: an indirect branch, or code to translate */
    VX_REASON_ENTER_CALLED, /* the same for an indirect call: esp is yet to be lowered */
    VX_REASON_MISMATCH,     /* a return landed at fault_rip that goes to eip */
    VX_REASON_SYSTEM_CALL,  /* eip is behind `int 80h` */
    VX_REASON_STEP,         /* the instruction at eip is the interpreter's */
    VX_REASON_SLICE_CALLED, /* the same, at the entry of a call: esp is yet to be lowered */
    VX_REASON_SLICE,        /* the slice is too short for the block at eip, or an interrupt came */
    VX_REASON_FAULT,        /* a signal came at fault_rip; registers are as they were there */
};

struct vx_gate {
    void (*call_operation)(void); /* vx_x64_call_operation */
    void (*leave)(void);          /* vx_x64_leave */
    struct vx_cpu *cpu;
    void *host_rsp;
    uint8_t *shadow_rsp;
    uint64_t flags;  /* the guest's status flags and DF, as EFLAGS */
    uint64_t *jumps; /* the tables of entry points */
    void (*run_operation)(struct vx_gate *gate, const struct vx_uop *uop);
    uint32_t unused_half;
    uint32_t reason;
    uint64_t fault_rip;
    uint64_t *calls;
    uint64_t unused[5];
};

_Static_assert(sizeof(struct vx_gate) == VX_GATE_NBYTES, "disp8 reaches all of it");
_Static_assert(offsetof(struct vx_gate, leave) == VX_GATE_NBYTES + VX_GATE_LEAVE, "gate");
_Static_assert(offsetof(struct vx_gate, cpu) == VX_GATE_NBYTES + VX_GATE_CPU, "gate");
_Static_assert(offsetof(struct vx_gate, host_rsp) == VX_GATE_NBYTES + VX_GATE_HOST_RSP, "gate");
_Static_assert(offsetof(struct vx_gate, shadow_rsp) == VX_GATE_NBYTES + VX_GATE_SHADOW_RSP, "gate");
_Static_assert(offsetof(struct vx_gate, flags) == VX_GATE_NBYTES + VX_GATE_FLAGS, "gate");
_Static_assert(offsetof(struct vx_gate, jumps) == VX_GATE_NBYTES + VX_GATE_JUMPS, "gate");
_Static_assert(offsetof(struct vx_gate, run_operation) == VX_GATE_NBYTES + VX_GATE_RUN_OPERATION,
               "gate");
_Static_assert(offsetof(struct vx_gate, reason) == VX_GATE_NBYTES + VX_GATE_REASON, "gate");
_Static_assert(offsetof(struct vx_gate, calls) == VX_GATE_NBYTES + VX_GATE_CALLS, "gate");
_Static_assert(offsetof(struct vx_gate, fault_rip) == VX_GATE_NBYTES + VX_GATE_FAULT_RIP, "gate");
_Static_assert(offsetof(struct vx_cpu, general) == VX_CPU_GENERAL, "cpu");
_Static_assert(offsetof(struct vx_cpu, eip) == VX_CPU_EIP, "cpu");
_Static_assert(offsetof(struct vx_cpu, slice) == VX_CPU_SLICE, "cpu");
_Static_assert(offsetof(struct vx_cpu, xmm) == VX_CPU_XMM, "cpu");

/* Runs guest code at `host` with the state in *gate->cpu and gate->flags until it comes back. */
void vx_x64_enter(struct vx_gate *gate, const void *host);

/* What guest code calls and jumps to; not to be called from C. */
void vx_x64_call_operation(void);
void vx_x64_leave(void);
/* Where a signal handler continues, with rsp = gate->host_rsp and the guest's state put away. */
void vx_x64_leave_after_fault(void);

#endif
#endif

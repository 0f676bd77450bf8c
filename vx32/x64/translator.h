/* SPDX-License-Identifier: MIT */
/* The translator's state, and a block on its way from guest instructions to host code. */
#ifndef VX32_X64_TRANSLATOR_H
#define VX32_X64_TRANSLATOR_H

#include "code.h"
#include "emit.h"
#include "engine.h"
#include "gate.h"
#include "insn.h"

#include <stdatomic.h>

enum {
    VX_X64_BLOCK_MAX = 16,           /* guest instructions in a block */
    VX_X64_INSN_MAX_NBYTES = 64,     /* host code for one of them, its edges included */
    VX_X64_UOP_COUNT = 1 << 16,      /* instructions that are left to the interpreter */
    VX_X64_SHADOW_NBYTES = 16 << 20, /* return addresses: two million calls deep */
    VX_X64_SHADOW_GUARD_NBYTES = 1 << 16,
    VX_X64_LANDING_NBYTES = 7 + VX_CHECK_NBYTES,
    VX_X64_REFUSED_MAX = 64, /* so many refused blocks, and nothing is translated any more */
};

/* The stubs at the start of the code memory. */
enum vx_stub {
    VX_STUB_UNKNOWN,        /* r8d is a guest address without an entry point */
    VX_STUB_UNKNOWN_CALLED, /* r10d is one, for a call */
    VX_STUB_SLICE,          /* an interrupt came where r8d was the next guest address */
    VX_STUB_UNDERFLOW,      /* a return had no call: it goes to r8d */
    VX_STUB_COUNT,
};

struct vx_translator {
    struct vx_code code;
    struct vx_gate *gate; /* in front of the page that is polled */
    uint8_t *gate_pages;  /* that of the gate, the polled one, and what no landing may read */
    uint8_t *shadow;      /* the shadow stack, with a guard below */
    uint8_t *shadow_top;  /* where it is empty */
    uint32_t stubs[VX_STUB_COUNT];
    bool embedded;
    bool counted; /* the present code keeps the slice; else it polls */
    const struct vx_mem *mem;
    uint64_t code_generation; /* of the memory that the blocks were made from */
    struct vx_uop *uops;
    uint32_t uop_count;
    uint64_t flush_count;
    uint64_t refused_count; /* runs of blocks and links that the verifier did not let pass */
    vx32_addr refused[VX_X64_REFUSED_MAX]; /* where the first of these runs began */
    uint16_t group_slots[VX_GROUP_COUNT];  /* the opcode row that leads to each group */
    void *interp;
    atomic_bool interrupted;
    uint32_t host_mxcsr;
    bool mxcsr_loaded;          /* the guest's MXCSR is the processor's, else it is in the cpu */
    struct vx_signals *signals; /* what begin() changed of the thread */
};

/* A block of guest instructions that host code is written for. */
struct vx_unit {
    struct vx_translator *translator;
    struct vx_emitter e;
    vx32_addr eip;
    bool polled;
    bool called;      /* the entry of direct calls */
    unsigned count;   /* instructions */
    vx32_addr end;    /* where execution goes on, if it does: behind the last */
    bool end_polled;  /* it goes backwards there */
    bool broken;      /* at `end` is nothing that can be executed */
    unsigned charged; /* instructions that the slice has been charged for */
    int32_t delta;    /* esp = r14d + delta */
    /* Where a signal came: it is looked for instead of keeping what is written. */
    const uint8_t *wanted;
    unsigned found_index, found_charged;
    int32_t found_delta;
    struct vx_insn insns[VX_X64_BLOCK_MAX];
};

/* ---- translate.c ---- */

/* Code for the block at `eip`, made if there is none. NULL: it is the interpreter's. */
const uint8_t *vx_x64_translate(struct vx_translator *translator, vx32_addr eip);

/* The same for the entry of an indirect call; esp is for the code there to lower. */
const uint8_t *vx_x64_translate_called(struct vx_translator *translator, vx32_addr eip);

/*
 * Translates what the link leads to, and links it. Where it is a call, the code expects r14d to be
 * esp + 4: see vx_unit_call_edge().
 */
const uint8_t *vx_x64_resolve(struct vx_translator *translator, uint32_t link);

/* A return landed at `host` that did not come from there: from now on that costs no signal. */
void vx_x64_be_patient(struct vx_translator *translator, uintptr_t host);

/* Forgets all code. The shadow stack is empty afterwards. */
void vx_x64_flush(struct vx_translator *translator);

/*
 * From the state at a host address in a block to that before the guest instruction there: eip and
 * esp are set, and what the slice was charged for this one and those behind it goes back.
 */
void vx_x64_locate(struct vx_translator *translator, struct vx_cpu *cpu, uintptr_t host);

/* ---- what translate.c and the lowering share ---- */

/* From here on esp at the start of instruction `index` is r14d + delta. */
void vx_unit_mark(struct vx_unit *unit, unsigned index, int32_t delta);

/* Makes r14d the guest's esp. */
void vx_unit_settle_esp(struct vx_unit *unit);

/* Whether no status flag that is set before `index`, or `eip`, is read there or later. */
bool vx_unit_flags_dead(const struct vx_unit *unit, unsigned index);
bool vx_x64_flags_dead(const struct vx_mem *mem, vx32_addr eip);

/* The 32-bit displacement of a branch to `target`, through a stub if it has no code yet. */
void vx_unit_edge(struct vx_unit *unit, vx32_addr target, bool polled);

/*
 * The same for a call: at its target esp = r14d - 4, the return address is stored, and
 * nothing was spent on r14d. A leaf that only reads its arguments never will.
 */
void vx_unit_call_edge(struct vx_unit *unit, vx32_addr target);

/* jmp */
void vx_unit_jump(struct vx_unit *unit, vx32_addr target, bool polled);

/* Goes back to C. */
void vx_unit_leave(struct vx_unit *unit, vx32_addr eip, enum vx_reason reason);

/* ---- lower.c: an instruction that does not branch ---- */

void vx_lower(struct vx_unit *unit, unsigned index);

/* lower_stack.c: false if the instruction is not one of its own. */
bool vx_lower_stack(struct vx_unit *unit, unsigned index);

/* The host register of a guest register. */
static inline enum vx_host_register vx_host_of(unsigned guest)
{
    if (guest == VX32_ESP)
        return VX_HOST_ESP;
    return guest == VX_NO_REGISTER ? VX_NO_HOST_REGISTER : (enum vx_host_register)guest;
}

/* The operand in memory as a form has it, esp's delta applied. */
void vx_set_memory(const struct vx_unit *unit, const struct vx_insn *insn, struct vx_form *form);

/* Whether the address is a plain sum of registers and displacement. */
bool vx_plain_memory(const struct vx_insn *insn);

/* Leaves the instruction to the interpreter's operation. */
void vx_lower_by_operation(struct vx_unit *unit, unsigned index);

/* ---- flow.c ---- */

/* Whether the instruction ends a block. */
bool vx_ends_unit(const struct vx_translator *translator, const struct vx_insn *insn);

/* Whether the translated code charges the slice for it: else the interpreter does. */
bool vx_is_counted(const struct vx_insn *insn);

/*
 * Writes a branch, a call, a return, or an exit. Returns true if execution goes on behind the
 * instruction in a new block, which may follow at once.
 */
bool vx_lower_flow(struct vx_unit *unit, unsigned index);

void vx_emit_patient_landing(struct vx_emitter *e, vx32_addr expected);

/* ---- fault.c ---- */

/* Takes over the signals that guest code can cause, once for the process. */
bool vx_fault_hook(void);

/* To be freed with free(). NULL: no memory. */
struct vx_signals *vx_fault_signals_new(void);

/* Around running on this thread: signals find the translator, gs is the guest's. */
void vx_fault_begin(struct vx_translator *translator, const uint8_t *guest_base);
void vx_fault_end(struct vx_translator *translator);

#endif

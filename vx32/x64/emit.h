/* SPDX-License-Identifier: MIT */
/* Writes x86-64 instructions: the encoding of the host's side, nothing of the guest. */
#ifndef VX32_X64_EMIT_H
#define VX32_X64_EMIT_H

#include <stdbool.h>
#include <stdint.h>

enum vx_host_register {
    VX_RAX,
    VX_RCX,
    VX_RDX,
    VX_RBX,
    VX_RSP,
    VX_RBP,
    VX_RSI,
    VX_RDI,
    VX_R8,
    VX_R9,
    VX_R10,
    VX_R11,
    VX_R12,
    VX_R13,
    VX_R14,
    VX_R15,
    VX_NO_HOST_REGISTER,
    /* What the guest's esp, the slice, the tables and the gate are kept in: see entry.S. */
    VX_HOST_ESP = VX_R14,
    VX_HOST_SLICE = VX_R12,
    VX_HOST_JUMPS = VX_R13,
    VX_HOST_CALLS = VX_R11,
    VX_HOST_GATE = VX_R15,
};

struct vx_emitter {
    uint8_t *at;
    bool embedded; /* guest memory is reached through gs */
};

/* How a form's operand in ModRM.rm is meant. */
enum vx_rm { VX_RM_NONE, VX_RM_REGISTER, VX_RM_GUEST_MEMORY, VX_RM_HOST_MEMORY, VX_RM_ADDRESS };

/* One instruction (SDM volume 2, 2.1 and 2.2). Fields that are not used stay zero. */
struct vx_form {
    uint8_t opcode;
    uint8_t escape;    /* 0Fh or 0 */
    uint8_t mandatory; /* 66h, F2h, F3h as part of the opcode, or as REP; or 0 */
    bool operand16, locked, wide;
    enum vx_rm rm_kind;
    uint8_t reg;         /* ModRM.reg: a host register or an opcode extension */
    uint8_t rm;          /* VX_RM_REGISTER, or the register in the opcode without ModRM */
    uint8_t base, index; /* host registers or VX_NO_HOST_REGISTER */
    uint8_t shift;
    uint32_t displacement;
    uint8_t immediate_nbytes;
    uint32_t immediate;
};

void vx_emit(struct vx_emitter *e, const struct vx_form *form);

static inline void vx_emit8(struct vx_emitter *e, unsigned value)
{
    *e->at++ = (uint8_t)value;
}

void vx_emit_bytes(struct vx_emitter *e, const uint8_t *bytes, unsigned nbytes);
void vx_emit32(struct vx_emitter *e, uint32_t value);
void vx_emit64(struct vx_emitter *e, uint64_t value);

/* mov r32, imm32 */
void vx_emit_constant(struct vx_emitter *e, enum vx_host_register reg, uint32_t value);

/* lea destination, [base + displacement]: 32 bits, or 64 if `wide`; no flags change. */
void vx_emit_lea(struct vx_emitter *e, enum vx_host_register destination,
                 enum vx_host_register base, int32_t displacement, bool wide);

/* mov r32, [base + displacement] and back, in guest memory */
void vx_emit_load(struct vx_emitter *e, enum vx_host_register reg, enum vx_host_register base,
                  int32_t displacement);
void vx_emit_store(struct vx_emitter *e, enum vx_host_register base, int32_t displacement,
                   enum vx_host_register reg);
void vx_emit_store_constant(struct vx_emitter *e, enum vx_host_register base, int32_t displacement,
                            uint32_t value);

/* jmp or call through the gate */
void vx_emit_jump_gate(struct vx_emitter *e, int displacement);
void vx_emit_call_gate(struct vx_emitter *e, int displacement);

/* jmp to the entry point of the guest address in r8d; call to that of the one in r10d */
void vx_emit_jump_table(struct vx_emitter *e);
void vx_emit_call_table(struct vx_emitter *e);

/* Reads the word at r15, which faults when an interrupt is wanted. */
void vx_emit_poll(struct vx_emitter *e);
enum { VX_POLL_NBYTES = 3 };

/* Reads the word at r15 + VX_CHECK_OFFSET + 8 * r9: what lies behind that of r9 = 0 cannot be read.
 */
void vx_emit_check(struct vx_emitter *e);
enum { VX_CHECK_OFFSET = 0xff8, VX_CHECK_NBYTES = 8 };

/* Up to 15 bytes that do nothing. */
void vx_emit_padding(struct vx_emitter *e, unsigned nbytes);

#endif

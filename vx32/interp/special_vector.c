/* SPDX-License-Identifier: MIT */
/* Special handlers of moves between XMM registers, memory and general registers. */
#include "operand.h"
#include "special.h"

/* ---- 16 bytes ---- */

static struct vx_uop *run_copy(struct vx_cpu *cpu, struct vx_uop *uop)
{
    unsigned to = vx_place_of(uop, 0) == VX_PLACE_REG ? uop->reg : uop->rm;

    cpu->xmm[to] = cpu->xmm[to == uop->reg ? uop->rm : uop->reg];
    VX_NEXT(cpu, uop + 1);
}

static struct vx_uop *run_load_16(struct vx_cpu *cpu, struct vx_uop *uop)
{
    vx32_addr addr = vx_plain_addr(cpu, uop);

    vx_check(cpu, uop, addr, 16, VX32_ACCESS_READ);
    memcpy(cpu->xmm[uop->reg].byte, vx_host(cpu, addr), 16);
    VX_NEXT(cpu, uop + 1);
}

static struct vx_uop *run_store_16(struct vx_cpu *cpu, struct vx_uop *uop)
{
    vx32_addr addr = vx_plain_addr(cpu, uop);

    vx_check(cpu, uop, addr, 16, VX32_ACCESS_WRITE);
    memcpy(vx_host(cpu, addr), cpu->xmm[uop->reg].byte, 16);
    VX_NEXT(cpu, uop + 1);
}

static inline void check_alignment(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    if (vx_plain_addr(cpu, uop) & 15)
        vx_raise(cpu, uop, VX32_TRAP_GENERAL_PROTECTION);
}

static struct vx_uop *run_load_aligned(struct vx_cpu *cpu, struct vx_uop *uop)
{
    check_alignment(cpu, uop);
    return run_load_16(cpu, uop);
}

static struct vx_uop *run_store_aligned(struct vx_cpu *cpu, struct vx_uop *uop)
{
    check_alignment(cpu, uop);
    return run_store_16(cpu, uop);
}

static vx_handler *whole_handler(const struct vx_insn *insn, bool aligned)
{
    if (!insn->has_memory)
        return run_copy;
    if (vx_operand_kind(insn, 0) == VX_KIND_XMM_REG)
        return aligned ? run_load_aligned : run_load_16;
    return aligned ? run_store_aligned : run_store_16;
}

/* ---- the low 4 or 8 bytes: loads clear the rest, copies between registers keep it ---- */

#define LOW_FORMS(nbytes)                                                                          \
    static struct vx_uop *run_copy_##nbytes(struct vx_cpu *cpu, struct vx_uop *uop)                \
    {                                                                                              \
        bool to_reg = vx_place_of(uop, 0) == VX_PLACE_REG;                                         \
                                                                                                   \
        memmove(cpu->xmm[to_reg ? uop->reg : uop->rm].byte,                                        \
                cpu->xmm[to_reg ? uop->rm : uop->reg].byte, nbytes);                               \
        VX_NEXT(cpu, uop + 1);                                                                     \
    }                                                                                              \
    static struct vx_uop *run_load_##nbytes(struct vx_cpu *cpu, struct vx_uop *uop)                \
    {                                                                                              \
        vx32_addr addr = vx_plain_addr(cpu, uop);                                                  \
                                                                                                   \
        vx_check(cpu, uop, addr, nbytes, VX32_ACCESS_READ);                                        \
        memcpy(cpu->xmm[uop->reg].byte, vx_host(cpu, addr), nbytes);                               \
        memset(cpu->xmm[uop->reg].byte + nbytes, 0, 16 - nbytes);                                  \
        VX_NEXT(cpu, uop + 1);                                                                     \
    }                                                                                              \
    static struct vx_uop *run_store_##nbytes(struct vx_cpu *cpu, struct vx_uop *uop)               \
    {                                                                                              \
        vx32_addr addr = vx_plain_addr(cpu, uop);                                                  \
                                                                                                   \
        vx_check(cpu, uop, addr, nbytes, VX32_ACCESS_WRITE);                                       \
        memcpy(vx_host(cpu, addr), cpu->xmm[uop->reg].byte, nbytes);                               \
        VX_NEXT(cpu, uop + 1);                                                                     \
    }
LOW_FORMS(4)
LOW_FORMS(8)

static vx_handler *low_4_handler(const struct vx_insn *insn)
{
    if (!insn->has_memory)
        return run_copy_4;
    return vx_operand_kind(insn, 0) == VX_KIND_XMM_REG ? run_load_4 : run_store_4;
}

static vx_handler *low_8_handler(const struct vx_insn *insn)
{
    if (!insn->has_memory)
        return run_copy_8;
    return vx_operand_kind(insn, 0) == VX_KIND_XMM_REG ? run_load_8 : run_store_8;
}

/* MOVQ with XMM registers; between two, the upper half becomes zero. */
static vx_handler *quadword_handler(const struct vx_insn *insn)
{
    unsigned a = vx_operand_kind(insn, 0), b = vx_operand_kind(insn, 1);

    return insn->has_memory && (a == VX_KIND_XMM_REG || b == VX_KIND_XMM_REG) ? low_8_handler(insn)
                                                                              : NULL;
}

vx_handler *vx_special_vector(const struct vx_insn *insn)
{
    switch (insn->operation) {
    case VX_OP_MOVUPS:
    case VX_OP_MOVUPD:
    case VX_OP_MOVDQU: return whole_handler(insn, false);
    case VX_OP_MOVAPS:
    case VX_OP_MOVAPD:
    case VX_OP_MOVDQA: return whole_handler(insn, true);
    case VX_OP_MOVSS: return low_4_handler(insn);
    case VX_OP_MOVSD: return low_8_handler(insn);
    case VX_OP_MOVQ: return quadword_handler(insn);
    default: return NULL;
    }
}

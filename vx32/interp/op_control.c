/* SPDX-License-Identifier: MIT */
/* Control flow: branches, calls, returns, system calls, and the ends of blocks. */
#include "interp.h"
#include "operand.h"
#include "special.h"

/*
 * A direct branch is first executed unlinked: it leaves the block, the loop finds its target and
 * puts the linked handler and the target's block into the uop.
 */

/* What the block was charged for and does not execute when it is left behind this instruction. */
static void refund(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    cpu->slice += uop->left - 1;
}

static vx32_addr next_eip(const struct vx_uop *uop)
{
    return uop->eip + uop->nbytes;
}

/* A scratch block must not be written to: it is gone by then. Its last uop is never linked, and a
 * branch in its middle cannot be told apart, so the loop decides by the block's address. */
static struct vx_uop *go_unlinked(struct vx_cpu *cpu, struct vx_uop *uop, vx32_addr eip)
{
    const struct vx_block *scratch = vx_interp_of(cpu)->cache.scratch;
    bool is_scratch = uop >= scratch->uops && uop < scratch->uops + VX_BLOCK_MAX + 1;

    return vx_leave_to(cpu, eip, is_scratch ? NULL : uop);
}

/* ---- conditional branches: an unlinked and a linked handler for each condition ---- */

static inline struct vx_uop *jcc(struct vx_cpu *cpu, struct vx_uop *uop, unsigned condition)
{
    if (!vx_condition(&cpu->flags, condition))
        VX_NEXT(cpu, uop + 1);
    refund(cpu, uop);
    return go_unlinked(cpu, uop, uop->immediate);
}

static inline struct vx_uop *jcc_linked(struct vx_cpu *cpu, struct vx_uop *uop, unsigned condition)
{
    if (!vx_condition(&cpu->flags, condition))
        VX_NEXT(cpu, uop + 1);
    refund(cpu, uop);
    return vx_enter_block(cpu, uop->target);
}

#define CONDITIONS(X)                                                                              \
    X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15)

#define JCC(n)                                                                                     \
    static struct vx_uop *run_jcc_##n(struct vx_cpu *cpu, struct vx_uop *uop)                      \
    {                                                                                              \
        return jcc(cpu, uop, n);                                                                   \
    }                                                                                              \
    static struct vx_uop *run_jcc_linked_##n(struct vx_cpu *cpu, struct vx_uop *uop)               \
    {                                                                                              \
        return jcc_linked(cpu, uop, n);                                                            \
    }
CONDITIONS(JCC)
#undef JCC

/* ---- other direct branches ---- */

static struct vx_uop *run_jmp(struct vx_cpu *cpu, struct vx_uop *uop)
{
    return go_unlinked(cpu, uop, uop->immediate);
}

/* Serves CALL as well: its push is done before. */
static struct vx_uop *run_jmp_linked(struct vx_cpu *cpu, struct vx_uop *uop)
{
    return vx_enter_block(cpu, uop->target);
}

static struct vx_uop *run_call(struct vx_cpu *cpu, struct vx_uop *uop)
{
    vx_push(cpu, uop, next_eip(uop), 4);
    return go_unlinked(cpu, uop, uop->immediate);
}

static struct vx_uop *run_call_linked(struct vx_cpu *cpu, struct vx_uop *uop)
{
    vx_push(cpu, uop, next_eip(uop), 4);
    return vx_enter_block(cpu, uop->target);
}

struct vx_uop *vx_run_go_on(struct vx_cpu *cpu, struct vx_uop *uop)
{
    return go_unlinked(cpu, uop, uop->immediate);
}

static const struct {
    vx_handler *unlinked, *linked;
} links[] = {
#define JCC(n) {run_jcc_##n, run_jcc_linked_##n},
    CONDITIONS(JCC)
#undef JCC
        {run_jmp, run_jmp_linked},
    {run_call, run_call_linked},
    {vx_run_go_on, run_jmp_linked},
};

vx_handler *vx_linked_handler(vx_handler *unlinked)
{
    for (size_t i = 0; i < sizeof links / sizeof links[0]; i++)
        if (links[i].unlinked == unlinked)
            return links[i].linked;
    return unlinked;
}

/* LOOP and JCXZ are rare: they find their target anew each time. */
static struct vx_uop *branch_if(struct vx_cpu *cpu, const struct vx_uop *uop, bool taken)
{
    return vx_enter_addr(cpu, taken ? uop->immediate : next_eip(uop));
}

static unsigned count_nbytes(const struct vx_uop *uop)
{
    return uop->prefixes & VX_PREFIX_ADDRESS16 ? 2 : 4;
}

static uint32_t count_down(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    vx_set_reg(cpu, VX32_ECX, count_nbytes(uop), cpu->general[VX32_ECX] - 1);
    return vx_reg(cpu, VX32_ECX, count_nbytes(uop));
}

static struct vx_uop *run_jcxz(struct vx_cpu *cpu, struct vx_uop *uop)
{
    return branch_if(cpu, uop, vx_reg(cpu, VX32_ECX, count_nbytes(uop)) == 0);
}

static struct vx_uop *run_loop(struct vx_cpu *cpu, struct vx_uop *uop)
{
    return branch_if(cpu, uop, count_down(cpu, uop) != 0);
}

static struct vx_uop *run_loope(struct vx_cpu *cpu, struct vx_uop *uop)
{
    return branch_if(cpu, uop, count_down(cpu, uop) != 0 && vx_zf(&cpu->flags));
}

static struct vx_uop *run_loopne(struct vx_cpu *cpu, struct vx_uop *uop)
{
    return branch_if(cpu, uop, count_down(cpu, uop) != 0 && !vx_zf(&cpu->flags));
}

/* ---- indirect branches ---- */

static struct vx_uop *run_jmp_indirect(struct vx_cpu *cpu, struct vx_uop *uop)
{
    return vx_enter_addr(cpu, vx_read_operand(cpu, uop, 0));
}

static struct vx_uop *run_call_indirect(struct vx_cpu *cpu, struct vx_uop *uop)
{
    vx32_addr target = vx_read_operand(cpu, uop, 0);

    vx_push(cpu, uop, next_eip(uop), 4);
    return vx_enter_addr(cpu, target);
}

static struct vx_uop *run_ret(struct vx_cpu *cpu, struct vx_uop *uop)
{
    vx32_addr target = vx_load(cpu, uop, cpu->general[VX32_ESP], 4);

    cpu->general[VX32_ESP] += 4 + (uop->immediate & 0xffff);
    return vx_enter_addr(cpu, target);
}

/* ---- out of the guest ---- */

static struct vx_uop *run_int(struct vx_cpu *cpu, struct vx_uop *uop)
{
    if (uop->immediate != 0x80)
        vx_raise(cpu, uop, VX32_TRAP_GENERAL_PROTECTION);
    vx_leave_to(cpu, next_eip(uop), NULL);
    vx_interp_of(cpu)->leave = VX_LEAVE_SYSTEM_CALL;
    return NULL;
}

static struct vx_uop *run_int3(struct vx_cpu *cpu, struct vx_uop *uop)
{
    vx_raise(cpu, uop, VX32_TRAP_BREAKPOINT);
}

static struct vx_uop *run_hlt(struct vx_cpu *cpu, struct vx_uop *uop)
{
    vx_raise(cpu, uop, VX32_TRAP_GENERAL_PROTECTION);
}

struct vx_uop *vx_run_invalid(struct vx_cpu *cpu, struct vx_uop *uop)
{
    vx_raise(cpu, uop, VX32_TRAP_INVALID_OPCODE);
}

struct vx_uop *vx_run_too_long(struct vx_cpu *cpu, struct vx_uop *uop)
{
    vx_raise(cpu, uop, VX32_TRAP_GENERAL_PROTECTION);
}

struct vx_uop *vx_run_unfetchable(struct vx_cpu *cpu, struct vx_uop *uop)
{
    vx_raise_page(cpu, uop, uop->immediate, 1, VX32_ACCESS_EXECUTE);
}

vx_handler *vx_control_handler(const struct vx_insn *insn)
{
    static vx_handler *const conditional[16] = {
#define JCC(n) run_jcc_##n,
        CONDITIONS(JCC)
#undef JCC
    };

    switch (insn->operation) {
    case VX_OP_JCC: return conditional[insn->condition];
    case VX_OP_JMP: return run_jmp;
    case VX_OP_JMP_INDIRECT: return run_jmp_indirect;
    case VX_OP_JCXZ: return run_jcxz;
    case VX_OP_LOOP: return run_loop;
    case VX_OP_LOOPE: return run_loope;
    case VX_OP_LOOPNE: return run_loopne;
    case VX_OP_CALL: return run_call;
    case VX_OP_CALL_INDIRECT: return run_call_indirect;
    case VX_OP_RET: return run_ret;
    case VX_OP_INT: return run_int;
    case VX_OP_INT3: return run_int3;
    case VX_OP_HLT: return run_hlt;
    default: return vx_run_invalid;
    }
}

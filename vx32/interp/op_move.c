/* SPDX-License-Identifier: MIT */
/* Moves, the stack, flags as a whole, and the processor's odds and ends: the plain forms. */
#include "operand.h"

void vx_do_MOV(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    vx_write_operand(cpu, uop, 0, vx_read_operand(cpu, uop, 1));
}

void vx_do_MOVZX(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    vx_do_MOV(cpu, uop);
}

void vx_do_MOVSX(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    uint32_t value = vx_read_operand(cpu, uop, 1);

    vx_write_operand(cpu, uop, 0, vx_sign_extend(value, vx_nbytes_of(uop, 1)));
}

/* The source is read whether the condition holds or not. */
void vx_do_CMOVCC(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    uint32_t value = vx_read_operand(cpu, uop, 1);

    if (vx_condition(&cpu->flags, uop->condition))
        vx_write_operand(cpu, uop, 0, value);
}

void vx_do_XCHG(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    uint32_t a = vx_modify_operand(cpu, uop, 0);
    uint32_t b = vx_read_operand(cpu, uop, 1);

    vx_write_operand(cpu, uop, 0, b);
    vx_write_operand(cpu, uop, 1, a);
}

/* The address itself: no access, and no segment base. */
void vx_do_LEA(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    vx32_addr addr = vx_plain_addr(cpu, uop);

    vx_write_operand(cpu, uop, 0, uop->prefixes & VX_PREFIX_ADDRESS16 ? addr & 0xffff : addr);
}

void vx_do_XLAT(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    vx32_addr addr = cpu->general[VX32_EBX] + vx_reg(cpu, VX32_EAX, 1);

    if (uop->prefixes & VX_PREFIX_ADDRESS16)
        addr &= 0xffff;
    vx_set_reg(cpu, VX32_EAX, 1, vx_load(cpu, uop, addr, 1));
}

void vx_do_CBW(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    unsigned nbytes = uop->operand_nbytes;

    vx_set_reg(cpu, VX32_EAX, nbytes,
               vx_sign_extend(vx_reg(cpu, VX32_EAX, nbytes / 2), nbytes / 2));
}

void vx_do_CWD(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    unsigned nbytes = uop->operand_nbytes;
    bool negative = vx_reg(cpu, VX32_EAX, nbytes) >> (8 * nbytes - 1);

    vx_set_reg(cpu, VX32_EDX, nbytes, negative ? UINT32_MAX : 0);
}

/* ---- stack ---- */

void vx_do_PUSH(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    vx_push(cpu, uop, vx_read_operand(cpu, uop, 0), uop->operand_nbytes);
}

/* A memory destination's address is computed with esp already raised (SDM volume 2, POP). */
void vx_do_POP(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    uint32_t esp = cpu->general[VX32_ESP];
    uint32_t value = vx_load(cpu, uop, esp, uop->operand_nbytes);

    cpu->general[VX32_ESP] = esp + uop->operand_nbytes;
    if (vx_has_memory(uop)) {
        vx32_addr offset = vx_plain_addr(cpu, uop);

        cpu->general[VX32_ESP] = esp;
        vx_store(cpu, uop, vx_linear(cpu, uop, offset), uop->operand_nbytes, value);
        cpu->general[VX32_ESP] = esp + uop->operand_nbytes;
    } else {
        vx_write_operand(cpu, uop, 0, value);
    }
}

void vx_do_PUSHA(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    unsigned nbytes = uop->operand_nbytes;
    vx32_addr bottom = cpu->general[VX32_ESP] - 8 * nbytes;

    vx_check(cpu, uop, bottom, 8 * nbytes, VX32_ACCESS_WRITE);
    for (unsigned i = 0; i < 8; i++)
        vx_store_checked(cpu, bottom + (7 - i) * nbytes, nbytes, cpu->general[i]);
    cpu->general[VX32_ESP] = bottom;
}

void vx_do_POPA(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    unsigned nbytes = uop->operand_nbytes;
    vx32_addr bottom = cpu->general[VX32_ESP];

    vx_check(cpu, uop, bottom, 8 * nbytes, VX32_ACCESS_READ);
    for (unsigned i = 0; i < 8; i++)
        if (i != VX32_ESP)
            vx_set_reg(cpu, i, nbytes, vx_load(cpu, uop, bottom + (7 - i) * nbytes, nbytes));
    cpu->general[VX32_ESP] = bottom + 8 * nbytes;
}

void vx_do_PUSHF(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    vx_push(cpu, uop, vx_cpu_eflags(cpu), uop->operand_nbytes);
}

/* The trap flag would stop the guest after each instruction: nobody is there to handle that. */
void vx_do_POPF(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    uint32_t value = vx_load(cpu, uop, cpu->general[VX32_ESP], uop->operand_nbytes);

    if (value & VX_TF)
        vx_raise(cpu, uop, VX32_TRAP_DEBUG);
    cpu->general[VX32_ESP] += uop->operand_nbytes;
    vx_cpu_set_eflags(cpu, value, VX_POPF_FLAGS & vx_mask(uop->operand_nbytes));
}

/*
 * SDM volume 2, ENTER: pushes ebp, copies `level - 1` frame pointers, and pushes the new one. As on
 * the processor the final stack pointer must be writable.
 */
void vx_do_ENTER(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    uint32_t size = uop->immediate & 0xffff, level = uop->immediate >> 16 & 31;
    uint32_t frame = cpu->general[VX32_ESP] - 4, copied = level ? level * 4 : 0;
    uint32_t outer = cpu->general[VX32_EBP];

    if (level > 1)
        vx_check(cpu, uop, outer - 4 * (level - 1), 4 * (level - 1), VX32_ACCESS_READ);
    vx_check(cpu, uop, frame - copied, 4 + copied, VX32_ACCESS_WRITE);
    vx_check(cpu, uop, frame - copied - size, 4, VX32_ACCESS_WRITE);
    vx_store_checked(cpu, frame, 4, outer);
    for (uint32_t i = 1; i < level; i++) /* one by one: the frames may overlap */
        vx_store_checked(cpu, frame - 4 * i, 4, vx_get32(vx_host(cpu, outer - 4 * i)));
    if (level)
        vx_store_checked(cpu, frame - 4 * level, 4, frame);
    cpu->general[VX32_EBP] = frame;
    cpu->general[VX32_ESP] = frame - copied - size;
}

void vx_do_LEAVE(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    uint32_t frame = cpu->general[VX32_EBP];

    cpu->general[VX32_EBP] = vx_load(cpu, uop, frame, 4);
    cpu->general[VX32_ESP] = frame + 4;
}

/* ---- flags ---- */

enum { LAHF_FLAGS = VX_SF | VX_ZF | VX_AF | VX_PF | VX_CF };

void vx_do_LAHF(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    (void)uop;
    vx_set_reg(cpu, 4, 1, (vx_cpu_eflags(cpu) & LAHF_FLAGS) | 2);
}

void vx_do_SAHF(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    (void)uop;
    vx_cpu_set_eflags(cpu, vx_reg(cpu, 4, 1), LAHF_FLAGS);
}

void vx_do_CMC(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    (void)uop;
    vx_set_cf(&cpu->flags, !vx_cf(&cpu->flags));
}

void vx_do_CLC(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    (void)uop;
    vx_set_cf(&cpu->flags, false);
}

void vx_do_STC(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    (void)uop;
    vx_set_cf(&cpu->flags, true);
}

void vx_do_CLD(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    (void)uop;
    cpu->eflags &= ~(uint32_t)VX_DF;
}

void vx_do_STD(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    (void)uop;
    cpu->eflags |= VX_DF;
}

/* ---- the rest ---- */

void vx_do_NOP(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    (void)cpu;
    (void)uop;
}

void vx_do_PAUSE(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    vx_do_NOP(cpu, uop);
}

void vx_do_ENDBR(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    vx_do_NOP(cpu, uop);
}

/*
 * The guest's processor is the same everywhere: a maker of our own, family 15 as the first with
 * SSE2, and the features of the contract, no more.
 */
enum cpuid_feature {
    CPUID_FPU = 1 << 0,
    CPUID_CX8 = 1 << 8,
    CPUID_CMOV = 1 << 15,
    CPUID_CLFLUSH = 1 << 19,
    CPUID_MMX = 1 << 23,
    CPUID_FXSR = 1 << 24,
    CPUID_SSE = 1 << 25,
    CPUID_SSE2 = 1 << 26,
};

static void set_cpuid(struct vx_cpu *cpu, uint32_t eax, uint32_t ebx, uint32_t ecx, uint32_t edx)
{
    cpu->general[VX32_EAX] = eax;
    cpu->general[VX32_EBX] = ebx;
    cpu->general[VX32_ECX] = ecx;
    cpu->general[VX32_EDX] = edx;
}

void vx_do_CPUID(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    enum { CLFLUSH_8_QUADWORDS = 8 << 8, FAMILY_15 = 0xf00 };

    (void)uop;
    if (cpu->general[VX32_EAX] == 0) /* "vx32 machine" in ebx, edx, ecx */
        set_cpuid(cpu, 1, 0x32337876, 0x656e6968, 0x63616d20);
    else if (cpu->general[VX32_EAX] == 1)
        set_cpuid(cpu, FAMILY_15, CLFLUSH_8_QUADWORDS, 0,
                  CPUID_FPU | CPUID_CX8 | CPUID_CMOV | CPUID_CLFLUSH | CPUID_MMX | CPUID_FXSR |
                      CPUID_SSE | CPUID_SSE2);
    else
        set_cpuid(cpu, 0, 0, 0, 0);
}

void vx_do_BOUND(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    unsigned nbytes = uop->operand_nbytes;
    vx32_addr addr = vx_addr_of(cpu, uop);
    int32_t index = (int32_t)vx_sign_extend(vx_read_operand(cpu, uop, 0), nbytes);
    int32_t lower = (int32_t)vx_sign_extend(vx_load(cpu, uop, addr, nbytes), nbytes);
    int32_t upper;

    if (index < lower)
        vx_raise(cpu, uop, VX32_TRAP_BOUND);
    upper = (int32_t)vx_sign_extend(vx_load(cpu, uop, addr + nbytes, nbytes), nbytes);
    if (index > upper)
        vx_raise(cpu, uop, VX32_TRAP_BOUND);
}

void vx_do_INTO(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    if (vx_of(&cpu->flags))
        vx_raise(cpu, uop, VX32_TRAP_OVERFLOW);
}

/* Only the selector that set_thread_area gave out can be loaded; it changes nothing. */
void vx_do_MOV_GS(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    uint32_t selector = vx_read_operand(cpu, uop, 1);

    if (!cpu->gs_valid || selector != VX_GS_SELECTOR)
        vx_raise(cpu, uop, VX32_TRAP_GENERAL_PROTECTION);
}

/* SPDX-License-Identifier: MIT */
/* The processor's registers as the outside sees them, from and to their inner form. */
#include "cpu.h"
#include "flags.h"
#include "vx32_abi.h"

#include <string.h>

void vx_cpu_init(struct vx_cpu *cpu, struct vx_mem *mem)
{
    *cpu = (struct vx_cpu){.mem = mem, .memory = mem->base, .permissions = mem->permissions};
    cpu->eflags = VX_EFLAGS_ALWAYS;
    vx_flags_set(&cpu->flags, 0);
    cpu->mxcsr = VX32_INITIAL_MXCSR;
    cpu->x87.control = VX32_INITIAL_X87_CONTROL;
    cpu->x87.empty = 0xff;
}

uint32_t vx_cpu_eflags(const struct vx_cpu *cpu)
{
    return cpu->eflags | vx_flags_get(&cpu->flags);
}

void vx_cpu_set_eflags(struct vx_cpu *cpu, uint32_t value, uint32_t mask)
{
    uint32_t flags = (vx_cpu_eflags(cpu) & ~mask) | (value & mask);

    vx_flags_set(&cpu->flags, flags);
    cpu->eflags = (flags & ~(uint32_t)VX_STATUS_FLAGS) | VX_EFLAGS_ALWAYS;
}

uint16_t vx_cpu_x87_status(const struct vx_cpu *cpu)
{
    bool pending = cpu->x87.status & ~cpu->x87.control & VX_FE_ALL;

    return (uint16_t)(cpu->x87.status | cpu->x87.top << 11 | (pending ? VX_X87_SUMMARY : 0));
}

/* 0 valid, 1 zero, 2 special (NaN, infinity, denormal, unsupported), 3 empty. */
static unsigned x87_tag_of(const struct vx_f80 *value)
{
    unsigned exponent = value->sign_exponent & 0x7fff;

    if (exponent == 0 && value->significand == 0)
        return 1;
    return exponent == 0 || exponent == 0x7fff || !(value->significand >> 63) ? 2 : 0;
}

uint16_t vx_cpu_x87_tag(const struct vx_cpu *cpu)
{
    unsigned word = 0;

    for (unsigned i = 0; i < 8; i++)
        word |= (cpu->x87.empty >> i & 1 ? 3 : x87_tag_of(&cpu->x87.physical[i])) << 2 * i;
    return (uint16_t)word;
}

void vx_f80_to_bytes(const struct vx_f80 *value, uint8_t bytes[10])
{
    for (int i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(value->significand >> 8 * i);
    bytes[8] = (uint8_t)value->sign_exponent;
    bytes[9] = (uint8_t)(value->sign_exponent >> 8);
}

struct vx_f80 vx_f80_from_bytes(const uint8_t bytes[10])
{
    struct vx_f80 value = {0, (uint16_t)(bytes[8] | bytes[9] << 8)};

    for (int i = 0; i < 8; i++)
        value.significand |= (uint64_t)bytes[i] << 8 * i;
    return value;
}

void vx_cpu_get(const struct vx_cpu *cpu, struct vx32_registers *registers)
{
    memcpy(registers->general, cpu->general, sizeof registers->general);
    registers->eip = cpu->eip;
    registers->eflags = vx_cpu_eflags(cpu);
    memcpy(registers->xmm, cpu->xmm, sizeof registers->xmm);
    for (unsigned i = 0; i < 8; i++)
        vx_f80_to_bytes(&cpu->x87.physical[(cpu->x87.top + i) & 7], registers->st[i]);
    registers->x87_control = cpu->x87.control;
    registers->x87_status = vx_cpu_x87_status(cpu);
    registers->x87_tag = vx_cpu_x87_tag(cpu);
    registers->mxcsr = cpu->mxcsr;
}

void vx_cpu_set(struct vx_cpu *cpu, const struct vx32_registers *registers)
{
    memcpy(cpu->general, registers->general, sizeof registers->general);
    cpu->eip = registers->eip;
    vx_cpu_set_eflags(cpu, registers->eflags, VX_POPF_FLAGS);
    cpu->undefined_flags = 0;
    memcpy(cpu->xmm, registers->xmm, sizeof registers->xmm);
    cpu->x87.top = registers->x87_status >> 11 & 7;
    cpu->x87.status = registers->x87_status & (VX_FE_ALL | VX_X87_STACK_FAULT | VX_X87_CONDITIONS);
    cpu->x87.control = registers->x87_control;
    cpu->x87.empty = 0;
    for (unsigned i = 0; i < 8; i++) {
        cpu->x87.physical[(cpu->x87.top + i) & 7] = vx_f80_from_bytes(registers->st[i]);
        if ((registers->x87_tag >> 2 * i & 3) == 3)
            cpu->x87.empty |= (uint8_t)(1 << i);
    }
    cpu->mxcsr = registers->mxcsr & 0xffff;
}

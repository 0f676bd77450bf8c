/* SPDX-License-Identifier: MIT */
/* The columns of operations.def for one instruction, sharpened by its condition and its count. */
#include "flag_use.h"

#include "interp/operand.h"

/* The counts of shifts, immediate or in CL, taken modulo 32. */
static unsigned shift_count(const struct vx_cpu *cpu, const struct vx_uop *uop, unsigned n)
{
    unsigned kind = vx_operands[vx_operand_letter(uop, n)].kind;
    uint32_t count = kind == VX_KIND_COUNT ? cpu->general[VX32_ECX] : uop->immediate;

    return count & 31;
}

/* OF has a meaning for a count of one only (SDM volume 2, each instruction's "Flags Affected"). */
static struct vx_flag_use use_of_count(const struct vx_operation_info *info, unsigned count)
{
    struct vx_flag_use use = {info->reads, info->writes, info->undefined};

    if (count == 0)
        return (struct vx_flag_use){0, 0, 0};
    if (count == 1)
        use.leaves_undefined &= ~(unsigned)VX_FL_O;
    use.defines &= ~use.leaves_undefined;
    return use;
}

/* A flag that would be the bit shifted out, where no bit of the operand was. */
static struct vx_flag_use use_of_shift(const struct vx_cpu *cpu, const struct vx_uop *uop,
                                       const struct vx_operation_info *info, bool to_zero)
{
    unsigned count = shift_count(cpu, uop, 1);
    struct vx_flag_use use = use_of_count(info, count);

    if (to_zero && count >= 8 * vx_nbytes_of(uop, 0)) {
        use.defines &= ~(unsigned)VX_FL_C;
        use.leaves_undefined |= VX_FL_C;
    }
    return use;
}

static struct vx_flag_use use_of_double_shift(const struct vx_cpu *cpu, const struct vx_uop *uop,
                                              const struct vx_operation_info *info)
{
    unsigned count = shift_count(cpu, uop, 2);

    if (count > 8u * uop->operand_nbytes)
        return (struct vx_flag_use){0, 0, VX_FL_OSZAPC};
    return use_of_count(info, count);
}

/* A comparison that is repeated no times compares nothing. */
static struct vx_flag_use use_of_comparison(const struct vx_cpu *cpu, const struct vx_uop *uop,
                                            const struct vx_operation_info *info)
{
    unsigned count_nbytes = uop->prefixes & VX_PREFIX_ADDRESS16 ? 2 : 4;

    if ((uop->prefixes & (VX_PREFIX_REPE | VX_PREFIX_REPNE)) != 0 &&
        vx_reg(cpu, VX32_ECX, count_nbytes) == 0)
        return (struct vx_flag_use){0, 0, 0};
    return (struct vx_flag_use){info->reads, info->writes, info->undefined};
}

static struct vx_flag_use use_of_any(const struct vx_uop *uop, const struct vx_operation_info *info)
{
    unsigned reads = info->reads;

    if ((reads & VX_FL_CC) != 0)
        reads = vx_condition_flags(uop->condition);
    return (struct vx_flag_use){reads, info->writes, info->undefined};
}

struct vx_flag_use vx_flag_use_of(const struct vx_cpu *cpu, const struct vx_uop *uop)
{
    unsigned operation = vx_opcodes[uop->slot].operation;
    const struct vx_operation_info *info = &vx_operations[operation];

    switch (operation) {
    case VX_OP_ROL:
    case VX_OP_ROR:
    case VX_OP_RCL:
    case VX_OP_RCR:
    case VX_OP_SAR: return use_of_shift(cpu, uop, info, false);
    case VX_OP_SHL:
    case VX_OP_SHR: return use_of_shift(cpu, uop, info, true);
    case VX_OP_SHLD:
    case VX_OP_SHRD: return use_of_double_shift(cpu, uop, info);
    case VX_OP_CMPS:
    case VX_OP_SCAS: return use_of_comparison(cpu, uop, info);
    default: return use_of_any(uop, info);
    }
}

/* SPDX-License-Identifier: MIT */
/* Special handlers of shifts: 32-bit registers, by an immediate or by cl. */
#include "operand.h"
#include "special.h"

/* The counts are 1 to 31; flags as in the plain forms. */
static inline uint32_t do_shl(struct vx_flags *f, uint32_t a, unsigned count)
{
    uint32_t result = a << count;
    bool cf = a >> (32 - count) & 1;

    vx_set_result_of(f, result, 4);
    vx_set_carries(f, cf, cf != result >> 31, false);
    return result;
}

static inline uint32_t do_shr(struct vx_flags *f, uint32_t a, unsigned count)
{
    uint32_t result = a >> count;

    vx_set_result_of(f, result, 4);
    vx_set_carries(f, a >> (count - 1) & 1, a >> 31, false);
    return result;
}

static inline uint32_t do_sar(struct vx_flags *f, uint32_t a, unsigned count)
{
    uint32_t result = (uint32_t)((int32_t)a >> count);

    vx_set_result_of(f, result, 4);
    vx_set_carries(f, (int32_t)a >> (count - 1) & 1, false, false);
    return result;
}

static inline uint32_t do_rol(struct vx_flags *f, uint32_t a, unsigned count)
{
    uint32_t result = a << count | a >> (32 - count);
    bool cf = result & 1;

    vx_set_carries(f, cf, cf != result >> 31, vx_af(f));
    return result;
}

#define SHIFTS(X) X(shl, SHL) X(shr, SHR) X(sar, SAR) X(rol, ROL)

#define SHIFT_HANDLERS(name, OP)                                                                   \
    static struct vx_uop *run_##name##_imm(struct vx_cpu *cpu, struct vx_uop *uop)                 \
    {                                                                                              \
        uint32_t *r = &cpu->general[uop->rm];                                                      \
        *r = do_##name(&cpu->flags, *r, uop->immediate);                                           \
        VX_NEXT(cpu, uop + 1);                                                                     \
    }                                                                                              \
    static struct vx_uop *run_##name##_cl(struct vx_cpu *cpu, struct vx_uop *uop)                  \
    {                                                                                              \
        uint32_t *r = &cpu->general[uop->rm], count = cpu->general[VX32_ECX] & 31;                 \
        if (count)                                                                                 \
            *r = do_##name(&cpu->flags, *r, count);                                                \
        VX_NEXT(cpu, uop + 1);                                                                     \
    }
SHIFTS(SHIFT_HANDLERS)

static const struct {
    uint16_t operation;
    vx_handler *by_immediate, *by_cl;
} shifts[] = {
#define ENTRY(name, OP) {VX_OP_##OP, run_##name##_imm, run_##name##_cl},
    SHIFTS(ENTRY)
#undef ENTRY
};

/* ---- double shifts of registers ---- */

static struct vx_uop *run_shld(struct vx_cpu *cpu, struct vx_uop *uop)
{
    uint32_t a = cpu->general[uop->rm], count = uop->immediate;
    uint32_t result = a << count | cpu->general[uop->reg] >> (32 - count);

    vx_set_result_of(&cpu->flags, result, 4);
    vx_set_carries(&cpu->flags, a >> (32 - count) & 1, (a ^ result) >> 31, false);
    cpu->general[uop->rm] = result;
    VX_NEXT(cpu, uop + 1);
}

static struct vx_uop *run_shrd(struct vx_cpu *cpu, struct vx_uop *uop)
{
    uint32_t a = cpu->general[uop->rm], count = uop->immediate;
    uint32_t result = a >> count | cpu->general[uop->reg] << (32 - count);

    vx_set_result_of(&cpu->flags, result, 4);
    vx_set_carries(&cpu->flags, a >> (count - 1) & 1, (a ^ result) >> 31, false);
    cpu->general[uop->rm] = result;
    VX_NEXT(cpu, uop + 1);
}

static bool is_plain_count(uint32_t immediate)
{
    return immediate >= 1 && immediate <= 31;
}

static vx_handler *double_shift(const struct vx_insn *insn, vx_handler *handler)
{
    bool by_immediate = vx_operand_kind(insn, 2) == VX_KIND_IMMEDIATE;

    return by_immediate && is_plain_count(insn->immediate) ? handler : NULL;
}

vx_handler *vx_special_shift(const struct vx_insn *insn)
{
    if (insn->has_memory || vx_operand_nbytes(insn, 0) != 4)
        return NULL;
    if (insn->operation == VX_OP_SHLD)
        return double_shift(insn, run_shld);
    if (insn->operation == VX_OP_SHRD)
        return double_shift(insn, run_shrd);
    for (size_t i = 0; i < sizeof shifts / sizeof shifts[0]; i++) {
        if (shifts[i].operation != insn->operation)
            continue;
        if (vx_operand_kind(insn, 1) == VX_KIND_COUNT)
            return shifts[i].by_cl;
        return is_plain_count(insn->immediate) ? shifts[i].by_immediate : NULL;
    }
    return NULL;
}

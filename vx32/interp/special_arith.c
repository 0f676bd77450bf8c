/* SPDX-License-Identifier: MIT */
/* Special handlers of arithmetic and logic: six forms each, of 32 bits, and of 8 where common. */
#include "operand.h"
#include "special.h"

static inline uint32_t do_add(struct vx_flags *f, uint32_t a, uint32_t b, unsigned nbytes)
{
    return vx_add(f, a, b, 0, nbytes);
}

static inline uint32_t do_adc(struct vx_flags *f, uint32_t a, uint32_t b, unsigned nbytes)
{
    return vx_add(f, a, b, vx_cf(f), nbytes);
}

static inline uint32_t do_sub(struct vx_flags *f, uint32_t a, uint32_t b, unsigned nbytes)
{
    return vx_sub(f, a, b, 0, nbytes);
}

static inline uint32_t do_sbb(struct vx_flags *f, uint32_t a, uint32_t b, unsigned nbytes)
{
    return vx_sub(f, a, b, vx_cf(f), nbytes);
}

static inline uint32_t do_and(struct vx_flags *f, uint32_t a, uint32_t b, unsigned nbytes)
{
    return vx_logic(f, a & b, nbytes);
}

static inline uint32_t do_or(struct vx_flags *f, uint32_t a, uint32_t b, unsigned nbytes)
{
    return vx_logic(f, a | b, nbytes);
}

static inline uint32_t do_xor(struct vx_flags *f, uint32_t a, uint32_t b, unsigned nbytes)
{
    return vx_logic(f, a ^ b, nbytes);
}

/* The operations that replace their first operand, and those that only compare. */
#define REPLACING(X)                                                                               \
    X(add, ADD) X(adc, ADC) X(sub, SUB) X(sbb, SBB) X(and, AND) X(or, OR) X(xor, XOR)
#define COMPARING(X)       X(sub, CMP) X(and, TEST)
#define SIZES(X, name, OP) X(name, OP, 1) X(name, OP, 4)

#define HANDLER(OP, form, size)                                                                    \
    static struct vx_uop *run_##OP##_##form##_##size(struct vx_cpu *cpu, struct vx_uop *uop)

#define REPLACE_MEMORY(name, OP, load_form, store_form, size, addr_function)                       \
    HANDLER(OP, load_form, size)                                                                   \
    {                                                                                              \
        uint32_t b = vx_load(cpu, uop, addr_function(cpu, uop), size);                             \
        uint32_t a = vx_reg(cpu, uop->reg, size);                                                  \
        vx_set_reg(cpu, uop->reg, size, do_##name(&cpu->flags, a, b, size));                       \
        VX_NEXT(cpu, uop + 1);                                                                     \
    }                                                                                              \
    HANDLER(OP, store_form, size)                                                                  \
    {                                                                                              \
        vx32_addr addr = addr_function(cpu, uop);                                                  \
        uint32_t a = vx_load_to_modify(cpu, uop, addr, size), b = vx_reg(cpu, uop->reg, size);     \
        vx_store_checked(cpu, addr, size, do_##name(&cpu->flags, a, b, size));                     \
        VX_NEXT(cpu, uop + 1);                                                                     \
    }

#define REPLACE_FORMS(name, OP, size)                                                              \
    HANDLER(OP, RM_REG, size)                                                                      \
    {                                                                                              \
        uint32_t a = vx_reg(cpu, uop->rm, size), b = vx_reg(cpu, uop->reg, size);                  \
        vx_set_reg(cpu, uop->rm, size, do_##name(&cpu->flags, a, b, size));                        \
        VX_NEXT(cpu, uop + 1);                                                                     \
    }                                                                                              \
    HANDLER(OP, REG_RM, size)                                                                      \
    {                                                                                              \
        uint32_t a = vx_reg(cpu, uop->reg, size), b = vx_reg(cpu, uop->rm, size);                  \
        vx_set_reg(cpu, uop->reg, size, do_##name(&cpu->flags, a, b, size));                       \
        VX_NEXT(cpu, uop + 1);                                                                     \
    }                                                                                              \
    HANDLER(OP, RM_IMM, size)                                                                      \
    {                                                                                              \
        uint32_t a = vx_reg(cpu, uop->rm, size), b = uop->immediate;                               \
        vx_set_reg(cpu, uop->rm, size, do_##name(&cpu->flags, a, b, size));                        \
        VX_NEXT(cpu, uop + 1);                                                                     \
    }                                                                                              \
    REPLACE_MEMORY(name, OP, REG_MEM, MEM_REG, size, vx_plain_addr)                                \
    REPLACE_MEMORY(name, OP, REG_BASE, BASE_REG, size, vx_base_addr)                               \
    HANDLER(OP, MEM_IMM, size)                                                                     \
    {                                                                                              \
        vx32_addr addr = vx_plain_addr(cpu, uop);                                                  \
        uint32_t a = vx_load_to_modify(cpu, uop, addr, size), b = uop->immediate;                  \
        vx_store_checked(cpu, addr, size, do_##name(&cpu->flags, a, b, size));                     \
        VX_NEXT(cpu, uop + 1);                                                                     \
    }

#define COMPARE_FORM(name, OP, form, size, first, second)                                          \
    HANDLER(OP, form, size)                                                                        \
    {                                                                                              \
        uint32_t a = first;                                                                        \
        uint32_t b = second;                                                                       \
        do_##name(&cpu->flags, a, b, size);                                                        \
        VX_NEXT(cpu, uop + 1);                                                                     \
    }
#define LOADED(size)  vx_load(cpu, uop, vx_plain_addr(cpu, uop), size)
#define AT_BASE(size) vx_load(cpu, uop, vx_base_addr(cpu, uop), size)
#define COMPARE_FORMS(name, OP, size)                                                              \
    COMPARE_FORM(name, OP, RM_REG, size, vx_reg(cpu, uop->rm, size), vx_reg(cpu, uop->reg, size))  \
    COMPARE_FORM(name, OP, REG_RM, size, vx_reg(cpu, uop->reg, size), vx_reg(cpu, uop->rm, size))  \
    COMPARE_FORM(name, OP, RM_IMM, size, vx_reg(cpu, uop->rm, size), uop->immediate)               \
    COMPARE_FORM(name, OP, REG_MEM, size, vx_reg(cpu, uop->reg, size), LOADED(size))               \
    COMPARE_FORM(name, OP, MEM_REG, size, LOADED(size), vx_reg(cpu, uop->reg, size))               \
    COMPARE_FORM(name, OP, REG_BASE, size, vx_reg(cpu, uop->reg, size), AT_BASE(size))             \
    COMPARE_FORM(name, OP, BASE_REG, size, AT_BASE(size), vx_reg(cpu, uop->reg, size))             \
    COMPARE_FORM(name, OP, MEM_IMM, size, LOADED(size), uop->immediate)

#define REPLACE_SIZES(name, OP) SIZES(REPLACE_FORMS, name, OP)
#define COMPARE_SIZES(name, OP) SIZES(COMPARE_FORMS, name, OP)
REPLACING(REPLACE_SIZES)
COMPARING(COMPARE_SIZES)

/* Handlers of one operation and size, by form. */
#define ROW(OP, size)                                                                              \
    {                                                                                              \
        [VX_FORM_RM_REG] = run_##OP##_RM_REG_##size, [VX_FORM_REG_RM] = run_##OP##_REG_RM_##size,  \
        [VX_FORM_RM_IMM] = run_##OP##_RM_IMM_##size,                                               \
        [VX_FORM_MEM_REG] = run_##OP##_MEM_REG_##size,                                             \
        [VX_FORM_REG_MEM] = run_##OP##_REG_MEM_##size,                                             \
        [VX_FORM_MEM_IMM] = run_##OP##_MEM_IMM_##size,                                             \
        [VX_FORM_REG_BASE] = run_##OP##_REG_BASE_##size,                                           \
        [VX_FORM_BASE_REG] = run_##OP##_BASE_REG_##size,                                           \
    }
struct row {
    uint16_t operation;
    vx_handler *byte[VX_FORM_COUNT], *dword[VX_FORM_COUNT];
};
static const struct row rows[] = {
#define ENTRY(name, OP) {VX_OP_##OP, ROW(OP, 1), ROW(OP, 4)},
    REPLACING(ENTRY) COMPARING(ENTRY)
#undef ENTRY
};

static vx_handler *two_operand_handler(const struct vx_insn *insn)
{
    enum vx_form form = vx_form_of(insn);

    if (form == VX_FORM_OTHER)
        return NULL;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].operation == insn->operation)
            return vx_operand_nbytes(insn, 0) == 1 ? rows[i].byte[form] : rows[i].dword[form];
    return NULL;
}

/* ---- one operand, a register of 32 bits ---- */

static struct vx_uop *run_inc(struct vx_cpu *cpu, struct vx_uop *uop)
{
    cpu->general[uop->reg] = vx_inc(&cpu->flags, cpu->general[uop->reg], 4);
    VX_NEXT(cpu, uop + 1);
}

static struct vx_uop *run_dec(struct vx_cpu *cpu, struct vx_uop *uop)
{
    cpu->general[uop->reg] = vx_dec(&cpu->flags, cpu->general[uop->reg], 4);
    VX_NEXT(cpu, uop + 1);
}

static struct vx_uop *run_neg(struct vx_cpu *cpu, struct vx_uop *uop)
{
    cpu->general[uop->rm] = vx_sub(&cpu->flags, 0, cpu->general[uop->rm], 0, 4);
    VX_NEXT(cpu, uop + 1);
}

static struct vx_uop *run_neg_byte(struct vx_cpu *cpu, struct vx_uop *uop)
{
    uint32_t value = vx_reg(cpu, uop->rm, 1);

    vx_set_reg(cpu, uop->rm, 1, vx_sub(&cpu->flags, 0, value, 0, 1));
    VX_NEXT(cpu, uop + 1);
}

static struct vx_uop *run_not(struct vx_cpu *cpu, struct vx_uop *uop)
{
    cpu->general[uop->rm] = ~cpu->general[uop->rm];
    VX_NEXT(cpu, uop + 1);
}

static vx_handler *one_operand_handler(const struct vx_insn *insn)
{
    bool is_rm = vx_operand_kind(insn, 0) == VX_KIND_RM && !insn->has_memory;

    if (vx_operand_nbytes(insn, 0) != 4)
        return insn->operation == VX_OP_NEG && is_rm ? run_neg_byte : NULL;
    switch (insn->operation) {
    case VX_OP_INC: return vx_operand_kind(insn, 0) == VX_KIND_OPCODE_REG ? run_inc : NULL;
    case VX_OP_DEC: return vx_operand_kind(insn, 0) == VX_KIND_OPCODE_REG ? run_dec : NULL;
    case VX_OP_NEG: return is_rm ? run_neg : NULL;
    case VX_OP_NOT: return is_rm ? run_not : NULL;
    default: return NULL;
    }
}

/* ---- multiplication into a register ---- */

static inline uint32_t multiply(struct vx_cpu *cpu, uint32_t a, uint32_t b)
{
    int64_t product = (int64_t)(int32_t)a * (int32_t)b;
    uint32_t low = (uint32_t)(uint64_t)product;
    bool overflow = product != (int32_t)low;

    vx_set_result_of(&cpu->flags, low, 4);
    vx_set_carries(&cpu->flags, overflow, overflow, false);
    return low;
}

static struct vx_uop *run_imul_rm(struct vx_cpu *cpu, struct vx_uop *uop)
{
    cpu->general[uop->reg] = multiply(cpu, cpu->general[uop->reg], cpu->general[uop->rm]);
    VX_NEXT(cpu, uop + 1);
}

#define IMUL_MEMORY(form, addr_function)                                                           \
    static struct vx_uop *run_imul_##form(struct vx_cpu *cpu, struct vx_uop *uop)                  \
    {                                                                                              \
        uint32_t b = vx_load(cpu, uop, addr_function(cpu, uop), 4);                                \
                                                                                                   \
        cpu->general[uop->reg] = multiply(cpu, cpu->general[uop->reg], b);                         \
        VX_NEXT(cpu, uop + 1);                                                                     \
    }
IMUL_MEMORY(mem, vx_plain_addr)
IMUL_MEMORY(base, vx_base_addr)

static struct vx_uop *run_imul_rm_imm(struct vx_cpu *cpu, struct vx_uop *uop)
{
    cpu->general[uop->reg] = multiply(cpu, cpu->general[uop->rm], uop->immediate);
    VX_NEXT(cpu, uop + 1);
}

static vx_handler *multiply_handler(const struct vx_insn *insn)
{
    bool three = vx_operand_kind(insn, 2) != VX_KIND_NONE;

    if (insn->has_memory)
        return three ? NULL : insn->index == VX_NO_REGISTER ? run_imul_base : run_imul_mem;
    return three ? run_imul_rm_imm : run_imul_rm;
}

vx_handler *vx_special_arith(const struct vx_insn *insn)
{
    vx_handler *handler;

    if (insn->operation == VX_OP_IMUL2)
        return multiply_handler(insn);
    handler = two_operand_handler(insn);
    return handler ? handler : one_operand_handler(insn);
}

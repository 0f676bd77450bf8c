/* SPDX-License-Identifier: MIT */
/* Special handlers of moves: registers, memory, and the stack. */
#include "operand.h"
#include "special.h"

/* ---- mov of 1 and 4 bytes, and of 2 bytes to memory ---- */

#define MOV_FORMS(size)                                                                            \
    static struct vx_uop *run_mov_rm_reg_##size(struct vx_cpu *cpu, struct vx_uop *uop)            \
    {                                                                                              \
        vx_set_reg(cpu, uop->rm, size, vx_reg(cpu, uop->reg, size));                               \
        VX_NEXT(cpu, uop + 1);                                                                     \
    }                                                                                              \
    static struct vx_uop *run_mov_reg_rm_##size(struct vx_cpu *cpu, struct vx_uop *uop)            \
    {                                                                                              \
        vx_set_reg(cpu, uop->reg, size, vx_reg(cpu, uop->rm, size));                               \
        VX_NEXT(cpu, uop + 1);                                                                     \
    }                                                                                              \
    static struct vx_uop *run_mov_rm_imm_##size(struct vx_cpu *cpu, struct vx_uop *uop)            \
    {                                                                                              \
        vx_set_reg(cpu, uop->rm, size, uop->immediate);                                            \
        VX_NEXT(cpu, uop + 1);                                                                     \
    }                                                                                              \
    static struct vx_uop *run_mov_mem_imm_##size(struct vx_cpu *cpu, struct vx_uop *uop)           \
    {                                                                                              \
        vx_store(cpu, uop, vx_plain_addr(cpu, uop), size, uop->immediate);                         \
        VX_NEXT(cpu, uop + 1);                                                                     \
    }
#define MOV_MEMORY(size, form, addr_function)                                                      \
    static struct vx_uop *run_mov_reg_##form##_##size(struct vx_cpu *cpu, struct vx_uop *uop)      \
    {                                                                                              \
        uint32_t value = vx_load(cpu, uop, addr_function(cpu, uop), size);                         \
        vx_set_reg(cpu, uop->reg, size, value);                                                    \
        VX_NEXT(cpu, uop + 1);                                                                     \
    }                                                                                              \
    static struct vx_uop *run_mov_##form##_reg_##size(struct vx_cpu *cpu, struct vx_uop *uop)      \
    {                                                                                              \
        vx_store(cpu, uop, addr_function(cpu, uop), size, vx_reg(cpu, uop->reg, size));            \
        VX_NEXT(cpu, uop + 1);                                                                     \
    }
MOV_FORMS(1)
MOV_MEMORY(1, mem, vx_plain_addr)
MOV_MEMORY(1, base, vx_base_addr)
MOV_FORMS(4)
MOV_MEMORY(4, mem, vx_plain_addr)
MOV_MEMORY(4, base, vx_base_addr)

#define MOV_ROW(size)                                                                              \
    {                                                                                              \
        [VX_FORM_RM_REG] = run_mov_rm_reg_##size, [VX_FORM_REG_RM] = run_mov_reg_rm_##size,        \
        [VX_FORM_RM_IMM] = run_mov_rm_imm_##size, [VX_FORM_MEM_REG] = run_mov_mem_reg_##size,      \
        [VX_FORM_REG_MEM] = run_mov_reg_mem_##size, [VX_FORM_MEM_IMM] = run_mov_mem_imm_##size,    \
        [VX_FORM_REG_BASE] = run_mov_reg_base_##size,                                              \
        [VX_FORM_BASE_REG] = run_mov_base_reg_##size,                                              \
    }
static vx_handler *const mov_byte[VX_FORM_COUNT] = MOV_ROW(1);
static vx_handler *const mov_dword[VX_FORM_COUNT] = MOV_ROW(4);

/* The register in the opcode, an immediate of 4 bytes. */
static struct vx_uop *run_mov_opcode_reg_imm(struct vx_cpu *cpu, struct vx_uop *uop)
{
    cpu->general[uop->reg] = uop->immediate;
    VX_NEXT(cpu, uop + 1);
}

static vx_handler *mov_handler(const struct vx_insn *insn)
{
    unsigned nbytes = vx_operand_nbytes(insn, 0);
    enum vx_form form = vx_form_of(insn);

    if (vx_operand_kind(insn, 0) == VX_KIND_OPCODE_REG)
        return nbytes == 4 ? run_mov_opcode_reg_imm : NULL;
    if (form == VX_FORM_OTHER)
        return NULL;
    return nbytes == 1 ? mov_byte[form] : mov_dword[form];
}

/* ---- extensions to 32 bits ---- */

#define EXTENSION_MEMORY(name, size, extended, form, addr_function)                                \
    static struct vx_uop *run_##name##_##form##_##size(struct vx_cpu *cpu, struct vx_uop *uop)     \
    {                                                                                              \
        uint32_t value = vx_load(cpu, uop, addr_function(cpu, uop), size);                         \
        cpu->general[uop->reg] = extended;                                                         \
        VX_NEXT(cpu, uop + 1);                                                                     \
    }
#define EXTENSION(name, size, extended)                                                            \
    static struct vx_uop *run_##name##_reg_##size(struct vx_cpu *cpu, struct vx_uop *uop)          \
    {                                                                                              \
        uint32_t value = vx_reg(cpu, uop->rm, size);                                               \
        cpu->general[uop->reg] = extended;                                                         \
        VX_NEXT(cpu, uop + 1);                                                                     \
    }                                                                                              \
    EXTENSION_MEMORY(name, size, extended, mem, vx_plain_addr)                                     \
    EXTENSION_MEMORY(name, size, extended, base, vx_base_addr)
EXTENSION(movzx, 1, value)
EXTENSION(movzx, 2, value)
EXTENSION(movsx, 1, vx_sign_extend(value, 1))
EXTENSION(movsx, 2, vx_sign_extend(value, 2))

#define EXTENSION_ROW(name, size)                                                                  \
    {                                                                                              \
        [VX_FORM_REG_RM] = run_##name##_reg_##size, [VX_FORM_REG_MEM] = run_##name##_mem_##size,   \
        [VX_FORM_REG_BASE] = run_##name##_base_##size,                                             \
    }

static vx_handler *extension_handler(const struct vx_insn *insn)
{
    static vx_handler *const handlers[2][2][VX_FORM_COUNT] = {
        {EXTENSION_ROW(movzx, 1), EXTENSION_ROW(movzx, 2)},
        {EXTENSION_ROW(movsx, 1), EXTENSION_ROW(movsx, 2)},
    };
    bool is_signed = insn->operation == VX_OP_MOVSX, is_word = vx_operand_nbytes(insn, 1) == 2;
    enum vx_form form = vx_form_of_load(insn);

    return handlers[is_signed][is_word][form];
}

/* ---- addresses, conditions ---- */

static struct vx_uop *run_lea(struct vx_cpu *cpu, struct vx_uop *uop)
{
    cpu->general[uop->reg] = vx_plain_addr(cpu, uop);
    VX_NEXT(cpu, uop + 1);
}

static struct vx_uop *run_cmov_reg(struct vx_cpu *cpu, struct vx_uop *uop)
{
    if (vx_condition(&cpu->flags, uop->condition))
        cpu->general[uop->reg] = cpu->general[uop->rm];
    VX_NEXT(cpu, uop + 1);
}

static struct vx_uop *run_cmov_mem(struct vx_cpu *cpu, struct vx_uop *uop)
{
    uint32_t value = vx_load(cpu, uop, vx_plain_addr(cpu, uop), 4);

    if (vx_condition(&cpu->flags, uop->condition))
        cpu->general[uop->reg] = value;
    VX_NEXT(cpu, uop + 1);
}

static struct vx_uop *run_setcc(struct vx_cpu *cpu, struct vx_uop *uop)
{
    vx_set_reg(cpu, uop->rm, 1, vx_condition(&cpu->flags, uop->condition));
    VX_NEXT(cpu, uop + 1);
}

/* ---- stack ---- */

static struct vx_uop *run_push_reg(struct vx_cpu *cpu, struct vx_uop *uop)
{
    vx_push(cpu, uop, cpu->general[uop->reg], 4);
    VX_NEXT(cpu, uop + 1);
}

static struct vx_uop *run_push_imm(struct vx_cpu *cpu, struct vx_uop *uop)
{
    vx_push(cpu, uop, uop->immediate, 4);
    VX_NEXT(cpu, uop + 1);
}

static struct vx_uop *run_push_mem(struct vx_cpu *cpu, struct vx_uop *uop)
{
    vx_push(cpu, uop, vx_load(cpu, uop, vx_plain_addr(cpu, uop), 4), 4);
    VX_NEXT(cpu, uop + 1);
}

static struct vx_uop *run_pop_reg(struct vx_cpu *cpu, struct vx_uop *uop)
{
    uint32_t value = vx_load(cpu, uop, cpu->general[VX32_ESP], 4);

    cpu->general[VX32_ESP] += 4;
    cpu->general[uop->reg] = value;
    VX_NEXT(cpu, uop + 1);
}

static vx_handler *push_handler(const struct vx_insn *insn)
{
    switch (vx_operand_kind(insn, 0)) {
    case VX_KIND_OPCODE_REG: return run_push_reg;
    case VX_KIND_RM: return insn->has_memory ? run_push_mem : NULL;
    default: return run_push_imm;
    }
}

vx_handler *vx_special_move(const struct vx_insn *insn)
{
    switch (insn->operation) {
    case VX_OP_MOV: return mov_handler(insn);
    case VX_OP_MOVZX:
    case VX_OP_MOVSX: return extension_handler(insn);
    case VX_OP_LEA: return run_lea;
    case VX_OP_CMOVCC: return insn->has_memory ? run_cmov_mem : run_cmov_reg;
    case VX_OP_SETCC: return insn->has_memory ? NULL : run_setcc;
    case VX_OP_PUSH: return push_handler(insn);
    case VX_OP_POP: return vx_operand_kind(insn, 0) == VX_KIND_OPCODE_REG ? run_pop_reg : NULL;
    default: return NULL;
    }
}

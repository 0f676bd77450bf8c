/* SPDX-License-Identifier: MIT */
/* Chooses from the cases of the opcode table those that a program survives. */
#include "generate.h"
#include "cpu.h"
#include "insn/cases.h"

#include <stdlib.h>

enum { POOL_SEED = 1, REACH = 0x4000 };

/* What would trap soon, or change how everything behind it works. */
static bool is_excluded(unsigned operation)
{
    switch (operation) {
    case VX_OP_PUSH:
    case VX_OP_POP:
    case VX_OP_PUSHA:
    case VX_OP_POPA:
    case VX_OP_PUSHF:
    case VX_OP_POPF:
    case VX_OP_ENTER:
    case VX_OP_LEAVE:
    case VX_OP_MOV_GS:
    case VX_OP_BOUND:
    case VX_OP_INTO:
    case VX_OP_DIV:
    case VX_OP_IDIV:
    case VX_OP_AAM:
    case VX_OP_XLAT:
    case VX_OP_FLDCW:
    case VX_OP_FLDENV:
    case VX_OP_FRSTOR:
    case VX_OP_FXRSTOR:
    case VX_OP_LDMXCSR:
    case VX_OP_MASKMOVQ:
    case VX_OP_MASKMOVDQU:
    case VX_OP_STD: return true;
    default: return false;
    }
}

static bool names_kept_register(const struct vx_insn *insn, unsigned n)
{
    unsigned kind = vx_operand_kind(insn, n), reg;

    if (vx_operand_nbytes(insn, n) == 1)
        return false;
    if ((kind == VX_KIND_RM || kind == VX_KIND_RM_WORD) && !insn->has_memory)
        reg = insn->rm;
    else if (kind == VX_KIND_REG || kind == VX_KIND_OPCODE_REG)
        reg = insn->reg;
    else
        return false;
    return reg >= VX32_ESP;
}

static bool wants_alignment(const struct vx_insn *insn)
{
    for (unsigned n = 0; n < 3; n++) {
        unsigned letter = vx_opcodes[insn->slot].operand[n];

        if (letter == VX_O_W || letter == VX_O_M128 || letter == VX_O_M512)
            return true;
    }
    return false;
}

/* Whether the bits of a memory operand may lie far from its address. */
static bool is_far(const struct vx_insn *insn)
{
    return (insn->operation == VX_OP_BT || insn->operation == VX_OP_BTS ||
            insn->operation == VX_OP_BTR || insn->operation == VX_OP_BTC) &&
           vx_operand_kind(insn, 1) == VX_KIND_REG;
}

/* At [esi], [edi] or [esp] with a small displacement, or at the fixed address. */
static bool memory_is_near(const struct vx_insn *insn)
{
    int32_t displacement = (int32_t)insn->displacement;
    bool based = insn->base == VX32_ESI || insn->base == VX32_EDI;

    if (insn->index != VX_NO_REGISTER || is_far(insn))
        return false;
    if (wants_alignment(insn) && (displacement % 16 != 0 || insn->base == VX32_ESP))
        return false;
    if (insn->base == VX_NO_REGISTER)
        return true;
    if (insn->base == VX32_ESP)
        return displacement > -128 && displacement < 100;
    return based && displacement > -REACH && displacement < REACH;
}

static bool is_tame(const struct vx_insn *insn)
{
    if (vx_operations[insn->operation].class != VX_CLASS_PLAIN || is_excluded(insn->operation) ||
        (insn->prefixes & (VX_PREFIX_GS | VX_PREFIX_ADDRESS16)) != 0)
        return false;
    for (unsigned n = 0; n < 3; n++) {
        if (names_kept_register(insn, n))
            return false;
    }
    return !insn->has_memory || memory_is_near(insn);
}

bool pool_make(struct pool *pool)
{
    *pool = (struct pool){.tame_count = 0};
    if (!cases_make(&pool->program, POOL_SEED, NULL))
        return false;
    pool->tame = malloc(pool->program.case_count * sizeof *pool->tame);
    if (pool->tame == NULL)
        return false;
    for (size_t i = 0; i < pool->program.case_count; i++) {
        if (is_tame(&pool->program.cases[i].insn))
            pool->tame[pool->tame_count++] = &pool->program.cases[i];
    }
    return pool->tame_count != 0;
}

void pool_free(struct pool *pool)
{
    free(pool->tame);
    program_free(&pool->program);
}

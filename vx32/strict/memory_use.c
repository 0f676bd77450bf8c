/* SPDX-License-Identifier: MIT */
/* The memory operand by its letter and its operation, and what operations reach without one. */
#include "memory_use.h"

#include "interp/operand.h"
#include "vx32_abi.h"

enum operand_use { USE_NONE, USE_READ, USE_WRITE, USE_MOVE };

/* What an operation does with a memory operand in the first place. Others read theirs first. */
static enum operand_use use_of_first(unsigned operation)
{
    switch (operation) {
    case VX_OP_NOP: return USE_NONE;
    case VX_OP_MOV:
    case VX_OP_MOV_GS:
    case VX_OP_SETCC:
    case VX_OP_POP:
    case VX_OP_FST:
    case VX_OP_FSTP:
    case VX_OP_FIST:
    case VX_OP_FISTP:
    case VX_OP_FBSTP:
    case VX_OP_FNSTCW:
    case VX_OP_FNSTSW:
    case VX_OP_FNSTENV:
    case VX_OP_FNSAVE:
    case VX_OP_FXSAVE:
    case VX_OP_STMXCSR:
    case VX_OP_MOVNTPS:
    case VX_OP_MOVNTPD:
    case VX_OP_MOVNTDQ:
    case VX_OP_MOVNTQ:
    case VX_OP_MOVNTI: return USE_WRITE;
    default: return USE_READ;
    }
}

static bool moves_vector(unsigned operation)
{
    switch (operation) {
    case VX_OP_MOVD:
    case VX_OP_MOVQ:
    case VX_OP_MOVAPS:
    case VX_OP_MOVAPD:
    case VX_OP_MOVDQA:
    case VX_OP_MOVUPS:
    case VX_OP_MOVUPD:
    case VX_OP_MOVDQU:
    case VX_OP_MOVSS:
    case VX_OP_MOVSD:
    case VX_OP_MOVLPS:
    case VX_OP_MOVLPD:
    case VX_OP_MOVHPS:
    case VX_OP_MOVHPD: return true;
    default: return false;
    }
}

static bool is_bit_string(const struct vx_uop *uop, unsigned operation)
{
    return (operation == VX_OP_BT || operation == VX_OP_BTS || operation == VX_OP_BTR ||
            operation == VX_OP_BTC) &&
           vx_operands[vx_operand_letter(uop, 1)].kind == VX_KIND_REG;
}

/* What is done with the memory operand, which is the n-th. */
static enum operand_use use_of_operand(const struct vx_uop *uop, unsigned operation, unsigned n)
{
    if (vx_operand_letter(uop, n) == VX_O_M || is_bit_string(uop, operation))
        return USE_NONE;
    if (moves_vector(operation))
        return n == 0 ? USE_WRITE : USE_NONE;
    return n == 0 ? use_of_first(operation) : USE_READ;
}

static bool in_memory(const struct vx_uop *uop, unsigned n)
{
    switch (vx_operands[vx_operand_letter(uop, n)].kind) {
    case VX_KIND_MEMORY:
    case VX_KIND_OFFSET: return true;
    case VX_KIND_RM:
    case VX_KIND_RM_WORD:
    case VX_KIND_MMX_RM:
    case VX_KIND_XMM_RM: return vx_has_memory(uop);
    default: return false;
    }
}

/* POP counts from behind what it has popped. */
static struct vx_range operand_range(struct vx_cpu *cpu, const struct vx_uop *uop,
                                     unsigned operation, unsigned n)
{
    struct vx_range range = {vx_addr_of(cpu, uop), vx_nbytes_of(uop, n)};

    if (vx_operand_letter(uop, n) == VX_O_Ma)
        range.nbytes *= 2;
    if (operation == VX_OP_POP && uop->base == VX32_ESP)
        range.addr += range.nbytes;
    return range;
}

static void add_operand(struct vx_memory_use *use, struct vx_cpu *cpu, const struct vx_uop *uop,
                        unsigned operation)
{
    for (unsigned n = 0; n < 3; n++) {
        if (!in_memory(uop, n))
            continue;
        switch (use_of_operand(uop, operation, n)) {
        case USE_WRITE: use->write[0] = operand_range(cpu, uop, operation, n); break;
        case USE_READ: use->read[0] = operand_range(cpu, uop, operation, n); break;
        default: break;
        }
    }
}

/* ---- the stack ---- */

static void add_push(struct vx_memory_use *use, const struct vx_cpu *cpu, uint32_t nbytes)
{
    use->write[1] = (struct vx_range){cpu->general[VX32_ESP] - nbytes, nbytes};
}

static void add_stack(struct vx_memory_use *use, const struct vx_cpu *cpu, const struct vx_uop *uop,
                      unsigned operation)
{
    enum { GENERAL_COUNT = 8 };
    uint32_t nbytes = uop->operand_nbytes, esp = cpu->general[VX32_ESP];

    switch (operation) {
    case VX_OP_PUSH:
    case VX_OP_PUSHF: add_push(use, cpu, nbytes); break;
    case VX_OP_PUSHA: add_push(use, cpu, GENERAL_COUNT * nbytes); break;
    case VX_OP_ENTER:
    case VX_OP_CALL:
    case VX_OP_CALL_INDIRECT: add_push(use, cpu, 4); break;
    case VX_OP_POP:
    case VX_OP_POPF: use->read[1] = (struct vx_range){esp, nbytes}; break;
    case VX_OP_POPA: use->read[1] = (struct vx_range){esp, GENERAL_COUNT * nbytes}; break;
    case VX_OP_RET: use->read[1] = (struct vx_range){esp, 4}; break;
    case VX_OP_LEAVE: use->read[1] = (struct vx_range){cpu->general[VX32_EBP], nbytes}; break;
    default: break;
    }
}

/* ---- strings ---- */

static struct vx_range element(const struct vx_cpu *cpu, const struct vx_uop *uop, unsigned number)
{
    unsigned address_nbytes = uop->prefixes & VX_PREFIX_ADDRESS16 ? 2 : 4;
    bool repeats = (uop->prefixes & (VX_PREFIX_REPE | VX_PREFIX_REPNE)) != 0;

    if (repeats && vx_reg(cpu, VX32_ECX, address_nbytes) == 0)
        return (struct vx_range){0, 0};
    return (struct vx_range){vx_reg(cpu, number, address_nbytes), vx_nbytes_of(uop, 0)};
}

static void add_string(struct vx_memory_use *use, const struct vx_cpu *cpu,
                       const struct vx_uop *uop, unsigned operation)
{
    switch (operation) {
    case VX_OP_MOVS:
        use->copies = true;
        use->read[0] = element(cpu, uop, VX32_ESI);
        use->write[0] = element(cpu, uop, VX32_EDI);
        break;
    case VX_OP_CMPS:
        use->read[0] = element(cpu, uop, VX32_ESI);
        use->read[1] = element(cpu, uop, VX32_EDI);
        break;
    case VX_OP_LODS: use->read[0] = element(cpu, uop, VX32_ESI); break;
    case VX_OP_SCAS: use->read[0] = element(cpu, uop, VX32_EDI); break;
    case VX_OP_STOS: use->write[0] = element(cpu, uop, VX32_EDI); break;
    case VX_OP_MASKMOVQ:
    case VX_OP_MASKMOVDQU:
        use->write[0] = (struct vx_range){cpu->general[VX32_EDI], vx_vector_nbytes(uop, 0)};
        break;
    default: break;
    }
}

/* ---- the whole ---- */

/* A write that is asked for reads what is written. */
static void add_call(struct vx_memory_use *use, const struct vx_cpu *cpu)
{
    size_t nbytes = cpu->general[VX32_EDX];

    if (cpu->general[VX32_EAX] != VX32_SYS_WRITE)
        return;
    nbytes = vx_mem_accessible(cpu->mem, cpu->general[VX32_ECX], nbytes, VX32_ACCESS_READ);
    use->read[0] = (struct vx_range){cpu->general[VX32_ECX], (uint32_t)nbytes};
}

struct vx_memory_use vx_memory_use_of(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    unsigned operation = vx_opcodes[uop->slot].operation;
    struct vx_memory_use use = {0};

    if ((uop->prefixes & VX_PREFIX_GS) != 0 && !cpu->gs_valid)
        return use; /* it will trap */
    add_operand(&use, cpu, uop, operation);
    add_stack(&use, cpu, uop, operation);
    add_string(&use, cpu, uop, operation);
    if (operation == VX_OP_XLAT)
        use.read[0] = (struct vx_range){
            vx_linear(cpu, uop, cpu->general[VX32_EBX] + (cpu->general[VX32_EAX] & 0xff)), 1};
    if (operation == VX_OP_INT)
        add_call(&use, cpu);
    return use;
}

/* SPDX-License-Identifier: MIT */
/* Stacks, strings, dividends, saved states: what random values alone would rarely get right. */
#include "states_special.h"

#include "cpu.h"

#include <string.h>

#define COUNT(array) ((uint32_t)(sizeof(array) / sizeof(array)[0]))

static uint8_t *data_at(struct state *state, uint32_t addr)
{
    return state->data + (addr - DATA_ADDR);
}

static uint64_t get(const uint8_t *bytes, unsigned nbytes)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < nbytes; i++)
        value |= (uint64_t)bytes[i] << 8 * i;
    return value;
}

/* ---- the stack ---- */

enum stack_use { STACK_UNUSED, STACK_GROWS, STACK_SHRINKS };

static enum stack_use stack_use(unsigned operation)
{
    switch (operation) {
    case VX_OP_PUSH:
    case VX_OP_PUSHA:
    case VX_OP_PUSHF:
    case VX_OP_CALL:
    case VX_OP_CALL_INDIRECT:
    case VX_OP_ENTER: return STACK_GROWS;
    case VX_OP_POP:
    case VX_OP_POPA:
    case VX_OP_POPF:
    case VX_OP_RET:
    case VX_OP_LEAVE: return STACK_SHRINKS;
    default: return STACK_UNUSED;
    }
}

static void aim_stack(unsigned operation, unsigned number, struct random *r,
                      struct vx32_registers *registers)
{
    enum stack_use use = stack_use(operation);
    uint32_t *esp = &registers->general[VX32_ESP], *ebp = &registers->general[VX32_EBP];
    uint32_t near_end = random_below(r, 36);

    *esp = DATA_ADDR + 0x1400 + random_below(r, 0x800);
    *ebp = DATA_ADDR + 0x1400 + random_below(r, 0x200) * 4;
    if (number % 12 == 10)
        *esp = use == STACK_GROWS ? DATA_ADDR + near_end : DATA_ADDR + DATA_NBYTES - near_end;
    if (number % 12 == 11 && operation != VX_OP_POPF) /* its constants would set TF */
        *ebp = *esp = CONST_ADDR + 0x100;
    if (number % 24 == 9)
        *ebp = DATA_ADDR + DATA_NBYTES - near_end;
}

/* An address among the breakpoints before the cases. */
static uint32_t landing_addr(struct random *r)
{
    return TEXT_ADDR + random_below(r, 48);
}

/* ---- strings ---- */

static void aim_strings(const struct vx_insn *insn, unsigned number, struct random *r,
                        struct state *state)
{
    uint32_t *general = state->registers.general;
    bool repeats = insn->prefixes & (VX_PREFIX_REPE | VX_PREFIX_REPNE);
    bool down = state->registers.eflags & VX_DF;
    unsigned victim = random_one_in(r, 2) ? VX32_ESI : VX32_EDI;

    general[VX32_ESI] = DATA_ADDR + 0x400 + random_below(r, 0x200);
    general[VX32_EDI] = general[VX32_ESI] + random_below(r, 40) - 20;
    if (random_one_in(r, 2))
        general[VX32_EDI] = DATA_ADDR + 0x1800 + random_below(r, 0x200);
    if (repeats || random_one_in(r, 2))
        general[VX32_ECX] = random_one_in(r, 6) ? random_below(r, 200) : random_below(r, 14);
    if (number % 6 == 4)
        general[victim] = DATA_ADDR + PAGE_NBYTES - random_below(r, 12);
    if (number % 6 == 5)
        general[victim] = (down ? DATA_ADDR : DATA_ADDR + DATA_NBYTES - 16) + random_below(r, 16);
    if (number % 12 == 3)
        general[victim] = CONST_ADDR + 0x100 + random_below(r, 64);
    if (insn->prefixes & VX_PREFIX_ADDRESS16 && !random_one_in(r, 3))
        general[VX32_ECX] &= 0xffff0000;
}

/* So that comparisons go on for a while. */
static void make_runs(const struct vx_insn *insn, struct random *r, struct state *state)
{
    uint32_t esi = state->registers.general[VX32_ESI];

    if (random_one_in(r, 3))
        return;
    memset(state->data, 0x5a, sizeof state->data);
    if (insn->operation == VX_OP_SCAS)
        state->registers.general[VX32_EAX] = random_one_in(r, 2) ? 0x5a5a5a5a : 0x11223344;
    if (in_data(esi - 40, 80) && !random_one_in(r, 3))
        *data_at(state, esi - 40 + random_below(r, 80)) = 0x11;
}

/* ---- registers ---- */

static void choose_counter(struct random *r, uint32_t *ecx)
{
    static const uint32_t counters[] = {0, 1, 2, 0x10000, 0x10001, 0xffffffff, 0x8000};

    *ecx = counters[random_below(r, COUNT(counters))];
}

static void choose_shift_count(struct random *r, uint32_t *ecx)
{
    static const uint8_t counts[] = {0, 1, 2, 7, 8, 9, 15, 16, 17, 18, 24, 31, 32, 33, 255};

    *ecx = (*ecx & ~0xffu) | counts[random_below(r, COUNT(counts))];
}

static bool counts_by_cl(const struct vx_insn *insn)
{
    const uint8_t *operand = vx_opcodes[insn->slot].operand;

    return operand[1] == VX_O_CL || operand[2] == VX_O_CL;
}

static bool is_bit_string(const struct vx_insn *insn)
{
    bool is_bit = insn->operation == VX_OP_BT || insn->operation == VX_OP_BTS ||
                  insn->operation == VX_OP_BTR || insn->operation == VX_OP_BTC;

    return is_bit && insn->has_memory && vx_operand_kind(insn, 1) == VX_KIND_REG;
}

static void aim_byte_pointer(const struct vx_insn *insn, unsigned number, struct random *r,
                             struct vx32_registers *registers)
{
    uint32_t addr = DATA_ADDR + 0x300 + random_below(r, 0x800);

    if (number % 6 == 5)
        addr = DATA_ADDR + DATA_NBYTES - random_below(r, 20);
    if (number % 12 == 4)
        addr = CONST_ADDR + 0x100;
    if (insn->operation == VX_OP_XLAT)
        registers->general[VX32_EBX] = addr - (registers->general[VX32_EAX] & 0xff);
    else
        registers->general[VX32_EDI] = addr;
}

void special_registers(const struct test_case *c, unsigned number, struct random *r,
                       struct state *state)
{
    const struct vx_insn *insn = &c->insn;
    uint32_t *general = state->registers.general;

    if (stack_use(insn->operation) != STACK_UNUSED)
        aim_stack(insn->operation, number, r, &state->registers);
    if (counts_by_cl(insn))
        choose_shift_count(r, &general[VX32_ECX]);
    if (is_bit_string(insn) && !random_one_in(r, 6))
        general[insn->reg] = random_below(r, 2048) - 1024;
    if (vx_operations[insn->operation].class == VX_CLASS_STRING)
        aim_strings(insn, number, r, state);
    switch (insn->operation) {
    case VX_OP_JCXZ:
    case VX_OP_LOOP:
    case VX_OP_LOOPE:
    case VX_OP_LOOPNE: choose_counter(r, &general[VX32_ECX]); break;
    case VX_OP_XLAT:
    case VX_OP_MASKMOVQ:
    case VX_OP_MASKMOVDQU: aim_byte_pointer(insn, number, r, &state->registers); break;
    case VX_OP_INT: general[VX32_EAX] = 0xffff; break; /* no such call */
    default: break;
    }
}

/* ---- general operands that must go together ---- */

static uint32_t register_value(const uint32_t *general, unsigned number, unsigned nbytes)
{
    if (nbytes == 1)
        return general[number & 3] >> (number & 4 ? 8 : 0) & 0xff;
    return nbytes == 2 ? general[number] & 0xffff : general[number];
}

static bool first_operand(const struct vx_insn *insn, uint32_t addr, struct state *state,
                          uint32_t *value)
{
    unsigned nbytes = vx_operand_nbytes(insn, 0);

    if (insn->has_memory && !in_data(addr, nbytes))
        return false;
    *value = insn->has_memory ? (uint32_t)get(data_at(state, addr), nbytes)
                              : register_value(state->registers.general, insn->rm, nbytes);
    return true;
}

static bool uses_register(const struct vx_insn *insn, unsigned number)
{
    return insn->has_memory && (insn->base == number || insn->index == number);
}

static void put_part(uint32_t *general, unsigned nbytes, uint64_t value)
{
    if (nbytes == 1) {
        general[VX32_EAX] = (general[VX32_EAX] & 0xffff0000) | ((uint32_t)value & 0xffff);
    } else if (nbytes == 2) {
        general[VX32_EAX] = (general[VX32_EAX] & 0xffff0000) | ((uint32_t)value & 0xffff);
        general[VX32_EDX] = (general[VX32_EDX] & 0xffff0000) | ((uint32_t)(value >> 16) & 0xffff);
    } else {
        general[VX32_EAX] = (uint32_t)value;
        general[VX32_EDX] = (uint32_t)(value >> 32);
    }
}

/* A dividend with a quotient that fits, or nearly. */
static void choose_dividend(const struct vx_insn *insn, uint32_t addr, struct random *r,
                            struct state *state)
{
    unsigned nbytes = vx_operand_nbytes(insn, 0), bits = 8 * nbytes;
    int64_t divisor, quotient;
    uint32_t raw;

    if (random_one_in(r, 4) || uses_register(insn, VX32_EAX) || uses_register(insn, VX32_EDX) ||
        !first_operand(insn, addr, state, &raw) || raw == 0)
        return;
    if (insn->operation == VX_OP_DIV) {
        uint64_t high = random_next(r) % raw;

        put_part(state->registers.general, nbytes,
                 high << bits | (random_next(r) & ((UINT64_C(1) << bits) - 1)));
        return;
    }
    divisor = (int64_t)((uint64_t)raw << (64 - bits)) >> (64 - bits);
    quotient = (int64_t)((uint64_t)value_u32(r) << (64 - bits)) >> (64 - bits);
    if (random_one_in(r, 8))
        quotient = -(INT64_C(1) << (bits - 1)) - (random_one_in(r, 2) ? 1 : 0);
    put_part(state->registers.general, nbytes,
             (uint64_t)quotient * (uint64_t)divisor + (uint64_t)(divisor / 2) * random_below(r, 2));
}

static void choose_comparand(const struct vx_insn *insn, uint32_t addr, struct random *r,
                             struct state *state)
{
    uint32_t *general = state->registers.general, value;

    if (random_one_in(r, 2) || uses_register(insn, VX32_EAX) || uses_register(insn, VX32_EDX))
        return;
    if (insn->operation == VX_OP_CMPXCHG8B) {
        if (in_data(addr, 8))
            put_part(general, 4, get(data_at(state, addr), 8));
    } else if (first_operand(insn, addr, state, &value)) {
        uint32_t mask = UINT32_MAX >> (32 - 8 * vx_operand_nbytes(insn, 0));

        general[VX32_EAX] = (general[VX32_EAX] & ~mask) | value;
    }
}

static void choose_bounds(const struct vx_insn *insn, uint32_t addr, struct random *r,
                          struct state *state)
{
    unsigned nbytes = insn->operand_nbytes;

    if (!in_data(addr, 2 * nbytes) || random_one_in(r, 4))
        return;
    value_put(data_at(state, addr), random_below(r, 200) - 250, nbytes);
    value_put(data_at(state, addr) + nbytes, random_below(r, 200), nbytes);
    if (insn->reg != insn->base && insn->reg != insn->index)
        state->registers.general[insn->reg] = random_below(r, 500) - 250;
}

static void choose_target(const struct vx_insn *insn, uint32_t addr, struct random *r,
                          struct state *state)
{
    if (random_one_in(r, 8))
        return;
    if (!insn->has_memory)
        state->registers.general[insn->rm] = landing_addr(r);
    else if (in_data(addr, 4))
        value_put(data_at(state, addr), landing_addr(r), 4);
}

/*
 * TF would trap behind the instruction, RF and NT do not exist in the guest, and ptrace cannot take
 * back a change of ID.
 */
static void choose_eflags(const struct vx_insn *insn, struct random *r, struct state *state)
{
    uint32_t esp = state->registers.general[VX32_ESP];

    if (in_data(esp, insn->operand_nbytes))
        value_put(data_at(state, esp), random_next(r) & ~UINT64_C(0x214100), insn->operand_nbytes);
}

/* ---- saved states ---- */

static void put_environment(uint8_t *bytes, struct random *r)
{
    value_put(bytes, random_x87_control(r), 2);
    value_put(bytes + 4, random_next(r) & (random_one_in(r, 3) ? 0xffff : 0x7f40), 2);
}

static void put_fxsave(uint8_t *bytes, struct random *r)
{
    value_put(bytes, random_x87_control(r), 2);
    value_put(bytes + 2, random_next(r) & (random_one_in(r, 3) ? 0xffff : 0x7f40), 2);
    value_put(bytes + 24, random_mxcsr(r) | (random_one_in(r, 8) ? 0x10000 : 0), 4);
}

static void put_saved(const struct vx_insn *insn, uint8_t *bytes, struct random *r)
{
    switch (insn->operation) {
    case VX_OP_FLDCW: value_put(bytes, random_x87_control(r), 2); break;
    case VX_OP_LDMXCSR:
        value_put(bytes, random_one_in(r, 4) ? random_next(r) : random_mxcsr(r), 4);
        break;
    case VX_OP_FLDENV:
    case VX_OP_FRSTOR: put_environment(bytes, r); break;
    case VX_OP_FXRSTOR: put_fxsave(bytes, r); break;
    default: value_put(bytes, random_one_in(r, 4) ? 0x10 : VX_GS_SELECTOR, 2); break;
    }
}

static void choose_saved(const struct vx_insn *insn, uint32_t addr, struct random *r,
                         struct state *state)
{
    unsigned nbytes = insn->operation == VX_OP_MOV_GS ? 2 : vx_operand_nbytes(insn, 0);

    if (insn->has_memory && in_data(addr, nbytes))
        put_saved(insn, data_at(state, addr), r);
    if (!insn->has_memory)
        state->registers.general[insn->rm] = random_one_in(r, 4) ? 0x10 : VX_GS_SELECTOR;
}

void special_contents(const struct test_case *c, uint32_t addr, struct random *r,
                      struct state *state)
{
    const struct vx_insn *insn = &c->insn;
    uint32_t esp = state->registers.general[VX32_ESP];

    switch (insn->operation) {
    case VX_OP_DIV:
    case VX_OP_IDIV: choose_dividend(insn, addr, r, state); break;
    case VX_OP_CMPXCHG:
    case VX_OP_CMPXCHG8B: choose_comparand(insn, addr, r, state); break;
    case VX_OP_BOUND: choose_bounds(insn, addr, r, state); break;
    case VX_OP_JMP_INDIRECT:
    case VX_OP_CALL_INDIRECT: choose_target(insn, addr, r, state); break;
    case VX_OP_CMPS:
    case VX_OP_SCAS: make_runs(insn, r, state); break;
    case VX_OP_POPF: choose_eflags(insn, r, state); break;
    case VX_OP_RET:
        if (in_data(esp, 4) && !random_one_in(r, 8))
            value_put(data_at(state, esp), landing_addr(r), 4);
        break;
    case VX_OP_FLDCW:
    case VX_OP_LDMXCSR:
    case VX_OP_FLDENV:
    case VX_OP_FRSTOR:
    case VX_OP_FXRSTOR:
    case VX_OP_MOV_GS: choose_saved(insn, addr, r, state); break;
    default: break;
    }
}

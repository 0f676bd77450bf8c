/* SPDX-License-Identifier: MIT */
/* Fills registers and memory with values that fit the operands of a case. */
#include "states.h"

#include "cpu.h"
#include "states_special.h"

#include <string.h>

/* ---- what the row works on ---- */

static bool contains(const char *text, const char *part)
{
    return strstr(text, part) != NULL;
}

static enum flavour flavour_of(const struct test_case *c, struct random *r)
{
    const char *name = vx_operations[c->insn.operation].mnemonic;

    if (random_one_in(r, 8) || contains(name, "cvt"))
        return (enum flavour)random_below(r, 3);
    if (contains(name, "ps") || contains(name, "ss"))
        return FLAVOUR_F32;
    if (contains(name, "pd") || contains(name, "sd"))
        return FLAVOUR_F64;
    return FLAVOUR_INTEGER;
}

static enum flavour memory_flavour(const struct test_case *c, enum flavour otherwise)
{
    if (c->insn.operation == VX_OP_FBLD)
        return FLAVOUR_BCD;
    switch (vx_opcodes[c->insn.slot].operand[0]) {
    case VX_O_F32: return FLAVOUR_F32;
    case VX_O_F64: return FLAVOUR_F64;
    case VX_O_F80: return FLAVOUR_F80;
    default: return otherwise;
    }
}

static bool is_memory_kind(unsigned kind)
{
    return kind == VX_KIND_RM || kind == VX_KIND_RM_WORD || kind == VX_KIND_MEMORY ||
           kind == VX_KIND_OFFSET || kind == VX_KIND_MMX_RM || kind == VX_KIND_XMM_RM;
}

static unsigned memory_letter(const struct vx_insn *insn, unsigned *nbytes)
{
    for (unsigned n = 0; n < 3; n++) {
        unsigned letter = vx_opcodes[insn->slot].operand[n];

        if (!is_memory_kind(vx_operands[letter].kind))
            continue;
        *nbytes = vx_operand_nbytes(insn, n);
        return letter;
    }
    *nbytes = 1;
    return VX_O_NONE;
}

unsigned state_operand_nbytes(const struct vx_insn *insn)
{
    unsigned nbytes, letter = memory_letter(insn, &nbytes);

    return letter == VX_O_Ma ? 2 * nbytes : letter == VX_O_M ? 1 : nbytes;
}

/* ---- x87, SSE ---- */

uint16_t random_x87_control(struct random *r)
{
    static const uint8_t precisions[] = {3, 3, 3, 0, 2};
    unsigned precision = precisions[random_below(r, 5)];
    unsigned masks = random_below(r, 3) ? 0x3f : random_below(r, 64);

    return (uint16_t)(0x40 | masks | precision << 8 | random_below(r, 4) << 10);
}

uint32_t random_mxcsr(struct random *r)
{
    uint32_t masks = random_below(r, 4) ? 0x3f : random_below(r, 64);
    uint32_t flags = random_below(r, 3) ? 0 : random_below(r, 64);
    uint32_t zeros = random_one_in(r, 5) ? random_below(r, 4) : 0;

    return flags | (zeros & 1) << 6 | masks << 7 | random_below(r, 4) << 13 | (zeros >> 1) << 15;
}

static unsigned random_empty(struct random *r, unsigned top)
{
    unsigned relative;

    switch (random_below(r, 5)) {
    case 0:
    case 1: return 0;
    case 2: relative = 0xf0; break;
    case 3: relative = 0xfc; break;
    default: return random_below(r, 256);
    }
    return (relative << top | relative >> (8 - top)) & 0xff;
}

static void make_x87(struct random *r, struct vx32_registers *registers)
{
    unsigned top = random_below(r, 8), flags = random_below(r, 3) ? 0 : random_below(r, 64);
    unsigned empty = random_empty(r, top), status;

    registers->x87_control = random_x87_control(r);
    if (!random_one_in(r, 12)) /* else an exception may be pending */
        flags &= registers->x87_control;
    status = flags | (flags & 1 && random_one_in(r, 2) ? (unsigned)VX_X87_STACK_FAULT : 0);
    status |= (unsigned)random_next(r) & VX_X87_CONDITIONS;
    if (flags & ~registers->x87_control & 0x3f)
        status |= VX_X87_SUMMARY;
    registers->x87_status = (uint16_t)(status | top << 11);
    registers->x87_tag = 0;
    for (unsigned i = 0; i < 8; i++) {
        value_f80(r, registers->st[i]);
        registers->x87_tag |= (uint16_t)((empty >> i & 1 ? 3 : 0) << 2 * i);
    }
}

static void make_mmx(struct random *r, struct vx32_registers *registers)
{
    for (unsigned i = 0; i < 8; i++) {
        value_fill(r, FLAVOUR_INTEGER, registers->st[i], 8);
        memset(registers->st[i] + 8, 0xff, 2);
    }
}

static void make_registers(const struct test_case *c, struct random *r,
                           struct vx32_registers *registers)
{
    enum flavour flavour = flavour_of(c, r);

    for (int i = 0; i < 8; i++)
        registers->general[i] = value_u32(r);
    if (!random_one_in(r, 4))
        registers->general[VX32_ESP] = DATA_ADDR + 0x1400 + random_below(r, 0x200) * 4;
    registers->eflags = (uint32_t)random_next(r) & (VX_STATUS_FLAGS | VX_DF);
    registers->eflags |= VX_EFLAGS_ALWAYS;
    registers->eip = c->insn.addr;
    make_x87(r, registers);
    if (c->insn.slot < VX_SLOT_X87_MEMORY && random_one_in(r, 2))
        make_mmx(r, registers);
    value_fill(r, flavour, registers->xmm[0], sizeof registers->xmm);
    registers->mxcsr = random_mxcsr(r);
}

/* ---- the memory operand ---- */

uint32_t state_operand_addr(const struct vx_insn *insn, const struct vx32_registers *registers)
{
    uint32_t offset = insn->displacement;

    if (insn->base != VX_NO_REGISTER)
        offset += registers->general[insn->base];
    if (insn->index != VX_NO_REGISTER)
        offset += registers->general[insn->index] << insn->shift;
    if (insn->operation == VX_OP_POP && insn->base == VX32_ESP)
        offset += insn->operand_nbytes;
    if (insn->prefixes & VX_PREFIX_ADDRESS16)
        offset &= 0xffff;
    return offset + (insn->prefixes & VX_PREFIX_GS ? GS_BASE_ADDR : 0u);
}

/* Chooses registers so that the operand comes to lie at `wanted`, where its form allows that. */
static void aim(const struct vx_insn *insn, uint32_t wanted, struct random *r,
                struct vx32_registers *registers)
{
    if (insn->base != VX_NO_REGISTER && insn->base != insn->index)
        registers->general[insn->base] += wanted - state_operand_addr(insn, registers);
    else if (insn->index != VX_NO_REGISTER)
        registers->general[insn->index] = random_below(r, 16) * 16;
}

static bool wants_alignment(unsigned letter)
{
    return letter == VX_O_W || letter == VX_O_M128 || letter == VX_O_M512;
}

static uint32_t inside(struct random *r, unsigned nbytes)
{
    return DATA_ADDR + 0x200 + random_below(r, 0xd00 - nbytes);
}

/* An address of the kind that the number asks for: most are good, some are not. */
static uint32_t choose_addr(const struct vx_insn *insn, unsigned number, struct random *r)
{
    static const uint32_t unmapped[] = {
        DATA_ADDR + DATA_NBYTES, DATA_ADDR - 16, 0, 0xfff0, 0x7ffffff0,
        CONST_ADDR - 16,         0x20000000};
    unsigned nbytes, letter = memory_letter(insn, &nbytes);
    uint32_t addr;

    nbytes = state_operand_nbytes(insn);
    switch (number % 9) {
    case 5: /* across two pages, or not aligned where it must be */
        addr = DATA_ADDR + PAGE_NBYTES - random_below(r, nbytes + 1);
        return wants_alignment(letter) && random_one_in(r, 2) ? inside(r, nbytes) : addr;
    case 6: /* across the end */ addr = DATA_ADDR + DATA_NBYTES - random_below(r, nbytes); break;
    case 7: addr = CONST_ADDR + 0x20 + random_below(r, 0x800); break;
    case 8: addr = unmapped[random_below(r, 7)]; break;
    default: addr = inside(r, nbytes); break;
    }
    return wants_alignment(letter) ? addr & ~15u : addr;
}

/* ---- all of it ---- */

static void fill_data(struct random *r, uint8_t *data)
{
    for (size_t i = 0; i < DATA_NBYTES; i += 8)
        value_put(data + i, random_next(r), 8);
}

void state_make(const struct test_case *c, unsigned number, struct random *r, struct state *state)
{
    const struct vx_insn *insn = &c->insn;
    unsigned nbytes = state_operand_nbytes(insn);
    enum flavour flavour = memory_flavour(c, flavour_of(c, r));
    uint32_t addr = 0;

    make_registers(c, r, &state->registers);
    fill_data(r, state->data);
    special_registers(c, number, r, state);
    if (insn->has_memory) {
        if (insn->operation != VX_OP_LEA || number % 9 < 4)
            aim(insn, choose_addr(insn, number, r), r, &state->registers);
        addr = state_operand_addr(insn, &state->registers);
        if (in_data(addr, nbytes))
            value_fill(r, flavour, state->data + (addr - DATA_ADDR), nbytes);
    }
    special_contents(c, addr, r, state);
}

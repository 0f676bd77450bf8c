/* SPDX-License-Identifier: MIT */
/* How a row of the opcode table is written as bytes. */
#include "cases.h"

#include "print.h"
#include "values.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The opcode of a row, and what it leaves open. */
struct shape {
    unsigned slot;
    uint8_t opcode[3]; /* mandatory prefix first, where there is one */
    unsigned opcode_nbytes;
    bool has_modrm;
    int reg;                       /* -1: any */
    int modrm;                     /* -1: not fixed */
    bool may_register, may_memory; /* what ModRM may say */
};

struct maker {
    struct program *program;
    struct random random;
    struct shape shape;
    uint8_t prefixes[4];
    unsigned prefix_count, skip;
    bool address16;
    unsigned turn; /* of the cases of this row: choices go round with it */
    bool failed;
};

/* ---- the row as an opcode ---- */

bool cases_is_row(unsigned slot)
{
    return vx_opcodes[slot].operation != VX_OP_REJECT &&
           vx_opcodes[slot].operation != VX_OP_IN_GROUP;
}

void cases_row_text(unsigned slot, char *text, size_t text_nbytes)
{
    static const char *const families[] = {"", "0F ", "66 0F ", "F3 0F ", "F2 0F "};
    const struct vx_opcode *row = &vx_opcodes[slot];
    char place[24];

    if (slot < VX_SLOT_F3NOP)
        (void)snprintf(place, sizeof place, "%s%02X", families[slot / 256], slot % 256);
    else
        (void)snprintf(place, sizeof place, "slot %u", slot);
    (void)snprintf(text, text_nbytes, "%s %s,%s,%s (%s)", vx_operations[row->operation].mnemonic,
                   vx_operands[row->operand[0]].name, vx_operands[row->operand[1]].name,
                   vx_operands[row->operand[2]].name, place);
}

static void put_opcode(struct shape *shape, unsigned slot)
{
    static const uint8_t mandatory[] = {0, 0, 0x66, 0xf3, 0xf2};
    unsigned n = 0;

    if (slot == VX_SLOT_F3NOP) {
        shape->opcode[n++] = 0xf3;
        shape->opcode[n++] = 0x90;
    } else {
        if (mandatory[slot / 256])
            shape->opcode[n++] = mandatory[slot / 256];
        if (slot >= VX_SLOT_0F)
            shape->opcode[n++] = 0x0f;
        shape->opcode[n++] = (uint8_t)slot;
    }
    shape->opcode_nbytes = n;
}

static void shape_group(struct shape *shape, unsigned slot)
{
    unsigned group = (slot - VX_SLOT_GROUP) / 16, parent = 0;

    while (vx_opcodes[parent].operation != VX_OP_IN_GROUP || vx_opcodes[parent].group != group)
        parent++;
    put_opcode(shape, parent);
    shape->has_modrm = true;
    shape->reg = (int)(slot - VX_SLOT_GROUP) % 8;
    shape->may_register = (slot - VX_SLOT_GROUP) % 16 >= 8;
    shape->may_memory = !shape->may_register;
}

static void shape_x87(struct shape *shape, unsigned slot)
{
    bool memory = slot < VX_SLOT_X87_STI, exact = slot >= VX_SLOT_X87_EXACT;
    unsigned place = slot - (memory  ? VX_SLOT_X87_MEMORY
                             : exact ? VX_SLOT_X87_EXACT
                                     : VX_SLOT_X87_STI);

    shape->opcode[0] = (uint8_t)(0xd8 + place / (exact ? 64 : 8));
    shape->opcode_nbytes = 1;
    shape->has_modrm = true;
    shape->may_memory = memory;
    shape->may_register = !memory;
    if (exact)
        shape->modrm = 0xc0 + (int)place % 64;
    else
        shape->reg = (int)place % 8;
}

static void shape_operand(struct shape *shape, unsigned kind)
{
    switch (kind) {
    case VX_KIND_RM:
    case VX_KIND_RM_WORD:
    case VX_KIND_MMX_RM:
    case VX_KIND_XMM_RM:
        shape->may_register = shape->may_memory = true;
        shape->has_modrm = true;
        break;
    case VX_KIND_MEMORY: shape->may_memory = shape->has_modrm = true; break;
    case VX_KIND_MMX_ONLY:
    case VX_KIND_XMM_ONLY: shape->may_register = shape->has_modrm = true; break;
    default: break;
    }
}

static struct shape shape_of(unsigned slot)
{
    struct shape shape = {.slot = slot, .reg = -1, .modrm = -1};

    if (slot >= VX_SLOT_X87_MEMORY) {
        shape_x87(&shape, slot);
    } else if (slot >= VX_SLOT_GROUP) {
        shape_group(&shape, slot);
        if (vx_opcodes[slot].operand[0] == VX_O_U3)
            shape.modrm = 0xc3 | shape.reg << 3;
    } else {
        put_opcode(&shape, slot);
        for (int i = 0; i < 3; i++)
            shape_operand(&shape, vx_operands[vx_opcodes[slot].operand[i]].kind);
    }
    return shape;
}

/* ---- the parts of one encoding ---- */

struct writer {
    uint8_t bytes[24];
    unsigned nbytes;
};

static void put(struct writer *w, uint64_t value, unsigned nbytes)
{
    value_put(w->bytes + w->nbytes, value, nbytes);
    w->nbytes += nbytes;
}

/* An address inside the data for forms whose registers cannot be chosen freely. */
enum { FIXED_ADDR = DATA_ADDR + 0x400 };

/*
 * The addressing modes, each by turns. Where the state generator can choose the base it will; the
 * others carry FIXED_ADDR, and the generator keeps their registers small.
 */
static void put_memory32(struct maker *m, struct writer *w, unsigned reg)
{
    static const uint8_t plain_bases[] = {0, 1, 2, 3, 6, 7};
    unsigned base = plain_bases[random_below(&m->random, 6)];
    unsigned index = plain_bases[(base + 1 + random_below(&m->random, 4)) % 6];
    unsigned scale = random_below(&m->random, 4);
    uint64_t disp = random_next(&m->random);

    if (index == base)
        index = m->turn % 9 == 8 ? VX32_EAX : VX32_EBP;
    switch (m->turn % 9) {
    case 0: put(w, reg << 3 | base, 1); break;
    case 1: put(w, 0x05 | reg << 3, 1), put(w, FIXED_ADDR, 4); break;
    case 2: put(w, 0x40 | reg << 3 | base, 1), put(w, disp, 1); break;
    case 3: put(w, 0x44 | reg << 3, 1), put(w, 0x24, 1), put(w, disp, 1); break;
    case 4: put(w, 0x80 | reg << 3 | base, 1), put(w, disp, 4); break;
    case 5: put(w, 0x04 | reg << 3, 1), put(w, scale << 6 | index << 3 | base, 1); break;
    case 6:
        put(w, 0x04 | reg << 3, 1), put(w, scale << 6 | index << 3 | 5, 1), put(w, FIXED_ADDR, 4);
        break;
    case 7:
        put(w, 0x84 | reg << 3, 1), put(w, scale << 6 | base << 3 | base, 1);
        put(w, FIXED_ADDR, 4);
        break;
    default:
        put(w, 0x44 | reg << 3, 1), put(w, scale << 6 | index << 3 | 5, 1), put(w, disp, 1);
        break;
    }
}

static void put_memory16(struct maker *m, struct writer *w, unsigned reg)
{
    unsigned mod = random_below(&m->random, 3), rm = random_below(&m->random, 8);

    put(w, mod << 6 | reg << 3 | rm, 1);
    put(w, random_next(&m->random), mod == 0 && rm == 6 ? 2 : mod);
}

static void put_modrm(struct maker *m, struct writer *w, bool memory)
{
    static const uint8_t pairs[][2] = {{0, 1}, {1, 0}, {3, 3}, {4, 5}, {5, 4},
                                       {7, 6}, {2, 7}, {6, 2}, {0, 0}};
    const uint8_t *pair = pairs[m->turn % 9];
    unsigned reg = m->shape.reg >= 0 ? (unsigned)m->shape.reg : pair[0];
    unsigned rm = pair[1];

    if (vx_opcodes[m->shape.slot].operand[0] == VX_O_GS)
        rm = 0;
    if (m->shape.slot >= VX_SLOT_X87_STI)
        rm = m->turn % 8;
    if (vx_opcodes[m->shape.slot].operand[0] == VX_O_NONE && m->shape.slot < VX_SLOT_X87_MEMORY)
        rm = 0; /* the fences: other numbers are reserved */
    if (m->shape.modrm >= 0)
        put(w, (unsigned)m->shape.modrm, 1);
    else if (!memory)
        put(w, 0xc0 | reg << 3 | rm, 1);
    else if (m->address16)
        put_memory16(m, w, reg);
    else
        put_memory32(m, w, reg);
}

static bool is_shift_count(const struct vx_opcode *row)
{
    return vx_operations[row->operation].sure == 0;
}

static uint64_t immediate(struct maker *m, unsigned kind, unsigned operation)
{
    static const uint32_t edges[] = {0,      1,      0xffffffff, 0x7f,       0x80,      0x7fff,
                                     0x8000, 0x7fff, 0x7fffffff, 0x80000000, 0x01020304};
    static const uint8_t counts[] = {0, 1, 7, 8, 15, 16, 17, 31, 32, 33, 255, 9, 24};

    if (kind == VX_KIND_PREDICATE)
        return m->turn % 8;
    if (operation == VX_OP_ENTER)
        return m->turn % 4 == 3 ? 0x20 : m->turn % 4;
    if (operation == VX_OP_RET)
        return m->turn % 5 * 4 + (m->turn & 1);
    if (operation == VX_OP_INT)
        return 0x80;
    if (is_shift_count(&vx_opcodes[m->shape.slot]))
        return counts[m->turn % 13];
    if (operation == VX_OP_AAM || operation == VX_OP_AAD)
        return m->turn % 3 == 0 ? 10 : random_next(&m->random) >> (m->turn % 4 ? 8 : 62);
    if (m->turn < 11)
        return edges[m->turn];
    return random_next(&m->random);
}

/* Branch targets stay among the breakpoints of the case's own slot. */
static uint64_t relative(const struct maker *m)
{
    static const int8_t offsets[] = {5, 0, 12, -20, 1};

    return (uint64_t)(int64_t)offsets[m->turn % 5];
}

static void put_operand(struct maker *m, struct writer *w, unsigned letter, bool operand16)
{
    unsigned kind = vx_operands[letter].kind, nbytes = vx_operands[letter].nbytes;
    unsigned operation = vx_opcodes[m->shape.slot].operation;

    if (nbytes == 0)
        nbytes = operand16 ? 2 : 4;
    switch (kind) {
    case VX_KIND_IMMEDIATE:
    case VX_KIND_PREDICATE: put(w, immediate(m, kind, operation), nbytes); break;
    case VX_KIND_IMMEDIATE_SIGNED: put(w, immediate(m, kind, operation), 1); break;
    case VX_KIND_RELATIVE: put(w, relative(m), nbytes); break;
    case VX_KIND_OFFSET:
        put(w, m->address16 ? random_next(&m->random) : FIXED_ADDR, m->address16 ? 2 : 4);
        break;
    default: break;
    }
}

/* ---- one case ---- */

static struct test_case *add_case(struct program *program)
{
    if (program->case_count == program->case_room) {
        size_t room = program->case_room ? program->case_room * 2 : 4096;
        struct test_case *cases = realloc(program->cases, room * sizeof *cases);

        if (cases == NULL)
            return NULL;
        program->cases = cases;
        program->case_room = room;
    }
    return &program->cases[program->case_count++];
}

static bool decodes_to(struct maker *m, const struct writer *w, struct vx_insn *insn)
{
    char row[80];

    if (vx_decode(w->bytes, w->nbytes, case_addr(m->program->case_count), insn) == VX_DECODE_OK &&
        insn->slot == m->shape.slot && insn->nbytes == w->nbytes)
        return true;
    cases_row_text(m->shape.slot, row, sizeof row);
    fprintf(stderr, "test_insn: %s: not decoded as such:", row);
    for (unsigned i = 0; i < w->nbytes; i++)
        fprintf(stderr, " %02x", w->bytes[i]);
    fprintf(stderr, "\n");
    m->failed = true;
    return false;
}

static void make_case(struct maker *m, bool memory)
{
    const struct vx_opcode *row = &vx_opcodes[m->shape.slot];
    struct writer w = {.nbytes = 0};
    bool operand16 = false;
    struct test_case *c;
    struct vx_insn insn;

    for (unsigned i = 0; i < m->prefix_count; i++) {
        put(&w, m->prefixes[i], 1);
        operand16 |= m->prefixes[i] == 0x66;
    }
    for (unsigned i = 0; i < m->shape.opcode_nbytes; i++)
        put(&w, m->shape.opcode[i], 1);
    if (m->shape.has_modrm)
        put_modrm(m, &w, memory);
    for (int i = 0; i < 3; i++)
        put_operand(m, &w, row->operand[i], operand16);
    m->turn++;
    if (!decodes_to(m, &w, &insn))
        return;
    c = add_case(m->program);
    if (c == NULL) {
        m->failed = true;
        return;
    }
    *c = (struct test_case){.insn = insn, .hardware_skip = (uint8_t)m->skip};
    memcpy(c->bytes, w.bytes, w.nbytes);
}

/* ---- all cases of a row ---- */

static bool has_immediate(const struct vx_opcode *row)
{
    for (int i = 0; i < 3; i++) {
        unsigned kind = vx_operands[row->operand[i]].kind;

        if (kind == VX_KIND_IMMEDIATE || kind == VX_KIND_IMMEDIATE_SIGNED ||
            kind == VX_KIND_PREDICATE)
            return true;
    }
    return false;
}

static unsigned encoding_count(const struct shape *shape, bool memory)
{
    const struct vx_opcode *row = &vx_opcodes[shape->slot];
    unsigned count = shape->has_modrm && shape->modrm < 0 ? 9 : 2;

    if (memory)
        count = 9;
    if (row->operation == VX_OP_JCC || vx_operands[row->operand[0]].kind == VX_KIND_RELATIVE)
        count = 5;
    return has_immediate(row) && count < 13 ? 13 : count;
}

/* `count` cases behind the prefixes, in every form that the row allows. */
static void make_forms(struct maker *m, unsigned count, bool memory_only)
{
    bool any_memory = m->shape.may_memory;

    m->turn = 0;
    for (unsigned i = 0; any_memory && i < (count ? count : encoding_count(&m->shape, true)); i++)
        make_case(m, true);
    m->turn = 0;
    if (memory_only || (any_memory && !m->shape.may_register))
        return;
    for (unsigned i = 0; i < (count ? count : encoding_count(&m->shape, false)); i++)
        make_case(m, false);
}

static void with_prefixes(struct maker *m, uint8_t a, uint8_t b, unsigned count, bool memory_only)
{
    m->prefix_count = 0;
    if (a)
        m->prefixes[m->prefix_count++] = a;
    if (b)
        m->prefixes[m->prefix_count++] = b;
    m->address16 = a == 0x67 || b == 0x67;
    make_forms(m, count, memory_only);
    m->prefix_count = 0;
    m->address16 = false;
}

static bool takes_operand16(const struct shape *shape)
{
    const struct vx_opcode *row = &vx_opcodes[shape->slot];
    bool mandatory =
        shape->opcode[0] == 0x66 || (shape->opcode[0] >= 0xf2 && shape->slot != VX_SLOT_F3NOP);

    return !mandatory && !(row->prefixes & VX_ROW_NO66) && row->since < VX_MMX;
}

static bool is_string(unsigned slot)
{
    return vx_operations[vx_opcodes[slot].operation].class == VX_CLASS_STRING;
}

static bool counts_with_cx(unsigned operation)
{
    return operation == VX_OP_JCXZ || operation == VX_OP_LOOP || operation == VX_OP_LOOPE ||
           operation == VX_OP_LOOPNE || operation == VX_OP_XLAT;
}

static bool reaches_memory(const struct shape *shape)
{
    const struct vx_opcode *row = &vx_opcodes[shape->slot];

    return shape->may_memory || vx_operands[row->operand[0]].kind == VX_KIND_OFFSET ||
           vx_operands[row->operand[1]].kind == VX_KIND_OFFSET;
}

static void make_repeats(struct maker *m, unsigned allowed, bool operand16)
{
    static const uint8_t repeats[] = {0xf3, 0xf2};
    static const unsigned wanted[] = {VX_ROW_F3_REPEATS, VX_ROW_F2_REPEATS};

    for (int i = 0; i < 2; i++) {
        if (!(allowed & wanted[i]))
            continue;
        with_prefixes(m, repeats[i], 0, 6, false);
        with_prefixes(m, repeats[i], 0x67, 2, false);
        if (operand16)
            with_prefixes(m, 0x66, repeats[i], 3, false);
    }
}

/* F3h that the contract ignores before BSF and BSR makes another instruction on newer hosts. */
static void make_ignored_repeat(struct maker *m)
{
    unsigned operation = vx_opcodes[m->shape.slot].operation;

    if (m->shape.slot == VX_SLOT_F3NOP)
        return;
    m->skip = operation == VX_OP_BSF || operation == VX_OP_BSR ? 1 : 0;
    with_prefixes(m, 0xf3, 0, 4, false);
    m->skip = 0;
}

static void make_row(struct maker *m, unsigned slot)
{
    unsigned allowed = vx_opcodes[slot].prefixes, operation = vx_opcodes[slot].operation;
    bool operand16;

    m->shape = shape_of(slot);
    operand16 = takes_operand16(&m->shape);
    with_prefixes(m, 0, 0, is_string(slot) ? 6 : 0, false);
    if (operand16)
        with_prefixes(m, 0x66, 0, is_string(slot) ? 3 : 0, false);
    if (allowed & VX_ROW_LOCK && m->shape.may_memory)
        with_prefixes(m, 0xf0, 0, 3, true);
    if (allowed & VX_ROW_LOCK && m->shape.may_memory && operand16)
        with_prefixes(m, 0x66, 0xf0, 2, true);
    make_repeats(m, allowed, operand16);
    if (allowed & VX_ROW_F3_IGNORED)
        make_ignored_repeat(m);
    if (allowed & VX_ROW_HINT_IGNORED)
        with_prefixes(m, 0x2e, 0, 2, false), with_prefixes(m, 0x3e, 0, 2, false);
    if (counts_with_cx(operation) || is_string(slot))
        with_prefixes(m, 0x67, 0, 2, false);
    if (reaches_memory(&m->shape)) {
        with_prefixes(m, 0x67, 0, operation == VX_OP_LEA ? 32 : 1, m->shape.may_memory);
        if (operation != VX_OP_LEA)
            with_prefixes(m, 0x65, 0, 2, m->shape.may_memory);
    }
}

bool cases_make(struct program *program, uint64_t seed, const char *only)
{
    struct maker m = {.program = program};

    for (unsigned slot = 0; slot < VX_SLOT_COUNT; slot++) {
        if (!cases_is_row(slot))
            continue;
        if (only && strcmp(only, vx_operations[vx_opcodes[slot].operation].mnemonic) != 0)
            continue;
        m.random = random_from(seed, slot);
        make_row(&m, slot);
    }
    return !m.failed;
}

/* SPDX-License-Identifier: MIT */
/* Makes cases of vector instructions: encodings of a row, and registers and memory to start from.
 */
#include "vector_case.h"

#include "vx32.h"

#include <string.h>

static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static unsigned below(uint64_t *state, unsigned limit)
{
    return (unsigned)(next_random(state) >> 32) % limit;
}

/* ---- forms ---- */

bool vector_is_covered(unsigned slot)
{
    unsigned operation = vx_opcodes[slot].operation;

    return operation >= VX_OP_FXSAVE && operation < VX_OP_COUNT;
}

static unsigned kind_of(unsigned slot, unsigned n)
{
    return vx_operands[vx_opcodes[slot].operand[n]].kind;
}

static bool has_kind(unsigned slot, unsigned kind)
{
    return kind_of(slot, 0) == kind || kind_of(slot, 1) == kind || kind_of(slot, 2) == kind;
}

static bool is_group_slot(unsigned slot)
{
    return slot >= VX_SLOT_GROUP && slot < VX_SLOT_X87_MEMORY;
}

static bool can_be_memory(unsigned slot)
{
    if (is_group_slot(slot))
        return !((slot - VX_SLOT_GROUP) & 8);
    return has_kind(slot, VX_KIND_MEMORY) || has_kind(slot, VX_KIND_RM) ||
           has_kind(slot, VX_KIND_RM_WORD) || has_kind(slot, VX_KIND_MMX_RM) ||
           has_kind(slot, VX_KIND_XMM_RM);
}

static bool can_be_register(unsigned slot)
{
    if (is_group_slot(slot))
        return (slot - VX_SLOT_GROUP) & 8;
    return !has_kind(slot, VX_KIND_MEMORY);
}

static unsigned walk_forms(unsigned wanted, struct vector_form *found)
{
    unsigned count = 0;

    for (unsigned slot = 0; slot < VX_SLOT_COUNT; slot++) {
        if (!vector_is_covered(slot))
            continue;
        for (unsigned in_memory = 0; in_memory < 2; in_memory++) {
            if (!(in_memory ? can_be_memory(slot) : can_be_register(slot)))
                continue;
            if (count++ == wanted)
                *found = (struct vector_form){slot, in_memory};
        }
    }
    return count;
}

unsigned vector_form_count(void)
{
    struct vector_form none;

    return walk_forms(UINT32_MAX, &none);
}

struct vector_form vector_form(unsigned i)
{
    struct vector_form form = {0, false};

    walk_forms(i, &form);
    return form;
}

/* ---- encodings ---- */

/* The slot of the two-byte opcode that leads to the row. */
static unsigned opcode_slot(unsigned slot)
{
    unsigned group = (slot - VX_SLOT_GROUP) / 16;

    if (!is_group_slot(slot))
        return slot;
    for (unsigned i = VX_SLOT_0F; i < VX_SLOT_F3NOP; i++)
        if (vx_opcodes[i].operation == VX_OP_IN_GROUP && vx_opcodes[i].group == group)
            return i;
    return 0;
}

/* eax, ecx, edx, ebx, ebp: the stack and the pointers are not the same numbers on both sides. */
static unsigned general_register(uint64_t random)
{
    static const uint8_t usable[] = {0, 1, 2, 3, 5};

    return usable[random % 5];
}

static bool names_general(unsigned slot, unsigned kind)
{
    return has_kind(slot, kind) || (kind == VX_KIND_RM && has_kind(slot, VX_KIND_RM_WORD));
}

static uint8_t modrm(struct vector_form form, uint64_t random)
{
    unsigned reg = random & 7, rm = random >> 3 & 7;

    if (names_general(form.slot, VX_KIND_REG))
        reg = general_register(random >> 8);
    if (names_general(form.slot, VX_KIND_RM))
        rm = general_register(random >> 16);
    if (is_group_slot(form.slot))
        reg = (form.slot - VX_SLOT_GROUP) & 7;
    return (uint8_t)(form.in_memory ? reg << 3 | VX32_ESI : 0xc0 | reg << 3 | rm);
}

bool vector_encode(struct vector_form form, uint64_t random, uint8_t immediate,
                   struct vector_case *c)
{
    static const uint8_t prefixes[] = {0, 0x66, 0xf3, 0xf2};
    unsigned opcode = opcode_slot(form.slot), prefix = prefixes[(opcode - VX_SLOT_0F) / 256];
    unsigned nbytes = 0;

    if (prefix)
        c->bytes[nbytes++] = (uint8_t)prefix;
    c->bytes[nbytes++] = 0x0f;
    c->bytes[nbytes++] = (uint8_t)opcode;
    if (vx_opcodes[form.slot].operation != VX_OP_EMMS)
        c->bytes[nbytes++] = modrm(form, random);
    if (has_kind(form.slot, VX_KIND_IMMEDIATE))
        c->bytes[nbytes++] = immediate;
    else if (has_kind(form.slot, VX_KIND_PREDICATE))
        c->bytes[nbytes++] = immediate & 7;
    return vx_decode(c->bytes, nbytes, 0x8048000, &c->insn) == VX_DECODE_OK &&
           c->insn.slot == form.slot && c->insn.nbytes == nbytes;
}

/* ---- lanes ---- */

static const uint32_t edges32[] = {
    0x00000000, 0x00000001, 0x007fffff, 0x00800000, 0x00800001, 0x33800000, 0x3effffff, 0x3f000000,
    0x3f7fffff, 0x3f800000, 0x3f800001, 0x3fc00000, 0x40200000, 0x4effffff, 0x4f000000, 0x4f7fffff,
    0x5f800000, 0x7e800000, 0x7f7fffff, 0x7f800000, 0x7f800001, 0x7fbfffff, 0x7fc00000, 0x7fffffff,
};
static const uint64_t edges64[] = {
    UINT64_C(0x0000000000000000), UINT64_C(0x0000000000000001), UINT64_C(0x000fffffffffffff),
    UINT64_C(0x0010000000000000), UINT64_C(0x0010000000000001), UINT64_C(0x36a0000000000000),
    UINT64_C(0x36affffff0000000), UINT64_C(0x380fffffe0000000), UINT64_C(0x380ffffff0000000),
    UINT64_C(0x3810000000000000), UINT64_C(0x3fe0000000000000), UINT64_C(0x3fefffffffffffff),
    UINT64_C(0x3ff0000000000000), UINT64_C(0x3ff8000000000000), UINT64_C(0x4004000000000000),
    UINT64_C(0x41dfffffffc00000), UINT64_C(0x41dfffffffe00000), UINT64_C(0x41e0000000000000),
    UINT64_C(0x41e0000000100000), UINT64_C(0x47efffffe0000000), UINT64_C(0x47effffff0000000),
    UINT64_C(0x7fefffffffffffff), UINT64_C(0x7ff0000000000000), UINT64_C(0x7ff0000000000001),
    UINT64_C(0x7ff7ffffffffffff), UINT64_C(0x7ff8000000000000), UINT64_C(0x7fffffffffffffff),
};

/* A number with an exponent within `spread` of `bias + offset`, so that sums and products meet. */
static uint32_t near32(uint64_t random)
{
    static const uint8_t centres[] = {0, 40, 90, 120, 150, 200, 240};
    unsigned exponent = centres[random % 7] + (random >> 8 & 15);

    return (uint32_t)(random >> 32 & 0x807fffff) | exponent << 23;
}

static uint64_t near64(uint64_t random, uint64_t fraction)
{
    static const uint16_t centres[] = {0, 500, 868, 890, 1015, 1048, 1140, 2030};
    uint64_t exponent = centres[random & 7] + (random >> 8 & 15);

    return (fraction & UINT64_C(0x800fffffffffffff)) | exponent << 52;
}

static uint32_t lane32(uint64_t *state)
{
    uint64_t random = next_random(state);

    switch (random >> 60) {
    case 0:
    case 1: return (uint32_t)random;
    case 2: return (uint32_t)random & 0xfff00000;
    case 3:
    case 4:
    case 5:
    case 6: return near32(random);
    default:
        return edges32[(random >> 8) % (sizeof edges32 / sizeof edges32[0])] |
               (uint32_t)(random << 31);
    }
}

static uint64_t lane64(uint64_t *state)
{
    uint64_t random = next_random(state);

    switch (random >> 60) {
    case 0:
    case 1: return next_random(state);
    case 2: return next_random(state) & UINT64_C(0xffffffff00000000);
    case 3:
    case 4:
    case 5:
    case 6: return near64(random, next_random(state));
    default: return edges64[(random >> 8) % (sizeof edges64 / sizeof edges64[0])] | random << 63;
    }
}

static uint8_t integer_byte(uint64_t *state)
{
    static const uint8_t edges[] = {0x00, 0x01, 0x7f, 0x80, 0x81, 0xfe, 0xff, 0x10};
    uint64_t random = next_random(state);

    return random & 1 ? edges[random >> 1 & 7] : (uint8_t)(random >> 8);
}

/* Sixteen bytes of shift counts: a small number, sometimes with high bits set. */
static void fill_count(uint8_t *bytes, uint64_t *state)
{
    memset(bytes, 0, 16);
    bytes[0] = (uint8_t)below(state, 80);
    if (below(state, 8) == 0)
        bytes[below(state, 16)] |= integer_byte(state);
}

static void put(uint8_t *bytes, uint64_t value, unsigned nbytes)
{
    for (unsigned i = 0; i < nbytes; i++)
        bytes[i] = (uint8_t)(value >> 8 * i);
}

/* Each instruction gets lanes of all types: those of another type are patterns to it. */
static void fill_lanes(uint8_t *bytes, unsigned nbytes, unsigned type, uint64_t *state)
{
    for (unsigned i = 0; i < nbytes; i += 16) {
        switch (type) {
        case 0:
        case 1:
        case 2:
            for (unsigned j = 0; j < 16; j += 4)
                put(bytes + i + j, lane32(state), 4);
            break;
        case 3:
        case 4:
        case 5:
            for (unsigned j = 0; j < 16; j += 8)
                put(bytes + i + j, lane64(state), 8);
            break;
        case 6: fill_count(bytes + i, state); break;
        default:
            for (unsigned j = 0; j < 16; j++)
                bytes[i + j] = integer_byte(state);
            break;
        }
    }
}

/* ---- the state before ---- */

enum { FX_STATUS = 2, FX_TAGS = 4, FX_MXCSR = 24, FX_MXCSR_MASK = 28, FX_ST = 32, FX_XMM = 160 };

static uint32_t random_mxcsr(uint64_t *state)
{
    uint32_t random = (uint32_t)next_random(state);

    switch (random >> 30) {
    case 0: return 0x1f80;
    case 1: return 0x1fa0 | (random & 0x1f);
    case 2: return 0x1f80 | (random & 0xe07f);
    default: return random & 0xffff;
    }
}

/* Control and status; now and then an exception is pending. */
static void fill_x87_control(uint8_t *fx, uint64_t *state)
{
    uint32_t random = (uint32_t)next_random(state);
    unsigned control = (random & 0x1f3f) | 0x40, status = random >> 16 & 0x7f7f;

    if (below(state, 16))
        status &= ~(~control & 0x3f);
    if (status & ~control & 0x3f)
        status |= 0x8080;
    put(fx, control, 2);
    put(fx + FX_STATUS, status, 2);
    fx[FX_TAGS] = (uint8_t)next_random(state);
}

/* An image for FXSAVE's layout; also what FXRSTOR finds in memory. */
static void fill_image(uint8_t *fx, uint64_t *state)
{
    unsigned type = below(state, 8);

    memset(fx, 0, 512);
    fill_x87_control(fx, state);
    put(fx + FX_MXCSR, random_mxcsr(state), 4);
    put(fx + FX_MXCSR_MASK, 0xffff, 4);
    for (unsigned i = 0; i < 8; i++) {
        put(fx + FX_ST + 16 * i, lane64(state), 8);
        put(fx + FX_ST + 16 * i + 8, next_random(state), 2);
        if (below(state, 2))
            fill_lanes(fx + FX_XMM + 16 * i, 16, type, state);
        else
            fill_lanes(fx + FX_XMM + 16 * i, 16, below(state, 8), state);
    }
    for (unsigned i = 0; i < 8; i++)
        if (below(state, 4) == 0)
            memcpy(fx + FX_ST + 16 * i, fx + FX_XMM + 16 * i, 8);
}

/* Mostly in the middle; else near the end of what can be written or read, or misaligned. */
static uint32_t choose_offset(unsigned nbytes, uint64_t *state)
{
    uint64_t random = next_random(state);
    uint32_t middle = 1024 + (uint32_t)(random >> 8 & 15) * 16;

    switch (random & 31) {
    case 0: return HOST_WRITABLE_NBYTES - (uint32_t)(random >> 16) % (nbytes + 16);
    case 1: return HOST_MEMORY_NBYTES - (uint32_t)(random >> 16) % (nbytes + 16);
    case 2: return HOST_WRITABLE_NBYTES - ((uint32_t)(random >> 16) % (nbytes / 16 + 2)) * 16;
    case 3: return HOST_MEMORY_NBYTES - ((uint32_t)(random >> 16) % (nbytes / 16 + 2)) * 16;
    case 4: return middle + (random >> 16 & 15);
    case 5: return HOST_WRITABLE_NBYTES + middle;
    default: return middle;
    }
}

static unsigned memory_nbytes(const struct vx_insn *insn)
{
    unsigned nbytes = 16;

    for (unsigned n = 0; n < 3; n++)
        if (vx_operand_kind(insn, n) == VX_KIND_MEMORY && vx_operand_nbytes(insn, n) > nbytes)
            nbytes = vx_operand_nbytes(insn, n);
    return nbytes;
}

bool vector_make(struct vector_form form, uint64_t seed, unsigned i, struct vector_case *c)
{
    uint64_t state =
        seed + form.slot * UINT64_C(0x10001) + form.in_memory + i * UINT64_C(0xd1342543de82ef95);
    bool ok;

    memset(c, 0, sizeof *c);
    ok = vector_encode(form, next_random(&state), (uint8_t)i, c);
    for (unsigned k = 0; k < 8; k++)
        c->machine.general[k] = lane32(&state);
    c->machine.flags = 2 | (next_random(&state) & 0x8d5);
    fill_image(c->machine.fx, &state);
    c->offset = choose_offset(memory_nbytes(&c->insn), &state);
    if (c->insn.operation == VX_OP_FXRSTOR)
        fill_image(c->window + VECTOR_MARGIN, &state);
    else
        fill_lanes(c->window, sizeof c->window, below(&state, 8), &state);
    if (c->insn.operation == VX_OP_LDMXCSR && below(&state, 8))
        put(c->window + VECTOR_MARGIN, random_mxcsr(&state), 4);
    if (c->insn.operation == VX_OP_FXRSTOR && below(&state, 8) == 0)
        put(c->window + VECTOR_MARGIN + FX_MXCSR, next_random(&state), 4);
    return ok;
}

/* SPDX-License-Identifier: MIT */
/* What the architecture defines of an outcome, and what the guest machine is free to differ in. */
#include "compare.h"

#include "cpu.h"
#include "states.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

struct comparison {
    const struct test_case *c;
    const struct state *initial;
    const struct outcome *expected, *got;
    unsigned exempt;
    FILE *report;
    bool equal;
};

unsigned compare_exempt(unsigned operation)
{
    static const uint16_t exempt[VX_OP_COUNT] = {
#define EXCEPTION(name, what, reason) [VX_OP_##name] = EXEMPT_##what,
#include "exceptions.def"
#undef EXCEPTION
    };

    return exempt[operation];
}

/* ---- flags ---- */

static unsigned shift_count(const struct vx_insn *insn, const struct state *initial)
{
    const uint8_t *operand = vx_opcodes[insn->slot].operand;
    bool by_cl = operand[1] == VX_O_CL || operand[2] == VX_O_CL;

    return (by_cl ? initial->registers.general[VX32_ECX] : insn->immediate) & 31;
}

static bool is_shift(unsigned operation)
{
    return operation >= VX_OP_ROL && operation <= VX_OP_SHRD;
}

/* For shifts (SDM volume 2): OF is defined for a count of 1; CF while a bit of the operand is
 * shifted out; nothing changes for a count of 0. */
static unsigned undefined_by_shift(const struct vx_insn *insn, unsigned count)
{
    unsigned bits = 8 * vx_operand_nbytes(insn, 0);
    unsigned undefined = vx_operations[insn->operation].undefined;

    if (count == 0)
        return VX_FL_NONE;
    if (count == 1)
        undefined &= ~(unsigned)VX_FL_O;
    if ((insn->operation == VX_OP_SHL || insn->operation == VX_OP_SHR) && count >= bits)
        undefined |= VX_FL_C;
    if ((insn->operation == VX_OP_SHLD || insn->operation == VX_OP_SHRD) && count > bits)
        undefined = VX_FL_OSZAPC;
    return undefined;
}

uint32_t compare_undefined_flags(const struct test_case *c, const struct state *initial)
{
    const struct vx_insn *insn = &c->insn;

    if (is_shift(insn->operation))
        return undefined_by_shift(insn, shift_count(insn, initial));
    return vx_operations[insn->operation].undefined;
}

/* ---- one difference ---- */

static void differ(struct comparison *k, const char *what, uint64_t expected, uint64_t got)
{
    k->equal = false;
    if (k->report)
        fprintf(k->report, "    %-12s expected %08" PRIx64 "  got %08" PRIx64 "\n", what, expected,
                got);
}

static void compare_number(struct comparison *k, const char *what, uint64_t expected, uint64_t got)
{
    if (expected != got)
        differ(k, what, expected, got);
}

static void compare_bytes(struct comparison *k, const char *what, int number,
                          const uint8_t *expected, const uint8_t *got, int nbytes)
{
    if (memcmp(expected, got, (size_t)nbytes) == 0)
        return;
    k->equal = false;
    if (!k->report)
        return;
    fprintf(k->report, "    %s%-9d expected ", what, number);
    for (int i = nbytes - 1; i >= 0; i--)
        fprintf(k->report, "%02x", expected[i]);
    fprintf(k->report, "\n%17sgot      ", "");
    for (int i = nbytes - 1; i >= 0; i--)
        fprintf(k->report, "%02x", got[i]);
    fprintf(k->report, "\n");
}

/* ---- registers ---- */

/* A double shift by more than the operand's size leaves an undefined result. */
static bool result_undefined(const struct comparison *k)
{
    const struct vx_insn *insn = &k->c->insn;

    return (insn->operation == VX_OP_SHLD || insn->operation == VX_OP_SHRD) &&
           shift_count(insn, k->initial) > 8 * vx_operand_nbytes(insn, 0);
}

static void compare_general(struct comparison *k)
{
    static const char *const names[] = {"eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"};
    const struct vx32_registers *a = &k->expected->state.registers, *b = &k->got->state.registers;

    for (unsigned i = 0; i < 8; i++) {
        if (k->exempt & EXEMPT_GENERAL_PARTIAL && k->expected->fault == FAULT_PAGE)
            continue;
        if (k->exempt & EXEMPT_GENERAL && i <= VX32_EBX)
            continue;
        if (result_undefined(k) && !k->c->insn.has_memory && i == k->c->insn.rm)
            continue;
        compare_number(k, names[i], a->general[i], b->general[i]);
    }
    if (!(k->exempt & EXEMPT_EIP) || k->expected->fault == FAULT_NONE)
        compare_number(k, "eip", a->eip, b->eip);
}

static void compare_flags(struct comparison *k)
{
    uint32_t mask = VX_POPF_FLAGS & ~compare_undefined_flags(k->c, k->initial);

    compare_number(k, "eflags", k->expected->state.registers.eflags & mask,
                   k->got->state.registers.eflags & mask);
}

/* The condition codes that are not compared. */
static uint32_t exempt_conditions(const struct comparison *k)
{
    bool invalid = k->expected->state.registers.x87_status & VX_FE_INVALID;

    if (k->exempt & EXEMPT_CONDITIONS && invalid)
        return VX_C0 | VX_C1 | VX_C2 | VX_C3;
    return k->exempt & EXEMPT_C1 ? VX_C1 : 0;
}

static void compare_x87(struct comparison *k)
{
    const struct vx32_registers *a = &k->expected->state.registers, *b = &k->got->state.registers;

    if (k->exempt & EXEMPT_MMX && k->expected->fault == FAULT_PAGE)
        return;
    compare_number(k, "x87 control", a->x87_control, b->x87_control);
    compare_number(k, "x87 status", a->x87_status & ~exempt_conditions(k),
                   b->x87_status & ~exempt_conditions(k));
    compare_number(k, "x87 empty", a->x87_tag, b->x87_tag);
    for (int i = 0; i < 8; i++)
        compare_bytes(k, "st", i, a->st[i], b->st[i], 10);
}

static float lane(const uint8_t *bytes)
{
    uint32_t bits =
        bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
    float value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Intel promises 1.5 * 2^-12; zero stands for a tiny result. */
static bool nearly_equal(const uint8_t *a, const uint8_t *b)
{
    float x = lane(a), y = lane(b);

    if (memcmp(a, b, 4) == 0)
        return true;
    if (!isfinite(x) || !isfinite(y))
        return false;
    return fabsf(x - y) <= fabsf(x) * 0x1.8p-12f || (fabsf(x) < 0x1p-125f && fabsf(y) < 0x1p-125f);
}

static void compare_xmm(struct comparison *k)
{
    const struct vx32_registers *a = &k->expected->state.registers, *b = &k->got->state.registers;

    for (int i = 0; i < 8; i++) {
        bool near = k->exempt & EXEMPT_APPROXIMATE;

        for (int n = 0; n < 4; n++)
            near = near && nearly_equal(a->xmm[i] + 4 * n, b->xmm[i] + 4 * n);
        if (!near)
            compare_bytes(k, "xmm", i, a->xmm[i], b->xmm[i], 16);
    }
    compare_number(k, "mxcsr", a->mxcsr, b->mxcsr);
}

/* ---- memory ---- */

/* Bytes of a saved state that say where the last instruction stood, or nothing at all. */
static bool is_pointer_byte(const struct vx_insn *insn, uint32_t offset)
{
    if (insn->operation == VX_OP_FXSAVE)
        return (offset >= 6 && offset < 24) || (offset >= 28 && offset < 32) || offset >= 288;
    return offset >= 12 && offset < 28;
}

static bool is_exempt_byte(const struct comparison *k, uint32_t addr)
{
    const struct vx_insn *insn = &k->c->insn;
    uint32_t offset;

    if (!insn->has_memory)
        return false;
    offset = addr - state_operand_addr(insn, &k->initial->registers);
    if (offset >= state_operand_nbytes(insn))
        return false;
    return result_undefined(k) || (k->exempt & EXEMPT_POINTERS && is_pointer_byte(insn, offset));
}

static void compare_data(struct comparison *k)
{
    const uint8_t *a = k->expected->state.data, *b = k->got->state.data;
    char what[16];

    if (memcmp(a, b, DATA_NBYTES) == 0)
        return;
    if (k->expected->fault == FAULT_PAGE && k->exempt & EXEMPT_PARTIAL)
        return;
    for (uint32_t i = 0; i < DATA_NBYTES; i++) {
        if (a[i] == b[i] || is_exempt_byte(k, DATA_ADDR + i))
            continue;
        (void)snprintf(what, sizeof what, "[%08x]", DATA_ADDR + i);
        differ(k, what, a[i], b[i]);
    }
}

/* ---- faults ---- */

/* With 16-bit addresses an operand may wrap around. */
static uint32_t far_end(const struct comparison *k, uint32_t distance)
{
    return k->c->insn.prefixes & VX_PREFIX_ADDRESS16 ? distance & 0xffff : distance;
}

static void compare_faults(struct comparison *k)
{
    uint32_t distance = k->expected->fault_addr - k->got->fault_addr;
    bool near = k->exempt & EXEMPT_PARTIAL && far_end(k, distance + 512) < 1024;

    if (k->expected->fault != k->got->fault) {
        k->equal = false;
        if (k->report)
            fprintf(k->report, "    %-12s expected %s  got %s\n", "fault",
                    fault_text(k->expected->fault), fault_text(k->got->fault));
    }
    if (distance && !near)
        differ(k, "fault at", k->expected->fault_addr, k->got->fault_addr);
}

bool compare_outcomes(const struct test_case *c, const struct state *initial,
                      const struct outcome *expected, const struct outcome *got, FILE *report)
{
    struct comparison k = {.c = c,
                           .initial = initial,
                           .expected = expected,
                           .got = got,
                           .exempt = compare_exempt(c->insn.operation),
                           .report = report,
                           .equal = true};

    if (k.exempt & EXEMPT_UNSELECTED && expected->fault == FAULT_PAGE && got->fault == FAULT_NONE)
        return true;
    compare_faults(&k);
    compare_general(&k);
    compare_flags(&k);
    compare_x87(&k);
    compare_xmm(&k);
    compare_data(&k);
    return k.equal;
}

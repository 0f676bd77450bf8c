/* SPDX-License-Identifier: MIT */
/* Decodes the instructions that host code may consist of, and says no to all others. */
#include "verify.h"

#include <stddef.h>

/* What a row of verify.def says. */
enum {
    REGISTER = 1 << 0,    /* ModRM.rm may be a register */
    MEMORY = 1 << 1,      /* it may be guest memory */
    GENERAL_REG = 1 << 2, /* ModRM.reg is a general register */
    XMM_REG = 1 << 3,     /* it is an XMM register */
    XMM_RM = 1 << 4,      /* ModRM.rm, if it is a register, is an XMM register */
    BYTE_REG = 1 << 5,    /* the general register in ModRM.reg is a byte */
    BYTE_RM = 1 << 6,     /* that in ModRM.rm or in the opcode is one */
    SIZED = 1 << 7,       /* 66h makes the operands 16 bits wide */
    IMMEDIATE8 = 1 << 8,  /* a byte follows */
    IMMEDIATE = 1 << 9,   /* an immediate of the operands' size follows */
    LOCK = 1 << 10,       /* may be locked if the destination is memory */
    ALONE = 1 << 11,      /* no operand but an immediate */
    REG_IN_OPCODE = 1 << 12,
    ADDRESS_ONLY = 1 << 13, /* the memory operand is not accessed */
    STRING = 1 << 14,
    TEST = 1 << 15, /* an immediate follows only for digit 0; there is no digit 1 */
};

enum map { ONE, NO, P66, F3, F2, MAP_COUNT };

struct row {
    uint32_t form; /* 0: refused */
    uint8_t digits;
};

static const struct row rows[MAP_COUNT][256] = {
#define ROW(map, opcode, digits, form) [map][opcode] = {form, digits},
#include "verify.def"
#undef ROW
};

enum {
    RSP = 4,
    RBP = 5,
    R8 = 8,
    R10 = 10,
    R14 = 14, /* the guest's esp */
    NO_REG = 0xff,
    REX_W = 8,
    REX_R = 4,
    REX_X = 2,
    REX_B = 1,
    MOV_TO_MEMORY = 0x89,
    MOV = 0x8b,
    LEA = 0x8d,
};

struct insn {
    const uint8_t *at, *start;
    bool locked, gs, address32, operand16, memory;
    bool near;      /* the address is a register and a displacement of a byte at most */
    uint8_t repeat; /* F2h, F3h or 0 */
    uint8_t rex;
    enum map map;
    uint8_t opcode;
    struct row row;
    uint8_t reg, rm; /* numbers with the bits of REX; rm: also the register in the opcode */
    uint8_t base;    /* NO_REG if there is none */
};

static bool take(struct insn *insn, uint8_t prefix)
{
    if (*insn->at != prefix)
        return false;
    insn->at++;
    return true;
}

/* In the one order that they are written in, each once. */
static bool read_prefixes(struct insn *insn)
{
    insn->locked = take(insn, 0xf0);
    insn->gs = take(insn, 0x65);
    insn->address32 = take(insn, 0x67);
    insn->operand16 = take(insn, 0x66);
    if (take(insn, 0xf3))
        insn->repeat = 0xf3;
    else if (take(insn, 0xf2))
        insn->repeat = 0xf2;
    if ((*insn->at & 0xf0) == 0x40)
        insn->rex = *insn->at++;
    return insn->rex == 0 || (insn->rex & (REX_R | REX_B)) != 0;
}

static bool read_opcode(struct insn *insn)
{
    if (!take(insn, 0x0f)) {
        insn->map = ONE;
    } else if (insn->repeat != 0) {
        if (insn->operand16)
            return false;
        insn->map = insn->repeat == 0xf3 ? F3 : F2;
    } else {
        insn->map = insn->operand16 ? P66 : NO;
    }
    insn->opcode = *insn->at++;
    insn->row = rows[insn->map][insn->opcode];
    if (insn->map == ONE && insn->operand16 && !(insn->row.form & SIZED))
        return false;
    return insn->row.form != 0 &&
           (insn->map != ONE || insn->repeat == 0 || (insn->row.form & STRING) != 0);
}

/* ---- registers ---- */

/* The guest's own: r8, r9, r10 and the host's side have their places elsewhere. */
static bool is_guest_register(unsigned reg)
{
    return (reg < 8 && reg != RSP) || reg == R14;
}

/* Behind a REX prefix numbers 4 to 7 are other registers, the host's stack pointer among them. */
static bool is_guest_byte(const struct insn *insn, unsigned reg)
{
    return reg < (insn->rex != 0 ? 4 : 8);
}

static bool reg_is_good(const struct insn *insn)
{
    if (insn->row.form & XMM_REG)
        return insn->reg < 8;
    if (insn->row.form & BYTE_REG)
        return is_guest_byte(insn, insn->reg);
    if (insn->row.form & GENERAL_REG)
        return is_guest_register(insn->reg);
    return insn->reg < 8 && (insn->row.digits >> insn->reg & 1) != 0;
}

static bool rm_is_good(const struct insn *insn)
{
    if (insn->row.form & XMM_RM)
        return insn->rm < 8;
    if (insn->row.form & BYTE_RM)
        return is_guest_byte(insn, insn->rm);
    return is_guest_register(insn->rm);
}

/*
 * The moves that put a branch's target into r8 or r10, and those that take what such a move, or a
 * lea, has put into r8.
 */
static bool scratch_is_good(const struct insn *insn, struct vx_verify_scratch *scratch)
{
    bool rm_good = insn->memory || is_guest_register(insn->rm);

    if (insn->map != ONE || insn->operand16)
        return false;
    if (insn->reg == R8 && (insn->opcode == MOV || insn->opcode == LEA) && rm_good)
        return scratch->r8 = true;
    if (insn->reg == R10 && insn->opcode == MOV && rm_good)
        return scratch->r10 = true;
    if (insn->reg == R8 && insn->opcode == MOV_TO_MEMORY && insn->memory)
        return scratch->r8;
    if (insn->rm == R8 && insn->opcode == MOV && !insn->memory)
        return scratch->r8 && is_guest_register(insn->reg);
    return false;
}

/* ---- operands ---- */

static bool read_sib(struct insn *insn, unsigned mode)
{
    uint8_t sib = *insn->at++;

    insn->near = insn->near && (sib >> 3 & 7) == RSP; /* no index */
    insn->base = (uint8_t)((sib & 7) | (insn->rex & REX_B ? 8 : 0));
    if ((sib & 7) != RBP || mode != 0)
        return true;
    insn->near = false;
    insn->base = NO_REG; /* a 32-bit displacement instead */
    insn->at += 4;
    return !(insn->rex & REX_B);
}

/* Without a SIB byte and a base the address would be relative to rip: refused. */
static bool read_memory(struct insn *insn, unsigned mode, unsigned rm)
{
    insn->memory = true;
    insn->near = mode < 2;
    if (rm == RSP) {
        if (!read_sib(insn, mode))
            return false;
    } else {
        insn->base = (uint8_t)(rm | (insn->rex & REX_B ? 8 : 0));
        if (mode == 0 && rm == RBP)
            return false;
    }
    insn->at += mode == 1 ? 1 : mode == 2 ? 4 : 0;
    return insn->base == NO_REG || is_guest_register(insn->base);
}

static bool read_modrm(struct insn *insn)
{
    uint8_t modrm = *insn->at++;
    unsigned mode = modrm >> 6;

    insn->reg = (uint8_t)((modrm >> 3 & 7) | (insn->rex & REX_R ? 8 : 0));
    if (mode == 3) {
        insn->rm = (uint8_t)((modrm & 7) | (insn->rex & REX_B ? 8 : 0));
        return (insn->row.form & REGISTER) != 0;
    }
    return (insn->row.form & MEMORY) != 0 && read_memory(insn, mode, modrm & 7);
}

/*
 * Guest memory is what 32 bits of address reach, from gs on where that is its start. Guest
 * registers never hold more: near one of them there are but the guards.
 */
static bool address_is_good(const struct insn *insn, bool embedded)
{
    if (!insn->memory || (insn->row.form & ADDRESS_ONLY))
        return !insn->address32 && !insn->gs;
    return (insn->address32 || insn->near) && insn->gs == embedded;
}

static bool lock_is_good(const struct insn *insn)
{
    if (!insn->memory || !(insn->row.form & LOCK))
        return false;
    if (insn->map != ONE)
        return insn->opcode != 0xba || insn->reg != 4; /* bt */
    switch (insn->opcode) {
    case 0x80:
    case 0x81:
    case 0x83: return insn->reg != 7; /* cmp */
    case 0xf6:
    case 0xf7: return insn->reg == 2 || insn->reg == 3; /* not neg */
    default: return true;
    }
}

static bool modrm_is_good(struct insn *insn, bool embedded, struct vx_verify_scratch *scratch)
{
    if (!read_modrm(insn) || !address_is_good(insn, embedded) ||
        (insn->locked && !lock_is_good(insn)) || ((insn->row.form & TEST) && insn->reg == 1))
        return false;
    if (reg_is_good(insn) && (insn->memory || rm_is_good(insn)))
        return true;
    return scratch_is_good(insn, scratch);
}

/* Instructions without ModRM have no memory operand that is seen: only strings have a hidden one.
 */
static bool other_is_good(struct insn *insn, bool strings)
{
    bool string = (insn->row.form & STRING) != 0;

    if (insn->locked || insn->gs || insn->address32 != string || (string && !strings))
        return false;
    if (!(insn->row.form & REG_IN_OPCODE))
        return insn->rex == 0;
    insn->rm = (uint8_t)((insn->opcode & 7) | (insn->rex & REX_B ? 8 : 0));
    return !(insn->rex & REX_R) && rm_is_good(insn);
}

static unsigned immediate_nbytes(const struct insn *insn)
{
    if ((insn->row.form & TEST) && insn->reg != 0)
        return 0;
    if (insn->row.form & IMMEDIATE)
        return insn->operand16 ? 2 : 4;
    return insn->row.form & IMMEDIATE8 ? 1 : 0;
}

unsigned vx_verify_insn(const uint8_t *at, bool embedded, bool strings,
                        struct vx_verify_scratch *scratch)
{
    struct insn insn = {.at = at, .start = at, .base = NO_REG};
    bool good;

    if (!read_prefixes(&insn) || (insn.rex & (REX_W | REX_X)) != 0 || !read_opcode(&insn))
        return 0;
    if (insn.row.form & (REGISTER | MEMORY))
        good = modrm_is_good(&insn, embedded, scratch);
    else
        good = other_is_good(&insn, strings);
    return good ? (unsigned)(insn.at - insn.start) + immediate_nbytes(&insn) : 0;
}

/* SPDX-License-Identifier: MIT */
/* What the decoder leaves out of the instruction sets that the contract names, and why. */
#ifndef VXA_DECODE_OMISSIONS_H
#define VXA_DECODE_OMISSIONS_H

#include <Zydis/Zydis.h>

#include <stdint.h>

#define REG(n)   (1u << (n))
#define ALL_REGS 0xffu

enum form { ANY_FORM, MEMORY, REGISTER };

/* A row covers an encoding if every field that is set agrees; the first row that does counts. */
struct omission {
    const char *reason;
    uint16_t first, last; /* opcodes, 0F00h added behind 0Fh; both 0: any */
    uint8_t regs;         /* set of ModRM.reg; 0: any */
    uint8_t form;         /* enum form */
    uint8_t prefix;       /* one that must stand before the opcode; 0: any */
    uint8_t other_prefix; /* likewise */
    int8_t effect;        /* ZydisPrefixType of the prefix, plus 1; 0: any */
    uint8_t above;        /* the immediate must be greater; 0: any */
    uint16_t mnemonic;    /* ZydisMnemonic; 0: any */
    uint16_t category;    /* ZydisInstructionCategory; 0: any */
};

#define SELECTOR   "a guest has no segments; only the selector of its thread area can be loaded"
#define FAR        "a far transfer leaves the flat segment"
#define PORT       "a guest has no ports"
#define PRIVILEGED "the system's own, or a look at its tables"
#define TWIN       "an undocumented twin of a documented encoding"
#define OBSOLETE   "a control of coprocessors before the 387, ignored since"
#define INEXACT    "transcendental: processors differ in the last bit"
#define RESERVED   "a reserved no-operation; only 0F 1F /0 is documented"
#define NO_EFFECT  "a prefix without a meaning here: later processors may give it one"
#define NO_FLAT    "a segment override other than gs"
#define GS_IMPLIED "gs only before an address that the instruction spells out"
#define ELISION    "XACQUIRE and XRELEASE, of TSX"
#define NO_WORD    "an operand size of 16 bits that is undefined, useless or differs between vendors"

static const struct omission omissions[] = {
    {SELECTOR, .first = 0x06, .last = 0x07},
    {SELECTOR, .first = 0x0e, .last = 0x0e},
    {SELECTOR, .first = 0x16, .last = 0x17},
    {SELECTOR, .first = 0x1e, .last = 0x1f},
    {SELECTOR, .first = 0x8c, .last = 0x8c},
    {SELECTOR, .first = 0x8e, .last = 0x8e, .regs = ALL_REGS & ~REG(5)},
    {SELECTOR, .first = 0xc4, .last = 0xc5, .form = MEMORY},
    {SELECTOR, .first = 0x0fa0, .last = 0x0fa1},
    {SELECTOR, .first = 0x0fa8, .last = 0x0fa9},
    {SELECTOR, .first = 0x0fb2, .last = 0x0fb2},
    {SELECTOR, .first = 0x0fb4, .last = 0x0fb5},
    {FAR, .first = 0x9a, .last = 0x9a},
    {FAR, .first = 0xca, .last = 0xcb},
    {FAR, .first = 0xcf, .last = 0xcf},
    {FAR, .first = 0xea, .last = 0xea},
    {FAR, .first = 0xff, .last = 0xff, .regs = REG(3) | REG(5), .form = MEMORY},
    {PORT, .first = 0x6c, .last = 0x6f},
    {PORT, .first = 0xe4, .last = 0xe7},
    {PORT, .first = 0xec, .last = 0xef},
    {PRIVILEGED, .first = 0x63, .last = 0x63},
    {PRIVILEGED, .first = 0xfa, .last = 0xfb},
    {PRIVILEGED, .first = 0x0f00, .last = 0x0f03},
    {PRIVILEGED, .first = 0x0f06, .last = 0x0f06},
    {PRIVILEGED, .first = 0x0f08, .last = 0x0f09},
    {PRIVILEGED, .first = 0x0f20, .last = 0x0f23},
    {PRIVILEGED, .first = 0x0f30, .last = 0x0f30},
    {PRIVILEGED, .first = 0x0f32, .last = 0x0f32},
    {PRIVILEGED, .first = 0x0faa, .last = 0x0faa},
    {"a clock or a counter", .first = 0x0f31, .last = 0x0f31},
    {"a clock or a counter", .first = 0x0f33, .last = 0x0f33},
    {"a way into the system other than INT", .first = 0x0f34, .last = 0x0f35},
    {"a way into the system other than INT", .first = 0xf1, .last = 0xf1},
    {"undocumented until long mode took it away", .first = 0xd6, .last = 0xd6},
    {"defined to be invalid, as is what is refused", .first = 0x0fb9, .last = 0x0fb9},
    {"defined to be invalid, as is what is refused", .first = 0x0fff, .last = 0x0fff},
    {TWIN, .first = 0xc0, .last = 0xc1, .regs = REG(6)},
    {TWIN, .first = 0xd0, .last = 0xd3, .regs = REG(6)},
    {TWIN, .first = 0xf6, .last = 0xf7, .regs = REG(1)},
    {TWIN, .first = 0xd9, .last = 0xd9, .regs = REG(3), .form = REGISTER},
    {TWIN, .first = 0xdc, .last = 0xdc, .regs = REG(2) | REG(3), .form = REGISTER},
    {TWIN, .first = 0xdd, .last = 0xdd, .regs = REG(1), .form = REGISTER},
    {TWIN, .first = 0xde, .last = 0xde, .regs = REG(2), .form = REGISTER},
    {TWIN, .first = 0xdf, .last = 0xdf, .regs = REG(1) | REG(2) | REG(3), .form = REGISTER},
    {"undocumented: FFREE that pops", .mnemonic = ZYDIS_MNEMONIC_FFREEP},
    {OBSOLETE, .mnemonic = ZYDIS_MNEMONIC_FENI8087_NOP},
    {OBSOLETE, .mnemonic = ZYDIS_MNEMONIC_FDISI8087_NOP},
    {OBSOLETE, .mnemonic = ZYDIS_MNEMONIC_FSETPM287_NOP},
    {INEXACT, .mnemonic = ZYDIS_MNEMONIC_F2XM1},
    {INEXACT, .mnemonic = ZYDIS_MNEMONIC_FYL2X},
    {INEXACT, .mnemonic = ZYDIS_MNEMONIC_FYL2XP1},
    {INEXACT, .mnemonic = ZYDIS_MNEMONIC_FPTAN},
    {INEXACT, .mnemonic = ZYDIS_MNEMONIC_FPATAN},
    {INEXACT, .mnemonic = ZYDIS_MNEMONIC_FSIN},
    {INEXACT, .mnemonic = ZYDIS_MNEMONIC_FCOS},
    {INEXACT, .mnemonic = ZYDIS_MNEMONIC_FSINCOS},
    {RESERVED, .first = 0x0f18, .last = 0x0f18, .regs = ALL_REGS & ~0xfu},
    {RESERVED, .first = 0x0f18, .last = 0x0f18, .form = REGISTER},
    {RESERVED, .first = 0x0f19, .last = 0x0f1e, .mnemonic = ZYDIS_MNEMONIC_NOP},
    {RESERVED, .first = 0x0f1f, .last = 0x0f1f, .regs = ALL_REGS & ~REG(0)},
    {"a predicate of later processors", .first = 0x0fc2, .last = 0x0fc2, .above = 7},
    {NO_FLAT, .prefix = 0x26},
    {NO_FLAT, .prefix = 0x36},
    {NO_FLAT, .prefix = 0x64},
    {NO_EFFECT, .prefix = 0x2e, .effect = ZYDIS_PREFIX_TYPE_IGNORED + 1},
    {NO_EFFECT, .prefix = 0x3e, .effect = ZYDIS_PREFIX_TYPE_IGNORED + 1},
    {NO_EFFECT, .prefix = 0x65, .effect = ZYDIS_PREFIX_TYPE_IGNORED + 1},
    {NO_EFFECT, .prefix = 0xf2, .effect = ZYDIS_PREFIX_TYPE_IGNORED + 1},
    {NO_EFFECT, .prefix = 0xf3, .effect = ZYDIS_PREFIX_TYPE_IGNORED + 1},
    {NO_FLAT, .prefix = 0x2e, .effect = ZYDIS_PREFIX_TYPE_EFFECTIVE + 1},
    {NO_FLAT, .prefix = 0x3e, .effect = ZYDIS_PREFIX_TYPE_EFFECTIVE + 1},
    {"gs beside another override", .prefix = 0x65, .other_prefix = 0x2e},
    {"gs beside another override", .prefix = 0x65, .other_prefix = 0x3e},
    {GS_IMPLIED, .prefix = 0x65, .category = ZYDIS_CATEGORY_STRINGOP},
    {GS_IMPLIED, .prefix = 0x65, .mnemonic = ZYDIS_MNEMONIC_XLAT},
    {GS_IMPLIED, .prefix = 0x65, .mnemonic = ZYDIS_MNEMONIC_MASKMOVQ},
    {GS_IMPLIED, .prefix = 0x65, .mnemonic = ZYDIS_MNEMONIC_MASKMOVDQU},
    {"BND, of MPX", .prefix = 0xf2, .category = ZYDIS_CATEGORY_CALL},
    {"BND, of MPX", .prefix = 0xf2, .category = ZYDIS_CATEGORY_RET},
    {"BND, of MPX", .prefix = 0xf2, .category = ZYDIS_CATEGORY_COND_BR},
    {"BND, of MPX", .prefix = 0xf2, .category = ZYDIS_CATEGORY_UNCOND_BR},
    {ELISION, .prefix = 0xf2, .other_prefix = 0xf0},
    {ELISION, .prefix = 0xf3, .other_prefix = 0xf0},
    {ELISION, .prefix = 0xf2, .mnemonic = ZYDIS_MNEMONIC_XCHG, .form = MEMORY},
    {ELISION, .prefix = 0xf3, .mnemonic = ZYDIS_MNEMONIC_XCHG, .form = MEMORY},
    {ELISION, .prefix = 0xf3, .first = 0x88, .last = 0x89, .form = MEMORY},
    {ELISION, .prefix = 0xf3, .first = 0xc6, .last = 0xc7, .form = MEMORY},
    {"REPNE without a comparison", .prefix = 0xf2, .first = 0xa4, .last = 0xa5},
    {"REPNE without a comparison", .prefix = 0xf2, .first = 0xaa, .last = 0xad},
    {NO_WORD, .prefix = 0x66, .category = ZYDIS_CATEGORY_CALL},
    {NO_WORD, .prefix = 0x66, .category = ZYDIS_CATEGORY_RET},
    {NO_WORD, .prefix = 0x66, .category = ZYDIS_CATEGORY_COND_BR},
    {NO_WORD, .prefix = 0x66, .category = ZYDIS_CATEGORY_UNCOND_BR},
    {NO_WORD, .prefix = 0x66, .first = 0xcd, .last = 0xce},
    {NO_WORD, .prefix = 0x66, .category = ZYDIS_CATEGORY_PREFETCH},
    {NO_WORD, .prefix = 0x66, .category = ZYDIS_CATEGORY_X87_ALU},
    {NO_WORD, .prefix = 0x66, .category = ZYDIS_CATEGORY_FCMOV},
    {NO_WORD, .prefix = 0x66, .mnemonic = ZYDIS_MNEMONIC_ENTER},
    {NO_WORD, .prefix = 0x66, .mnemonic = ZYDIS_MNEMONIC_LEAVE},
    {NO_WORD, .prefix = 0x66, .mnemonic = ZYDIS_MNEMONIC_BSWAP},
    {NO_WORD, .prefix = 0x66, .mnemonic = ZYDIS_MNEMONIC_PAUSE},
};

/* Prefixes that a row above would refuse, and that are accepted without an effect. */
#define BRANCH_HINT "a hint, or NOTRACK"
#define PADDING     "assemblers pad with it"
#define OLD_REPEAT  "compilers wrote it for old processors, or newer ones read it otherwise"

static const struct omission exceptions[] = {
    {BRANCH_HINT, .prefix = 0x2e, .category = ZYDIS_CATEGORY_CALL},
    {BRANCH_HINT, .prefix = 0x2e, .category = ZYDIS_CATEGORY_COND_BR},
    {BRANCH_HINT, .prefix = 0x2e, .category = ZYDIS_CATEGORY_UNCOND_BR},
    {BRANCH_HINT, .prefix = 0x3e, .category = ZYDIS_CATEGORY_CALL},
    {BRANCH_HINT, .prefix = 0x3e, .category = ZYDIS_CATEGORY_COND_BR},
    {BRANCH_HINT, .prefix = 0x3e, .category = ZYDIS_CATEGORY_UNCOND_BR},
    {PADDING, .prefix = 0x2e, .first = 0x8d, .last = 0x8d},
    {PADDING, .prefix = 0x3e, .first = 0x8d, .last = 0x8d},
    {PADDING, .prefix = 0x2e, .first = 0x0f1f, .last = 0x0f1f, .regs = REG(0)},
    {PADDING, .prefix = 0x3e, .first = 0x0f1f, .last = 0x0f1f, .regs = REG(0)},
    {OLD_REPEAT, .prefix = 0xf3, .first = 0xc2, .last = 0xc3},
    {OLD_REPEAT, .prefix = 0xf3, .first = 0x0fbc, .last = 0x0fbd},
};

enum {
    OMISSION_COUNT = sizeof(omissions) / sizeof(omissions[0]),
    EXCEPTION_COUNT = sizeof(exceptions) / sizeof(exceptions[0]),
};

#endif

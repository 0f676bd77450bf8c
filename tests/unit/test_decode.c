/* SPDX-License-Identifier: MIT */
/* That the decoder agrees with Zydis on the whole opcode space, and refuses only what is listed. */
#include "cpu.h"
#include "decode_omissions.h"
#include "insn.h"
#include "print.h"
#include "support/test.h"

#include <Zydis/Zydis.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SEED = 20010611,
    BUFFER_NBYTES = 20,      /* two prefixes, the longest instruction, and bytes behind it */
    SHOWN_DISAGREEMENTS = 20 /* of each walk */
};

static const uint8_t prefixes[] = {0x66, 0xf2, 0xf3, 0x67, 0xf0, 0x2e,
                                   0x3e, 0x65, 0x64, 0x26, 0x36};

enum { PREFIX_COUNT = sizeof(prefixes) / sizeof(prefixes[0]) };

/* One encoding under both decoders, and the counts of the walk that it is part of. */
struct walk {
    uint64_t random; /* xorshift64 state */
    ZydisDecoder zydis;
    uint8_t bytes[BUFFER_NBYTES];
    vx32_addr addr;
    struct vx_insn insn;
    ZydisDecodedInstruction theirs;
    ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
    uint64_t tried, accepted, omitted, disagreements;
    uint64_t hits[OMISSION_COUNT];
};

static uint64_t next_random(struct walk *w)
{
    w->random ^= w->random << 13;
    w->random ^= w->random >> 7;
    w->random ^= w->random << 17;
    return w->random;
}

/* F3 before BSF and BSR keeps its older meaning here: none. */
static void walk_init(struct walk *w)
{
    *w = (struct walk){.random = SEED};
    ZydisDecoderInit(&w->zydis, ZYDIS_MACHINE_MODE_LEGACY_32, ZYDIS_STACK_WIDTH_32);
    ZydisDecoderEnableMode(&w->zydis, ZYDIS_DECODER_MODE_LZCNT, ZYAN_FALSE);
    ZydisDecoderEnableMode(&w->zydis, ZYDIS_DECODER_MODE_TZCNT, ZYAN_FALSE);
}

static void show_bytes(const struct walk *w, unsigned nbytes)
{
    for (unsigned i = 0; i < nbytes; i++)
        printf(" %02x", w->bytes[i]);
}

/* Counts and, for the first ones, shows what the two decoders do not agree on. */
static void agree(struct walk *w, bool do_agree, const char *what)
{
    char text[VX_TEXT_NBYTES] = "refused";

    if (do_agree || w->disagreements++ >= SHOWN_DISAGREEMENTS)
        return;
    vx_disassemble(w->bytes, BUFFER_NBYTES, w->addr, text, sizeof(text));
    printf("  %s:", what);
    show_bytes(w, 15);
    printf(": here \"%s\", there \"%s\"\n", text, ZydisMnemonicGetString(w->theirs.mnemonic));
}

/* ---- what both accept ---- */

/* Zydis names six of the conditions otherwise. */
static void their_mnemonic(const struct vx_insn *insn, const char *ours, char *text, size_t nbytes)
{
    static const char conditions[16][4] = {"o", "no", "b", "nb", "z", "nz", "be", "nbe",
                                           "s", "ns", "p", "np", "l", "nl", "le", "nle"};

    switch (insn->operation) {
    case VX_OP_JCC:
    case VX_OP_SETCC:
    case VX_OP_CMOVCC:
        snprintf(text, nbytes, "%s%s", vx_operations[insn->operation].mnemonic,
                 conditions[insn->condition]);
        break;
    default: snprintf(text, nbytes, "%s", ours); break;
    }
}

static bool is_prefix_word(const char *word, size_t length)
{
    static const char *const words[] = {"lock", "rep", "repe", "repne", "addr16"};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strlen(words[i]) == length && !strncmp(word, words[i], length))
            return true;
    return false;
}

/* The word of a printed instruction that follows its prefixes. */
static void printed_mnemonic(const struct vx_insn *insn, char word[VX_TEXT_NBYTES])
{
    char text[VX_TEXT_NBYTES];
    const char *start = text;
    size_t length;

    vx_print(insn, text, sizeof(text));
    for (;;) {
        length = strcspn(start, " ");
        if (!is_prefix_word(start, length))
            break;
        start += length + 1;
    }
    memcpy(word, start, length);
    word[length] = '\0';
}

static bool same_mnemonic(const struct walk *w)
{
    char word[VX_TEXT_NBYTES], expected[VX_TEXT_NBYTES];

    printed_mnemonic(&w->insn, word);
    their_mnemonic(&w->insn, word, expected, sizeof(expected));
    return !strcmp(expected, ZydisMnemonicGetString(w->theirs.mnemonic));
}

static bool same_prefixes(const struct walk *w)
{
    ZydisInstructionAttributes there = w->theirs.attributes;
    const ZydisInstructionAttributes f3 = ZYDIS_ATTRIB_HAS_REP | ZYDIS_ATTRIB_HAS_REPE;
    unsigned here = w->insn.prefixes;

    return !(here & VX_PREFIX_LOCK) == !(there & ZYDIS_ATTRIB_HAS_LOCK) &&
           !(here & VX_PREFIX_REPE) == !(there & f3) &&
           !(here & VX_PREFIX_REPNE) == !(there & ZYDIS_ATTRIB_HAS_REPNE) &&
           !(here & VX_PREFIX_GS) == !(there & ZYDIS_ATTRIB_HAS_SEGMENT_GS) &&
           (here & VX_PREFIX_ADDRESS16 ? 16 : 32) == w->theirs.address_width;
}

static ZydisRegister general_register(unsigned number, unsigned nbytes)
{
    ZydisRegister first = nbytes == 1   ? ZYDIS_REGISTER_AL
                          : nbytes == 2 ? ZYDIS_REGISTER_AX
                                        : ZYDIS_REGISTER_EAX;

    return number == VX_NO_REGISTER ? ZYDIS_REGISTER_NONE : (ZydisRegister)(first + number);
}

static ZydisRegister expected_register(const struct vx_insn *insn, unsigned n)
{
    unsigned nbytes = vx_operand_nbytes(insn, n);

    switch (vx_operand_kind(insn, n)) {
    case VX_KIND_RM: return general_register(insn->rm, nbytes);
    case VX_KIND_RM_WORD: return general_register(insn->rm, 4);
    case VX_KIND_REG:
    case VX_KIND_OPCODE_REG: return general_register(insn->reg, nbytes);
    case VX_KIND_ACCUMULATOR: return general_register(VX32_EAX, nbytes);
    case VX_KIND_COUNT: return ZYDIS_REGISTER_CL;
    case VX_KIND_SEGMENT: return ZYDIS_REGISTER_GS;
    case VX_KIND_ST0: return ZYDIS_REGISTER_ST0;
    case VX_KIND_STI: return ZYDIS_REGISTER_ST0 + insn->rm;
    case VX_KIND_MMX_REG: return ZYDIS_REGISTER_MM0 + insn->reg;
    case VX_KIND_MMX_RM:
    case VX_KIND_MMX_ONLY: return ZYDIS_REGISTER_MM0 + insn->rm;
    case VX_KIND_XMM_REG: return ZYDIS_REGISTER_XMM0 + insn->reg;
    case VX_KIND_XMM_RM:
    case VX_KIND_XMM_ONLY: return ZYDIS_REGISTER_XMM0 + insn->rm;
    default: return ZYDIS_REGISTER_NONE;
    }
}

/* Addresses that are not accessed have no size here. */
static bool same_memory_size(const struct vx_insn *insn, unsigned n,
                             const ZydisDecodedOperand *there)
{
    switch (vx_opcodes[insn->slot].operand[n]) {
    case VX_O_M: return true;
    case VX_O_Ma: return there->size == 16u * insn->operand_nbytes;
    default: return there->size == 8u * vx_operand_nbytes(insn, n);
    }
}

static bool same_address(const struct vx_insn *insn, const ZydisDecodedOperandMem *there)
{
    unsigned nbytes = insn->prefixes & VX_PREFIX_ADDRESS16 ? 2 : 4;
    uint32_t mask = nbytes == 2 ? UINT16_MAX : UINT32_MAX;
    bool has_index = insn->index != VX_NO_REGISTER;

    return there->base == general_register(insn->base, nbytes) &&
           there->index == general_register(insn->index, nbytes) &&
           (!has_index || there->scale == 1u << insn->shift) &&
           ((uint32_t)there->disp.value & mask) == (insn->displacement & mask);
}

static bool same_immediate(const struct walk *w, unsigned n, const ZydisDecodedOperand *there)
{
    const struct vx_insn *insn = &w->insn;
    uint32_t mask = UINT32_MAX >> (32 - 8 * vx_operand_nbytes(insn, n));
    uint32_t here = insn->operation == VX_OP_ENTER && n == 1 ? insn->immediate2 : insn->immediate;

    if (vx_operand_kind(insn, n) == VX_KIND_RELATIVE)
        return there->imm.is_relative &&
               w->addr + insn->nbytes + (uint32_t)there->imm.value.u == insn->immediate;
    return !there->imm.is_relative && (here & mask) == ((uint32_t)there->imm.value.u & mask);
}

static bool same_operand(const struct walk *w, unsigned n, const ZydisDecodedOperand *there)
{
    switch (there->type) {
    case ZYDIS_OPERAND_TYPE_REGISTER: return there->reg.value == expected_register(&w->insn, n);
    case ZYDIS_OPERAND_TYPE_MEMORY:
        return w->insn.has_memory && same_memory_size(&w->insn, n, there) &&
               same_address(&w->insn, &there->mem);
    case ZYDIS_OPERAND_TYPE_IMMEDIATE: return same_immediate(w, n, there);
    default: return false;
    }
}

/* Two corrections: Zydis shows an implied st(0) of FUCOMP, and NOP's ModRM.reg as a register. */
static unsigned visible_operands(const struct walk *w, const ZydisDecodedOperand **first)
{
    bool has_implied_first = w->insn.operation == VX_OP_FUCOMP;
    bool has_extra_last = w->insn.operation == VX_OP_NOP && w->theirs.operand_count_visible > 0;

    *first = w->operands + (has_implied_first ? 1 : 0);
    return w->theirs.operand_count_visible - (has_implied_first || has_extra_last ? 1u : 0u);
}

/* Strings have operands in the table, but no visible ones in text. */
static bool same_operands(const struct walk *w)
{
    const ZydisDecodedOperand *there;
    unsigned count = visible_operands(w, &there);

    if (vx_operations[w->insn.operation].class == VX_CLASS_STRING)
        return count == 0;
    for (unsigned n = 0; n < 3; n++) {
        unsigned kind = vx_operand_kind(&w->insn, n);

        if (kind == VX_KIND_NONE || kind == VX_KIND_FIXED_RM3)
            continue;
        if (!count || !same_operand(w, n, there))
            return false;
        there++;
        count--;
    }
    return count == 0;
}

static unsigned expand_condition(const struct vx_insn *insn, unsigned flags)
{
    if (flags & VX_FL_CC)
        flags = (flags & ~(unsigned)VX_FL_CC) | vx_condition_flags(insn->condition);
    return flags;
}

struct flag_use {
    unsigned tested, changed, undefined; /* enum vx_flag_set */
};

/*
 * Two corrections: SBB defines AF (SDM volume 2), and a repeated comparison tests only the ZF that
 * it made itself.
 */
static struct flag_use their_flags(const struct walk *w)
{
    const ZydisAccessedFlags none = {0}, *there = w->theirs.cpu_flags ? w->theirs.cpu_flags : &none;
    struct flag_use use = {
        .tested = there->tested & VX_FL_DOSZAPC,
        .changed = (there->modified | there->set_0 | there->set_1) & VX_FL_DOSZAPC,
        .undefined = there->undefined & VX_FL_DOSZAPC,
    };

    if (w->insn.operation == VX_OP_SBB) {
        use.undefined &= ~(unsigned)VX_FL_A;
        use.changed |= VX_FL_A;
    }
    if (vx_operations[w->insn.operation].class == VX_CLASS_STRING)
        use.tested &= ~(unsigned)VX_FL_Z;
    return use;
}

/* Shifts by 1 define a flag that they leave undefined otherwise: it is in both sets here. */
static bool same_flags(const struct walk *w)
{
    const struct vx_operation_info *here = &vx_operations[w->insn.operation];
    struct flag_use there = their_flags(w);

    return expand_condition(&w->insn, here->reads) == there.tested &&
           (here->writes & ~(unsigned)here->undefined) == (there.changed & ~there.undefined) &&
           here->undefined == there.undefined;
}

/* The sets that the contract names; of CET only the hint ENDBR32. */
static bool in_contract(const ZydisDecodedInstruction *there)
{
    switch (there->meta.isa_set) {
    case ZYDIS_ISA_SET_I86:
    case ZYDIS_ISA_SET_I186:
    case ZYDIS_ISA_SET_I286PROTECTED:
    case ZYDIS_ISA_SET_I286REAL:
    case ZYDIS_ISA_SET_I386:
    case ZYDIS_ISA_SET_I486:
    case ZYDIS_ISA_SET_I486REAL:
    case ZYDIS_ISA_SET_PENTIUMREAL:
    case ZYDIS_ISA_SET_PENTIUMMMX:
    case ZYDIS_ISA_SET_PPRO:
    case ZYDIS_ISA_SET_CMOV:
    case ZYDIS_ISA_SET_FCMOV:
    case ZYDIS_ISA_SET_FAT_NOP:
    case ZYDIS_ISA_SET_LAHF:
    case ZYDIS_ISA_SET_PAUSE:
    case ZYDIS_ISA_SET_RDPMC:
    case ZYDIS_ISA_SET_X87:
    case ZYDIS_ISA_SET_FXSAVE:
    case ZYDIS_ISA_SET_SSE:
    case ZYDIS_ISA_SET_SSE_PREFETCH:
    case ZYDIS_ISA_SET_SSEMXCSR:
    case ZYDIS_ISA_SET_SSE2:
    case ZYDIS_ISA_SET_SSE2MMX:
    case ZYDIS_ISA_SET_CLFSH: return true;
    case ZYDIS_ISA_SET_CET: return there->mnemonic == ZYDIS_MNEMONIC_ENDBR32;
    default: return false;
    }
}

/* HLT is accepted as a trap; of the loads of segment registers only that of gs. */
static bool is_allowed(const struct walk *w)
{
    if (w->theirs.attributes & ZYDIS_ATTRIB_IS_PRIVILEGED &&
        vx_operations[w->insn.operation].class != VX_CLASS_TRAP)
        return false;
    if (w->theirs.meta.branch_type == ZYDIS_BRANCH_TYPE_FAR)
        return false;
    for (unsigned i = 0; i < w->theirs.operand_count; i++) {
        const ZydisDecodedOperand *operand = &w->operands[i];

        if (operand->type == ZYDIS_OPERAND_TYPE_REGISTER &&
            ZydisRegisterGetClass(operand->reg.value) == ZYDIS_REGCLASS_SEGMENT &&
            operand->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE && w->insn.operation != VX_OP_MOV_GS)
            return false;
    }
    return true;
}

/* ---- what is left out ---- */

static bool is_repeat(uint8_t prefix)
{
    return prefix == 0xf2 || prefix == 0xf3;
}

/*
 * The effect that Zydis gives to a prefix, plus 1; 0 if it is absent. Of F2h and F3h only the last
 * one is present.
 */
static int prefix_effect(const ZydisDecodedInstruction *there, uint8_t prefix)
{
    int effect = 0;

    for (unsigned i = 0; i < there->raw.prefix_count; i++) {
        uint8_t met = there->raw.prefixes[i].value;

        if (met == prefix)
            effect = (int)there->raw.prefixes[i].type + 1;
        else if (is_repeat(met) && is_repeat(prefix))
            effect = 0;
    }
    return effect;
}

static bool covers_encoding(const struct omission *o, const ZydisDecodedInstruction *there)
{
    unsigned opcode = there->opcode + (there->opcode_map == ZYDIS_OPCODE_MAP_0F ? 0xf00u : 0u);
    bool is_register = there->raw.modrm.mod == 3;

    if (o->last && (opcode < o->first || opcode > o->last))
        return false;
    if (o->regs && !(o->regs >> there->raw.modrm.reg & 1))
        return false;
    return o->form == ANY_FORM || (o->form == REGISTER) == is_register;
}

static bool covers_prefixes(const struct omission *o, const ZydisDecodedInstruction *there)
{
    int effect = o->prefix ? prefix_effect(there, o->prefix) : 0;

    return (!o->prefix || effect) && (!o->effect || effect == o->effect) &&
           (!o->other_prefix || prefix_effect(there, o->other_prefix));
}

static bool covers(const struct omission *o, const ZydisDecodedInstruction *there)
{
    return covers_encoding(o, there) && covers_prefixes(o, there) &&
           (!o->above || there->raw.imm[0].value.u > o->above) &&
           (!o->mnemonic || o->mnemonic == there->mnemonic) &&
           (!o->category || o->category == there->meta.category);
}

/* EXCEPTION_COUNT if this prefix is none of the exceptions. */
static int find_exception(const struct walk *w, uint8_t prefix)
{
    int i = 0;

    while (i < EXCEPTION_COUNT &&
           (exceptions[i].prefix != prefix || !covers(&exceptions[i], &w->theirs)))
        i++;
    return i;
}

/* OMISSION_COUNT if none covers it. */
static int find_omission(const struct walk *w)
{
    int i = 0;

    while (i < OMISSION_COUNT && (!covers(&omissions[i], &w->theirs) ||
                                  find_exception(w, omissions[i].prefix) < EXCEPTION_COUNT))
        i++;
    return i;
}

static void explain_omission(struct walk *w)
{
    int i = find_omission(w);

    agree(w, i < OMISSION_COUNT, "refused without a listed reason");
    if (i < OMISSION_COUNT)
        w->hits[i]++;
    w->omitted++;
}

static void compare_accepted(struct walk *w, const ZydisDecoderContext *context)
{
    ZydisDecoderDecodeOperands(&w->zydis, context, &w->theirs, w->operands,
                               w->theirs.operand_count);
    w->accepted++;
    agree(w, w->insn.nbytes == w->theirs.length, "length");
    agree(w, same_mnemonic(w), "operation");
    agree(w, same_prefixes(w), "prefixes");
    agree(w, same_operands(w), "operands");
    agree(w, same_flags(w), "flags");
    agree(w, in_contract(&w->theirs), "instruction set");
    agree(w, is_allowed(w), "outside user mode");
    agree(w, find_omission(w) == OMISSION_COUNT, "listed as left out");
}

/* ---- the opcode space ---- */

static void compare(struct walk *w)
{
    ZydisDecoderContext context;
    enum vx_decode_result result = vx_decode(w->bytes, BUFFER_NBYTES, w->addr, &w->insn);
    bool is_known = ZYAN_SUCCESS(ZydisDecoderDecodeInstruction(
        &w->zydis, &context, w->bytes, ZYDIS_MAX_INSTRUCTION_LENGTH, &w->theirs));

    w->tried++;
    if (result == VX_DECODE_OK && is_known)
        compare_accepted(w, &context);
    else if (result == VX_DECODE_OK)
        agree(w, false, "accepted here only");
    else if (is_known && in_contract(&w->theirs))
        explain_omission(w);
}

/* A set of prefixes, an opcode in one of the two maps, and ModRM. */
struct encoding {
    const uint8_t *prefixes;
    unsigned prefix_count;
    bool is_two_bytes;
    uint8_t opcode, modrm;
};

/* Random bytes behind ModRM; some of the predicates of CMPPS must lie below 8. */
static unsigned lay_out(struct walk *w, const struct encoding *e)
{
    uint8_t mask = e->opcode == 0xc2 && e->modrm & 1 ? 7 : 0xff;
    unsigned n = 0, first;

    for (unsigned i = 0; i < e->prefix_count; i++)
        w->bytes[n++] = e->prefixes[i];
    if (e->is_two_bytes)
        w->bytes[n++] = 0x0f;
    w->bytes[n++] = e->opcode;
    w->bytes[n++] = e->modrm;
    first = n;
    for (uint64_t random = 0; n < BUFFER_NBYTES; n++, random >>= 8) {
        if ((n - first) % 8 == 0)
            random = next_random(w);
        w->bytes[n] = (uint8_t)random & mask;
    }
    w->addr = (vx32_addr)next_random(w);
    return first;
}

static const uint8_t some_sibs[] = {0x24, 0x65, 0x25, 0x8d, 0xc4, 0xfc, 0x05, 0x40};

/* A SIB byte follows where ModRM asks for one: those of `sibs`, or a random one. */
static void compare_encoding(struct walk *w, const struct encoding *e, const uint8_t *sibs,
                             unsigned sib_count)
{
    bool has_sib = e->modrm < 0xc0 && (e->modrm & 7) == 4;
    unsigned position = lay_out(w, e);

    compare(w);
    for (unsigned i = 0; has_sib && i < sib_count; i++) {
        lay_out(w, e);
        w->bytes[position] = sibs[i];
        compare(w);
    }
}

static void compare_all_opcodes(struct walk *w, const uint8_t *before, unsigned prefix_count,
                                unsigned sib_count)
{
    struct encoding e = {.prefixes = before, .prefix_count = prefix_count};

    for (unsigned i = 0; i < 512; i++) {
        e.is_two_bytes = i >= 256;
        e.opcode = (uint8_t)i;
        for (unsigned modrm = 0; modrm < 256; modrm++) {
            e.modrm = (uint8_t)modrm;
            compare_encoding(w, &e, some_sibs, sib_count);
        }
    }
}

static void report_walk(const struct walk *w, const char *name)
{
    printf("  %s: %" PRIu64 " tried, %" PRIu64 " accepted, %" PRIu64 " deliberately refused\n",
           name, w->tried, w->accepted, w->omitted);
    CHECK(w->accepted > 0);
    CHECK_EQ_U64(w->disagreements, 0);
}

/* Every opcode under every single prefix and every pair in both orders. */
static void both_decoders_agree_on_every_opcode(void)
{
    static struct walk w;
    uint8_t pair[2];

    walk_init(&w);
    compare_all_opcodes(&w, NULL, 0, sizeof(some_sibs));
    for (int i = 0; i < PREFIX_COUNT; i++)
        compare_all_opcodes(&w, &prefixes[i], 1, sizeof(some_sibs));
    for (int i = 0; i < PREFIX_COUNT * PREFIX_COUNT; i++) {
        pair[0] = prefixes[i / PREFIX_COUNT];
        pair[1] = prefixes[i % PREFIX_COUNT];
        compare_all_opcodes(&w, pair, 2, 0);
    }
    report_walk(&w, "opcodes");
    for (int i = 0; i < OMISSION_COUNT; i++)
        if (!w.hits[i])
            printf("  omission %d is never met: %s\n", i, omissions[i].reason);
    for (int i = 0; i < OMISSION_COUNT; i++)
        CHECK(w.hits[i] > 0);
}

static void both_decoders_agree_on_every_address(void)
{
    static const uint8_t before[] = {0x65, 0x67, 0x66};
    static const struct encoding forms[] = {
        {.opcode = 0x8b},
        {.opcode = 0xf7},
        {.opcode = 0xd9},
        {.opcode = 0x6f, .is_two_bytes = true},
        {.opcode = 0xba, .is_two_bytes = true},
        {.opcode = 0x8b, .prefixes = &before[0], .prefix_count = 1},
        {.opcode = 0x8d, .prefixes = &before[1], .prefix_count = 1},
        {.opcode = 0xc7, .prefixes = &before[2], .prefix_count = 1},
    };
    static struct walk w;
    uint8_t sibs[256];

    walk_init(&w);
    for (unsigned i = 0; i < 256; i++)
        sibs[i] = (uint8_t)i;
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
        for (unsigned modrm = 0; modrm < 256; modrm++) {
            struct encoding e = forms[i];

            e.modrm = (uint8_t)modrm;
            compare_encoding(&w, &e, sibs, 256);
        }
    report_walk(&w, "addresses");
}

/* ---- facts of the decoder alone ---- */

static enum vx_decode_result result_of(const uint8_t *bytes, size_t nbytes)
{
    struct vx_insn insn;

    return vx_decode(bytes, nbytes, 0x10000, &insn);
}

static void three_byte_opcodes_are_refused(void)
{
    uint8_t bytes[16] = {0};

    for (unsigned p = 0; p <= PREFIX_COUNT; p++)
        for (unsigned i = 0; i < 512; i++) {
            unsigned n = 0;

            if (p < PREFIX_COUNT)
                bytes[n++] = prefixes[p];
            bytes[n++] = 0x0f;
            bytes[n++] = i < 256 ? 0x38 : 0x3a;
            bytes[n] = (uint8_t)i;
            CHECK(result_of(bytes, sizeof(bytes)) == VX_DECODE_REJECT);
        }
}

/* Buffers of exactly 0 to 15 bytes, so that sanitizers see a byte read behind them. */
static bool prefixes_are_truncated(uint8_t *const exact[16], const uint8_t *bytes, unsigned nbytes)
{
    bool good = true;

    for (unsigned n = 0; n < nbytes; n++) {
        memcpy(exact[n], bytes, n);
        good = good && result_of(exact[n], n) == VX_DECODE_TRUNCATED;
    }
    memcpy(exact[nbytes], bytes, nbytes);
    return good && result_of(exact[nbytes], nbytes) == VX_DECODE_OK;
}

/* `number` chooses one of the prefixes or none, the opcode and ModRM. */
static void lay_out_number(struct walk *w, unsigned number)
{
    unsigned prefix = number >> 17;
    struct encoding e = {
        .prefixes = &prefixes[prefix % PREFIX_COUNT],
        .prefix_count = prefix < PREFIX_COUNT,
        .is_two_bytes = number >> 16 & 1,
        .opcode = (uint8_t)(number >> 8),
        .modrm = (uint8_t)number,
    };

    lay_out(w, &e);
}

static void every_part_of_an_instruction_is_truncated(void)
{
    static struct walk w;
    uint8_t *exact[16];

    walk_init(&w);
    for (unsigned n = 0; n < 16; n++)
        exact[n] = malloc(n ? n : 1);
    for (unsigned number = 0; number < (PREFIX_COUNT + 1) << 17; number++) {
        lay_out_number(&w, number);
        if (vx_decode(w.bytes, BUFFER_NBYTES, w.addr, &w.insn) != VX_DECODE_OK)
            continue;
        w.accepted++;
        agree(&w, prefixes_are_truncated(exact, w.bytes, w.insn.nbytes), "truncation");
    }
    report_walk(&w, "cut off");
    for (unsigned n = 0; n < 16; n++)
        free(exact[n]);
}

static void fifteen_bytes_are_the_longest_instruction(void)
{
    uint8_t bytes[24];
    /* mov dword ptr [0x10000], 1 */
    static const uint8_t move[] = {0xc7, 0x05, 0, 0, 1, 0, 1, 0, 0, 0};

    memset(bytes, 0x67, sizeof(bytes));
    bytes[14] = 0x90;
    CHECK(result_of(bytes, sizeof(bytes)) == VX_DECODE_OK);
    CHECK(result_of(bytes, 14) == VX_DECODE_TRUNCATED);
    bytes[14] = 0x67;
    bytes[15] = 0x90;
    CHECK(result_of(bytes, sizeof(bytes)) == VX_DECODE_TOO_LONG);
    CHECK(result_of(bytes, 15) == VX_DECODE_TOO_LONG);
    memset(bytes, 0x65, sizeof(bytes));
    memcpy(bytes + 5, move, sizeof(move));
    CHECK(result_of(bytes, sizeof(bytes)) == VX_DECODE_OK);
    bytes[5] = 0x65;
    memcpy(bytes + 6, move, sizeof(move));
    CHECK(result_of(bytes, sizeof(bytes)) == VX_DECODE_TOO_LONG);
    CHECK(result_of(bytes, 14) == VX_DECODE_TRUNCATED);
}

static void no_bytes_are_a_truncated_instruction(void)
{
    CHECK(result_of(NULL, 0) == VX_DECODE_TRUNCATED);
}

static void operand_size_prefix_halves_immediates(void)
{
    static const uint8_t bytes[] = {0x66, 0xb8, 0x34, 0xf2, 0xff, 0xff};
    struct vx_insn insn;

    CHECK(vx_decode(bytes, sizeof(bytes), 0, &insn) == VX_DECODE_OK);
    CHECK_EQ_U64(insn.nbytes, 4);
    CHECK_EQ_U64(insn.operand_nbytes, 2);
    CHECK_EQ_U64(insn.immediate, 0xf234);
}

/* lea eax, [bp + di - 0x7f01] */
static void address_size_prefix_selects_the_16_bit_forms(void)
{
    static const uint8_t bytes[] = {0x67, 0x8d, 0x83, 0xff, 0x80};
    struct vx_insn insn;

    CHECK(vx_decode(bytes, sizeof(bytes), 0, &insn) == VX_DECODE_OK);
    CHECK_EQ_U64(insn.nbytes, 5);
    CHECK_EQ_U64(insn.prefixes, VX_PREFIX_ADDRESS16);
    CHECK_EQ_U64(insn.base, VX32_EBP);
    CHECK_EQ_U64(insn.index, VX32_EDI);
    CHECK_EQ_U64(insn.displacement, 0xffff80ff);
}

/* 66 F2 0F 58 C1: addsd, not addpd; the other order likewise. */
static void repeat_prefixes_select_before_the_operand_size(void)
{
    static const uint8_t bytes[][5] = {{0x66, 0xf2, 0x0f, 0x58, 0xc1},
                                       {0xf2, 0x66, 0x0f, 0x58, 0xc1}};
    struct vx_insn insn;

    for (int i = 0; i < 2; i++) {
        CHECK(vx_decode(bytes[i], 5, 0, &insn) == VX_DECODE_OK);
        CHECK_EQ_U64(insn.operation, VX_OP_ADDSD);
    }
}

static void repeat_before_bit_scans_is_ignored(void)
{
    static const uint8_t bytes[][5] = {{0xf3, 0x0f, 0xbc, 0xc1}, {0xf3, 0x0f, 0xbd, 0xc1}};
    struct vx_insn insn;

    for (int i = 0; i < 2; i++) {
        CHECK(vx_decode(bytes[i], 5, 0, &insn) == VX_DECODE_OK);
        CHECK_EQ_U64(insn.operation, i ? VX_OP_BSR : VX_OP_BSF);
        CHECK_EQ_U64(insn.prefixes, 0);
    }
}

static void relative_targets_wrap_around(void)
{
    static const uint8_t bytes[] = {0xe9, 0x00, 0x00, 0x00, 0x00, 0xeb, 0x80};
    struct vx_insn insn;

    CHECK(vx_decode(bytes, 5, 0xfffffffd, &insn) == VX_DECODE_OK);
    CHECK_EQ_U64(insn.immediate, 2);
    CHECK(vx_decode(bytes + 5, 2, 0, &insn) == VX_DECODE_OK);
    CHECK_EQ_U64(insn.immediate, 0xffffff82);
}

/* Padding as GNU as writes it: lea with cs, nop with 66h and cs. */
static void padding_of_assemblers_is_accepted(void)
{
    static const uint8_t lea[] = {0x2e, 0x8d, 0xb4, 0x26, 0, 0, 0, 0};
    static const uint8_t nop[] = {0x66, 0x66, 0x2e, 0x0f, 0x1f, 0x84, 0, 0, 0, 0, 0};

    CHECK(result_of(lea, sizeof(lea)) == VX_DECODE_OK);
    CHECK(result_of(nop, sizeof(nop)) == VX_DECODE_OK);
}

int main(void)
{
    printf("seed %d\n", SEED);
    RUN(both_decoders_agree_on_every_opcode);
    RUN(both_decoders_agree_on_every_address);
    RUN(three_byte_opcodes_are_refused);
    RUN(every_part_of_an_instruction_is_truncated);
    RUN(no_bytes_are_a_truncated_instruction);
    RUN(fifteen_bytes_are_the_longest_instruction);
    RUN(operand_size_prefix_halves_immediates);
    RUN(address_size_prefix_selects_the_16_bit_forms);
    RUN(repeat_prefixes_select_before_the_operand_size);
    RUN(repeat_before_bit_scans_is_ignored);
    RUN(relative_targets_wrap_around);
    RUN(padding_of_assemblers_is_accepted);
    return test_report();
}

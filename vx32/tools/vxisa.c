/* SPDX-License-Identifier: MIT */
/* Prints the opcode table as Markdown: what docs/instructions.md is made of. */
#include "insn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_NBYTES = 160, DIGIT_COUNT = 8, CONDITION_COUNT = 16 };

/* One form of an instruction: as many slots of the table as differ only in a register. */
struct form {
    unsigned slot;
    unsigned slot_count;
    char encoding[TEXT_NBYTES];
};

/* ---- text ---- */

static void add(char *text, const char *more)
{
    size_t used = strlen(text);

    if (used + strlen(more) >= TEXT_NBYTES)
        abort();
    strcpy(text + used, more);
}

static void add_byte(char *text, unsigned byte)
{
    char hex[4];

    snprintf(hex, sizeof hex, "%02X", byte & 0xff);
    if (text[0])
        add(text, " ");
    add(text, hex);
}

static void add_word(char *text, const char *word)
{
    if (text[0])
        add(text, " ");
    add(text, word);
}

/* ---- operands ---- */

/* Intel's notation; `word` and `dword` differ where the operand-size prefix chooses. */
struct notation {
    const char *dword, *word;
    const char *immediate; /* what the encoding has behind ModRM, or NULL */
};

static const struct notation notations[VX_O_COUNT] = {
    [VX_O_Eb] = {"r/m8", NULL, NULL},
    [VX_O_Ew] = {"r/m16", NULL, NULL},
    [VX_O_Ed] = {"r/m32", NULL, NULL},
    [VX_O_Ev] = {"r/m32", "r/m16", NULL},
    [VX_O_Edw] = {"r32/m16", NULL, NULL},
    [VX_O_Gb] = {"r8", NULL, NULL},
    [VX_O_Gd] = {"r32", NULL, NULL},
    [VX_O_Gv] = {"r32", "r16", NULL},
    [VX_O_Zb] = {"r8", NULL, NULL},
    [VX_O_Zd] = {"r32", NULL, NULL},
    [VX_O_Zv] = {"r32", "r16", NULL},
    [VX_O_AL] = {"AL", NULL, NULL},
    [VX_O_AX] = {"AX", NULL, NULL},
    [VX_O_Av] = {"EAX", "AX", NULL},
    [VX_O_CL] = {"CL", NULL, NULL},
    [VX_O_GS] = {"GS", NULL, NULL},
    [VX_O_Ib] = {"imm8", NULL, "ib"},
    [VX_O_Iw] = {"imm16", NULL, "iw"},
    [VX_O_Iv] = {"imm32", "imm16", "id"},
    [VX_O_Is] = {"imm8 (sign-extended)", NULL, "ib"},
    [VX_O_Ic] = {"imm8 (0 to 7)", NULL, "ib"},
    [VX_O_I1] = {"1", NULL, NULL},
    [VX_O_Jb] = {"rel8", NULL, "cb"},
    [VX_O_Jv] = {"rel32", NULL, "cd"},
    [VX_O_Ob] = {"moffs8", NULL, "mo"},
    [VX_O_Ov] = {"moffs32", "moffs16", "mo"},
    [VX_O_M] = {"m", NULL, NULL},
    [VX_O_Ma] = {"m32&32", "m16&16", NULL},
    [VX_O_M16] = {"m16", NULL, NULL},
    [VX_O_M28] = {"m28byte", NULL, NULL},
    [VX_O_M32] = {"m32", NULL, NULL},
    [VX_O_M64] = {"m64", NULL, NULL},
    [VX_O_M80] = {"m80", NULL, NULL},
    [VX_O_M108] = {"m108byte", NULL, NULL},
    [VX_O_M128] = {"m128 (aligned)", NULL, NULL},
    [VX_O_M512] = {"m512byte (aligned)", NULL, NULL},
    [VX_O_F32] = {"m32fp", NULL, NULL},
    [VX_O_F64] = {"m64fp", NULL, NULL},
    [VX_O_F80] = {"m80fp", NULL, NULL},
    [VX_O_Xb] = {"m8 at ESI", NULL, NULL},
    [VX_O_Xv] = {"m32 at ESI", "m16 at ESI", NULL},
    [VX_O_Yb] = {"m8 at EDI", NULL, NULL},
    [VX_O_Yv] = {"m32 at EDI", "m16 at EDI", NULL},
    [VX_O_ST0] = {"ST(0)", NULL, NULL},
    [VX_O_STi] = {"ST(i)", NULL, NULL},
    [VX_O_P] = {"mm", NULL, NULL},
    [VX_O_Q] = {"mm/m64", NULL, NULL},
    [VX_O_Qd] = {"mm/m32", NULL, NULL},
    [VX_O_N] = {"mm", NULL, NULL},
    [VX_O_V] = {"xmm", NULL, NULL},
    [VX_O_W] = {"xmm/m128 (aligned)", NULL, NULL},
    [VX_O_Wu] = {"xmm/m128", NULL, NULL},
    [VX_O_Wq] = {"xmm/m64", NULL, NULL},
    [VX_O_Wd] = {"xmm/m32", NULL, NULL},
    [VX_O_U] = {"xmm", NULL, NULL},
};

static const struct vx_opcode *row_at(unsigned slot)
{
    return &vx_opcodes[slot];
}

static unsigned kind_at(unsigned slot, unsigned n)
{
    return vx_operands[row_at(slot)->operand[n]].kind;
}

/* Whether an operand of this kind is the register that ModRM.reg names. */
static bool is_modrm_reg(unsigned kind)
{
    return kind == VX_KIND_REG || kind == VX_KIND_MMX_REG || kind == VX_KIND_XMM_REG;
}

static bool is_modrm_rm(unsigned kind)
{
    switch (kind) {
    case VX_KIND_RM:
    case VX_KIND_RM_WORD:
    case VX_KIND_MEMORY:
    case VX_KIND_MMX_RM:
    case VX_KIND_MMX_ONLY:
    case VX_KIND_XMM_RM:
    case VX_KIND_XMM_ONLY: return true;
    default: return false;
    }
}

static bool any_operand(unsigned slot, bool is(unsigned kind))
{
    return is(kind_at(slot, 0)) || is(kind_at(slot, 1)) || is(kind_at(slot, 2));
}

/* The slot whose opcode leads to the group. */
static unsigned group_opcode(unsigned group)
{
    for (unsigned slot = 0; slot < VX_SLOT_GROUP; slot++)
        if (row_at(slot)->operation == VX_OP_IN_GROUP && row_at(slot)->group == group)
            return slot;
    abort();
}

/* The slot that the opcode bytes alone lead to. */
static unsigned opcode_slot(unsigned slot)
{
    if (slot < VX_SLOT_GROUP || slot >= VX_SLOT_X87_MEMORY)
        return slot;
    return group_opcode((slot - VX_SLOT_GROUP) / 16);
}

static bool takes_operand_size(unsigned slot)
{
    bool is_behind_prefix = opcode_slot(slot) >= VX_SLOT_66 && opcode_slot(slot) <= VX_SLOT_F3NOP;

    return !(row_at(slot)->prefixes & VX_ROW_NO66) && row_at(slot)->since < VX_MMX &&
           !is_behind_prefix;
}

static void add_operands(char *text, unsigned slot)
{
    for (unsigned n = 0; n < 3; n++) {
        unsigned letter = row_at(slot)->operand[n];
        const struct notation *notation = &notations[letter];

        if (letter == VX_O_NONE || letter == VX_O_U3)
            continue;
        if (!notation->dword)
            abort(); /* a letter that the table above does not know */
        if (text[0])
            add(text, ", ");
        add(text, notation->dword);
        if (notation->word && takes_operand_size(slot)) {
            add(text, " or ");
            add(text, notation->word);
        }
    }
}

/* ---- encodings ---- */

static void add_immediates(char *encoding, unsigned slot)
{
    for (unsigned n = 0; n < 3; n++) {
        const char *immediate = notations[row_at(slot)->operand[n]].immediate;

        if (immediate)
            add_word(encoding, immediate);
    }
}

/* The opcode bytes of a slot outside the groups and x87. */
static void add_opcode(char *encoding, unsigned slot)
{
    static const uint8_t prefixes[] = {0, 0, 0x66, 0xf3, 0xf2};
    unsigned family = slot / 256;

    if (slot == VX_SLOT_F3NOP) {
        add_byte(encoding, 0xf3);
        add_byte(encoding, 0x90);
        return;
    }
    if (prefixes[family])
        add_byte(encoding, prefixes[family]);
    if (family > 0)
        add_byte(encoding, 0x0f);
    add_byte(encoding, slot % 256);
}

static bool same_row(unsigned a, unsigned b)
{
    return memcmp(row_at(a), row_at(b), sizeof(struct vx_opcode)) == 0;
}

/* Slots from this one on with the same row, at most up to the end of its block of `block`. */
static unsigned run_length(unsigned slot, unsigned block)
{
    unsigned count = 1;

    while ((slot + count) % block != 0 && same_row(slot, slot + count))
        count++;
    return count;
}

static bool is_conditional(unsigned operation)
{
    return operation == VX_OP_JCC || operation == VX_OP_SETCC || operation == VX_OP_CMOVCC;
}

static void describe_plain(struct form *form)
{
    unsigned slot = form->slot;

    if (is_conditional(row_at(slot)->operation)) {
        form->slot_count = CONDITION_COUNT;
        add_opcode(form->encoding, slot);
        add(form->encoding, "+cc");
    } else if (kind_at(slot, 0) == VX_KIND_OPCODE_REG) {
        form->slot_count = run_length(slot, DIGIT_COUNT);
        add_opcode(form->encoding, slot & ~7u);
        add(form->encoding, "+r");
    } else {
        add_opcode(form->encoding, slot);
    }
    if (any_operand(slot, is_modrm_reg) || any_operand(slot, is_modrm_rm))
        add_word(form->encoding, "/r");
    add_immediates(form->encoding, slot);
}

/* Whether the slot's row stands for memory and for registers alike. */
static bool is_twin(unsigned memory_slot)
{
    return same_row(memory_slot, memory_slot + DIGIT_COUNT);
}

static void describe_group(struct form *form)
{
    unsigned place = (form->slot - VX_SLOT_GROUP) % 16, reg = place % DIGIT_COUNT;
    bool is_memory = place < DIGIT_COUNT;
    char digit[] = {'/', (char)('0' + reg), '\0'};

    add_opcode(form->encoding, opcode_slot(form->slot));
    if (kind_at(form->slot, 0) == VX_KIND_FIXED_RM3) {
        add_byte(form->encoding, 0xc3 | reg << 3);
        return;
    }
    if (any_operand(form->slot, is_modrm_reg)) {
        form->slot_count = DIGIT_COUNT - reg;
        add_word(form->encoding, "/r");
    } else {
        add_word(form->encoding, digit);
    }
    if (!is_memory || !is_twin(form->slot))
        add(form->encoding, is_memory ? " (memory)" : " (register)");
    add_immediates(form->encoding, form->slot);
}

static void describe_x87(struct form *form)
{
    unsigned slot = form->slot;
    char digit[] = {'/', '0', '\0'};

    if (slot >= VX_SLOT_X87_EXACT) {
        add_byte(form->encoding, 0xd8 + (slot - VX_SLOT_X87_EXACT) / 64);
        add_byte(form->encoding, 0xc0 + (slot - VX_SLOT_X87_EXACT) % 64);
    } else if (slot >= VX_SLOT_X87_STI) {
        add_byte(form->encoding, 0xd8 + (slot - VX_SLOT_X87_STI) / DIGIT_COUNT);
        add_byte(form->encoding, 0xc0 + (slot - VX_SLOT_X87_STI) % DIGIT_COUNT * 8);
        add(form->encoding, "+i");
    } else {
        add_byte(form->encoding, 0xd8 + (slot - VX_SLOT_X87_MEMORY) / DIGIT_COUNT);
        digit[1] = (char)('0' + (slot - VX_SLOT_X87_MEMORY) % DIGIT_COUNT);
        add_word(form->encoding, digit);
    }
}

/* A slot that another one's line stands for, or that is no instruction. */
static bool is_silent(unsigned slot)
{
    unsigned operation = row_at(slot)->operation;
    unsigned place = (slot - VX_SLOT_GROUP) % 16;

    if (operation == VX_OP_REJECT || operation == VX_OP_IN_GROUP)
        return true;
    return slot >= VX_SLOT_GROUP && slot < VX_SLOT_X87_MEMORY && place >= DIGIT_COUNT &&
           is_twin(slot - DIGIT_COUNT);
}

/* Describes the form at `slot` and returns the next slot to look at. */
static unsigned describe(unsigned slot, struct form *form)
{
    *form = (struct form){.slot = slot, .slot_count = 1};
    if (slot < VX_SLOT_GROUP)
        describe_plain(form);
    else if (slot < VX_SLOT_X87_MEMORY)
        describe_group(form);
    else
        describe_x87(form);
    return slot + form->slot_count;
}

/* ---- the rest of a line ---- */

static void add_prefixes(char *text, unsigned slot)
{
    unsigned prefixes = row_at(slot)->prefixes;

    if (takes_operand_size(slot))
        add_word(text, "66");
    if (prefixes & VX_ROW_LOCK)
        add_word(text, "F0");
    if (prefixes & VX_ROW_F3_REPEATS)
        add_word(text, prefixes & VX_ROW_F2_REPEATS ? "F3 F2" : "F3");
    if (prefixes & VX_ROW_F3_IGNORED && slot != VX_SLOT_F3NOP)
        add_word(text, "(F3)");
    if (prefixes & VX_ROW_HINT_IGNORED)
        add_word(text, "(2E 3E)");
}

static void add_flags(char *text, unsigned flags)
{
    static const struct {
        uint16_t flag;
        const char *name;
    } names[] = {{VX_FL_CC, "cc"}, {VX_FL_O, "OF"}, {VX_FL_D, "DF"}, {VX_FL_S, "SF"},
                 {VX_FL_Z, "ZF"},  {VX_FL_A, "AF"}, {VX_FL_P, "PF"}, {VX_FL_C, "CF"}};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (flags & names[i].flag)
            add_word(text, names[i].name);
}

static const char *since_text(unsigned since)
{
    static const char *const names[] = {"i386", "i486", "P5", "P6", "x87", "MMX", "SSE", "SSE2"};

    return names[since];
}

static void print_form(FILE *out, const struct form *form)
{
    const struct vx_operation_info *operation = &vx_operations[row_at(form->slot)->operation];
    char operands[TEXT_NBYTES] = "", prefixes[TEXT_NBYTES] = "";
    char reads[TEXT_NBYTES] = "", writes[TEXT_NBYTES] = "", undefined[TEXT_NBYTES] = "";

    add_operands(operands, form->slot);
    add_prefixes(prefixes, form->slot);
    add_flags(reads, operation->reads);
    add_flags(writes, operation->writes);
    add_flags(undefined, operation->undefined);
    if (writes[0] && !operation->sure)
        add(writes, " *");
    fprintf(out, "| %s%s | %s | %s | %s | %s | %s | %s | %s |\n", operation->mnemonic,
            is_conditional(row_at(form->slot)->operation) ? "cc" : "", form->encoding, operands,
            prefixes, reads, writes, undefined, since_text(row_at(form->slot)->since));
}

/* ---- the page ---- */

static const char head[] =
    "<!-- SPDX-License-Identifier: MIT -->\n"
    "<!-- Made by `vxisa` from vx32/opcodes.def and vx32/operations.def: change those, then build "
    "the target `docs`. -->\n"
    "# Instructions of the guest machine, version 1\n"
    "\n"
    "Every instruction that a guest can execute. What is not here is an invalid opcode (#UD).\n"
    "\n"
    "- *Encoding* and *operands* are in the notation of Intel's manual (SDM volume 2, chapter 3).\n"
    "  `/r`: a ModRM byte; `/0` to `/7`: one whose reg field is part of the opcode; `+r`, `+i`: a\n"
    "  register number is added; `+cc`: one of the 16 conditions is added; `ib`, `iw`, `id`: an\n"
    "  immediate; `cb`, `cd`: an offset from the next instruction; `mo`: an address. With 66h, "
    "`id`\n"
    "  becomes two bytes.\n"
    "- *(aligned)*: a memory operand not aligned to 16 bytes is a general protection fault (#GP).\n"
    "- *Prefixes* are those that the row accepts. In parentheses: accepted, without an effect. "
    "66h\n"
    "  makes 16-bit operands, where there are such. F0h needs a destination in memory. Every row\n"
    "  accepts 67h (16-bit addresses). 65h (`gs`) is accepted before every operand in memory that\n"
    "  ModRM or `mo` names, except that of LEA. 66h beside F2h or F3h that are part of the "
    "encoding\n"
    "  has no effect. Every other prefix is refused.\n"
    "- *Reads*, *writes*, *undefined*: the status flags and DF. `cc`: those of the condition. "
    "`*`:\n"
    "  the flags stay as they are when a count is zero. A shift by one defines OF.\n"
    "- *Since*: the first processor or extension that has it. x87, MMX, SSE and SSE2 as they were\n"
    "  defined first; nothing newer is accepted, except ENDBR32, which does nothing.\n";

static const char table_head[] =
    "| mnemonic | encoding | operands | prefixes | reads | writes | undefined | since |\n"
    "|---|---|---|---|---|---|---|---|\n";

/* Parts of the page, each from this slot on. */
static const struct {
    unsigned slot;
    const char *title;
} parts[] = {
    {VX_SLOT_ONE, "One opcode byte"}, {VX_SLOT_0F, "Behind 0F"},
    {VX_SLOT_66, "Behind 66 0F"},     {VX_SLOT_F3, "Behind F3 0F, and F3 90"},
    {VX_SLOT_F2, "Behind F2 0F"},     {VX_SLOT_GROUP, "Groups: ModRM.reg chooses"},
    {VX_SLOT_X87_MEMORY, "x87"},
};

static unsigned print_rows(FILE *out, unsigned slot, unsigned end)
{
    struct form form;
    unsigned count = 0;

    while (slot < end) {
        if (is_silent(slot)) {
            slot++;
            continue;
        }
        slot = describe(slot, &form);
        print_form(out, &form);
        count++;
    }
    return count;
}

static unsigned print_parts(FILE *out)
{
    enum { PART_COUNT = sizeof parts / sizeof parts[0] };
    unsigned count = 0;

    for (size_t i = 0; i < PART_COUNT; i++) {
        unsigned end = i + 1 < PART_COUNT ? parts[i + 1].slot : VX_SLOT_COUNT;

        fprintf(out, "\n## %s\n\n%s", parts[i].title, table_head);
        if (parts[i].slot == VX_SLOT_F3)
            count += print_rows(out, VX_SLOT_F3NOP, VX_SLOT_GROUP);
        if (parts[i].slot == VX_SLOT_F2)
            end = VX_SLOT_F3NOP;
        count += print_rows(out, parts[i].slot, end);
    }
    return count;
}

int main(int argc, char **argv)
{
    FILE *out = argc == 2 ? fopen(argv[1], "w") : stdout;

    if (argc > 2 || !out) {
        fprintf(stderr, argc > 2 ? "usage: vxisa [FILE]\n" : "vxisa: cannot write the file\n");
        return 2;
    }
    fputs(head, out);
    fprintf(out, "\n%u forms.\n", print_parts(out));
    return fclose(out) == 0 ? 0 : 1;
}

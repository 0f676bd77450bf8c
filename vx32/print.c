/* SPDX-License-Identifier: MIT */
/* How instructions are written in Intel's syntax, from the same tables that decode them. */
#include "print.h"

#include "cpu.h"

/* Text that grows in a buffer; `length` counts on when the buffer is full. */
struct sink {
    char *text;
    size_t nbytes;
    size_t length;
};

static void put_char(struct sink *out, char c)
{
    if (out->length + 1 < out->nbytes)
        out->text[out->length] = c;
    out->length++;
}

static void put_text(struct sink *out, const char *text)
{
    while (*text)
        put_char(out, *text++);
}

static void put_hex(struct sink *out, uint32_t value)
{
    unsigned shift = 28;

    while (shift && !(value >> shift))
        shift -= 4;
    put_text(out, "0x");
    for (;; shift -= 4) {
        put_char(out, "0123456789abcdef"[value >> shift & 15]);
        if (!shift)
            return;
    }
}

static void put_numbered(struct sink *out, const char *before, unsigned number, const char *after)
{
    put_text(out, before);
    put_char(out, (char)('0' + number));
    put_text(out, after);
}

static void end_text(struct sink *out)
{
    if (out->nbytes)
        out->text[out->length < out->nbytes ? out->length : out->nbytes - 1] = '\0';
}

static void put_register(struct sink *out, unsigned number, unsigned nbytes)
{
    static const char names[3][8][4] = {
        {"al", "cl", "dl", "bl", "ah", "ch", "dh", "bh"},
        {"ax", "cx", "dx", "bx", "sp", "bp", "si", "di"},
        {"eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"},
    };

    put_text(out, names[nbytes >> 1 & 3][number]);
}

/* The size that is written before an address; images of the floating-point state have none. */
static const char *size_text(unsigned nbytes)
{
    switch (nbytes) {
    case 1: return "byte ptr ";
    case 2: return "word ptr ";
    case 4: return "dword ptr ";
    case 8: return "qword ptr ";
    case 10: return "tbyte ptr ";
    case 16: return "xmmword ptr ";
    default: return "";
    }
}

/* Behind a register the displacement is signed; alone it is an address. */
static void put_displacement(struct sink *out, uint32_t displacement, bool is_alone)
{
    bool is_negative = !is_alone && displacement >> 31;

    if (is_alone) {
        put_hex(out, displacement);
    } else if (displacement) {
        put_text(out, is_negative ? " - " : " + ");
        put_hex(out, is_negative ? 0 - displacement : displacement);
    }
}

static void put_index(struct sink *out, const struct vx_insn *insn, unsigned nbytes)
{
    bool has_base = insn->base != VX_NO_REGISTER;

    if (has_base)
        put_text(out, " + ");
    put_register(out, insn->index, nbytes);
    if (insn->shift || !has_base)
        put_numbered(out, "*", 1u << insn->shift, "");
}

static void put_address(struct sink *out, const struct vx_insn *insn)
{
    unsigned nbytes = insn->prefixes & VX_PREFIX_ADDRESS16 ? 2 : 4;
    bool has_base = insn->base != VX_NO_REGISTER, has_index = insn->index != VX_NO_REGISTER;

    put_text(out, insn->prefixes & VX_PREFIX_GS ? "gs:[" : "[");
    if (has_base)
        put_register(out, insn->base, nbytes);
    if (has_index)
        put_index(out, insn, nbytes);
    put_displacement(out, insn->displacement, !has_base && !has_index);
    put_char(out, ']');
}

/* A number that the decoder may have sign-extended beyond its operand. */
static void put_immediate(struct sink *out, const struct vx_insn *insn, unsigned n)
{
    bool is_second = insn->operation == VX_OP_ENTER && n == 1;
    uint32_t value = is_second ? insn->immediate2 : insn->immediate;

    put_hex(out, value & UINT32_MAX >> (32 - 8 * vx_operand_nbytes(insn, n)));
}

/* An operand that ModRM may have put into memory; otherwise a register of the kind's own file. */
static void put_register_or_memory(struct sink *out, const struct vx_insn *insn, unsigned n)
{
    unsigned nbytes = vx_operand_nbytes(insn, n);

    if (insn->has_memory) {
        put_text(out, size_text(nbytes));
        put_address(out, insn);
        return;
    }
    switch (vx_operand_kind(insn, n)) {
    case VX_KIND_MMX_RM: put_numbered(out, "mm", insn->rm, ""); break;
    case VX_KIND_XMM_RM: put_numbered(out, "xmm", insn->rm, ""); break;
    case VX_KIND_RM_WORD: put_register(out, insn->rm, 4); break;
    default: put_register(out, insn->rm, nbytes); break;
    }
}

/* Addresses without a size have operands whose letter gives none (LEA, BOUND, hints). */
static void put_memory(struct sink *out, const struct vx_insn *insn, unsigned n)
{
    put_text(out, size_text(vx_operands[vx_opcodes[insn->slot].operand[n]].nbytes));
    put_address(out, insn);
}

static void put_offset(struct sink *out, const struct vx_insn *insn, unsigned n)
{
    put_text(out, size_text(vx_operand_nbytes(insn, n)));
    put_address(out, insn);
}

static void put_operand(struct sink *out, const struct vx_insn *insn, unsigned n)
{
    unsigned nbytes = vx_operand_nbytes(insn, n);

    switch (vx_operand_kind(insn, n)) {
    case VX_KIND_RM:
    case VX_KIND_RM_WORD:
    case VX_KIND_MMX_RM:
    case VX_KIND_XMM_RM: put_register_or_memory(out, insn, n); break;
    case VX_KIND_REG:
    case VX_KIND_OPCODE_REG: put_register(out, insn->reg, nbytes); break;
    case VX_KIND_ACCUMULATOR: put_register(out, VX32_EAX, nbytes); break;
    case VX_KIND_COUNT: put_register(out, VX32_ECX, nbytes); break;
    case VX_KIND_SEGMENT: put_text(out, "gs"); break;
    case VX_KIND_IMMEDIATE:
    case VX_KIND_IMMEDIATE_SIGNED:
    case VX_KIND_PREDICATE: put_immediate(out, insn, n); break;
    case VX_KIND_ONE: put_char(out, '1'); break;
    case VX_KIND_RELATIVE: put_hex(out, insn->immediate); break;
    case VX_KIND_OFFSET: put_offset(out, insn, n); break;
    case VX_KIND_MEMORY: put_memory(out, insn, n); break;
    case VX_KIND_ST0: put_text(out, "st(0)"); break;
    case VX_KIND_STI: put_numbered(out, "st(", insn->rm, ")"); break;
    case VX_KIND_MMX_REG: put_numbered(out, "mm", insn->reg, ""); break;
    case VX_KIND_MMX_ONLY: put_numbered(out, "mm", insn->rm, ""); break;
    case VX_KIND_XMM_REG: put_numbered(out, "xmm", insn->reg, ""); break;
    case VX_KIND_XMM_ONLY: put_numbered(out, "xmm", insn->rm, ""); break;
    default: put_char(out, '?'); break;
    }
}

/* Strings are named by their mnemonic alone, and some kinds only restrict ModRM. */
static bool is_written(const struct vx_insn *insn, unsigned n)
{
    unsigned kind = vx_operand_kind(insn, n);

    return kind != VX_KIND_NONE && kind != VX_KIND_FIXED_RM3 &&
           vx_operations[insn->operation].class != VX_CLASS_STRING;
}

static void put_operands(struct sink *out, const struct vx_insn *insn)
{
    const char *separator = " ";

    for (unsigned n = 0; n < 3; n++) {
        if (!is_written(insn, n))
            continue;
        put_text(out, separator);
        put_operand(out, insn, n);
        separator = ", ";
    }
}

/* Operations with another name for 32-bit operands, or (JCXZ) for 32-bit addresses. */
static const char *mnemonic(const struct vx_insn *insn)
{
    static const struct {
        uint16_t operation; /* enum vx_operation */
        const char *name32;
    } wide[] = {
        {VX_OP_CBW, "cwde"},   {VX_OP_CWD, "cdq"},      {VX_OP_PUSHA, "pushad"},
        {VX_OP_POPA, "popad"}, {VX_OP_PUSHF, "pushfd"}, {VX_OP_POPF, "popfd"},
        {VX_OP_JCXZ, "jecxz"},
    };
    bool is_wide = insn->operation == VX_OP_JCXZ ? !(insn->prefixes & VX_PREFIX_ADDRESS16)
                                                 : insn->operand_nbytes == 4;

    for (size_t i = 0; is_wide && i < sizeof(wide) / sizeof(wide[0]); i++)
        if (wide[i].operation == insn->operation)
            return wide[i].name32;
    return vx_operations[insn->operation].mnemonic;
}

static void put_mnemonic(struct sink *out, const struct vx_insn *insn)
{
    static const char conditions[16][4] = {"o", "no", "b", "ae", "e", "ne", "be", "a",
                                           "s", "ns", "p", "np", "l", "ge", "le", "g"};

    put_text(out, mnemonic(insn));
    switch (insn->operation) {
    case VX_OP_JCC:
    case VX_OP_SETCC:
    case VX_OP_CMOVCC: put_text(out, conditions[insn->condition]); break;
    default: break;
    }
    if (vx_operations[insn->operation].class == VX_CLASS_STRING)
        put_char(out, " bw d"[vx_operand_nbytes(insn, 0)]);
}

/* The size of an address is written where no register in brackets or name shows it. */
static void put_prefixes(struct sink *out, const struct vx_insn *insn)
{
    bool compares = vx_opcodes[insn->slot].prefixes & VX_ROW_F2_REPEATS;

    if (insn->prefixes & VX_PREFIX_LOCK)
        put_text(out, "lock ");
    if (insn->prefixes & VX_PREFIX_REPE)
        put_text(out, compares ? "repe " : "rep ");
    if (insn->prefixes & VX_PREFIX_REPNE)
        put_text(out, "repne ");
    if (insn->prefixes & VX_PREFIX_ADDRESS16 && !insn->has_memory && insn->operation != VX_OP_JCXZ)
        put_text(out, "addr16 ");
}

size_t vx_print(const struct vx_insn *insn, char *text, size_t text_nbytes)
{
    struct sink out = {.text = text, .nbytes = text_nbytes};

    put_prefixes(&out, insn);
    put_mnemonic(&out, insn);
    put_operands(&out, insn);
    end_text(&out);
    return out.length;
}

size_t vx_disassemble(const uint8_t *bytes, size_t nbytes, vx32_addr addr, char *text,
                      size_t text_nbytes)
{
    struct sink out = {.text = text, .nbytes = text_nbytes};
    struct vx_insn insn;

    if (vx_decode(bytes, nbytes, addr, &insn) != VX_DECODE_OK) {
        put_text(&out, "(bad)");
        end_text(&out);
        return 0;
    }
    vx_print(&insn, text, text_nbytes);
    return insn.nbytes;
}

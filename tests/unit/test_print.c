/* SPDX-License-Identifier: MIT */
/* That instructions are printed as an independent assembler reads them. */
#include "cpu.h"
#include "insn.h"
#include "print.h"
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ADDR = 0x8048000 };

struct golden {
    const char *bytes; /* in hexadecimal */
    const char *text;
};

/* The bytes are those that GNU as gives for the text. */
static const struct golden assembled[] = {
    {"00 08", "add byte ptr [eax], cl"},
    {"03 4c b3 10", "add ecx, dword ptr [ebx + esi*4 + 0x10]"},
    {"0c 80", "or al, 0x80"},
    {"15 78 56 34 12", "adc eax, 0x12345678"},
    {"66 19 17", "sbb word ptr [edi], dx"},
    {"83 e4 f0", "and esp, 0xfffffff0"},
    {"66 83 6d f8 80", "sub word ptr [ebp - 0x8], 0xff80"},
    {"31 5c 88 f0", "xor dword ptr [eax + ecx*4 - 0x10], ebx"},
    {"80 7c 3e 7f ff", "cmp byte ptr [esi + edi + 0x7f], 0xff"},
    {"f0 83 01 01", "lock add dword ptr [ecx], 0x1"},
    {"65 f0 ff 05 14 00 00 00", "lock inc dword ptr gs:[0x14]"},
    {"f0 0f b1 0a", "lock cmpxchg dword ptr [edx], ecx"},
    {"f0 0f c7 0f", "lock cmpxchg8b qword ptr [edi]"},
    {"f0 0f c0 20", "lock xadd byte ptr [eax], ah"},
    {"87 03", "xchg dword ptr [ebx], eax"},
    {"f6 c7 40", "test bh, 0x40"},
    {"f7 04 24 f0 00 00 00", "test dword ptr [esp], 0xf0"},
    {"46", "inc esi"},
    {"66 4d", "dec bp"},
    {"fe 08", "dec byte ptr [eax]"},
    {"f7 d9", "neg ecx"},
    {"f6 55 00", "not byte ptr [ebp]"},
    {"f7 64 24 04", "mul dword ptr [esp + 0x4]"},
    {"f6 e9", "imul cl"},
    {"66 6b 03 fe", "imul ax, word ptr [ebx], 0xfffe"},
    {"69 c1 e8 03 00 00", "imul eax, ecx, 0x3e8"},
    {"0f af 10", "imul edx, dword ptr [eax]"},
    {"66 f7 f3", "div bx"},
    {"f6 3c cd 00 10 00 00", "idiv byte ptr [ecx*8 + 0x1000]"},
    {"27", "daa"},
    {"2f", "das"},
    {"37", "aaa"},
    {"3f", "aas"},
    {"d4 0a", "aam 0xa"},
    {"d5 0a", "aad 0xa"},
    {"d0 00", "rol byte ptr [eax], 1"},
    {"c1 ca 05", "ror edx, 0x5"},
    {"66 d3 11", "rcl word ptr [ecx], cl"},
    {"d0 db", "rcr bl, 1"},
    {"c1 e0 1f", "shl eax, 0x1f"},
    {"d3 2e", "shr dword ptr [esi], cl"},
    {"66 c1 ff 02", "sar di, 0x2"},
    {"0f a4 08 04", "shld dword ptr [eax], ecx, 0x4"},
    {"66 0f ad d3", "shrd bx, dx, cl"},
    {"0f ba 20 1f", "bt dword ptr [eax], 0x1f"},
    {"0f ab d1", "bts ecx, edx"},
    {"f0 0f ba 30 03", "lock btr dword ptr [eax], 0x3"},
    {"66 0f bb 33", "btc word ptr [ebx], si"},
    {"0f bc 01", "bsf eax, dword ptr [ecx]"},
    {"66 0f bd d3", "bsr dx, bx"},
    {"0f 90 c0", "seto al"},
    {"0f 9b 44 24 03", "setnp byte ptr [esp + 0x3]"},
    {"0f 43 c1", "cmovae eax, ecx"},
    {"66 0f 4f 10", "cmovg dx, word ptr [eax]"},
    {"0f cf", "bswap edi"},
    {"b3 ff", "mov bl, 0xff"},
    {"66 bc 00 80", "mov sp, 0x8000"},
    {"bd 00 90 04 08", "mov ebp, 0x8049000"},
    {"c6 00 01", "mov byte ptr [eax], 0x1"},
    {"66 c7 04 09 cd ab", "mov word ptr [ecx + ecx], 0xabcd"},
    {"c7 05 00 90 04 08 2a 00 00 00", "mov dword ptr [0x8049000], 0x2a"},
    {"65 a1 00 00 00 00", "mov eax, dword ptr gs:[0x0]"},
    {"a0 00 9f 04 08", "mov al, byte ptr [0x8049f00]"},
    {"66 a3 12 00 00 00", "mov word ptr [0x12], ax"},
    {"8b 0c 15 00 00 00 00", "mov ecx, dword ptr [edx*1]"},
    {"8e e8", "mov gs, ax"},
    {"8e 28", "mov gs, word ptr [eax]"},
    {"0f b6 01", "movzx eax, byte ptr [ecx]"},
    {"0f b7 d3", "movzx edx, bx"},
    {"66 0f be ca", "movsx cx, dl"},
    {"0f bf 04 44", "movsx eax, word ptr [esp + eax*2]"},
    {"8d 36", "lea esi, [esi]"},
    {"67 66 8d 00", "lea ax, [bx + si]"},
    {"67 8d 4b fe", "lea ecx, [bp + di - 0x2]"},
    {"67 8d 97 34 12", "lea edx, [bx + 0x1234]"},
    {"53", "push ebx"},
    {"6a f0", "push 0xfffffff0"},
    {"68 78 56 34 12", "push 0x12345678"},
    {"66 ff 30", "push word ptr [eax]"},
    {"65 ff 32", "push dword ptr gs:[edx]"},
    {"5f", "pop edi"},
    {"8f 04 24", "pop dword ptr [esp]"},
    {"60", "pushad"},
    {"61", "popad"},
    {"66 60", "pusha"},
    {"66 61", "popa"},
    {"9c", "pushfd"},
    {"9d", "popfd"},
    {"66 9c", "pushf"},
    {"66 9d", "popf"},
    {"9f", "lahf"},
    {"9e", "sahf"},
    {"66 98", "cbw"},
    {"98", "cwde"},
    {"66 99", "cwd"},
    {"99", "cdq"},
    {"d7", "xlat"},
    {"c8 20 00 01", "enter 0x20, 0x1"},
    {"c9", "leave"},
    {"f5", "cmc"},
    {"f8", "clc"},
    {"f9", "stc"},
    {"fc", "cld"},
    {"fd", "std"},
    {"90", "nop"},
    {"f3 90", "pause"},
    {"f3 0f 1e fb", "endbr32"},
    {"0f a2", "cpuid"},
    {"62 08", "bound ecx, [eax]"},
    {"0f 1f 04 00", "nop dword ptr [eax + eax]"},
    {"66 0f 1f 84 c0 78 56 34 12", "nop word ptr [eax + eax*8 + 0x12345678]"},
    {"a4", "movsb"},
    {"f3 a5", "rep movsd"},
    {"66 a5", "movsw"},
    {"f3 a6", "repe cmpsb"},
    {"f2 ae", "repne scasb"},
    {"66 f3 af", "repe scasw"},
    {"f3 ab", "rep stosd"},
    {"ac", "lodsb"},
    {"66 f3 ad", "rep lodsw"},
    {"ff d2", "call edx"},
    {"65 ff 15 10 00 00 00", "call dword ptr gs:[0x10]"},
    {"ff e0", "jmp eax"},
    {"ff 24 9d 00 00 05 08", "jmp dword ptr [ebx*4 + 0x8050000]"},
    {"c3", "ret"},
    {"c2 08 00", "ret 0x8"},
    {"cd 80", "int 0x80"},
    {"cc", "int3"},
    {"ce", "into"},
    {"0f 0b", "ud2"},
    {"f4", "hlt"},
    {"d9 00", "fld dword ptr [eax]"},
    {"dd 44 24 08", "fld qword ptr [esp + 0x8]"},
    {"db 6d f4", "fld tbyte ptr [ebp - 0xc]"},
    {"d9 c3", "fld st(3)"},
    {"d9 10", "fst dword ptr [eax]"},
    {"db 39", "fstp tbyte ptr [ecx]"},
    {"dd d9", "fstp st(1)"},
    {"df 00", "fild word ptr [eax]"},
    {"df 28", "fild qword ptr [eax]"},
    {"db 1c 24", "fistp dword ptr [esp]"},
    {"df 20", "fbld tbyte ptr [eax]"},
    {"df 30", "fbstp tbyte ptr [eax]"},
    {"d9 e8", "fld1"},
    {"d9 eb", "fldpi"},
    {"d9 ca", "fxch st(2)"},
    {"db d7", "fcmovnbe st(0), st(7)"},
    {"d8 c2", "fadd st(0), st(2)"},
    {"de cc", "fmulp st(4), st(0)"},
    {"da 20", "fisub dword ptr [eax]"},
    {"dc 3a", "fdivr qword ptr [edx]"},
    {"dc e9", "fsub st(1), st(0)"},
    {"de e1", "fsubrp st(1), st(0)"},
    {"d9 e0", "fchs"},
    {"d9 fa", "fsqrt"},
    {"d9 f5", "fprem1"},
    {"db f1", "fcomi st(0), st(1)"},
    {"df ed", "fucomip st(0), st(5)"},
    {"da e9", "fucompp"},
    {"d8 d6", "fcom st(6)"},
    {"de 18", "ficomp word ptr [eax]"},
    {"dd c1", "ffree st(1)"},
    {"df e0", "fnstsw ax"},
    {"dd 38", "fnstsw word ptr [eax]"},
    {"d9 2c 24", "fldcw word ptr [esp]"},
    {"d9 30", "fnstenv [eax]"},
    {"dd 31", "fnsave [ecx]"},
    {"0f ae 44 24 10", "fxsave [esp + 0x10]"},
    {"0f ae 08", "fxrstor [eax]"},
    {"9b", "fwait"},
    {"0f 77", "emms"},
    {"0f ae 14 24", "ldmxcsr dword ptr [esp]"},
    {"0f ae e8", "lfence"},
    {"0f ae f0", "mfence"},
    {"0f ae f8", "sfence"},
    {"0f ae 38", "clflush [eax]"},
    {"0f 18 00", "prefetchnta [eax]"},
    {"0f 18 4e 40", "prefetcht0 [esi + 0x40]"},
    {"0f 6e c9", "movd mm1, ecx"},
    {"66 0f 7e 18", "movd dword ptr [eax], xmm3"},
    {"0f 6f 00", "movq mm0, qword ptr [eax]"},
    {"f3 0f 7e 2a", "movq xmm5, qword ptr [edx]"},
    {"66 0f d6 2a", "movq qword ptr [edx], xmm5"},
    {"0f 28 0c 24", "movaps xmm1, xmmword ptr [esp]"},
    {"66 0f 11 50 01", "movupd xmmword ptr [eax + 0x1], xmm2"},
    {"f3 0f 10 00", "movss xmm0, dword ptr [eax]"},
    {"f2 0f 11 39", "movsd qword ptr [ecx], xmm7"},
    {"f2 0f 10 ca", "movsd xmm1, xmm2"},
    {"0f 12 ca", "movhlps xmm1, xmm2"},
    {"0f 12 08", "movlps xmm1, qword ptr [eax]"},
    {"66 0f e7 07", "movntdq xmmword ptr [edi], xmm0"},
    {"0f e7 07", "movntq qword ptr [edi], mm0"},
    {"0f c3 10", "movnti dword ptr [eax], edx"},
    {"f2 0f d6 ca", "movdq2q mm1, xmm2"},
    {"0f 50 c4", "movmskps eax, xmm4"},
    {"0f d7 d1", "pmovmskb edx, mm1"},
    {"66 0f f7 ca", "maskmovdqu xmm1, xmm2"},
    {"66 0f c4 c0 07", "pinsrw xmm0, eax, 0x7"},
    {"0f c4 00 03", "pinsrw mm0, word ptr [eax], 0x3"},
    {"66 0f c5 c9 02", "pextrw ecx, xmm1, 0x2"},
    {"0f 58 00", "addps xmm0, xmmword ptr [eax]"},
    {"f2 0f 58 00", "addsd xmm0, qword ptr [eax]"},
    {"f3 0f 51 08", "sqrtss xmm1, dword ptr [eax]"},
    {"0f c2 c1 02", "cmpps xmm0, xmm1, 0x2"},
    {"f2 0f c2 10 06", "cmpsd xmm2, qword ptr [eax], 0x6"},
    {"0f 52 c1", "rsqrtps xmm0, xmm1"},
    {"0f c6 c1 1b", "shufps xmm0, xmm1, 0x1b"},
    {"66 0f 2e 00", "ucomisd xmm0, qword ptr [eax]"},
    {"0f 2a 00", "cvtpi2ps xmm0, qword ptr [eax]"},
    {"f2 0f 2a 00", "cvtsi2sd xmm0, dword ptr [eax]"},
    {"f2 0f 2c c1", "cvttsd2si eax, xmm1"},
    {"0f 5a 00", "cvtps2pd xmm0, qword ptr [eax]"},
    {"0f fc 08", "paddb mm1, qword ptr [eax]"},
    {"66 0f ef c0", "pxor xmm0, xmm0"},
    {"0f 60 00", "punpcklbw mm0, dword ptr [eax]"},
    {"66 0f 6c 0b", "punpcklqdq xmm1, xmmword ptr [ebx]"},
    {"0f 71 d2 03", "psrlw mm2, 0x3"},
    {"66 0f 73 fb 08", "pslldq xmm3, 0x8"},
    {"66 0f 70 ca 4e", "pshufd xmm1, xmm2, 0x4e"},
};

/* Encodings that assemblers do not choose, and targets that depend on the address. */
static const struct golden other_encodings[] = {
    {"74 10", "je 0x8048012"},
    {"3e 7f fe", "jg 0x8048001"},
    {"0f 82 00 01 00 00", "jb 0x8048106"},
    {"2e 0f 8d fa ff ff ff", "jge 0x8048001"},
    {"e3 05", "jecxz 0x8048007"},
    {"67 e3 05", "jcxz 0x8048008"},
    {"e2 fe", "loop 0x8048000"},
    {"67 e1 00", "addr16 loope 0x8048003"},
    {"e8 00 80 fb f7", "call 0x5"},
    {"e9 fb ff ff ff", "jmp 0x8048000"},
    {"eb 00", "jmp 0x8048002"},
    {"3e ff e0", "jmp eax"},
    {"f3 c3", "ret"},
    {"f3 0f bc c1", "bsf eax, ecx"},
    {"66 f3 0f bd c1", "bsr ax, cx"},
    {"00 c8", "add al, cl"},
    {"02 c1", "add al, cl"},
    {"82 c1 ff", "add cl, 0xff"},
    {"83 c1 ff", "add ecx, 0xffffffff"},
    {"66 83 c1 ff", "add cx, 0xffff"},
    {"6a 80", "push 0xffffff80"},
    {"66 6a 80", "push 0xff80"},
    {"66 68 00 80", "push 0x8000"},
    {"66 60", "pusha"},
    {"66 9d", "popf"},
    {"66 90", "nop"},
    {"67 90", "addr16 nop"},
    {"8b 04 25 00 00 00 00", "mov eax, dword ptr [0x0]"},
    {"8b 44 24 04", "mov eax, dword ptr [esp + 0x4]"},
    {"8b 44 e4 80", "mov eax, dword ptr [esp - 0x80]"},
    {"8b 84 48 00 00 00 80", "mov eax, dword ptr [eax + ecx*2 - 0x80000000]"},
    {"8b 05 fc ff ff ff", "mov eax, dword ptr [0xfffffffc]"},
    {"67 8b 06 fc ff", "mov eax, dword ptr [0xfffc]"},
    {"67 8b 46 fc", "mov eax, dword ptr [bp - 0x4]"},
    {"67 8b 87 34 f2", "mov eax, dword ptr [bx - 0xdcc]"},
    {"67 a1 34 12", "mov eax, dword ptr [0x1234]"},
    {"65 a1 14 00 00 00", "mov eax, dword ptr gs:[0x14]"},
    {"65 0f 10 05 00 00 00 00", "movups xmm0, xmmword ptr gs:[0x0]"},
    {"67 f3 a4", "rep addr16 movsb"},
    {"f2 a7", "repne cmpsd"},
    {"67 d7", "addr16 xlat"},
    {"c8 00 80 1f", "enter 0x8000, 0x1f"},
    {"d1 e0", "shl eax, 1"},
    {"c1 e0 01", "shl eax, 0x1"},
    {"2e 8d b4 26 00 00 00 00", "lea esi, [esi]"},
    {"66 2e 0f 1f 84 00 00 00 00 00", "nop word ptr [eax + eax]"},
    {"66 f2 0f 58 c1", "addsd xmm0, xmm1"},
    {"0f 18 10", "prefetcht1 [eax]"},
    {"0f 18 18", "prefetcht2 [eax]"},
    {"dc e1", "fsubr st(1), st(0)"},
    {"de f9", "fdivp st(1), st(0)"},
    {"0f ae e9", "lfence"},
    {"fe c4", "inc ah"},
    {"f0 fe 0b", "lock dec byte ptr [ebx]"},
};

static const struct golden refused[] = {
    {"", "(bad)"},
    {"66", "(bad)"},
    {"f1", "(bad)"},
    {"0f 38 00 c1", "(bad)"},
    {"0f 05", "(bad)"},
    {"0f 31", "(bad)"},
    {"f0 01 c8", "(bad)"},
    {"f0 38 08", "(bad)"},
    {"f3 0f b8 c1", "(bad)"},
    {"8d c0", "(bad)"},
    {"65 8d 00", "(bad)"},
    {"64 8b 00", "(bad)"},
    {"d9 fe", "(bad)"},
    {"0f c2 c1 08", "(bad)"},
    {"e8 00 00 00", "(bad)"},
    {"66 e9 00 00", "(bad)"},
    {"f2 c3", "(bad)"},
    {"8e d8", "(bad)"},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static size_t parse_bytes(const char *text, uint8_t bytes[16])
{
    size_t n = 0;

    for (char *end; *text; text = end)
        bytes[n++] = (uint8_t)strtoul(text, &end, 16);
    return n;
}

/* Whether the text is that of all the bytes. */
static bool prints_as(const struct golden *golden)
{
    uint8_t bytes[16];
    char text[VX_TEXT_NBYTES];
    size_t nbytes = parse_bytes(golden->bytes, bytes);
    size_t used = vx_disassemble(bytes, nbytes, ADDR, text, sizeof(text));

    if (!strcmp(text, golden->text) && used == nbytes)
        return true;
    printf("  %s: \"%s\" of %zu bytes, not \"%s\"\n", golden->bytes, text, used, golden->text);
    return false;
}

static void instructions_are_printed_as_an_assembler_reads_them(void)
{
    for (size_t i = 0; i < COUNT(assembled); i++)
        CHECK(prints_as(&assembled[i]));
}

static void unusual_encodings_are_printed(void)
{
    for (size_t i = 0; i < COUNT(other_encodings); i++)
        CHECK(prints_as(&other_encodings[i]));
}

static void refused_bytes_are_printed_as_bad(void)
{
    uint8_t bytes[16];
    char text[VX_TEXT_NBYTES];

    for (size_t i = 0; i < COUNT(refused); i++) {
        size_t nbytes = parse_bytes(refused[i].bytes, bytes);

        CHECK_EQ_U64(vx_disassemble(bytes, nbytes, ADDR, text, sizeof(text)), 0);
        CHECK(!strcmp(text, "(bad)"));
    }
}

/* Every row of the opcode table with its longest operands. */
static size_t longest_text(uint16_t slot, bool has_memory, char text[VX_TEXT_NBYTES])
{
    struct vx_insn insn = {
        .slot = slot,
        .operation = vx_opcodes[slot].operation,
        .operand_nbytes = 4,
        .prefixes = VX_PREFIX_LOCK | VX_PREFIX_REPNE | VX_PREFIX_GS,
        .condition = 3,
        .has_memory = has_memory,
        .shift = 3,
        .displacement = 0x80000000,
        .immediate = UINT32_MAX,
        .immediate2 = UINT32_MAX,
    };

    return vx_print(&insn, text, VX_TEXT_NBYTES);
}

static void every_row_of_the_table_is_printed(void)
{
    char text[VX_TEXT_NBYTES];
    unsigned count = 0;

    for (uint16_t slot = 0; slot < VX_SLOT_COUNT; slot++) {
        if (vx_opcodes[slot].operation == VX_OP_REJECT ||
            vx_opcodes[slot].operation == VX_OP_IN_GROUP)
            continue;
        for (int has_memory = 0; has_memory < 2; has_memory++) {
            CHECK(longest_text(slot, has_memory, text) < VX_TEXT_NBYTES);
            CHECK(!strchr(text, '?'));
        }
        count++;
    }
    printf("  %u rows\n", count);
    CHECK(count > 800);
}

static void every_operand_letter_has_a_golden_text(void)
{
    bool is_met[VX_O_COUNT] = {0};
    struct vx_insn insn;
    uint8_t bytes[16];

    for (size_t i = 0; i < COUNT(assembled) + COUNT(other_encodings); i++) {
        const struct golden *golden =
            i < COUNT(assembled) ? &assembled[i] : &other_encodings[i - COUNT(assembled)];
        size_t nbytes = parse_bytes(golden->bytes, bytes);

        if (vx_decode(bytes, nbytes, ADDR, &insn) != VX_DECODE_OK)
            continue;
        for (int n = 0; n < 3; n++)
            is_met[vx_opcodes[insn.slot].operand[n]] = true;
    }
    for (int i = 0; i < VX_O_COUNT; i++) {
        CHECK(is_met[i]);
        if (!is_met[i])
            printf("  operand %s\n", vx_operands[i].name);
    }
}

static void text_is_cut_off_at_the_end_of_its_buffer(void)
{
    static const uint8_t bytes[] = {0x01, 0xc8};
    struct vx_insn insn;

    CHECK(vx_decode(bytes, sizeof(bytes), 0, &insn) == VX_DECODE_OK);
    for (size_t nbytes = 1; nbytes < 20; nbytes++) {
        char *text = malloc(nbytes);
        size_t shown = nbytes - 1 < 12 ? nbytes - 1 : 12;

        CHECK_EQ_U64(vx_print(&insn, text, nbytes), 12);
        CHECK_EQ_U64(strlen(text), shown);
        CHECK(!strncmp(text, "add eax, ecx", shown));
        free(text);
    }
    CHECK_EQ_U64(vx_print(&insn, NULL, 0), 12);
}

int main(void)
{
    RUN(instructions_are_printed_as_an_assembler_reads_them);
    RUN(unusual_encodings_are_printed);
    RUN(refused_bytes_are_printed_as_bad);
    RUN(every_row_of_the_table_is_printed);
    RUN(every_operand_letter_has_a_golden_text);
    RUN(text_is_cut_off_at_the_end_of_its_buffer);
    return test_report();
}

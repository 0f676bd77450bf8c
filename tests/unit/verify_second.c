/* SPDX-License-Identifier: MIT */
/* What Zydis knows of the operands of each instruction, held against the contract of host code. */
#include "verify_second.h"

#include "interp/uop.h"

#include <Zydis/Zydis.h>
#include <string.h>

enum { INSN_MAX_NBYTES = 15 };

struct decoded {
    uint32_t offset;
    ZydisDecodedInstruction insn;
    ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
};

struct second {
    const struct vx_translator *translator;
    const struct vx_code *code;
    ZydisDecoder decoder;
    uint32_t start;
    struct decoded now, before; /* before: length 0 at the start */
    bool r8_narrow, r10_narrow, r9_narrow;
    uint32_t not_before; /* a short branch comes here: what was known is not known any more */
};

static bool decode(const struct second *s, uint32_t offset, struct decoded *to)
{
    to->offset = offset;
    return ZYAN_SUCCESS(ZydisDecoderDecodeFull(&s->decoder, s->code->writable + offset,
                                               INSN_MAX_NBYTES, &to->insn, to->operands));
}

static ZydisRegister whole(ZydisRegister reg)
{
    return ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, reg);
}

static bool is_guest(ZydisRegister reg)
{
    switch (whole(reg)) {
    case ZYDIS_REGISTER_RAX:
    case ZYDIS_REGISTER_RCX:
    case ZYDIS_REGISTER_RDX:
    case ZYDIS_REGISTER_RBX:
    case ZYDIS_REGISTER_RBP:
    case ZYDIS_REGISTER_RSI:
    case ZYDIS_REGISTER_RDI:
    case ZYDIS_REGISTER_R14: return true;
    default: return false;
    }
}

static bool is(const struct decoded *d, ZydisMnemonic mnemonic)
{
    return d->insn.length != 0 && d->insn.mnemonic == mnemonic;
}

static bool is_register(const ZydisDecodedOperand *operand, ZydisRegister reg)
{
    return operand->type == ZYDIS_OPERAND_TYPE_REGISTER && operand->reg.value == reg;
}

static bool moves(const struct decoded *d, ZydisRegister to, ZydisRegister from)
{
    return is(d, ZYDIS_MNEMONIC_MOV) && is_register(&d->operands[0], to) &&
           is_register(&d->operands[1], from);
}

/* ---- what is written ---- */

static bool may_write_host(const struct decoded *d, const ZydisDecodedOperand *operand)
{
    bool moved = is(d, ZYDIS_MNEMONIC_MOV) || is(d, ZYDIS_MNEMONIC_LEA);

    switch (operand->reg.value) {
    case ZYDIS_REGISTER_RIP:
    case ZYDIS_REGISTER_RFLAGS:
    case ZYDIS_REGISTER_MXCSR: return true;
    case ZYDIS_REGISTER_RSP: return is(d, ZYDIS_MNEMONIC_CALL) || is(d, ZYDIS_MNEMONIC_RET);
    case ZYDIS_REGISTER_RCX: return moves(d, ZYDIS_REGISTER_RCX, ZYDIS_REGISTER_R9);
    case ZYDIS_REGISTER_R8D:
    case ZYDIS_REGISTER_R9D: return moved;
    case ZYDIS_REGISTER_R10D: return is(d, ZYDIS_MNEMONIC_MOV);
    case ZYDIS_REGISTER_R8:
        return is(d, ZYDIS_MNEMONIC_MOV) && d->operands[1].type == ZYDIS_OPERAND_TYPE_IMMEDIATE;
    case ZYDIS_REGISTER_R9: return moves(d, ZYDIS_REGISTER_R9, ZYDIS_REGISTER_RCX);
    case ZYDIS_REGISTER_R12:
        return is(d, ZYDIS_MNEMONIC_LEA) && d->operands[1].mem.base == ZYDIS_REGISTER_R12 &&
               d->operands[1].mem.index == ZYDIS_REGISTER_NONE && d->operands[1].mem.disp.value < 0;
    default: return false;
    }
}

static const char *judge_register(const struct decoded *d, const ZydisDecodedOperand *operand)
{
    ZydisRegister reg = operand->reg.value;
    bool written = (operand->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE) != 0;

    switch (ZydisRegisterGetClass(reg)) {
    case ZYDIS_REGCLASS_XMM:
        return reg <= ZYDIS_REGISTER_XMM7 ? NULL : "an XMM register that the guest has not";
    case ZYDIS_REGCLASS_GPR8:
    case ZYDIS_REGCLASS_GPR16:
    case ZYDIS_REGCLASS_GPR32:
        return !written || is_guest(reg) || may_write_host(d, operand) ? NULL : "a host's register";
    case ZYDIS_REGCLASS_GPR64:
    case ZYDIS_REGCLASS_IP:
    case ZYDIS_REGCLASS_FLAGS:
        return !written || may_write_host(d, operand) ? NULL : "a write of 64 bits";
    default: return reg == ZYDIS_REGISTER_MXCSR && !written ? NULL : "a register of another kind";
    }
}

/* ---- memory ---- */

static bool is_slot(const struct second *s, const ZydisDecodedOperand *o)
{
    const struct decoded *d = &s->now;
    const ZydisDecodedOperandMem *m = &o->mem;
    bool reads = is(d, ZYDIS_MNEMONIC_MOV) && is_register(&d->operands[0], ZYDIS_REGISTER_R9D) &&
                 o == &d->operands[1];

    if (m->base == ZYDIS_REGISTER_RSP)
        return o->visibility == ZYDIS_OPERAND_VISIBILITY_HIDDEN &&
               (is(d, ZYDIS_MNEMONIC_CALL) || is(d, ZYDIS_MNEMONIC_RET));
    if (m->base == ZYDIS_REGISTER_R15 && m->index == ZYDIS_REGISTER_NONE)
        return (reads && m->disp.value == 0) ||
               (is(d, ZYDIS_MNEMONIC_JMP) && m->disp.value == VX_GATE_LEAVE) ||
               (is(d, ZYDIS_MNEMONIC_CALL) && m->disp.value == VX_GATE_CALL_OPERATION);
    if (m->base == ZYDIS_REGISTER_R15)
        return reads && m->index == ZYDIS_REGISTER_R9 && m->scale == 8 && m->disp.value == 0xff8 &&
               s->r9_narrow;
    if (m->base == ZYDIS_REGISTER_R13)
        return is(d, ZYDIS_MNEMONIC_JMP) && m->index == ZYDIS_REGISTER_R8 && m->scale == 8 &&
               m->disp.value == 0 && s->r8_narrow;
    return m->base == ZYDIS_REGISTER_R11 && is(d, ZYDIS_MNEMONIC_CALL) &&
           m->index == ZYDIS_REGISTER_R10 && m->scale == 8 && m->disp.value == 0 && s->r10_narrow;
}

static bool is_far_bit(const struct decoded *d)
{
    switch (d->insn.mnemonic) {
    case ZYDIS_MNEMONIC_BT:
    case ZYDIS_MNEMONIC_BTC:
    case ZYDIS_MNEMONIC_BTR:
    case ZYDIS_MNEMONIC_BTS: return d->operands[1].type == ZYDIS_OPERAND_TYPE_REGISTER;
    default: return false;
    }
}

static bool is_guest_memory(const struct second *s, const ZydisDecodedOperand *o)
{
    const ZydisDecodedOperandMem *m = &o->mem;
    bool near = m->index == ZYDIS_REGISTER_NONE && m->base != ZYDIS_REGISTER_NONE &&
                m->disp.value >= -128 && m->disp.value <= 127;
    bool in_gs = m->segment == ZYDIS_REGISTER_GS;

    return (m->base == ZYDIS_REGISTER_NONE || is_guest(m->base)) &&
           (m->index == ZYDIS_REGISTER_NONE || is_guest(m->index)) &&
           (s->now.insn.address_width == 32 || near) && in_gs == s->translator->embedded &&
           m->segment != ZYDIS_REGISTER_FS && o->size <= 128 && !is_far_bit(&s->now);
}

static const char *judge_memory(const struct second *s, const ZydisDecodedOperand *o)
{
    if (o->mem.type == ZYDIS_MEMOP_TYPE_AGEN || s->now.insn.mnemonic == ZYDIS_MNEMONIC_NOP)
        return NULL;
    return is_slot(s, o) || is_guest_memory(s, o) ? NULL : "memory that is not the guest's";
}

/* ---- where it goes ---- */

static const struct vx_code_block *block_at(const struct vx_code *code, uint32_t offset)
{
    for (uint32_t i = 0; i < code->block_count; i++) {
        if (code->blocks[i].start == offset)
            return &code->blocks[i];
    }
    return NULL;
}

/* mov r8d, ...; mov r9d, reason; jmp [r15 + leave], with the reason for C to believe */
static bool leaves(const struct second *s, uint32_t offset, uint32_t site)
{
    struct second at = *s;
    uint32_t reason;

    if (!decode(s, offset, &at.now) || !is(&at.now, ZYDIS_MNEMONIC_MOV) ||
        !is_register(&at.now.operands[0], ZYDIS_REGISTER_R8D))
        return false;
    offset += at.now.insn.length;
    if (!decode(s, offset, &at.now) || !is(&at.now, ZYDIS_MNEMONIC_MOV) ||
        !is_register(&at.now.operands[0], ZYDIS_REGISTER_R9D) ||
        at.now.operands[1].type != ZYDIS_OPERAND_TYPE_IMMEDIATE)
        return false;
    reason = (uint32_t)at.now.operands[1].imm.value.u;
    offset += at.now.insn.length;
    if (!decode(s, offset, &at.now) || !is(&at.now, ZYDIS_MNEMONIC_JMP) ||
        at.now.operands[0].type != ZYDIS_OPERAND_TYPE_MEMORY || !is_slot(&at, at.now.operands))
        return false;
    if ((reason & 0xff) == VX_REASON_LINK)
        return reason >> 8 < s->code->link_count && s->code->links[reason >> 8].site == site;
    return reason < VX_REASON_FAULT && reason != VX_REASON_MISMATCH;
}

static const char *judge_direct(struct second *s)
{
    const struct decoded *d = &s->now;
    uint32_t past = d->offset + d->insn.length;
    int64_t to = (int64_t)past + d->operands[0].imm.value.s;
    bool shortly = d->insn.raw.imm[0].size == 8;

    if (shortly) {
        s->not_before = (uint32_t)to;
        return to > past && to <= s->code->used && to - past < 64 ? NULL : "a short branch";
    }
    if (to < s->code->fixed_nbytes || to > VX_CODE_NBYTES)
        return "a branch out of the code";
    if (to >= s->code->cold)
        return leaves(s, (uint32_t)to, past - 4) ? NULL : "a branch to what is no stub";
    return block_at(s->code, (uint32_t)to) != NULL ? NULL : "a branch to where no block begins";
}

/* What is on the host's stack comes back with the guest's target in r8d. */
static const char *judge_call(struct second *s)
{
    uint32_t past = s->now.offset + s->now.insn.length;
    struct second at = *s;

    if (!decode(s, past, &at.now) || !is(&at.now, ZYDIS_MNEMONIC_LEA) ||
        !is_register(&at.now.operands[0], ZYDIS_REGISTER_R9D))
        return "a call without a landing";
    at.r9_narrow = true;
    if (!decode(s, past + at.now.insn.length, &at.now) || !is(&at.now, ZYDIS_MNEMONIC_MOV) ||
        at.now.operands[1].type != ZYDIS_OPERAND_TYPE_MEMORY ||
        at.now.operands[1].mem.index != ZYDIS_REGISTER_R9 || !is_slot(&at, &at.now.operands[1]))
        return "a landing without a check";
    s->r8_narrow = true;
    s->r10_narrow = false;
    return NULL;
}

static const char *judge_operation(struct second *s)
{
    const struct vx_translator *t = s->translator;
    const struct decoded *d = &s->before;
    uint64_t past;

    s->r8_narrow = s->r10_narrow = false;
    if (!is(d, ZYDIS_MNEMONIC_MOV) || !is_register(d->operands, ZYDIS_REGISTER_R8))
        return "an operation without its uop";
    past = d->operands[1].imm.value.u - (uint64_t)(uintptr_t)t->uops;
    return past % sizeof *t->uops == 0 && past / sizeof *t->uops < t->uop_count ? NULL
                                                                                : "a wrong uop";
}

static bool is_gate_call(const struct decoded *d)
{
    return is(d, ZYDIS_MNEMONIC_CALL) && d->operands[0].type == ZYDIS_OPERAND_TYPE_MEMORY &&
           d->operands[0].mem.base == ZYDIS_REGISTER_R15;
}

static const char *judge_flow(struct second *s)
{
    const struct decoded *d = &s->now;
    const char *why = NULL;

    if (d->insn.meta.branch_type == ZYDIS_BRANCH_TYPE_FAR)
        return "a far branch";
    if (is_gate_call(d))
        return judge_operation(s);
    if (is(d, ZYDIS_MNEMONIC_RET))
        return s->r8_narrow && d->insn.raw.imm[0].size == 0 ? NULL : "a return to nowhere";
    if (d->insn.meta.branch_type == ZYDIS_BRANCH_TYPE_NONE)
        return NULL;
    if (d->operands[0].type == ZYDIS_OPERAND_TYPE_IMMEDIATE)
        why = judge_direct(s);
    else if (d->operands[0].type != ZYDIS_OPERAND_TYPE_MEMORY)
        return "a branch by a register";
    else if (is(d, ZYDIS_MNEMONIC_JMP) && d->operands[0].mem.base == ZYDIS_REGISTER_R15)
        return leaves(s, d->offset - 12, 0) ? NULL : "an exit that C would not believe";
    if (why == NULL && is(d, ZYDIS_MNEMONIC_CALL))
        why = judge_call(s);
    return why;
}

/* ---- one instruction, and all ---- */

static bool is_allowed(const struct decoded *d)
{
    switch (d->insn.meta.category) {
    case ZYDIS_CATEGORY_BINARY:
    case ZYDIS_CATEGORY_BITBYTE:
    case ZYDIS_CATEGORY_CALL:
    case ZYDIS_CATEGORY_CMOV:
    case ZYDIS_CATEGORY_COND_BR:
    case ZYDIS_CATEGORY_CONVERT:
    case ZYDIS_CATEGORY_DATAXFER:
    case ZYDIS_CATEGORY_FLAGOP:
    case ZYDIS_CATEGORY_LOGICAL:
    case ZYDIS_CATEGORY_LOGICAL_FP:
    case ZYDIS_CATEGORY_MISC:
    case ZYDIS_CATEGORY_NOP:
    case ZYDIS_CATEGORY_WIDENOP:
    case ZYDIS_CATEGORY_PREFETCH:
    case ZYDIS_CATEGORY_RET:
    case ZYDIS_CATEGORY_ROTATE:
    case ZYDIS_CATEGORY_SEMAPHORE:
    case ZYDIS_CATEGORY_SETCC:
    case ZYDIS_CATEGORY_SHIFT:
    case ZYDIS_CATEGORY_SSE:
    case ZYDIS_CATEGORY_STRINGOP:
    case ZYDIS_CATEGORY_UNCOND_BR: break;
    default: return false;
    }
    return !(d->insn.attributes & ZYDIS_ATTRIB_IS_PRIVILEGED) &&
           d->insn.encoding == ZYDIS_INSTRUCTION_ENCODING_LEGACY &&
           d->insn.mnemonic != ZYDIS_MNEMONIC_CPUID && d->insn.mnemonic != ZYDIS_MNEMONIC_UD2 &&
           d->insn.mnemonic != ZYDIS_MNEMONIC_MASKMOVDQU;
}

static void remember(struct second *s)
{
    const ZydisDecodedOperand *to = s->now.operands;

    if (s->now.insn.operand_count == 0 || to->type != ZYDIS_OPERAND_TYPE_REGISTER ||
        !(to->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE))
        return;
    if (whole(to->reg.value) == ZYDIS_REGISTER_R8)
        s->r8_narrow = to->reg.value == ZYDIS_REGISTER_R8D;
    if (whole(to->reg.value) == ZYDIS_REGISTER_R9)
        s->r9_narrow = to->reg.value == ZYDIS_REGISTER_R9D;
    if (whole(to->reg.value) == ZYDIS_REGISTER_R10)
        s->r10_narrow = to->reg.value == ZYDIS_REGISTER_R10D;
}

static const char *judge(struct second *s)
{
    const char *why = is_allowed(&s->now) ? NULL : "an instruction of another kind";

    for (unsigned i = 0; i < s->now.insn.operand_count && why == NULL; i++) {
        const ZydisDecodedOperand *operand = &s->now.operands[i];

        if (operand->type == ZYDIS_OPERAND_TYPE_REGISTER)
            why = judge_register(&s->now, operand);
        else if (operand->type == ZYDIS_OPERAND_TYPE_MEMORY)
            why = judge_memory(s, operand);
    }
    if (why == NULL)
        why = judge_flow(s);
    remember(s);
    return why;
}

static bool never_goes_on(const struct decoded *d)
{
    return is(d, ZYDIS_MNEMONIC_JMP) || is(d, ZYDIS_MNEMONIC_RET);
}

/* Each block of the run must begin where an instruction does. */
static const char *judge_blocks(const struct second *s, uint32_t offset)
{
    for (uint32_t i = s->code->block_count; i-- > 0 && s->code->blocks[i].start >= s->start;) {
        if (s->code->blocks[i].start > offset &&
            s->code->blocks[i].start < offset + s->now.insn.length)
            return "a block that begins within an instruction";
    }
    return s->not_before > offset && s->not_before < offset + s->now.insn.length
               ? "a branch into an instruction"
               : NULL;
}

const char *second_opinion(const struct vx_translator *translator, uint32_t start)
{
    struct second s = {.translator = translator, .code = &translator->code, .start = start};
    uint32_t offset = start;
    const char *why;

    (void)ZydisDecoderInit(&s.decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
    while (offset < s.code->used) {
        if (block_at(s.code, offset) != NULL)
            s.r8_narrow = s.r9_narrow = s.r10_narrow = false;
        if (!decode(&s, offset, &s.now))
            return "bytes that are no instruction";
        why = judge_blocks(&s, offset);
        if (why == NULL)
            why = judge(&s);
        if (why != NULL)
            return why;
        offset += s.now.insn.length;
        s.before = s.now;
    }
    return offset == s.code->used && never_goes_on(&s.before) ? NULL : "an end that is open";
}

/* ---- how two instructions differ ---- */

static bool same_registers(const struct decoded *a, const struct decoded *b)
{
    for (unsigned i = 0; i < a->insn.operand_count_visible; i++) {
        const ZydisDecodedOperand *x = &a->operands[i], *y = &b->operands[i];

        if (x->type != y->type)
            return false;
        if (x->type == ZYDIS_OPERAND_TYPE_REGISTER && x->reg.value != y->reg.value)
            return false;
        if (x->type == ZYDIS_OPERAND_TYPE_MEMORY &&
            (x->mem.base != y->mem.base || x->mem.index != y->mem.index))
            return false;
    }
    return true;
}

static bool same_address(const struct decoded *a, const struct decoded *b)
{
    return a->insn.raw.disp.value == b->insn.raw.disp.value &&
           a->insn.raw.sib.scale == b->insn.raw.sib.scale;
}

static bool is_conditional(const struct decoded *d)
{
    return d->insn.meta.category == ZYDIS_CATEGORY_COND_BR ||
           d->insn.meta.category == ZYDIS_CATEGORY_CMOV ||
           d->insn.meta.category == ZYDIS_CATEGORY_SETCC;
}

unsigned instruction_nbytes(const uint8_t *bytes)
{
    struct decoded d;
    ZydisDecoder decoder;

    (void)ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
    return ZYAN_SUCCESS(
               ZydisDecoderDecodeFull(&decoder, bytes, INSN_MAX_NBYTES, &d.insn, d.operands))
               ? d.insn.length
               : 0;
}

const char *difference(const uint8_t *before, const uint8_t *after)
{
    struct decoded a, b;
    ZydisDecoder decoder;

    (void)ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
    if (!ZYAN_SUCCESS(
            ZydisDecoderDecodeFull(&decoder, before, INSN_MAX_NBYTES, &a.insn, a.operands)) ||
        !ZYAN_SUCCESS(
            ZydisDecoderDecodeFull(&decoder, after, INSN_MAX_NBYTES, &b.insn, b.operands)))
        return "undecodable";
    if (a.insn.length != b.insn.length)
        return "bytes shared out otherwise";
    if (a.insn.mnemonic != b.insn.mnemonic)
        return is_conditional(&a) && is_conditional(&b) ? "another condition" : "another operation";
    if (a.insn.meta.branch_type != ZYDIS_BRANCH_TYPE_NONE)
        return "another block as target";
    if (a.insn.operand_width != b.insn.operand_width ||
        a.insn.address_width != b.insn.address_width)
        return "another width";
    if (!same_registers(&a, &b))
        return "another guest register or operand";
    if (!same_address(&a, &b))
        return "another guest address";
    if (a.insn.raw.imm[0].value.u != b.insn.raw.imm[0].value.u)
        return "another immediate";
    return "the same";
}

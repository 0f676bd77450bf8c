/* SPDX-License-Identifier: MIT */
/* Makes blocks: decodes guest code, writes host code for it, joins blocks by their branches. */
#include "translator.h"
#include "verify.h"

#include <string.h>

enum {
    BLOCK_ALIGNMENT = 16,
    RUN_MAX = 4, /* blocks that are translated at once because one goes on in the next */
    STUB_NBYTES = 16,
    BLOCK_MAX_NBYTES = (VX_X64_BLOCK_MAX + 2) * VX_X64_INSN_MAX_NBYTES,
    JCC_LESS = 0x8c,
    JMP = 0xe9,
};

/* ---- decoding ---- */

static bool fetch(const struct vx_mem *mem, vx32_addr eip, struct vx_insn *insn)
{
    size_t nbytes = vx_mem_accessible(mem, eip, VX_INSN_MAX_NBYTES, VX32_ACCESS_EXECUTE);

    return nbytes != 0 && vx_decode(mem->base + eip, nbytes, eip, insn) == VX_DECODE_OK;
}

static void decode_unit(struct vx_unit *unit)
{
    const struct vx_translator *translator = unit->translator;
    vx32_addr eip = unit->eip;
    bool open = true;

    while (open && unit->count < VX_X64_BLOCK_MAX) {
        struct vx_insn *insn = &unit->insns[unit->count];

        unit->broken = !fetch(translator->mem, eip, insn);
        if (unit->broken)
            break;
        eip += insn->nbytes;
        open = !vx_ends_unit(translator, insn);
        unit->count++;
    }
    unit->end = eip;
}

/* What a block is besides its address. */
struct entry {
    bool polled, called;
};

static void begin_unit(struct vx_unit *unit, struct vx_translator *translator, vx32_addr eip,
                       struct entry entry)
{
    unit->translator = translator;
    unit->e.embedded = translator->embedded;
    unit->eip = eip;
    unit->polled = entry.polled;
    unit->called = entry.called;
    unit->end_polled = false;
    unit->broken = false;
    unit->count = 0;
    unit->charged = 0;
    unit->delta = entry.called ? -4 : 0;
    unit->wanted = NULL;
    decode_unit(unit);
}

/* ---- stubs and edges ---- */

static uint32_t offset_of(const struct vx_unit *unit)
{
    return (uint32_t)(unit->e.at - unit->translator->code.writable);
}

/* Code that goes back to C, out of the way. Returns its offset. */
static uint32_t make_stub(struct vx_translator *translator, vx32_addr eip, uint32_t reason)
{
    struct vx_code *code = &translator->code;
    struct vx_emitter e = {.at = code->writable + code->cold - STUB_NBYTES};

    code->cold -= STUB_NBYTES;
    vx_emit_constant(&e, VX_R8, eip);
    vx_emit_constant(&e, VX_R9, reason);
    vx_emit_jump_gate(&e, VX_GATE_LEAVE);
    return code->cold;
}

static const uint8_t *find(const struct vx_translator *translator, vx32_addr eip, bool polled)
{
    const uint8_t *host = vx_code_find(&translator->code, eip);
    uint8_t poll[VX_POLL_NBYTES];
    struct vx_emitter e = {.at = poll};

    if (host == NULL || !polled || translator->counted)
        return host;
    vx_emit_poll(&e);
    return memcmp(host, poll, sizeof poll) == 0 ? host : NULL;
}

static uint32_t make_link(struct vx_translator *translator, const struct vx_code_link *link)
{
    struct vx_code *code = &translator->code;
    uint32_t number = code->link_count++;

    code->links[number] = *link;
    return make_stub(translator, link->target, VX_REASON_LINK | number << 8);
}

/* The displacement of a branch to `host`, or to a stub for the link. */
static void emit_edge(struct vx_unit *unit, const uint8_t *host, vx32_addr target,
                      struct entry entry)
{
    struct vx_translator *translator = unit->translator;
    uint32_t site = offset_of(unit), to;

    if (host != NULL)
        to = (uint32_t)(host - translator->code.executable);
    else
        to =
            make_link(translator, &(struct vx_code_link){site, target, entry.polled, entry.called});
    vx_emit32(&unit->e, to - (site + 4));
}

void vx_unit_edge(struct vx_unit *unit, vx32_addr target, bool polled)
{
    if (unit->wanted != NULL)
        vx_emit32(&unit->e, 0);
    else
        emit_edge(unit, find(unit->translator, target, polled), target,
                  (struct entry){polled, false});
}

void vx_unit_call_edge(struct vx_unit *unit, vx32_addr target)
{
    if (unit->wanted != NULL)
        vx_emit32(&unit->e, 0);
    else
        emit_edge(unit, vx_code_find_called(&unit->translator->code, target), target,
                  (struct entry){false, true});
}

/* ---- counting ---- */

static unsigned counted_in_unit(const struct vx_unit *unit)
{
    return unit->count != 0 && !vx_is_counted(&unit->insns[unit->count - 1]) ? unit->count - 1
                                                                             : unit->count;
}

static enum vx_reason slice_reason(const struct vx_unit *unit)
{
    return unit->called ? VX_REASON_SLICE_CALLED : VX_REASON_SLICE;
}

/* cmp r12, count; jl to a stub that tells the slice is too short */
static void emit_slice_check(struct vx_unit *unit, unsigned count)
{
    uint32_t site, stub = 0;

    vx_emit(&unit->e, &(struct vx_form){.opcode = 0x83,
                                        .wide = true,
                                        .rm_kind = VX_RM_REGISTER,
                                        .reg = 7,
                                        .rm = VX_HOST_SLICE,
                                        .immediate_nbytes = 1,
                                        .immediate = count});
    vx_emit8(&unit->e, 0x0f);
    vx_emit8(&unit->e, JCC_LESS);
    site = offset_of(unit);
    if (unit->wanted == NULL)
        stub = make_stub(unit->translator, unit->eip, slice_reason(unit));
    vx_emit32(&unit->e, stub - (site + 4));
}

/* The same where the flags must survive: r9 keeps eax, ax the flags. */
static void emit_slice_check_with_flags(struct vx_unit *unit, unsigned count)
{
    static const uint8_t save[] = {0x44, 0x8b, 0xc8, 0x9f, 0x0f, 0x90, 0xc0}; /* lahf; seto al */
    static const uint8_t restore[] = {0x04, 0x7f, 0x9e, 0x41, 0x8b, 0xc1};    /* add; sahf */

    vx_emit_bytes(&unit->e, save, sizeof save);
    vx_emit(&unit->e, &(struct vx_form){.opcode = 0x83,
                                        .wide = true,
                                        .rm_kind = VX_RM_REGISTER,
                                        .reg = 7,
                                        .rm = VX_HOST_SLICE,
                                        .immediate_nbytes = 1,
                                        .immediate = count});
    vx_emit8(&unit->e, 0x7d); /* jge over the way out */
    vx_emit8(&unit->e, sizeof restore + STUB_NBYTES);
    vx_emit_bytes(&unit->e, restore, sizeof restore);
    vx_emit_constant(&unit->e, VX_R8, unit->eip);
    vx_emit_constant(&unit->e, VX_R9, slice_reason(unit));
    vx_emit_jump_gate(&unit->e, VX_GATE_LEAVE);
    vx_emit_bytes(&unit->e, restore, sizeof restore);
}

/* A block is entered only if the slice pays for all of it. */
static void emit_head(struct vx_unit *unit)
{
    unsigned count = counted_in_unit(unit);

    if (!unit->translator->counted) {
        if (unit->polled)
            vx_emit_poll(&unit->e);
        return;
    }
    if (count == 0)
        return;
    if (vx_unit_flags_dead(unit, 0))
        emit_slice_check(unit, count);
    else
        emit_slice_check_with_flags(unit, count);
}

/* Charges for the instructions from `index` up to the next place where the block can be left. */
static void charge(struct vx_unit *unit, unsigned index)
{
    unsigned end = index, limit = counted_in_unit(unit);

    if (!unit->translator->counted || index != unit->charged)
        return;
    while (end < limit && unit->insns[end].operation != VX_OP_JCC)
        end++;
    end += end < limit;
    if (end != index)
        vx_emit_lea(&unit->e, VX_HOST_SLICE, VX_HOST_SLICE, -(int32_t)(end - index), true);
    unit->charged = end;
}

/* ---- writing ---- */

void vx_unit_mark(struct vx_unit *unit, unsigned index, int32_t delta)
{
    if (unit->wanted == NULL || unit->e.at > unit->wanted)
        return;
    unit->found_index = index;
    unit->found_charged = unit->charged;
    unit->found_delta = delta;
}

/* esp is settled before a comparison, so that it and the branch behind stay together. */
static void settle_before_branch(struct vx_unit *unit, unsigned index)
{
    if (index + 1 == unit->count || unit->insns[index + 1].operation != VX_OP_JCC)
        return;
    vx_unit_settle_esp(unit);
    vx_unit_mark(unit, index, 0);
}

static bool is_flow(const struct vx_unit *unit, const struct vx_insn *insn)
{
    return insn->operation == VX_OP_JCC ||
           (vx_ends_unit(unit->translator, insn) &&
            vx_operations[insn->operation].class != VX_CLASS_STRING);
}

/* Returns whether execution goes on at unit->end. */
static bool emit_unit(struct vx_unit *unit)
{
    bool goes_on = true;

    vx_unit_mark(unit, 0, unit->delta);
    emit_head(unit);
    for (unsigned index = 0; index < unit->count; index++) {
        const struct vx_insn *insn = &unit->insns[index];

        charge(unit, index);
        vx_unit_mark(unit, index, unit->delta);
        if (is_flow(unit, insn)) {
            goes_on = vx_lower_flow(unit, index);
        } else {
            settle_before_branch(unit, index);
            vx_lower(unit, index);
        }
    }
    if (unit->broken) {
        vx_unit_leave(unit, unit->end, VX_REASON_STEP);
        return false;
    }
    if (goes_on)
        vx_unit_settle_esp(unit);
    return goes_on;
}

/* ---- blocks ---- */

static bool has_room(const struct vx_translator *translator)
{
    return translator->uop_count + RUN_MAX * VX_X64_BLOCK_MAX <= VX_X64_UOP_COUNT &&
           vx_code_has_room(&translator->code, RUN_MAX * 2 * BLOCK_MAX_NBYTES,
                            RUN_MAX * (VX_X64_BLOCK_MAX + 2));
}

void vx_x64_flush(struct vx_translator *translator)
{
    vx_code_clear(&translator->code);
    translator->uop_count = 0;
    translator->flush_count++;
    translator->gate->shadow_rsp = translator->shadow_top;
}

static void align(struct vx_unit *unit)
{
    unsigned past = offset_of(unit) % BLOCK_ALIGNMENT;

    if (past != 0)
        vx_emit_padding(&unit->e, BLOCK_ALIGNMENT - past);
}

/* Writes the block and makes it known. False: there is nothing that could be executed. */
static bool make_block(struct vx_unit *unit, bool *goes_on)
{
    struct vx_code *code = &unit->translator->code;
    struct vx_code_block *block = &code->blocks[code->block_count];

    unit->e.at = code->writable + code->used;
    if (unit->polled)
        align(unit);
    *block = (struct vx_code_block){
        .start = offset_of(unit), .eip = unit->eip, .polled = unit->polled, .called = unit->called};
    if (unit->called)
        vx_code_enter_called(code, unit->eip, block->start);
    else if (!vx_code_enter(code, &code->jumps, unit->eip, block->start))
        return false;
    *goes_on = emit_unit(unit);
    block->end = offset_of(unit);
    code->used = block->end;
    code->block_count++;
    code->built_count++;
    return true;
}

/* Execution goes on elsewhere than right behind. */
static void emit_jump(struct vx_unit *unit)
{
    struct vx_code *code = &unit->translator->code;

    vx_unit_jump(unit, unit->end, unit->end_polled);
    code->used = offset_of(unit);
}

/* One block, and those that follow it in the code without a jump. */
static bool make_blocks(struct vx_translator *translator, vx32_addr eip, struct entry entry)
{
    struct vx_unit unit;
    bool goes_on = true;

    for (unsigned count = 1; goes_on; count++) {
        begin_unit(&unit, translator, eip, entry);
        if (!make_block(&unit, &goes_on))
            return false;
        eip = unit.end;
        entry = (struct entry){unit.end_polled, false};
        if (goes_on && (count == RUN_MAX || translator->code.block_count == VX_CODE_BLOCK_COUNT ||
                        find(translator, eip, entry.polled) != NULL)) {
            emit_jump(&unit);
            goes_on = false;
        }
    }
    return true;
}

static const uint8_t *find_entry(const struct vx_translator *translator, vx32_addr eip,
                                 struct entry entry)
{
    if (entry.called)
        return vx_code_find_called(&translator->code, eip);
    return find(translator, eip, entry.polled);
}

/* ---- what the verifier refuses ---- */

static bool is_refused(const struct vx_translator *translator, vx32_addr eip)
{
    if (translator->refused_count >= VX_X64_REFUSED_MAX)
        return true;
    for (uint64_t i = 0; i < translator->refused_count; i++) {
        if (translator->refused[i] == eip)
            return true;
    }
    return false;
}

static void refuse(struct vx_translator *translator, vx32_addr eip)
{
    if (translator->refused_count < VX_X64_REFUSED_MAX)
        translator->refused[translator->refused_count] = eip;
    translator->refused_count++;
}

/* Makes blocks that may run. False: all code is forgotten, and the interpreter takes over here. */
static bool make_verified(struct vx_translator *translator, vx32_addr eip, struct entry entry)
{
    const struct vx_code *code = &translator->code;
    struct vx_verify_start start = {code->used, code->block_count, code->link_count};
    bool made = make_blocks(translator, eip, entry);

    if (made && vx_verify_run(translator, &start))
        return true;
    if (made)
        refuse(translator, eip);
    vx_x64_flush(translator);
    return false;
}

static const uint8_t *translate(struct vx_translator *translator, vx32_addr eip, struct entry entry)
{
    struct vx_code *code = &translator->code;
    const uint8_t *host = find_entry(translator, eip, entry);

    if (host != NULL)
        return host;
    if (is_refused(translator, eip))
        return NULL;
    if (!has_room(translator))
        vx_x64_flush(translator);
    code->used = (code->used + BLOCK_ALIGNMENT - 1) & ~(uint32_t)(BLOCK_ALIGNMENT - 1);
    if (!make_verified(translator, eip, entry))
        return NULL;
    return find_entry(translator, eip, entry);
}

const uint8_t *vx_x64_translate(struct vx_translator *translator, vx32_addr eip)
{
    return translate(translator, eip, (struct entry){false, false});
}

const uint8_t *vx_x64_translate_called(struct vx_translator *translator, vx32_addr eip)
{
    const struct vx_code *code = &translator->code;
    const uint8_t *host = translate(translator, eip, (struct entry){false, true});

    if (host != NULL)
        (void)vx_code_enter(code, &code->calls, eip, (uint32_t)(host - code->executable));
    return host;
}

const uint8_t *vx_x64_resolve(struct vx_translator *translator, uint32_t number)
{
    struct vx_code *code = &translator->code;
    struct vx_code_link link = code->links[number];
    uint64_t flush_count = translator->flush_count;
    const uint8_t *host =
        translate(translator, link.target, (struct entry){link.polled, link.call});

    if (host == NULL || translator->flush_count != flush_count)
        return host;
    if (vx_verify_link(translator, number, (uint32_t)(host - code->executable)))
        vx_code_link(code, link.site, (uint32_t)(host - code->executable));
    else
        refuse(translator, link.target);
    return host;
}

/* ---- returns ---- */

/* The landing becomes a jump to code that compares, and comes back or looks up. */
void vx_x64_be_patient(struct vx_translator *translator, uintptr_t host)
{
    enum { CHECK_OFFSET = VX_X64_LANDING_NBYTES - VX_CHECK_NBYTES, PATIENT_NBYTES = 48 };
    struct vx_code *code = &translator->code;
    uint32_t landing = (uint32_t)(host - (uintptr_t)code->executable) - CHECK_OFFSET;
    struct vx_emitter e;
    uint32_t minus_expected, target;

    if (!vx_code_has_room(code, PATIENT_NBYTES, 0))
        return;
    memcpy(&minus_expected, code->writable + landing + 3, sizeof minus_expected);
    code->cold -= PATIENT_NBYTES;
    target = code->cold;
    e = (struct vx_emitter){.at = code->writable + target};
    vx_emit_patient_landing(&e, 0 - minus_expected);
    vx_emit8(&e, JMP);
    vx_emit32(&e, landing + VX_X64_LANDING_NBYTES -
                      ((uint32_t)(e.at - code->writable) + (uint32_t)sizeof target));
    if (!vx_verify_landing(translator, landing, target)) {
        refuse(translator, 0 - minus_expected);
        return;
    }
    code->writable[landing] = JMP;
    vx_code_link(code, landing + 1, target);
}

/* ---- back from host code to the guest's instruction ---- */

void vx_x64_locate(struct vx_translator *translator, struct vx_cpu *cpu, uintptr_t host)
{
    const struct vx_code_block *block = vx_code_block_at(&translator->code, host);
    uint8_t scratch[BLOCK_MAX_NBYTES];
    struct vx_unit unit;

    if (block == NULL)
        return;
    begin_unit(&unit, translator, block->eip, (struct entry){block->polled, block->called});
    unit.e.at = scratch;
    unit.wanted = scratch + (host - (uintptr_t)translator->code.executable - block->start);
    (void)emit_unit(&unit);
    cpu->eip = unit.found_index < unit.count ? unit.insns[unit.found_index].addr : unit.end;
    cpu->general[VX32_ESP] += (uint32_t)unit.found_delta;
    if (translator->counted)
        cpu->slice += unit.found_charged - unit.found_index;
}

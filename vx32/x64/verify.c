/* SPDX-License-Identifier: MIT */
/* Follows host code from block to block: where it goes, what it leaves behind, how it is stopped.
 */
#include "verify.h"

#include "interp/uop.h"
#include "translator.h"

#include <string.h>

/*
 * Code is a row of units. A unit is one guest-like instruction (verify_insn.c) or a sequence that
 * is known here by its bytes; nothing branches into its middle. A question mark is any byte.
 */
enum {
    LEAVE_NBYTES = 16,
    LANDING_NBYTES = 15,
    PATIENT_NBYTES = 32,
    SLACK_NBYTES = 64, /* behind the code: no unit is longer */
    CHARGE_MAX = VX_X64_BLOCK_MAX,
};

/* A walk through what was written. */
struct walk {
    const struct vx_translator *translator;
    const struct vx_code *code;
    const uint8_t *at;                        /* in the writable mapping */
    const struct vx_code_block *block, *next; /* the present one; what follows it */
    uint32_t first_link, link_count;          /* links made in this run; branches with one */
    struct vx_verify_scratch scratch;
    unsigned paid, charged; /* instructions that the slice was checked for, and lowered by */
    bool polled;            /* just now */
    bool reached;           /* from the instruction before */
    bool closed;            /* the instruction before never goes on */
};

/* ---- bytes ---- */

static uint32_t read32(const uint8_t *at)
{
    uint32_t value;

    memcpy(&value, at, sizeof value);
    return value;
}

static bool has_bytes(const uint8_t *at, const uint8_t *bytes, size_t nbytes)
{
    return memcmp(at, bytes, nbytes) == 0;
}

#define HAS(at, ...)                                                                               \
    has_bytes(at, (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static uint32_t offset_of(const struct walk *walk, const uint8_t *at)
{
    return (uint32_t)(at - walk->code->writable);
}

/* Where the 32-bit displacement at `site` leads. */
static uint32_t target_of(const struct walk *walk, const uint8_t *site)
{
    return offset_of(walk, site) + 4 + read32(site);
}

/* mov r8d, eip; mov r9d, reason; jmp [r15 + leave] */
static bool is_leave(const uint8_t *at)
{
    return HAS(at, 0x41, 0xb8) && HAS(at + 6, 0x41, 0xb9) &&
           HAS(at + 12, 0x41, 0xff, 0x67, (uint8_t)VX_GATE_LEAVE);
}

static uint32_t leave_eip(const uint8_t *at)
{
    return read32(at + 2);
}

static uint32_t leave_reason(const uint8_t *at)
{
    return read32(at + 8);
}

static bool is_poll(const uint8_t *at)
{
    return HAS(at, 0x45, 0x8b, 0x0f);
}

/* ---- where branches may lead ---- */

/* The first block that begins there or behind. Blocks lie in order; some have no code. */
static const struct vx_code_block *block_from(const struct vx_code *code, uint32_t offset)
{
    uint32_t low = 0, high = code->block_count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (code->blocks[middle].start < offset)
            low = middle + 1;
        else
            high = middle;
    }
    return &code->blocks[low];
}

static bool begins_at(const struct vx_code *code, const struct vx_code_block *block,
                      uint32_t offset)
{
    return block < code->blocks + code->block_count && block->start == offset;
}

static bool is_stub_offset(const struct vx_code *code, uint32_t offset)
{
    return offset >= code->cold && offset <= VX_CODE_NBYTES - LEAVE_NBYTES &&
           (VX_CODE_NBYTES - offset) % LEAVE_NBYTES == 0;
}

/* No circle of blocks is without one that begins with a poll, unless it lowers the slice. */
static bool must_poll(const struct walk *walk, vx32_addr target)
{
    return !walk->translator->counted && target <= walk->block->eip;
}

/* A block may be left only after it has paid, so that no circle is free. */
static bool has_paid(const struct walk *walk)
{
    return !walk->translator->counted || !walk->reached || walk->charged > 0;
}

/* The stub knows the link, and the link this very branch: it is what will be changed later. */
static bool link_is_good(struct walk *walk, const uint8_t *site, const uint8_t *stub, bool call)
{
    uint32_t reason = leave_reason(stub), number = reason >> 8;
    const struct vx_code_link *link;

    if (!is_leave(stub) || (reason & 0xff) != VX_REASON_LINK || number < walk->first_link ||
        number >= walk->code->link_count)
        return false;
    link = &walk->code->links[number];
    walk->link_count++;
    return link->site == offset_of(walk, site) && link->target == leave_eip(stub) &&
           link->call == call && (call || link->polled || !must_poll(walk, link->target));
}

static bool block_is_good(const struct walk *walk, uint32_t target, bool call)
{
    const struct vx_code_block *block = block_from(walk->code, target);

    for (; begins_at(walk->code, block, target); block++) {
        if (block->called == call &&
            (call || !must_poll(walk, block->eip) || is_poll(walk->code->writable + target)))
            return true;
    }
    return false;
}

/* A jump, conditional or not, or a call, with its displacement at `site`. */
static bool branch_is_good(struct walk *walk, const uint8_t *site, bool call)
{
    uint32_t target = target_of(walk, site);

    if (!has_paid(walk))
        return false;
    if (is_stub_offset(walk->code, target))
        return link_is_good(walk, site, walk->code->writable + target, call);
    return block_is_good(walk, target, call);
}

/* ---- units: each returns its length, or 0 if it is not good ---- */

static unsigned ends_here(struct walk *walk, unsigned nbytes)
{
    walk->reached = false;
    walk->closed = true;
    return nbytes;
}

/*
 * Behind a call: r8d is where the guest returns to, and a word is read that can be read only if
 * that is where it should. lea r9d, [r8 - expected]; mov r9d, [r15 + r9 * 8 + 0xff8]
 */
static bool is_landing(const uint8_t *at)
{
    return HAS(at, 0x45, 0x8d, 0x88) && HAS(at + 7, 0x47, 0x8b, 0x8c, 0xcf, 0xf8, 0x0f, 0, 0);
}

/* The host's stack gets the address of a landing, and nothing else. */
static unsigned call_of(struct walk *walk, unsigned nbytes)
{
    if (!is_landing(walk->at + nbytes) || !has_paid(walk))
        return 0;
    walk->scratch = (struct vx_verify_scratch){.r8 = true};
    return nbytes + LANDING_NBYTES;
}

static unsigned call_direct(struct walk *walk)
{
    return branch_is_good(walk, walk->at + 1, true) ? call_of(walk, 5) : 0;
}

/* call [r11 + r10 * 8], jmp [r13 + r8 * 8] */
static unsigned table_branch(struct walk *walk)
{
    if (HAS(walk->at, 0x43, 0xff, 0x14, 0xd3))
        return walk->scratch.r10 ? call_of(walk, 4) : 0;
    if (!HAS(walk->at, 0x43, 0xff, 0x64, 0xc5, 0) || !walk->scratch.r8 || !has_paid(walk) ||
        !(walk->translator->counted || walk->polled))
        return 0;
    return ends_here(walk, 5);
}

/* r8d is where the guest's own return leads. */
static unsigned ret(struct walk *walk)
{
    return walk->scratch.r8 && has_paid(walk) ? ends_here(walk, 1) : 0;
}

static unsigned jump(struct walk *walk)
{
    return branch_is_good(walk, walk->at + 1, false) ? ends_here(walk, 5) : 0;
}

/* A conditional jump; or bytes that do nothing; or an instruction of the guest. */
static unsigned escaped(struct walk *walk)
{
    static const uint8_t four[] = {0x0f, 0x1f, 0x40, 0}, three[] = {0x0f, 0x1f, 0};

    if ((walk->at[1] & 0xf0) == 0x80)
        return branch_is_good(walk, walk->at + 2, false) ? 6 : 0;
    if (has_bytes(walk->at, four, sizeof four))
        return sizeof four;
    if (has_bytes(walk->at, three, sizeof three))
        return sizeof three;
    return vx_verify_insn(walk->at, walk->translator->embedded, false, &walk->scratch);
}

/* jecxz over a jump; or to it, over a jump over it */
static unsigned jump_by_ecx(struct walk *walk)
{
    unsigned nbytes = HAS(walk->at, 0x67, 0xe3, 5, 0xe9)            ? 4
                      : HAS(walk->at, 0x67, 0xe3, 2, 0xeb, 5, 0xe9) ? 6
                                                                    : 0;

    return nbytes != 0 && branch_is_good(walk, walk->at + nbytes, false) ? nbytes + 4 : 0;
}

static unsigned leave(struct walk *walk)
{
    if (!is_leave(walk->at) || (leave_reason(walk->at) != VX_REASON_STEP &&
                                leave_reason(walk->at) != VX_REASON_SYSTEM_CALL))
        return 0;
    return ends_here(walk, LEAVE_NBYTES);
}

/* mov r8, uop; call [r15 + operation] */
static unsigned operation(struct walk *walk)
{
    const struct vx_translator *translator = walk->translator;
    const struct vx_uop *uop;
    uint64_t addr, past;
    uint8_t class;

    memcpy(&addr, walk->at + 2, sizeof addr);
    past = addr - (uint64_t)(uintptr_t)translator->uops;
    if (!HAS(walk->at + 10, 0x41, 0xff, 0x57, (uint8_t)VX_GATE_CALL_OPERATION) ||
        past % sizeof *uop != 0 || past / sizeof *uop >= translator->uop_count)
        return 0;
    uop = &translator->uops[past / sizeof *uop];
    class = vx_operations[vx_opcodes[uop->slot].operation].class;
    if (class != VX_CLASS_PLAIN && class != VX_CLASS_STRING)
        return 0;
    walk->scratch = (struct vx_verify_scratch){0};
    return 14;
}

/* ---- the slice ---- */

static bool says_slice(const struct walk *walk, const uint8_t *at)
{
    uint32_t reason = walk->block->called ? VX_REASON_SLICE_CALLED : VX_REASON_SLICE;

    return is_leave(at) && leave_reason(at) == reason && leave_eip(at) == walk->block->eip;
}

/* The first thing in a block, if there is one: it is entered only if it can pay for all. */
static bool pays(struct walk *walk, uint8_t count)
{
    if (!walk->translator->counted || walk->paid != 0 || count == 0 || count > CHARGE_MAX)
        return false;
    walk->paid = count;
    return offset_of(walk, walk->at) == walk->block->start;
}

/* cmp r12, count; jl to a stub */
static unsigned slice_check(struct walk *walk)
{
    uint32_t target;

    if (!HAS(walk->at, 0x49, 0x83, 0xfc) || !HAS(walk->at + 4, 0x0f, 0x8c) ||
        !pays(walk, walk->at[3]))
        return 0;
    target = target_of(walk, walk->at + 6);
    return is_stub_offset(walk->code, target) && says_slice(walk, walk->code->writable + target)
               ? 10
               : 0;
}

/* mov r9d, eax; lahf; seto al; cmp r12, count; jge over; restore; leave; over: restore */
static unsigned slice_check_with_flags(struct walk *walk)
{
    static const uint8_t restore[] = {0x04, 0x7f, 0x9e, 0x41, 0x8b, 0xc1};
    const uint8_t *at = walk->at;

    if (!HAS(at, 0x44, 0x8b, 0xc8, 0x9f, 0x0f, 0x90, 0xc0, 0x49, 0x83, 0xfc) || !pays(walk, at[10]))
        return 0;
    at += 11;
    if (!HAS(at, 0x7d, sizeof restore + LEAVE_NBYTES) ||
        !has_bytes(at + 2, restore, sizeof restore) || !says_slice(walk, at + 8) ||
        !has_bytes(at + 24, restore, sizeof restore))
        return 0;
    return 11 + 30;
}

/* lea r12, [r12 - count] */
static unsigned charge(struct walk *walk)
{
    unsigned count = 0x100u - walk->at[4];

    walk->charged += count;
    return count <= CHARGE_MAX && walk->charged <= walk->paid ? 5 : 0;
}

/* ---- the walk ---- */

/* Whatever else begins with these bytes names a register of the host's side, and is refused. */
static unsigned extended(struct walk *walk)
{
    const uint8_t *at = walk->at;

    if (is_poll(at)) {
        walk->polled = true;
        return VX_POLL_NBYTES;
    }
    if (HAS(at, 0x41, 0xb8))
        return leave(walk);
    if (HAS(at, 0x49, 0xb8))
        return operation(walk);
    if (HAS(at, 0x4d, 0x8d, 0x64, 0x24))
        return charge(walk);
    if (at[0] == 0x43)
        return table_branch(walk);
    if (at[0] == 0x49)
        return slice_check(walk);
    if (HAS(at, 0x44, 0x8b, 0xc8))
        return slice_check_with_flags(walk);
    return vx_verify_insn(at, walk->translator->embedded, false, &walk->scratch);
}

static unsigned unit(struct walk *walk)
{
    const struct vx_translator *translator = walk->translator;
    static const uint8_t nine[] = {0x66, 0x0f, 0x1f, 0x84, 0, 0, 0, 0, 0};
    const uint8_t *at = walk->at;

    if ((at[0] & 0xf0) == 0x40)
        return extended(walk);
    switch (at[0]) {
    case 0x0f: return escaped(walk);
    case 0xc3: return ret(walk);
    case 0xe8: return call_direct(walk);
    case 0xe9: return jump(walk);
    default: break;
    }
    if (at[0] == 0x67 && at[1] == 0xe3)
        return jump_by_ecx(walk);
    if (at[0] == nine[0] && has_bytes(at, nine, sizeof nine))
        return sizeof nine;
    return vx_verify_insn(at, translator->embedded, !translator->embedded && !translator->counted,
                          &walk->scratch);
}

/* A block has taken from the slice what it looked for. */
static bool is_settled(const struct walk *walk)
{
    return walk->charged == walk->paid;
}

/* At the start of a block, which the code before may run into. */
static bool enter_block(struct walk *walk)
{
    const struct vx_code_block *block = walk->next;

    if (!is_settled(walk))
        return false;
    if (walk->reached &&
        (!has_paid(walk) || block->called || (must_poll(walk, block->eip) && !is_poll(walk->at))))
        return false;
    walk->block = block;
    walk->next++;
    walk->scratch = (struct vx_verify_scratch){0};
    walk->paid = 0;
    walk->charged = 0;
    walk->polled = false;
    walk->reached = true;
    return !block->polled || walk->translator->counted || is_poll(walk->at);
}

/* All that begin here: one without code runs into the next. */
static bool enter_blocks(struct walk *walk)
{
    const struct vx_code *code = walk->code;

    while (begins_at(code, walk->next, offset_of(walk, walk->at))) {
        if (!enter_block(walk))
            return false;
    }
    return walk->next == code->blocks + code->block_count ||
           walk->next->start > offset_of(walk, walk->at);
}

/* From unit to unit: blocks begin between two, and so does what follows the last. */
static bool walk_to(struct walk *walk, const uint8_t *end)
{
    const struct vx_code *code = walk->code;
    const struct vx_code_block *none = code->blocks + code->block_count;

    while (walk->at < end) {
        bool polled;
        unsigned nbytes;

        if (!enter_blocks(walk))
            return false;
        polled = walk->polled;
        walk->closed = false;
        nbytes = unit(walk);
        if (nbytes == 0)
            return false;
        walk->at += nbytes;
        walk->polled = walk->polled && !polled;
    }
    return walk->at == end && walk->next == none && walk->closed && is_settled(walk);
}

bool vx_verify_run(const struct vx_translator *translator, const struct vx_verify_start *start)
{
    const struct vx_code *code = &translator->code;
    struct walk walk = {.translator = translator,
                        .code = code,
                        .at = code->writable + start->offset,
                        .next = code->blocks + start->block_count,
                        .first_link = start->link_count};

    if (start->block_count >= code->block_count || walk.next->start != start->offset ||
        start->offset < code->fixed_nbytes || code->used > code->cold ||
        code->cold - code->used < SLACK_NBYTES)
        return false;
    return walk_to(&walk, code->writable + code->used) &&
           walk.link_count == code->link_count - start->link_count;
}

/* Whether a block of the right kind begins there. */
static bool has_entry(const struct vx_code *code, uint32_t offset, const struct vx_code_link *link)
{
    const struct vx_code_block *block = block_from(code, offset);

    for (; begins_at(code, block, offset); block++) {
        if (block->eip == link->target && block->called == link->call)
            return true;
    }
    return false;
}

bool vx_verify_link(const struct vx_translator *translator, uint32_t number, uint32_t target)
{
    const struct vx_code *code = &translator->code;
    const struct vx_code_link *link;
    const uint8_t *site, *stub;
    uint32_t to;

    if (number >= code->link_count)
        return false;
    link = &code->links[number];
    if (link->site < code->fixed_nbytes || link->site > code->used - sizeof to ||
        !has_entry(code, target, link))
        return false;
    site = code->writable + link->site;
    to = link->site + 4 + read32(site);
    stub = code->writable + to;
    return is_stub_offset(code, to) && is_leave(stub) &&
           leave_reason(stub) == (VX_REASON_LINK | number << 8) &&
           (site[-1] == 0xe8) == link->call &&
           (!link->polled || translator->counted || is_poll(code->writable + target));
}

/*
 * mov r9, rcx; lea ecx, [r8 - expected]; jecxz over; mov rcx, r9; poll; jump by the table; over:
 * mov rcx, r9; jmp back
 */
static bool is_patient(const uint8_t *at, uint32_t minus_expected)
{
    return HAS(at, 0x4c, 0x8b, 0xc9, 0x41, 0x8d, 0x88) && read32(at + 6) == minus_expected &&
           HAS(at + 10, 0x67, 0xe3, 11, 0x49, 0x8b, 0xc9, 0x45, 0x8b, 0x0f, 0x43, 0xff, 0x64, 0xc5,
               0, 0x49, 0x8b, 0xc9, 0xe9);
}

bool vx_verify_landing(const struct vx_translator *translator, uint32_t landing, uint32_t target)
{
    const struct vx_code *code = &translator->code;
    const uint8_t *at = code->writable + landing;

    if (landing < code->fixed_nbytes + 5 || landing > code->used - LANDING_NBYTES ||
        target < code->cold || target > VX_CODE_NBYTES - PATIENT_NBYTES)
        return false;
    return is_landing(at) && (at[-5] == 0xe8 || HAS(at - 4, 0x43, 0xff, 0x14, 0xd3)) &&
           is_patient(code->writable + target, read32(at + 3)) &&
           target + PATIENT_NBYTES + read32(code->writable + target + PATIENT_NBYTES - 4) ==
               landing + LANDING_NBYTES;
}

/* ---- the fixed stubs ---- */

#define REASON(reason) 0x41, 0xb9, reason, 0, 0, 0, 0x41, 0xff, 0x67, (uint8_t)VX_GATE_LEAVE
#define POLL_AND_JUMP  0x45, 0x8b, 0x0f, 0x43, 0xff, 0x64, 0xc5, 0

bool vx_verify_stubs(const struct vx_translator *translator)
{
    const struct vx_code *code = &translator->code;
    const uint32_t *stubs = translator->stubs;
    const uint8_t *at = code->writable;

    return stubs[VX_STUB_UNKNOWN] == 0 && HAS(at, REASON(VX_REASON_ENTER)) &&
           HAS(at + stubs[VX_STUB_UNKNOWN_CALLED], 0x45, 0x8d, 0x02,
               REASON(VX_REASON_ENTER_CALLED)) &&
           HAS(at + stubs[VX_STUB_SLICE], REASON(VX_REASON_SLICE)) &&
           HAS(at + stubs[VX_STUB_UNDERFLOW], 0x48, 0x8d, 0x64, 0x24, 0xf8, POLL_AND_JUMP) &&
           stubs[VX_STUB_UNDERFLOW] + 13 == code->fixed_nbytes;
}

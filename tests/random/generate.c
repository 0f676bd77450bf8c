/* SPDX-License-Identifier: MIT */
/* Writes random programs: functions of items, an item being an instruction or some control flow. */
#include "generate.h"

#include <string.h>

enum {
    FUNCTIONS_MAX = 8,
    DEPTH_MAX = 3,
    FRAME_NBYTES = 256,
    SPARE_NBYTES = 2048, /* of text, which no item exceeds */
    TABLE_ADDR = DATA_ADDR,
    COUNTERS_ADDR = DATA_ADDR + 0x100,
    SAVED_ADDR = DATA_ADDR + 0x200, /* a stack pointer, and where to go with it */
    OTHER_STACK_ADDR = DATA_ADDR + 0x1000,
    ESI_ADDR = DATA_ADDR + 0x8000,
    EDI_ADDR = DATA_ADDR + 0xb000,
};

struct writer {
    const struct pool *pool;
    struct random_program *program;
    struct random random;
    unsigned undefined; /* status flags that must not be read */
    unsigned function, depth, counter;
    uint32_t functions[FUNCTIONS_MAX]; /* addresses of those already written */
    unsigned function_count;
};

static void write_items(struct writer *w, unsigned count);

/* ---- bytes ---- */

static void put(struct writer *w, uint64_t value, unsigned nbytes)
{
    value_put(w->program->text + w->program->text_nbytes, value, nbytes);
    w->program->text_nbytes += nbytes;
}

/* An opcode of up to four bytes, first byte in the highest place that is not zero. */
static void op(struct writer *w, uint32_t bytes)
{
    for (int shift = 24; shift >= 0; shift -= 8) {
        if (bytes >> shift)
            put(w, bytes >> shift & 0xff, 1);
    }
}

static void op32(struct writer *w, uint32_t bytes, uint32_t value)
{
    op(w, bytes);
    put(w, value, 4);
}

static uint32_t here(const struct writer *w)
{
    return RANDOM_TEXT_ADDR + w->program->text_nbytes;
}

/* A branch whose target is set by land(). */
static uint32_t branch(struct writer *w, uint32_t opcode)
{
    op32(w, opcode, 0);
    return w->program->text_nbytes;
}

static void land(struct writer *w, uint32_t from)
{
    value_put(w->program->text + from - 4, w->program->text_nbytes - from, 4);
}

static void branch_to(struct writer *w, uint32_t opcode, uint32_t target)
{
    op(w, opcode);
    put(w, target - (here(w) + 4), 4);
}

static unsigned below(struct writer *w, unsigned bound)
{
    return random_below(&w->random, bound);
}

/* ---- flags ---- */

static void define_flags(struct writer *w)
{
    op(w, 0x39d8); /* cmp eax, ebx */
    w->undefined = 0;
}

static unsigned reads_of(const struct vx_insn *insn)
{
    unsigned reads = vx_operations[insn->operation].reads;

    return reads & VX_FL_CC ? reads | vx_condition_flags(insn->condition) : reads;
}

static void write_tame(struct writer *w)
{
    const struct test_case *c = w->pool->tame[below(w, (unsigned)w->pool->tame_count)];
    const struct vx_operation_info *info = &vx_operations[c->insn.operation];

    if (reads_of(&c->insn) & w->undefined)
        define_flags(w);
    memcpy(w->program->text + w->program->text_nbytes, c->bytes, c->insn.nbytes);
    w->program->text_nbytes += c->insn.nbytes;
    if (info->sure)
        w->undefined &= ~(unsigned)info->writes;
    else /* a shift: by how much is not known */
        w->undefined |= VX_FL_OAC;
    w->undefined |= info->undefined;
}

static void write_tames(struct writer *w, unsigned most)
{
    for (unsigned n = 1 + below(w, most); n > 0; n--)
        write_tame(w);
}

static void set_pointers(struct writer *w)
{
    op32(w, 0xbe, ESI_ADDR);
    op32(w, 0xbf, EDI_ADDR);
}

/* ---- items without branches ---- */

static void item_plain(struct writer *w)
{
    write_tames(w, 6);
}

/* Pushes and as many pops, with work between; the last pop may be an addition to esp. */
static void item_push_pop(struct writer *w)
{
    static const uint8_t targets[] = {0, 1, 2, 3};
    unsigned count = 1 + below(w, 5);

    for (unsigned i = 0; i < count; i++) {
        switch (below(w, 4)) {
        case 0: op32(w, 0x68, value_u32(&w->random)); break;
        case 1: op(w, 0xff76), put(w, 4 * below(w, 31), 1); break; /* push [esi + n] */
        default: op(w, 0x50 + below(w, 8)); break;
        }
        if (below(w, 3) == 0)
            op(w, 0x8b0424); /* mov eax, [esp] */
    }
    for (unsigned i = 0; i < count; i++) {
        unsigned way = below(w, 8);

        if (way == 0)
            op(w, 0x8d642404); /* lea esp, [esp + 4] */
        else if (way == 1)
            op(w, 0x83c404), w->undefined = 0;
        else
            op(w, 0x58u + targets[below(w, 4)]);
    }
}

static void item_frame(struct writer *w)
{
    unsigned level = below(w, 3);

    switch (below(w, 3)) {
    case 0:
        op(w, 0x60); /* pusha */
        write_tames(w, 4);
        op(w, 0x61);
        break;
    case 1:
        op(w, 0xc8), put(w, 128, 2), put(w, level, 1);
        write_tames(w, 4);
        op(w, 0xc9);
        break;
    default:
        op32(w, 0x81ec, FRAME_NBYTES), w->undefined = 0;
        write_tames(w, 4);
        op32(w, 0x81c4, FRAME_NBYTES), w->undefined = 0;
        break;
    }
}

/* The flags as a number. */
static void item_flags(struct writer *w)
{
    if (w->undefined)
        define_flags(w);
    if (below(w, 2))
        op(w, 0x9c5a); /* pushf; pop edx */
    else
        op(w, 0x9f); /* lahf */
}

static void item_string(struct writer *w)
{
    static const uint8_t opcodes[] = {0xa4, 0xa5, 0xa6, 0xa7, 0xaa, 0xab, 0xac, 0xad, 0xae, 0xaf};
    static const uint8_t prefixes[] = {0xf3, 0xf2};
    unsigned opcode = opcodes[below(w, 10)];
    bool compares = (opcode & 0xfe) == 0xa6 || (opcode & 0xfe) == 0xae;
    bool backwards = below(w, 3) == 0;

    op32(w, 0xb9, below(w, 4) == 0 ? 0 : below(w, 700));
    if (below(w, 2))
        op32(w, 0xbf, ESI_ADDR + below(w, 9)); /* ranges that overlap */
    if (backwards)
        op(w, 0xfd);
    if (w->undefined)
        define_flags(w);
    if (below(w, 4) == 0)
        op(w, 0x66);
    if (below(w, 5) != 0)
        op(w, compares ? prefixes[below(w, 2)] : 0xf3u);
    op(w, opcode);
    if (backwards)
        op(w, 0xfc);
    set_pointers(w);
}

static void item_system_call(struct writer *w)
{
    op(w, 0x5053); /* push eax; push ebx */
    op32(w, 0xb8, 4);
    op32(w, 0xbb, 1);
    op32(w, 0xb9, ESI_ADDR);
    op32(w, 0xba, below(w, 40));
    op(w, 0xcd80);
    op(w, 0x5b58);
}

/* ---- items with branches: flags are defined wherever paths meet ---- */

static void item_if(struct writer *w)
{
    uint32_t from;

    define_flags(w);
    if (below(w, 2))
        write_tame(w);
    if (w->undefined)
        define_flags(w);
    from = branch(w, 0x0f80 + below(w, 16));
    write_items(w, 1 + below(w, 3));
    define_flags(w);
    land(w, from);
    w->undefined = 0;
}

static void item_loop(struct writer *w)
{
    uint32_t counter = COUNTERS_ADDR + 4 * (w->counter++ % 32), start;

    op32(w, 0xc705, counter), put(w, 1 + below(w, 6), 4);
    define_flags(w);
    start = here(w);
    write_items(w, 1 + below(w, 4));
    if (below(w, 3) == 0) {
        op32(w, 0x8b0d, counter); /* mov ecx, [counter]; dec [counter]; loop over jumps */
        op32(w, 0xff0d, counter);
        w->undefined = 0;
        op(w, 0xe202);
        op(w, 0xeb05);
    } else {
        op32(w, 0xff0d, counter);
        w->undefined = 0;
        op(w, 0x7405);
    }
    branch_to(w, 0xe9, start);
    define_flags(w);
}

static void item_call(struct writer *w)
{
    unsigned which;

    if (w->function_count == 0)
        return;
    define_flags(w);
    which = below(w, w->function_count);
    switch (below(w, 4)) {
    case 0: op32(w, 0xff15, TABLE_ADDR + 4 * which); break;
    case 1:
        op32(w, 0xb8, w->functions[which]);
        op(w, 0xffd0);
        break;
    default: branch_to(w, 0xe8, w->functions[which]); break;
    }
    w->undefined = 0;
    set_pointers(w);
}

static void item_jump_indirect(struct writer *w)
{
    uint32_t target, skipped;

    define_flags(w);
    op32(w, 0xb8, 0);
    target = w->program->text_nbytes;
    op(w, below(w, 2) ? 0xffe0 : 0x50c3); /* jmp eax; or push eax, ret */
    skipped = below(w, 6);                /* in this order with every compiler */
    put(w, random_next(&w->random), skipped);
    value_put(w->program->text + target - 4, here(w), 4);
}

/* A call whose return address is moved over the bytes behind it. */
static void item_moved_return(struct writer *w)
{
    unsigned skipped = 1 + below(w, 6);
    uint32_t from, over;

    define_flags(w);
    from = branch(w, 0xe8);
    put(w, random_next(&w->random), skipped);
    over = branch(w, 0xe9);
    land(w, from);
    op(w, 0x83042400), put(w, 0, 1); /* add dword ptr [esp], skipped */
    w->program->text_nbytes -= 2;
    put(w, skipped, 1);
    w->undefined = 0;
    op(w, 0xc3);
    land(w, over);
    define_flags(w);
}

/* A jump into the middle of an instruction. */
static void item_overlap(struct writer *w)
{
    define_flags(w);
    op(w, 0xeb01);             /* jmp over the b8 */
    op32(w, 0xb8, 0x9090c031); /* mov eax, ...; entered behind b8: xor eax, eax; nop; nop */
    w->undefined = VX_FL_A;
    define_flags(w);
}

/* Leaves two calls at once. */
static void item_long_jump(struct writer *w)
{
    uint32_t call, over, target;

    define_flags(w);
    op32(w, 0x8925, SAVED_ADDR);     /* mov [saved], esp */
    op32(w, 0xc705, SAVED_ADDR + 4); /* mov [saved + 4], target */
    put(w, 0, 4);
    target = w->program->text_nbytes;
    call = branch(w, 0xe8);
    over = branch(w, 0xe9);
    land(w, call);
    op(w, 0x5051);
    op32(w, 0x8b25, SAVED_ADDR); /* mov esp, [saved]; jmp [saved + 4] */
    op32(w, 0xff25, SAVED_ADDR + 4);
    land(w, over);
    value_put(w->program->text + target - 4, here(w), 4);
}

/* To another stack and back by exchanging esp, returns and all. */
static void item_switch_stacks(struct writer *w)
{
    uint32_t back;

    define_flags(w);
    op32(w, 0xc705, OTHER_STACK_ADDR), put(w, 0, 4); /* the other side begins below */
    back = w->program->text_nbytes;
    op32(w, 0xc705, SAVED_ADDR + 8), put(w, OTHER_STACK_ADDR, 4);
    op32(w, 0x8725, SAVED_ADDR + 8); /* xchg esp, [saved + 8] */
    op(w, 0xc3);
    value_put(w->program->text + back - 4, here(w), 4);
    write_tames(w, 3);
    op32(w, 0x8725, SAVED_ADDR + 8);
    define_flags(w);
}

static void item_wild(struct writer *w)
{
    size_t which = below(w, (unsigned)w->pool->program.case_count);
    const struct test_case *c = &w->pool->program.cases[which];

    if (below(w, 30) != 0 || vx_operations[c->insn.operation].class == VX_CLASS_BRANCH)
        return;
    define_flags(w);
    memcpy(w->program->text + w->program->text_nbytes, c->bytes, c->insn.nbytes);
    w->program->text_nbytes += c->insn.nbytes;
    op(w, 0xfc);
    define_flags(w);
    set_pointers(w);
}

/* ---- programs ---- */

typedef void item_writer(struct writer *w);

static item_writer *choose_item(struct writer *w)
{
    static item_writer *const items[] = {
        item_plain,         item_plain,    item_plain,         item_plain,     item_plain,
        item_plain,         item_push_pop, item_push_pop,      item_frame,     item_flags,
        item_string,        item_call,     item_call,          item_if,        item_if,
        item_loop,          item_overlap,  item_jump_indirect, item_long_jump, item_moved_return,
        item_switch_stacks, item_wild,     item_system_call,
    };

    return items[below(w, sizeof items / sizeof items[0])];
}

/* An item that is to be left out is written all the same, so that the others stay what they are. */
static void write_item(struct writer *w)
{
    struct random_program *program = w->program;
    uint32_t number = program->item_count++, start = program->text_nbytes;

    if (number >= RANDOM_ITEMS_MAX || start > RANDOM_TEXT_NBYTES - SPARE_NBYTES)
        return;
    choose_item(w)(w);
    if (!program->without[number])
        return;
    program->text_nbytes = start;
    define_flags(w);
}

static void write_items(struct writer *w, unsigned count)
{
    if (w->depth == DEPTH_MAX) {
        write_tames(w, 3);
        return;
    }
    w->depth++;
    for (; count > 0; count--)
        write_item(w);
    w->depth--;
}

static void write_function(struct writer *w)
{
    uint32_t addr = here(w);

    op(w, 0x5589e5); /* push ebp; mov ebp, esp */
    op32(w, 0x81ec, FRAME_NBYTES);
    w->undefined = 0;
    set_pointers(w);
    write_items(w, 3 + below(w, 8));
    define_flags(w);
    if (below(w, 2))
        op(w, 0xc9); /* leave */
    else
        op32(w, 0x81c4, FRAME_NBYTES), op(w, 0x5d);
    op(w, 0xc3);
    w->functions[w->function_count++] = addr;
}

/* The table of functions, registers with edge values; then like a function, but it ends all. */
static void write_main(struct writer *w)
{
    w->program->entry = here(w);
    for (unsigned i = 0; i < w->function_count; i++)
        op32(w, 0xc705, TABLE_ADDR + 4 * i), put(w, w->functions[i], 4);
    for (unsigned reg = 0; reg < 4; reg++)
        op32(w, 0xb8 + reg, value_u32(&w->random));
    op(w, 0x5589e5);
    op32(w, 0x81ec, FRAME_NBYTES);
    w->undefined = 0;
    set_pointers(w);
    write_items(w, 8 + below(w, 16));
    define_flags(w);
    op(w, 0x9c5a);
    op32(w, 0xb8, 1);
    op32(w, 0xbb, 0);
    define_flags(w);
    op(w, 0xcd80);
}

void random_generate(const struct pool *pool, uint64_t seed, uint64_t number,
                     struct random_program *program)
{
    struct writer w = {.pool = pool, .program = program, .random = random_from(seed, number)};
    static const enum flavour flavours[] = {FLAVOUR_INTEGER, FLAVOUR_F32, FLAVOUR_F64};

    program->text_nbytes = 0;
    program->item_count = 0;
    memset(program->text, 0x90, sizeof program->text);
    for (uint32_t i = 0; i < RANDOM_DATA_NBYTES; i += 64)
        value_fill(&w.random, flavours[below(&w, 3)], program->data + i, 64);
    program->text_nbytes = below(&w, 4096); /* code at all places of a page */
    for (unsigned count = 1 + below(&w, FUNCTIONS_MAX - 1); count > 0; count--)
        write_function(&w);
    write_main(&w);
}

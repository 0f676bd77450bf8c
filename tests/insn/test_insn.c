/* SPDX-License-Identifier: MIT */
/* Runs every row of the opcode table on the real processor and in the sandbox, and compares. */
#include "cases.h"
#include "compare.h"
#include "digest.h"
#include "golden.h"
#include "hardware.h"
#include "print.h"
#include "sandbox.h"
#include "states.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    DEFAULT_SEED = 1,
    DEFAULT_COUNT = 500,
    FAILURES_SHOWN_PER_ROW = 2,
    FAILURES_SHOWN = 40,
    BLOCK_EVERY = 4
};

struct options {
    uint64_t seed;
    unsigned count; /* states per row, at least one per case */
    const char *row;
    enum vx32_engine engine;
    bool verbose, no_hardware;
};

/* What became of a row. */
struct tally {
    unsigned case_count, begun_count, completed_count, faulted_count, failed_count;
};

struct test {
    struct options options;
    struct program program;
    struct hardware *hardware;
    struct sandbox *sandbox;
    struct tally rows[VX_SLOT_COUNT];
    struct state initial, hardware_initial;
    struct outcome expected, got;
    unsigned long execution_count;
    uint64_t digest; /* of the sandbox's outcomes */
    unsigned shown_count, failed_count;
};

/* ---- reporting ---- */

static void print_bytes(const char *name, const uint8_t *bytes, int nbytes)
{
    printf("    %s ", name);
    for (int i = nbytes - 1; i >= 0; i--)
        printf("%02x", bytes[i]);
    printf("\n");
}

static void print_operand(const struct test_case *c, const struct state *state)
{
    uint32_t addr = state_operand_addr(&c->insn, &state->registers);
    unsigned nbytes = state_operand_nbytes(&c->insn);

    if (!c->insn.has_memory)
        return;
    printf("    operand at %08x, %u bytes\n", addr, nbytes);
    if (addr >= DATA_ADDR && addr - DATA_ADDR <= DATA_NBYTES - nbytes)
        print_bytes("memory", state->data + (addr - DATA_ADDR), (int)(nbytes < 32 ? nbytes : 32));
}

static void print_state(const struct test_case *c, const struct state *state)
{
    const struct vx32_registers *r = &state->registers;
    const uint32_t *g = r->general;
    char name[8];

    printf("    eax %08x ecx %08x edx %08x ebx %08x\n", g[0], g[1], g[2], g[3]);
    printf("    esp %08x ebp %08x esi %08x edi %08x\n", g[4], g[5], g[6], g[7]);
    printf("    eflags %08x mxcsr %08x x87 control %04x status %04x empty %04x\n", r->eflags,
           r->mxcsr, r->x87_control, r->x87_status, r->x87_tag);
    for (int i = 0; i < 8 && vx_opcodes[c->insn.slot].since >= VX_X87; i++) {
        (void)snprintf(name, sizeof name, "st%d ", i);
        print_bytes(name, r->st[i], 10);
    }
    for (int i = 0; i < 8 && vx_opcodes[c->insn.slot].since >= VX_SSE; i++) {
        (void)snprintf(name, sizeof name, "xmm%d", i);
        print_bytes(name, r->xmm[i], 16);
    }
    print_operand(c, state);
}

static void print_failure(struct test *t, const struct test_case *c, unsigned number, enum way way)
{
    static const char *const ways[] = {"alone", "in a block", "by its plain form"};
    char text[VX_TEXT_NBYTES], row[80];

    (void)vx_print(&c->insn, text, sizeof text);
    cases_row_text(c->insn.slot, row, sizeof row);
    printf("FAILED %s | row %s | executed %s | state %u | bytes", text, row, ways[way], number);
    for (unsigned i = 0; i < c->insn.nbytes; i++)
        printf(" %02x", c->bytes[i]);
    printf("\n  expected: %s, got: %s\n", fault_text(t->expected.fault), fault_text(t->got.fault));
    (void)compare_outcomes(c, &t->initial, &t->expected, &t->got, stdout);
    printf("  started from:\n");
    print_state(c, &t->initial);
}

/* ---- running ---- */

static void compare_way(struct test *t, const struct test_case *c, unsigned number, enum way way)
{
    struct tally *row = &t->rows[c->insn.slot];

    sandbox_run(t->sandbox, c, way, &t->initial, &t->got);
    t->execution_count++;
    if (way == WAY_SINGLE)
        t->digest = digest_outcome(t->digest, c, &t->initial, &t->got);
    if (way == WAY_SINGLE && !t->hardware)
        t->expected = t->got;
    if (compare_outcomes(c, &t->initial, &t->expected, &t->got, NULL))
        return;
    t->failed_count++;
    if (row->failed_count++ < FAILURES_SHOWN_PER_ROW && t->shown_count < FAILURES_SHOWN) {
        t->shown_count++;
        print_failure(t, c, number, way);
    }
}

static bool is_mmx_register(const struct vx_insn *insn, unsigned n)
{
    unsigned kind = vx_operand_kind(insn, n);

    return kind == VX_KIND_MMX_REG || kind == VX_KIND_MMX_ONLY ||
           (kind == VX_KIND_MMX_RM && !insn->has_memory);
}

static void describe_to_hardware(struct test *t, const struct test_case *c)
{
    const struct vx_opcode *row = &vx_opcodes[c->insn.slot];
    bool uses_mmx = row->operation == VX_OP_EMMS;

    for (unsigned n = 0; n < 3; n++)
        uses_mmx |= is_mmx_register(&c->insn, n);
    hardware_expect_x87(t->hardware,
                        uses_mmx || c->insn.slot >= VX_SLOT_X87_MEMORY || row->since == VX_X87,
                        row->since >= VX_SSE);
}

static bool run_hardware(struct test *t, const struct test_case *c)
{
    t->hardware_initial = t->initial;
    t->hardware_initial.registers.eip += c->hardware_skip;
    describe_to_hardware(t, c);
    if (hardware_run(t->hardware, &t->hardware_initial, &t->expected)) {
        if (c->hardware_skip && t->expected.state.registers.eip == c->insn.addr + c->hardware_skip)
            t->expected.state.registers.eip = c->insn.addr;
        if (c->insn.operation == VX_OP_INT3) /* it may have prefixes */
            t->expected.state.registers.eip -= c->insn.nbytes - 1u;
        return true;
    }
    fprintf(stderr, "test_insn: the traced process died\n");
    return false;
}

/* `turn` counts the cases of a row, so that states do not depend on which rows are run. */
static bool run_state(struct test *t, const struct test_case *c, unsigned turn, unsigned number)
{
    struct random random =
        random_from(t->options.seed, (uint64_t)c->insn.slot << 40 | (uint64_t)turn << 20 | number);
    struct tally *row = &t->rows[c->insn.slot];

    state_make(c, number, &random, &t->initial);
    if (t->hardware && !run_hardware(t, c))
        return false;
    compare_way(t, c, number, WAY_SINGLE);
    if (t->expected.fault == FAULT_NONE)
        row->completed_count++;
    else
        row->faulted_count++;
    if (number % BLOCK_EVERY == 1)
        compare_way(t, c, number, WAY_BLOCK);
    if (sandbox_has_special(t->sandbox, c))
        compare_way(t, c, number, WAY_PLAIN);
    return true;
}

/* No row can fail to be fetched, so this stands beside them. */
static bool run_unfetchable(struct test *t)
{
    struct random random = random_from(t->options.seed, 0);
    struct test_case none = {.insn = {.slot = VX_SLOT_ONE + 0x90, .operation = VX_OP_NOP}};
    uint32_t fault_addr = 0;
    enum fault fault = FAULT_NONE;
    bool good = true;

    for (unsigned n = 0;; n++) {
        none.insn.addr = program_unfetchable_addr(&t->program, n, &fault, &fault_addr);
        if (none.insn.addr == 0)
            return good;
        state_make(&none, 0, &random, &t->initial);
        if (t->hardware && !run_hardware(t, &none))
            return false;
        sandbox_run(t->sandbox, &none, WAY_SINGLE, &t->initial, &t->got);
        if (!t->hardware)
            t->expected = t->got;
        if (t->got.fault == fault && t->got.fault_addr == fault_addr &&
            compare_outcomes(&none, &t->initial, &t->expected, &t->got, stdout))
            continue;
        good = false;
        printf("FAILED: fetching at %08x, expected %s, got %s at %08x\n", none.insn.addr,
               fault_text(fault), fault_text(t->got.fault), t->got.fault_addr);
    }
}

static bool run_all(struct test *t)
{
    for (size_t i = 0; i < t->program.case_count; i++)
        t->rows[t->program.cases[i].insn.slot].case_count++;
    for (size_t i = 0; i < t->program.case_count; i++) {
        const struct test_case *c = &t->program.cases[i];
        struct tally *row = &t->rows[c->insn.slot];
        unsigned states = (t->options.count + row->case_count - 1) / row->case_count;
        unsigned turn = row->begun_count++;

        for (unsigned n = 0; n < states; n++)
            if (!run_state(t, c, turn, turn % 9 + n))
                return false;
    }
    return true;
}

/* ---- coverage ---- */

static bool never_completes(unsigned operation)
{
    return operation == VX_OP_UD2 || operation == VX_OP_HLT;
}

static bool check_row(const struct test *t, unsigned slot)
{
    const struct tally *tally = &t->rows[slot];
    char row[80];
    bool covered = tally->completed_count > 0 ||
                   (never_completes(vx_opcodes[slot].operation) && tally->faulted_count > 0);

    cases_row_text(slot, row, sizeof row);
    if (t->options.verbose || tally->failed_count > 0)
        printf("%-40s cases %3u completed %5u faulted %5u failed %5u\n", row, tally->case_count,
               tally->completed_count, tally->faulted_count, tally->failed_count);
    if (!covered)
        printf("NOT COVERED: %s: no case of this row completed\n", row);
    return covered;
}

static bool check_coverage(const struct test *t)
{
    unsigned row_count = 0, covered_count = 0;

    for (unsigned slot = 0; slot < VX_SLOT_COUNT; slot++) {
        if (!cases_is_row(slot) || (t->options.row && t->rows[slot].case_count == 0))
            continue;
        row_count++;
        covered_count += check_row(t, slot);
    }
    printf("rows %u of %u, cases %zu, executions %lu, failed %u, seed %llu, digest %016llx%s\n",
           covered_count, row_count, t->program.case_count, t->execution_count, t->failed_count,
           (unsigned long long)t->options.seed, (unsigned long long)t->digest,
           t->hardware ? "" : "; NOT compared with the processor");
    return row_count > 0 && covered_count == row_count;
}

/* The digest stands for what was compared with a processor once, where there is none. */
static bool check_digest(const struct test *t)
{
    const struct options *o = &t->options;

    if (o->seed != DEFAULT_SEED || o->count != DEFAULT_COUNT || o->row ||
        t->digest == GOLDEN_DIGEST)
        return true;
    printf("FAILED: the outcomes are not those of golden.h%s\n",
           t->hardware ? "; if all else is well, put the new digest there" : "");
    return false;
}

/* ---- start and end ---- */

static bool usage(void)
{
    fprintf(stderr,
            "usage: test_insn [--seed N] [--count STATES-PER-ROW] [--row MNEMONIC]\n"
            "                 [--engine ENGINE] [--verbose] [--no-hardware]\n");
    return false;
}

static bool parse_engine(const char *text, enum vx32_engine *engine)
{
    static const struct {
        const char *name;
        enum vx32_engine engine;
    } engines[] = {{"interpret", VX32_ENGINE_INTERPRET},
                   {"translate", VX32_ENGINE_TRANSLATE},
                   {"dedicated", VX32_ENGINE_DEDICATED},
                   {"embedded", VX32_ENGINE_EMBEDDED}};

    for (size_t i = 0; i < sizeof engines / sizeof engines[0]; i++) {
        if (strcmp(text, engines[i].name) == 0) {
            *engine = engines[i].engine;
            return true;
        }
    }
    return false;
}

static bool parse_options(struct options *options, int argc, char **argv)
{
    *options = (struct options){
        .seed = DEFAULT_SEED, .count = DEFAULT_COUNT, .engine = VX32_ENGINE_INTERPRET};
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : NULL;

        if (strcmp(argv[i], "--verbose") == 0)
            options->verbose = true;
        else if (strcmp(argv[i], "--no-hardware") == 0)
            options->no_hardware = true;
        else if (value && strcmp(argv[i], "--seed") == 0)
            options->seed = strtoull(argv[++i], NULL, 0);
        else if (value && strcmp(argv[i], "--count") == 0)
            options->count = (unsigned)strtoul(argv[++i], NULL, 0);
        else if (value && strcmp(argv[i], "--row") == 0)
            options->row = argv[++i];
        else if (value && strcmp(argv[i], "--engine") == 0 && parse_engine(value, &options->engine))
            i++;
        else
            return usage();
    }
    return options->count > 0 || usage();
}

static bool start(struct test *t)
{
    const char *problem = NULL;

    if (!cases_make(&t->program, t->options.seed, t->options.row))
        return false;
    if (!program_link(&t->program))
        problem = "cannot build the program";
    if (!problem)
        t->sandbox = sandbox_start(&t->program, t->options.engine, &problem);
    if (!problem && !t->options.no_hardware)
        t->hardware = hardware_start(&t->program, &problem);
    if (!problem)
        return true;
    fprintf(stderr, "test_insn: %s\n", problem);
    if (t->sandbox)
        fprintf(stderr, "test_insn: it needs x86-64 Linux with 32-bit programs and ptrace;"
                        " --no-hardware checks only that every row runs\n");
    return false;
}

int main(int argc, char **argv)
{
    struct test *t = calloc(1, sizeof *t);
    bool good;

    if (!t || !parse_options(&t->options, argc, argv)) {
        free(t);
        return 2;
    }
    t->digest = DIGEST_START;
    good = start(t) && run_unfetchable(t) && run_all(t);
    if (good)
        good = check_coverage(t) && t->failed_count == 0 && check_digest(t);
    hardware_end(t->hardware);
    sandbox_end(t->sandbox);
    program_free(&t->program);
    free(t);
    return good ? 0 : 1;
}

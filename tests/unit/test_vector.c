/* SPDX-License-Identifier: MIT */
/*
 * MMX, SSE and SSE2 instructions leave what the processor leaves, bit for bit: registers, flags,
 * MXCSR, the x87 unit, memory, traps. On x86-64 each case is executed by the host's processor too.
 *
 * Elsewhere the cases are those whose outcome was recorded from such a processor.
 *
 * Usage: test_vector [seed [cases of each form]]
 *        test_vector record    prints the table of vector_golden.def anew; needs x86-64
 */
#include "support/test.h"
#include "vector_case.h"

#include "vx32.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_SHOWN_PER_FORM = 3 };

struct tally {
    uint64_t compared, trapped;
};

static void show_bytes(const char *label, const uint8_t *bytes, unsigned nbytes)
{
    printf("%s", label);
    for (unsigned i = 0; i < nbytes; i++)
        printf("%02x", bytes[i]);
}

static void show_difference(const struct vector_case *c, const struct vector_result *guest,
                            const struct vector_result *host)
{
    const uint8_t *g = (const uint8_t *)guest, *h = (const uint8_t *)host;

    printf("  %s", vx_operations[c->insn.operation].mnemonic);
    show_bytes(" ", c->bytes, c->insn.nbytes);
    printf(" offset %" PRIu32 " mxcsr", c->offset);
    show_bytes(" ", c->machine.fx + 24, 2);
    show_bytes("\n    control, status, tags ", c->machine.fx, 5);
    for (unsigned i = 0; i < 2; i++) {
        unsigned number = i ? c->insn.rm & 7 : c->insn.reg & 7;

        show_bytes(i ? "\n    rm  " : "\n    reg ", c->machine.fx + 160 + 16 * number, 16);
        show_bytes(" mm ", c->machine.fx + 32 + 16 * number, 8);
    }
    show_bytes("\n    memory ", c->window + VECTOR_MARGIN, 16);
    printf("\n    trap %" PRId32 ", should be %" PRId32 "; mxcsr %04" PRIx32
           ", should be %04" PRIx32 "\n",
           guest->trap, host->trap, guest->mxcsr, host->mxcsr);
    for (size_t i = 0, shown = 0; i < sizeof *guest && shown < 24; i++)
        if (g[i] != h[i] && ++shown)
            printf("    result byte %zu is %02x, should be %02x\n", i, g[i], h[i]);
}

/* ---- what the host's processor may do in its own way ---- */

/* The table look-up of RCPPS and RSQRTPS: relative error up to 1.5 * 2^-12. */
static bool is_near(uint32_t exact, uint32_t estimate)
{
    uint32_t distance = exact < estimate ? estimate - exact : exact - estimate;

    return exact == estimate ||
           ((exact & 0x7f800000) != 0x7f800000 && (estimate & 0x7f800000) != 0x7f800000 &&
            (exact ^ estimate) >> 31 == 0 && distance <= 0x1c00) ||
           /* results near the smallest normal number may be flushed or not */
           ((exact | estimate) & 0x7fffffff) <= 0x00801c00;
}

static uint32_t get32(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static bool is_estimate(unsigned operation)
{
    return operation == VX_OP_RCPPS || operation == VX_OP_RCPSS || operation == VX_OP_RSQRTPS ||
           operation == VX_OP_RSQRTSS;
}

static void accept_estimates(const struct vector_case *c, const struct vector_result *guest,
                             struct vector_result *host)
{
    if (!is_estimate(c->insn.operation) || host->trap != -1)
        return;
    for (unsigned i = 0; i < 16; i += 4) {
        uint8_t *lane = host->xmm[c->insn.reg] + i;

        if (is_near(get32(guest->xmm[c->insn.reg] + i), get32(lane)))
            memcpy(lane, guest->xmm[c->insn.reg] + i, 4);
    }
}

enum { FX_XMM8 = 288, FX_UNUSED = 416 };

static bool is_masked_store(unsigned operation)
{
    return operation == VX_OP_MASKMOVQ || operation == VX_OP_MASKMOVDQU;
}

/* Which byte of a long operand is tried first is the processor's own affair. */
static void accept_fault_addr(const struct vector_case *c, const struct vector_result *guest,
                              struct vector_result *host)
{
    unsigned operation = c->insn.operation;

    if (operation == VX_OP_FXSAVE || operation == VX_OP_FXRSTOR || is_masked_store(operation))
        host->fault_addr = guest->fault_addr;
}

/* Whether bytes that are not stored can fault is left open (SDM volume 2, MASKMOVDQU). */
static bool is_spurious_fault(const struct vector_case *c, const struct vector_result *guest,
                              const struct vector_result *host)
{
    return is_masked_store(c->insn.operation) && guest->trap == -1 &&
           host->trap == VX32_TRAP_PAGE_FAULT && c->offset + 16 > HOST_WRITABLE_NBYTES;
}

/*
 * The host sets the top of stack to 0, and MASKMOVQ the tags too, before it finds that an MMX store
 * faults: it means to execute the instruction again. Here nothing of a faulting instruction is
 * done.
 */
static void accept_top_of_stack(const struct vector_case *c, const struct vector_result *guest,
                                struct vector_result *host)
{
    unsigned top = guest->status >> 11 & 7;
    uint8_t st[8][10];

    if (guest->trap != VX32_TRAP_PAGE_FAULT || host->trap != VX32_TRAP_PAGE_FAULT ||
        guest->access != VX32_ACCESS_WRITE || (host->status >> 11 & 7) != 0 ||
        c->insn.operation == VX_OP_FXSAVE)
        return;
    for (unsigned i = 0; i < 8; i++)
        memcpy(st[i], host->st[(i + top) & 7], 10);
    memcpy(host->st, st, sizeof st);
    host->status = (uint16_t)(host->status | top << 11);
    if (c->insn.operation == VX_OP_MASKMOVQ && host->tags == 0xff)
        host->tags = guest->tags;
}

/* In 64-bit mode the host saves eight more registers, where 32-bit mode leaves memory alone. */
static void accept_more_registers(const struct vector_case *c, struct vector_result *host)
{
    if (c->insn.operation == VX_OP_FXSAVE && host->trap == -1)
        memcpy(host->window + VECTOR_MARGIN + FX_XMM8, c->window + VECTOR_MARGIN + FX_XMM8,
               FX_UNUSED - FX_XMM8);
}

static bool is_same(const struct vector_case *c, const struct vector_result *guest)
{
    struct vector_result host;

    vector_run_host(c, &host);
    accept_estimates(c, guest, &host);
    accept_fault_addr(c, guest, &host);
    accept_top_of_stack(c, guest, &host);
    accept_more_registers(c, &host);
    if (memcmp(guest, &host, sizeof host) == 0 || is_spurious_fault(c, guest, &host))
        return true;
    show_difference(c, guest, &host);
    return false;
}

/* How many of the form's cases differ; not all are tried when many do. */
static unsigned compare_form(struct vector_form form, uint64_t seed, unsigned case_count,
                             struct tally *tally)
{
    unsigned failed = 0;
    struct vector_result guest;
    struct vector_case c;

    for (unsigned i = 0; i < case_count && failed < MAX_SHOWN_PER_FORM; i++) {
        CHECK(vector_make(form, seed, i, &c));
        /* Each immediate byte is seen by both handlers. */
        vector_run_guest(&c, (i + (i >> 8)) & 1, &guest);
        failed += !is_same(&c, &guest);
        tally->compared++;
        tally->trapped += guest.trap != -1;
    }
    return failed;
}

static void every_form_leaves_what_the_host_leaves(uint64_t seed, unsigned case_count)
{
    struct tally tally = {0};
    unsigned failed = 0;

    for (unsigned i = 0; i < vector_form_count(); i++)
        failed += compare_form(vector_form(i), seed, case_count, &tally);
    printf("%u forms, %" PRIu64 " cases compared, %" PRIu64 " of them trapped\n",
           vector_form_count(), tally.compared, tally.trapped);
    CHECK_EQ_U64(failed, 0);
}

/* ---- recorded outcomes ---- */

enum { GOLDEN_SEED = 1, GOLDEN_CASE_COUNT = 64 };

/* FNV-1a of the outcomes of the form's first cases. */
struct golden {
    const char *mnemonic;
    bool in_memory;
    uint64_t digest;
};

static const struct golden goldens[] = {
#define GOLDEN(mnemonic, in_memory, digest) {mnemonic, in_memory, UINT64_C(digest)},
#include "vector_golden.def"
#undef GOLDEN
};

static uint64_t hash_number(uint64_t hash, uint64_t value)
{
    for (unsigned i = 0; i < 8; i++)
        hash = (hash ^ (value >> 8 * i & 0xff)) * UINT64_C(0x100000001b3);
    return hash;
}

static uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t nbytes)
{
    for (size_t i = 0; i < nbytes; i++)
        hash = (hash ^ ((const uint8_t *)bytes)[i]) * UINT64_C(0x100000001b3);
    return hash;
}

static uint64_t hash_result(uint64_t hash, const struct vector_result *result)
{
    for (unsigned i = 0; i < 8; i++)
        hash = hash_number(hash, result->general[i]);
    hash = hash_number(hash, (uint64_t)result->flags << 32 | result->mxcsr);
    hash = hash_number(hash, (uint64_t)result->fault_addr << 32 | (uint32_t)result->trap);
    hash = hash_number(hash, (uint64_t)result->control << 32 | result->status);
    hash = hash_number(hash, (uint64_t)result->tags << 32 | result->access);
    hash = hash_bytes(hash, result->st, sizeof result->st);
    hash = hash_bytes(hash, result->xmm, sizeof result->xmm);
    return hash_bytes(hash, result->window, sizeof result->window);
}

static uint64_t digest_form(struct vector_form form, bool check_with_host)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    struct vector_result guest;
    struct vector_case c;

    for (unsigned i = 0; i < GOLDEN_CASE_COUNT; i++) {
        CHECK(vector_make(form, GOLDEN_SEED, i, &c));
        vector_run_guest(&c, i & 1, &guest);
        if (check_with_host)
            CHECK(is_same(&c, &guest));
        hash = hash_result(hash, &guest);
    }
    return hash;
}

static const char *mnemonic_of(struct vector_form form)
{
    return vx_operations[vx_opcodes[form.slot].operation].mnemonic;
}

static void every_form_leaves_what_was_recorded(void)
{
    size_t count = sizeof goldens / sizeof goldens[0];

    CHECK_EQ_U64(vector_form_count(), count);
    for (unsigned i = 0; i < vector_form_count() && i < count; i++) {
        struct vector_form form = vector_form(i);
        bool same = strcmp(mnemonic_of(form), goldens[i].mnemonic) == 0 &&
                    form.in_memory == goldens[i].in_memory &&
                    digest_form(form, false) == goldens[i].digest;

        if (!same)
            printf("  %s%s differs from its record\n", mnemonic_of(form),
                   form.in_memory ? " on memory" : "");
        CHECK(same);
    }
}

static void record(void)
{
    for (unsigned i = 0; i < vector_form_count(); i++) {
        struct vector_form form = vector_form(i);

        printf("GOLDEN(\"%s\", %d, 0x%016" PRIx64 ")\n", mnemonic_of(form), form.in_memory,
               digest_form(form, true));
    }
}

/* ---- coverage ---- */

static bool has_form(unsigned slot)
{
    for (unsigned i = 0; i < vector_form_count(); i++)
        if (vector_form(i).slot == slot)
            return true;
    return false;
}

static void every_row_of_the_vector_operations_is_covered(void)
{
    bool seen[VX_OP_COUNT] = {false};

    for (unsigned slot = 0; slot < VX_SLOT_COUNT; slot++)
        if (vector_is_covered(slot)) {
            CHECK(has_form(slot));
            seen[vx_opcodes[slot].operation] = true;
        }
    for (unsigned operation = VX_OP_FXSAVE; operation < VX_OP_COUNT; operation++)
        CHECK(seen[operation]);
}

int main(int argc, char **argv)
{
    bool with_host = host_prepare();
    uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 0) : 20;
    unsigned case_count = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 0) : 1536;

    vector_prepare(with_host);
    if (argc > 1 && strcmp(argv[1], "record") == 0) {
        test_begin("record");
        CHECK(with_host);
        record();
        return test_report();
    }
    RUN(every_row_of_the_vector_operations_is_covered);
    RUN(every_form_leaves_what_was_recorded);
    if (with_host) {
        test_begin("every_form_leaves_what_the_host_leaves");
        printf("seed %" PRIu64 ", %u cases of each form\n", seed, case_count);
        every_form_leaves_what_the_host_leaves(seed, case_count);
    }
    return test_report();
}

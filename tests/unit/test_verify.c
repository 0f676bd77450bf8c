/* SPDX-License-Identifier: MIT */
/* That all code which the translator writes is let pass, and none that could harm the host. */
#include "support/elf_builder.h"
#include "support/test.h"
#include "verify_case.h"
#include "verify_second.h"

#include <string.h>

static const uint64_t seed = 20261123;

static const char *const programs[] = {
    VXA_DECODERS "/deflate.elf", VXA_DECODERS "/zstd.elf", VXA_DECODERS "/brotli.elf",
    NULL, /* random bytes */
};
enum { PROGRAM_COUNT = sizeof programs / sizeof programs[0] };

/* ---- what the translator writes ---- */

static void expect_safe(void *data, struct vx_translator *translator,
                        const struct vx_verify_start *start, uint32_t cold)
{
    unsigned *count = data;
    const char *why = NULL;

    (void)cold;
    if (++*count % 16 == 0) /* it looks at all blocks for each branch */
        why = second_opinion(translator, start->offset);
    if (why != NULL)
        printf("at %#x: %s\n", (unsigned)start->offset, why);
    CHECK(why == NULL);
}

static void all_code_of_real_and_random_programs_passes(void)
{
    for (unsigned i = 0; i < PROGRAM_COUNT * WAY_COUNT; i++) {
        const struct way *way = &ways[i % WAY_COUNT];
        struct vx32_instance *guest = open_guest(programs[i / WAY_COUNT], seed);
        struct vx_translator *translator;
        unsigned run_count = 0;

        CHECK(guest != NULL);
        if (guest == NULL)
            continue;
        translator = open_translator(way, &guest->mem);
        sweep(translator, 64, expect_safe, &run_count);
        CHECK(run_count > 100);
        CHECK_EQ_U64(translator->refused_count, 0);
        CHECK_EQ_U64(translator->flush_count, 0);
        close_translator(translator);
        vx32_instance_free(guest);
    }
}

/* ---- one change ---- */

struct tally {
    const char *name;
    unsigned count;
};

struct mutation {
    uint64_t random;
    unsigned run_count, made, refused, harmful;
    struct tally tallies[16];
};

static void tally(struct mutation *m, const char *name)
{
    struct tally *t = m->tallies;

    while (t->name != NULL && strcmp(t->name, name) != 0)
        t++;
    t->name = name;
    t->count++;
}

/* The start of the instruction that the byte belongs to, found from the run's start on. */
static void classify(struct mutation *m, const struct vx_code *code,
                     const struct vx_verify_start *start, uint32_t at, uint8_t original)
{
    if (at >= code->used) {
        tally(m, "another address in an exit's stub");
        return;
    }
    for (uint32_t offset = start->offset; offset <= at;) {
        uint8_t whole[32];
        unsigned nbytes;

        memcpy(whole, code->writable + offset, sizeof whole);
        if (at - offset < sizeof whole)
            whole[at - offset] = original;
        nbytes = instruction_nbytes(whole);
        if (nbytes == 0 || offset + nbytes > at) {
            tally(m, difference(whole, code->writable + offset));
            return;
        }
        offset += nbytes;
    }
}

static void mutate(struct mutation *m, struct vx_translator *translator,
                   const struct vx_verify_start *start, uint32_t cold)
{
    struct vx_code *code = &translator->code;
    uint32_t hot_nbytes = code->used - start->offset, cold_nbytes = cold - code->cold;
    uint32_t pick = (uint32_t)(next_random(&m->random) >> 16) % (hot_nbytes + cold_nbytes);
    uint32_t at = pick < hot_nbytes ? start->offset + pick : code->cold + (pick - hot_nbytes);
    uint8_t original = code->writable[at], changed;
    uint64_t how = next_random(&m->random) >> 20;
    const char *why;

    changed = (uint8_t)(how & 1 ? how >> 8 : original ^ 1u << (how >> 8 & 7));
    if (changed == original)
        return;
    code->writable[at] = changed;
    m->made++;
    if (!vx_verify_run(translator, start)) {
        m->refused++;
    } else if ((why = second_opinion(translator, start->offset)) != NULL) {
        m->harmful++;
        printf("passed, but %s: at %#x in %#x to %#x: %02x -> %02x\n", why, (unsigned)at,
               (unsigned)start->offset, (unsigned)code->used, original, changed);
    } else {
        classify(m, code, start, at, original);
    }
    code->writable[at] = original;
}

static void mutate_run(void *data, struct vx_translator *translator,
                       const struct vx_verify_start *start, uint32_t cold)
{
    enum { MUTANTS_A_RUN = 40, RUNS = 120 };
    struct mutation *m = data;

    if (translator->code.used == start->offset || m->run_count++ >= RUNS)
        return;
    for (unsigned i = 0; i < MUTANTS_A_RUN; i++)
        mutate(m, translator, start, cold);
}

static void changed_code_is_refused_or_harmless(void)
{
    struct mutation m = {.random = seed};

    printf("seed %" PRIu64 "\n", seed);
    for (unsigned i = 0; i < PROGRAM_COUNT * WAY_COUNT; i++) {
        struct vx32_instance *guest = open_guest(programs[i / WAY_COUNT], seed + i);
        struct vx_translator *translator;

        CHECK(guest != NULL);
        if (guest == NULL)
            continue;
        translator = open_translator(&ways[i % WAY_COUNT], &guest->mem);
        m.run_count = 0;
        sweep(translator, 64 + 16 * i, mutate_run, &m);
        close_translator(translator);
        vx32_instance_free(guest);
    }
    printf("%u changes, %u refused; what was let pass:\n", m.made, m.refused);
    for (const struct tally *t = m.tallies; t->name != NULL; t++)
        printf("%8u %s\n", t->count, t->name);
    CHECK(m.made > 20000);
    CHECK(m.refused > m.made / 2);
    CHECK_EQ_U64(m.harmful, 0);
}

/* ---- patches ---- */

struct patching {
    uint64_t random;
    unsigned allowed, refused, wrong;
};

static bool is_meant(const struct vx_code *code, const struct vx_code_link *link, uint32_t offset)
{
    for (uint32_t i = 0; i < code->block_count; i++) {
        const struct vx_code_block *block = &code->blocks[i];

        if (block->start == offset && block->eip == link->target && block->called == link->call)
            return true;
    }
    return false;
}

/* Each new branch led to random blocks, to those that it means, and to somewhere behind them. */
static void lead_links(void *data, struct vx_translator *translator,
                       const struct vx_verify_start *from, uint32_t cold)
{
    const struct vx_code *code = &translator->code;
    struct patching *p = data;

    (void)cold;
    for (uint32_t number = from->link_count; number < code->link_count; number++) {
        const struct vx_code_link *link = &code->links[number];

        for (uint32_t i = 0; i < 20 && i < code->block_count; i++) {
            uint64_t random = next_random(&p->random) >> 16;
            uint32_t start = code->blocks[random % code->block_count].start;
            uint32_t near = start + 1 + (random >> 40) % 16;
            bool passes = vx_verify_link(translator, number, start);

            p->allowed += passes;
            p->refused += !passes;
            p->wrong += passes && !is_meant(code, link, start);
            p->wrong += vx_verify_link(translator, number, near) && !is_meant(code, link, near);
        }
        p->wrong += vx_verify_link(translator, number, VX_CODE_NBYTES + number);
    }
}

static void a_branch_is_led_to_the_block_that_it_means_only(void)
{
    unsigned allowed = 0;

    for (unsigned i = 0; i < PROGRAM_COUNT * WAY_COUNT; i++) {
        struct vx32_instance *guest = open_guest(programs[i / WAY_COUNT], seed);
        struct patching p = {.random = seed};
        struct vx_translator *translator;

        CHECK(guest != NULL);
        if (guest == NULL)
            continue;
        translator = open_translator(&ways[i % WAY_COUNT], &guest->mem);
        sweep(translator, 64, lead_links, &p);
        allowed += p.allowed;
        CHECK(p.refused > 1000);
        CHECK_EQ_U64(p.wrong, 0);
        close_translator(translator);
        vx32_instance_free(guest);
    }
    CHECK(allowed > 0);
}

int main(void)
{
    RUN(all_code_of_real_and_random_programs_passes);
    RUN(changed_code_is_refused_or_harmless);
    RUN(a_branch_is_led_to_the_block_that_it_means_only);
    return test_report();
}

/* SPDX-License-Identifier: MIT */
/* Random programs come to the same end on every engine: registers, memory, output, fuel, trap. */
#include "generate.h"
#include "support/elf_builder.h"

#include "cpu.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    FUEL = 300000,
    STACK_NBYTES = 0x10000,
    MEMORY_NBYTES = 0x0c000000,
};

struct options {
    uint64_t seed, first, instruction_goal, digest_count;
    bool one_program;
};

struct ending {
    struct vx32_exit exit;
    struct vx32_registers registers;
    uint64_t fuel_left;
    uint64_t memory_sum, output_sum;
};

/* How a program is run. */
enum way { WAY_COUNTED, WAY_PIECES, WAY_FREE, WAY_COUNT };

static const char *const way_names[] = {"counted", "in pieces", "free"};

static const struct {
    enum vx32_engine engine;
    const char *name;
} engines[] = {{VX32_ENGINE_INTERPRET, "interpret"},
               {VX32_ENGINE_DEDICATED, "dedicated"},
               {VX32_ENGINE_EMBEDDED, "embedded"}};

static void die(const char *what)
{
    fprintf(stderr, "test_random: %s\n", what);
    exit(2);
}

/* ---- one run ---- */

static struct vx32_image *image_of(const struct random_program *program)
{
    struct elf_builder *elf = malloc(sizeof *elf);
    struct vx32_image *image = NULL;
    const char *problem = NULL;

    if (elf == NULL)
        die("out of memory");
    elf_start(elf);
    elf->entry = program->entry;
    (void)elf_add(elf, RANDOM_TEXT_ADDR, program->text, program->text_nbytes, program->text_nbytes,
                  ELF_FLAG_R | ELF_FLAG_X);
    (void)elf_add(elf, DATA_ADDR, program->data, RANDOM_DATA_NBYTES, RANDOM_DATA_NBYTES,
                  ELF_FLAG_R | ELF_FLAG_W);
    if (vx32_image_parse(elf->file, elf_finish(elf), &image, &problem) != VX32_OK)
        die(problem);
    free(elf);
    return image;
}

static uint64_t add_bytes(uint64_t sum, const uint8_t *bytes, size_t nbytes)
{
    for (size_t i = 0; i < nbytes; i++)
        sum = (sum ^ bytes[i]) * UINT64_C(0x100000001b3);
    return sum;
}

static uint64_t sum_range(const struct vx32_instance *guest, vx32_addr addr, uint32_t nbytes)
{
    uint8_t page[PAGE_NBYTES];
    uint64_t sum = 0;

    for (uint32_t off = 0; off < nbytes; off += PAGE_NBYTES) {
        if (vx32_read(guest, addr + off, page, PAGE_NBYTES) != VX32_OK)
            die("cannot read the guest");
        for (size_t i = 0; i < PAGE_NBYTES; i += sizeof sum) {
            uint64_t word = 0;

            for (unsigned byte = 0; byte < sizeof word; byte++)
                word |= (uint64_t)page[i + byte] << 8 * byte;
            sum = (sum ^ word) * UINT64_C(0x9e3779b97f4a7c15);
        }
    }
    return sum;
}

static void run_way(struct vx32_instance *guest, enum way way, struct random *r,
                    struct ending *ending)
{
    uint64_t left = FUEL;

    *ending = (struct ending){.output_sum = 1};
    for (;;) {
        uint64_t piece = way == WAY_PIECES ? 1 + random_below(r, 1 + random_below(r, 3000)) : left;

        piece = piece < left ? piece : left;
        vx32_fuel_set(guest, way == WAY_FREE ? VX32_FUEL_UNLIMITED : piece);
        vx32_run(guest, &ending->exit);
        if (way != WAY_FREE)
            left -= piece - vx32_fuel_left(guest);
        if (ending->exit.reason == VX32_EXIT_HAVE_OUTPUT) {
            ending->output_sum =
                add_bytes(ending->output_sum, ending->exit.data, ending->exit.nbytes);
            if (vx32_complete(guest, (int64_t)ending->exit.nbytes) != VX32_OK)
                die("cannot complete");
        } else if (ending->exit.reason != VX32_EXIT_OUT_OF_FUEL || left == 0) {
            break;
        }
    }
    ending->fuel_left = left;
    vx32_registers_get(guest, &ending->registers);
    ending->memory_sum = sum_range(guest, DATA_ADDR, RANDOM_DATA_NBYTES) +
                         sum_range(guest, MEMORY_NBYTES - STACK_NBYTES, STACK_NBYTES);
}

static struct vx32_instance *guest_of(struct vx32_image *image, enum vx32_engine engine)
{
    const struct vx32_options options = {
        .struct_nbytes = sizeof options,
        .engine = engine,
        .profile = VX32_PROFILE_LINUX_FILTER,
        .memory_nbytes = MEMORY_NBYTES,
        .stack_nbytes = STACK_NBYTES,
    };
    struct vx32_instance *guest = NULL;

    if (vx32_instance_new(image, &options, &guest) != VX32_OK)
        die("no guest");
    return guest;
}

/* ---- comparing ---- */

/* Flags that the next instruction would overwrite need not be right where a guest is stopped. */
static const char *difference(const struct ending *a, const struct ending *b, bool counted)
{
    uint32_t flags = a->exit.reason == VX32_EXIT_EXITED ? 0 : VX_STATUS_FLAGS;

    if (a->exit.reason != b->exit.reason || a->exit.code != b->exit.code)
        return "exit";
    if (a->exit.trap != b->exit.trap || a->exit.fault_addr != b->exit.fault_addr ||
        a->exit.access != b->exit.access)
        return "trap";
    if (a->registers.eip != b->registers.eip)
        return "eip";
    if (memcmp(a->registers.general, b->registers.general, sizeof a->registers.general) != 0)
        return "general registers";
    if (((a->registers.eflags ^ b->registers.eflags) & ~flags) != 0)
        return "flags";
    if (memcmp(a->registers.xmm, b->registers.xmm, sizeof a->registers.xmm) != 0 ||
        a->registers.mxcsr != b->registers.mxcsr)
        return "SSE registers";
    if (memcmp(a->registers.st, b->registers.st, sizeof a->registers.st) != 0 ||
        a->registers.x87_status != b->registers.x87_status ||
        a->registers.x87_tag != b->registers.x87_tag)
        return "x87 registers";
    if (a->memory_sum != b->memory_sum)
        return "memory";
    if (a->output_sum != b->output_sum)
        return "output";
    return counted && a->fuel_left != b->fuel_left ? "fuel" : NULL;
}

struct report {
    const char *engine, *way, *what;
    struct ending good, bad;
    uint64_t instruction_count;
};

static bool compare_engine(struct vx32_image *image, size_t which, const struct ending *good,
                           struct random *r, struct report *report)
{
    struct vx32_instance *guest = guest_of(image, engines[which].engine);
    bool stopped = good->exit.reason == VX32_EXIT_OUT_OF_FUEL;

    report->what = NULL;
    for (unsigned way = 0; way < WAY_COUNT && report->what == NULL; way++) {
        if (way == WAY_FREE && (stopped || which == 0))
            continue;
        if (vx32_reset(guest) != VX32_OK)
            die("cannot reset");
        run_way(guest, (enum way)way, r, &report->bad);
        report->instruction_count += FUEL - good->fuel_left;
        report->what = difference(good, &report->bad, way != WAY_FREE);
        report->engine = engines[which].name;
        report->way = way_names[way];
    }
    vx32_instance_free(guest);
    return report->what == NULL;
}

/* True if all engines agree. */
static bool compare(const struct random_program *program, struct report *report)
{
    struct vx32_image *image = image_of(program);
    struct vx32_instance *guest = guest_of(image, VX32_ENGINE_INTERPRET);
    struct random r = random_from(1, 1);
    bool same = true;

    run_way(guest, WAY_COUNTED, &r, &report->good);
    vx32_instance_free(guest);
    report->instruction_count = FUEL - report->good.fuel_left;
    for (size_t i = 0; i < sizeof engines / sizeof engines[0] && same; i++) {
        if (vx32_engine_available(engines[i].engine))
            same = compare_engine(image, i, &report->good, &r, report);
    }
    vx32_image_free(image);
    return same;
}

/* ---- what is told of a difference ---- */

static void shrink(const struct pool *pool, const struct options *options, uint64_t number,
                   struct random_program *program)
{
    struct report report;
    bool smaller = true;

    while (smaller) {
        smaller = false;
        for (uint32_t i = 0; i < program->item_count && i < RANDOM_ITEMS_MAX; i++) {
            if (program->without[i])
                continue;
            program->without[i] = true;
            random_generate(pool, options->seed, number, program);
            if (compare(program, &report))
                program->without[i] = false;
            else
                smaller = true;
        }
    }
    random_generate(pool, options->seed, number, program);
}

static void print_state(const char *name, const struct ending *ending)
{
    const struct vx32_registers *registers = &ending->registers;

    printf("%s: exit %d trap %d eip %08" PRIx32 " fault %08" PRIx32 " fuel left %" PRIu64
           " eflags %08" PRIx32 " mxcsr %08" PRIx32 "\n ",
           name, ending->exit.reason, ending->exit.trap, registers->eip, ending->exit.fault_addr,
           ending->fuel_left, registers->eflags, registers->mxcsr);
    for (int i = 0; i < 8; i++)
        printf(" %08" PRIx32, registers->general[i]);
    printf("\n");
}

static void print_code(const struct random_program *program)
{
    struct vx32_image *image = image_of(program);
    struct vx32_instance *guest = guest_of(image, VX32_ENGINE_INTERPRET);
    vx32_addr addr = RANDOM_TEXT_ADDR;
    char text[96];

    while (program->text[addr - RANDOM_TEXT_ADDR] == 0x90)
        addr++;
    while (addr < RANDOM_TEXT_ADDR + program->text_nbytes) {
        size_t nbytes = vx32_disassemble(guest, addr, text, sizeof text);

        printf("  %08" PRIx32 "  %s\n", addr, text);
        addr += nbytes ? (vx32_addr)nbytes : 1;
    }
    vx32_instance_free(guest);
    vx32_image_free(image);
}

static void tell(const struct pool *pool, const struct options *options, uint64_t number,
                 struct random_program *program)
{
    struct report report;

    shrink(pool, options, number, program);
    (void)compare(program, &report);
    printf("seed %" PRIu64 " program %" PRIu64 ": %s, %s: %s differ; the smallest such program, "
           "entered at %08" PRIx32 ":\n",
           options->seed, number, report.engine, report.way, report.what ? report.what : "nothing",
           program->entry);
    print_code(program);
    print_state("interpret", &report.good);
    print_state(report.engine, &report.bad);
}

/* ---- the same on every host ---- */

static uint64_t add_number(uint64_t digest, uint64_t number)
{
    return (digest ^ number) * UINT64_C(0x9e3779b97f4a7c15) + (digest >> 29);
}

static uint64_t add_ending(uint64_t digest, const struct ending *ending)
{
    const struct vx32_registers *r = &ending->registers;

    digest = add_number(digest, (uint64_t)ending->exit.reason << 32 | (uint32_t)ending->exit.code);
    digest = add_number(digest, (uint64_t)ending->exit.trap << 32 | ending->exit.fault_addr);
    digest = add_number(digest, (uint64_t)r->eip << 32 | r->mxcsr);
    for (int i = 0; i < 8; i++) {
        digest = add_number(digest, r->general[i]);
        digest = add_bytes(digest, r->xmm[i], sizeof r->xmm[i]);
        digest = add_bytes(digest, r->st[i], sizeof r->st[i]);
    }
    digest = add_number(digest, (uint64_t)r->x87_status << 16 | r->x87_tag);
    digest = add_number(digest, ending->fuel_left);
    return add_number(add_number(digest, ending->memory_sum), ending->output_sum);
}

/* What the interpreter makes of the first programs: registers, memory, output, fuel, traps. */
static void print_digest(const struct pool *pool, const struct options *options,
                         struct random_program *program)
{
    uint64_t digest = 0, programs = 0;

    for (uint64_t number = 0; number < options->digest_count; number++) {
        struct random r = random_from(1, 1);
        struct vx32_instance *guest;
        struct vx32_image *image;
        struct ending ending;

        random_generate(pool, options->seed, number, program);
        programs = add_bytes(programs, program->text, program->text_nbytes);
        programs = add_bytes(programs, program->data, RANDOM_DATA_NBYTES);
        image = image_of(program);
        guest = guest_of(image, VX32_ENGINE_INTERPRET);
        run_way(guest, WAY_COUNTED, &r, &ending);
        digest = add_ending(digest, &ending);
        vx32_instance_free(guest);
        vx32_image_free(image);
    }
    printf("seed %" PRIu64 ": %" PRIu64 " programs %016" PRIx64 ", their ends %016" PRIx64 "\n",
           options->seed, options->digest_count, programs, digest);
}

/* ---- options ---- */

static bool parse(struct options *options, int argc, char **argv)
{
    *options = (struct options){.seed = 1, .instruction_goal = 10000000};
    for (int i = 1; i + 1 < argc; i += 2) {
        uint64_t value = strtoull(argv[i + 1], NULL, 0);

        if (strcmp(argv[i], "--seed") == 0)
            options->seed = value;
        else if (strcmp(argv[i], "--instructions") == 0)
            options->instruction_goal = value;
        else if (strcmp(argv[i], "--digest") == 0)
            options->digest_count = value;
        else if (strcmp(argv[i], "--program") == 0)
            options->first = value, options->one_program = true;
        else
            return false;
    }
    return argc % 2 == 1;
}

int main(int argc, char **argv)
{
    struct random_program *program = calloc(1, sizeof *program);
    uint64_t instruction_count = 0, number, traps = 0, stopped = 0;
    struct options options;
    struct report report;
    struct pool pool;
    bool good = true;

    if (!parse(&options, argc, argv)) {
        fprintf(stderr,
                "usage: test_random [--seed N] [--program N] [--instructions N] [--digest N]\n");
        return 2;
    }
    if (program == NULL || !pool_make(&pool))
        die("out of memory");
    if (options.digest_count > 0) {
        print_digest(&pool, &options, program);
        options.instruction_goal = 0;
    }
    for (number = options.first; good && instruction_count < options.instruction_goal; number++) {
        random_generate(&pool, options.seed, number, program);
        good = compare(program, &report);
        instruction_count += report.instruction_count;
        traps += report.good.exit.reason == VX32_EXIT_TRAP;
        stopped += report.good.exit.reason == VX32_EXIT_OUT_OF_FUEL;
        if (!good)
            tell(&pool, &options, number, program);
        if (options.one_program)
            break;
    }
    printf("seed %" PRIu64 ": %" PRIu64 " programs (%" PRIu64 " trap, %" PRIu64
           " are stopped), %" PRIu64 " instructions, %s\n",
           options.seed, number - options.first, traps, stopped, instruction_count,
           good ? "all the same" : "NOT THE SAME");
    pool_free(&pool);
    free(program);
    return good ? 0 : 1;
}

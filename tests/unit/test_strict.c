/* SPDX-License-Identifier: MIT */
/* That the strict engine stops at each read of a flag that Intel leaves undefined, and at no other.
 */
#include "support/elf_builder.h"
#include "support/test.h"

#include "vx32.h"

#include <string.h>

/* Intel's words for each instruction ("Flags Affected", SDM volume 2), not the sandbox's table. */
enum { O = 1, S = 2, Z = 4, A = 8, P = 16, C = 32, ALL = 63 };

enum { CODE_MAX_NBYTES = 64, INSN_MAX_NBYTES = 12 };

struct sample {
    const char *name;
    uint8_t nbytes, code[INSN_MAX_NBYTES];
    unsigned flags;
};

#define SAMPLE(name, flags, ...)                                                                   \
    {                                                                                              \
        name, sizeof((uint8_t[]){__VA_ARGS__}), {__VA_ARGS__}, flags                               \
    }

/* Instructions, and the flags that are undefined behind them. eax is 7, ecx 5, edx 0 before. */
static const struct sample leavers[] = {
    SAMPLE("nop", 0, 0x90),
    SAMPLE("add eax, ecx", 0, 0x01, 0xc8),
    SAMPLE("cmp eax, ecx", 0, 0x39, 0xc8),
    SAMPLE("neg eax", 0, 0xf7, 0xd8),
    SAMPLE("inc eax", 0, 0x40),
    SAMPLE("not eax", 0, 0xf7, 0xd0),
    SAMPLE("xadd eax, ecx", 0, 0x0f, 0xc1, 0xc8),
    SAMPLE("cmpxchg ecx, edx", 0, 0x0f, 0xb1, 0xd1),
    SAMPLE("push 0; popf", 0, 0x6a, 0x00, 0x9d),
    SAMPLE("sahf", 0, 0x9e),
    SAMPLE("fldz; fldz; fcomi", 0, 0xd9, 0xee, 0xd9, 0xee, 0xdb, 0xf1),
    SAMPLE("comiss xmm0, xmm1", 0, 0x0f, 0x2f, 0xc1),
    SAMPLE("and eax, ecx", A, 0x21, 0xc8),
    SAMPLE("or eax, ecx", A, 0x09, 0xc8),
    SAMPLE("xor edx, edx", A, 0x31, 0xd2),
    SAMPLE("test eax, eax", A, 0x85, 0xc0),
    SAMPLE("mul ecx", S | Z | A | P, 0xf7, 0xe1),
    SAMPLE("imul ecx", S | Z | A | P, 0xf7, 0xe9),
    SAMPLE("imul eax, ecx", S | Z | A | P, 0x0f, 0xaf, 0xc1),
    SAMPLE("imul eax, ecx, 3", S | Z | A | P, 0x6b, 0xc1, 0x03),
    SAMPLE("div ecx", ALL, 0xf7, 0xf1),
    SAMPLE("idiv ecx", ALL, 0xf7, 0xf9),
    SAMPLE("daa", O, 0x27),
    SAMPLE("das", O, 0x2f),
    SAMPLE("aaa", O | S | Z | P, 0x37),
    SAMPLE("aas", O | S | Z | P, 0x3f),
    SAMPLE("aam", O | A | C, 0xd4, 0x0a),
    SAMPLE("aad", O | A | C, 0xd5, 0x0a),
    SAMPLE("rol eax, 1", 0, 0xd1, 0xc0),
    SAMPLE("rol eax, 2", O, 0xc1, 0xc0, 0x02),
    SAMPLE("rol eax, cl", O, 0xd3, 0xc0),
    SAMPLE("ror al, 1", 0, 0xd0, 0xc8),
    SAMPLE("ror al, 8", O, 0xc0, 0xc8, 0x08),
    SAMPLE("rcl eax, 2", O, 0xc1, 0xd0, 0x02),
    SAMPLE("rcr eax, 1", 0, 0xd1, 0xd8),
    SAMPLE("shl eax, 1", A, 0xd1, 0xe0),
    SAMPLE("shl eax, 2", O | A, 0xc1, 0xe0, 0x02),
    SAMPLE("shl eax, cl", O | A, 0xd3, 0xe0),
    SAMPLE("shl eax, 0", 0, 0xc1, 0xe0, 0x00),
    SAMPLE("shl eax, 32", 0, 0xc1, 0xe0, 0x20),
    SAMPLE("shl eax, 33", A, 0xc1, 0xe0, 0x21),
    SAMPLE("shl al, 7", O | A, 0xc0, 0xe0, 0x07),
    SAMPLE("shl al, 8", O | A | C, 0xc0, 0xe0, 0x08),
    SAMPLE("shr ax, 16", O | A | C, 0x66, 0xc1, 0xe8, 0x10),
    SAMPLE("sar al, 9", O | A, 0xc0, 0xf8, 0x09),
    SAMPLE("shld eax, ecx, 1", A, 0x0f, 0xa4, 0xc8, 0x01),
    SAMPLE("shld eax, ecx, 2", O | A, 0x0f, 0xa4, 0xc8, 0x02),
    SAMPLE("shrd eax, ecx, cl", O | A, 0x0f, 0xad, 0xc8),
    SAMPLE("shrd eax, ecx, 0", 0, 0x0f, 0xac, 0xc8, 0x00),
    SAMPLE("shld ax, cx, 16", O | A, 0x66, 0x0f, 0xa4, 0xc8, 0x10),
    SAMPLE("shld ax, cx, 17", ALL, 0x66, 0x0f, 0xa4, 0xc8, 0x11),
    SAMPLE("bt eax, 3", O | S | A | P, 0x0f, 0xba, 0xe0, 0x03),
    SAMPLE("bts eax, ecx", O | S | A | P, 0x0f, 0xab, 0xc8),
    SAMPLE("bsf eax, ecx", O | S | A | P | C, 0x0f, 0xbc, 0xc1),
    SAMPLE("bsr eax, edx", O | S | A | P | C, 0x0f, 0xbd, 0xc2),
    /* what is undefined stays so until something defines it */
    SAMPLE("div ecx; mov eax, ecx", ALL, 0xf7, 0xf1, 0x89, 0xc8),
    SAMPLE("div ecx; cmp eax, ecx", 0, 0xf7, 0xf1, 0x39, 0xc8),
    SAMPLE("div ecx; inc eax", C, 0xf7, 0xf1, 0x40),
    SAMPLE("div ecx; clc", ALL & ~C, 0xf7, 0xf1, 0xf8),
    SAMPLE("div ecx; sahf", O, 0xf7, 0xf1, 0x9e),
    SAMPLE("div ecx; push 0; popf", 0, 0xf7, 0xf1, 0x6a, 0x00, 0x9d),
    SAMPLE("div ecx; rol eax, 1", S | Z | A | P, 0xf7, 0xf1, 0xd1, 0xc0),
    SAMPLE("div ecx; rol eax, 2", ALL & ~C, 0xf7, 0xf1, 0xc1, 0xc0, 0x02),
    SAMPLE("div ecx; shl eax, 0", ALL, 0xf7, 0xf1, 0xc1, 0xe0, 0x00),
    SAMPLE("div ecx; and eax, ecx", A, 0xf7, 0xf1, 0x21, 0xc8),
    SAMPLE("div ecx; rcl eax, 32", ALL, 0xf7, 0xf1, 0xc1, 0xd0, 0x20),
    SAMPLE("div ecx; mov ecx, 0; repe cmpsb", ALL, 0xf7, 0xf1, 0xb9, 0, 0, 0, 0, 0xf3, 0xa6),
    SAMPLE("div ecx; mov esi, esp; cmpsb", 0, 0xf7, 0xf1, 0x89, 0xe6, 0x89, 0xe7, 0xa6),
    SAMPLE("div ecx; mov edi, esp; repne scasb", 0, 0xf7, 0xf1, 0x89, 0xe7, 0xf2, 0xae),
};

/* Instructions, and the flags that they read. Branches go to the next instruction either way. */
static const struct sample readers[] = {
    SAMPLE("jo", O, 0x70, 0x00),
    SAMPLE("jnc", C, 0x73, 0x00),
    SAMPLE("jz", Z, 0x74, 0x00),
    SAMPLE("ja", Z | C, 0x77, 0x00),
    SAMPLE("js", S, 0x78, 0x00),
    SAMPLE("jnp", P, 0x7b, 0x00),
    SAMPLE("jl", S | O, 0x7c, 0x00),
    SAMPLE("jg", S | O | Z, 0x7f, 0x00),
    SAMPLE("jz near", Z, 0x0f, 0x84, 0, 0, 0, 0),
    SAMPLE("seto al", O, 0x0f, 0x90, 0xc0),
    SAMPLE("setbe al", Z | C, 0x0f, 0x96, 0xc0),
    SAMPLE("setle al", S | O | Z, 0x0f, 0x9e, 0xc0),
    SAMPLE("cmovc eax, ecx", C, 0x0f, 0x42, 0xc1),
    SAMPLE("cmovns eax, ecx", S, 0x0f, 0x49, 0xc1),
    SAMPLE("cmovpe eax, ecx", P, 0x0f, 0x4a, 0xc1),
    SAMPLE("pushf", ALL, 0x9c),
    SAMPLE("lahf", S | Z | A | P | C, 0x9f),
    SAMPLE("adc eax, ecx", C, 0x11, 0xc8),
    SAMPLE("sbb eax, eax", C, 0x19, 0xc0),
    SAMPLE("cmc", C, 0xf5),
    SAMPLE("rcl eax, 1", C, 0xd1, 0xd0),
    SAMPLE("rcr eax, 3", C, 0xc1, 0xd8, 0x03),
    SAMPLE("rcl eax, 0", 0, 0xc1, 0xd0, 0x00),
    SAMPLE("daa", A | C, 0x27),
    SAMPLE("das", A | C, 0x2f),
    SAMPLE("aaa", A, 0x37),
    SAMPLE("aas", A, 0x3f),
    SAMPLE("into", O, 0xce),
    SAMPLE("fcmovb st1", C, 0xda, 0xc1),
    SAMPLE("fcmove st1", Z, 0xda, 0xc9),
    SAMPLE("fcmovnbe st1", Z | C, 0xdb, 0xd1),
    SAMPLE("fcmovu st1", P, 0xda, 0xd9),
    SAMPLE("loope", Z, 0xe1, 0x00),
    SAMPLE("loopne", Z, 0xe0, 0x00),
    SAMPLE("loop", 0, 0xe2, 0x00),
    SAMPLE("jecxz", 0, 0xe3, 0x00),
    SAMPLE("jmp", 0, 0xeb, 0x00),
    SAMPLE("inc eax", 0, 0x40),
    SAMPLE("add eax, ecx", 0, 0x01, 0xc8),
    SAMPLE("shl eax, 2", 0, 0xc1, 0xe0, 0x02),
    SAMPLE("bt eax, 3", 0, 0x0f, 0xba, 0xe0, 0x03),
    SAMPLE("popf", 0, 0x9d),
    SAMPLE("cld", 0, 0xfc),
    SAMPLE("mov eax, ecx", 0, 0x89, 0xc8),
    SAMPLE("fcom", 0, 0xd8, 0xd1),
};

/* mov eax, 7; mov ecx, 5; xor edx, edx; cmp eax, ecx */
static const uint8_t prologue[] = {0xb8, 7, 0, 0, 0, 0xb9, 5, 0, 0, 0, 0x31, 0xd2, 0x39, 0xc8};
/* mov eax, 1; xor ebx, ebx; int 80h */
static const uint8_t epilogue[] = {0xb8, 1, 0, 0, 0, 0x31, 0xdb, 0xcd, 0x80};

struct code {
    uint8_t bytes[CODE_MAX_NBYTES];
    uint32_t nbytes;
};

static void append(struct code *code, const void *bytes, size_t nbytes)
{
    memcpy(code->bytes + code->nbytes, bytes, nbytes);
    code->nbytes += (uint32_t)nbytes;
}

static struct vx32_instance *guest_of(const struct code *code, enum vx32_engine engine)
{
    static struct elf_builder elf;
    const struct vx32_options options = {.struct_nbytes = sizeof options, .engine = engine};
    struct vx32_image *image = NULL;
    struct vx32_instance *guest = NULL;

    elf_program(&elf, code->bytes, code->nbytes);
    CHECK(vx32_image_parse(elf.file, elf_finish(&elf), &image, NULL) == VX32_OK);
    CHECK(vx32_instance_new(image, &options, &guest) == VX32_OK);
    vx32_image_free(image);
    return guest;
}

/* Runs to the end; tells the number of instructions if `count` is not NULL. */
static struct vx32_exit run_counted(const struct code *code, enum vx32_engine engine,
                                    uint64_t *count)
{
    struct vx32_instance *guest = guest_of(code, engine);
    struct vx32_statistics statistics;
    struct vx32_exit exit;

    vx32_run(guest, &exit);
    vx32_statistics_get(guest, &statistics);
    if (count != NULL)
        *count = statistics.instruction_count;
    vx32_instance_free(guest);
    return exit;
}

static struct vx32_exit run(const struct code *code, enum vx32_engine engine)
{
    return run_counted(code, engine, NULL);
}

static bool traps_at(const struct vx32_exit *exit, vx32_addr eip)
{
    return exit->reason == VX32_EXIT_TRAP && exit->trap == VX32_TRAP_UNDEFINED_FLAG &&
           exit->eip == eip;
}

static void check_pair(const struct sample *leaver, const struct sample *reader)
{
    struct code code = {.nbytes = 0};
    struct vx32_exit exit;
    vx32_addr eip;
    bool expected = (leaver->flags & reader->flags) != 0, good;

    append(&code, prologue, sizeof prologue);
    append(&code, leaver->code, leaver->nbytes);
    eip = ELF_CODE_ADDR + code.nbytes;
    append(&code, reader->code, reader->nbytes);
    append(&code, epilogue, sizeof epilogue);
    exit = run(&code, VX32_ENGINE_STRICT);
    good = expected ? traps_at(&exit, eip)
                    : exit.reason != VX32_EXIT_TRAP || exit.trap == VX32_TRAP_OVERFLOW;
    if (!good)
        printf("%s; %s: reason %d, trap %d at %x\n", leaver->name, reader->name, (int)exit.reason,
               (int)exit.trap, (unsigned)exit.eip);
    CHECK(good);
    exit = run(&code, VX32_ENGINE_INTERPRET);
    CHECK(exit.reason != VX32_EXIT_TRAP || exit.trap == VX32_TRAP_OVERFLOW);
}

static void every_reader_stops_behind_what_leaves_its_flag_undefined_and_nowhere_else(void)
{
    for (size_t i = 0; i < sizeof leavers / sizeof leavers[0]; i++) {
        for (size_t n = 0; n < sizeof readers / sizeof readers[0]; n++)
            check_pair(&leavers[i], &readers[n]);
    }
}

/* div ecx behind the prologue, and what follows it */
static struct code after_division(const void *bytes, size_t nbytes)
{
    static const uint8_t division[] = {0xf7, 0xf1};
    struct code code = {.nbytes = 0};

    append(&code, prologue, sizeof prologue);
    append(&code, division, sizeof division);
    append(&code, bytes, nbytes);
    append(&code, epilogue, sizeof epilogue);
    return code;
}

enum { AFTER_DIVISION_ADDR = ELF_CODE_ADDR + sizeof prologue + 2 };

static void a_read_costs_nothing_and_changes_nothing(void)
{
    static const uint8_t pushf[] = {0x9c};
    struct code code = after_division(pushf, sizeof pushf);
    struct vx32_instance *guest = guest_of(&code, VX32_ENGINE_STRICT);
    struct vx32_registers before, after;
    struct vx32_statistics statistics;
    struct vx32_exit exit;

    vx32_registers_get(guest, &before);
    vx32_fuel_set(guest, 6);
    vx32_run(guest, &exit);
    vx32_registers_get(guest, &after);
    vx32_statistics_get(guest, &statistics);
    CHECK(traps_at(&exit, AFTER_DIVISION_ADDR));
    CHECK_EQ_U64(after.general[VX32_ESP], before.general[VX32_ESP]);
    CHECK_EQ_U64(after.eip, AFTER_DIVISION_ADDR);
    CHECK_EQ_U64(statistics.instruction_count, 5);
    CHECK_EQ_U64(vx32_fuel_left(guest), 1);
    vx32_instance_free(guest);
}

static void what_is_undefined_outlasts_the_end_of_the_fuel(void)
{
    static const uint8_t jc[] = {0x90, 0x72, 0x00};
    struct code code = after_division(jc, sizeof jc);
    struct vx32_instance *guest = guest_of(&code, VX32_ENGINE_STRICT);
    struct vx32_exit exit;

    do {
        vx32_fuel_set(guest, 1);
        vx32_run(guest, &exit);
    } while (exit.reason == VX32_EXIT_OUT_OF_FUEL);
    CHECK(traps_at(&exit, AFTER_DIVISION_ADDR + 1));
    vx32_instance_free(guest);
}

static void a_system_call_leaves_what_is_undefined(void)
{
    /* mov eax, 20 (unknown in this profile); int 80h; jc */
    static const uint8_t call_jc[] = {0xb8, 20, 0, 0, 0, 0xcd, 0x80, 0x72, 0x00};
    struct code code = after_division(call_jc, sizeof call_jc);
    struct vx32_exit exit = run(&code, VX32_ENGINE_STRICT);

    CHECK(traps_at(&exit, AFTER_DIVISION_ADDR + 7));
}

static void registers_that_the_host_sets_are_defined(void)
{
    static const uint8_t jc[] = {0x72, 0x00};
    struct code code = after_division(jc, sizeof jc);
    struct vx32_instance *guest = guest_of(&code, VX32_ENGINE_STRICT);
    struct vx32_registers registers;
    struct vx32_exit exit;

    vx32_fuel_set(guest, 5);
    vx32_run(guest, &exit);
    CHECK(exit.reason == VX32_EXIT_OUT_OF_FUEL && exit.eip == AFTER_DIVISION_ADDR);
    vx32_registers_get(guest, &registers);
    vx32_registers_set(guest, &registers);
    vx32_fuel_set(guest, VX32_FUEL_UNLIMITED);
    vx32_run(guest, &exit);
    CHECK(exit.reason == VX32_EXIT_EXITED);
    vx32_instance_free(guest);
}

static void after_a_reset_all_flags_are_defined(void)
{
    /* jc to the next instruction; then div ecx, of one, leaves all undefined; exit */
    static const uint8_t bytes[] = {0x72, 0x00, 0x41, 0xf7, 0xf1};
    struct code code = {.nbytes = 0};
    struct vx32_instance *guest;
    struct vx32_exit exit;

    append(&code, bytes, sizeof bytes);
    append(&code, epilogue, sizeof epilogue);
    guest = guest_of(&code, VX32_ENGINE_STRICT);
    for (int round = 0; round < 3; round++) {
        vx32_run(guest, &exit);
        CHECK(exit.reason == VX32_EXIT_EXITED);
        CHECK(vx32_reset(guest) == VX32_OK);
    }
    vx32_instance_free(guest);
}

static void what_cannot_be_executed_traps_as_elsewhere(void)
{
    static const struct {
        uint8_t nbytes, code[2];
        enum vx32_trap trap;
    } cases[] = {
        {2, {0x0f, 0x0b}, VX32_TRAP_INVALID_OPCODE}, {2, {0x0f, 0xff}, VX32_TRAP_INVALID_OPCODE},
        {1, {0xf4}, VX32_TRAP_GENERAL_PROTECTION},   {1, {0xcc}, VX32_TRAP_BREAKPOINT},
        {2, {0xff, 0xe0}, VX32_TRAP_PAGE_FAULT}, /* jmp eax: nothing is mapped there */
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct code code = after_division(cases[i].code, cases[i].nbytes);
        uint64_t count, reference_count;
        struct vx32_exit exit = run_counted(&code, VX32_ENGINE_STRICT, &count);
        struct vx32_exit reference = run_counted(&code, VX32_ENGINE_INTERPRET, &reference_count);

        CHECK(exit.reason == VX32_EXIT_TRAP && exit.trap == cases[i].trap);
        CHECK_EQ_U64(exit.eip, reference.eip);
        CHECK_EQ_U64(exit.fault_addr, reference.fault_addr);
        CHECK_EQ_U64(count, reference_count);
    }
}

/* mov ecx, 1000; again: dec ecx; jnz again; mov ecx, 100; mov edi, esp; repne scasb */
static void loops_and_repetitions_cost_what_they_cost_elsewhere(void)
{
    static const uint8_t bytes[] = {0xb9, 0xe8, 3, 0,   0,    0x49, 0x75, 0xfd, 0xb9,
                                    100,  0,    0, 0x0, 0x89, 0xe7, 0xf2, 0xae};
    uint64_t count, reference_count;
    struct code code = {.nbytes = 0};

    append(&code, bytes, sizeof bytes);
    append(&code, epilogue, sizeof epilogue);
    CHECK(run_counted(&code, VX32_ENGINE_STRICT, &count).reason == VX32_EXIT_EXITED);
    CHECK(run_counted(&code, VX32_ENGINE_INTERPRET, &reference_count).reason == VX32_EXIT_EXITED);
    CHECK(count > 2000);
    CHECK_EQ_U64(count, reference_count);
}

static void nobody_gets_the_strict_engine_unasked(void)
{
    struct code code = {.nbytes = 0};
    struct vx32_instance *guest;

    append(&code, epilogue, sizeof epilogue);
    guest = guest_of(&code, VX32_ENGINE_AUTO);
    CHECK(vx32_instance_engine(guest) != VX32_ENGINE_STRICT);
    vx32_instance_free(guest);
    guest = guest_of(&code, VX32_ENGINE_STRICT);
    CHECK(vx32_instance_engine(guest) == VX32_ENGINE_STRICT);
    vx32_instance_free(guest);
}

int main(void)
{
    RUN(every_reader_stops_behind_what_leaves_its_flag_undefined_and_nowhere_else);
    RUN(a_read_costs_nothing_and_changes_nothing);
    RUN(what_is_undefined_outlasts_the_end_of_the_fuel);
    RUN(a_system_call_leaves_what_is_undefined);
    RUN(registers_that_the_host_sets_are_defined);
    RUN(after_a_reset_all_flags_are_defined);
    RUN(what_cannot_be_executed_traps_as_elsewhere);
    RUN(loops_and_repetitions_cost_what_they_cost_elsewhere);
    RUN(nobody_gets_the_strict_engine_unasked);
    return test_report();
}

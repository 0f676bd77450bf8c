/* SPDX-License-Identifier: MIT */
/* Decoders in the sandbox: streams go through, and each way to end is told by its kind and words.
 */
#include "support/elf_builder.h"
#include "support/test.h"

#include "sandbox.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { OUTPUT_NBYTES = 1 << 16 };

/* ---- programs: i386 machine code at ELF_CODE_ADDR ---- */

/* read(0, esp, 4096), write(1, esp, result), until the end; then exit(0). */
static const uint8_t copy[] = {
    0x81, 0xec, 0x00, 0x10, 0x00, 0x00,                               /* sub esp, 4096 */
    0xb8, 3,    0,    0,    0,    0x31, 0xdb, 0x89, 0xe1,             /* mov eax, 3 ... */
    0xba, 0x00, 0x10, 0,    0,    0xcd, 0x80, 0x85, 0xc0, 0x7e, 0x10, /* int 80h; jle end */
    0x89, 0xc2, 0xb8, 4,    0,    0,    0,    0xbb, 1,    0,    0,    0, 0xcd, 0x80, /* write */
    0xeb, 0xdc,                                                                      /* jmp */
    0xb8, 1,    0,    0,    0,    0x31, 0xdb, 0xcd, 0x80,                            /* exit(0) */
};

/* mov eax, [10h] */
static const uint8_t fault[] = {0x90, 0xa1, 0x10, 0, 0, 0};
static const uint8_t undefined[] = {0x0f, 0x0b};
static const uint8_t forever[] = {0xeb, 0xfe};
/* mov ecx, 30000000; loop; exit(0) */
static const uint8_t long_loop[] = {0xb9, 0x80, 0xc3, 0xc9, 0x01, 0xe2, 0xfe, 0xb8,
                                    1,    0,    0,    0,    0x31, 0xdb, 0xcd, 0x80};
/* Ten no-operations, then exit(0): 13 instructions with the call. */
static const uint8_t thirteen[] = {0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90,
                                   0xb8, 1,    0,    0,    0,    0x31, 0xdb, 0xcd, 0x80};

/* Writes the word at the address on top of the stack plus 4, then adds 1 to it, then exit(0): what
 * a run leaves behind would show in the next. */
static const uint8_t counter[] = {
    0x81, 0xec, 0x00, 0x10, 0, 0,                         /* sub esp, 4096 */
    0x83, 0x04, 0x24, 0x41,                               /* add dword [esp], 'A' */
    0xb8, 4,    0,    0,    0, 0xbb, 1,    0,    0,    0, /* write(1, */
    0x89, 0xe1, 0xba, 1,    0, 0,    0,    0xcd, 0x80,    /* esp, 1) */
    0xb8, 1,    0,    0,    0, 0x31, 0xdb, 0xcd, 0x80,    /* exit(0) */
};

/* write(1, argv[1], 5); exit(0) */
static const uint8_t argument[] = {
    0x8b, 0x4c, 0x24, 0x08, 0xb8, 4,    0,    0, 0, 0xbb, 1, 0,    0,    0,    0xba,
    5,    0,    0,    0,    0xcd, 0x80, 0xb8, 1, 0, 0,    0, 0x31, 0xdb, 0xcd, 0x80,
};

/* write(2, text, length) for each line of the message, then exit(status). */
static size_t make_failing(uint8_t *code, const char *const *texts, size_t count, uint8_t status)
{
    static const uint8_t exiting[] = {0xb8, 1, 0, 0, 0, 0xbb, 0, 0, 0, 0, 0xcd, 0x80};
    size_t used = 0, text_off = 24 * count + sizeof exiting;

    for (size_t i = 0; i < count; i++) {
        uint32_t values[4] = {4, 2, ELF_CODE_ADDR + (uint32_t)text_off, (uint32_t)strlen(texts[i])};
        static const uint8_t registers[4] = {0xb8, 0xbb, 0xb9, 0xba};

        for (size_t k = 0; k < 4; k++) {
            code[used++] = registers[k];
            for (unsigned shift = 0; shift < 32; shift += 8)
                code[used++] = (uint8_t)(values[k] >> shift);
        }
        memcpy(code + used, "\xcd\x80\x90\x90", 4);
        used += 4;
        memcpy(code + text_off, texts[i], strlen(texts[i]));
        text_off += strlen(texts[i]);
    }
    memcpy(code + used, exiting, sizeof exiting);
    code[used + 6] = status;
    return text_off;
}

/* ---- running ---- */

/* What goes in and what came out. */
struct streams {
    const char *input;
    size_t input_nbytes, piece_nbytes;
    char output[OUTPUT_NBYTES];
    size_t output_nbytes;
    bool source_fails, sink_fails;
    struct vxa_sandbox *to_interrupt;
};

static ptrdiff_t give(void *context, void *buffer, size_t nbytes)
{
    struct streams *s = context;

    if (s->source_fails)
        return -1;
    if (s->to_interrupt)
        vxa_sandbox_interrupt(s->to_interrupt);
    if (s->piece_nbytes && nbytes > s->piece_nbytes)
        nbytes = s->piece_nbytes;
    if (nbytes > s->input_nbytes)
        nbytes = s->input_nbytes;
    if (nbytes > 0)
        memcpy(buffer, s->input, nbytes);
    s->input += nbytes;
    s->input_nbytes -= nbytes;
    return (ptrdiff_t)nbytes;
}

static bool take(void *context, const void *buffer, size_t nbytes)
{
    struct streams *s = context;

    if (s->sink_fails || nbytes > OUTPUT_NBYTES - s->output_nbytes)
        return false;
    memcpy(s->output + s->output_nbytes, buffer, nbytes);
    s->output_nbytes += nbytes;
    return true;
}

static struct vxa_sandbox *open_program(const void *code, size_t nbytes,
                                        const struct vxa_sandbox_limits *limits,
                                        struct vxa_failure *failure)
{
    static const char *const arguments[] = {"first", "second"};
    struct elf_builder *elf = malloc(sizeof *elf);
    struct vxa_sandbox *sandbox = NULL;
    size_t elf_nbytes;

    if (!elf)
        abort();
    elf_program(elf, code, (uint32_t)nbytes);
    elf_nbytes = elf_finish(elf);
    (void)vxa_sandbox_open(elf->file, elf_nbytes, "test", arguments, 2, VXA_ENGINE_AUTO, limits,
                           &sandbox, failure);
    free(elf);
    return sandbox;
}

static bool run(struct vxa_sandbox *sandbox, struct streams *streams, struct vxa_failure *failure)
{
    return vxa_sandbox_run(sandbox, (struct vxa_source){give, streams},
                           (struct vxa_sink){take, streams}, failure);
}

/* The outcome of one run of a program of its own; kind NONE when it was good. */
static struct vxa_failure outcome(const void *code, size_t nbytes, struct streams *streams,
                                  const struct vxa_sandbox_limits *limits)
{
    struct vxa_failure failure = {.kind = VXA_FAILURE_NONE};
    struct vxa_sandbox *sandbox = open_program(code, nbytes, limits, &failure);

    if (sandbox && run(sandbox, streams, &failure))
        failure.kind = VXA_FAILURE_NONE;
    vxa_sandbox_close(sandbox);
    return failure;
}

static bool told(const struct vxa_failure *failure, enum vxa_failure_kind kind, const char *words)
{
    bool ok = failure->kind == kind && strstr(failure->text, words);

    if (!ok)
        fprintf(stderr, "  kind %d: %s\n", (int)failure->kind, failure->text);
    return ok;
}

/* ---- the tests ---- */

static void what_goes_in_comes_out_in_pieces_of_any_size(void)
{
    static const size_t pieces[] = {0, 1, 7, 4095, 4096, 4097};
    char *input = malloc(20000);

    if (!input)
        abort();
    for (size_t i = 0; i < 20000; i++)
        input[i] = (char)(i * 7 % 251);
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        struct streams s = {.input = input, .input_nbytes = 20000, .piece_nbytes = pieces[i]};

        CHECK(outcome(copy, sizeof copy, &s, NULL).kind == VXA_FAILURE_NONE);
        CHECK(s.output_nbytes == 20000 && memcmp(s.output, input, 20000) == 0);
    }
    free(input);
}

static void an_empty_stream_is_a_stream(void)
{
    struct streams s = {.input = ""};

    CHECK(outcome(copy, sizeof copy, &s, NULL).kind == VXA_FAILURE_NONE);
    CHECK_EQ_U64(s.output_nbytes, 0);
}

static void arguments_reach_the_decoder(void)
{
    struct streams s = {.input = ""};

    CHECK(outcome(argument, sizeof argument, &s, NULL).kind == VXA_FAILURE_NONE);
    CHECK(s.output_nbytes == 5 && memcmp(s.output, "first", 5) == 0);
}

static void nothing_passes_from_one_run_to_the_next(void)
{
    struct vxa_failure failure = {.kind = VXA_FAILURE_NONE};
    struct vxa_sandbox *sandbox = open_program(counter, sizeof counter, NULL, &failure);
    struct streams s = {.input = ""};

    for (int i = 0; i < 3; i++)
        CHECK(run(sandbox, &s, &failure));
    CHECK(s.output_nbytes == 3 && memcmp(s.output, "AAA", 3) == 0);
    vxa_sandbox_close(sandbox);
}

static void a_failing_decoder_is_quoted(void)
{
    static const char *const texts[] = {"\n", "bad bl", "ock\x1b[1m", " type\nmore", "\nand more"};
    static const char *const silent[] = {""};
    uint8_t code[512];
    struct streams s = {.input = ""};
    struct vxa_failure failure;

    failure = outcome(code, make_failing(code, texts, 5, 1), &s, NULL);
    CHECK(told(&failure, VXA_FAILURE_DATA, "status 1"));
    CHECK(told(&failure, VXA_FAILURE_DATA, ": bad block?[1m type"));
    CHECK(!strstr(failure.text, "more"));
    failure = outcome(code, make_failing(code, silent, 1, 255), &s, NULL);
    CHECK(told(&failure, VXA_FAILURE_DATA, "status 255"));
    CHECK_EQ_U64(s.output_nbytes, 0);
}

static void each_run_is_quoted_for_itself(void)
{
    static const char *const texts[] = {"once\n"};
    uint8_t code[512];
    size_t nbytes = make_failing(code, texts, 1, 1);
    struct vxa_failure failure = {.kind = VXA_FAILURE_NONE};
    struct vxa_sandbox *sandbox = open_program(code, nbytes, NULL, &failure);
    struct streams s = {.input = ""};

    for (int i = 0; i < 2; i++) {
        CHECK(!run(sandbox, &s, &failure));
        CHECK(told(&failure, VXA_FAILURE_DATA, ": once"));
        CHECK(!strstr(failure.text, "onceonce"));
    }
    vxa_sandbox_close(sandbox);
}

static void a_long_message_is_cut_off(void)
{
    char text[300];
    const char *const texts[] = {text};
    uint8_t code[512];
    struct streams s = {.input = ""};
    struct vxa_failure failure;

    memset(text, 'm', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    failure = outcome(code, make_failing(code, texts, 1, 1), &s, NULL);
    CHECK(told(&failure, VXA_FAILURE_DATA, "mmm"));
    CHECK_EQ_U64(strlen(strstr(failure.text, "mmm")), 200);
}

static void messages_of_a_good_run_are_no_failure(void)
{
    static const char *const texts[] = {"by the way\n"};
    uint8_t code[512];
    struct streams s = {.input = ""};

    CHECK(outcome(code, make_failing(code, texts, 1, 0), &s, NULL).kind == VXA_FAILURE_NONE);
    CHECK_EQ_U64(s.output_nbytes, 0);
}

static void lack_of_memory_is_a_limit(void)
{
    static const char *const texts[] = {"out of memory\n"};
    uint8_t code[512];
    struct streams s = {.input = ""};
    struct vxa_failure failure = outcome(code, make_failing(code, texts, 1, 3), &s, NULL);

    CHECK(told(&failure, VXA_FAILURE_LIMIT, "1024 MiB of memory"));
    failure = outcome(copy, sizeof copy, &s, &(struct vxa_sandbox_limits){.memory_nbytes = 1});
    CHECK(told(&failure, VXA_FAILURE_LIMIT, "memory limit"));
}

static void any_memory_limit_is_made_to_fit(void)
{
    static const uint64_t limits[] = {(16 << 20) + 1, UINT64_C(0xffff0001), UINT64_MAX};

    for (size_t i = 0; i < 3; i++) {
        struct streams s = {.input = "x", .input_nbytes = 1};
        struct vxa_failure failure = outcome(
            copy, sizeof copy, &s, &(struct vxa_sandbox_limits){.memory_nbytes = limits[i]});

        CHECK(failure.kind == VXA_FAILURE_NONE && s.output_nbytes == 1);
    }
}

static void traps_are_told_with_place_and_instruction(void)
{
    struct streams s = {.input = ""};
    struct vxa_failure failure = outcome(fault, sizeof fault, &s, NULL);

    CHECK(told(&failure, VXA_FAILURE_DECODER,
               "its decoder trapped: #PF page fault at eip 0x00010001, `mov eax, "));
    CHECK(told(&failure, VXA_FAILURE_DECODER, "`, reading address 0x00000010"));
    failure = outcome(undefined, sizeof undefined, &s, NULL);
    CHECK(told(&failure, VXA_FAILURE_DECODER, "#UD invalid opcode at eip 0x00010000, `ud2`"));
}

static void fuel_is_exact_with_and_without_a_time_limit(void)
{
    struct streams s = {.input = ""};

    for (uint64_t seconds = 0; seconds < 2; seconds++) {
        struct vxa_sandbox_limits limits = {.fuel = 13, .cpu_seconds = 100 * seconds};
        struct vxa_failure failure;

        CHECK(outcome(thirteen, sizeof thirteen, &s, &limits).kind == VXA_FAILURE_NONE);
        limits.fuel = 12;
        failure = outcome(thirteen, sizeof thirteen, &s, &limits);
        CHECK(told(&failure, VXA_FAILURE_LIMIT, "more than the 12 instructions"));
    }
}

static void each_run_has_its_whole_budget(void)
{
    struct vxa_failure failure = {.kind = VXA_FAILURE_NONE};
    struct vxa_sandbox *sandbox =
        open_program(thirteen, sizeof thirteen, &(struct vxa_sandbox_limits){.fuel = 13}, &failure);
    struct streams s = {.input = ""};

    CHECK(run(sandbox, &s, &failure));
    CHECK(run(sandbox, &s, &failure));
    vxa_sandbox_close(sandbox);
}

static void the_time_limit_ends_an_endless_decoder(void)
{
    struct streams s = {.input = ""};
    clock_t start = clock();
    struct vxa_failure failure =
        outcome(forever, sizeof forever, &s, &(struct vxa_sandbox_limits){.cpu_seconds = 1});
    double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;

    CHECK(told(&failure, VXA_FAILURE_LIMIT, "1 CPU seconds"));
    CHECK(seconds >= 0.9 && seconds < 10);
}

/* Long enough for several looks at the clock. */
static void a_time_limit_that_is_never_reached_does_no_harm(void)
{
    static const uint64_t limits[] = {1000, UINT64_MAX};

    for (size_t i = 0; i < 2; i++) {
        struct streams s = {.input = ""};
        struct vxa_failure failure =
            outcome(long_loop, sizeof long_loop, &s,
                    &(struct vxa_sandbox_limits){.cpu_seconds = limits[i]});

        CHECK(failure.kind == VXA_FAILURE_NONE);
    }
}

static void a_failing_stream_ends_the_run_without_words(void)
{
    struct streams s = {.input = "x", .input_nbytes = 1, .source_fails = true};
    struct vxa_failure failure = outcome(copy, sizeof copy, &s, NULL);

    CHECK(failure.kind == VXA_FAILURE_IO && failure.text[0] == '\0');
    s.source_fails = false;
    s.sink_fails = true;
    failure = outcome(copy, sizeof copy, &s, NULL);
    CHECK(failure.kind == VXA_FAILURE_IO && failure.text[0] == '\0');
}

static void an_interrupt_ends_the_run_and_the_next_one_is_whole(void)
{
    struct vxa_failure failure = {.kind = VXA_FAILURE_NONE};
    struct vxa_sandbox *sandbox = open_program(copy, sizeof copy, NULL, &failure);
    struct streams s = {
        .input = "xy", .input_nbytes = 2, .piece_nbytes = 1, .to_interrupt = sandbox};

    CHECK(!run(sandbox, &s, &failure));
    CHECK(failure.kind == VXA_FAILURE_INTERRUPTED);
    /* One that comes before the run is not lost. */
    s.to_interrupt = NULL;
    vxa_sandbox_interrupt(sandbox);
    CHECK(!run(sandbox, &s, &failure));
    CHECK(failure.kind == VXA_FAILURE_INTERRUPTED);
    s.output_nbytes = 0;
    CHECK(run(sandbox, &s, &failure));
    CHECK(s.output_nbytes == 1 && s.output[0] == 'y');
    vxa_sandbox_close(sandbox);
}

static void what_is_no_program_is_refused(void)
{
    struct vxa_failure failure = {.kind = VXA_FAILURE_NONE};
    struct vxa_sandbox *sandbox = NULL;

    CHECK(!vxa_sandbox_open("not an ELF file", 15, "x", NULL, 0, VXA_ENGINE_AUTO, NULL, &sandbox,
                            &failure));
    CHECK(told(&failure, VXA_FAILURE_DECODER, "its decoder cannot be used: "));
    CHECK(!vxa_sandbox_open("", 0, "x", NULL, 0, VXA_ENGINE_AUTO, NULL, &sandbox, &failure));
    CHECK(told(&failure, VXA_FAILURE_DECODER, "its decoder cannot be used: "));
}

static void the_interpreter_is_always_there(void)
{
    CHECK(vxa_sandbox_engine_available(VXA_ENGINE_AUTO));
    CHECK(vxa_sandbox_engine_available(VXA_ENGINE_INTERPRET));
}

int main(void)
{
    RUN(what_goes_in_comes_out_in_pieces_of_any_size);
    RUN(an_empty_stream_is_a_stream);
    RUN(arguments_reach_the_decoder);
    RUN(nothing_passes_from_one_run_to_the_next);
    RUN(a_failing_decoder_is_quoted);
    RUN(each_run_is_quoted_for_itself);
    RUN(a_long_message_is_cut_off);
    RUN(messages_of_a_good_run_are_no_failure);
    RUN(lack_of_memory_is_a_limit);
    RUN(any_memory_limit_is_made_to_fit);
    RUN(traps_are_told_with_place_and_instruction);
    RUN(fuel_is_exact_with_and_without_a_time_limit);
    RUN(each_run_has_its_whole_budget);
    RUN(the_time_limit_ends_an_endless_decoder);
    RUN(a_time_limit_that_is_never_reached_does_no_harm);
    RUN(a_failing_stream_ends_the_run_without_words);
    RUN(an_interrupt_ends_the_run_and_the_next_one_is_whole);
    RUN(what_is_no_program_is_refused);
    RUN(the_interpreter_is_always_there);
    return test_report();
}

/* SPDX-License-Identifier: MIT */
/* Decoders in the sandbox: streams go through, and each way to end is told by its kind and words.
 */
#include "support/elf_builder.h"
#include "support/test.h"

#include "guest.h"
#include "interrupt.h"
#include "sandbox.h"
#include "spawner.h"
#include "worker.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

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
/* read(0, esp, 1), then for ever */
static const uint8_t forever_after_input[] = {0xb8, 3, 0, 0, 0, 0x31, 0xdb, 0x89, 0xe1,
                                              0xba, 1, 0, 0, 0, 0xcd, 0x80, 0xeb, 0xfe};
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

/* Who makes the workers of the present round; NULL: decoders run in this process. */
static struct vxa_spawner *spawner;

/* What goes in and what came out. */
struct streams {
    const char *input;
    size_t input_nbytes, piece_nbytes;
    char output[OUTPUT_NBYTES];
    size_t output_nbytes;
    bool source_fails, sink_fails;
    struct vxa_interrupt *interrupt; /* to be raised with the first input */
};

/* As a signal's handler does. */
static void raise_interrupt(struct vxa_interrupt *interrupt)
{
    struct vxa_guest *running = interrupt->running;

    interrupt->raised = 1;
    if (running)
        vxa_guest_interrupt(running);
}

static ptrdiff_t give(void *context, void *buffer, size_t nbytes)
{
    struct streams *s = context;

    if (s->source_fails)
        return -1;
    if (s->interrupt)
        raise_interrupt(s->interrupt);
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
    struct vxa_sandbox_limits here = limits ? *limits : (struct vxa_sandbox_limits){0};
    struct elf_builder *elf = malloc(sizeof *elf);
    struct vxa_sandbox *sandbox = NULL;
    size_t elf_nbytes;

    if (!elf)
        abort();
    elf_program(elf, code, (uint32_t)nbytes);
    elf_nbytes = elf_finish(elf);
    here.spawner = spawner;
    (void)vxa_sandbox_open(elf->file, elf_nbytes, "test", arguments, 2, VXA_ENGINE_AUTO, &here,
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

static double seconds_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Processor time of this process and of its children that have ended. */
static double seconds_used(void)
{
    struct rusage own, ended;

    getrusage(RUSAGE_SELF, &own);
    getrusage(RUSAGE_CHILDREN, &ended);
    return (double)(own.ru_utime.tv_sec + own.ru_stime.tv_sec + ended.ru_utime.tv_sec +
                    ended.ru_stime.tv_sec) +
           (double)(own.ru_utime.tv_usec + own.ru_stime.tv_usec + ended.ru_utime.tv_usec +
                    ended.ru_stime.tv_usec) /
               1e6;
}

/* The limit is passed by less than 1 %, or 10 ms, and what making the sandbox takes. */
static void the_time_limit_ends_an_endless_decoder(void)
{
    struct streams s = {.input = ""};
    double start = seconds_used();
    struct vxa_failure failure =
        outcome(forever, sizeof forever, &s, &(struct vxa_sandbox_limits){.cpu_seconds = 1});
    double seconds = seconds_used() - start;

    CHECK(told(&failure, VXA_FAILURE_LIMIT, "1 CPU seconds"));
    CHECK(seconds >= 0.99 && seconds < 1.03);
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

static void an_interrupt_ends_the_run(void)
{
    struct vxa_failure failure = {.kind = VXA_FAILURE_NONE};
    struct vxa_interrupt interrupt = {0};
    struct vxa_sandbox *sandbox =
        open_program(forever_after_input, sizeof forever_after_input,
                     &(struct vxa_sandbox_limits){.interrupt = &interrupt}, &failure);
    struct streams s = {.input = "xy", .input_nbytes = 2, .interrupt = &interrupt};

    CHECK(!run(sandbox, &s, &failure));
    CHECK(failure.kind == VXA_FAILURE_INTERRUPTED);
    vxa_sandbox_close(sandbox);
}

static bool swallow(void *context, const void *buffer, size_t nbytes)
{
    (void)context;
    (void)buffer;
    (void)nbytes;
    return true;
}

/* A process that nobody has waited for yet is over, too. */
static bool is_running(pid_t pid)
{
    char path[64], text[256] = "";

    (void)snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "re");

    if (!file)
        return false;
    (void)!fgets(text, sizeof text, file);
    (void)fclose(file);
    const char *state = strrchr(text, ')');

    return state && state[2] != 'Z' && state[2] != 'X';
}

/* ---- workers that end as they should not ---- */

/* Finds the only child that is a worker: the last one. */
static pid_t find_worker(void)
{
    char path[64], line[4096] = "";
    pid_t pid = 0;

    (void)snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
    FILE *file = fopen(path, "re");

    if (!file)
        abort();
    (void)!fgets(line, sizeof line, file);
    for (char *at = strtok(line, " "); at; at = strtok(NULL, " "))
        pid = (pid_t)atoi(at);
    (void)fclose(file);
    return pid;
}

/* Sends the worker a signal when it asks for more than its first input. */
static ptrdiff_t give_and_signal(void *context, void *buffer, size_t nbytes)
{
    int *number = context;

    memset(buffer, 'x', nbytes);
    if (*number)
        (void)kill(find_worker(), *number);
    *number = 0;
    return (ptrdiff_t)nbytes;
}

static void signal_in_run(int number, const char *words)
{
    struct vxa_failure failure = {.kind = VXA_FAILURE_NONE};
    struct vxa_sandbox *sandbox = open_program(copy, sizeof copy, NULL, &failure);
    struct streams *s = calloc(1, sizeof *s);
    double start = seconds_now();

    if (!s || !spawner)
        abort();
    CHECK(!vxa_sandbox_run(sandbox, (struct vxa_source){give_and_signal, &number},
                           (struct vxa_sink){swallow, NULL}, &failure));
    CHECK(told(&failure, VXA_FAILURE_DECODER, words));
    CHECK(seconds_now() - start < 20);
    CHECK(!vxa_sandbox_is_alive(sandbox));
    CHECK(!run(sandbox, s, &failure));
    CHECK(told(&failure, VXA_FAILURE_DECODER, "process is gone"));
    vxa_sandbox_close(sandbox);
    free(s);
}

static void a_worker_that_is_killed_is_told_with_its_signal(void)
{
    signal_in_run(SIGKILL, "its decoder's process was ended by signal 9 (Killed)");
}

static void a_worker_that_does_not_go_on_is_ended(void)
{
    signal_in_run(SIGSTOP, "its decoder's process does not go on");
}

static void a_worker_that_breaks_a_rule_is_told_so(void)
{
    signal_in_run(SIGSYS, "asked for what it may not have");
}

/* Whoever is killed takes its workers with him, even such as never look up. */
static void workers_end_with_the_process_that_they_serve(void)
{
    int ends[2];
    pid_t worker = 0;

    CHECK(pipe(ends) == 0);
    pid_t child = fork();

    if (child == 0) {
        struct vxa_failure failure;
        struct streams s = {.input = ""};

        spawner = vxa_spawner_new(vxa_work, 4, &failure);
        struct vxa_sandbox *sandbox = open_program(forever, sizeof forever, NULL, &failure);

        worker = find_worker();
        (void)!write(ends[1], &worker, sizeof worker);
        (void)run(sandbox, &s, &failure);
        _exit(0);
    }
    CHECK(read(ends[0], &worker, sizeof worker) == sizeof worker && worker > 0);
    usleep(100000);
    CHECK(kill(worker, 0) == 0);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    for (int i = 0; i < 100 && is_running(worker); i++)
        usleep(10000);
    CHECK(!is_running(worker));
    close(ends[0]);
    close(ends[1]);
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

static void run_all(void)
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
    RUN(an_interrupt_ends_the_run);
    RUN(what_is_no_program_is_refused);
    RUN(the_interpreter_is_always_there);
}

int main(void)
{
    struct vxa_failure failure;

    puts("in a worker:");
    spawner = vxa_spawner_new(vxa_work, 4, &failure);
    CHECK(spawner != NULL);
    run_all();
    RUN(a_worker_that_is_killed_is_told_with_its_signal);
    RUN(a_worker_that_does_not_go_on_is_ended);
    RUN(a_worker_that_breaks_a_rule_is_told_so);
    RUN(workers_end_with_the_process_that_they_serve);
    vxa_spawner_free(spawner);
    spawner = NULL;
    puts("in this process:");
    run_all();
    return test_report();
}

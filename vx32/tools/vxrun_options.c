/* SPDX-License-Identifier: MIT */
/* Knows the options of vxrun: their names, values and help. */
#include "vxrun_options.h"
#include "describe.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum option_id {
    OPTION_ENGINE,
    OPTION_TRAP_UNWRITTEN,
    OPTION_PROFILE,
    OPTION_MEMORY,
    OPTION_FUEL,
    OPTION_TIME,
    OPTION_STATISTICS,
    OPTION_TRACE,
    OPTION_DESCRIBE,
    OPTION_HELP,
    OPTION_VERSION,
};

static const struct vxa_option options_of_vxrun[] = {
    {OPTION_ENGINE, 0, "engine", VXA_ARGUMENT_REQUIRED, "ENGINE",
     "auto, interpret, translate, dedicated or embedded (two ways to translate), or strict: "
     "interpret, and stop where the program reads what is undefined; default auto"},
    {OPTION_TRAP_UNWRITTEN, 0, "trap-unwritten", VXA_ARGUMENT_NONE, NULL,
     "with --engine=strict, also stop where the program reads memory of its stack or heap that it "
     "never wrote to"},
    {OPTION_PROFILE, 0, "profile", VXA_ARGUMENT_REQUIRED, "PROFILE",
     "the system calls that exist: archive, what a decoder in an archive may use, or linux-filter, "
     "more; default archive"},
    {OPTION_MEMORY, 0, "memory", VXA_ARGUMENT_REQUIRED, "SIZE",
     "address space in bytes; K, M and G multiply by powers of 1024; default 1G"},
    {OPTION_FUEL, 0, "fuel", VXA_ARGUMENT_REQUIRED, "N", "stop after N instructions"},
    {OPTION_TIME, 0, "time", VXA_ARGUMENT_REQUIRED, "SECONDS", "stop after so much CPU time"},
    {OPTION_STATISTICS, 0, "stats", VXA_ARGUMENT_NONE, NULL,
     "print instructions, time and memory at the end"},
    {OPTION_TRACE, 0, "trace", VXA_ARGUMENT_NONE, NULL,
     "print each instruction before it is executed"},
    {OPTION_DESCRIBE, 0, "describe", VXA_ARGUMENT_REQUIRED, "FORM",
     "print these options as a completion for bash, zsh or fish, or as a part of the manual "
     "(man-options, man-status)"},
    {OPTION_HELP, 'h', "help", VXA_ARGUMENT_NONE, NULL, "print this help"},
    {OPTION_VERSION, 0, "version", VXA_ARGUMENT_NONE, NULL, "print the version"},
};

static const struct vxa_argument_words words[] = {
    {"ENGINE", "auto interpret translate dedicated embedded strict"},
    {"PROFILE", "archive linux-filter"},
    {"FORM", VXA_DESCRIBE_FORMS},
};

static const struct vxa_option_table table = {
    .program = "vxrun",
    .usage = "[OPTION]... PROGRAM [ARGUMENT]...",
    .summary =
        "Runs a static i386 program as a filter from standard input to standard output, in a "
        "sandbox. Options come before PROGRAM; what follows belongs to the program.",
    .options = options_of_vxrun,
    .option_count = sizeof options_of_vxrun / sizeof *options_of_vxrun,
    .epilogue =
        "Exit status: 0-124 the program's own; 125 vxrun failed (wrong usage, or a file cannot "
        "be read or written); 126 PROGRAM is not an acceptable i386 program, or does not fit into "
        "memory; 128+n the program did wrong, where Linux would send signal n (132 invalid opcode, "
        "133 breakpoint, 135 alignment, 136 arithmetic, 139 memory or protection); 152 the fuel or "
        "the time was spent; 130 interrupted; 141 nobody reads the output.",
    .words = words,
    .words_count = sizeof words / sizeof *words,
    .options_first = true,
};

void vxrun_print_help(FILE *stream)
{
    vxa_options_help(&table, stream);
}

static bool complain(const char *argument, const char *reason)
{
    fprintf(stderr, "vxrun: %s: %s\n", argument, reason);
    return false;
}

/* A decimal number at the start of `text`; `*end` is behind it. */
static bool parse_digits(const char *text, uint64_t *value, const char **end)
{
    char *stop;

    if (*text < '0' || *text > '9')
        return false;
    errno = 0;
    *value = strtoull(text, &stop, 10);
    *end = stop;
    return errno == 0;
}

static bool parse_fuel(const char *text, uint64_t *fuel)
{
    const char *end;

    return parse_digits(text, fuel, &end) && *end == '\0' && *fuel != VX32_FUEL_UNLIMITED;
}

static bool parse_size(const char *text, uint64_t *nbytes)
{
    static const char units[] = "KMG";
    const char *end, *unit;

    if (!parse_digits(text, nbytes, &end))
        return false;
    if (*end == '\0')
        return true;
    unit = strchr(units, *end);
    if (unit == NULL || end[1] != '\0')
        return false;
    for (; unit >= units; unit--) {
        if (*nbytes > UINT64_MAX / 1024)
            return false;
        *nbytes *= 1024;
    }
    return true;
}

static bool parse_seconds(const char *text, double *seconds)
{
    char *end;

    *seconds = strtod(text, &end);
    return end != text && *end == '\0' && isfinite(*seconds) && *seconds > 0;
}

/* ---- one function an option ---- */

static const struct engine_name {
    const char *name;
    enum vx32_engine engine;
} engine_names[] = {
    {"auto", VX32_ENGINE_AUTO},           {"interpret", VX32_ENGINE_INTERPRET},
    {"translate", VX32_ENGINE_TRANSLATE}, {"dedicated", VX32_ENGINE_DEDICATED},
    {"embedded", VX32_ENGINE_EMBEDDED},   {"strict", VX32_ENGINE_STRICT},
};

static bool set_engine(struct vxrun_options *options, const char *value)
{
    for (size_t i = 0; i < sizeof engine_names / sizeof *engine_names; i++) {
        if (strcmp(value, engine_names[i].name) == 0) {
            options->engine = engine_names[i].engine;
            return true;
        }
    }
    return complain(value, "no such engine; vxrun --help lists them");
}

const char *vxrun_engine_name(enum vx32_engine engine)
{
    for (size_t i = 0; i < sizeof engine_names / sizeof *engine_names; i++) {
        if (engine_names[i].engine == engine)
            return engine_names[i].name;
    }
    return "unknown";
}

static bool set_profile(struct vxrun_options *options, const char *value)
{
    if (strcmp(value, "archive") == 0)
        options->profile = VX32_PROFILE_ARCHIVE;
    else if (strcmp(value, "linux-filter") == 0)
        options->profile = VX32_PROFILE_LINUX_FILTER;
    else
        return complain(value, "no such profile; there are archive and linux-filter");
    return true;
}

static bool set_memory(struct vxrun_options *options, const char *value)
{
    const uint64_t most = 0xffff0000;

    if (!parse_size(value, &options->memory_nbytes) || options->memory_nbytes == 0)
        return complain(value, "not a size; write for example 64M");
    if (options->memory_nbytes > most)
        return complain(value, "too much memory; at most 4194240K");
    if (options->memory_nbytes % 4096 != 0)
        return complain(value, "not a multiple of 4K");
    return true;
}

static bool set_fuel(struct vxrun_options *options, const char *value)
{
    return parse_fuel(value, &options->fuel) || complain(value, "not a number of instructions");
}

static bool set_time(struct vxrun_options *options, const char *value)
{
    return parse_seconds(value, &options->cpu_seconds) ||
           complain(value, "not a positive number of seconds");
}

static bool describe(struct vxrun_options *options, const char *form)
{
    options->action = VXRUN_DESCRIBED;
    return vxa_options_describe(&table, form, stdout) ||
           complain(form, "no such form; there are " VXA_DESCRIBE_FORMS);
}

/* ---- the command line ---- */

static bool take_option(void *context, const struct vxa_option *option, const char *value)
{
    struct vxrun_options *options = context;

    switch ((enum option_id)option->id) {
    case OPTION_ENGINE: return set_engine(options, value);
    case OPTION_TRAP_UNWRITTEN: options->trap_unwritten = true; break;
    case OPTION_PROFILE: return set_profile(options, value);
    case OPTION_MEMORY: return set_memory(options, value);
    case OPTION_FUEL: return set_fuel(options, value);
    case OPTION_TIME: return set_time(options, value);
    case OPTION_STATISTICS: options->statistics = true; break;
    case OPTION_TRACE: options->trace = true; break;
    case OPTION_DESCRIBE: return describe(options, value);
    case OPTION_HELP: options->action = VXRUN_HELP; break;
    case OPTION_VERSION: options->action = VXRUN_VERSION; break;
    }
    return true;
}

enum vxrun_action vxrun_parse(int argc, char **argv, struct vxrun_options *options)
{
    const char **operands = calloc((size_t)argc + 1, sizeof *operands);
    size_t operand_count;

    *options = (struct vxrun_options){.fuel = VX32_FUEL_UNLIMITED};
    bool ok = operands ? vxa_options_parse(&table, argc, argv, take_option, options, operands,
                                           &operand_count)
                       : complain("the options", "out of memory");

    free(operands);
    if (ok && options->action == VXRUN_RUN && operand_count == 0)
        ok = complain("no program given", "try vxrun --help");
    if (!ok)
        return VXRUN_USAGE_ERROR;
    options->argc = (int)operand_count; /* nothing else follows the first operand */
    options->argv = argv + argc - options->argc;
    return options->action;
}

/* SPDX-License-Identifier: MIT */
/* Knows the options of vxrun: their names, values and help. */
#include "vxrun_options.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char vxrun_help[] =
    "Usage: vxrun [OPTION...] PROGRAM [ARGUMENT...]\n"
    "Run a static i386 program as a filter from standard input to standard output,\n"
    "in a sandbox. Options come before PROGRAM; what follows belongs to the program.\n"
    "\n"
    "  --engine=NAME     auto, interpret, translate, dedicated or embedded (two ways\n"
    "                    to translate), or strict: interpret, and stop where the\n"
    "                    program reads what is undefined (default: auto)\n"
    "  --trap-unwritten  with --engine=strict, also stop where the program reads\n"
    "                    memory of its stack or heap that it never wrote to\n"
    "  --profile=NAME    the system calls that exist: archive, what a decoder in an\n"
    "                    archive may use, or linux-filter, more (default: archive)\n"
    "  --memory=SIZE     address space in bytes; K, M and G multiply by powers of\n"
    "                    1024 (default: 1G)\n"
    "  --fuel=N          stop after N instructions\n"
    "  --time=SECONDS    stop after so much CPU time\n"
    "  --stats           print instructions, time and memory at the end\n"
    "  --trace           print each instruction before it is executed\n"
    "  --help, --version\n"
    "\n"
    "The exit status is the program's own, or\n"
    "  125    vxrun failed: wrong usage, a file cannot be read or written\n"
    "  126    PROGRAM is not an acceptable i386 program, or does not fit into memory\n"
    "  128+n  the program did wrong, where Linux would send signal n: 132 invalid\n"
    "         opcode, 133 breakpoint, 135 alignment, 136 arithmetic, 139 memory or\n"
    "         protection; 152 the fuel or the time was spent; and, as for every\n"
    "         command, 130 interrupted and 141 nobody reads the output\n";

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

static bool set_statistics(struct vxrun_options *options, const char *value)
{
    (void)value;
    options->statistics = true;
    return true;
}

static bool set_trap_unwritten(struct vxrun_options *options, const char *value)
{
    (void)value;
    options->trap_unwritten = true;
    return true;
}

static bool set_trace(struct vxrun_options *options, const char *value)
{
    (void)value;
    options->trace = true;
    return true;
}

/* ---- the command line ---- */

struct option_row {
    const char *name; /* with "=" if it takes a value */
    bool (*set)(struct vxrun_options *options, const char *value);
};

static const struct option_row option_rows[] = {
    {"--engine=", set_engine}, {"--profile=", set_profile},
    {"--memory=", set_memory}, {"--fuel=", set_fuel},
    {"--time=", set_time},     {"--stats", set_statistics},
    {"--trace", set_trace},    {"--trap-unwritten", set_trap_unwritten},
};

static bool parse_option(struct vxrun_options *options, const char *argument)
{
    for (size_t i = 0; i < sizeof option_rows / sizeof *option_rows; i++) {
        const char *name = option_rows[i].name;
        size_t length = strlen(name);

        if (name[length - 1] == '=' && strncmp(argument, name, length) == 0)
            return option_rows[i].set(options, argument + length);
        if (name[length - 1] == '=' && strncmp(argument, name, length - 1) == 0 &&
            argument[length - 1] == '\0')
            return complain(argument, "needs a value, written behind '='");
        if (strcmp(argument, name) == 0)
            return option_rows[i].set(options, NULL);
    }
    return complain(argument, "unknown option; try vxrun --help");
}

enum vxrun_action vxrun_parse(int argc, char **argv, struct vxrun_options *options)
{
    int next = 1;

    *options = (struct vxrun_options){.fuel = VX32_FUEL_UNLIMITED};
    for (; next < argc && argv[next][0] == '-' && argv[next][1] != '\0'; next++) {
        if (strcmp(argv[next], "--help") == 0)
            return VXRUN_HELP;
        if (strcmp(argv[next], "--version") == 0)
            return VXRUN_VERSION;
        if (strcmp(argv[next], "--") == 0) {
            next++;
            break;
        }
        if (!parse_option(options, argv[next]))
            return VXRUN_USAGE_ERROR;
    }
    if (next >= argc) {
        complain("no program given", "try vxrun --help");
        return VXRUN_USAGE_ERROR;
    }
    options->argc = argc - next;
    options->argv = argv + next;
    return VXRUN_RUN;
}

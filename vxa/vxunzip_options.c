/* SPDX-License-Identifier: MIT */
/* The table of vxunzip's options, what each does to the settings, and the defaults. */
#include "vxunzip_options.h"
#include "describe.h"
#include "keep.h"
#include "message.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum option_id {
    OPTION_LIST,
    OPTION_VERBOSE,
    OPTION_TEST,
    OPTION_PRINT,
    OPTION_FOLDER,
    OPTION_OVERWRITE,
    OPTION_NEVER,
    OPTION_TIMES,
    OPTION_OWNER,
    OPTION_XATTRS,
    OPTION_QUIET,
    OPTION_JUNK,
    OPTION_EXCLUDE,
    OPTION_DECODERS,
    OPTION_DECODE,
    OPTION_NATIVE,
    OPTION_ENGINE,
    OPTION_DECODER_DIR,
    OPTION_JOBS,
    OPTION_CERTIFIED,
    OPTION_ISOLATION,
    OPTION_MAX_TOTAL,
    OPTION_MAX_RATIO,
    OPTION_MAX_MEMBERS,
    OPTION_MEMORY,
    OPTION_TIME,
    OPTION_JSON,
    OPTION_DESCRIBE,
    OPTION_HELP,
    OPTION_VERSION,
};

/* The help states these, too. */
enum { DEFAULT_RATIO = 2000, DEFAULT_SECONDS = 3600 };
#define DEFAULT_TOTAL_NBYTES (UINT64_C(1) << 40)

static const struct vxa_option options[] = {
    {OPTION_LIST, 'l', "list", VXA_ARGUMENT_NONE, NULL, "list the members, decoders included"},
    {OPTION_VERBOSE, 'v', "verbose", VXA_ARGUMENT_NONE, NULL,
     "list with method, sizes, CRC-32, and the first digits of the decoder's SHA-256"},
    {OPTION_TEST, 't', "test", VXA_ARGUMENT_NONE, NULL,
     "decode and check everything, decoders included; write nothing"},
    {OPTION_PRINT, 'p', "pipe", VXA_ARGUMENT_NONE, NULL,
     "write the members' contents to standard output, and nothing else"},
    {OPTION_FOLDER, 'd', "directory", VXA_ARGUMENT_REQUIRED, "DIR",
     "extract into DIR, which is made if it is missing"},
    {OPTION_OVERWRITE, 'o', "overwrite", VXA_ARGUMENT_NONE, NULL,
     "replace files that exist, without asking"},
    {OPTION_NEVER, 'n', "never-overwrite", VXA_ARGUMENT_NONE, NULL,
     "leave files that exist, without asking"},
    {OPTION_JUNK, 'j', "junk-paths", VXA_ARGUMENT_NONE, NULL,
     "put all files into one folder, without those of the archive"},
    {OPTION_TIMES, 0, "times", VXA_ARGUMENT_NONE, NULL,
     "restore the times of last access, too, where the archive has them"},
    {OPTION_OWNER, 'X', "owner", VXA_ARGUMENT_NONE, NULL,
     "restore the numbers of user and group, which mostly takes the superuser"},
    {OPTION_XATTRS, 0, "xattrs", VXA_ARGUMENT_NONE, NULL, "restore extended attributes of users"},
    {OPTION_QUIET, 'q', "quiet", VXA_ARGUMENT_NONE, NULL,
     "no line for each member; -qq: no result of -t either"},
    {OPTION_EXCLUDE, 'x', "exclude", VXA_ARGUMENT_LIST, "PATTERN",
     "leave out members whose name matches"},
    {OPTION_DECODERS, 0, "decoders", VXA_ARGUMENT_NONE, NULL,
     "list the decoders in the archive; with -v, also who uses them"},
    {OPTION_DECODE, 0, "decode", VXA_ARGUMENT_NONE, NULL,
     "of files that were coded before they were archived (such as JPEG), take the decoded form; "
     "its suffix is added to the name"},
    {OPTION_NATIVE, 0, "native", VXA_ARGUMENT_NONE, NULL,
     "decode deflate, bzip2, zstd and xz members by this host's libraries, outside the sandbox; -t "
     "and --engine=all never do"},
    {OPTION_ENGINE, 0, "engine", VXA_ARGUMENT_REQUIRED, "ENGINE",
     "how decoders are run: auto, interpret, translate, or all that this host has, one after the "
     "other, with their results compared"},
    {OPTION_DECODER_DIR, 0, "decoder-dir", VXA_ARGUMENT_REQUIRED, "DIR",
     "look for decoders (CODEC.elf) here, too"},
    {OPTION_CERTIFIED, 0, "certified", VXA_ARGUMENT_NONE, NULL,
     "refuse coded members whose decoding does not cost exactly the instructions and the memory "
     "that "
     "the archive certifies, or that certify nothing"},
    {OPTION_JOBS, 0, "jobs", VXA_ARGUMENT_REQUIRED, "N",
     "decode up to N members at the same time, 64 at most; default as many as there are "
     "processors"},
    {OPTION_ISOLATION, 0, "require-isolation", VXA_ARGUMENT_NONE, NULL,
     "do nothing unless this system can lock up the processes that decoders run in; else what is "
     "missing is told with -v"},
    {OPTION_MAX_TOTAL, 0, "max-total", VXA_ARGUMENT_REQUIRED, "SIZE",
     "refuse members with which the output would be larger; default 1T"},
    {OPTION_MAX_RATIO, 0, "max-ratio", VXA_ARGUMENT_REQUIRED, "N",
     "refuse members with which the output would be more than 1 GiB and more than N times as "
     "large as what is read; default 2000"},
    {OPTION_MAX_MEMBERS, 0, "max-members", VXA_ARGUMENT_REQUIRED, "N",
     "refuse an archive with more members; default 16777216"},
    {OPTION_MEMORY, 0, "memory", VXA_ARGUMENT_REQUIRED, "SIZE", "memory of a decoder; default 1G"},
    {OPTION_TIME, 0, "time", VXA_ARGUMENT_REQUIRED, "SECONDS",
     "processor time of a decoder for one member; default 3600"},
    {OPTION_JSON, 0, "json", VXA_ARGUMENT_NONE, NULL,
     "say as JSON what is listed, tested or extracted, in one document; not with -p"},
    {OPTION_DESCRIBE, 0, "describe", VXA_ARGUMENT_REQUIRED, "FORM",
     "print these options as a completion for bash, zsh or fish, or as a part of the manual "
     "(man-options, man-status)"},
    {OPTION_HELP, 'h', "help", VXA_ARGUMENT_NONE, NULL, "print this help"},
    {OPTION_VERSION, 0, "version", VXA_ARGUMENT_NONE, NULL, "print the version"},
};

static const struct vxa_argument_words words[] = {
    {"ENGINE", "auto interpret translate all"},
    {"FORM", VXA_DESCRIBE_FORMS},
};

const struct vxa_option_table vxunzip_option_table = {
    .program = "vxunzip",
    .usage = "[OPTION]... ARCHIVE[.zip] [PATTERN]...",
    .summary = "Extracts ZIP archives, with the decoders that they carry, run in a sandbox.",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .epilogue =
        "Patterns match whole names of members: * any run, / included; ? one character; [a-z] "
        "one of a set; \\ takes the next character as it is. Without a pattern all members are "
        "extracted, except the archive's own: its decoders and .vxa/README.txt. A pattern such "
        "as '.vxa/*' extracts these, too.\n"
        "\n"
        "A file that exists is kept or replaced as the answer says, if standard input is a "
        "terminal; else, without -o or -n, the member is refused. Nothing is written outside DIR "
        "or through a symbolic link. A file gets its name only when it is whole and its CRC-32 "
        "is right. Setuid, setgid and sticky bits are not restored. Symbolic links are made "
        "last, with any target.\n"
        "\n"
        "SIZE may end in K, M, G or T. A limit of 0 means no limit, or for --memory and "
        "--max-members the default.\n"
        "\n"
        "Exit status: 0 done; 1 done, with warnings; 2 a member was damaged or refused, the "
        "others are done; 3 the archive's structure is damaged; 4 out of memory; 9 the archive "
        "was not found or is no ZIP; 10 wrong usage; 11 no member matches a pattern; 50 disk "
        "full; 80 interrupted; 81 a method is not supported or a decoder is missing, the others "
        "are done; 83 decoders cannot be isolated as they must be.",
    .words = words,
    .words_count = sizeof(words) / sizeof(words[0]),
};

bool vxunzip_complain(const char *text, const char *value)
{
    struct vxa_failure failure;

    (void)vxa_fail(&failure, VXA_FAILURE_UNSUPPORTED, "%s%s%s", text, value ? ": " : "",
                   value ? value : "");
    vxa_message(vxunzip_option_table.program, NULL, NULL, &failure);
    return false;
}

/* ---- values ---- */

/* A decimal number with an optional binary suffix out of `suffixes`, such as "KMGT". */
static bool take_number(const char *value, const char *suffixes, uint64_t *number)
{
    char *end;
    unsigned shift = 0;

    errno = 0;
    unsigned long long parsed = strtoull(value, &end, 10);
    const char *suffix = *end != '\0' ? strchr(suffixes, *end) : NULL;

    if (suffix) {
        shift = 10 * (unsigned)(suffix - suffixes + 1);
        end++;
    }
    if (value[0] < '0' || value[0] > '9' || *end != '\0' || errno == ERANGE ||
        parsed > UINT64_MAX >> shift)
        return vxunzip_complain("not a number that can be used", value);
    *number = (uint64_t)parsed << shift;
    return true;
}

static bool take_engine(struct vxunzip_options *settings, const char *value)
{
    static const enum vxa_engine engines[] = {VXA_ENGINE_AUTO, VXA_ENGINE_INTERPRET,
                                              VXA_ENGINE_TRANSLATE};

    settings->all_engines = strcmp(value, "all") == 0;
    if (settings->all_engines)
        return true;
    for (size_t i = 0; i < sizeof(engines) / sizeof(engines[0]); i++) {
        if (strcmp(value, vxa_engine_name(engines[i])) == 0) {
            settings->engine = engines[i];
            return true;
        }
    }
    return vxunzip_complain("no such engine (auto, interpret, translate, all)", value);
}

/* One verb alone; but -v says more of the lists, and help comes before all. */
static bool take_verb(struct vxunzip_options *settings, enum vxunzip_verb verb)
{
    if (settings->verb >= VXUNZIP_HELP)
        return true;
    if (verb < VXUNZIP_HELP && settings->verb != VXUNZIP_EXTRACT && settings->verb != verb)
        return vxunzip_complain("only one of -l, -t, -p and --decoders can be done at a time",
                                NULL);
    settings->verb = verb;
    return true;
}

static bool describe(struct vxunzip_options *settings, const char *form)
{
    settings->verb = VXUNZIP_DESCRIBED;
    return vxa_options_describe(&vxunzip_option_table, form, stdout) ||
           vxunzip_complain("no such form (" VXA_DESCRIBE_FORMS ")", form);
}

static bool take_option(void *context, const struct vxa_option *option, const char *value)
{
    struct vxunzip_options *settings = context;

    switch ((enum option_id)option->id) {
    case OPTION_LIST: return take_verb(settings, VXUNZIP_LIST);
    case OPTION_VERBOSE: settings->verbose = true; break;
    case OPTION_TEST: return take_verb(settings, VXUNZIP_TEST);
    case OPTION_PRINT: return take_verb(settings, VXUNZIP_PRINT);
    case OPTION_FOLDER: settings->folder = value; break;
    case OPTION_OVERWRITE: settings->overwrite = VXA_OVERWRITE_ALWAYS; break;
    case OPTION_NEVER: settings->overwrite = VXA_OVERWRITE_NEVER; break;
    case OPTION_TIMES: settings->keep |= VXA_KEEP_TIMES; break;
    case OPTION_OWNER: settings->keep |= VXA_KEEP_OWNER; break;
    case OPTION_XATTRS: settings->keep |= VXA_KEEP_XATTRS; break;
    case OPTION_QUIET: settings->quiet++; break;
    case OPTION_JUNK: settings->junk_paths = true; break;
    case OPTION_EXCLUDE: settings->exclusions[settings->exclusion_count++] = value; break;
    case OPTION_DECODERS: return take_verb(settings, VXUNZIP_LIST_DECODERS);
    case OPTION_DECODE: settings->decoded = true; break;
    case OPTION_NATIVE: settings->native = true; break;
    case OPTION_ENGINE: return take_engine(settings, value);
    case OPTION_CERTIFIED: settings->certified = true; break;
    case OPTION_JOBS: return take_number(value, "", &settings->job_count);
    case OPTION_ISOLATION: settings->require_isolation = true; break;
    case OPTION_DECODER_DIR: settings->decoder_folder = value; break;
    case OPTION_MAX_TOTAL: return take_number(value, "KMGT", &settings->limits.total_nbytes);
    case OPTION_MAX_RATIO: return take_number(value, "", &settings->limits.ratio);
    case OPTION_MAX_MEMBERS: return take_number(value, "", &settings->member_count_max);
    case OPTION_MEMORY: return take_number(value, "KMGT", &settings->sandbox_limits.memory_nbytes);
    case OPTION_TIME: return take_number(value, "", &settings->sandbox_limits.cpu_seconds);
    case OPTION_JSON: settings->json = true; break;
    case OPTION_DESCRIBE: return describe(settings, value);
    case OPTION_HELP: return take_verb(settings, VXUNZIP_HELP);
    case OPTION_VERSION: return take_verb(settings, VXUNZIP_VERSION);
    }
    return true;
}

bool vxunzip_options_parse(struct vxunzip_options *settings, int argc, char **argv)
{
    size_t room = (size_t)argc + 1;

    *settings = (struct vxunzip_options){
        .operands = calloc(room, sizeof(*settings->operands)),
        .exclusions = calloc(room, sizeof(*settings->exclusions)),
        .folder = ".",
        .limits = {.total_nbytes = DEFAULT_TOTAL_NBYTES, .ratio = DEFAULT_RATIO},
        .sandbox_limits = {.cpu_seconds = DEFAULT_SECONDS},
    };
    if (!settings->operands || !settings->exclusions)
        return vxunzip_complain("out of memory", NULL);
    if (!vxa_options_parse(&vxunzip_option_table, argc, argv, take_option, settings,
                           settings->operands, &settings->operand_count))
        return false;
    if (settings->verb == VXUNZIP_EXTRACT && settings->verbose)
        settings->verb = VXUNZIP_LIST;
    if (settings->json && settings->verb == VXUNZIP_PRINT)
        return vxunzip_complain("-p and --json both want standard output", NULL);
    if (settings->verb < VXUNZIP_HELP && settings->operand_count == 0)
        return vxunzip_complain("the name of an archive is needed; see --help", NULL);
    return true;
}

void vxunzip_options_free(struct vxunzip_options *settings)
{
    free(settings->operands);
    free(settings->exclusions);
}

/* SPDX-License-Identifier: MIT */
/* The table of vxzip's options, and what each does to the settings. */
#include "vxzip_options.h"
#include "describe.h"
#include "jobs.h"
#include "keep.h"
#include "message.h"

#include <string.h>

enum option_id {
    OPTION_LEVEL_0,
    OPTION_LEVEL_9 = OPTION_LEVEL_0 + 9,
    OPTION_RECURSE,
    OPTION_QUIET,
    OPTION_VERBOSE,
    OPTION_JUNK,
    OPTION_LINKS,
    OPTION_NAMES,
    OPTION_EXCLUDE,
    OPTION_INCLUDE,
    OPTION_TIMES,
    OPTION_OWNER,
    OPTION_XATTRS,
    OPTION_UPDATE,
    OPTION_FRESHEN,
    OPTION_DELETE,
    OPTION_ATTACH,
    OPTION_METHOD,
    OPTION_PORTABLE,
    OPTION_SELF_CONTAINED,
    OPTION_NO_VERIFY,
    OPTION_TEST,
    OPTION_ENGINE,
    OPTION_DECODER_DIR,
    OPTION_DESCRIBE,
    OPTION_ISOLATION,
    OPTION_CERTIFY,
    OPTION_JOBS,
    OPTION_HELP,
    OPTION_VERSION,
};

static const struct vxa_option options[] = {
    {OPTION_RECURSE, 'r', "recurse", VXA_ARGUMENT_NONE, NULL, "take folders with all below them"},
    {OPTION_JUNK, 'j', "junk-paths", VXA_ARGUMENT_NONE, NULL, "leave folders out of the names"},
    {OPTION_LINKS, 'y', "symlinks", VXA_ARGUMENT_NONE, NULL,
     "store symbolic links as links, not what they point to"},
    {OPTION_NAMES, '@', NULL, VXA_ARGUMENT_NONE, NULL,
     "read the names of files from standard input, one a line"},
    {OPTION_EXCLUDE, 'x', "exclude", VXA_ARGUMENT_LIST, "PATTERN",
     "leave out members whose name matches"},
    {OPTION_INCLUDE, 'i', "include", VXA_ARGUMENT_LIST, "PATTERN",
     "take only members whose name matches"},
    {OPTION_TIMES, 0, "times", VXA_ARGUMENT_NONE, NULL,
     "keep times to 100 nanoseconds, that of the last access, too"},
    {OPTION_OWNER, 0, "owner", VXA_ARGUMENT_NONE, NULL, "keep the numbers of user and group"},
    {OPTION_XATTRS, 0, "xattrs", VXA_ARGUMENT_NONE, NULL,
     "keep extended attributes of users, those whose names begin with user."},
    {OPTION_UPDATE, 'u', "update", VXA_ARGUMENT_NONE, NULL,
     "replace only members whose file is newer, and add what is new"},
    {OPTION_FRESHEN, 'f', "freshen", VXA_ARGUMENT_NONE, NULL,
     "replace only members whose file is newer, and add nothing; without a FILE, look at all "
     "members"},
    {OPTION_DELETE, 'd', "delete", VXA_ARGUMENT_NONE, NULL,
     "delete the members whose name matches one of the FILEs, which are patterns then"},
    {OPTION_ATTACH, 0, "attach", VXA_ARGUMENT_NONE, NULL,
     "give the members of an archive of another program the decoders that they need; their data "
     "stays as it is"},
    {OPTION_METHOD, 'm', "method", VXA_ARGUMENT_REQUIRED, "METHOD",
     "auto, zstd, deflate, xz, bzip2, brotli, flac or store; auto, the default, chooses for each "
     "file, and stores with its decoder what is coded already; flac is for WAV and AIFF, zstd for "
     "the rest"},
    {OPTION_PORTABLE, 0, "portable", VXA_ARGUMENT_NONE, NULL,
     "use only methods that every ZIP program knows"},
    {OPTION_SELF_CONTAINED, 0, "self-contained", VXA_ARGUMENT_NONE, NULL,
     "add a reader of such archives, in one file of C that needs nothing else, and the "
     "specifications; an archive that has them keeps them up to date"},
    {OPTION_LEVEL_0, '0', NULL, VXA_ARGUMENT_NONE, NULL, "store only"},
    {OPTION_LEVEL_0 + 1, '1', NULL, VXA_ARGUMENT_NONE, NULL, "compress fastest"},
    {OPTION_LEVEL_0 + 2, '2', NULL, VXA_ARGUMENT_NONE, NULL, "..."},
    {OPTION_LEVEL_0 + 3, '3', NULL, VXA_ARGUMENT_NONE, NULL, "..."},
    {OPTION_LEVEL_0 + 4, '4', NULL, VXA_ARGUMENT_NONE, NULL, "..."},
    {OPTION_LEVEL_0 + 5, '5', NULL, VXA_ARGUMENT_NONE, NULL, "..."},
    {OPTION_LEVEL_0 + 6, '6', NULL, VXA_ARGUMENT_NONE, NULL, "the default"},
    {OPTION_LEVEL_0 + 7, '7', NULL, VXA_ARGUMENT_NONE, NULL, "..."},
    {OPTION_LEVEL_0 + 8, '8', NULL, VXA_ARGUMENT_NONE, NULL, "..."},
    {OPTION_LEVEL_9, '9', NULL, VXA_ARGUMENT_NONE, NULL, "compress smallest"},
    {OPTION_TEST, 'T', "test", VXA_ARGUMENT_NONE, NULL,
     "test the finished archive before it takes its name"},
    {OPTION_NO_VERIFY, 0, "no-verify", VXA_ARGUMENT_NONE, NULL,
     "do not decode each member again while packing"},
    {OPTION_ENGINE, 0, "engine", VXA_ARGUMENT_REQUIRED, "ENGINE",
     "how decoders are run: auto, interpret or translate"},
    {OPTION_DECODER_DIR, 0, "decoder-dir", VXA_ARGUMENT_REQUIRED, "DIR",
     "look for decoders (CODEC.elf) here first"},
    {OPTION_JOBS, 0, "jobs", VXA_ARGUMENT_REQUIRED, "N",
     "encode up to N files at the same time, 64 at most; default as many as there are processors"},
    {OPTION_CERTIFY, 0, "certify", VXA_ARGUMENT_NONE, NULL,
     "write down with each coded member how many instructions and how much memory decoding it "
     "takes"},
    {OPTION_ISOLATION, 0, "require-isolation", VXA_ARGUMENT_NONE, NULL,
     "do nothing unless this system can lock up the processes that decoders run in; else what is "
     "missing is told with -v"},
    {OPTION_QUIET, 'q', "quiet", VXA_ARGUMENT_NONE, NULL, "no line for each member"},
    {OPTION_VERBOSE, 'v', "verbose", VXA_ARGUMENT_NONE, NULL, "sizes of each member, and remarks"},
    {OPTION_DESCRIBE, 0, "describe", VXA_ARGUMENT_REQUIRED, "FORM",
     "print these options as a completion for bash, zsh or fish, or as a part of the manual "
     "(man-options, man-status)"},
    {OPTION_HELP, 'h', "help", VXA_ARGUMENT_NONE, NULL, "print this help"},
    {OPTION_VERSION, 0, "version", VXA_ARGUMENT_NONE, NULL, "print the version"},
};

static const struct vxa_argument_words words[] = {
    {"ENGINE", "auto interpret translate"},
    {"METHOD", "auto zstd deflate xz bzip2 brotli flac store"},
    {"FORM", VXA_DESCRIBE_FORMS},
};

const struct vxa_option_table vxzip_option_table = {
    .program = "vxzip",
    .usage = "[OPTION]... ARCHIVE[.zip] FILE...",
    .summary = "Packs files into a ZIP archive that carries the decoders of its members.",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .epilogue =
        "An archive that exists is updated: files are added, members of the same name replaced, "
        "all others kept as they are. The archive is replaced only when the new one is complete. "
        "An ARCHIVE of the name - is written to standard output.\n"
        "\n"
        "Exit status: 0 done; 3 the existing archive is damaged or cannot be kept; 4 out of "
        "memory; 8 the test, or decoding again, failed; 9 interrupted; 10 trouble with a temporary "
        "file; 12 nothing to do; 14 the archive could not be written; 15 it could not be created; "
        "16 wrong usage; 18 a file could not be read, the others are packed; 19 no decoder or "
        "engine for the method; 83 decoders cannot be isolated as they must be.",
    .words = words,
    .words_count = sizeof(words) / sizeof(words[0]),
};

/* ---- options ---- */

bool vxzip_usage_error(const char *text, const char *value)
{
    struct vxa_failure failure;

    (void)vxa_fail(&failure, VXA_FAILURE_UNSUPPORTED, "%s%s%s", text, value ? ": " : "",
                   value ? value : "");
    vxa_message(vxzip_option_table.program, NULL, NULL, &failure);
    return false;
}

static bool take_engine(struct vxzip_settings *settings, const char *value)
{
    static const char *const names[] = {
        [VXA_ENGINE_AUTO] = "auto",
        [VXA_ENGINE_INTERPRET] = "interpret",
        [VXA_ENGINE_TRANSLATE] = "translate",
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(value, names[i]) == 0) {
            settings->engine = (enum vxa_engine)i;
            return true;
        }
    }
    return vxzip_usage_error("no such engine (auto, interpret, translate)", value);
}

static bool take_revision(struct vxzip_settings *settings, enum vxa_revision revision)
{
    if (settings->revision != VXA_REVISION_ADD && settings->revision != revision)
        return vxzip_usage_error("only one of -u, -f, -d and --attach can be done at a time", NULL);
    settings->revision = revision;
    return true;
}

static bool describe(struct vxzip_settings *settings, const char *form)
{
    settings->described = true;
    return vxa_options_describe(&vxzip_option_table, form, stdout) ||
           vxzip_usage_error("no such form (" VXA_DESCRIBE_FORMS ")", form);
}

bool vxzip_take_option(void *context, const struct vxa_option *option, const char *value)
{
    struct vxzip_settings *settings = context;

    switch ((enum option_id)option->id) {
    case OPTION_RECURSE: settings->walk.recurse = true; break;
    case OPTION_QUIET: settings->quiet = true; break;
    case OPTION_VERBOSE: settings->verbose = true; break;
    case OPTION_JUNK: settings->walk.junk_paths = true; break;
    case OPTION_LINKS: settings->walk.keep_links = true; break;
    case OPTION_NAMES: settings->names_from_stdin = true; break;
    case OPTION_EXCLUDE: settings->exclude[settings->walk.exclude_count++] = value; break;
    case OPTION_INCLUDE: settings->include[settings->walk.include_count++] = value; break;
    case OPTION_TIMES: settings->keep |= VXA_KEEP_TIMES; break;
    case OPTION_OWNER: settings->keep |= VXA_KEEP_OWNER; break;
    case OPTION_XATTRS: settings->keep |= VXA_KEEP_XATTRS; break;
    case OPTION_UPDATE: return take_revision(settings, VXA_REVISION_UPDATE);
    case OPTION_FRESHEN: return take_revision(settings, VXA_REVISION_FRESHEN);
    case OPTION_DELETE: return take_revision(settings, VXA_REVISION_DELETE);
    case OPTION_ATTACH: return take_revision(settings, VXA_REVISION_ATTACH);
    case OPTION_METHOD: settings->method = value; break;
    case OPTION_PORTABLE: settings->portable = true; break;
    case OPTION_SELF_CONTAINED: settings->self_contained = true; break;
    case OPTION_NO_VERIFY: settings->verify = false; break;
    case OPTION_TEST: settings->test = true; break;
    case OPTION_ENGINE: return take_engine(settings, value);
    case OPTION_DECODER_DIR: settings->decoder_folder = value; break;
    case OPTION_DESCRIBE: return describe(settings, value);
    case OPTION_JOBS:
        return vxa_jobs_parse(value, &settings->jobs) || vxzip_usage_error("not a number", value);
    case OPTION_CERTIFY: settings->certify = true; break;
    case OPTION_ISOLATION: settings->require_isolation = true; break;
    case OPTION_HELP: settings->help = true; break;
    case OPTION_VERSION: settings->version = true; break;
    case OPTION_LEVEL_0:
    case OPTION_LEVEL_9:
    default: settings->level = option->id - OPTION_LEVEL_0; break;
    }
    return true;
}

/* SPDX-License-Identifier: MIT */
/* The command line of vxzip: options, messages, exit statuses. */
#include "codec.h"
#include "describe.h"
#include "interrupt.h"
#include "jobs.h"
#include "message.h"
#include "options.h"
#include "pack.h"
#include "recheck.h"
#include "revise.h"
#include "walk.h"
#include "workers.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef VXA_VERSION
#define VXA_VERSION "unknown"
#endif

/* Exit statuses as zip(1) has them. */
enum exit_status {
    EXIT_DONE = 0,
    EXIT_STRUCTURE = 3,
    EXIT_MEMORY = 4,
    EXIT_TEST = 8,
    EXIT_INTERRUPTED = 9,
    EXIT_TEMPORARY = 10,
    EXIT_NOTHING = 12,
    EXIT_WRITE = 14,
    EXIT_CREATE = 15,
    EXIT_USAGE = 16,
    EXIT_OPEN = 18,
    EXIT_NO_DECODER = 19,
    EXIT_ISOLATION = 83,
};

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

static const struct vxa_option_table table = {
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

struct settings {
    struct vxa_interrupt *interrupt;
    struct vxa_spawner *spawner; /* or NULL */
    struct vxa_walk_options walk;
    const char **include, **exclude;
    const char *method;
    enum vxa_revision revision;
    unsigned keep; /* bits of enum vxa_keep */
    struct vxa_progress progress;
    size_t packed_count;
    FILE *said; /* where members are told of: not where the archive goes */
    int level;
    bool portable, self_contained, verify, test, require_isolation, certify, quiet, verbose,
        names_from_stdin, help, version, described;
    enum vxa_engine engine;
    unsigned jobs; /* 0: as many as there are processors */
    const char *decoder_folder;
    const char *archive; /* with its suffix */
    char *archive_room;
    uint64_t size, compressed_size; /* totals for -v */
    bool *drops;                    /* members that -d takes away */
    bool reader_gone;               /* nobody reads standard output any more */
    int status;
};

/* ---- options ---- */

static bool usage_error(const char *text, const char *value)
{
    struct vxa_failure failure;

    (void)vxa_fail(&failure, VXA_FAILURE_UNSUPPORTED, "%s%s%s", text, value ? ": " : "",
                   value ? value : "");
    vxa_message(table.program, NULL, NULL, &failure);
    return false;
}

static bool take_engine(struct settings *settings, const char *value)
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
    return usage_error("no such engine (auto, interpret, translate)", value);
}

static bool take_revision(struct settings *settings, enum vxa_revision revision)
{
    if (settings->revision != VXA_REVISION_ADD && settings->revision != revision)
        return usage_error("only one of -u, -f, -d and --attach can be done at a time", NULL);
    settings->revision = revision;
    return true;
}

static bool describe(struct settings *settings, const char *form)
{
    settings->described = true;
    return vxa_options_describe(&table, form, stdout) ||
           usage_error("no such form (" VXA_DESCRIBE_FORMS ")", form);
}

static bool take_option(void *context, const struct vxa_option *option, const char *value)
{
    struct settings *settings = context;

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
        return vxa_jobs_parse(value, &settings->jobs) || usage_error("not a number", value);
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

/* What the options ask for; false after a message. */
static bool take_wish(const struct settings *settings, struct vxa_wish *wish)
{
    const char *name = settings->level == 0 ? "store" : settings->method;

    if (settings->certify && !settings->verify)
        return usage_error("--certify needs what --no-verify leaves out", NULL);
    *wish = (struct vxa_wish){.level = settings->level, .portable = settings->portable};
    if (strcmp(name, "auto") == 0)
        return true;
    wish->codec = vxa_codec_by_name(name);
    if (!wish->codec || (!wish->codec->encode && strcmp(name, "store") != 0))
        return usage_error("no such method (auto, zstd, deflate, xz, bzip2, brotli, flac, store)",
                           name);
    if (settings->portable && !wish->codec->portable)
        return usage_error("not every ZIP program knows this method", name);
    return true;
}

/* The archive that goes to standard output is made as a temporary file first. */
static bool name_temporary(struct settings *settings)
{
    static const char base[] = "/vxzip-output";
    const char *folder = getenv("TMPDIR");

    if (settings->revision != VXA_REVISION_ADD)
        return usage_error("what is on standard output cannot be changed", "-");
    if (isatty(STDOUT_FILENO))
        return usage_error("an archive is not written to a terminal", "-");
    if (!folder || *folder == '\0')
        folder = "/tmp";
    settings->archive_room = malloc(strlen(folder) + sizeof(base));
    if (!settings->archive_room)
        return usage_error("out of memory", NULL);
    strcat(strcpy(settings->archive_room, folder), base);
    settings->archive = "-";
    settings->said = stderr;
    return true;
}

/* ".zip" is added to a name without a suffix. */
static bool name_archive(struct settings *settings, const char *name)
{
    const char *slash = strrchr(name, '/');
    const char *last = slash ? slash + 1 : name;

    if (strcmp(name, "-") == 0)
        return name_temporary(settings);
    if (*last == '\0')
        return usage_error("not a name for an archive", name);
    size_t room = strlen(name) + sizeof(".zip");

    settings->archive_room = malloc(room);
    if (!settings->archive_room)
        return usage_error("out of memory", NULL);
    (void)snprintf(settings->archive_room, room, "%s%s", name, strchr(last, '.') ? "" : ".zip");
    settings->archive = settings->archive_room;
    return true;
}

/* ---- what is said on the way ---- */

static void warn_about(void *context, const char *path, const struct vxa_failure *failure)
{
    struct settings *settings = context;

    vxa_progress_hide(&settings->progress);
    vxa_message(table.program, settings->archive, path, failure);
    vxa_progress_show(&settings->progress);
}

static int percent_saved(uint64_t size, uint64_t compressed_size)
{
    if (size == 0 || compressed_size >= size)
        return 0;
    return (int)(((double)(size - compressed_size) * 100.0) / (double)size + 0.5);
}

/* "  adding: NAME" and the like. */
static void say(const struct settings *settings, const struct vxa_pack_event *event)
{
    static const char *const labels[] = {
        [VXA_PACK_ADDED] = "  adding",
        [VXA_PACK_REPLACED] = "updating",
        [VXA_PACK_ATTACHED] = "attached",
        [VXA_PACK_DELETED] = "deleting",
    };

    fprintf(settings->said, "%s: ", labels[event->kind]);
    vxa_print_name(settings->said, event->name, strlen(event->name));
    if (event->kind == VXA_PACK_ATTACHED)
        fprintf(settings->said, " (%s decoder)", event->attached);
    if (event->kind != VXA_PACK_ADDED && event->kind != VXA_PACK_REPLACED) {
        putc('\n', settings->said);
        return;
    }
    if (settings->verbose)
        fprintf(settings->said, " (%llu to %llu bytes)", (unsigned long long)event->size,
                (unsigned long long)event->compressed_size);
    fprintf(settings->said, " (%s %d%%", event->codec ? event->codec->name : "stored",
            percent_saved(event->size, event->compressed_size));
    if (event->attached)
        fprintf(settings->said, ", %s decoder", event->attached);
    fputs(")\n", settings->said);
}

static void count(struct settings *settings, const struct vxa_pack_event *event)
{
    settings->packed_count += event->kind == VXA_PACK_ADDED || event->kind == VXA_PACK_REPLACED;
    settings->size += event->size;
    settings->compressed_size += event->compressed_size;
}

static void report(void *context, const struct vxa_pack_event *event)
{
    struct settings *settings = context;

    vxa_progress_hide(&settings->progress);
    if (!event->failure)
        count(settings, event);
    if (event->failure && (event->kind != VXA_PACK_REMARK || settings->verbose))
        vxa_message(table.program, settings->archive, event->name, event->failure);
    else if (!event->failure && !settings->quiet)
        say(settings, event);
    vxa_progress_show(&settings->progress);
}

static int status_of(enum vxa_failure_kind kind)
{
    switch (kind) {
    case VXA_FAILURE_NONE:
    case VXA_FAILURE_WARNING: return EXIT_DONE;
    case VXA_FAILURE_NO_DECODER:
    case VXA_FAILURE_UNSUPPORTED: return EXIT_NO_DECODER;
    case VXA_FAILURE_DECODER:
    case VXA_FAILURE_LIMIT: return EXIT_TEST;
    case VXA_FAILURE_DATA:
    case VXA_FAILURE_NOT_ZIP: return EXIT_STRUCTURE;
    case VXA_FAILURE_UNSAFE: return EXIT_USAGE;
    case VXA_FAILURE_IO:
    case VXA_FAILURE_DISK_FULL: return EXIT_WRITE;
    case VXA_FAILURE_MEMORY: return EXIT_MEMORY;
    case VXA_FAILURE_INTERRUPTED: return EXIT_INTERRUPTED;
    }
    return EXIT_WRITE;
}

static int fail(const struct settings *settings, const char *member,
                const struct vxa_failure *failure, int status)
{
    vxa_message(table.program, settings->archive, member, failure);
    return status;
}

/* ---- the steps ---- */

static int nothing_to_do(const struct settings *settings, const char *why)
{
    struct vxa_failure failure;

    (void)vxa_fail(&failure, VXA_FAILURE_WARNING, "nothing to do%s", why);
    return fail(settings, NULL, &failure, EXIT_NOTHING);
}

/* Who names a folder mostly means what is in it. */
static void hint_at_recursion(const struct settings *settings, const struct vxa_walk *walk)
{
    struct vxa_failure failure;

    if (settings->walk.recurse || settings->quiet || settings->names_from_stdin)
        return;
    (void)vxa_fail(&failure, VXA_FAILURE_WARNING,
                   "only the folder itself is packed; -r takes what is in it");
    for (size_t i = 0; i < walk->input_count; i++) {
        if (walk->inputs[i].kind == VXA_INPUT_DIRECTORY) {
            (void)fail(settings, walk->inputs[i].path, &failure, 0);
            return;
        }
    }
}

/* A vxa_walk_double(). */
static void tell_double(void *context, const struct vxa_input *first,
                        const struct vxa_input *second)
{
    struct vxa_failure failure;

    (void)vxa_fail(&failure, VXA_FAILURE_WARNING, "the same file as %.400s, packed as a copy",
                   first->name);
    (void)fail(context, second->name, &failure, 0);
}

static int gather(struct settings *settings, const struct vxa_old_archive *old,
                  const char *const *paths, size_t path_count, struct vxa_walk *walk)
{
    struct vxa_failure failure;
    bool ok = true;

    for (size_t i = 0; ok && i < path_count; i++)
        ok = vxa_walk_add(walk, paths[i], &failure);
    if (ok && settings->names_from_stdin)
        ok = vxa_walk_add_lines(walk, stdin, &failure);
    else if (ok && path_count == 0 && old->archive) /* -f alone */
        ok = vxa_revise_add_members(old->archive, walk, &failure);
    if (!ok)
        return fail(settings, NULL, &failure, status_of(failure.kind));
    hint_at_recursion(settings, walk);
    if (settings->verbose)
        (void)vxa_walk_find_doubles(walk, tell_double, settings);
    bool found = walk->input_count > 0;

    vxa_revise_inputs(settings->revision, old->archive, walk);
    if (walk->input_count > 0)
        return EXIT_DONE;
    if (walk->unreadable_count > 0)
        return EXIT_OPEN;
    return nothing_to_do(settings, found ? ": no file is newer than its member" : "");
}

/* Marks what -d takes away. */
static int choose_drops(struct settings *settings, const struct vxa_old_archive *old,
                        const char *const *patterns, size_t pattern_count)
{
    size_t member_count = zip_member_count(old->archive);
    bool *matched = calloc(pattern_count + 1, sizeof(*matched));
    struct vxa_failure failure;
    size_t drop_count = 0;

    settings->drops = calloc(member_count + 1, sizeof(*settings->drops));
    if (settings->drops && matched)
        drop_count =
            vxa_revise_drops(old->archive, patterns, pattern_count, settings->drops, matched);
    (void)vxa_fail(&failure, VXA_FAILURE_WARNING, "no member matches");
    for (size_t i = 0; matched && i < pattern_count; i++) {
        if (!matched[i])
            (void)fail(settings, patterns[i], &failure, 0);
    }
    free(matched);
    for (size_t i = 0; drop_count > 0 && i < member_count; i++) {
        if (settings->drops[i])
            report(settings,
                   &(struct vxa_pack_event){.kind = VXA_PACK_DELETED,
                                            .name = zip_member_at(old->archive, i)->name});
    }
    return drop_count > 0 ? EXIT_DONE : nothing_to_do(settings, "");
}

/* Opens the archive, if it exists. One that we could not carry over whole is not touched. */
static int open_old(const struct settings *settings, struct vxa_old_archive *old)
{
    struct vxa_failure failure;

    if (strcmp(settings->archive, "-") == 0)
        return EXIT_DONE;
    if (access(settings->archive, F_OK) != 0)
        return settings->revision > VXA_REVISION_UPDATE
                   ? nothing_to_do(settings, ": there is no such archive")
                   : EXIT_DONE;
    if (!vxa_old_archive_open(old, settings->archive, &failure))
        return fail(settings, NULL, &failure, EXIT_STRUCTURE);
    if (zip_archive_warning(old->archive)) {
        (void)vxa_fail(&failure, VXA_FAILURE_NOT_ZIP, "not changed, since it has %s",
                       zip_archive_warning(old->archive));
        return fail(settings, NULL, &failure, EXIT_STRUCTURE);
    }
    return EXIT_DONE;
}

static int test_archive(const struct settings *settings, struct zip_writer *writer)
{
    struct vxa_recheck_summary summary = {0};
    struct vxa_failure failure;
    const char *culprit = NULL;
    struct vxa_recheck *recheck =
        vxa_recheck_begin(zip_writer_path(writer), settings->decoder_folder, settings->engine,
                          settings->spawner, settings->interrupt, &failure);
    int status = EXIT_DONE;

    if (!recheck || !vxa_recheck_run(recheck, &summary, &culprit, &failure)) {
        status = failure.kind == VXA_FAILURE_INTERRUPTED ? EXIT_INTERRUPTED : EXIT_TEST;
        (void)fail(settings, culprit, &failure, status);
    } else if (summary.untested_count > 0) {
        (void)vxa_fail(&failure, VXA_FAILURE_WARNING,
                       "not tested, for want of a decoder; %zu in all", summary.untested_count);
        (void)fail(settings, summary.untested_name, &failure, status);
    } else if (!settings->quiet) {
        fprintf(settings->said, "test of %s OK (%zu members)\n", settings->archive,
                summary.tested_count);
    }
    vxa_recheck_end(recheck);
    return status;
}

/* The finished archive to standard output. Its name goes first, in case that nobody reads it. */
static bool put_out(struct settings *settings, struct zip_writer *writer,
                    struct vxa_failure *failure)
{
    char chunk[1 << 16];
    FILE *file = fopen(zip_writer_path(writer), "rb");
    size_t nbytes = 0;

    if (!file)
        return vxa_fail_errno(failure, "the archive", errno);
    (void)unlink(zip_writer_path(writer));
    do
        nbytes = fread(chunk, 1, sizeof(chunk), file);
    while (nbytes > 0 && fwrite(chunk, 1, nbytes, stdout) == nbytes);
    bool ok = nbytes == 0 && !ferror(file) && fflush(stdout) == 0;
    int error_number = errno;

    (void)fclose(file);
    settings->reader_gone = !ok && error_number == EPIPE;
    return ok || vxa_fail_errno(failure, "cannot write to standard output", error_number);
}

/* The content of the old archive's members that no input replaces. */
static uint64_t kept_nbytes(const struct vxa_old_archive *old, const struct vxa_walk *walk)
{
    uint64_t total_nbytes = 0;

    if (!old->archive)
        return 0;
    for (size_t i = 0; i < zip_member_count(old->archive); i++) {
        const struct zip_member *member = zip_member_at(old->archive, i);

        if (!vxa_name_is_reserved(member->name) && !vxa_walk_find(walk, member->name))
            total_nbytes += member->size;
    }
    return total_nbytes;
}

/* A failure while the old archive's members were read is not one of writing. */
static int pack_into(struct settings *settings, const struct vxa_wish *wish,
                     const struct vxa_walk *walk, struct vxa_old_archive *old,
                     struct zip_writer *writer)
{
    struct vxa_pack_summary summary;
    struct vxa_failure failure = {0};
    size_t comment_nbytes = 0;
    const char *comment = old->archive ? zip_archive_comment(old->archive, &comment_nbytes) : "";
    struct vxa_pack_job job = {
        .wish = *wish,
        .self_contained = settings->self_contained,
        .verify = settings->verify,
        .certify = settings->certify,
        .engine = settings->engine,
        .spawner = settings->spawner,
        .job_count = settings->jobs ? settings->jobs : vxa_jobs_default(),
        .decoder_folder = settings->decoder_folder,
        .old = old->archive ? old : NULL,
        .drops = settings->drops,
        .keep = settings->keep,
        .adopt = settings->revision == VXA_REVISION_ATTACH,
        .walk = walk,
        .writer = writer,
        .interrupt = settings->interrupt,
        .progress = &settings->progress,
        .report = report,
        .report_context = settings,
    };

    job.wish.total_nbytes = walk->total_nbytes + kept_nbytes(old, walk);
    bool packed = vxa_pack(&job, &summary, &failure);

    vxa_progress_end(&settings->progress);
    if (!packed)
        return fail(settings, summary.culprit, &failure, status_of(failure.kind));
    if (settings->revision == VXA_REVISION_ATTACH && summary.attached_count == 0)
        return nothing_to_do(settings, ": no member needs a decoder that can be had");
    if (summary.packed_count == 0 && settings->revision < VXA_REVISION_DELETE)
        return EXIT_OPEN;
    if (!zip_writer_finish(writer, comment, comment_nbytes, &failure))
        return fail(settings, NULL, &failure, status_of(failure.kind));
    int status = settings->test ? test_archive(settings, writer) : EXIT_DONE;

    if (status != EXIT_DONE)
        return status;
    bool ok = settings->archive == settings->archive_room ? zip_writer_commit(writer, &failure)
                                                          : put_out(settings, writer, &failure);

    if (settings->reader_gone)
        return EXIT_WRITE;
    if (!ok)
        return fail(settings, NULL, &failure, status_of(failure.kind));
    return summary.left_out_count > 0 || walk->unreadable_count > 0 ? EXIT_OPEN : EXIT_DONE;
}

static void begin_progress(struct settings *settings, const struct vxa_walk *walk)
{
    uint64_t nbytes = 0;

    for (size_t i = 0; i < walk->input_count; i++)
        nbytes += walk->inputs[i].nbytes;
    vxa_progress_begin(&settings->progress, settings->quiet, walk->input_count, nbytes);
}

static int pack(struct settings *settings, const struct vxa_wish *wish, const struct vxa_walk *walk,
                struct vxa_old_archive *old)
{
    struct zip_writer *writer = NULL;
    struct vxa_failure failure;
    int status = EXIT_DONE;

    if (!zip_writer_open(settings->archive_room, &settings->interrupt->raised, &writer, &failure))
        return fail(settings, NULL, &failure,
                    failure.kind == VXA_FAILURE_MEMORY ? EXIT_MEMORY : EXIT_CREATE);
    begin_progress(settings, walk);
    status = pack_into(settings, wish, walk, old, writer);
    zip_writer_close(writer);
    if (status == EXIT_DONE && settings->packed_count > 0 && !settings->quiet)
        fprintf(settings->said, "total %llu to %llu bytes (%d%%), %zu member%s\n",
                (unsigned long long)settings->size, (unsigned long long)settings->compressed_size,
                percent_saved(settings->size, settings->compressed_size), settings->packed_count,
                settings->packed_count == 1 ? "" : "s");
    return status;
}

/* What the operands mean depends on the revision: files, patterns, or nothing. */
static int choose(struct settings *settings, const struct vxa_old_archive *old,
                  const char *const *operands, size_t operand_count, struct vxa_walk *walk)
{
    switch (settings->revision) {
    case VXA_REVISION_ATTACH: return EXIT_DONE;
    case VXA_REVISION_DELETE: return choose_drops(settings, old, operands, operand_count);
    default: return gather(settings, old, operands, operand_count, walk);
    }
}

static bool has_operands(const struct settings *settings, size_t operand_count)
{
    bool none_needed = settings->names_from_stdin || settings->revision == VXA_REVISION_FRESHEN ||
                       settings->revision == VXA_REVISION_ATTACH;

    if (settings->revision == VXA_REVISION_ATTACH && operand_count > 1)
        return usage_error("--attach takes an archive and nothing else; see --help", NULL);
    return (operand_count >= 1 && (operand_count >= 2 || none_needed)) ||
           usage_error("an archive and at least one file are needed; see --help", NULL);
}

static int run(struct settings *settings, const char *const *operands, size_t operand_count)
{
    struct vxa_old_archive old = {0};
    struct vxa_walk walk;
    struct vxa_wish wish;

    if (!has_operands(settings, operand_count) || !take_wish(settings, &wish) ||
        !name_archive(settings, operands[0]))
        return EXIT_USAGE;
    if (!vxa_sandbox_engine_available(settings->engine)) {
        (void)usage_error("this program does not have this engine", NULL);
        return EXIT_NO_DECODER;
    }
    struct vxa_workers_wish workers = {table.program, settings->require_isolation,
                                       settings->verbose};

    if (!vxa_workers_begin(&workers, &settings->spawner))
        return EXIT_ISOLATION;
    settings->walk.include = settings->include;
    settings->walk.exclude = settings->exclude;
    settings->walk.archive = settings->archive_room;
    vxa_walk_begin(&walk, &settings->walk, warn_about, settings);
    int status = open_old(settings, &old);

    if (status == EXIT_DONE)
        status = choose(settings, &old, operands + 1, operand_count - 1, &walk);
    if (status == EXIT_DONE)
        status = pack(settings, &wish, &walk, &old);
    vxa_old_archive_close(&old);
    vxa_walk_end(&walk);
    free(settings->drops);
    return status;
}

static int parse_and_run(struct settings *settings, int argc, char **argv, const char **operands)
{
    size_t operand_count = 0;

    if (!vxa_options_parse(&table, argc, argv, take_option, settings, operands, &operand_count))
        return EXIT_USAGE;
    if (settings->help)
        vxa_options_help(&table, stdout);
    else if (settings->version)
        puts("vxzip " VXA_VERSION);
    else if (!settings->described)
        return run(settings, operands, operand_count);
    return EXIT_DONE;
}

int main(int argc, char **argv)
{
    size_t room = (size_t)argc + 1;
    const char **operands = calloc(room, sizeof(*operands));
    struct settings settings = {
        .interrupt = vxa_catch_signals(),
        .include = calloc(room, sizeof(*settings.include)),
        .exclude = calloc(room, sizeof(*settings.exclude)),
        .method = "auto",
        .said = stdout,
        .level = 6,
        .verify = true,
    };
    int status = EXIT_MEMORY;

    if (operands && settings.include && settings.exclude)
        status = parse_and_run(&settings, argc, argv, operands);
    else
        (void)usage_error("out of memory", NULL);
    if (fflush(stdout) != 0 && status == EXIT_DONE)
        status = EXIT_WRITE;
    vxa_spawner_free(settings.spawner);
    free(operands);
    free(settings.include);
    free(settings.exclude);
    free(settings.archive_room);
    if (settings.reader_gone)
        vxa_end_by_sigpipe();
    return status;
}

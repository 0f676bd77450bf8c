/* SPDX-License-Identifier: MIT */
/* The program vxzip: the steps of a run, what is said on the way, and exit statuses. */
#include "codec.h"
#include "interrupt.h"
#include "jobs.h"
#include "message.h"
#include "pack.h"
#include "recheck.h"
#include "revise.h"
#include "vxzip_options.h"
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

/* ---- what is asked for ---- */

/* What the options ask for; false after a message. */
static bool take_wish(const struct vxzip_settings *settings, struct vxa_wish *wish)
{
    const char *name = settings->level == 0 ? "store" : settings->method;

    if (settings->certify && !settings->verify)
        return vxzip_usage_error("--certify needs what --no-verify leaves out", NULL);
    *wish = (struct vxa_wish){.level = settings->level, .portable = settings->portable};
    if (strcmp(name, "auto") == 0)
        return true;
    wish->codec = vxa_codec_by_name(name);
    if (!wish->codec || (!wish->codec->encode && strcmp(name, "store") != 0))
        return vxzip_usage_error(
            "no such method (auto, zstd, deflate, xz, bzip2, brotli, flac, store)", name);
    if (settings->portable && !wish->codec->portable)
        return vxzip_usage_error("not every ZIP program knows this method", name);
    return true;
}

/* The archive that goes to standard output is made as a temporary file first. */
static bool name_temporary(struct vxzip_settings *settings)
{
    static const char base[] = "/vxzip-output";
    const char *folder = getenv("TMPDIR");

    if (settings->revision != VXA_REVISION_ADD)
        return vxzip_usage_error("what is on standard output cannot be changed", "-");
    if (isatty(STDOUT_FILENO))
        return vxzip_usage_error("an archive is not written to a terminal", "-");
    if (!folder || *folder == '\0')
        folder = "/tmp";
    settings->archive_room = malloc(strlen(folder) + sizeof(base));
    if (!settings->archive_room)
        return vxzip_usage_error("out of memory", NULL);
    strcat(strcpy(settings->archive_room, folder), base);
    settings->archive = "-";
    settings->said = stderr;
    return true;
}

/* ".zip" is added to a name without a suffix. */
static bool name_archive(struct vxzip_settings *settings, const char *name)
{
    const char *slash = strrchr(name, '/');
    const char *last = slash ? slash + 1 : name;

    if (strcmp(name, "-") == 0)
        return name_temporary(settings);
    if (*last == '\0')
        return vxzip_usage_error("not a name for an archive", name);
    size_t room = strlen(name) + sizeof(".zip");

    settings->archive_room = malloc(room);
    if (!settings->archive_room)
        return vxzip_usage_error("out of memory", NULL);
    (void)snprintf(settings->archive_room, room, "%s%s", name, strchr(last, '.') ? "" : ".zip");
    settings->archive = settings->archive_room;
    return true;
}

/* ---- what is said on the way ---- */

static void warn_about(void *context, const char *path, const struct vxa_failure *failure)
{
    struct vxzip_settings *settings = context;

    vxa_progress_hide(&settings->progress);
    vxa_message(vxzip_option_table.program, settings->archive, path, failure);
    vxa_progress_show(&settings->progress);
}

static int percent_saved(uint64_t size, uint64_t compressed_size)
{
    if (size == 0 || compressed_size >= size)
        return 0;
    return (int)(((double)(size - compressed_size) * 100.0) / (double)size + 0.5);
}

/* "  adding: NAME" and the like. */
static void say(const struct vxzip_settings *settings, const struct vxa_pack_event *event)
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

static void count(struct vxzip_settings *settings, const struct vxa_pack_event *event)
{
    settings->packed_count += event->kind == VXA_PACK_ADDED || event->kind == VXA_PACK_REPLACED;
    settings->size += event->size;
    settings->compressed_size += event->compressed_size;
}

static void report(void *context, const struct vxa_pack_event *event)
{
    struct vxzip_settings *settings = context;

    vxa_progress_hide(&settings->progress);
    if (!event->failure)
        count(settings, event);
    if (event->failure && (event->kind != VXA_PACK_REMARK || settings->verbose))
        vxa_message(vxzip_option_table.program, settings->archive, event->name, event->failure);
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

static int fail(const struct vxzip_settings *settings, const char *member,
                const struct vxa_failure *failure, int status)
{
    vxa_message(vxzip_option_table.program, settings->archive, member, failure);
    return status;
}

/* ---- the steps ---- */

static int nothing_to_do(const struct vxzip_settings *settings, const char *why)
{
    struct vxa_failure failure;

    (void)vxa_fail(&failure, VXA_FAILURE_WARNING, "nothing to do%s", why);
    return fail(settings, NULL, &failure, EXIT_NOTHING);
}

/* Who names a folder mostly means what is in it. */
static void hint_at_recursion(const struct vxzip_settings *settings, const struct vxa_walk *walk)
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

static int gather(struct vxzip_settings *settings, const struct vxa_old_archive *old,
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
static int choose_drops(struct vxzip_settings *settings, const struct vxa_old_archive *old,
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
static int open_old(const struct vxzip_settings *settings, struct vxa_old_archive *old)
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

static int test_archive(const struct vxzip_settings *settings, struct zip_writer *writer)
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
static bool put_out(struct vxzip_settings *settings, struct zip_writer *writer,
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
static int pack_into(struct vxzip_settings *settings, const struct vxa_wish *wish,
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

static void begin_progress(struct vxzip_settings *settings, const struct vxa_walk *walk)
{
    uint64_t nbytes = 0;

    for (size_t i = 0; i < walk->input_count; i++)
        nbytes += walk->inputs[i].nbytes;
    vxa_progress_begin(&settings->progress, settings->quiet, walk->input_count, nbytes);
}

static int pack(struct vxzip_settings *settings, const struct vxa_wish *wish,
                const struct vxa_walk *walk, struct vxa_old_archive *old)
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
static int choose(struct vxzip_settings *settings, const struct vxa_old_archive *old,
                  const char *const *operands, size_t operand_count, struct vxa_walk *walk)
{
    switch (settings->revision) {
    case VXA_REVISION_ATTACH: return EXIT_DONE;
    case VXA_REVISION_DELETE: return choose_drops(settings, old, operands, operand_count);
    default: return gather(settings, old, operands, operand_count, walk);
    }
}

static bool has_operands(const struct vxzip_settings *settings, size_t operand_count)
{
    bool none_needed = settings->names_from_stdin || settings->revision == VXA_REVISION_FRESHEN ||
                       settings->revision == VXA_REVISION_ATTACH;

    if (settings->revision == VXA_REVISION_ATTACH && operand_count > 1)
        return vxzip_usage_error("--attach takes an archive and nothing else; see --help", NULL);
    return (operand_count >= 1 && (operand_count >= 2 || none_needed)) ||
           vxzip_usage_error("an archive and at least one file are needed; see --help", NULL);
}

static int run(struct vxzip_settings *settings, const char *const *operands, size_t operand_count)
{
    struct vxa_old_archive old = {0};
    struct vxa_walk walk;
    struct vxa_wish wish;

    if (!has_operands(settings, operand_count) || !take_wish(settings, &wish) ||
        !name_archive(settings, operands[0]))
        return EXIT_USAGE;
    if (!vxa_sandbox_engine_available(settings->engine)) {
        (void)vxzip_usage_error("this program does not have this engine", NULL);
        return EXIT_NO_DECODER;
    }
    struct vxa_workers_wish workers = {vxzip_option_table.program, settings->require_isolation,
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

static int parse_and_run(struct vxzip_settings *settings, int argc, char **argv,
                         const char **operands)
{
    size_t operand_count = 0;

    if (!vxa_options_parse(&vxzip_option_table, argc, argv, vxzip_take_option, settings, operands,
                           &operand_count))
        return EXIT_USAGE;
    if (settings->help)
        vxa_options_help(&vxzip_option_table, stdout);
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
    struct vxzip_settings settings = {
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
        (void)vxzip_usage_error("out of memory", NULL);
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

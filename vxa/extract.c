/* SPDX-License-Identifier: MIT */
/* What happens to each member: may it be written, where to, and what is said about it. */
#include "extract.h"
#include "jobs.h"
#include "json.h"
#include "message.h"
#include "path.h"
#include "progress.h"
#include "terminal.h"
#include "zip_format.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * A run over the archive. Members become tasks: whatever depends on their order is done by the
 * first thread, when a task is prepared and when it is finished; only decoding, and a file's name
 * at the end of it, is left to the jobs.
 */
struct run {
    const struct vxa_extract_job *job;
    struct vxa_jobs *jobs;
    atomic_bool in_vain;       /* the run will stop: what is not begun is not to be */
    struct vxa_target *target; /* NULL unless files are made */
    enum vxa_overwrite overwrite;
    struct vxa_extract_result result;
    uint64_t size, compressed_size; /* of the members so far, as declared */
    size_t tested_count, failed_count, kept_count;
    struct vxa_progress progress;
};

/* A member on its way into a file. */
struct extraction {
    struct run *run;
    const struct zip_member *member;
    enum vxa_form form;
    uint64_t size; /* declared, of this form */
    char *name;    /* of the file */
    struct vxa_attributes attributes;
    bool replace;
};

struct file_sink {
    struct vxa_output output;
    struct vxa_progress *progress;
    struct vxa_failure failure; /* why a write failed */
};

/* The text of a link. */
struct text_sink {
    char text[PATH_MAX];
    size_t nbytes;
    struct vxa_failure failure;
};

enum task_kind { TASK_NONE, TASK_FILE, TASK_LINK, TASK_TEST, TASK_PRINT };

/* What is to be done about a member, and what came of it. */
struct task {
    struct extraction extraction;
    enum task_kind kind;
    const char *action; /* what the line about it says, or NULL */
    bool ok;
    bool was_kept; /* a file was there, and stays */
    bool stops; /* what standard output does not take of one member it does not take of the next */
    struct vxa_failure failure;
    struct file_sink file;
    struct text_sink *text;
};

static void collect(struct run *run, bool all);

/* ---- messages ---- */

/* One result in JSON: of a member, or of what is made at the end. */
static void write_result(const struct run *run, const char *name, const char *result,
                         const struct vxa_failure *failure)
{
    struct vxa_json *json = run->job->json;

    vxa_json_object(json, NULL);
    vxa_json_string(json, "name", name);
    vxa_json_string(json, "result", result);
    if (failure) {
        vxa_json_string(json, "kind", vxa_failure_kind_name(failure->kind));
        vxa_json_string(json, "reason", failure->text);
    }
    vxa_json_end(json, '}');
}

static void report(struct run *run, const char *name, const struct vxa_failure *failure)
{
    bool is_warning = failure->kind == VXA_FAILURE_WARNING;

    vxa_progress_hide(&run->progress);
    if (run->job->json && name)
        write_result(run, name, is_warning ? "warning" : "failed", failure);
    vxa_message(run->job->program, run->job->archive_name, name, failure);
    vxa_progress_show(&run->progress);
    run->result.status = vxa_graver(run->result.status, vxa_exit_status_of(failure->kind));
    if (failure->kind >= VXA_FAILURE_DISK_FULL)
        run->result.stopped = true;
}

static void report_later(void *context, const char *name, const struct vxa_failure *failure)
{
    report(context, name, failure);
}

/* One line on standard output, such as "  decoding: NAME". */
static void say(struct run *run, const char *what, const char *name, const char *suffix)
{
    if (run->job->quiet > 0 || run->job->json)
        return;
    vxa_progress_hide(&run->progress);
    printf("%12s: ", what);
    vxa_print_name(stdout, name, strlen(name));
    if (*suffix != '\0') {
        vxa_colour_begin(stdout, VXA_COLOUR_GOOD);
        fputs(suffix, stdout);
        vxa_colour_end(stdout);
    }
    putchar('\n');
    vxa_progress_show(&run->progress);
}

/* ---- limits ---- */

static bool afford(struct run *run, uint64_t size, uint64_t compressed_size,
                   struct vxa_failure *failure)
{
    const struct vxa_extract_limits *limits = &run->job->limits;
    uint64_t total = size > UINT64_MAX - run->size ? UINT64_MAX : run->size + size;
    uint64_t coded = run->compressed_size + compressed_size;

    if (limits->total_nbytes > 0 && total > limits->total_nbytes)
        return vxa_fail(failure, VXA_FAILURE_LIMIT,
                        "with it the output would be more than the %" PRIu64
                        " bytes of --max-total",
                        limits->total_nbytes);
    if (limits->ratio > 0 && total > VXA_RATIO_FREE_NBYTES && total / limits->ratio > coded)
        return vxa_fail(failure, VXA_FAILURE_LIMIT,
                        "with it the output would be more than %" PRIu64
                        " times the coded bytes; see --max-ratio",
                        limits->ratio);
    run->size = total;
    run->compressed_size = coded;
    return true;
}

/* ---- decoding into files and links, by the jobs ---- */

static bool write_file(void *context, const void *bytes, size_t nbytes)
{
    struct file_sink *sink = context;

    vxa_progress_add(sink->progress, nbytes);
    return vxa_output_write(&sink->output, bytes, nbytes, &sink->failure);
}

/* Decodes; a failure of the sink takes the place of the empty one. */
static bool decode(struct task *task, unsigned job, struct vxa_sink sink,
                   const struct vxa_failure *sink_failure)
{
    const struct extraction *extraction = &task->extraction;
    bool ok = vxa_decode_member(extraction->run->job->decodings[job], extraction->member,
                                extraction->form, sink, &task->failure);

    if (!ok && sink_failure->kind != VXA_FAILURE_NONE &&
        task->failure.kind != VXA_FAILURE_INTERRUPTED)
        task->failure = *sink_failure;
    return ok;
}

static bool make_file(struct task *task, unsigned job)
{
    struct file_sink *sink = &task->file;
    struct vxa_failure commit_failure = {.kind = VXA_FAILURE_NONE};

    if (!decode(task, job, (struct vxa_sink){write_file, sink}, &sink->failure)) {
        vxa_output_abandon(&sink->output);
        return false;
    }
    if (vxa_output_commit(&sink->output, &task->extraction.attributes, task->extraction.replace,
                          &commit_failure)) {
        if (commit_failure.kind == VXA_FAILURE_WARNING)
            task->failure = commit_failure;
        return true;
    }
    task->failure = commit_failure;
    return false;
}

static bool write_text(void *context, const void *bytes, size_t nbytes)
{
    struct text_sink *sink = context;

    if (nbytes >= sizeof(sink->text) - sink->nbytes)
        return vxa_fail(&sink->failure, VXA_FAILURE_UNSAFE, "the text of the link is too long");
    memcpy(sink->text + sink->nbytes, bytes, nbytes);
    sink->nbytes += nbytes;
    return true;
}

static bool read_link(struct task *task, unsigned job)
{
    struct text_sink *sink = task->text = calloc(1, sizeof(*sink));

    if (!sink)
        return vxa_fail(&task->failure, VXA_FAILURE_MEMORY, "out of memory");
    if (!decode(task, job, (struct vxa_sink){write_text, sink}, &sink->failure))
        return false;
    if (sink->nbytes == 0 || memchr(sink->text, '\0', sink->nbytes))
        return vxa_fail(&task->failure, VXA_FAILURE_UNSAFE, "its content is no text of a link");
    sink->text[sink->nbytes] = '\0';
    return true;
}

static bool write_nowhere(void *progress, const void *bytes, size_t nbytes)
{
    (void)bytes;
    vxa_progress_add(progress, nbytes);
    return true;
}

/* Whether the member has a decoded form beside itself, and how large that is. */
static bool has_decoded_form(const struct zip_member *member, uint64_t *size)
{
    struct vxa_block block;

    if (member->block_result != VXA_BLOCK_OK || !zip_member_block(member, &block) ||
        !vxa_has_decoded_form(&block))
        return false;
    *size = block.decoded_size;
    return true;
}

/* Both forms of an already coded file are tested. */
static bool test_forms(struct task *task, unsigned job)
{
    const struct zip_member *member = task->extraction.member;
    struct vxa_decoding *decoding = task->extraction.run->job->decodings[job];
    struct vxa_sink nowhere = {write_nowhere, &task->extraction.run->progress};
    uint64_t size;

    return vxa_decode_member(decoding, member, VXA_FORM_MEMBER, nowhere, &task->failure) &&
           (!has_decoded_form(member, &size) ||
            vxa_decode_member(decoding, member, VXA_FORM_DECODED, nowhere, &task->failure));
}

/* ---- where to ---- */

/* The suffix of decoded forms comes from the archive: it may not lead elsewhere. */
static const char *decoded_suffix(const struct vxa_block *block)
{
    const char *suffix = block->decoded_suffix;
    bool plain = suffix[0] == '.' && suffix[1] != '\0';

    for (const char *at = suffix; *at != '\0'; at++)
        plain = plain && *at != '/' && (unsigned char)*at > ' ' && (unsigned char)*at < 0x7f;
    return plain ? suffix : ".decoded";
}

/* The name of the file, to be freed. */
static char *file_name(const struct zip_member *member, const char *suffix, bool junk_paths)
{
    const char *slash = junk_paths ? strrchr(member->name, '/') : NULL;
    const char *base = slash ? slash + 1 : member->name;
    char *name = malloc(strlen(base) + strlen(suffix) + 1);

    if (name)
        strcat(strcpy(name, base), suffix);
    return name;
}

/* Times, and what is to be restored on demand. */
static void choose_attributes(struct extraction *extraction)
{
    struct vxa_attributes *attributes = &extraction->attributes;
    unsigned keep = extraction->run->job->keep;
    struct vxa_kept *kept = &attributes->kept;
    bool is_exact;

    attributes->mode = zip_member_mode(extraction->member);
    zip_member_mtime(extraction->member, &attributes->mtime, &is_exact);
    vxa_kept_find(extraction->member->extra, extraction->member->extra_nbytes, kept);
    /* A program that changes one time field may leave the other. */
    if (kept->has_times && (!is_exact || kept->mtime.tv_sec == attributes->mtime)) {
        attributes->mtime = kept->mtime.tv_sec;
        attributes->mtime_nanoseconds = (uint32_t)kept->mtime.tv_nsec;
        attributes->has_atime = (keep & VXA_KEEP_TIMES) != 0;
        attributes->atime = kept->atime;
    }
    kept->has_owner = kept->has_owner && (keep & VXA_KEEP_OWNER);
    if (!(keep & VXA_KEEP_XATTRS))
        kept->xattrs = NULL;
}

/* The form that is wanted of this member, and what follows from it. */
static bool choose_form(struct extraction *extraction, struct vxa_failure *failure)
{
    const struct vxa_extract_job *job = extraction->run->job;
    const struct zip_member *member = extraction->member;
    const char *suffix = "";
    struct vxa_block block;

    extraction->form = VXA_FORM_MEMBER;
    extraction->size = member->size;
    if (job->decoded && member->block_result == VXA_BLOCK_OK && zip_member_block(member, &block) &&
        vxa_has_decoded_form(&block)) {
        extraction->form = VXA_FORM_DECODED;
        extraction->size = block.decoded_size;
        suffix = decoded_suffix(&block);
    }
    choose_attributes(extraction);
    extraction->name = file_name(member, suffix, job->junk_paths);
    return extraction->name || vxa_fail(failure, VXA_FAILURE_MEMORY, "out of memory");
}

enum way { WAY_FREE, WAY_KEPT, WAY_BLOCKED };

/* Looks what is in the way, and asks until there is a name that can be used. */
static enum way find_way(struct extraction *extraction, struct vxa_failure *failure)
{
    struct run *run = extraction->run;

    for (;;) {
        enum vxa_existing existing;
        char *new_name;

        if (!vxa_target_look(run->target, extraction->name, &existing, failure))
            return WAY_BLOCKED;
        if (existing == VXA_EXISTING_NONE)
            return WAY_FREE;
        if (existing == VXA_EXISTING_FOLDER) {
            (void)vxa_fail(failure, VXA_FAILURE_IO, "a folder of this name exists");
            return WAY_BLOCKED;
        }
        if (run->overwrite == VXA_OVERWRITE_ASK) /* behind all that was said of those before */
            collect(run, true);
        vxa_progress_hide(&run->progress);
        enum vxa_answer answer = vxa_overwrite_decide(&run->overwrite, extraction->name, &new_name);

        vxa_progress_show(&run->progress);
        switch (answer) {
        case VXA_ANSWER_REPLACE: extraction->replace = true; return WAY_FREE;
        case VXA_ANSWER_KEEP: return WAY_KEPT;
        case VXA_ANSWER_RENAME:
            free(extraction->name);
            extraction->name = new_name;
            break;
        case VXA_ANSWER_NONE:
            (void)vxa_fail(failure, VXA_FAILURE_IO,
                           "the file exists; -o would replace it, -n keep it silently");
            return WAY_BLOCKED;
        }
    }
}

/* ---- preparing ---- */

static bool is_folder(const struct zip_member *member)
{
    return (member->name_nbytes > 0 && member->name[member->name_nbytes - 1] == '/') ||
           S_ISDIR(zip_member_mode(member));
}

/* The reader takes what is neither folder nor link for a file; here it matters what it was. */
static bool is_special(const struct zip_member *member)
{
    unsigned host = member->version_made_by >> 8;
    uint32_t type = member->external_attributes >> 16 & S_IFMT;

    return (host == ZIP_HOST_UNIX || host == ZIP_HOST_DARWIN) && type != 0 && !S_ISREG(type) &&
           !S_ISDIR(type) && !S_ISLNK(type);
}

static bool extract_folder(struct task *task, struct vxa_failure *failure)
{
    struct extraction *extraction = &task->extraction;
    struct run *run = extraction->run;
    enum vxa_existing existing;

    if (run->job->junk_paths)
        return true;
    if (!vxa_target_look(run->target, extraction->name, &existing, failure) ||
        !vxa_target_folder(run->target, extraction->name, &extraction->attributes,
                           run->overwrite == VXA_OVERWRITE_ALWAYS, failure))
        return false;
    if (existing == VXA_EXISTING_NONE)
        task->action = "creating";
    return true;
}

static bool prepare_file(struct task *task, struct vxa_failure *failure)
{
    struct extraction *extraction = &task->extraction;
    struct run *run = extraction->run;
    enum way way;

    if (is_special(extraction->member))
        return vxa_fail(failure, VXA_FAILURE_UNSUPPORTED,
                        "devices, pipes and sockets are not made");
    way = find_way(extraction, failure);
    task->was_kept = way == WAY_KEPT;
    if (way != WAY_FREE)
        return way == WAY_KEPT;
    if (!afford(run, extraction->size, extraction->member->compressed_size, failure))
        return false;
    if (S_ISLNK(extraction->attributes.mode)) {
        task->action = "linking";
        task->kind = TASK_LINK;
        return true;
    }
    task->action = extraction->member->method == ZIP_METHOD_STORE ? "extracting" : "decoding";
    if (!zip_member_check(run->job->archive, extraction->member, failure) ||
        !vxa_output_begin(run->target, extraction->name, &task->file.output, failure))
        return false;
    task->kind = TASK_FILE;
    return true;
}

static bool prepare_extraction(struct task *task, struct vxa_failure *failure)
{
    struct extraction *extraction = &task->extraction;

    return choose_form(extraction, failure) &&
           (is_folder(extraction->member) ? extract_folder(task, failure)
                                          : prepare_file(task, failure));
}

static bool prepare_test(struct task *task, struct vxa_failure *failure)
{
    struct run *run = task->extraction.run;
    const struct zip_member *member = task->extraction.member;
    uint64_t decoded_size = 0;

    task->kind = TASK_TEST;
    return afford(run, member->size, member->compressed_size, failure) &&
           (!has_decoded_form(member, &decoded_size) || afford(run, decoded_size, 0, failure));
}

/* Standard output, without a buffer between. */
struct print_sink {
    const struct vxa_interrupt *interrupt;
    struct vxa_progress *progress;
    bool reader_gone;
    struct vxa_failure failure;
};

static bool write_output(void *context, const void *bytes, size_t nbytes)
{
    struct print_sink *sink = context;
    const char *at = bytes;

    vxa_progress_add(sink->progress, nbytes);
    while (nbytes > 0) {
        ssize_t count = write(STDOUT_FILENO, at, nbytes);

        if (count < 0 && errno == EINTR && !sink->interrupt->raised)
            continue;
        if (count < 0) {
            sink->reader_gone = errno == EPIPE;
            return vxa_fail_errno(&sink->failure, "cannot write to standard output", errno);
        }
        at += count;
        nbytes -= (size_t)count;
    }
    return true;
}

static bool prepare_print(struct task *task, struct vxa_failure *failure)
{
    struct extraction *extraction = &task->extraction;

    if (is_folder(extraction->member))
        return true;
    task->kind = TASK_PRINT;
    return choose_form(extraction, failure) &&
           afford(extraction->run, extraction->size, extraction->member->compressed_size, failure);
}

static bool print_member(struct task *task, unsigned job)
{
    struct run *run = task->extraction.run;
    struct print_sink sink = {.interrupt = run->job->interrupt, .progress = &run->progress};
    bool ok = decode(task, job, (struct vxa_sink){write_output, &sink}, &sink.failure);

    run->result.reader_gone = sink.reader_gone;
    task->stops = sink.failure.kind != VXA_FAILURE_NONE;
    return ok;
}

static bool prepare(struct task *task, struct vxa_failure *failure)
{
    static bool (*const verbs[])(struct task *, struct vxa_failure *) = {
        [VXA_EXTRACT_FILES] = prepare_extraction,
        [VXA_EXTRACT_TEST] = prepare_test,
        [VXA_EXTRACT_PRINT] = prepare_print,
    };
    struct run *run = task->extraction.run;
    const struct zip_member *member = task->extraction.member;

    if (member->name_problem && run->job->verb != VXA_EXTRACT_PRINT)
        return vxa_fail(failure, VXA_FAILURE_UNSAFE, "%s", member->name_problem);
    if (!verbs[run->job->verb](task, failure))
        return false;
    /* Here, since what it finds out is kept in the archive, which the jobs only read. */
    return task->kind == TASK_NONE || zip_member_check(run->job->archive, member, failure);
}

static struct task *new_task(struct run *run, const struct zip_member *member)
{
    struct task *task = calloc(1, sizeof(*task));

    if (!task)
        return NULL;
    task->extraction = (struct extraction){.run = run, .member = member};
    task->file.progress = &run->progress;
    task->ok = prepare(task, &task->failure);
    if (!task->ok)
        task->kind = TASK_NONE;
    return task;
}

static void free_task(struct task *task)
{
    free(task->extraction.name);
    free(task->text);
    free(task);
}

/* ---- working and finishing ---- */

/* A vxa_jobs_work(). */
static void work(void *context, unsigned job, void *object)
{
    struct run *run = context;
    struct task *task = object;

    if (atomic_load(&run->in_vain)) {
        if (task->kind == TASK_FILE)
            vxa_output_abandon(&task->file.output);
        return;
    }
    switch (task->kind) {
    case TASK_NONE: return;
    case TASK_FILE: task->ok = make_file(task, job); break;
    case TASK_LINK: task->ok = read_link(task, job); break;
    case TASK_TEST: task->ok = test_forms(task, job); break;
    case TASK_PRINT: task->ok = print_member(task, job); break;
    }
    if (!task->ok && task->failure.kind >= VXA_FAILURE_DISK_FULL)
        atomic_store(&run->in_vain, true);
}

/* What is said before a task is done is said when all before it have been finished. */
static void announce(struct run *run, const struct task *task)
{
    if (task && task->action && !run->result.stopped)
        say(run, task->action, task->extraction.name, "");
}

static void finish(struct run *run, struct task *task)
{
    const struct extraction *extraction = &task->extraction;

    if (task->kind == TASK_LINK && task->ok)
        task->ok = vxa_target_link(run->target, extraction->name, task->text->text,
                                   &extraction->attributes, extraction->replace, &task->failure);
    vxa_progress_file(&run->progress, task->kind == TASK_NONE ? extraction->member->size : 0);
    run->tested_count++;
    run->failed_count += !task->ok;
    run->kept_count += task->was_kept;
    if (run->result.reader_gone)
        return;
    if (!task->ok || task->failure.kind == VXA_FAILURE_WARNING)
        report(run, extraction->member->name, &task->failure);
    else if (run->job->json)
        write_result(run, extraction->member->name, task->was_kept ? "kept" : "ok", NULL);
    else if (run->job->verb == VXA_EXTRACT_TEST)
        say(run, "testing", extraction->member->name, "  OK");
    if (task->stops || ferror(stdout))
        run->result.stopped = true;
    if (run->result.stopped)
        atomic_store(&run->in_vain, true);
}

/* The oldest; false if there is none, or, without `wait`, none that is done. */
static bool collect_one(struct run *run, bool wait)
{
    struct task *task = vxa_jobs_take(run->jobs, wait);

    if (!task)
        return false;
    if (!run->result.stopped)
        finish(run, task);
    free_task(task);
    announce(run, vxa_jobs_oldest(run->jobs));
    return true;
}

/* Finishes, in the order of the members, what is done; with `all`, everything that was begun. */
static void collect(struct run *run, bool all)
{
    while (collect_one(run, all))
        continue;
}

/* ---- the run ---- */

/* Whether a file that lies on the way to this one, or at its place, is a member, too. */
static bool meets_another(const struct zip_archive *archive, const struct zip_member *member)
{
    char way[PATH_MAX];
    const struct zip_member *other;

    if (zip_member_by_name(archive, member->name) != member || strstr(member->name, "//") ||
        strstr(member->name, "./") || member->name_nbytes >= sizeof(way))
        return true;
    memcpy(way, member->name, member->name_nbytes + 1);
    for (char *slash = strchr(way, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        other = zip_member_by_name(archive, way);
        if (other && other != member)
            return true;
        *slash = '/';
    }
    return false;
}

/* What is done at the same time must not meet at one name. */
static bool must_be_alone(const struct run *run, const struct zip_member *member)
{
    const struct vxa_extract_job *job = run->job;

    return job->verb == VXA_EXTRACT_FILES &&
           (job->junk_paths || job->decoded || meets_another(job->archive, member));
}

static void take_member(struct run *run, const struct zip_member *member)
{
    bool is_alone = must_be_alone(run, member);

    if (is_alone)
        collect(run, true);
    struct task *task = run->result.stopped ? NULL : new_task(run, member);

    if (!task)
        return;
    if (vxa_jobs_held_count(run->jobs) == VXA_JOBS_WINDOW)
        (void)collect_one(run, true);
    if (vxa_jobs_held_count(run->jobs) == 0)
        announce(run, task);
    vxa_jobs_add(run->jobs, task,
                 task->kind == TASK_NONE ? 0 : member->size / 2 + member->compressed_size / 2);
    collect(run, is_alone);
}

/* What is ahead; nobody counts where nobody looks. */
static void begin_progress(struct run *run)
{
    const struct vxa_extract_job *job = run->job;
    struct stat status;
    /* What reads a pipe may want the terminal for itself. */
    bool disturbs = job->verb == VXA_EXTRACT_PRINT &&
                    (fstat(STDOUT_FILENO, &status) != 0 || !S_ISREG(status.st_mode));
    uint64_t nbytes = 0, count = 0;

    vxa_progress_begin(&run->progress, job->quiet > 0 || disturbs, 0, 0);
    if (!run->progress.stream)
        return;
    for (size_t i = 0; i < zip_member_count(job->archive); i++) {
        const struct zip_member *member = zip_member_at(job->archive, i);

        if (!vxa_selection_has(job->selection, member))
            continue;
        nbytes += member->size;
        count++;
    }
    vxa_progress_begin(&run->progress, false, count, nbytes);
}

static void take_all(struct run *run)
{
    const struct vxa_extract_job *job = run->job;
    struct vxa_failure failure;

    for (size_t i = 0; i < zip_member_count(job->archive) && !run->result.stopped; i++) {
        const struct zip_member *member = zip_member_at(job->archive, i);

        if (!vxa_selection_has(job->selection, member))
            continue;
        if (job->interrupt->raised)
            break;
        take_member(run, member);
    }
    collect(run, true);
    if (job->interrupt->raised && !run->result.stopped) {
        (void)vxa_fail(&failure, VXA_FAILURE_INTERRUPTED, "interrupted");
        report(run, NULL, &failure);
    }
}

static void report_test(const struct run *run)
{
    const char *name = run->job->archive_name;

    if (run->job->quiet > 1 || run->result.stopped || run->job->json)
        return;
    if (run->failed_count == 0)
        fputs("No errors in ", stdout);
    else
        printf("%zu failed in ", run->failed_count);
    vxa_print_name(stdout, name, strlen(name));
    printf(": %zu member%s tested.\n", run->tested_count, run->tested_count == 1 ? "" : "s");
}

/* Of what was made, and of what it was made from. */
static void report_files(const struct run *run)
{
    size_t made_count = run->tested_count - run->failed_count - run->kept_count;
    uint64_t saved = run->size > run->compressed_size ? run->size - run->compressed_size : 0;

    if (run->job->quiet > 0 || run->result.stopped || run->job->json)
        return;
    printf("%zu member%s: %" PRIu64 " bytes from %" PRIu64 " (%d%% saved)\n", made_count,
           made_count == 1 ? "" : "s", run->size, run->compressed_size,
           run->size > 0 ? (int)((double)saved * 100.0 / (double)run->size + 0.5) : 0);
}

static void write_counts(const struct run *run)
{
    vxa_json_end(run->job->json, ']');
    vxa_json_count(run->job->json, "member_count", run->tested_count);
    vxa_json_count(run->job->json, "failed_count", run->failed_count);
}

struct vxa_extract_result vxa_extract(const struct vxa_extract_job *job)
{
    struct run run = {.job = job, .overwrite = job->overwrite};
    struct vxa_failure failure;

    if (job->json)
        vxa_json_array(job->json, "results");
    if (job->verb == VXA_EXTRACT_FILES && !vxa_target_open(job->folder, &run.target, &failure)) {
        report(&run, job->folder, &failure);
        if (job->json)
            write_counts(&run);
        return run.result;
    }
    run.jobs = vxa_jobs_new(job->verb == VXA_EXTRACT_PRINT ? 1 : job->job_count, work, &run);
    begin_progress(&run);
    if (run.jobs) {
        take_all(&run);
    } else {
        (void)vxa_fail(&failure, VXA_FAILURE_MEMORY, "out of memory");
        report(&run, NULL, &failure);
    }
    vxa_jobs_free(run.jobs);
    if (run.target)
        vxa_target_finish(run.target, report_later, &run);
    vxa_target_close(run.target);
    vxa_progress_end(&run.progress);
    if (job->json)
        write_counts(&run);
    if (job->verb == VXA_EXTRACT_TEST)
        report_test(&run);
    else if (job->verb == VXA_EXTRACT_FILES)
        report_files(&run);
    return run.result;
}

/* SPDX-License-Identifier: MIT */
/* What happens to each member: may it be written, where to, and what is said about it. */
#include "extract.h"
#include "message.h"
#include "path.h"
#include "zip_format.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A run over the archive. */
struct run {
    const struct vxa_extract_job *job;
    struct vxa_target *target; /* NULL unless files are made */
    enum vxa_overwrite overwrite;
    struct vxa_extract_result result;
    uint64_t size, compressed_size; /* of the members so far, as declared */
    size_t tested_count, failed_count;
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

/* ---- messages ---- */

static void report(struct run *run, const char *name, const struct vxa_failure *failure)
{
    vxa_message(run->job->program, run->job->archive_name, name, failure);
    run->result.status = vxa_graver(run->result.status, vxa_exit_status_of(failure->kind));
    if (failure->kind >= VXA_FAILURE_DISK_FULL)
        run->result.stopped = true;
}

static void report_later(void *context, const char *name, const struct vxa_failure *failure)
{
    report(context, name, failure);
}

/* One line on standard output, such as "  decoding: NAME". */
static void say(const struct run *run, const char *what, const char *name, const char *suffix)
{
    if (run->job->quiet > 0)
        return;
    printf("%12s: ", what);
    vxa_print_name(stdout, name, strlen(name));
    printf("%s\n", suffix);
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

/* ---- decoding into files ---- */

struct file_sink {
    struct vxa_output output;
    struct vxa_failure failure; /* why a write failed */
};

static bool write_file(void *context, const void *bytes, size_t nbytes)
{
    struct file_sink *sink = context;

    return vxa_output_write(&sink->output, bytes, nbytes, &sink->failure);
}

/* Decodes; a failure of the sink takes the place of the empty one. */
static bool decode(const struct extraction *extraction, struct vxa_sink sink,
                   const struct vxa_failure *sink_failure, struct vxa_failure *failure)
{
    bool ok = vxa_decode_member(extraction->run->job->decoding, extraction->member,
                                extraction->form, sink, failure);

    if (!ok && sink_failure->kind != VXA_FAILURE_NONE && failure->kind != VXA_FAILURE_INTERRUPTED)
        *failure = *sink_failure;
    return ok;
}

static bool make_file(const struct extraction *extraction, struct vxa_failure *failure)
{
    struct file_sink sink = {.failure = {.kind = VXA_FAILURE_NONE}};

    if (!vxa_output_begin(extraction->run->target, extraction->name, &sink.output, failure))
        return false;
    if (!decode(extraction, (struct vxa_sink){write_file, &sink}, &sink.failure, failure)) {
        vxa_output_abandon(&sink.output);
        return false;
    }
    struct vxa_failure commit_failure;

    if (vxa_output_commit(&sink.output, &extraction->attributes, extraction->replace,
                          &commit_failure))
        return true;
    *failure = commit_failure;
    return false;
}

/* ---- links ---- */

struct text_sink {
    char text[PATH_MAX];
    size_t nbytes;
    struct vxa_failure failure;
};

static bool write_text(void *context, const void *bytes, size_t nbytes)
{
    struct text_sink *sink = context;

    if (nbytes >= sizeof(sink->text) - sink->nbytes)
        return vxa_fail(&sink->failure, VXA_FAILURE_UNSAFE, "the text of the link is too long");
    memcpy(sink->text + sink->nbytes, bytes, nbytes);
    sink->nbytes += nbytes;
    return true;
}

static bool make_link(const struct extraction *extraction, struct vxa_failure *failure)
{
    struct text_sink sink = {.failure = {.kind = VXA_FAILURE_NONE}};

    if (!decode(extraction, (struct vxa_sink){write_text, &sink}, &sink.failure, failure))
        return false;
    if (sink.nbytes == 0 || memchr(sink.text, '\0', sink.nbytes))
        return vxa_fail(failure, VXA_FAILURE_UNSAFE, "its content is no text of a link");
    sink.text[sink.nbytes] = '\0';
    return vxa_target_link(extraction->run->target, extraction->name, sink.text,
                           &extraction->attributes, extraction->replace, failure);
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

/* The form that is wanted of this member, and what follows from it. */
static bool choose_form(struct extraction *extraction, struct vxa_failure *failure)
{
    const struct vxa_extract_job *job = extraction->run->job;
    const struct zip_member *member = extraction->member;
    const char *suffix = "";
    struct vxa_block block;
    bool is_exact;

    extraction->form = VXA_FORM_MEMBER;
    extraction->size = member->size;
    if (job->decoded && member->block_result == VXA_BLOCK_OK && zip_member_block(member, &block) &&
        vxa_has_decoded_form(&block)) {
        extraction->form = VXA_FORM_DECODED;
        extraction->size = block.decoded_size;
        suffix = decoded_suffix(&block);
    }
    extraction->attributes.mode = zip_member_mode(member);
    zip_member_mtime(member, &extraction->attributes.mtime, &is_exact);
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
        switch (vxa_overwrite_decide(&run->overwrite, extraction->name, &new_name)) {
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

/* ---- the three verbs ---- */

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

static bool extract_folder(struct extraction *extraction, struct vxa_failure *failure)
{
    struct run *run = extraction->run;
    enum vxa_existing existing;

    if (run->job->junk_paths)
        return true;
    if (!vxa_target_look(run->target, extraction->name, &existing, failure) ||
        !vxa_target_folder(run->target, extraction->name, &extraction->attributes,
                           run->overwrite == VXA_OVERWRITE_ALWAYS, failure))
        return false;
    if (existing == VXA_EXISTING_NONE)
        say(run, "creating", extraction->name, "");
    return true;
}

static bool extract_file(struct extraction *extraction, struct vxa_failure *failure)
{
    struct run *run = extraction->run;
    enum way way;

    if (is_special(extraction->member))
        return vxa_fail(failure, VXA_FAILURE_UNSUPPORTED,
                        "devices, pipes and sockets are not made");
    way = find_way(extraction, failure);
    if (way != WAY_FREE)
        return way == WAY_KEPT;
    if (!afford(run, extraction->size, extraction->member->compressed_size, failure))
        return false;
    if (S_ISLNK(extraction->attributes.mode)) {
        say(run, "linking", extraction->name, "");
        return make_link(extraction, failure);
    }
    say(run, extraction->member->method == ZIP_METHOD_STORE ? "extracting" : "decoding",
        extraction->name, "");
    return make_file(extraction, failure);
}

static bool extract_member(struct run *run, const struct zip_member *member,
                           struct vxa_failure *failure)
{
    struct extraction extraction = {.run = run, .member = member};

    if (member->name_problem)
        return vxa_fail(failure, VXA_FAILURE_UNSAFE, "%s", member->name_problem);
    bool ok = choose_form(&extraction, failure) &&
              (is_folder(member) ? extract_folder(&extraction, failure)
                                 : extract_file(&extraction, failure));

    free(extraction.name);
    return ok;
}

static bool write_nowhere(void *context, const void *bytes, size_t nbytes)
{
    (void)context;
    (void)bytes;
    (void)nbytes;
    return true;
}

/* Both forms of an already coded file are tested. */
static bool test_member(struct run *run, const struct zip_member *member,
                        struct vxa_failure *failure)
{
    struct vxa_sink nowhere = {write_nowhere, NULL};
    struct vxa_block block;
    bool has_block = member->block_result == VXA_BLOCK_OK && zip_member_block(member, &block);
    uint64_t decoded_size = has_block && vxa_has_decoded_form(&block) ? block.decoded_size : 0;

    if (member->name_problem)
        return vxa_fail(failure, VXA_FAILURE_UNSAFE, "%s", member->name_problem);
    if (!afford(run, member->size, member->compressed_size, failure) ||
        !vxa_decode_member(run->job->decoding, member, VXA_FORM_MEMBER, nowhere, failure))
        return false;
    if (!has_block || !vxa_has_decoded_form(&block))
        return true;
    return afford(run, decoded_size, 0, failure) &&
           vxa_decode_member(run->job->decoding, member, VXA_FORM_DECODED, nowhere, failure);
}

/* Standard output, without a buffer between. */
struct print_sink {
    const struct vxa_interrupt *interrupt;
    bool reader_gone;
    struct vxa_failure failure;
};

static bool write_output(void *context, const void *bytes, size_t nbytes)
{
    struct print_sink *sink = context;
    const char *at = bytes;

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

static bool print_member(struct run *run, const struct zip_member *member,
                         struct vxa_failure *failure)
{
    struct extraction extraction = {.run = run, .member = member};
    struct print_sink sink = {.interrupt = run->job->interrupt};

    if (is_folder(member))
        return true;
    bool ok = choose_form(&extraction, failure) &&
              afford(run, extraction.size, member->compressed_size, failure) &&
              decode(&extraction, (struct vxa_sink){write_output, &sink}, &sink.failure, failure);

    free(extraction.name);
    run->result.reader_gone = sink.reader_gone;
    /* What standard output does not take of one member it does not take of the next. */
    if (sink.failure.kind != VXA_FAILURE_NONE)
        run->result.stopped = true;
    return ok;
}

/* ---- the run ---- */

static void take_member(struct run *run, const struct zip_member *member)
{
    static bool (*const verbs[])(struct run *, const struct zip_member *, struct vxa_failure *) = {
        [VXA_EXTRACT_FILES] = extract_member,
        [VXA_EXTRACT_TEST] = test_member,
        [VXA_EXTRACT_PRINT] = print_member,
    };
    struct vxa_failure failure = {.kind = VXA_FAILURE_NONE};
    bool ok = verbs[run->job->verb](run, member, &failure);

    run->tested_count++;
    run->failed_count += !ok;
    if (run->result.reader_gone)
        return;
    if (!ok || failure.kind == VXA_FAILURE_WARNING)
        report(run, member->name, &failure);
    else if (run->job->verb == VXA_EXTRACT_TEST)
        say(run, "testing", member->name, "  OK");
    if (ferror(stdout))
        run->result.stopped = true;
}

static void take_all(struct run *run)
{
    const struct vxa_extract_job *job = run->job;
    struct vxa_failure failure;

    for (size_t i = 0; i < zip_member_count(job->archive) && !run->result.stopped; i++) {
        const struct zip_member *member = zip_member_at(job->archive, i);

        if (!vxa_selection_has(job->selection, member))
            continue;
        if (job->interrupt->raised) {
            (void)vxa_fail(&failure, VXA_FAILURE_INTERRUPTED, "interrupted");
            report(run, NULL, &failure);
            return;
        }
        take_member(run, member);
    }
}

static void report_test(const struct run *run)
{
    const char *name = run->job->archive_name;

    if (run->job->quiet > 1 || run->result.stopped)
        return;
    if (run->failed_count == 0)
        fputs("No errors in ", stdout);
    else
        printf("%zu failed in ", run->failed_count);
    vxa_print_name(stdout, name, strlen(name));
    printf(": %zu member%s tested.\n", run->tested_count, run->tested_count == 1 ? "" : "s");
}

struct vxa_extract_result vxa_extract(const struct vxa_extract_job *job)
{
    struct run run = {.job = job, .overwrite = job->overwrite};
    struct vxa_failure failure;

    if (job->verb == VXA_EXTRACT_FILES && !vxa_target_open(job->folder, &run.target, &failure)) {
        report(&run, job->folder, &failure);
        return run.result;
    }
    take_all(&run);
    if (run.target)
        vxa_target_finish(run.target, report_later, &run);
    vxa_target_close(run.target);
    if (job->verb == VXA_EXTRACT_TEST)
        report_test(&run);
    return run.result;
}

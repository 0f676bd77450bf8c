/* SPDX-License-Identifier: MIT */
/* The program vxunzip: opens the archive, does what the options say, minds signals. */
#include "decode.h"
#include "extract.h"
#include "jobs.h"
#include "json.h"
#include "list.h"
#include "message.h"
#include "vxunzip_options.h"
#include "workers.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef VXA_VERSION
#define VXA_VERSION "unknown"
#endif

static int fail(const char *archive_name, const struct vxa_failure *failure, int status)
{
    vxa_message(vxunzip_option_table.program, archive_name, NULL, failure);
    return status;
}

/* The name as it is, or, if no such file exists, with ".zip"; to be freed. */
static char *find_archive(const char *name)
{
    char *found = malloc(strlen(name) + sizeof(".zip"));

    if (!found)
        return NULL;
    strcat(strcpy(found, name), ".zip");
    if (access(name, F_OK) == 0 || access(found, F_OK) != 0)
        strcpy(found, name);
    return found;
}

static int status_of_opening(enum vxa_failure_kind kind)
{
    switch (kind) {
    case VXA_FAILURE_IO: return VXA_EXIT_NO_FILE;
    case VXA_FAILURE_DATA:
    case VXA_FAILURE_LIMIT: return VXA_EXIT_SEVERE;
    default: return vxa_exit_status_of(kind);
    }
}

/* ---- verbs ---- */

static int report_unmatched(const char *archive_name, const struct vxa_selection *selection)
{
    struct vxa_failure failure;
    int status = VXA_EXIT_OK;

    (void)vxa_fail(&failure, VXA_FAILURE_WARNING, "no member matches");
    for (size_t i = 0; i < selection->pattern_count; i++) {
        if (selection->matched[i])
            continue;
        vxa_message(vxunzip_option_table.program, archive_name, selection->patterns[i], &failure);
        status = VXA_EXIT_NO_MATCH;
    }
    return status;
}

static int list(const struct vxunzip_options *options, const char *archive_name,
                struct zip_archive *archive, struct vxa_selection *selection, struct vxa_json *json)
{
    struct vxa_list_job job = {archive_name, archive, selection, options->verbose, stdout};
    struct vxa_failure failure;

    if (options->verb == VXUNZIP_LIST) {
        if (json)
            vxa_list_members_json(&job, json);
        else
            vxa_list_members(&job);
    } else if (!(json ? vxa_list_decoders_json(&job, json) : vxa_list_decoders(&job))) {
        (void)vxa_fail(&failure, VXA_FAILURE_MEMORY, "out of memory");
        return fail(archive_name, &failure, VXA_EXIT_MEMORY);
    }
    return options->verb == VXUNZIP_LIST ? report_unmatched(archive_name, selection) : VXA_EXIT_OK;
}

/* The engines to be used, in order. With "all" on a host that has but one, it says so. */
static void choose_engines(const struct vxunzip_options *options, const char *archive_name,
                           struct vxa_decode_settings *settings)
{
    static const enum vxa_engine engines[] = {VXA_ENGINE_TRANSLATE, VXA_ENGINE_INTERPRET};
    struct vxa_failure failure;

    settings->engines[0] = options->engine;
    settings->engine_count = 1;
    if (!options->all_engines)
        return;
    settings->engine_count = 0;
    for (size_t i = 0; i < sizeof(engines) / sizeof(engines[0]); i++) {
        if (vxa_sandbox_engine_available(engines[i]))
            settings->engines[settings->engine_count++] = engines[i];
    }
    if (settings->engine_count == 1) {
        (void)vxa_fail(&failure, VXA_FAILURE_WARNING,
                       "this host has only one engine (%s): nothing is compared",
                       vxa_engine_name(settings->engines[0]));
        (void)fail(archive_name, &failure, VXA_EXIT_OK);
    }
}

/* Without workers all guests are in this process: one at a time. */
static unsigned count_jobs(const struct vxunzip_options *options)
{
    uint64_t count = options->job_count ? options->job_count : vxa_jobs_default();

    return !options->spawner ? 1 : count < VXA_JOBS_MAX ? (unsigned)count : VXA_JOBS_MAX;
}

/* One for each job, until there is no more memory. */
static unsigned make_decodings(const struct vxa_decode_settings *settings, unsigned count,
                               struct vxa_decoding *decodings[VXA_JOBS_MAX])
{
    unsigned made = 0;

    while (settings->store && made < count && (decodings[made] = vxa_decoding_new(settings)))
        made++;
    return made;
}

static int extract(const struct vxunzip_options *options, const char *archive_name,
                   struct zip_archive *archive, struct vxa_selection *selection,
                   struct vxa_json *json)
{
    static const enum vxa_extract_verb verbs[] = {
        [VXUNZIP_EXTRACT] = VXA_EXTRACT_FILES,
        [VXUNZIP_TEST] = VXA_EXTRACT_TEST,
        [VXUNZIP_PRINT] = VXA_EXTRACT_PRINT,
    };
    struct vxa_decode_settings settings = {
        .archive = archive,
        .store = vxa_decoder_store_new(archive, options->decoder_folder),
        .limits = options->sandbox_limits,
        .may_substitute = options->verb != VXUNZIP_TEST,
        .native = options->native && options->verb != VXUNZIP_TEST && !options->all_engines,
        .certified = options->certified,
        .interrupt = options->interrupt,
    };
    struct vxa_extract_result result = {.status = VXA_EXIT_MEMORY, .stopped = true};
    struct vxa_failure failure;

    settings.limits.spawner = options->spawner;
    choose_engines(options, archive_name, &settings);
    struct vxa_decoding *decodings[VXA_JOBS_MAX];
    unsigned job_count = make_decodings(&settings, count_jobs(options), decodings);

    if (job_count > 0) {
        result = vxa_extract(&(struct vxa_extract_job){
            .program = vxunzip_option_table.program,
            .archive_name = archive_name,
            .archive = archive,
            .decodings = decodings,
            .job_count = job_count,
            .selection = selection,
            .interrupt = options->interrupt,
            .verb = verbs[options->verb],
            .folder = options->folder,
            .overwrite = options->overwrite,
            .junk_paths = options->junk_paths,
            .decoded = options->decoded,
            .keep = options->keep,
            .quiet = options->quiet,
            .json = json,
            .limits = options->limits,
        });
    } else {
        (void)vxa_fail(&failure, VXA_FAILURE_MEMORY, "out of memory");
        (void)fail(archive_name, &failure, VXA_EXIT_MEMORY);
    }
    while (job_count > 0)
        vxa_decoding_free(decodings[--job_count]);
    vxa_decoder_store_free(settings.store);
    if (result.reader_gone)
        vxa_end_by_sigpipe();
    if (result.stopped)
        return result.status;
    return vxa_graver(result.status, report_unmatched(archive_name, selection));
}

static int run(const struct vxunzip_options *options, const char *archive_name,
               struct vxa_json *json)
{
    bool lists = options->verb == VXUNZIP_LIST || options->verb == VXUNZIP_LIST_DECODERS;
    struct zip_read_limits limits = {.member_count = options->member_count_max};
    struct vxa_selection selection = {
        .patterns = options->operands + 1,
        .pattern_count = options->operand_count - 1,
        .exclusions = options->exclusions,
        .exclusion_count = options->exclusion_count,
        .with_own = lists || options->verb == VXUNZIP_TEST,
    };
    struct zip_archive *archive = NULL;
    struct vxa_failure failure;
    int status = VXA_EXIT_OK;

    if (!vxa_sandbox_engine_available(options->engine)) {
        (void)vxunzip_complain("this program has no such engine on this host",
                               vxa_engine_name(options->engine));
        return VXA_EXIT_UNSUPPORTED;
    }
    if (!zip_open(archive_name, &limits, &archive, &failure)) {
        if (json)
            vxa_json_string(json, "error", failure.text);
        return fail(archive_name, &failure, status_of_opening(failure.kind));
    }
    if (zip_archive_warning(archive)) {
        if (json)
            vxa_json_string(json, "warning", zip_archive_warning(archive));
        (void)vxa_fail(&failure, VXA_FAILURE_WARNING, "warning: %s", zip_archive_warning(archive));
        status = fail(archive_name, &failure, VXA_EXIT_WARNING);
    }
    if (vxa_selection_begin(&selection, archive)) {
        int done = lists ? list(options, archive_name, archive, &selection, json)
                         : extract(options, archive_name, archive, &selection, json);

        status = vxa_graver(status, done);
        vxa_selection_end(&selection);
    } else {
        (void)vxa_fail(&failure, VXA_FAILURE_MEMORY, "out of memory");
        status = fail(archive_name, &failure, VXA_EXIT_MEMORY);
    }
    zip_close(archive);
    return status;
}

/* The document: what the verb says, between the archive's name and the exit status. */
static int run_json(const struct vxunzip_options *options, const char *archive_name)
{
    struct vxa_json json;

    vxa_json_begin(&json, stdout);
    vxa_json_object(&json, NULL);
    vxa_json_string(&json, "archive", archive_name);
    int status = run(options, archive_name, &json);

    vxa_json_count(&json, "status", (uint64_t)status);
    vxa_json_end(&json, '}');
    return status;
}

static bool runs_decoders(const struct vxunzip_options *options)
{
    return options->verb == VXUNZIP_EXTRACT || options->verb == VXUNZIP_TEST ||
           options->verb == VXUNZIP_PRINT;
}

static bool begin_workers(struct vxunzip_options *options)
{
    struct vxa_workers_wish wish = {vxunzip_option_table.program, options->require_isolation,
                                    options->verbose};

    return vxa_workers_begin(&wish, &options->spawner);
}

static int run_verb(struct vxunzip_options *options)
{
    if (options->verb == VXUNZIP_HELP) {
        vxa_options_help(&vxunzip_option_table, stdout);
        return VXA_EXIT_OK;
    }
    if (options->verb == VXUNZIP_VERSION) {
        puts("vxunzip " VXA_VERSION);
        return VXA_EXIT_OK;
    }
    if (options->verb == VXUNZIP_DESCRIBED)
        return VXA_EXIT_OK;
    if (runs_decoders(options) && !begin_workers(options))
        return VXA_EXIT_ISOLATION;
    char *archive_name = find_archive(options->operands[0]);

    if (!archive_name) {
        (void)vxunzip_complain("out of memory", NULL);
        return VXA_EXIT_MEMORY;
    }
    int status = options->json ? run_json(options, archive_name) : run(options, archive_name, NULL);

    free(archive_name);
    return status;
}

static bool reader_is_gone(void)
{
    struct pollfd output = {.fd = STDOUT_FILENO, .events = POLLOUT};

    return poll(&output, 1, 0) == 1 && (output.revents & POLLERR);
}

/* What standard output did not take is an error like any other, unless nobody reads it. */
static int finish_output(int status)
{
    struct vxa_failure failure;
    bool failed = ferror(stdout) != 0;

    errno = EIO;
    if (fflush(stdout) == 0 && !failed)
        return status;
    (void)vxa_fail_errno(&failure, "cannot write to standard output", errno);
    if (reader_is_gone())
        vxa_end_by_sigpipe();
    return fail(NULL, &failure, vxa_graver(status, vxa_exit_status_of(failure.kind)));
}

int main(int argc, char **argv)
{
    struct vxunzip_options options;
    int status = VXA_EXIT_USAGE;

    if (vxunzip_options_parse(&options, argc, argv)) {
        options.interrupt = vxa_catch_signals();
        status = run_verb(&options);
    }
    vxa_spawner_free(options.spawner);
    vxunzip_options_free(&options);
    return finish_output(status);
}

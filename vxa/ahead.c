/* SPDX-License-Identifier: MIT */
/* How far ahead is encoded, and that every job has decoders of its own to prove its results with.
 */
#include "ahead.h"
#include "jobs.h"

#include <stdlib.h>
#include <string.h>

enum { FEW_COUNT = 2 }; /* inputs for each job, which are held however large they are */

/* Of inputs that were begun and not asked for: beyond it, no more than a few. */
#define HELD_NBYTES (UINT64_C(64) << 20)

struct vxa_ahead {
    struct vxa_ahead_settings settings;
    const struct vxa_input *const *inputs;
    size_t input_count, next;
    uint64_t held_nbytes;
    struct vxa_coders *coders[VXA_JOBS_MAX];
    unsigned job_count;
    struct vxa_jobs *jobs;
};

/* ---- by the jobs ---- */

/* Without memory for it a remark is lost, no more. */
static void keep_remark(void *context, const char *name, const struct vxa_failure *failure)
{
    struct vxa_coded_input *coded = context;
    struct vxa_failure *larger =
        realloc(coded->remarks, (coded->remark_count + 1) * sizeof(*larger));

    (void)name;
    if (!larger)
        return;
    coded->remarks = larger;
    coded->remarks[coded->remark_count++] = *failure;
}

/* A vxa_jobs_work(). */
static void encode(void *context, unsigned job, void *task)
{
    const struct vxa_ahead *ahead = context;
    struct vxa_coded_input *coded = task;
    struct vxa_encode_settings settings = ahead->settings.encode;

    settings.coders = ahead->coders[job];
    settings.spool = &coded->spool;
    settings.remark = keep_remark;
    settings.remark_context = coded;
    coded->result = vxa_encode_input(&settings, coded->input, &coded->encoded, &coded->failure);
}

/* ---- life ---- */

static unsigned make_coders(struct vxa_ahead *ahead, unsigned count)
{
    const struct vxa_ahead_settings *settings = &ahead->settings;
    unsigned made = 0;

    for (; made < count; made++) {
        ahead->coders[made] = vxa_coders_new(settings->store, settings->engine, settings->spawner,
                                             settings->encode.interrupt);
        if (!ahead->coders[made])
            break;
    }
    return made;
}

struct vxa_ahead *vxa_ahead_new(const struct vxa_ahead_settings *settings,
                                const struct vxa_input *const *inputs, size_t input_count)
{
    struct vxa_ahead *ahead = calloc(1, sizeof(*ahead));
    unsigned count = settings->spawner && settings->job_count > 1 ? settings->job_count : 1;

    if (!ahead)
        return NULL;
    ahead->settings = *settings;
    ahead->inputs = inputs;
    ahead->input_count = input_count;
    ahead->job_count = make_coders(ahead, count < VXA_JOBS_MAX ? count : VXA_JOBS_MAX);
    if (ahead->job_count > 0)
        ahead->jobs = vxa_jobs_new(ahead->job_count, encode, ahead);
    if (ahead->jobs)
        return ahead;
    vxa_ahead_free(ahead);
    return NULL;
}

void vxa_coded_input_free(struct vxa_coded_input *coded)
{
    if (!coded)
        return;
    vxa_spool_end(&coded->spool);
    free(coded->remarks);
    free(coded);
}

void vxa_ahead_free(struct vxa_ahead *ahead)
{
    struct vxa_coded_input *coded;

    if (!ahead)
        return;
    while (ahead->jobs && (coded = vxa_jobs_take(ahead->jobs, true)) != NULL)
        vxa_coded_input_free(coded);
    vxa_jobs_free(ahead->jobs);
    while (ahead->job_count > 0)
        vxa_coders_free(ahead->coders[--ahead->job_count]);
    free(ahead);
}

/* ---- the way ---- */

static bool has_room(const struct vxa_ahead *ahead)
{
    size_t held = vxa_jobs_held_count(ahead->jobs);

    if (ahead->job_count == 1)
        return held == 0;
    return held < (size_t)FEW_COUNT * ahead->job_count ||
           (held < VXA_JOBS_WINDOW && ahead->held_nbytes < HELD_NBYTES);
}

static bool add(struct vxa_ahead *ahead, const struct vxa_input *input)
{
    struct vxa_coded_input *coded = calloc(1, sizeof(*coded));

    if (!coded)
        return false;
    coded->input = input;
    vxa_spool_begin(&coded->spool, ahead->settings.folder);
    ahead->held_nbytes += input->nbytes;
    vxa_jobs_add(ahead->jobs, coded, 16 * input->nbytes); /* encoding takes longer than decoding */
    return true;
}

struct vxa_coded_input *vxa_ahead_next(struct vxa_ahead *ahead)
{
    struct vxa_coded_input *coded;

    while (ahead->next < ahead->input_count && has_room(ahead)) {
        if (!add(ahead, ahead->inputs[ahead->next]))
            break;
        ahead->next++;
    }
    coded = vxa_jobs_take(ahead->jobs, true);
    if (coded)
        ahead->held_nbytes -= coded->input->nbytes;
    return coded;
}

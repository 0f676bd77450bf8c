/* SPDX-License-Identifier: MIT */
/* A ring of tasks between the thread that adds and takes them and those that work on them. */
#include "jobs.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    SUPPLY_COUNT = 32,        /* tasks that wait, for each job */
    WAITING_MAX = 128,        /* and for all; as many may be begun */
    BATCH_COUNT = 8,          /* of light ones, taken at a time */
    LIGHT_WEIGHT = 64 * 1024, /* all of a batch together */
    WORTH_COUNT = 32,         /* what must wait for one more thread to be started */
    WORTH_WEIGHT = 256 * 1024,
};

struct slot {
    void *task;
    uint64_t weight;
    bool done;
};

/* Tasks number `taken` to `added` are held; those from `begun` on wait. */
struct vxa_jobs {
    vxa_jobs_work *work;
    void *context;
    unsigned count, thread_count, idle_count;
    pthread_t threads[VXA_JOBS_MAX];
    pthread_mutex_t mutex;    /* guards what follows, and the counts */
    pthread_cond_t has_work;  /* or is to end */
    pthread_cond_t has_moved; /* a task was begun or done */
    bool ends;
    uint64_t taken, begun, added;
    uint64_t waiting_weight;
    struct slot slots[VXA_JOBS_WINDOW];
};

/* What a thread needs to know. */
struct job {
    struct vxa_jobs *jobs;
    unsigned number;
};

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

static struct slot *slot_of(struct vxa_jobs *jobs, uint64_t number)
{
    return &jobs->slots[number % VXA_JOBS_WINDOW];
}

/* ---- the threads ---- */

/* Begins the tasks from `*first` on; how many. The mutex is held. */
static unsigned begin_batch(struct vxa_jobs *jobs, uint64_t *first)
{
    unsigned most = least(BATCH_COUNT, WAITING_MAX / jobs->count);
    uint64_t weight = 0;
    unsigned count = 0;

    *first = jobs->begun;
    while (jobs->begun < jobs->added && count < most) {
        const struct slot *slot = slot_of(jobs, jobs->begun);

        if (count > 0 && weight + slot->weight > LIGHT_WEIGHT)
            break;
        weight += slot->weight;
        jobs->begun++;
        count++;
    }
    jobs->waiting_weight -= weight;
    return count;
}

static void work_on(struct vxa_jobs *jobs, unsigned job, uint64_t first, unsigned count)
{
    for (uint64_t number = first; number < first + count; number++) {
        jobs->work(jobs->context, job, slot_of(jobs, number)->task);
        pthread_mutex_lock(&jobs->mutex);
        slot_of(jobs, number)->done = true;
        if (number == jobs->taken)
            pthread_cond_signal(&jobs->has_moved);
        pthread_mutex_unlock(&jobs->mutex);
    }
}

static void *run(void *context)
{
    struct job own = *(struct job *)context;
    struct vxa_jobs *jobs = own.jobs;

    free(context);
    pthread_mutex_lock(&jobs->mutex);
    for (;;) {
        uint64_t first;
        unsigned count = begin_batch(jobs, &first);

        if (count > 0) {
            pthread_cond_signal(&jobs->has_moved);
            pthread_mutex_unlock(&jobs->mutex);
            work_on(jobs, own.number, first, count);
            pthread_mutex_lock(&jobs->mutex);
            continue;
        }
        if (jobs->ends)
            break;
        jobs->idle_count++;
        pthread_cond_wait(&jobs->has_work, &jobs->mutex);
        jobs->idle_count--;
    }
    pthread_mutex_unlock(&jobs->mutex);
    return NULL;
}

/* Signals are the first thread's. Without one more thread the others do the work. */
static void start_thread(struct vxa_jobs *jobs)
{
    struct job *job = malloc(sizeof *job);
    sigset_t all, before;

    if (!job)
        return;
    *job = (struct job){jobs, jobs->thread_count};
    sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    if (pthread_create(&jobs->threads[jobs->thread_count], NULL, run, job) == 0)
        jobs->thread_count++;
    else
        free(job);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* ---- life ---- */

struct vxa_jobs *vxa_jobs_new(unsigned count, vxa_jobs_work *work, void *context)
{
    struct vxa_jobs *jobs = calloc(1, sizeof *jobs);

    if (!jobs)
        return NULL;
    jobs->work = work;
    jobs->context = context;
    jobs->count = count < VXA_JOBS_MAX ? count : VXA_JOBS_MAX;
    (void)pthread_mutex_init(&jobs->mutex, NULL);
    (void)pthread_cond_init(&jobs->has_work, NULL);
    (void)pthread_cond_init(&jobs->has_moved, NULL);
    return jobs;
}

void vxa_jobs_free(struct vxa_jobs *jobs)
{
    if (!jobs)
        return;
    pthread_mutex_lock(&jobs->mutex);
    jobs->ends = true;
    pthread_cond_broadcast(&jobs->has_work);
    pthread_mutex_unlock(&jobs->mutex);
    for (unsigned i = 0; i < jobs->thread_count; i++)
        (void)pthread_join(jobs->threads[i], NULL);
    (void)pthread_cond_destroy(&jobs->has_moved);
    (void)pthread_cond_destroy(&jobs->has_work);
    (void)pthread_mutex_destroy(&jobs->mutex);
    free(jobs);
}

/* ---- adding ---- */

static bool is_worth_a_thread(const struct vxa_jobs *jobs)
{
    return jobs->thread_count < jobs->count && jobs->idle_count == 0 &&
           (jobs->thread_count == 0 || jobs->waiting_weight >= WORTH_WEIGHT ||
            jobs->added - jobs->begun >= WORTH_COUNT);
}

/* The mutex is held. With no thread at all, the task is done here. */
static void hand_over(struct vxa_jobs *jobs)
{
    if (is_worth_a_thread(jobs))
        start_thread(jobs);
    if (jobs->thread_count == 0) {
        uint64_t first;
        unsigned count = begin_batch(jobs, &first);

        pthread_mutex_unlock(&jobs->mutex);
        work_on(jobs, 0, first, count);
        pthread_mutex_lock(&jobs->mutex);
    } else if (jobs->idle_count > 0) {
        pthread_cond_signal(&jobs->has_work);
    }
    while (jobs->thread_count > 0 &&
           jobs->added - jobs->begun >= least(SUPPLY_COUNT * jobs->thread_count, WAITING_MAX))
        pthread_cond_wait(&jobs->has_moved, &jobs->mutex);
}

void vxa_jobs_add(struct vxa_jobs *jobs, void *task, uint64_t weight)
{
    struct slot *slot = slot_of(jobs, jobs->added);

    *slot = (struct slot){.task = task, .weight = weight};
    if (jobs->count <= 1) {
        jobs->added++;
        jobs->begun++;
        jobs->work(jobs->context, 0, task);
        slot->done = true;
        return;
    }
    pthread_mutex_lock(&jobs->mutex);
    jobs->added++;
    jobs->waiting_weight += weight;
    hand_over(jobs);
    pthread_mutex_unlock(&jobs->mutex);
}

/* ---- taking ---- */

size_t vxa_jobs_held_count(const struct vxa_jobs *jobs)
{
    return (size_t)(jobs->added - jobs->taken);
}

void *vxa_jobs_oldest(const struct vxa_jobs *jobs)
{
    return vxa_jobs_held_count(jobs) > 0 ? jobs->slots[jobs->taken % VXA_JOBS_WINDOW].task : NULL;
}

void *vxa_jobs_take(struct vxa_jobs *jobs, bool wait)
{
    struct slot *slot = slot_of(jobs, jobs->taken);
    void *task = NULL;

    if (vxa_jobs_held_count(jobs) == 0)
        return NULL;
    pthread_mutex_lock(&jobs->mutex);
    while (wait && !slot->done)
        pthread_cond_wait(&jobs->has_moved, &jobs->mutex);
    if (slot->done) {
        task = slot->task;
        jobs->taken++;
    }
    pthread_mutex_unlock(&jobs->mutex);
    return task;
}

unsigned vxa_jobs_default(void)
{
    long count = 0;

#ifdef __linux__
    cpu_set_t set;

    if (sched_getaffinity(0, sizeof set, &set) == 0)
        count = CPU_COUNT(&set);
#endif
    if (count < 1)
        count = sysconf(_SC_NPROCESSORS_ONLN);
    return count < 1 ? 1 : count > VXA_JOBS_MAX ? VXA_JOBS_MAX : (unsigned)count;
}

bool vxa_jobs_parse(const char *text, unsigned *count)
{
    char *end;
    unsigned long number = strtoul(text, &end, 10);

    *count = number < VXA_JOBS_MAX ? (unsigned)number : VXA_JOBS_MAX;
    return *text >= '0' && *text <= '9' && *end == '\0';
}

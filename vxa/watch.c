/* SPDX-License-Identifier: MIT */
/* The thread that looks at the clock while a decoder runs at full speed. */
#include "watch.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

/* A limit is passed by no more than this and what an interrupt takes. */
enum { LOOK_NANOSECONDS = 5000000, SECOND_NANOSECONDS = 1000000000 };

struct vxa_watch {
    pthread_t thread;
    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t closed;
    bool closing, running;
    struct timespec deadline;
    void (*late)(void *context);
    void *context;
};

struct timespec vxa_watch_now(void)
{
    struct timespec now = {0};

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now;
}

bool vxa_watch_is_late(struct timespec deadline)
{
    struct timespec now = vxa_watch_now();

    return now.tv_sec > deadline.tv_sec ||
           (now.tv_sec == deadline.tv_sec && now.tv_nsec >= deadline.tv_nsec);
}

static void wait_a_little(struct vxa_watch *watch)
{
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += LOOK_NANOSECONDS;
    if (until.tv_nsec >= SECOND_NANOSECONDS) {
        until.tv_nsec -= SECOND_NANOSECONDS;
        until.tv_sec++;
    }
    (void)pthread_cond_timedwait(&watch->closed, &watch->mutex, &until);
}

static void *watch_clock(void *context)
{
    struct vxa_watch *watch = context;

    pthread_mutex_lock(&watch->mutex);
    while (!watch->closing) {
        wait_a_little(watch);
        if (watch->running && vxa_watch_is_late(watch->deadline))
            watch->late(watch->context);
    }
    pthread_mutex_unlock(&watch->mutex);
    return NULL;
}

/* Signals are the main thread's. */
static bool start_thread(struct vxa_watch *watch)
{
    sigset_t all, before;
    bool good;

    sigfillset(&all);
    if (pthread_sigmask(SIG_SETMASK, &all, &before) != 0)
        return false;
    good = pthread_create(&watch->thread, NULL, watch_clock, watch) == 0;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return good;
}

static bool make_condition(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;
    bool good;

    if (pthread_condattr_init(&attributes) != 0)
        return false;
    good = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0 &&
           pthread_cond_init(condition, &attributes) == 0;
    (void)pthread_condattr_destroy(&attributes);
    return good;
}

struct vxa_watch *vxa_watch_new(void (*late)(void *context), void *context)
{
    struct vxa_watch *watch = calloc(1, sizeof *watch);

    if (watch == NULL)
        return NULL;
    watch->late = late;
    watch->context = context;
    if (pthread_mutex_init(&watch->mutex, NULL) == 0 && make_condition(&watch->closed) &&
        start_thread(watch))
        return watch;
    free(watch);
    return NULL;
}

void vxa_watch_free(struct vxa_watch *watch)
{
    if (watch == NULL)
        return;
    pthread_mutex_lock(&watch->mutex);
    watch->closing = true;
    pthread_cond_signal(&watch->closed);
    pthread_mutex_unlock(&watch->mutex);
    (void)pthread_join(watch->thread, NULL);
    (void)pthread_cond_destroy(&watch->closed);
    (void)pthread_mutex_destroy(&watch->mutex);
    free(watch);
}

void vxa_watch_begin(struct vxa_watch *watch, struct timespec deadline)
{
    pthread_mutex_lock(&watch->mutex);
    watch->deadline = deadline;
    watch->running = true;
    pthread_mutex_unlock(&watch->mutex);
}

void vxa_watch_end(struct vxa_watch *watch)
{
    pthread_mutex_lock(&watch->mutex);
    watch->running = false;
    pthread_mutex_unlock(&watch->mutex);
}

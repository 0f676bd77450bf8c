/* SPDX-License-Identifier: MIT */
/* Tasks that are worked on at the same time, and given back in the order in which they came. */
#ifndef VXA_JOBS_H
#define VXA_JOBS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { VXA_JOBS_MAX = 64, VXA_JOBS_WINDOW = 1024 };

struct vxa_jobs;

/* Works on a task; `job`, from 0 on, is used by nobody else at the same time. */
typedef void vxa_jobs_work(void *context, unsigned job, void *task);

/*
 * Up to `count` threads, each started when there is enough to do for it. With a count of 1 there is
 * none: tasks are done when they are added. NULL when out of memory.
 */
struct vxa_jobs *vxa_jobs_new(unsigned count, vxa_jobs_work *work, void *context);
/* Every task must have been taken. NULL is allowed. */
void vxa_jobs_free(struct vxa_jobs *jobs);

/*
 * Adds a task; `weight` is the bytes it is about, or anything else that is large where it takes
 * long: several light ones are handed over together. Waits while every job is well supplied, so
 * that few tasks are begun and not yet done. There may be VXA_JOBS_WINDOW that were not taken.
 */
void vxa_jobs_add(struct vxa_jobs *jobs, void *task, uint64_t weight);

/* How many were added and not taken. */
size_t vxa_jobs_held_count(const struct vxa_jobs *jobs);
/* The oldest of them, which stays; NULL if there is none. */
void *vxa_jobs_oldest(const struct vxa_jobs *jobs);
/* Takes the oldest, once it is done. Without `wait` NULL if it is not; also NULL if there is none.
 */
void *vxa_jobs_take(struct vxa_jobs *jobs, bool wait);

/* As many as there are processors for this process, VXA_JOBS_MAX at most. */
unsigned vxa_jobs_default(void);

/* A number of jobs as a user writes it; 0 stands for the default. False if it is none. */
bool vxa_jobs_parse(const char *text, unsigned *count);

#endif

/* SPDX-License-Identifier: MIT */
/* Watches the CPU time of a run from a thread of its own. */
#ifndef VXA_WATCH_H
#define VXA_WATCH_H

#include <stdbool.h>
#include <time.h>

struct vxa_watch;

/* `late` is called with `context`, from the watch's thread, every few milliseconds while a run is
 * late. NULL: no memory or no thread. */
struct vxa_watch *vxa_watch_new(void (*late)(void *context), void *context);

/* NULL is allowed. */
void vxa_watch_free(struct vxa_watch *watch);

/* A run begins that may last until the process has used this much CPU time; and it ends. */
void vxa_watch_begin(struct vxa_watch *watch, struct timespec deadline);
void vxa_watch_end(struct vxa_watch *watch);

/* The CPU time that the process has used, and whether it is at or behind the deadline. */
struct timespec vxa_watch_now(void);
bool vxa_watch_is_late(struct timespec deadline);

#endif

/* SPDX-License-Identifier: MIT */
/* One line on a terminal that tells how far a long run has come. */
#ifndef VXA_PROGRESS_H
#define VXA_PROGRESS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/*
 * Any thread may say what is done; one begins, and hides the line. It appears when the run has
 * taken a while, and is drawn a few times a second. Whoever prints anything else hides it before.
 */
struct vxa_progress {
    FILE *stream; /* NULL: nothing is ever shown */
    uint64_t total_nbytes, file_count;
    _Atomic uint64_t done_nbytes, done_file_count;
    double start_seconds;
    atomic_bool is_busy; /* somebody draws or hides: the rest is theirs */
    double next_seconds;
    bool is_shown;
};

/* Shows nothing unless standard error is a terminal, and not with `is_quiet`. */
void vxa_progress_begin(struct vxa_progress *progress, bool is_quiet, uint64_t file_count,
                        uint64_t total_nbytes);

/* So many more bytes are done. NULL is allowed. */
void vxa_progress_add(struct vxa_progress *progress, uint64_t nbytes);

/* One more file is done, and as many bytes of it that were not added. NULL is allowed. */
void vxa_progress_file(struct vxa_progress *progress, uint64_t nbytes);

/* Takes the line away, until it may be shown again: for whoever prints. NULL is allowed. */
void vxa_progress_hide(struct vxa_progress *progress);
void vxa_progress_show(struct vxa_progress *progress);

/* Takes the line away for good; no other thread may use it any more. */
void vxa_progress_end(struct vxa_progress *progress);

/*
 * The line as it is after so many seconds. For tests,
 * too.
 */
void vxa_progress_text(const struct vxa_progress *progress, double seconds, char *text,
                       size_t text_nbytes);

#endif

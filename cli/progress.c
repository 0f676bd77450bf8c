/* SPDX-License-Identifier: MIT */
/* What the line says, and when it is drawn. */
#include "progress.h"
#include "terminal.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#define FIRST_SECONDS 0.5
#define STEP_SECONDS  0.2

static double now_seconds(void)
{
    struct timespec now;

    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0)
        return 0;
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void vxa_progress_begin(struct vxa_progress *progress, bool is_quiet, uint64_t file_count,
                        uint64_t total_nbytes)
{
    *progress = (struct vxa_progress){.file_count = file_count, .total_nbytes = total_nbytes};
    if (is_quiet || !vxa_is_terminal(stderr))
        return;
    progress->stream = stderr;
    progress->start_seconds = now_seconds();
    progress->next_seconds = progress->start_seconds + FIRST_SECONDS;
}

/* ---- the text ---- */

/* "1.5 MB", with three digits or so. */
static void size_text(double nbytes, char text[16])
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
    size_t unit = 0;

    for (; nbytes >= 999.5 && unit + 1 < sizeof(units) / sizeof(units[0]); unit++)
        nbytes /= 1000;
    (void)snprintf(text, 16, "%.*f %s", unit > 0 && nbytes < 99.95, nbytes, units[unit]);
}

/* "1:05" or "2:00:05" */
static void time_text(double seconds, char text[32])
{
    uint64_t left = seconds > 359999 ? 359999 : (uint64_t)(seconds + 0.5);

    if (left >= 3600)
        (void)snprintf(text, 32, "%" PRIu64 ":%02" PRIu64 ":%02" PRIu64, left / 3600,
                       left / 60 % 60, left % 60);
    else
        (void)snprintf(text, 32, "%" PRIu64 ":%02" PRIu64, left / 60, left % 60);
}

void vxa_progress_text(const struct vxa_progress *progress, double seconds, char *text,
                       size_t text_nbytes)
{
    uint64_t done = progress->done_nbytes;
    double rate = seconds > 0 ? (double)done / seconds : 0;
    char done_text[16], total_text[16], rate_text[16], left_text[32];

    if (done > progress->total_nbytes)
        done = progress->total_nbytes;
    size_text((double)done, done_text);
    size_text((double)progress->total_nbytes, total_text);
    size_text(rate, rate_text);
    time_text(rate > 0 ? (double)(progress->total_nbytes - done) / rate : 0, left_text);
    (void)snprintf(
        text, text_nbytes, "%3.0f%%  %s of %s, %" PRIu64 " of %" PRIu64 " files, %s/s, %s left",
        progress->total_nbytes > 0 ? (double)done * 100.0 / (double)progress->total_nbytes : 0.0,
        done_text, total_text, (uint64_t)progress->done_file_count, progress->file_count, rate_text,
        left_text);
}

/* ---- drawing ---- */

static void draw(struct vxa_progress *progress)
{
    char text[160];
    double now = now_seconds();

    if (atomic_exchange(&progress->is_busy, true))
        return;
    if (now >= progress->next_seconds) {
        vxa_progress_text(progress, now - progress->start_seconds, text, sizeof(text));
        fflush(stdout); /* its lines come first */
        /* The last column stays free: some terminals would begin a new line. */
        fprintf(progress->stream, "\r%.*s\033[K", (int)vxa_terminal_width(progress->stream) - 1,
                text);
        fflush(progress->stream);
        progress->is_shown = true;
        progress->next_seconds = now + STEP_SECONDS;
    }
    atomic_store(&progress->is_busy, false);
}

void vxa_progress_add(struct vxa_progress *progress, uint64_t nbytes)
{
    if (!progress || !progress->stream)
        return;
    atomic_fetch_add(&progress->done_nbytes, nbytes);
    draw(progress);
}

void vxa_progress_file(struct vxa_progress *progress, uint64_t nbytes)
{
    if (!progress || !progress->stream)
        return;
    atomic_fetch_add(&progress->done_nbytes, nbytes);
    atomic_fetch_add(&progress->done_file_count, 1);
    draw(progress);
}

void vxa_progress_hide(struct vxa_progress *progress)
{
    if (!progress || !progress->stream)
        return;
    while (atomic_exchange(&progress->is_busy, true))
        continue;
    if (progress->is_shown) {
        fputs("\r\033[K", progress->stream);
        fflush(progress->stream);
        progress->is_shown = false;
    }
}

void vxa_progress_show(struct vxa_progress *progress)
{
    if (progress && progress->stream)
        atomic_store(&progress->is_busy, false);
}

void vxa_progress_end(struct vxa_progress *progress)
{
    vxa_progress_hide(progress);
    progress->stream = NULL;
}

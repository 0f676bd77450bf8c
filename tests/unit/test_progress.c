/* SPDX-License-Identifier: MIT */
/* Knows what the progress line says at a time, and that it stays below 80 columns. */
#include "support/test.h"

#include "progress.h"

#include <string.h>

static void says(const struct vxa_progress *progress, double seconds, const char *expected,
                 int line)
{
    char text[160];

    vxa_progress_text(progress, seconds, text, sizeof(text));
    if (strcmp(text, expected) != 0)
        fprintf(stderr, "line %d: \"%s\", not \"%s\"\n", line, text, expected);
    CHECK(strcmp(text, expected) == 0);
}

#define SAYS(progress, seconds, expected) says(progress, seconds, expected, __LINE__)

static void the_line_says_part_sizes_files_rate_and_time(void)
{
    struct vxa_progress progress = {
        .total_nbytes = 200000000, .done_nbytes = 50000000, .file_count = 7, .done_file_count = 3};

    SAYS(&progress, 10, " 25%  50.0 MB of 200 MB, 3 of 7 files, 5.0 MB/s, 0:30 left");
    progress.done_nbytes = 200000000;
    SAYS(&progress, 1, "100%  200 MB of 200 MB, 3 of 7 files, 200 MB/s, 0:00 left");
}

static void nothing_done_and_nothing_to_do_are_no_trouble(void)
{
    struct vxa_progress progress = {.file_count = 1};

    SAYS(&progress, 0, "  0%  0 B of 0 B, 0 of 1 files, 0 B/s, 0:00 left");
    progress.total_nbytes = 999;
    SAYS(&progress, 5, "  0%  0 B of 999 B, 0 of 1 files, 0 B/s, 0:00 left");
}

/* A file that grew must not make it more than all. */
static void more_than_all_is_all(void)
{
    struct vxa_progress progress = {.total_nbytes = 1000, .done_nbytes = 2000, .file_count = 1};

    SAYS(&progress, 2, "100%  1.0 kB of 1.0 kB, 0 of 1 files, 1.0 kB/s, 0:00 left");
}

static void large_numbers_fit_into_a_line(void)
{
    struct vxa_progress progress = {.total_nbytes = UINT64_MAX,
                                    .done_nbytes = 1,
                                    .file_count = 16777216,
                                    .done_file_count = 16777215};
    char text[160];

    vxa_progress_text(&progress, 1e6, text, sizeof(text));
    CHECK(strlen(text) < 80);
    SAYS(&progress, 1, "  0%  1 B of 18.4 EB, 16777215 of 16777216 files, 1 B/s, 99:59:59 left");
}

static void without_a_terminal_nothing_is_counted(void)
{
    struct vxa_progress progress;

    if (!freopen("/dev/null", "w", stderr))
        return;
    vxa_progress_begin(&progress, false, 2, 100);
    CHECK(progress.stream == NULL);
    vxa_progress_add(&progress, 50);
    vxa_progress_file(&progress, 70);
    CHECK_EQ_U64(progress.done_nbytes, 0);
    vxa_progress_add(NULL, 1);
    vxa_progress_hide(NULL);
}

int main(void)
{
    RUN(the_line_says_part_sizes_files_rate_and_time);
    RUN(nothing_done_and_nothing_to_do_are_no_trouble);
    RUN(more_than_all_is_all);
    RUN(large_numbers_fit_into_a_line);
    RUN(without_a_terminal_nothing_is_counted);
    return test_report();
}

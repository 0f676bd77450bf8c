/* SPDX-License-Identifier: MIT */
/* Knows that kept times and owners come back, and that no extra field makes the reader read beyond
 * it. */
#include "support/test.h"

#include "keep.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SEED = 1861, RANDOM_COUNT = 20000 };

static struct stat some_status(void)
{
    return (struct stat){
        .st_mode = S_IFREG | 0644,
        .st_uid = 1234,
        .st_gid = 4000000000u,
        .st_mtim = {.tv_sec = -1000000000, .tv_nsec = 123456789},
        .st_atim = {.tv_sec = 4000000000, .tv_nsec = 999999999},
    };
}

/* Reads from memory of exactly this size, so that sanitizers see the byte behind it. */
static void read_copy(const uint8_t *extra, size_t nbytes, struct vxa_kept *kept)
{
    uint8_t *copy = malloc(nbytes + 1);

    if (!copy)
        abort();
    uint8_t *exact = copy + 1; /* no alignment either */

    if (nbytes > 0)
        memcpy(exact, extra, nbytes);
    vxa_kept_find(exact, nbytes, kept);
    if (kept->xattrs) {
        int fd = open("/dev/null", O_RDONLY);

        CHECK(kept->xattrs >= exact && kept->xattrs + kept->xattrs_nbytes <= exact + nbytes);
        (void)!vxa_kept_set_xattrs(kept, fd);
        close(fd);
    }
    free(copy);
}

static void times_and_owner_come_back(void)
{
    static uint8_t fields[VXA_KEEP_MAX_NBYTES];
    struct vxa_failure failure = {.kind = VXA_FAILURE_NONE};
    struct stat status = some_status();
    struct vxa_kept kept;
    size_t nbytes =
        vxa_keep_build(VXA_KEEP_TIMES | VXA_KEEP_OWNER, "nowhere", &status, fields, &failure);

    read_copy(fields, nbytes, &kept);
    CHECK(failure.kind == VXA_FAILURE_NONE && kept.has_times && kept.has_owner && !kept.xattrs);
    CHECK(kept.mtime.tv_sec == -1000000000 && kept.mtime.tv_nsec == 123456700);
    CHECK(kept.atime.tv_sec == 4000000000 && kept.atime.tv_nsec == 999999900);
    CHECK_EQ_U64(kept.user, 1234);
    CHECK_EQ_U64(kept.group, 4000000000u);
}

static void what_was_not_asked_for_is_not_there(void)
{
    static uint8_t fields[VXA_KEEP_MAX_NBYTES];
    struct vxa_failure failure = {.kind = VXA_FAILURE_NONE};
    struct stat status = some_status();
    struct vxa_kept kept;

    CHECK_EQ_U64(vxa_keep_build(0, "nowhere", &status, fields, &failure), 0);
    read_copy(fields, 0, &kept);
    CHECK(!kept.has_times && !kept.has_owner && !kept.xattrs);
}

static void fields_that_are_cut_are_missing(void)
{
    static uint8_t fields[VXA_KEEP_MAX_NBYTES];
    struct vxa_failure failure = {.kind = VXA_FAILURE_NONE};
    struct stat status = some_status();
    size_t nbytes =
        vxa_keep_build(VXA_KEEP_TIMES | VXA_KEEP_OWNER, "nowhere", &status, fields, &failure);

    for (size_t cut = 0; cut < nbytes; cut++) {
        struct vxa_kept kept;

        read_copy(fields, cut, &kept);
        CHECK(!kept.has_owner);
    }
}

/* Fields of the right ids with sizes and contents that are nearly right. */
static size_t random_extra(uint8_t *extra, size_t room_nbytes, unsigned *seed)
{
    static const uint16_t ids[] = {0x000a, 0x7875, 0x5841};
    static const uint8_t sizes[] = {32, 11, 30};
    size_t nbytes = 0;

    while (room_nbytes - nbytes > 64 && rand_r(seed) % 4 != 0) {
        size_t which = (size_t)rand_r(seed) % 3;
        size_t length = rand_r(seed) % 2 ? sizes[which] : (size_t)rand_r(seed) % 60;
        uint8_t *field = extra + nbytes;

        for (size_t i = 0; i < 4 + length; i++)
            field[i] = (uint8_t)(rand_r(seed) % 3 ? rand_r(seed) % 12 : rand_r(seed));
        field[0] = (uint8_t)ids[which];
        field[1] = (uint8_t)(ids[which] >> 8);
        field[2] = (uint8_t)(length + (size_t)(rand_r(seed) % 8 == 0));
        field[3] = 0;
        if (length > 0)
            field[4] = 1;
        nbytes += 4 + length;
    }
    return nbytes;
}

static void any_bytes_are_read_within_their_field(void)
{
    uint8_t extra[512];
    unsigned seed = SEED;
    unsigned xattrs_count = 0;

    printf("seed %d\n", SEED);
    for (int i = 0; i < RANDOM_COUNT; i++) {
        struct vxa_kept kept;

        read_copy(extra, random_extra(extra, sizeof(extra), &seed), &kept);
        xattrs_count += kept.xattrs != NULL;
    }
    CHECK(xattrs_count > 20); /* the good way was taken, too */
}

int main(void)
{
    RUN(times_and_owner_come_back);
    RUN(what_was_not_asked_for_is_not_there);
    RUN(fields_that_are_cut_are_missing);
    RUN(any_bytes_are_read_within_their_field);
    return test_report();
}

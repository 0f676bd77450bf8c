/* SPDX-License-Identifier: MIT */
/* Opening an archive: what good ones say is reported, and every fault is told by kind and words. */
#include "zip_case.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* ---- good archives ---- */

static void members_are_what_the_directory_says(void)
{
    struct zip_builder b = three();
    uint64_t local_off = b.places[1].local_off;
    struct zip_archive *archive = open_built(&b);
    const struct zip_member *m = zip_member_at(archive, 1);

    CHECK_EQ_U64(zip_member_count(archive), 3);
    CHECK(strcmp(m->name, "b") == 0 && m->name_nbytes == 1 && !m->name_problem);
    CHECK(strcmp(m->comment, "about b") == 0 && m->comment_nbytes == 7);
    CHECK_EQ_U64(m->size, 6);
    CHECK_EQ_U64(m->compressed_size, 6);
    CHECK_EQ_U64(m->crc32, 0x2222);
    CHECK_EQ_U64(m->local_off, local_off);
    CHECK(m->method == 0 && m->flags == 0 && m->version_needed == 20);
    CHECK(m->block_result == VXA_BLOCK_ABSENT);
    CHECK(strcmp(zip_member_at(archive, 0)->comment, "") == 0);
    CHECK(strcmp(zip_member_at(archive, 2)->name, "c/") == 0);
    CHECK(zip_archive_warning(archive) == NULL);
    zip_close(archive);
}

static void data_is_read_from_any_offset(void)
{
    struct zip_builder b = three();
    struct zip_archive *archive = open_built(&b);
    const struct zip_member *m = zip_member_at(archive, 1);
    struct vxa_failure failure;
    char data[8] = "";

    CHECK(zip_member_check(archive, m, &failure));
    CHECK(zip_member_check(archive, m, &failure));
    CHECK(zip_member_read(archive, m, 0, data, sizeof data, &failure) == 6);
    CHECK(memcmp(data, "beta!!", 6) == 0);
    CHECK(zip_member_read(archive, m, 2, data, 3, &failure) == 3);
    CHECK(memcmp(data, "ta!", 3) == 0);
    CHECK(zip_member_read(archive, m, 6, data, 1, &failure) == 0);
    CHECK(zip_member_read(archive, m, UINT64_MAX, data, 1, &failure) == 0);
    zip_close(archive);
}

static void unchecked_members_are_not_read(void)
{
    struct zip_builder b = three();
    struct zip_archive *archive = open_built(&b);
    struct vxa_failure failure;
    char data[8];

    CHECK(zip_member_read(archive, zip_member_at(archive, 1), 0, data, 6, &failure) == -1);
    zip_close(archive);
}

static void all_members_of_a_good_archive_pass(void)
{
    struct zip_builder b = three();

    CHECK(is_good(&b));
    b = three_zip64();
    CHECK(is_good(&b));
}

static void an_archive_without_members_is_good(void)
{
    for (int is_zip64 = 0; is_zip64 < 2; is_zip64++) {
        struct zip_builder b = {0};
        struct zip_archive *archive;

        zip_build_directory(&b);
        if (is_zip64)
            zip_build_zip64(&b);
        zip_build_end(&b, NULL);
        archive = open_built(&b);
        CHECK_EQ_U64(zip_member_count(archive), 0);
        CHECK(zip_archive_warning(archive) == NULL);
        CHECK(zip_member_by_name(archive, "a") == NULL);
        zip_close(archive);
    }
}

static void the_archive_comment_is_kept(void)
{
    struct zip_builder b = {0};
    struct zip_archive *archive;
    size_t nbytes;

    add_three(&b);
    zip_build_directory(&b);
    zip_build_end(&b, "what this is");
    archive = open_built(&b);
    CHECK(strcmp(zip_archive_comment(archive, &nbytes), "what this is") == 0);
    CHECK_EQ_U64(nbytes, 12);
    zip_close(archive);
}

static void the_longest_comment_is_no_obstacle(void)
{
    char *comment = calloc(1, 65536);
    struct zip_builder b = {0};

    memset(comment, 'P', 65535);
    add_three(&b);
    zip_build_directory(&b);
    zip_build_end(&b, comment);
    CHECK(is_good(&b));
    free(comment);
}

static bool warns(struct zip_builder *b, const char *text)
{
    struct zip_archive *archive = open_built(b);
    struct vxa_failure failure;
    bool ok = archive && zip_archive_warning(archive) &&
              strcmp(zip_archive_warning(archive), text) == 0 && check_at(archive, 1, &failure);

    zip_close(archive);
    return ok;
}

static void a_prefix_and_trailing_bytes_are_warned_about(void)
{
    struct zip_builder b = three();

    zip_build_bytes(&b, "more bytes", 10);
    CHECK(warns(&b, "10 bytes after the end of the archive"));
    for (int is_zip64 = 0; is_zip64 < 2; is_zip64++) {
        zip_build_bytes(&b, "#!/bin/sh\n", 10);
        add_three(&b);
        zip_build_directory(&b);
        if (is_zip64)
            zip_build_zip64(&b);
        zip_build_end(&b, NULL);
        if (is_zip64)
            zip_build_bytes(&b, "123", 3);
        CHECK(warns(&b, is_zip64 ? "10 bytes stand in front of the archive, and 3 after its end"
                                 : "10 bytes stand in front of the archive"));
    }
}

/* As `zip -A` leaves a self-extracting archive. */
static void a_prefix_that_the_offsets_count_is_no_matter(void)
{
    struct zip_builder b = {0};
    struct zip_archive *archive;

    zip_build_bytes(&b, "#!/bin/sh\n", 10);
    add_three(&b);
    b.prefix_nbytes = 0;
    zip_build_directory(&b);
    zip_build_end(&b, NULL);
    archive = open_built(&b);
    CHECK(zip_archive_warning(archive) == NULL);
    zip_close(archive);
}

/* Its own comment would have to end beyond the file. */
static void an_end_record_within_a_comment_that_cannot_be_one_does_not_count(void)
{
    struct zip_builder b = {0};
    uint8_t inner[ZIP_END_NBYTES] = {0};

    zip_put32(inner, ZIP_END_SIGNATURE);
    zip_put16(inner + ZIP_END_COMMENT_NBYTES, 1);
    add_three(&b);
    zip_build_directory(&b);
    zip_build_end(&b, NULL);
    zip_put16(end_of(&b) + ZIP_END_COMMENT_NBYTES, sizeof inner);
    zip_build_bytes(&b, inner, sizeof inner);
    CHECK(is_good(&b));
}

/* ---- looking up ---- */

static void names_are_found_and_others_are_not(void)
{
    struct zip_builder b = three();
    struct zip_archive *archive = open_built(&b);

    CHECK(zip_member_by_name(archive, "a") == zip_member_at(archive, 0));
    CHECK(zip_member_by_name(archive, "c/") == zip_member_at(archive, 2));
    CHECK(!zip_member_by_name(archive, "c") && !zip_member_by_name(archive, ""));
    CHECK(!zip_member_by_name(archive, "A") && !zip_member_by_name(archive, "a "));
    zip_close(archive);
}

static void of_equal_names_the_first_is_found(void)
{
    struct zip_builder b = {0};
    struct zip_archive *archive;

    zip_build_add(&b, &(struct zip_part){.name = "x"});
    zip_build_add(&b, &(struct zip_part){.name = "same", .crc32 = 1});
    zip_build_add(&b, &(struct zip_part){.name = "same", .crc32 = 2});
    zip_build_directory(&b);
    zip_build_end(&b, NULL);
    archive = open_built(&b);
    CHECK(zip_member_by_name(archive, "same") == zip_member_at(archive, 1));
    zip_close(archive);
}

static void a_name_with_a_nul_is_not_its_beginning(void)
{
    struct zip_builder b = one(&(struct zip_part){.name = "ab\0cd", .name_nbytes = 5});
    struct zip_archive *archive = open_built(&b);

    CHECK_EQ_U64(zip_member_at(archive, 0)->name_nbytes, 5);
    CHECK(zip_member_at(archive, 0)->name_problem != NULL);
    CHECK(zip_member_by_name(archive, "ab") == NULL);
    zip_close(archive);
}

/* A directory beyond 65,535 members, all of one local header, written by hand. */
static struct zip_archive *open_many(uint32_t count, bool is_one_name, struct vxa_failure *failure)
{
    enum { NAME_NBYTES = 8 };
    struct zip_builder b = {0};
    struct zip_archive *archive = NULL;
    size_t record_nbytes = ZIP_CENTRAL_NBYTES + NAME_NBYTES;
    uint8_t *directory = calloc(count, record_nbytes);

    zip_build_add(&b, &(struct zip_part){.name = "00000000"});
    for (uint32_t i = 0; i < count; i++) {
        uint8_t *p = directory + i * record_nbytes;
        char name[16];

        zip_put32(p, ZIP_CENTRAL_SIGNATURE);
        zip_put16(p + ZIP_CENTRAL_NAME_NBYTES, NAME_NBYTES);
        snprintf(name, sizeof name, "%08u", is_one_name ? 0 : (unsigned)i);
        memcpy(p + ZIP_CENTRAL_NBYTES, name, NAME_NBYTES);
    }
    b.directory_off = b.nbytes;
    zip_build_bytes(&b, directory, count * record_nbytes);
    b.end_off = b.nbytes;
    zip_build_zip64(&b);
    zip_put64(b.bytes + b.end_off + ZIP_END64_ENTRIES, count);
    zip_put64(b.bytes + b.end_off + ZIP_END64_DISK_ENTRIES, count);
    zip_build_end(&b, NULL);
    memset(end_of(&b) + ZIP_END_DISK_ENTRIES, 0xff, 12);
    (void)zip_build_open(&b, NULL, &archive, failure);
    zip_build_free(&b);
    free(directory);
    return archive;
}

static void more_members_than_16_bits_count_are_all_found(void)
{
    struct vxa_failure failure;
    struct zip_archive *archive = open_many(70000, false, &failure);
    char name[16];
    unsigned wrong_count = 0;

    CHECK(archive != NULL);
    if (!archive)
        return;
    CHECK_EQ_U64(zip_member_count(archive), 70000);
    for (unsigned i = 0; i < 70000; i++) {
        snprintf(name, sizeof name, "%08u", i);
        wrong_count += zip_member_by_name(archive, name) != zip_member_at(archive, i);
    }
    CHECK_EQ_U64(wrong_count, 0);
    CHECK(zip_member_by_name(archive, "00070000") == NULL);
    zip_close(archive);
}

static void many_members_of_one_name_cost_no_more_than_others(void)
{
    struct vxa_failure failure;
    clock_t start = clock();
    struct zip_archive *archive = open_many(400000, true, &failure);

    CHECK(archive != NULL);
    CHECK(zip_member_by_name(archive, "00000000") == zip_member_at(archive, 0));
    CHECK((double)(clock() - start) / CLOCKS_PER_SEC < 5.0);
    zip_close(archive);
}

/* ---- refused as a whole ---- */

static void what_is_no_file_or_no_archive_is_refused(void)
{
    struct zip_archive *archive = NULL;
    struct vxa_failure failure;
    struct zip_builder b = {0};
    char path[] = "/tmp/zip_pipe_XXXXXX";

    CHECK(!zip_open("/nonexistent/x.zip", NULL, &archive, &failure));
    CHECK(told(&failure, VXA_FAILURE_IO, "No such file"));
    CHECK(!zip_open("/", NULL, &archive, &failure));
    CHECK(told(&failure, VXA_FAILURE_IO, "directory"));
    CHECK(mkdtemp(path) && rmdir(path) == 0 && mkfifo(path, 0600) == 0);
    CHECK(!zip_open(path, NULL, &archive, &failure));
    CHECK(told(&failure, VXA_FAILURE_IO, "regular file"));
    unlink(path);
    CHECK(is_refused(&b, VXA_FAILURE_NOT_ZIP, "too short"));
    zip_build_bytes(&b, "This is only a text, and long enough", 36);
    CHECK(is_refused(&b, VXA_FAILURE_NOT_ZIP, "no end record"));
}

static void an_archive_cut_short_anywhere_is_refused(void)
{
    struct zip_builder whole = three();
    size_t nbytes = whole.nbytes;

    zip_build_free(&whole);
    for (size_t left = 0; left < nbytes; left++) {
        struct zip_builder b = three();

        b.nbytes = left;
        CHECK(is_refused(&b, VXA_FAILURE_NOT_ZIP, left < 22 ? "too short" : "no end record"));
    }
}

static void a_comment_longer_than_the_file_is_refused(void)
{
    struct zip_builder b = three();

    zip_put16(end_of(&b) + ZIP_END_COMMENT_NBYTES, 1);
    CHECK(is_refused(&b, VXA_FAILURE_NOT_ZIP, "no end record"));
}

static void two_end_records_that_both_fit_are_refused(void)
{
    struct zip_builder b = three();
    uint8_t second[ZIP_END_NBYTES];

    memcpy(second, end_of(&b), sizeof second);
    zip_put16(end_of(&b) + ZIP_END_COMMENT_NBYTES, ZIP_END_NBYTES);
    zip_build_bytes(&b, second, sizeof second);
    CHECK(is_refused(&b, VXA_FAILURE_DATA, "two end records"));
    /* The second is followed by bytes that only the first accounts for. */
    b = three();
    zip_put16(end_of(&b) + ZIP_END_COMMENT_NBYTES, ZIP_END_NBYTES + 1);
    zip_build_bytes(&b, second, sizeof second);
    zip_build_bytes(&b, "x", 1);
    CHECK(is_refused(&b, VXA_FAILURE_DATA, "two end records"));
}

/* One field of the end record, 2 or 4 bytes, changed by `change`. */
struct end_fault {
    unsigned off, nbytes;
    int change;
    enum vxa_failure_kind kind;
    const char *words;
};

static void a_wrong_field_of_the_end_record_is_refused(void)
{
    static const struct end_fault faults[] = {
        {ZIP_END_DISK, 2, 1, VXA_FAILURE_UNSUPPORTED, "several disks"},
        {ZIP_END_DIRECTORY_DISK, 2, 1, VXA_FAILURE_UNSUPPORTED, "several disks"},
        {ZIP_END_DISK_ENTRIES, 2, -1, VXA_FAILURE_UNSUPPORTED, "several disks"},
        {ZIP_END_ENTRIES, 2, 1, VXA_FAILURE_UNSUPPORTED, "several disks"},
        {ZIP_END_DIRECTORY_NBYTES, 4, -1, VXA_FAILURE_DATA, "is missing"},
        {ZIP_END_DIRECTORY_NBYTES, 4, 1, VXA_FAILURE_DATA, "beyond its end record"},
        {ZIP_END_DIRECTORY_NBYTES, 4, 1 << 30, VXA_FAILURE_DATA, "beyond its end record"},
        {ZIP_END_DIRECTORY_OFF, 4, 1, VXA_FAILURE_DATA, "beyond its end record"},
        {ZIP_END_DIRECTORY_OFF, 4, 1 << 30, VXA_FAILURE_DATA, "beyond its end record"},
    };

    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        struct zip_builder b = three();
        uint8_t *p = end_of(&b) + faults[i].off;

        if (faults[i].nbytes == 2)
            zip_put16(p, (uint16_t)(zip_get16(p) + faults[i].change));
        else
            zip_put32(p, zip_get32(p) + (uint32_t)faults[i].change);
        CHECK(is_refused(&b, faults[i].kind, faults[i].words));
    }
}

static void set_counts(struct zip_builder *b, uint16_t count)
{
    zip_put16(end_of(b) + ZIP_END_DISK_ENTRIES, count);
    zip_put16(end_of(b) + ZIP_END_ENTRIES, count);
}

static void a_wrong_number_of_members_is_refused(void)
{
    struct zip_builder b = three();

    set_counts(&b, 2);
    CHECK(is_refused(&b, VXA_FAILURE_DATA, "bytes too many"));
    b = three();
    set_counts(&b, 4);
    CHECK(is_refused(&b, VXA_FAILURE_DATA, "cannot fit"));
    b = three();
    zip_build_insert(&b, b.end_off, "12345678901234567890123456789012345678901234567890", 50);
    b.end_off += 50;
    zip_put32(end_of(&b) + ZIP_END_DIRECTORY_NBYTES,
              zip_get32(end_of(&b) + ZIP_END_DIRECTORY_NBYTES) + 50);
    set_counts(&b, 4);
    CHECK(is_refused(&b, VXA_FAILURE_DATA, "entry 4 of its directory is missing"));
}

static void a_damaged_record_of_the_directory_is_refused(void)
{
    struct zip_builder b = three();

    central_of(&b, 1)[0] ^= 1;
    CHECK(is_refused(&b, VXA_FAILURE_DATA, "entry 2 of its directory is missing"));
    static const unsigned lengths[] = {ZIP_CENTRAL_NAME_NBYTES, ZIP_CENTRAL_EXTRA_NBYTES,
                                       ZIP_CENTRAL_COMMENT_NBYTES};
    for (size_t i = 0; i < 3; i++) {
        b = three();
        zip_put16(central_of(&b, 2) + lengths[i], 0xffff);
        CHECK(is_refused(&b, VXA_FAILURE_DATA, "entry 3 of its directory is longer"));
    }
    b = three();
    zip_put16(central_of(&b, 0) + ZIP_CENTRAL_DISK, 1);
    CHECK(is_refused(&b, VXA_FAILURE_UNSUPPORTED, "another disk"));
    b = three();
    zip_put32(central_of(&b, 0) + ZIP_CENTRAL_LOCAL_OFF, (uint32_t)b.directory_off - 29);
    CHECK(is_refused(&b, VXA_FAILURE_DATA, "points behind the members"));
}

/* The prefix counts: the only entry of a directory at the very start points to no header. */
static void a_directory_without_room_for_a_member_is_refused(void)
{
    struct zip_builder b = one(&(struct zip_part){.name = "m"});

    memmove(b.bytes, b.bytes + b.directory_off, b.nbytes - b.directory_off);
    b.nbytes -= b.directory_off;
    zip_put32(b.bytes + b.end_off - b.directory_off + ZIP_END_DIRECTORY_OFF, 0);
    CHECK(is_refused(&b, VXA_FAILURE_DATA, "points behind the members"));
    b = one(&(struct zip_part){.name = "m"});
    zip_put32(end_of(&b) + ZIP_END_DIRECTORY_OFF, 0);
    CHECK(is_refused(&b, VXA_FAILURE_DATA, "points behind the members"));
}

static void limits_are_kept(void)
{
    struct zip_read_limits limits = {.member_count = 2};
    struct zip_builder b = three();
    struct zip_archive *archive = NULL;
    struct vxa_failure failure;

    CHECK(!zip_build_open(&b, &limits, &archive, &failure));
    CHECK(told(&failure, VXA_FAILURE_LIMIT, "3 members; the limit is 2"));
    limits = (struct zip_read_limits){.member_count = 3, .name_nbytes = 1};
    CHECK(zip_build_open(&b, &limits, &archive, &failure));
    CHECK(zip_member_at(archive, 0)->name_problem == NULL);
    CHECK(zip_member_at(archive, 2)->name_problem != NULL);
    zip_close(archive);
    zip_build_free(&b);
}

/* ---- zip64 end records ---- */

static uint8_t *record64_of(struct zip_builder *b)
{
    return end_of(b) - ZIP_LOCATOR64_NBYTES - ZIP_END64_NBYTES;
}

static uint8_t *locator_of(struct zip_builder *b)
{
    return end_of(b) - ZIP_LOCATOR64_NBYTES;
}

static void fields_that_are_all_ones_come_from_the_zip64_record(void)
{
    struct zip_builder b = three_zip64();

    memset(end_of(&b) + ZIP_END_DISK, 0xff, 16);
    CHECK(is_good(&b));
}

static void every_field_of_the_zip64_record_must_agree(void)
{
    static const unsigned offs[] = {
        ZIP_END64_DISK,        ZIP_END64_DIRECTORY_DISK,   ZIP_END64_DISK_ENTRIES,
        ZIP_END64_ENTRIES,     ZIP_END64_DIRECTORY_NBYTES, ZIP_END64_DIRECTORY_OFF,
        ZIP_END64_ENTRIES + 4, ZIP_END64_DIRECTORY_OFF + 7};

    for (size_t i = 0; i < sizeof offs / sizeof offs[0]; i++) {
        struct zip_builder b = three_zip64();

        record64_of(&b)[offs[i]]++;
        CHECK(is_refused(&b, VXA_FAILURE_DATA, "disagree"));
    }
}

static void a_zip64_record_that_is_misplaced_or_damaged_is_refused(void)
{
    struct zip_builder b = three_zip64();

    record64_of(&b)[0] ^= 1;
    CHECK(is_refused(&b, VXA_FAILURE_DATA, "zip64 end record is missing or damaged"));
    b = three_zip64();
    record64_of(&b)[ZIP_END64_RECORD_NBYTES]++;
    CHECK(is_refused(&b, VXA_FAILURE_DATA, "zip64 end record is missing or damaged"));
    b = three_zip64();
    zip_put64(locator_of(&b) + ZIP_LOCATOR64_END_OFF, UINT64_MAX);
    CHECK(is_refused(&b, VXA_FAILURE_DATA, "not where they are said to be"));
    b = three_zip64();
    zip_put64(locator_of(&b) + ZIP_LOCATOR64_END_OFF, 0);
    CHECK(is_refused(&b, VXA_FAILURE_DATA, "not where they are said to be"));
}

static void a_zip64_record_with_more_data_is_read(void)
{
    struct zip_builder b = three_zip64();

    zip_put64(record64_of(&b) + ZIP_END64_RECORD_NBYTES, ZIP_END64_NBYTES - 12 + 6);
    zip_build_insert(&b, b.end_off - ZIP_LOCATOR64_NBYTES, "future", 6);
    b.end_off += 6;
    CHECK(is_good(&b));
}

static void a_locator_of_several_disks_is_not_supported(void)
{
    struct zip_builder b = three_zip64();

    zip_put32(locator_of(&b) + ZIP_LOCATOR64_DISKS, 2);
    CHECK(is_refused(&b, VXA_FAILURE_UNSUPPORTED, "several disks"));
    b = three_zip64();
    zip_put32(locator_of(&b) + ZIP_LOCATOR64_DISK, 1);
    CHECK(is_refused(&b, VXA_FAILURE_UNSUPPORTED, "several disks"));
}

static void an_impossible_number_of_members_is_refused_without_memory(void)
{
    struct zip_builder b = three_zip64();

    zip_put64(record64_of(&b) + ZIP_END64_ENTRIES, UINT64_MAX);
    zip_put64(record64_of(&b) + ZIP_END64_DISK_ENTRIES, UINT64_MAX);
    memset(end_of(&b) + ZIP_END_DISK_ENTRIES, 0xff, 4);
    CHECK(is_refused(&b, VXA_FAILURE_DATA, "cannot fit"));
    b = three_zip64();
    zip_put64(record64_of(&b) + ZIP_END64_DIRECTORY_NBYTES, UINT64_MAX - 10);
    memset(end_of(&b) + ZIP_END_DIRECTORY_NBYTES, 0xff, 4);
    CHECK(is_refused(&b, VXA_FAILURE_DATA, "beyond its end record"));
}

int main(void)
{
    RUN(members_are_what_the_directory_says);
    RUN(data_is_read_from_any_offset);
    RUN(unchecked_members_are_not_read);
    RUN(all_members_of_a_good_archive_pass);
    RUN(an_archive_without_members_is_good);
    RUN(the_archive_comment_is_kept);
    RUN(the_longest_comment_is_no_obstacle);
    RUN(a_prefix_and_trailing_bytes_are_warned_about);
    RUN(a_prefix_that_the_offsets_count_is_no_matter);
    RUN(an_end_record_within_a_comment_that_cannot_be_one_does_not_count);
    RUN(names_are_found_and_others_are_not);
    RUN(of_equal_names_the_first_is_found);
    RUN(a_name_with_a_nul_is_not_its_beginning);
    RUN(more_members_than_16_bits_count_are_all_found);
    RUN(many_members_of_one_name_cost_no_more_than_others);
    RUN(what_is_no_file_or_no_archive_is_refused);
    RUN(an_archive_cut_short_anywhere_is_refused);
    RUN(a_comment_longer_than_the_file_is_refused);
    RUN(two_end_records_that_both_fit_are_refused);
    RUN(a_wrong_field_of_the_end_record_is_refused);
    RUN(a_wrong_number_of_members_is_refused);
    RUN(a_damaged_record_of_the_directory_is_refused);
    RUN(a_directory_without_room_for_a_member_is_refused);
    RUN(limits_are_kept);
    RUN(fields_that_are_all_ones_come_from_the_zip64_record);
    RUN(every_field_of_the_zip64_record_must_agree);
    RUN(a_zip64_record_that_is_misplaced_or_damaged_is_refused);
    RUN(a_zip64_record_with_more_data_is_read);
    RUN(a_locator_of_several_disks_is_not_supported);
    RUN(an_impossible_number_of_members_is_refused_without_memory);
    return test_report();
}

/* SPDX-License-Identifier: MIT */
/* Knows what bytes a written archive has, with minizip's own reader as the second opinion. */
#include "support/test.h"

#include "zip_format.h"
#include "zip_write.h"

#include <minizip/unzip.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#define ARCHIVE "archive.zip"

static const char hello[] = "hello, hello, hello, hello, hello, hello";
enum { HELLO_NBYTES = sizeof(hello) - 1 };

/* All that is written; the first failure is reported by `ok`. */
struct run {
    struct zip_writer *writer;
    struct vxa_failure failure;
    bool ok;
};

static void begin(struct run *run)
{
    *run = (struct run){0};
    unlink(ARCHIVE);
    run->ok = zip_writer_open(ARCHIVE, NULL, &run->writer, &run->failure);
}

static void add(struct run *run, const struct zip_new_member *member, const void *bytes)
{
    run->ok =
        run->ok && zip_writer_begin(run->writer, member, &run->failure) &&
        zip_writer_write(run->writer, bytes, (size_t)member->compressed_size, &run->failure) &&
        zip_writer_end(run->writer, &run->failure);
}

static void finish(struct run *run, const char *comment)
{
    run->ok = run->ok && zip_writer_finish(run->writer, comment, strlen(comment), &run->failure) &&
              zip_writer_commit(run->writer, &run->failure);
    if (!run->ok)
        printf("%s\n", run->failure.text);
    zip_writer_close(run->writer);
}

static struct zip_new_member stored(const char *name)
{
    return (struct zip_new_member){
        .name = name,
        .version_made_by = ZIP_MADE_BY_UNIX,
        .version_needed = 20,
        .dos_date = ZIP_DOS_DATE_MIN,
        .crc32 = (uint32_t)crc32(0, (const Bytef *)hello, HELLO_NBYTES),
        .compressed_size = HELLO_NBYTES,
        .size = HELLO_NBYTES,
        .external_attributes = UINT32_C(0100640) << 16,
    };
}

/* The archive's bytes; to be freed. */
static uint8_t *load(size_t *nbytes)
{
    FILE *file = fopen(ARCHIVE, "rb");
    uint8_t *bytes = NULL;

    *nbytes = 0;
    CHECK(file != NULL);
    if (!file)
        return calloc(1, 1);
    fseek(file, 0, SEEK_END);
    *nbytes = (size_t)ftell(file);
    rewind(file);
    bytes = malloc(*nbytes + 1);
    CHECK(fread(bytes, 1, *nbytes, file) == *nbytes);
    fclose(file);
    return bytes;
}

static const uint8_t *end_record(const uint8_t *bytes, size_t nbytes)
{
    const uint8_t *end = bytes + nbytes - ZIP_END_NBYTES;

    CHECK(nbytes >= ZIP_END_NBYTES && zip_get32(end) == ZIP_END_SIGNATURE);
    return end;
}

static void minizip_reads_back_what_was_written(void)
{
    struct run run;
    struct zip_new_member member = stored("folder/stored");
    uint8_t coded[100];
    uint8_t decoded[sizeof(hello)] = {0};
    z_stream stream = {.next_in = (Bytef *)hello,
                       .avail_in = HELLO_NBYTES,
                       .next_out = coded,
                       .avail_out = sizeof(coded)};

    CHECK(deflateInit2(&stream, 9, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY) == Z_OK);
    CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    deflateEnd(&stream);
    begin(&run);
    add(&run, &member, hello);
    member.name = "deflated";
    member.method = ZIP_METHOD_DEFLATE;
    member.compressed_size = stream.total_out;
    add(&run, &member, coded);
    finish(&run, "a comment");
    CHECK(run.ok);

    unzFile zip = unzOpen64(ARCHIVE);
    unz_global_info64 info;
    static const char *const names[] = {"folder/stored", "deflated"};
    char comment[16] = "";

    CHECK(zip != NULL && unzGetGlobalInfo64(zip, &info) == UNZ_OK);
    CHECK_EQ_U64(info.number_entry, 2);
    CHECK_EQ_U64(info.size_comment, 9);
    CHECK(unzGetGlobalComment(zip, comment, sizeof(comment)) == 9);
    CHECK(strcmp(comment, "a comment") == 0);
    for (int i = 0; i < 2; i++) {
        CHECK(unzLocateFile(zip, names[i], 1) == UNZ_OK);
        CHECK(unzOpenCurrentFile(zip) == UNZ_OK);
        memset(decoded, 0, sizeof(decoded));
        CHECK(unzReadCurrentFile(zip, decoded, sizeof(decoded)) == HELLO_NBYTES);
        CHECK(memcmp(decoded, hello, sizeof(hello)) == 0);
        CHECK(unzCloseCurrentFile(zip) == UNZ_OK);
    }
    unzClose(zip);
}

/* minizip refuses this method, and writes its own version, flags and date. */
static void fixed_fields_are_what_was_asked_for_in_both_headers(void)
{
    struct run run;
    struct zip_new_member member = stored("\xc3\xa4");
    size_t nbytes;

    member.method = ZIP_METHOD_ZSTD;
    member.version_needed = 63;
    member.flags = ZIP_FLAG_UTF8;
    member.dos_time = 0x1234;
    member.dos_date = 0x5678;
    member.internal_attributes = 1;
    begin(&run);
    add(&run, &member, hello);
    finish(&run, "");
    CHECK(run.ok);
    uint8_t *bytes = load(&nbytes);
    const uint8_t *central = bytes + ZIP_LOCAL_NBYTES + 2 + HELLO_NBYTES;

    CHECK_EQ_U64(zip_get16(bytes + ZIP_LOCAL_METHOD), ZIP_METHOD_ZSTD);
    CHECK_EQ_U64(zip_get16(bytes + ZIP_LOCAL_VERSION_NEEDED), 63);
    CHECK_EQ_U64(zip_get16(bytes + ZIP_LOCAL_FLAGS), ZIP_FLAG_UTF8);
    CHECK_EQ_U64(zip_get16(bytes + ZIP_LOCAL_TIME), 0x1234);
    CHECK_EQ_U64(zip_get16(bytes + ZIP_LOCAL_DATE), 0x5678);
    CHECK_EQ_U64(zip_get32(bytes + ZIP_LOCAL_CRC32), member.crc32);
    CHECK_EQ_U64(zip_get32(central), ZIP_CENTRAL_SIGNATURE);
    CHECK_EQ_U64(zip_get16(central + ZIP_CENTRAL_VERSION_MADE_BY), ZIP_MADE_BY_UNIX);
    CHECK_EQ_U64(zip_get16(central + ZIP_CENTRAL_INTERNAL_ATTRIBUTES), 1);
    CHECK_EQ_U64(zip_get32(central + ZIP_CENTRAL_EXTERNAL_ATTRIBUTES), UINT32_C(0100640) << 16);
    CHECK(memcmp(central + ZIP_CENTRAL_VERSION_NEEDED, bytes + ZIP_LOCAL_VERSION_NEEDED, 22) == 0);
    free(bytes);
}

static void extra_fields_stand_in_their_own_header(void)
{
    static const uint8_t local[] = {0x34, 0x12, 1, 0, 'L'};
    static const uint8_t central[] = {0x34, 0x12, 2, 0, 'C', 'C'};
    struct run run;
    struct zip_new_member member = stored("n");
    size_t nbytes;

    member.local_extra = local;
    member.local_extra_nbytes = sizeof(local);
    member.central_extra = central;
    member.central_extra_nbytes = sizeof(central);
    member.comment = "why";
    begin(&run);
    add(&run, &member, hello);
    finish(&run, "");
    CHECK(run.ok);
    uint8_t *bytes = load(&nbytes);
    const uint8_t *record = bytes + ZIP_LOCAL_NBYTES + 1 + sizeof(local) + HELLO_NBYTES;

    CHECK(memcmp(bytes + ZIP_LOCAL_NBYTES + 1, local, sizeof(local)) == 0);
    CHECK(memcmp(record + ZIP_CENTRAL_NBYTES + 1, central, sizeof(central)) == 0);
    CHECK(memcmp(record + ZIP_CENTRAL_NBYTES + 1 + sizeof(central), "why", 3) == 0);
    free(bytes);
}

/* The zip64 field of a size beyond 32 bits must not cost the member its Unix mode. */
static void a_size_beyond_32_bits_keeps_the_host_and_gets_zip64_fields(void)
{
    struct run run;
    struct zip_new_member member = stored("big");
    size_t nbytes;

    member.method = ZIP_METHOD_VXA;
    member.size = UINT64_C(5) << 32;
    begin(&run);
    add(&run, &member, hello);
    finish(&run, "");
    CHECK(run.ok);
    uint8_t *bytes = load(&nbytes);
    const uint8_t *extra = bytes + ZIP_LOCAL_NBYTES + 3;
    const uint8_t *central = extra + 20 + HELLO_NBYTES;

    CHECK_EQ_U64(zip_get16(bytes + ZIP_LOCAL_VERSION_NEEDED), 45);
    CHECK_EQ_U64(zip_get16(bytes + ZIP_LOCAL_METHOD), ZIP_METHOD_VXA);
    CHECK_EQ_U64(zip_get32(bytes + ZIP_LOCAL_SIZE), 0xffffffff);
    CHECK_EQ_U64(zip_get16(extra), ZIP_EXTRA_ZIP64);
    CHECK_EQ_U64(zip_get64(extra + 4), member.size);
    CHECK_EQ_U64(zip_get64(extra + 12), HELLO_NBYTES);
    CHECK_EQ_U64(zip_get16(central + ZIP_CENTRAL_VERSION_MADE_BY), ZIP_MADE_BY_UNIX);
    CHECK_EQ_U64(zip_get16(central + ZIP_CENTRAL_VERSION_NEEDED), 45);
    CHECK_EQ_U64(zip_get32(central + ZIP_CENTRAL_SIZE), 0xffffffff);
    CHECK_EQ_U64(zip_get64(central + ZIP_CENTRAL_NBYTES + 3 + 4), member.size);
    free(bytes);
}

static void a_comment_stands_behind_the_zip64_field(void)
{
    struct run run;
    struct zip_new_member member = stored("big");
    size_t nbytes;

    member.method = ZIP_METHOD_VXA;
    member.size = UINT64_C(5) << 32;
    member.comment = "why";
    begin(&run);
    add(&run, &member, hello);
    finish(&run, "");
    CHECK(run.ok);
    uint8_t *bytes = load(&nbytes);
    const uint8_t *central = bytes + ZIP_LOCAL_NBYTES + 3 + 20 + HELLO_NBYTES;
    const uint8_t *extra = central + ZIP_CENTRAL_NBYTES + 3;
    size_t extra_nbytes = zip_get16(central + ZIP_CENTRAL_EXTRA_NBYTES);

    CHECK_EQ_U64(zip_get16(extra), ZIP_EXTRA_ZIP64);
    CHECK_EQ_U64(zip_get64(extra + 4), member.size);
    CHECK(memcmp(extra + extra_nbytes, "why", 3) == 0);
    free(bytes);
}

static void write_many(unsigned count)
{
    struct run run;
    char name[16];

    begin(&run);
    for (unsigned i = 0; run.ok && i < count; i++) {
        struct zip_new_member member = stored(name);

        (void)snprintf(name, sizeof(name), "%u", i);
        add(&run, &member, hello);
    }
    finish(&run, "");
    CHECK(run.ok);
}

static void fewer_than_65535_members_need_no_zip64_record(void)
{
    size_t nbytes;

    write_many(65534);
    uint8_t *bytes = load(&nbytes);
    const uint8_t *end = end_record(bytes, nbytes);

    CHECK_EQ_U64(zip_get16(end + ZIP_END_ENTRIES), 65534);
    CHECK(zip_get32(end - ZIP_LOCATOR64_NBYTES) != ZIP_LOCATOR64_SIGNATURE);
    free(bytes);
}

static void many_members_get_a_zip64_record(void)
{
    size_t nbytes;

    write_many(66000);
    uint8_t *bytes = load(&nbytes);
    const uint8_t *end = end_record(bytes, nbytes);
    const uint8_t *locator = end - ZIP_LOCATOR64_NBYTES;
    const uint8_t *end64 = locator - ZIP_END64_NBYTES;

    CHECK_EQ_U64(zip_get16(end + ZIP_END_ENTRIES), 0xffff);
    CHECK_EQ_U64(zip_get32(locator), ZIP_LOCATOR64_SIGNATURE);
    CHECK_EQ_U64(zip_get64(locator + ZIP_LOCATOR64_END_OFF), (uint64_t)(end64 - bytes));
    CHECK_EQ_U64(zip_get32(end64), ZIP_END64_SIGNATURE);
    CHECK_EQ_U64(zip_get64(end64 + ZIP_END64_ENTRIES), 66000);
    uint64_t directory_off = zip_get64(end64 + ZIP_END64_DIRECTORY_OFF);

    CHECK_EQ_U64(directory_off, zip_get32(end + ZIP_END_DIRECTORY_OFF));
    CHECK_EQ_U64(directory_off + zip_get64(end64 + ZIP_END64_DIRECTORY_NBYTES),
                 (uint64_t)(end64 - bytes));
    CHECK_EQ_U64(zip_get32(bytes + directory_off), ZIP_CENTRAL_SIGNATURE);
    free(bytes);
    unlink(ARCHIVE);
}

static void an_archive_without_members_is_an_end_record(void)
{
    struct run run;
    size_t nbytes;

    begin(&run);
    finish(&run, "");
    CHECK(run.ok);
    uint8_t *bytes = load(&nbytes);

    CHECK_EQ_U64(nbytes, ZIP_END_NBYTES);
    CHECK_EQ_U64(zip_get16(end_record(bytes, nbytes) + ZIP_END_ENTRIES), 0);
    free(bytes);
}

static void data_of_another_size_than_declared_is_refused(void)
{
    struct run run;
    struct zip_new_member member = stored("n");

    begin(&run);
    CHECK(zip_writer_begin(run.writer, &member, &run.failure));
    CHECK(zip_writer_write(run.writer, hello, HELLO_NBYTES - 1, &run.failure));
    CHECK(!zip_writer_end(run.writer, &run.failure));
    CHECK(run.failure.kind == VXA_FAILURE_DATA);
    zip_writer_close(run.writer);
}

static void a_name_that_does_not_fit_is_refused(void)
{
    struct run run;
    char *name = malloc(65537);
    struct zip_new_member member = stored("");

    memset(name, 'n', 65536);
    name[65536] = '\0';
    member.name = name;
    begin(&run);
    CHECK(!zip_writer_begin(run.writer, &member, &run.failure));
    CHECK(strstr(run.failure.text, "too long") != NULL);
    name[0] = '\0';
    CHECK(!zip_writer_begin(run.writer, &member, &run.failure));
    CHECK(strstr(run.failure.text, "empty") != NULL);
    zip_writer_close(run.writer);
    free(name);
}

static bool exists(const char *path)
{
    return access(path, F_OK) == 0;
}

static void put_old_archive(void)
{
    FILE *file = fopen(ARCHIVE, "wb");

    CHECK(file && fputs("old", file) >= 0 && fclose(file) == 0);
    CHECK(chmod(ARCHIVE, 0604) == 0);
}

static void without_a_commit_the_old_archive_stays_and_nothing_else(void)
{
    struct run run;
    struct zip_new_member member = stored("n");
    char path[4096];
    struct stat status;

    begin(&run);
    put_old_archive();
    add(&run, &member, hello);
    (void)snprintf(path, sizeof(path), "%s", zip_writer_path(run.writer));
    CHECK(zip_writer_finish(run.writer, "", 0, &run.failure));
    CHECK(exists(path));
    zip_writer_close(run.writer);
    CHECK(!exists(path));
    CHECK(stat(ARCHIVE, &status) == 0 && status.st_size == 3);
}

static void a_commit_keeps_the_permissions_of_the_old_archive(void)
{
    struct run run;
    struct zip_new_member member = stored("n");
    struct stat status;

    begin(&run);
    put_old_archive();
    add(&run, &member, hello);
    finish(&run, "");
    CHECK(run.ok && stat(ARCHIVE, &status) == 0);
    CHECK_EQ_U64(status.st_mode & 07777, 0604);
    CHECK(status.st_size > 3);
}

static void a_new_archive_has_the_permissions_of_the_umask(void)
{
    struct run run;
    struct stat status;
    mode_t old_mask = umask(027);

    begin(&run);
    finish(&run, "");
    umask(old_mask);
    CHECK(run.ok && stat(ARCHIVE, &status) == 0);
    CHECK_EQ_U64(status.st_mode & 07777, 0640);
}

static void a_link_to_an_archive_stays_a_link(void)
{
    struct run run;
    struct stat status;

    put_old_archive();
    unlink("link.zip");
    CHECK(symlink(ARCHIVE, "link.zip") == 0);
    run.ok = zip_writer_open("link.zip", NULL, &run.writer, &run.failure);
    finish(&run, "");
    CHECK(run.ok && lstat("link.zip", &status) == 0 && S_ISLNK(status.st_mode));
    CHECK(stat(ARCHIVE, &status) == 0 && status.st_size == ZIP_END_NBYTES);
    unlink("link.zip");
}

static void an_interruption_stops_the_next_step(void)
{
    atomic_int raised = 0;
    struct run run = {0};
    struct zip_new_member member = stored("n");

    unlink(ARCHIVE);
    CHECK(zip_writer_open(ARCHIVE, &raised, &run.writer, &run.failure));
    add(&run, &member, hello);
    raised = 1;
    CHECK(!zip_writer_begin(run.writer, &member, &run.failure));
    CHECK(run.failure.kind == VXA_FAILURE_INTERRUPTED);
    CHECK(!zip_writer_finish(run.writer, "", 0, &run.failure));
    CHECK(run.failure.kind == VXA_FAILURE_INTERRUPTED);
    CHECK(!zip_writer_commit(run.writer, &run.failure));
    zip_writer_close(run.writer);
    CHECK(!exists(ARCHIVE));
}

/* A limit on the size of files stands in for a disk that is full. */
static void a_failing_write_is_a_failure_with_its_reason(void)
{
    struct run run;
    struct zip_new_member member = stored("n");
    struct rlimit limit;
    uint8_t *zeros = calloc(1, 1 << 20);

    signal(SIGXFSZ, SIG_IGN);
    CHECK(getrlimit(RLIMIT_FSIZE, &limit) == 0);
    rlim_t soft = limit.rlim_cur;

    begin(&run);
    CHECK(run.ok);
    limit.rlim_cur = 1 << 16;
    CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    member.size = member.compressed_size = 1 << 20;
    add(&run, &member, zeros);
    run.ok = run.ok && zip_writer_finish(run.writer, "", 0, &run.failure);
    limit.rlim_cur = soft;
    CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    CHECK(!run.ok);
    CHECK(run.failure.kind == VXA_FAILURE_IO);
    CHECK(strstr(run.failure.text, "large") != NULL);
    zip_writer_close(run.writer);
    CHECK(!exists(ARCHIVE));
    free(zeros);
}

static void dos_times_are_utc_and_clamped(void)
{
    uint16_t dos_time;
    uint16_t dos_date;

    zip_dos_time_of(INT64_C(1000000001), &dos_time, &dos_date); /* 2001-09-09 01:46:41 UTC */
    CHECK_EQ_U64(dos_date, 21 << 9 | 9 << 5 | 9);
    CHECK_EQ_U64(dos_time, 1 << 11 | 46 << 5 | 20);
    zip_dos_time_of(0, &dos_time, &dos_date);
    CHECK_EQ_U64(dos_date, ZIP_DOS_DATE_MIN);
    CHECK_EQ_U64(dos_time, 0);
    zip_dos_time_of(INT64_MAX, &dos_time, &dos_date);
    CHECK_EQ_U64(dos_date, 127 << 9 | 12 << 5 | 31);
}

/* In a folder of its own, which is removed at the end. */
int main(void)
{
    char folder[] = "/tmp/test_zip_write.XXXXXX";

    if (!mkdtemp(folder) || chdir(folder) != 0) {
        perror(folder);
        return 1;
    }
    RUN(minizip_reads_back_what_was_written);
    RUN(fixed_fields_are_what_was_asked_for_in_both_headers);
    RUN(extra_fields_stand_in_their_own_header);
    RUN(a_size_beyond_32_bits_keeps_the_host_and_gets_zip64_fields);
    RUN(a_comment_stands_behind_the_zip64_field);
    RUN(fewer_than_65535_members_need_no_zip64_record);
    RUN(many_members_get_a_zip64_record);
    RUN(an_archive_without_members_is_an_end_record);
    RUN(data_of_another_size_than_declared_is_refused);
    RUN(a_name_that_does_not_fit_is_refused);
    RUN(without_a_commit_the_old_archive_stays_and_nothing_else);
    RUN(a_commit_keeps_the_permissions_of_the_old_archive);
    RUN(a_new_archive_has_the_permissions_of_the_umask);
    RUN(a_link_to_an_archive_stays_a_link);
    RUN(an_interruption_stops_the_next_step);
    RUN(a_failing_write_is_a_failure_with_its_reason);
    RUN(dos_times_are_utc_and_clamped);
    unlink(ARCHIVE);
    /* Whatever is left over makes this fail. */
    CHECK(chdir("/") == 0 && rmdir(folder) == 0);
    return test_report();
}

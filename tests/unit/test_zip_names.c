/* SPDX-License-Identifier: MIT */
/* Member names: which alphabet they are read in, and which are no safe file names. */
#include "support/test.h"
#include "support/zip_builder.h"

#include "zip_archive.h"
#include "zip_format.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { UNIX = 3 << 8, DARWIN = 19 << 8, NTFS = 10 << 8, LIMIT = 4096 };

/* The name as the reader gives it, in `name`; looked up again under it. */
static void read_name(const struct zip_part *part, char *name, size_t room)
{
    struct zip_builder builder = {0};
    struct zip_archive *archive;
    struct vxa_failure failure;
    const struct zip_member *member;

    name[0] = '\0';
    zip_build_add(&builder, part);
    zip_build_directory(&builder);
    zip_build_end(&builder, NULL);
    CHECK(zip_build_open(&builder, NULL, &archive, &failure));
    member = zip_member_at(archive, 0);
    CHECK(member->name_nbytes < room && strlen(member->name) == member->name_nbytes);
    memcpy(name, member->name, member->name_nbytes + 1);
    CHECK(zip_member_by_name(archive, name) == member);
    CHECK(zip_member_check(archive, member, &failure));
    zip_close(archive);
    zip_build_free(&builder);
}

static bool reads_as(const struct zip_part *part, const char *expected)
{
    char name[512];

    read_name(part, name, sizeof name);
    return strcmp(name, expected) == 0;
}

/* A unicode path field for `raw` that says `unicode`. */
static size_t unicode_field(uint8_t *field, const char *raw, const void *unicode, size_t nbytes)
{
    zip_put16(field, ZIP_EXTRA_UNICODE_PATH);
    zip_put16(field + 2, (uint16_t)(5 + nbytes));
    field[4] = 1;
    zip_put32(field + 5, (uint32_t)crc32(0, (const Bytef *)raw, (uInt)strlen(raw)));
    memcpy(field + 9, unicode, nbytes);
    return 9 + nbytes;
}

static void flag_11_means_utf8_from_every_host(void)
{
    CHECK(
        reads_as(&(struct zip_part){.name = "gr\xc3\xbcn", .flags = ZIP_FLAG_UTF8}, "gr\xc3\xbcn"));
    CHECK(reads_as(
        &(struct zip_part){.name = "\xe2\x82\xac", .flags = ZIP_FLAG_UTF8, .made_by = UNIX},
        "\xe2\x82\xac"));
}

static void bytes_that_are_no_utf8_are_kept(void)
{
    CHECK(reads_as(&(struct zip_part){.name = "a\xff\x80", .flags = ZIP_FLAG_UTF8}, "a\xff\x80"));
}

static void without_flag_11_a_name_from_unix_keeps_its_bytes(void)
{
    CHECK(reads_as(&(struct zip_part){.name = "gr\xc3\xbcn", .made_by = UNIX}, "gr\xc3\xbcn"));
    CHECK(reads_as(&(struct zip_part){.name = "gr\xc3\xbcn", .made_by = DARWIN}, "gr\xc3\xbcn"));
    CHECK(reads_as(&(struct zip_part){.name = "\xff\xfe", .made_by = UNIX}, "\xff\xfe"));
}

static void without_flag_11_other_hosts_write_code_page_437(void)
{
    CHECK(reads_as(&(struct zip_part){.name = "gr\x81n"}, "gr\xc3\xbcn"));
    CHECK(reads_as(&(struct zip_part){.name = "\x80\xe1\xff\x9e", .made_by = NTFS},
                   "\xc3\x87\xc3\x9f\xc2\xa0\xe2\x82\xa7"));
    CHECK(reads_as(&(struct zip_part){.name = "plain ~"}, "plain ~"));
}

/* All 128 characters, as the CRC-32 of their UTF-8. Reference: Python's codec cp437. */
static void the_whole_code_page_is_right(void)
{
    char raw[129], name[512];

    for (unsigned i = 0; i < 128; i++)
        raw[i] = (char)(0x80 + i);
    raw[128] = '\0';
    read_name(&(struct zip_part){.name = raw}, name, sizeof name);
    CHECK_EQ_U64(crc32(0, (const Bytef *)name, (uInt)strlen(name)), 0x3f4fc2b3);
}

static void a_valid_unicode_path_replaces_the_name(void)
{
    uint8_t field[64];
    struct zip_part part = {.name = "gr?n", .made_by = UNIX, .central_extra = field};

    part.central_extra_nbytes = unicode_field(field, "gr?n", "gr\xc3\xbcn", 5);
    CHECK(reads_as(&part, "gr\xc3\xbcn"));
    part.made_by = 0;
    CHECK(reads_as(&part, "gr\xc3\xbcn"));
    /* A longer one than the name, and a shorter one. */
    part.central_extra_nbytes = unicode_field(field, "gr?n", "a much longer name than that", 28);
    CHECK(reads_as(&part, "a much longer name than that"));
    part.central_extra_nbytes = unicode_field(field, "gr?n", "g", 1);
    CHECK(reads_as(&part, "g"));
}

static void an_invalid_unicode_path_is_not_used(void)
{
    uint8_t field[64];
    struct zip_part part = {.name = "gr?n", .central_extra = field};

    part.central_extra_nbytes = unicode_field(field, "grun", "x", 1); /* of another name */
    CHECK(reads_as(&part, "gr?n"));
    part.central_extra_nbytes = unicode_field(field, "gr?n", "x", 1);
    field[4] = 2; /* another version */
    CHECK(reads_as(&part, "gr?n"));
    part.central_extra_nbytes = unicode_field(field, "gr?n", "x\xff", 2);
    CHECK(reads_as(&part, "gr?n"));
    part.central_extra_nbytes = unicode_field(field, "gr?n", "", 0);
    CHECK(reads_as(&part, "gr?n"));
    part.central_extra_nbytes = unicode_field(field, "gr?n", "x", 1);
    zip_put16(field + 2, 4);
    part.central_extra_nbytes = 8;
    CHECK(reads_as(&part, "gr?n"));
    /* Flag 11 goes first. */
    part.central_extra_nbytes = unicode_field(field, "gr?n", "x", 1);
    part.flags = ZIP_FLAG_UTF8;
    CHECK(reads_as(&part, "gr?n"));
}

static bool is_utf8(const char *text)
{
    size_t nbytes = strlen(text);
    uint8_t *exact = malloc(nbytes + !nbytes);
    bool result;

    if (!exact)
        abort();
    memcpy(exact, text, nbytes);
    result = zip_is_utf8(exact, nbytes);
    free(exact);
    return result;
}

static void utf8_is_told_from_what_only_looks_like_it(void)
{
    static const char *const good[] = {
        "",
        "a~\x01",
        "\x7f",
        "\xc2\x80",
        "\xdf\xbf",
        "\xe0\xa0\x80",
        "\xed\x9f\xbf",
        "\xee\x80\x80",
        "\xf0\x90\x80\x80",
        "\xf4\x8f\xbf\xbf",
    };
    static const char *const bad[] = {
        "\x80",
        "\xbf",
        "\xc0\x80",
        "\xc1\xbf",
        "\xc2",
        "\xc2\x7f",
        "\xc2\xc0",
        "\xe0\x9f\xbf",
        "\xed\xa0\x80",
        "\xed\xbf\xbf",
        "\xe2\x82",
        "\xe2\x28\xa1",
        "\xf0\x8f\xbf\xbf",
        "\xf0\x90\x80",
        "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80",
        "\xff",
        "a\xe2",
    };

    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        CHECK(is_utf8(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CHECK(!is_utf8(bad[i]));
}

static const char *problem(const char *name)
{
    return zip_name_problem(name, strlen(name), LIMIT);
}

static bool is_for(const char *text, const char *word)
{
    return text && strstr(text, word);
}

static void ordinary_names_have_no_problem(void)
{
    static const char *const names[] = {
        "a",       "a/b", "a/b/",  ".a",    "..a",  "a..", "a/..b", "a/b../c", "...",
        "a/.../b", "a b", "C:\\x", "..\\a", "a//b", "./a", "a/.",   "-rf",     "a\nb",
    };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        CHECK(problem(names[i]) == NULL);
}

static void names_that_lead_out_have_a_problem(void)
{
    static const char *const names[] = {"..",     "../a", "a/..", "a/../b", "a/b/../../../c",
                                        "./../a", "../"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        CHECK(is_for(problem(names[i]), "\"..\""));
    CHECK(is_for(problem("/etc/passwd"), "absolute"));
    CHECK(is_for(problem("/"), "absolute"));
    CHECK(is_for(problem("//a"), "absolute"));
}

static void names_of_nothing_have_a_problem(void)
{
    CHECK(is_for(problem(""), "empty"));
    CHECK(is_for(problem("."), "folder itself"));
    CHECK(is_for(problem("./"), "folder itself"));
    CHECK(is_for(problem("././."), "folder itself"));
}

static void a_nul_in_a_name_is_a_problem(void)
{
    CHECK(is_for(zip_name_problem("a\0b", 3, LIMIT), "NUL"));
    CHECK(is_for(zip_name_problem("a\0", 2, LIMIT), "NUL"));
    CHECK(is_for(zip_name_problem("\0", 1, LIMIT), "NUL"));
}

static void long_names_have_a_problem(void)
{
    char name[LIMIT + 2];

    for (size_t i = 0; i < sizeof name; i++)
        name[i] = i % 200 == 199 ? '/' : 'x';
    name[LIMIT] = '\0';
    CHECK(zip_name_problem(name, LIMIT, LIMIT) == NULL);
    CHECK(is_for(zip_name_problem(name, LIMIT, LIMIT - 1), "too long"));
    memset(name, 'x', 256);
    name[256] = '\0';
    CHECK(is_for(problem(name), "255"));
    name[255] = '\0';
    CHECK(problem(name) == NULL);
    name[255] = '/';
    CHECK(problem(name) == NULL);
}

int main(void)
{
    RUN(flag_11_means_utf8_from_every_host);
    RUN(bytes_that_are_no_utf8_are_kept);
    RUN(without_flag_11_a_name_from_unix_keeps_its_bytes);
    RUN(without_flag_11_other_hosts_write_code_page_437);
    RUN(the_whole_code_page_is_right);
    RUN(a_valid_unicode_path_replaces_the_name);
    RUN(an_invalid_unicode_path_is_not_used);
    RUN(utf8_is_told_from_what_only_looks_like_it);
    RUN(ordinary_names_have_no_problem);
    RUN(names_that_lead_out_have_a_problem);
    RUN(names_of_nothing_have_a_problem);
    RUN(a_nul_in_a_name_is_a_problem);
    RUN(long_names_have_a_problem);
    return test_report();
}

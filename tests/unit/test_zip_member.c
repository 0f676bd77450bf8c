/* SPDX-License-Identifier: MIT */
/* Checking members: their two headers, their place in the file, and what their fields mean. */
#include "zip_case.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* ---- zip64 fields of members ---- */

/* A zip64 field of `count` values. */
static size_t zip64_field(uint8_t *field, const uint64_t *values, size_t count)
{
    zip_put16(field, ZIP_EXTRA_ZIP64);
    zip_put16(field + 2, (uint16_t)(8 * count));
    for (size_t i = 0; i < count; i++)
        zip_put64(field + 4 + 8 * i, values[i]);
    return 4 + 8 * count;
}

/* A member "m" of four bytes with the central zip64 field; `ones` names the 32-bit fields that
 * are all ones: bit 0 the size, bit 1 the compressed size, bit 2 the offset. */
static struct zip_builder with_zip64(const uint8_t *field, size_t nbytes, unsigned ones)
{
    struct zip_builder b = one(&(struct zip_part){.name = "m",
                                                  .data = "data",
                                                  .data_nbytes = 4,
                                                  .central_extra = field,
                                                  .central_extra_nbytes = nbytes});

    if (ones & 1)
        zip_put32(central_of(&b, 0) + ZIP_CENTRAL_SIZE, UINT32_MAX);
    if (ones & 2)
        zip_put32(central_of(&b, 0) + ZIP_CENTRAL_COMPRESSED_SIZE, UINT32_MAX);
    if (ones & 4)
        zip_put32(central_of(&b, 0) + ZIP_CENTRAL_LOCAL_OFF, UINT32_MAX);
    return b;
}

static void a_zip64_field_gives_exactly_the_values_that_are_all_ones(void)
{
    uint8_t field[64];

    for (unsigned ones = 0; ones < 8; ones++) {
        uint64_t values[3];
        size_t count = 0, nbytes;
        struct zip_builder b;

        if (ones & 1)
            values[count++] = 4;
        if (ones & 2)
            values[count++] = 4;
        if (ones & 4)
            values[count++] = 0;
        nbytes = zip64_field(field, values, count);
        b = with_zip64(field, nbytes, ones);
        CHECK(is_good(&b));
        if (count == 0)
            continue;
        b = with_zip64(field, zip64_field(field, values, count - 1), ones);
        CHECK(is_refused(&b, VXA_FAILURE_DATA, "damaged zip64 field"));
    }
}

static void zip64_values_have_64_bits(void)
{
    uint8_t field[64];
    const uint64_t values[2] = {UINT64_C(0x0123456789abcdef), 4};
    struct zip_builder b = with_zip64(field, zip64_field(field, values, 2), 3);
    struct zip_archive *archive = open_built(&b);

    CHECK_EQ_U64(zip_member_at(archive, 0)->size, UINT64_C(0x0123456789abcdef));
    zip_close(archive);
}

static void sizes_of_all_ones_without_a_zip64_field_are_themselves(void)
{
    struct zip_builder b = with_zip64(NULL, 0, 1);
    struct zip_archive *archive = open_built(&b);

    CHECK_EQ_U64(zip_member_at(archive, 0)->size, UINT32_MAX);
    zip_close(archive);
}

static void two_zip64_fields_are_refused(void)
{
    uint8_t field[64];
    const uint64_t value = 4;
    size_t nbytes = zip64_field(field, &value, 1);
    struct zip_builder b;

    nbytes += zip64_field(field + nbytes, &value, 1);
    b = with_zip64(field, nbytes, 1);
    CHECK(is_refused(&b, VXA_FAILURE_DATA, "damaged zip64 field"));
}

static void offsets_that_wrap_around_are_refused(void)
{
    uint8_t field[64];
    const uint64_t values[] = {UINT64_MAX, UINT64_MAX - 29, UINT64_C(1) << 63};

    for (size_t i = 0; i < 3; i++) {
        struct zip_builder b = with_zip64(field, zip64_field(field, &values[i], 1), 4);

        CHECK(is_refused(&b, VXA_FAILURE_DATA, "points behind the members"));
        b = with_zip64(field, zip64_field(field, &values[i], 1), 2);
        CHECK(member_fails(&b, 0, VXA_FAILURE_DATA, "sizes"));
    }
}

/* The member behind is refused as well: the first one is said to cover it. */
static void sizes_that_wrap_around_are_refused(void)
{
    uint8_t field[64];
    const uint64_t values[] = {UINT64_MAX, UINT64_MAX - 40};

    for (size_t i = 0; i < 4; i++) {
        uint64_t value = values[i / 2];
        size_t nbytes = zip64_field(field, (uint64_t[2]){value, value}, 2);
        struct zip_builder b = {0};

        zip_build_add(&b, &(struct zip_part){.name = "m",
                                             .data = "data",
                                             .data_nbytes = 4,
                                             .local_extra = field,
                                             .local_extra_nbytes = nbytes,
                                             .central_extra = field,
                                             .central_extra_nbytes = nbytes});
        zip_build_add(&b, &(struct zip_part){.name = "behind"});
        zip_build_directory(&b);
        zip_build_end(&b, NULL);
        memset(central_of(&b, 0) + ZIP_CENTRAL_COMPRESSED_SIZE, 0xff, 8);
        memset(local_of(&b, 0) + ZIP_LOCAL_COMPRESSED_SIZE, 0xff, 8);
        CHECK(member_fails(&b, i % 2, VXA_FAILURE_DATA, "overlaps"));
    }
}

static void local_sizes_may_be_in_a_zip64_field(void)
{
    uint8_t field[64];
    struct zip_part part = {.name = "m", .data = "data", .data_nbytes = 4, .local_extra = field};
    struct zip_builder b;

    part.local_extra_nbytes = zip64_field(field, (uint64_t[2]){4, 4}, 2);
    b = one(&part);
    memset(local_of(&b, 0) + ZIP_LOCAL_COMPRESSED_SIZE, 0xff, 8);
    CHECK(is_good(&b));
    part.local_extra_nbytes = zip64_field(field, (uint64_t[2]){4, 5}, 2);
    b = one(&part);
    memset(local_of(&b, 0) + ZIP_LOCAL_COMPRESSED_SIZE, 0xff, 8);
    CHECK(member_fails(&b, 0, VXA_FAILURE_DATA, "sizes"));
    part.local_extra_nbytes = zip64_field(field, (uint64_t[1]){4}, 1);
    b = one(&part);
    memset(local_of(&b, 0) + ZIP_LOCAL_COMPRESSED_SIZE, 0xff, 8);
    CHECK(member_fails(&b, 0, VXA_FAILURE_DATA, "zip64 field"));
}

/* ---- local headers ---- */

static void a_local_header_that_differs_is_refused(void)
{
    static const struct {
        unsigned off;
        uint8_t bits;
        const char *words;
    } faults[] = {
        {0, 1, "local header is missing"},
        {ZIP_LOCAL_METHOD, 8, "compression method"},
        {ZIP_LOCAL_METHOD + 1, 1, "compression method"},
        {ZIP_LOCAL_FLAGS, ZIP_FLAG_ENCRYPTED, "flags"},
        {ZIP_LOCAL_FLAGS, ZIP_FLAG_DESCRIPTOR, "flags"},
        {ZIP_LOCAL_FLAGS, ZIP_FLAG_PATCHED, "flags"},
        {ZIP_LOCAL_FLAGS, ZIP_FLAG_STRONG_ENCRYPTION, "flags"},
        {ZIP_LOCAL_FLAGS + 1, ZIP_FLAG_UTF8 >> 8, "flags"},
        {ZIP_LOCAL_FLAGS + 1, ZIP_FLAG_MASKED >> 8, "flags"},
        {ZIP_LOCAL_CRC32, 1, "CRC-32"},
        {ZIP_LOCAL_CRC32 + 3, 0x80, "CRC-32"},
        {ZIP_LOCAL_COMPRESSED_SIZE, 1, "sizes"},
        {ZIP_LOCAL_COMPRESSED_SIZE + 3, 0x80, "sizes"},
        {ZIP_LOCAL_SIZE, 1, "sizes"},
        {ZIP_LOCAL_SIZE + 3, 0x80, "sizes"},
        {ZIP_LOCAL_NAME_NBYTES, 2, "name"},
        {ZIP_LOCAL_NBYTES, 1, "name"},
    };

    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        struct zip_builder b = three();

        local_of(&b, 1)[faults[i].off] ^= faults[i].bits;
        CHECK(member_fails(&b, 1, VXA_FAILURE_DATA, faults[i].words));
    }
}

/* What stands for "not known yet" in front of a data descriptor means nothing without one. */
static void without_a_descriptor_no_field_may_be_left_open(void)
{
    static const struct {
        unsigned off;
        const char *words;
    } fields[] = {{ZIP_LOCAL_CRC32, "CRC-32"},
                  {ZIP_LOCAL_COMPRESSED_SIZE, "sizes"},
                  {ZIP_LOCAL_SIZE, "sizes"}};

    for (size_t i = 0; i < 6; i++) {
        struct zip_builder b = three();

        memset(local_of(&b, 1) + fields[i / 2].off, i % 2 ? 0xff : 0, 4);
        CHECK(member_fails(&b, 1, VXA_FAILURE_DATA, fields[i / 2].words));
    }
}

static void a_local_name_that_is_only_a_beginning_is_refused(void)
{
    struct zip_builder b = one(&(struct zip_part){.name = "name", .data = "x", .data_nbytes = 1});

    zip_put16(local_of(&b, 0) + ZIP_LOCAL_NAME_NBYTES, 3);
    zip_put16(local_of(&b, 0) + ZIP_LOCAL_EXTRA_NBYTES, 1);
    CHECK(member_fails(&b, 0, VXA_FAILURE_DATA, "name"));
}

static void what_only_advises_may_differ(void)
{
    struct zip_builder b = three();

    local_of(&b, 1)[ZIP_LOCAL_FLAGS] ^= 6; /* how hard the compressor tried */
    local_of(&b, 1)[ZIP_LOCAL_VERSION_NEEDED] ^= 1;
    local_of(&b, 1)[ZIP_LOCAL_TIME] ^= 1;
    CHECK(is_good(&b));
}

static void encrypted_and_patched_members_are_not_supported(void)
{
    static const uint16_t flags[] = {ZIP_FLAG_ENCRYPTED, ZIP_FLAG_PATCHED,
                                     ZIP_FLAG_STRONG_ENCRYPTION, ZIP_FLAG_MASKED};

    for (size_t i = 0; i < 4; i++) {
        struct zip_builder b = one(
            &(struct zip_part){.name = "m", .flags = flags[i], .data = "data", .data_nbytes = 4});

        CHECK(member_fails(&b, 0, VXA_FAILURE_UNSUPPORTED,
                           flags[i] == ZIP_FLAG_PATCHED ? "patched" : "encrypted"));
    }
}

static void one_bad_member_leaves_the_others_good(void)
{
    struct zip_builder b = three();
    struct zip_archive *archive;
    struct vxa_failure failure;

    local_of(&b, 1)[0] ^= 1;
    archive = open_built(&b);
    CHECK(check_at(archive, 0, &failure));
    CHECK(!check_at(archive, 1, &failure));
    CHECK(check_at(archive, 2, &failure));
    zip_close(archive);
}

/* ---- data descriptors ---- */

/* A descriptor of a member with CRC 0x2222, as its form says; returns its size. */
static size_t descriptor(uint8_t *p, bool has_signature, bool is_64, uint64_t compressed_size,
                         uint64_t size)
{
    uint8_t *start = p;

    if (has_signature) {
        zip_put32(p, ZIP_DESCRIPTOR_SIGNATURE);
        p += 4;
    }
    zip_put32(p, 0x2222);
    p += 4;
    zip_put64(p, compressed_size);
    if (is_64)
        zip_put64(p + 8, size);
    else
        zip_put32(p + 4, (uint32_t)size);
    return (size_t)(p - start) + (is_64 ? 16 : 8);
}

/* Two members, the first with the descriptor. */
static struct zip_builder with_descriptor(const uint8_t *bytes, size_t nbytes)
{
    struct zip_builder b = {0};

    zip_build_add(&b, &(struct zip_part){.name = "d",
                                         .flags = ZIP_FLAG_DESCRIPTOR,
                                         .method = 8,
                                         .data = "beta",
                                         .data_nbytes = 4,
                                         .size = 6,
                                         .crc32 = 0x2222,
                                         .descriptor = bytes,
                                         .descriptor_nbytes = nbytes});
    zip_build_add(&b, &(struct zip_part){.name = "behind"});
    zip_build_directory(&b);
    zip_build_end(&b, NULL);
    return b;
}

static void all_four_forms_of_the_descriptor_are_read(void)
{
    uint8_t bytes[32];

    for (unsigned form = 0; form < 4; form++) {
        size_t nbytes = descriptor(bytes, form & 1, form & 2, 4, 6);
        struct zip_builder b = with_descriptor(bytes, nbytes);

        CHECK(is_good(&b));
    }
}

static void a_descriptor_that_differs_or_is_missing_is_refused(void)
{
    uint8_t bytes[32];

    for (unsigned form = 0; form < 4; form++) {
        size_t nbytes = descriptor(bytes, form & 1, form & 2, 4, 6);

        for (size_t i = 0; i < nbytes; i++) {
            struct zip_builder b;

            bytes[i] ^= 0x10;
            b = with_descriptor(bytes, nbytes);
            CHECK(member_fails(&b, 0, VXA_FAILURE_DATA, "data descriptor"));
            bytes[i] ^= 0x10;
        }
        for (size_t left = 0; left < nbytes; left++) {
            struct zip_builder b = with_descriptor(bytes, left);

            CHECK(member_fails(&b, 0, VXA_FAILURE_DATA, "data descriptor"));
        }
    }
}

static void local_sizes_in_front_of_a_descriptor_may_be_open_or_right(void)
{
    uint8_t bytes[32];
    size_t nbytes = descriptor(bytes, true, false, 4, 6);
    struct zip_builder b = with_descriptor(bytes, nbytes);

    zip_put32(local_of(&b, 0) + ZIP_LOCAL_CRC32, 0x2222);
    zip_put32(local_of(&b, 0) + ZIP_LOCAL_COMPRESSED_SIZE, 4);
    zip_put32(local_of(&b, 0) + ZIP_LOCAL_SIZE, 6);
    CHECK(is_good(&b));
    b = with_descriptor(bytes, nbytes);
    memset(local_of(&b, 0) + ZIP_LOCAL_COMPRESSED_SIZE, 0xff, 8);
    CHECK(is_good(&b));
    b = with_descriptor(bytes, nbytes);
    zip_put32(local_of(&b, 0) + ZIP_LOCAL_SIZE, 7);
    CHECK(member_fails(&b, 0, VXA_FAILURE_DATA, "sizes"));
    b = with_descriptor(bytes, nbytes);
    zip_put32(local_of(&b, 0) + ZIP_LOCAL_COMPRESSED_SIZE, 7);
    CHECK(member_fails(&b, 0, VXA_FAILURE_DATA, "sizes"));
    b = with_descriptor(bytes, nbytes);
    zip_put32(local_of(&b, 0) + ZIP_LOCAL_CRC32, 7);
    CHECK(member_fails(&b, 0, VXA_FAILURE_DATA, "CRC-32"));
}

/* ---- whose bytes they are ---- */

static void members_at_one_place_are_both_refused(void)
{
    for (size_t index = 0; index < 2; index++) {
        struct zip_builder b = {0};

        zip_build_add(&b, &(struct zip_part){.name = "x", .data = "1234", .data_nbytes = 4});
        zip_build_add(&b, &(struct zip_part){.name = "x", .data = "1234", .data_nbytes = 4});
        zip_build_directory(&b);
        zip_build_end(&b, NULL);
        zip_put32(central_of(&b, 1) + ZIP_CENTRAL_LOCAL_OFF, 0);
        CHECK(member_fails(&b, index, VXA_FAILURE_DATA, "overlaps"));
    }
}

/* The second and third member lie within the data of the first, one behind the other. */
static void members_within_another_are_refused_like_the_other(void)
{
    for (size_t index = 0; index < 3; index++) {
        struct zip_builder inner = {0}, b = {0};

        zip_build_add(&inner, &(struct zip_part){.name = "i"});
        zip_build_add(&inner, &(struct zip_part){.name = "n"});
        zip_build_add(&b, &(struct zip_part){
                              .name = "out", .data = inner.bytes, .data_nbytes = inner.nbytes});
        zip_build_add(&b, &(struct zip_part){.name = "i"});
        zip_build_add(&b, &(struct zip_part){.name = "n"});
        zip_build_directory(&b);
        zip_build_end(&b, NULL);
        for (size_t i = 0; i < 2; i++)
            zip_put32(central_of(&b, 1 + i) + ZIP_CENTRAL_LOCAL_OFF,
                      (uint32_t)(b.places[0].data_off + inner.places[i].local_off));
        zip_build_free(&inner);
        CHECK(member_fails(&b, index, VXA_FAILURE_DATA, "overlaps"));
    }
}

static void data_that_reaches_into_the_next_member_is_refused(void)
{
    for (int change = 0; change < 2; change++) {
        struct zip_builder b = three();

        zip_put32(local_of(&b, 0) + ZIP_LOCAL_COMPRESSED_SIZE, (uint32_t)(5 + change));
        zip_put32(central_of(&b, 0) + ZIP_CENTRAL_COMPRESSED_SIZE, (uint32_t)(5 + change));
        if (change == 0)
            CHECK(is_good(&b));
        else
            CHECK(member_fails(&b, 0, VXA_FAILURE_DATA, "overlaps"));
    }
}

static void data_that_reaches_into_the_directory_is_refused(void)
{
    struct zip_builder b = three();

    memset(local_of(&b, 2) + ZIP_LOCAL_COMPRESSED_SIZE, 1, 1);
    memset(central_of(&b, 2) + ZIP_CENTRAL_COMPRESSED_SIZE, 1, 1);
    CHECK(member_fails(&b, 2, VXA_FAILURE_DATA, "overlaps"));
}

static void a_local_extra_field_that_reaches_into_the_next_member_is_refused(void)
{
    struct zip_builder b = three();

    zip_put16(local_of(&b, 0) + ZIP_LOCAL_EXTRA_NBYTES, 1);
    CHECK(member_fails(&b, 0, VXA_FAILURE_DATA, "overlaps"));
    b = three();
    zip_put16(local_of(&b, 2) + ZIP_LOCAL_EXTRA_NBYTES, 1);
    CHECK(member_fails(&b, 2, VXA_FAILURE_DATA, "overlaps"));
    b = three();
    zip_put16(local_of(&b, 2) + ZIP_LOCAL_EXTRA_NBYTES, 0xffff);
    CHECK(member_fails(&b, 2, VXA_FAILURE_DATA, "overlaps"));
}

static void gaps_and_any_order_of_the_directory_are_good(void)
{
    struct zip_builder b = {0};
    uint8_t record[ZIP_CENTRAL_NBYTES + 1];

    zip_build_add(&b, &(struct zip_part){.name = "1",
                                         .data = "abc",
                                         .data_nbytes = 3,
                                         .descriptor = (const uint8_t *)"gap",
                                         .descriptor_nbytes = 3});
    zip_build_add(&b, &(struct zip_part){.name = "2", .data = "defg", .data_nbytes = 4});
    zip_build_directory(&b);
    zip_build_end(&b, NULL);
    memcpy(record, central_of(&b, 0), sizeof record);
    memmove(central_of(&b, 0), central_of(&b, 1), sizeof record);
    memcpy(central_of(&b, 1), record, sizeof record);
    CHECK(is_good(&b));
}

static void a_file_that_shrinks_is_a_clean_failure(void)
{
    struct zip_builder b = three();
    struct zip_archive *archive = NULL;
    struct vxa_failure failure;
    char path[] = "/tmp/zip_shrink_XXXXXX", data[8];
    int fd = mkstemp(path);
    const struct zip_member *m;

    CHECK(fd >= 0 && write(fd, b.bytes, b.nbytes) == (ssize_t)b.nbytes);
    CHECK(zip_open(path, NULL, &archive, &failure));
    m = zip_member_at(archive, 0);
    CHECK(zip_member_check(archive, m, &failure));
    CHECK(ftruncate(fd, (off_t)b.places[0].data_off + 2) == 0);
    CHECK(zip_member_read(archive, m, 0, data, 5, &failure) == -1);
    CHECK(told(&failure, VXA_FAILURE_DATA, "ends too early"));
    CHECK(zip_member_read(archive, m, 0, data, 2, &failure) == 2);
    CHECK(!check_at(archive, 1, &failure));
    CHECK(told(&failure, VXA_FAILURE_DATA, "ends too early"));
    zip_close(archive);
    close(fd);
    unlink(path);
    zip_build_free(&b);
}

/* ---- VXA blocks ---- */

static void blocks_are_found_and_their_faults_are_told(void)
{
    uint8_t field[VXA_BLOCK_MAX_NBYTES];
    struct vxa_block block = {.kind = VXA_BLOCK_MEMBER, .decoder_sha256 = {7}, .codec = "x"};
    size_t nbytes = vxa_block_build(&block, field, sizeof field);

    for (int is_bad = 0; is_bad < 2; is_bad++) {
        struct zip_builder b = one(&(struct zip_part){
            .name = "m", .central_extra = field, .central_extra_nbytes = nbytes});
        struct zip_archive *archive = open_built(&b);
        const struct zip_member *m = zip_member_at(archive, 0);

        CHECK(m->block_result == (is_bad ? VXA_BLOCK_UNUSABLE : VXA_BLOCK_OK));
        CHECK(zip_member_block(m, &block) == !is_bad);
        CHECK(is_bad || (block.decoder_sha256[0] == 7 && strcmp(block.codec, "x") == 0));
        zip_close(archive);
        field[4] ^= 1;
    }
}

static void the_two_copies_of_a_block_must_not_differ(void)
{
    uint8_t central[VXA_BLOCK_MAX_NBYTES], local[VXA_BLOCK_MAX_NBYTES];
    struct vxa_block block = {.kind = VXA_BLOCK_MEMBER, .codec = "x"};
    size_t nbytes = vxa_block_build(&block, central, sizeof central);
    struct zip_part part = {.name = "m",
                            .local_extra = local,
                            .local_extra_nbytes = nbytes,
                            .central_extra = central,
                            .central_extra_nbytes = nbytes};
    struct zip_builder b;

    memcpy(local, central, nbytes);
    b = one(&part);
    CHECK(is_good(&b));
    local[nbytes - 1] ^= 1;
    b = one(&part);
    CHECK(member_fails(&b, 0, VXA_FAILURE_DATA, "VXA block"));
    /* One that goes on where the other ends. */
    memcpy(local, central, nbytes);
    memcpy(local + nbytes, "\x7f\0\0", 3);
    zip_put16(local + 2, (uint16_t)(nbytes - 4 + 3));
    part.local_extra_nbytes = nbytes + 3;
    b = one(&part);
    CHECK(member_fails(&b, 0, VXA_FAILURE_DATA, "VXA block"));
    part.local_extra_nbytes = 0;
    b = one(&part);
    CHECK(is_good(&b));
}

/* ---- times and modes ---- */

static bool has_time(const struct zip_part *part, int64_t expected, bool expected_exact)
{
    struct zip_builder b = one(part);
    struct zip_archive *archive = open_built(&b);
    int64_t seconds;
    bool is_exact;

    zip_member_mtime(zip_member_at(archive, 0), &seconds, &is_exact);
    zip_close(archive);
    return seconds == expected && is_exact == expected_exact;
}

static void the_unix_time_field_is_exact(void)
{
    uint8_t field[9] = {0x55, 0x54, 5, 0, 1};
    struct zip_part part = {.name = "m", .dos_date = 1 << 5 | 1, .central_extra = field};

    part.central_extra_nbytes = sizeof field;
    zip_put32(field + 5, 1700000001);
    CHECK(has_time(&part, 1700000001, true));
    zip_put32(field + 5, (uint32_t)-5);
    CHECK(has_time(&part, -5, true));
}

static void without_a_whole_unix_time_the_dos_time_is_local(void)
{
    uint8_t field[9] = {0x55, 0x54, 5, 0, 1};
    struct zip_part part = {.name = "m",
                            .dos_date = (2024 - 1980) << 9 | 2 << 5 | 29,
                            .dos_time = 13 << 11 | 14 << 5 | 15 / 2,
                            .central_extra = field};
    /* 2024-02-29 13:14:14 UTC and, two hours east, 11:14:14 UTC */
    const int64_t utc = 1709212454;

    setenv("TZ", "UTC0", 1);
    tzset();
    CHECK(has_time(&part, utc, false));
    part.central_extra_nbytes = sizeof field;
    field[4] = 2; /* only an access time, which has no place here */
    CHECK(has_time(&part, utc, false));
    field[4] = 1;
    zip_put16(field + 2, 4);
    part.central_extra_nbytes = 8;
    CHECK(has_time(&part, utc, false));
    zip_put16(field + 2, 5); /* reaches beyond the extra field */
    CHECK(has_time(&part, utc, false));
    setenv("TZ", "EET-2", 1);
    tzset();
    CHECK(has_time(&part, utc - 7200, false));
}

static uint32_t mode_of(const struct zip_part *part)
{
    struct zip_builder b = one(part);
    struct zip_archive *archive = open_built(&b);
    uint32_t mode = zip_member_mode(zip_member_at(archive, 0));

    zip_close(archive);
    return mode;
}

static uint32_t unix_mode_of(const char *name, uint32_t mode, const char *data)
{
    return mode_of(&(struct zip_part){.name = name,
                                      .made_by = UNIX,
                                      .external_attributes = mode << 16,
                                      .data = data,
                                      .data_nbytes = strlen(data)});
}

static void modes_come_from_unix_and_have_defaults_elsewhere(void)
{
    CHECK_EQ_U64(unix_mode_of("f", 0100751, "x"), 0100751);
    CHECK_EQ_U64(unix_mode_of("f", 0751, "x"), 0100751);
    CHECK_EQ_U64(unix_mode_of("f", 0100000, "x"), 0100000);
    CHECK_EQ_U64(unix_mode_of("f", 0120777, "to"), 0120777);
    CHECK_EQ_U64(unix_mode_of("d/", 040750, ""), 040750);
    CHECK_EQ_U64(unix_mode_of("f", 0, "x"), 0100644);
    CHECK_EQ_U64(unix_mode_of("d/", 0, ""), 040755);
    CHECK_EQ_U64(mode_of(&(struct zip_part){.name = "f"}), 0100644);
    CHECK_EQ_U64(mode_of(&(struct zip_part){.name = "d/"}), 040755);
    CHECK_EQ_U64(mode_of(&(struct zip_part){.name = "d", .external_attributes = DOS_FOLDER}),
                 040755);
    CHECK_EQ_U64(mode_of(&(struct zip_part){.name = "f", .external_attributes = 0100600u << 16}),
                 0100644);
}

static void a_folder_has_a_slash_or_no_content_and_devices_are_files(void)
{
    CHECK_EQ_U64(unix_mode_of("d/", 0100644, ""), 040644);
    CHECK_EQ_U64(unix_mode_of("d", 040755, ""), 040755);
    CHECK_EQ_U64(unix_mode_of("d", 040755, "content"), 0100755);
    CHECK_EQ_U64(unix_mode_of("d/", 0120777, "to"), 040777);
    CHECK_EQ_U64(unix_mode_of("pipe", 010644, ""), 0100644);
    CHECK_EQ_U64(unix_mode_of("device", 060644, ""), 0100644);
}

int main(void)
{
    RUN(a_zip64_field_gives_exactly_the_values_that_are_all_ones);
    RUN(zip64_values_have_64_bits);
    RUN(sizes_of_all_ones_without_a_zip64_field_are_themselves);
    RUN(two_zip64_fields_are_refused);
    RUN(offsets_that_wrap_around_are_refused);
    RUN(sizes_that_wrap_around_are_refused);
    RUN(local_sizes_may_be_in_a_zip64_field);
    RUN(a_local_header_that_differs_is_refused);
    RUN(without_a_descriptor_no_field_may_be_left_open);
    RUN(a_local_name_that_is_only_a_beginning_is_refused);
    RUN(what_only_advises_may_differ);
    RUN(encrypted_and_patched_members_are_not_supported);
    RUN(one_bad_member_leaves_the_others_good);
    RUN(all_four_forms_of_the_descriptor_are_read);
    RUN(a_descriptor_that_differs_or_is_missing_is_refused);
    RUN(local_sizes_in_front_of_a_descriptor_may_be_open_or_right);
    RUN(members_at_one_place_are_both_refused);
    RUN(members_within_another_are_refused_like_the_other);
    RUN(data_that_reaches_into_the_next_member_is_refused);
    RUN(data_that_reaches_into_the_directory_is_refused);
    RUN(a_local_extra_field_that_reaches_into_the_next_member_is_refused);
    RUN(gaps_and_any_order_of_the_directory_are_good);
    RUN(a_file_that_shrinks_is_a_clean_failure);
    RUN(blocks_are_found_and_their_faults_are_told);
    RUN(the_two_copies_of_a_block_must_not_differ);
    RUN(the_unix_time_field_is_exact);
    RUN(without_a_whole_unix_time_the_dos_time_is_local);
    RUN(modes_come_from_unix_and_have_defaults_elsewhere);
    RUN(a_folder_has_a_slash_or_no_content_and_devices_are_files);
    return test_report();
}

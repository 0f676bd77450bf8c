/* SPDX-License-Identifier: MIT */
/* The VXA block: what is built is parsed again, and nothing damaged is ever used. */
#include "support/test.h"

#include "vxa_block.h"
#include "zip_format.h"

#include <stdlib.h>
#include <string.h>

enum { FIELD = 4, KIND = FIELD + 4, FLAGS = FIELD + 5, RESERVED = FIELD + 6, ITEMS = FIELD + 40 };

static uint8_t field[VXA_BLOCK_MAX_NBYTES];

/* Parses a copy of exactly this size, so that a sanitizer sees every byte read too many. */
static enum vxa_block_result find(const uint8_t *extra, size_t nbytes, struct vxa_block *block)
{
    uint8_t *exact = malloc(nbytes + !nbytes);
    enum vxa_block_result result;

    if (!exact)
        abort();
    if (nbytes > 0)
        memcpy(exact, extra, nbytes);
    result = vxa_block_find(exact, nbytes, block);
    free(exact);
    return result;
}

static bool is_unusable(const uint8_t *extra, size_t nbytes)
{
    struct vxa_block block;

    return find(extra, nbytes, &block) == VXA_BLOCK_UNUSABLE;
}

static struct vxa_block full_block(void)
{
    struct vxa_block block = {
        .kind = VXA_BLOCK_MEMBER,
        .flags = VXA_FLAG_ORIGINAL_CODED,
        .has_decoded_size = true,
        .decoded_size = UINT64_C(0x123456789abcdef0),
        .has_decoded_crc32 = true,
        .decoded_crc32 = 0xfedcba98,
        .has_peak_memory = true,
        .peak_memory_nbytes = 1 << 20,
        .has_instruction_count = true,
        .instruction_count = 77,
        .decoded_media_type = "image/bmp",
        .decoded_suffix = ".bmp",
        .encoded_media_type = "image/jpeg",
        .codec = "jpeg 9e",
        .arguments_nbytes = 8,
        .arguments = "-a\0--bcd",
    };

    for (unsigned i = 0; i < VXA_HASH_NBYTES; i++)
        block.decoder_sha256[i] = (uint8_t)(i * 7);
    return block;
}

/* The smallest block that can be used, in `field`; returns its size. */
static size_t build_bare(void)
{
    const struct vxa_block block = {.kind = VXA_BLOCK_DECODER, .decoder_sha256 = {1, 2, 3}};

    return vxa_block_build(&block, field, sizeof field);
}

/* A bare block with one item behind it. */
static size_t build_item(uint8_t id, const void *data, size_t nbytes)
{
    size_t used = build_bare();

    field[used] = id;
    zip_put16(field + used + 1, (uint16_t)nbytes);
    memcpy(field + used + 3, data, nbytes);
    used += 3 + nbytes;
    zip_put16(field + 2, (uint16_t)(used - FIELD));
    return used;
}

static void a_full_block_comes_back_as_it_was(void)
{
    struct vxa_block in = full_block(), out;
    size_t nbytes = vxa_block_build(&in, field, sizeof field);

    CHECK_EQ_U64(zip_get16(field), VXA_EXTRA_ID);
    CHECK_EQ_U64(zip_get16(field + 2), nbytes - FIELD);
    CHECK(find(field, nbytes, &out) == VXA_BLOCK_OK);
    CHECK(out.kind == in.kind && out.flags == in.flags);
    CHECK(memcmp(out.decoder_sha256, in.decoder_sha256, VXA_HASH_NBYTES) == 0);
    CHECK(out.has_decoded_size && out.has_decoded_crc32);
    CHECK(out.has_peak_memory && out.has_instruction_count);
    CHECK_EQ_U64(out.decoded_size, in.decoded_size);
    CHECK_EQ_U64(out.decoded_crc32, in.decoded_crc32);
    CHECK_EQ_U64(out.peak_memory_nbytes, in.peak_memory_nbytes);
    CHECK_EQ_U64(out.instruction_count, in.instruction_count);
    CHECK(strcmp(out.decoded_media_type, in.decoded_media_type) == 0);
    CHECK(strcmp(out.decoded_suffix, in.decoded_suffix) == 0);
    CHECK(strcmp(out.encoded_media_type, in.encoded_media_type) == 0);
    CHECK(strcmp(out.codec, in.codec) == 0);
    CHECK_EQ_U64(out.arguments_nbytes, in.arguments_nbytes);
    CHECK(memcmp(out.arguments, in.arguments, in.arguments_nbytes + 1u) == 0);
}

/* The layout of the format's description, byte by byte. */
static void the_bytes_are_those_of_the_format(void)
{
    static const uint8_t expected[] = {0x56, 0x58, 47, 0, 'V', 'X', 'A', '1', 1, 1, 0, 0};
    static const uint8_t expected_item[] = {2, 4, 0, 0x44, 0x33, 0x22, 0x11};
    struct vxa_block block = {.kind = VXA_BLOCK_MEMBER,
                              .flags = VXA_FLAG_DECODER_REQUIRED,
                              .has_decoded_crc32 = true,
                              .decoded_crc32 = 0x11223344};

    memset(block.decoder_sha256, 0xaa, VXA_HASH_NBYTES);
    CHECK_EQ_U64(vxa_block_build(&block, field, sizeof field), 51);
    CHECK(memcmp(field, expected, sizeof expected) == 0);
    CHECK(memcmp(field + 12, block.decoder_sha256, VXA_HASH_NBYTES) == 0);
    CHECK(memcmp(field + ITEMS, expected_item, sizeof expected_item) == 0);
}

static void absent_items_are_told_apart_from_zero(void)
{
    struct vxa_block block;
    size_t nbytes = build_bare();

    CHECK_EQ_U64(nbytes, 44);
    memset(&block, 0xff, sizeof block);
    CHECK(find(field, nbytes, &block) == VXA_BLOCK_OK);
    CHECK(block.kind == VXA_BLOCK_DECODER && block.flags == 0);
    CHECK(!block.has_decoded_size && !block.has_decoded_crc32);
    CHECK(!block.has_peak_memory && !block.has_instruction_count);
    CHECK(block.codec[0] == '\0' && block.decoded_suffix[0] == '\0');
    CHECK(block.decoded_media_type[0] == '\0' && block.encoded_media_type[0] == '\0');
    CHECK(block.arguments_nbytes == 0 && block.arguments[0] == '\0');
}

static void an_extra_field_without_the_block_has_none(void)
{
    static const uint8_t other[] = {0x55, 0x54, 5, 0, 1, 1, 2, 3, 4};
    struct vxa_block block;

    CHECK(find(NULL, 0, &block) == VXA_BLOCK_ABSENT);
    for (size_t nbytes = 1; nbytes <= sizeof other; nbytes++)
        CHECK(find(other, nbytes, &block) == VXA_BLOCK_ABSENT);
}

static void the_block_is_found_behind_other_fields(void)
{
    uint8_t extra[200] = {0x55, 0x54, 5, 0, 1, 1, 2, 3, 4};
    struct vxa_block block;
    size_t nbytes = build_bare();

    memcpy(extra + 9, field, nbytes);
    CHECK(find(extra, 9 + nbytes, &block) == VXA_BLOCK_OK);
    CHECK_EQ_U64(block.decoder_sha256[1], 2);
    /* And in front of one, and of fewer bytes than a field has. */
    memcpy(extra + 9 + nbytes, "\x01\x02\0\0\0\0\0", 7);
    CHECK(find(extra, 9 + nbytes + 7, &block) == VXA_BLOCK_OK);
}

static void no_shortened_block_is_used(void)
{
    struct vxa_block in = full_block(), out;
    size_t nbytes = vxa_block_build(&in, field, sizeof field);

    for (size_t left = FIELD; left < nbytes; left++)
        CHECK(is_unusable(field, left));
    /* The same with a field size that fits: only whole items may be missing. */
    for (size_t left = FIELD; left < nbytes; left++) {
        enum vxa_block_result result;
        size_t off = ITEMS;

        zip_put16(field + 2, (uint16_t)(left - FIELD));
        result = find(field, left, &out);
        while (off < left)
            off += 3 + (size_t)zip_get16(field + off + 1);
        CHECK((result == VXA_BLOCK_OK) == (left >= ITEMS && off == left));
        CHECK(result != VXA_BLOCK_ABSENT);
    }
}

static void two_blocks_are_unusable(void)
{
    size_t nbytes = build_bare();

    memcpy(field + nbytes, field, nbytes);
    CHECK(is_unusable(field, 2 * nbytes));
    field[KIND] = 9;
    CHECK(is_unusable(field, 2 * nbytes));
}

static void a_field_that_overruns_behind_the_block_makes_it_unusable(void)
{
    size_t nbytes = build_bare();

    memcpy(field + nbytes, "\x55\x54\x05\x00", 4);
    CHECK(is_unusable(field, nbytes + 4));
}

static void another_version_kind_flag_or_reserved_bit_is_unusable(void)
{
    static const struct {
        size_t off;
        uint8_t value;
    } faults[] = {
        {FIELD, 'v'},  {FIELD + 3, '2'}, {FIELD + 3, '0'},  {KIND, 0},
        {KIND, 3},     {KIND, 0xff},     {FLAGS, 4},        {FLAGS, 0x80},
        {FLAGS, 0x0f}, {RESERVED, 1},    {RESERVED + 1, 1},
    };

    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        size_t nbytes = build_bare();

        field[faults[i].off] = faults[i].value;
        CHECK(is_unusable(field, nbytes));
    }
}

static void items_of_a_wrong_size_are_unusable(void)
{
    static const uint8_t ids[] = {1, 2, 8, 9};
    static const uint8_t data[9] = {0};

    for (size_t i = 0; i < sizeof ids; i++)
        for (size_t nbytes = 0; nbytes <= 9; nbytes++)
            CHECK(is_unusable(field, build_item(ids[i], data, nbytes)) ==
                  (nbytes != (ids[i] == 2 ? 4 : 8)));
}

static void an_item_that_overruns_the_block_is_unusable(void)
{
    size_t nbytes = build_item(6, "abc", 3);

    zip_put16(field + ITEMS + 1, 4);
    CHECK(is_unusable(field, nbytes));
    zip_put16(field + ITEMS + 1, 0xffff);
    CHECK(is_unusable(field, nbytes));
    for (size_t rest = 1; rest < 3; rest++) {
        (void)build_item(6, "abc", 3);
        zip_put16(field + 2, (uint16_t)(ITEMS + rest - FIELD));
        CHECK(is_unusable(field, ITEMS + rest));
    }
}

static void texts_are_printable_and_fit(void)
{
    static const struct {
        uint8_t id;
        size_t most;
    } texts[] = {{3, 127}, {4, 31}, {5, 127}, {6, 127}};
    char text[200];

    for (size_t i = 0; i < 4; i++) {
        memset(text, 'x', sizeof text);
        text[0] = '.';
        CHECK(!is_unusable(field, build_item(texts[i].id, text, texts[i].most)));
        CHECK(is_unusable(field, build_item(texts[i].id, text, texts[i].most + 1)));
        CHECK(!is_unusable(field, build_item(texts[i].id, text, 0)));
        CHECK(is_unusable(field, build_item(texts[i].id, ".a\0b", 4)));
        CHECK(is_unusable(field, build_item(texts[i].id, ".\x1b[0m", 5)));
        CHECK(is_unusable(field, build_item(texts[i].id, ".\x7f", 2)));
        CHECK(is_unusable(field, build_item(texts[i].id, ".\xc3\xa9", 3)));
    }
}

static void a_suffix_stays_within_its_folder(void)
{
    CHECK(!is_unusable(field, build_item(4, ".tar", 4)));
    CHECK(is_unusable(field, build_item(4, "bmp", 3)));
    CHECK(is_unusable(field, build_item(4, "./x", 3)));
    CHECK(is_unusable(field, build_item(4, "/../x", 5)));
}

static void arguments_end_at_4096_bytes(void)
{
    static char arguments[VXA_ARGUMENTS_MAX_NBYTES + 2];
    struct vxa_block block;
    size_t nbytes;

    memset(arguments, 'a', sizeof arguments);
    nbytes = build_item(7, arguments, VXA_ARGUMENTS_MAX_NBYTES);
    CHECK(find(field, nbytes, &block) == VXA_BLOCK_OK);
    CHECK_EQ_U64(block.arguments_nbytes, VXA_ARGUMENTS_MAX_NBYTES);
    CHECK(block.arguments[VXA_ARGUMENTS_MAX_NBYTES] == '\0');
    CHECK(is_unusable(field, build_item(7, arguments, VXA_ARGUMENTS_MAX_NBYTES + 1)));
    nbytes = build_item(7, "a\0b\0", 4);
    CHECK(find(field, nbytes, &block) == VXA_BLOCK_OK);
    CHECK_EQ_U64(block.arguments_nbytes, 3);
}

static void an_unknown_item_is_passed_over_unless_it_must_be_understood(void)
{
    for (unsigned id = 0; id < 256; id++) {
        if (id >= 1 && id <= 9)
            continue;
        CHECK(is_unusable(field, build_item((uint8_t)id, "??", 2)) == (id >= 0x80));
    }
}

static void a_repeated_item_is_unusable(void)
{
    size_t nbytes = build_item(6, "abc", 3);

    memcpy(field + nbytes, field + ITEMS, 6);
    zip_put16(field + 2, (uint16_t)(nbytes + 6 - FIELD));
    CHECK(is_unusable(field, nbytes + 6));
}

static void a_buffer_that_is_too_small_gives_nothing(void)
{
    struct vxa_block block = full_block();
    size_t nbytes = vxa_block_build(&block, field, sizeof field);

    for (size_t room = 0; room < nbytes; room++) {
        uint8_t *exact = malloc(room + !room);

        CHECK(exact && vxa_block_build(&block, exact, room) == 0);
        free(exact);
    }
    CHECK_EQ_U64(vxa_block_build(&block, field, nbytes), nbytes);
}

/* What the header promises to those who reserve VXA_BLOCK_MAX_NBYTES. */
static void the_largest_block_fits_the_promised_size(void)
{
    struct vxa_block block = full_block();

    memset(block.decoded_media_type, 'x', sizeof block.decoded_media_type - 1);
    memset(block.decoded_suffix, '.', sizeof block.decoded_suffix - 1);
    memset(block.encoded_media_type, 'x', sizeof block.encoded_media_type - 1);
    memset(block.codec, 'x', sizeof block.codec - 1);
    memset(block.arguments, 'x', VXA_ARGUMENTS_MAX_NBYTES);
    block.arguments_nbytes = VXA_ARGUMENTS_MAX_NBYTES;
    CHECK(vxa_block_build(&block, field, VXA_BLOCK_MAX_NBYTES) > 0);
}

int main(void)
{
    RUN(a_full_block_comes_back_as_it_was);
    RUN(the_bytes_are_those_of_the_format);
    RUN(absent_items_are_told_apart_from_zero);
    RUN(an_extra_field_without_the_block_has_none);
    RUN(the_block_is_found_behind_other_fields);
    RUN(no_shortened_block_is_used);
    RUN(two_blocks_are_unusable);
    RUN(a_field_that_overruns_behind_the_block_makes_it_unusable);
    RUN(another_version_kind_flag_or_reserved_bit_is_unusable);
    RUN(items_of_a_wrong_size_are_unusable);
    RUN(an_item_that_overruns_the_block_is_unusable);
    RUN(texts_are_printable_and_fit);
    RUN(a_suffix_stays_within_its_folder);
    RUN(arguments_end_at_4096_bytes);
    RUN(an_unknown_item_is_passed_over_unless_it_must_be_understood);
    RUN(a_repeated_item_is_unusable);
    RUN(a_buffer_that_is_too_small_gives_nothing);
    RUN(the_largest_block_fits_the_promised_size);
    return test_report();
}

/* SPDX-License-Identifier: 0BSD */
/* Proves the guests' C library against plain loops; a guest itself, run on the host's kernel. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHECK(condition) check(condition, __LINE__, #condition)

enum { AREA_NBYTES = 5000, LENGTH_LIMIT = 2003, BLOCK_COUNT = 200 };

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525U + 1013904223U;
    return *state >> 8;
}

static void put(const char *text)
{
    (void)write(STDERR_FILENO, text, strlen(text));
}

static void check(bool holds, int line, const char *condition)
{
    char digits[12] = "";
    size_t at = sizeof digits - 1;
    if (holds)
        return;
    for (; line; line /= 10)
        digits[--at] = (char)('0' + line % 10);
    put("line ");
    put(digits + at);
    put(": not true: ");
    put(condition);
    put("\n");
    exit(1);
}

static void fill_pattern(unsigned char *area)
{
    for (size_t i = 0; i < AREA_NBYTES; i++)
        area[i] = (unsigned char)(i * 7 + i / 256);
}

static void bytewise_move(unsigned char *to, const unsigned char *from, size_t nbytes)
{
    unsigned char copy[AREA_NBYTES];
    for (size_t i = 0; i < nbytes; i++)
        copy[i] = from[i];
    for (size_t i = 0; i < nbytes; i++)
        to[i] = copy[i];
}

static bool same_bytes(const unsigned char *left, const unsigned char *right)
{
    for (size_t i = 0; i < AREA_NBYTES; i++) {
        if (left[i] != right[i])
            return false;
    }
    return true;
}

/* All lengths that are few, and some around those from which many bytes are moved otherwise. */
static size_t next_length(size_t nbytes)
{
    return nbytes == 400 ? 1020 : nbytes == 1030 ? 2000 : nbytes + 1;
}

static void memmove_is_right_for_every_overlap_and_length(void)
{
    static const size_t distances[] = {0, 1, 3, 8, 15, 16, 17, 31, 48, 63, 64, 65, 100, 200};
    unsigned char area[AREA_NBYTES], expected[AREA_NBYTES];
    for (size_t d = 0; d < sizeof distances / sizeof *distances; d++) {
        for (size_t nbytes = 0; nbytes < LENGTH_LIMIT; nbytes = next_length(nbytes)) {
            for (int down = 0; down < 2; down++) {
                size_t to = 300 + (down ? 0 : distances[d]);
                size_t from = 300 + (down ? distances[d] : 0);
                fill_pattern(area);
                fill_pattern(expected);
                bytewise_move(expected + to, expected + from, nbytes);
                CHECK(memmove(area + to, area + from, nbytes) == area + to);
                CHECK(same_bytes(area, expected));
            }
        }
    }
}

static void memcpy_and_memset_touch_exactly_their_bytes(void)
{
    unsigned char area[AREA_NBYTES], expected[AREA_NBYTES], source[AREA_NBYTES];
    fill_pattern(source);
    for (size_t nbytes = 0; nbytes < LENGTH_LIMIT; nbytes = next_length(nbytes)) {
        for (size_t at = 0; at < 17; at++) {
            fill_pattern(area);
            fill_pattern(expected);
            for (size_t i = 0; i < nbytes; i++) {
                expected[at + i] = source[at / 2 + i + 5];
                expected[2500 + at + i] = 0xa5;
            }
            CHECK(memcpy(area + at, source + at / 2 + 5, nbytes) == area + at);
            CHECK(memset(area + 2500 + at, 0x7a5, nbytes) == area + 2500 + at);
            CHECK(same_bytes(area, expected));
        }
    }
}

static void comparing_and_searching_see_every_byte(void)
{
    unsigned char left[40], right[40];
    for (size_t nbytes = 1; nbytes < 40; nbytes++) {
        memset(left, 1, sizeof left);
        memset(right, 1, sizeof right);
        CHECK(memcmp(left, right, nbytes) == 0);
        for (size_t at = 0; at < nbytes; at++) {
            right[at] = 200;
            CHECK(memcmp(left, right, nbytes) < 0 && memcmp(right, left, nbytes) > 0);
            CHECK(memchr(right, 200, nbytes) == right + at);
            right[at] = 1;
        }
        right[nbytes] = 200;
        CHECK(memcmp(left, right, nbytes) == 0 && !memchr(right, 200, nbytes));
    }
}

static void strings_follow_the_standard(void)
{
    char text[16];
    CHECK(strlen("") == 0 && strlen("abc") == 3 && strnlen("abc", 2) == 2);
    CHECK(strcmp("ab", "abc") < 0 && strcmp("b", "abc") > 0 && strcmp("abc", "abc") == 0);
    CHECK(strcmp("\x80", "a") > 0);
    CHECK(strncmp("abx", "aby", 2) == 0 && strncmp("abx", "aby", 3) < 0);
    memset(text, 'x', sizeof text);
    CHECK(strncpy(text, "ab", 4) == text && memcmp(text, "ab\0\0x", 5) == 0);
    CHECK(strcmp(strcat(strcpy(text, "ab"), "cd"), "abcd") == 0);
    CHECK(strchr(text, 'c') == text + 2 && strchr(text, 0) == text + 4 && !strchr(text, 'z'));
    CHECK(strrchr("abab", 'a')[1] == 'b' && strlen(strrchr("abab", 'a')) == 2);
}

static void division_of_64_bits_agrees_with_multiplication(void)
{
    uint32_t state = 20050412;
    for (int i = 0; i < 200000; i++) {
        uint64_t high = next_random(&state), low = next_random(&state);
        volatile uint64_t dividend = (high << 40 ^ low << 12 ^ high) >> next_random(&state) % 64;
        volatile uint64_t divisor = (low << 40 ^ high << 9 ^ low) >> next_random(&state) % 64 | 1;
        uint64_t quotient = dividend / divisor, rest = dividend % divisor;
        CHECK(rest < divisor && quotient * divisor + rest == dividend);
        CHECK(quotient <= UINT64_MAX / divisor);
        volatile int64_t signed_dividend = (int64_t)(0 - dividend),
                         signed_divisor = (int64_t)divisor;
        if (signed_divisor <= 0)
            continue;
        int64_t signed_rest = signed_dividend % signed_divisor;
        CHECK(signed_dividend / signed_divisor * signed_divisor + signed_rest == signed_dividend);
        CHECK(signed_rest == 0 || (signed_rest < 0) == (signed_dividend < 0));
    }
    volatile uint64_t most = UINT64_MAX, half = (uint64_t)1 << 63;
    CHECK(most / most == 1 && most / half == 1 && most % half == half - 1 && half / most == 0);
    CHECK(most / 0xffffffffU == 0x100000001U && most / 1 == most && (most - 1) / most == 0);
}

static int compare_numbers(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return a < b ? -1 : a > b;
}

static void qsort_orders_every_count(void)
{
    uint32_t numbers[100], state = 1, sum = 0;
    for (size_t count = 0; count < 100; count++) {
        for (size_t i = 0; i < count; i++)
            sum += numbers[i] = next_random(&state) % 50;
        qsort(numbers, count, sizeof *numbers, compare_numbers);
        for (size_t i = 0; i < count; i++)
            sum -= numbers[i];
        for (size_t i = 1; i < count; i++)
            CHECK(numbers[i - 1] <= numbers[i]);
        CHECK(sum == 0);
    }
}

struct owned {
    unsigned char *bytes;
    size_t nbytes;
    unsigned char mark;
};

static void check_owned(const struct owned *owned, size_t nbytes)
{
    for (size_t i = 0; i < nbytes; i++)
        CHECK(owned->bytes[i] == owned->mark);
}

/* One random step on one block: its bytes must still be its own. */
static void step_block(struct owned *owned, uint32_t *state, uint32_t number)
{
    size_t nbytes = next_random(state) % (number % 50 == 0 ? 900000U : 1U << (4 + number % 11));
    check_owned(owned, owned->nbytes);
    if (owned->bytes && number % 3 == 0) {
        owned->bytes = realloc(owned->bytes, nbytes);
        check_owned(owned, nbytes < owned->nbytes ? nbytes : owned->nbytes);
    } else {
        free(owned->bytes);
        if (number % 7 == 0) {
            size_t alignment = (size_t)16 << next_random(state) % 9;
            owned->bytes = aligned_alloc(alignment, nbytes);
            CHECK((uintptr_t)owned->bytes % alignment == 0);
        } else if (number % 7 == 1) {
            owned->bytes = calloc(nbytes / 4, 4);
            nbytes = nbytes / 4 * 4;
            owned->mark = 0;
            check_owned(owned, nbytes);
        } else {
            owned->bytes = malloc(nbytes);
        }
    }
    CHECK(owned->bytes && (uintptr_t)owned->bytes % 16 == 0);
    owned->nbytes = nbytes;
    owned->mark = (unsigned char)number;
    memset(owned->bytes, owned->mark, nbytes);
}

static void blocks_keep_their_bytes_through_random_use(void)
{
    struct owned owned[BLOCK_COUNT] = {{NULL, 0, 0}};
    uint32_t state = 20050412;
    for (uint32_t i = 0; i < 40000; i++)
        step_block(&owned[next_random(&state) % BLOCK_COUNT], &state, i);
    for (size_t i = 0; i < BLOCK_COUNT; i++) {
        check_owned(&owned[i], owned[i].nbytes);
        free(owned[i].bytes);
    }
}

/* Run with 64 MiB of address space: 8 GiB in total only fit when freed memory comes back. */
static void freed_memory_is_used_again(void)
{
    static const size_t sizes[] = {100, 5000, 300000, 20000000};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        size_t count = 20000000 / sizes[s];
        void **blocks = malloc(count * sizeof *blocks);
        for (int round = 0; round < 100; round++) {
            for (size_t i = 0; i < count; i++) {
                blocks[i] = malloc(sizes[s]);
                CHECK(blocks[i] != NULL);
            }
            for (size_t i = 0; i < count; i += 2)
                free(blocks[i]);
            for (size_t i = 1; i < count; i += 2)
                free(blocks[i]);
        }
        free(blocks);
    }
}

static void impossible_requests_give_null(void)
{
    void *block = NULL;
    CHECK(!malloc(SIZE_MAX) && !malloc(SIZE_MAX - 20) && !malloc((size_t)1 << 31));
    CHECK(!calloc(SIZE_MAX / 2, 3) && !aligned_alloc(24, 1) && !aligned_alloc((size_t)1 << 31, 1));
    CHECK(!malloc(100000000) && posix_memalign(&block, 3, 1) != 0);
    CHECK((block = malloc(10)) && !realloc(block, SIZE_MAX - 20));
    free(block);
}

static void formatted_text_is_padded_counted_and_cut(void)
{
    char text[64];
    CHECK(snprintf(text, sizeof text, "%d|%5d|%-5d|%05d", -7, 42, 42, -42) == 20);
    CHECK(strcmp(text, "-7|   42|42   |-0042") == 0);
    CHECK(snprintf(text, sizeof text, "%u %x 0x%02x %lu", 4294967295U, 255U, 10U, 7UL) == 20);
    CHECK(strcmp(text, "4294967295 ff 0x0a 7") == 0);
    CHECK(snprintf(text, sizeof text, "%lld %c%% %.3s %*d", -5000000000LL, 'x', "abcd", 3, 1) ==
          22);
    CHECK(strcmp(text, "-5000000000 x% abc   1") == 0);
    CHECK(snprintf(text, 4, "%s", "abcdef") == 6 && strcmp(text, "abc") == 0);
    CHECK(snprintf(text, sizeof text, "%d", INT32_MIN) == 11 && strcmp(text, "-2147483648") == 0);
}

static void main_is_called_with_an_aligned_stack(int argc, char **argv)
{
    uintptr_t frame_addr = (uintptr_t)__builtin_frame_address(0);
    CHECK(frame_addr % 16 == 8);
    CHECK(argc == 3 && strcmp(argv[1], "first") == 0 && strcmp(argv[2], "") == 0 && !argv[3]);
}

int main(int argc, char **argv)
{
    main_is_called_with_an_aligned_stack(argc, argv);
    memmove_is_right_for_every_overlap_and_length();
    memcpy_and_memset_touch_exactly_their_bytes();
    comparing_and_searching_see_every_byte();
    strings_follow_the_standard();
    division_of_64_bits_agrees_with_multiplication();
    qsort_orders_every_count();
    blocks_keep_their_bytes_through_random_use();
    impossible_requests_give_null();
    formatted_text_is_padded_counted_and_cut();
    freed_memory_is_used_again();
    return 42;
}

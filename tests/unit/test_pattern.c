/* SPDX-License-Identifier: MIT */
/* Knows which names each form of shell pattern matches. */
#include "support/test.h"

#include "pattern.h"

#include <stddef.h>
#include <string.h>
#include <time.h>

static void plain_bytes_match_themselves_only(void)
{
    CHECK(vxa_pattern_match("", ""));
    CHECK(vxa_pattern_match("a/b.c", "a/b.c"));
    CHECK(!vxa_pattern_match("a/b.c", "a/b.cc"));
    CHECK(!vxa_pattern_match("a/b.c", "a/b."));
    CHECK(!vxa_pattern_match("", "a"));
    CHECK(!vxa_pattern_match("a", ""));
    CHECK(!vxa_pattern_match("a", "A"));
}

static void a_star_matches_any_run_with_slashes(void)
{
    CHECK(vxa_pattern_match("*", ""));
    CHECK(vxa_pattern_match("*", "a/b/c"));
    CHECK(vxa_pattern_match("*.c", "src/deep/x.c"));
    CHECK(vxa_pattern_match("src/*", "src/"));
    CHECK(vxa_pattern_match("*a*b*", "xxaxxbxx"));
    CHECK(vxa_pattern_match("*aab", "aaaaab"));
    CHECK(vxa_pattern_match("a**b", "ab"));
    CHECK(vxa_pattern_match("*b", "ab"));
    CHECK(!vxa_pattern_match("*.c", "x.h"));
    CHECK(!vxa_pattern_match("*a*b", "bbaac"));
    CHECK(!vxa_pattern_match("src/*", "src"));
}

static void a_question_mark_matches_one_byte(void)
{
    CHECK(vxa_pattern_match("?", "/"));
    CHECK(vxa_pattern_match("a?c", "abc"));
    CHECK(!vxa_pattern_match("?", ""));
    CHECK(!vxa_pattern_match("a?c", "ac"));
    CHECK(vxa_pattern_match("??", "\xc3\xa4"));
}

static void a_set_matches_its_bytes_and_ranges(void)
{
    CHECK(vxa_pattern_match("[abc]", "b"));
    CHECK(!vxa_pattern_match("[abc]", "d"));
    CHECK(vxa_pattern_match("[a-f0-9]", "7"));
    CHECK(!vxa_pattern_match("[a-f0-9]", "g"));
    CHECK(vxa_pattern_match("[]a]", "]"));
    CHECK(vxa_pattern_match("[a-]", "-"));
    CHECK(vxa_pattern_match("[-a]", "-"));
    CHECK(vxa_pattern_match("[\\]]", "]"));
    CHECK(vxa_pattern_match("[\x80-\xff]", "\xc3"));
    CHECK(vxa_pattern_match("x[ab]*y", "xbzzy"));
    CHECK(!vxa_pattern_match("[z-a]", "m"));
}

static void a_negated_set_matches_all_else(void)
{
    CHECK(vxa_pattern_match("[!abc]", "d"));
    CHECK(vxa_pattern_match("[^abc]", "d"));
    CHECK(!vxa_pattern_match("[!abc]", "a"));
    CHECK(!vxa_pattern_match("[!abc]", ""));
    CHECK(vxa_pattern_match("[!]]", "a"));
    CHECK(!vxa_pattern_match("[!]]", "]"));
}

static void a_set_without_its_end_stands_for_itself(void)
{
    CHECK(vxa_pattern_match("[", "["));
    CHECK(vxa_pattern_match("[abc", "[abc"));
    CHECK(vxa_pattern_match("x[!", "x[!"));
    CHECK(vxa_pattern_match("[]", "[]"));
    CHECK(vxa_pattern_match("[a-", "[a-"));
    CHECK(!vxa_pattern_match("[abc", "a"));
}

static void a_backslash_takes_the_next_byte_literally(void)
{
    CHECK(vxa_pattern_match("\\*", "*"));
    CHECK(!vxa_pattern_match("\\*", "a"));
    CHECK(vxa_pattern_match("\\?\\[\\\\", "?[\\"));
    CHECK(vxa_pattern_match("a\\", "a\\"));
    CHECK(vxa_pattern_match("[\\a\\-z]", "-"));
    CHECK(!vxa_pattern_match("[\\a\\-z]", "m"));
}

/* Backtracking into every star would need more steps here than there are atoms in the world. */
static void many_stars_cost_no_more_than_the_product_of_the_lengths(void)
{
    char pattern[401];
    char name[1001];
    clock_t start = clock();

    for (size_t i = 0; i < 400; i += 2)
        memcpy(pattern + i, "*a", 2);
    memcpy(pattern + 399, "b", 2);
    memset(name, 'a', 1000);
    name[1000] = '\0';
    CHECK(!vxa_pattern_match(pattern, name));
    CHECK((double)(clock() - start) / CLOCKS_PER_SEC < 1.0);
}

int main(void)
{
    RUN(plain_bytes_match_themselves_only);
    RUN(a_star_matches_any_run_with_slashes);
    RUN(a_question_mark_matches_one_byte);
    RUN(a_set_matches_its_bytes_and_ranges);
    RUN(a_negated_set_matches_all_else);
    RUN(a_set_without_its_end_stands_for_itself);
    RUN(a_backslash_takes_the_next_byte_literally);
    RUN(many_stars_cost_no_more_than_the_product_of_the_lengths);
    return test_report();
}

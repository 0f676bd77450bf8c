/* SPDX-License-Identifier: MIT */
/* The least a unit test needs: checks that go on after a failure, and a count of the failures. */
#ifndef TESTS_TEST_H
#define TESTS_TEST_H

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>

/*
 *     static void two_and_two_are_four(void)
 *     {
 *         CHECK_EQ_U64(2 + 2, 4);
 *     }
 *
 *     int main(void)
 *     {
 *         RUN(two_and_two_are_four);
 *         return test_report();
 *     }
 *
 * Each failure is one line on stderr, with file and line. The state belongs to one source file.
 */
struct test_state {
    unsigned failure_count;
    unsigned function_count;
};

static inline struct test_state *test_state(void)
{
    static struct test_state state;

    return &state;
}

static inline void test_fail(const char *file, int line, const char *text)
{
    test_state()->failure_count++;
    fprintf(stderr, "%s:%d: failed: %s\n", file, line, text);
}

static inline void test_fail_u64(const char *file, int line, const char *text, uint64_t value,
                                 uint64_t expected)
{
    test_state()->failure_count++;
    fprintf(stderr, "%s:%d: failed: %s is %" PRIu64 " (0x%" PRIx64 "), not %" PRIu64 "\n", file,
            line, text, value, value, expected);
}

static inline void test_begin(const char *name)
{
    test_state()->function_count++;
    fprintf(stderr, "%s\n", name);
}

/* The program's exit status; 1 as well when no test was run. */
static inline int test_report(void)
{
    const struct test_state *state = test_state();

    fprintf(stderr, "%u tests, %u failed checks\n", state->function_count, state->failure_count);
    return state->failure_count > 0 || state->function_count == 0;
}

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition))                                                                          \
            test_fail(__FILE__, __LINE__, #condition);                                             \
    } while (0)

#define CHECK_EQ_U64(value, expected)                                                              \
    do {                                                                                           \
        uint64_t value_ = (uint64_t)(value);                                                       \
        uint64_t expected_ = (uint64_t)(expected);                                                 \
        if (value_ != expected_)                                                                   \
            test_fail_u64(__FILE__, __LINE__, #value, value_, expected_);                          \
    } while (0)

#define RUN(test)                                                                                  \
    do {                                                                                           \
        test_begin(#test);                                                                         \
        test();                                                                                    \
    } while (0)

#endif

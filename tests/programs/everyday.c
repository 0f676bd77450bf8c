/* SPDX-License-Identifier: MIT */
/* What ordinary programs do all day with a C library, one subject an argument, printed to compare.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* The same numbers with every C library. */
static uint32_t next_number(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

/* ---- stdio ---- */

static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void say(const char *format, ...)
{
    char text[64];
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    printf("%d [%s]\n", length, text);
}

static void formats(void)
{
    say("%d %i %u %x %X %#o", -42, 7, 42u, 0xbeefu, 0xbeefu, 8u);
    say("%5d|%-5d|%05d|%+d", 42, 42, 42, 42);
    say("%lld %llu", INT64_MIN, UINT64_MAX);
    say("%c%s%.3s%10s|%-10s|", 'a', "bcd", "efghi", "right", "left");
    say("%zu %hhd %hd %%", sizeof(void *), -3, 32767);
    say("%s", "a text that is longer than the array which it is to be printed into, so it is cut");
}

static void scans(void)
{
    int number = 0, count;
    unsigned hex = 0;
    char word[8] = "";
    double value = 0;

    count = sscanf("  -17 cafe word: 2.5e3", "%d %x %7[a-z]: %lf", &number, &hex, word, &value);
    printf("%d: %d %x %s %g\n", count, number, hex, word, value);
}

/* Lines of the input, counted and turned around. */
static void lines(void)
{
    char *line = NULL;
    size_t size = 0, count = 0;
    ssize_t length;

    while ((length = getline(&line, &size, stdin)) > 0) {
        if (line[length - 1] == '\n')
            length--;
        printf("%zu ", ++count);
        while (length-- > 0)
            putchar(line[length]);
        putchar('\n');
    }
    free(line);
    printf("eof %d error %d\n", feof(stdin) != 0, ferror(stdin) != 0);
}

/* ---- malloc ---- */

static bool filled_with(const unsigned char *bytes, size_t nbytes, unsigned char value)
{
    for (size_t i = 0; i < nbytes; i++) {
        if (bytes[i] != value)
            return false;
    }
    return true;
}

/* Blocks of all sizes come, grow and go; each keeps what was written into it. */
static void memory(void)
{
    enum { COUNT = 128, ROUNDS = 4000 };
    unsigned char *blocks[COUNT] = {0};
    size_t sizes[COUNT] = {0};
    uint32_t seed = 1, bad = 0;

    for (uint32_t i = 0; i < ROUNDS; i++) {
        uint32_t n = next_number(&seed) % COUNT;
        size_t wanted = (size_t)1 << next_number(&seed) % 18;
        size_t kept = wanted < sizes[n] ? wanted : sizes[n];
        unsigned char *block = realloc(blocks[n], wanted);

        bad += block == NULL || !filled_with(block, kept, (unsigned char)n);
        memset(block, (int)n, wanted);
        blocks[n] = block;
        sizes[n] = wanted;
        if (next_number(&seed) % 3 == 0) {
            free(block);
            blocks[n] = NULL;
            sizes[n] = 0;
        }
    }
    for (int n = 0; n < COUNT; n++)
        free(blocks[n]);
    printf("%u bad blocks of %u\n", bad, (unsigned)ROUNDS);
}

static void big_memory(void)
{
    const size_t nbytes = (size_t)48 << 20;
    volatile size_t too_much = SIZE_MAX - 65536;
    unsigned char *block = calloc(1, nbytes), *bigger;

    block[nbytes - 1] = 7;
    bigger = realloc(block, 2 * nbytes);
    printf("%d %d\n", bigger[0], bigger[nbytes - 1]);
    free(bigger);
    errno = 0;
    block = malloc(too_much);
    printf("too much: %d", block == NULL);
    printf(" %d\n", errno == ENOMEM);
    free(block);
}

/* ---- sorting ---- */

static int compare_numbers(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

    return (left > right) - (left < right);
}

static void sorting(void)
{
    enum { COUNT = 20000 };
    static uint32_t numbers[COUNT];
    uint32_t seed = 2, sum = 0;
    const uint32_t *found;

    for (int i = 0; i < COUNT; i++)
        numbers[i] = next_number(&seed);
    qsort(numbers, COUNT, sizeof *numbers, compare_numbers);
    for (uint32_t i = 0; i < COUNT; i++)
        sum = sum * 31 + numbers[i];
    found = bsearch(&numbers[777], numbers, COUNT, sizeof *numbers, compare_numbers);
    printf("%08" PRIx32 " %d\n", sum, (int)(found - numbers));
}

/* ---- setjmp ---- */

static jmp_buf surface;

/* Calls itself, and never returns. */
static int dive(int depth)
{
    volatile char ballast[100];

    ballast[depth % 100] = (char)depth;
    if (depth == 0)
        longjmp(surface, 42);
    return depth < 0 ? 0 : dive(depth - 1) + ballast[0];
}

static void jumps(void)
{
    volatile int round = 0;
    int value = setjmp(surface);

    printf("round %d: %d\n", round, value);
    if (round++ < 3)
        printf("never printed: %d\n", dive(round * 1000));
}

/* ---- thread-local storage ---- */

static __thread int counted = 5;
static __thread char zeroed[100];

static void local_storage(void)
{
    int sum = 0;

    for (size_t i = 0; i < sizeof zeroed; i++)
        sum += zeroed[i]++;
    counted += zeroed[99];
    errno = EDOM;
    printf("%d %d %d\n", sum, counted, errno == EDOM);
}

/* ---- floating point ---- */

static void doubles(void)
{
    static const double values[] = {0.1,    -0.0,        1.0 / 3, 1e100,   1e-310,
                                    123456, DBL_EPSILON, 5e-324,  DBL_MAX, 2.5,
                                    3.5,    99.9999995,  INFINITY};

    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        printf("%f %e %g %.17g %.0f\n", values[i], values[i], values[i], values[i], values[i]);
    printf("%g %g\n", fabs(NAN), strtod("1.7976931348623157e308", NULL));
    printf("%d %d\n", strtod("4.9e-324", NULL) == 5e-324, strtod("0x1.8p1", NULL) == 3);
}

static void arithmetic(void)
{
    volatile double sum = 0, x = 1;
    volatile long double wide = 1;
    volatile float narrow = 1;

    for (int i = 1; i < 1000; i++) {
        sum += sqrt(i) / (x + i);
        x = floor(x * 1.7) - ceil(x / 3);
        x = fmod(x, 1000) + 1;
        wide = wide * 1.01L + sqrtl(i);
        narrow = narrow * 0.99f + (float)i;
    }
    printf("%.17g %.17g %.21Lg %.9g\n", sum, x, wide, narrow);
    printf("%ld %lld %d\n", lrint(2.5), llrint(-3.5e12), (int)narrow);
}

static void wide_integers(void)
{
    uint64_t value = UINT64_C(0x123456789abcdef), sum = 0;
    uint32_t seed = 3;

    for (int i = 0; i < 1000; i++) {
        uint64_t divisor = (uint64_t)next_number(&seed) << (i % 32) | 1;

        sum += value / divisor ^ value % divisor;
        sum += (uint64_t)((int64_t)(value << (i % 64)) / (int64_t)(next_number(&seed) | 1));
        value = value * UINT64_C(6364136223846793005) + 1;
    }
    printf("%016" PRIx64 "\n", sum);
}

/* ---- the system ---- */

static void vectors(void)
{
    char text[] = "several pieces\n";
    const struct iovec pieces[] = {{text, 8}, {NULL, 0}, {text + 8, 7}};

    fflush(stdout);
    printf("%d\n", (int)writev(STDOUT_FILENO, pieces, 3));
    fflush(stdout);
    printf("%d", (int)writev(9, pieces, 3));
    printf(" %d\n", errno == EBADF);
}

static void chance(void)
{
    unsigned char bytes[64] = {0};
    ssize_t count = getrandom(bytes, sizeof bytes, 0);

    printf("%d %d\n", (int)count, filled_with(bytes, sizeof bytes, 0));
}

static void clocks(void)
{
    struct timespec before, after;
    time_t now;
    int status = clock_gettime(CLOCK_MONOTONIC, &before);

    status |= clock_gettime(CLOCK_MONOTONIC, &after);
    now = time(NULL);
    printf("%d %d %d\n", status, now > 0,
           after.tv_sec > before.tv_sec ||
               (after.tv_sec == before.tv_sec && after.tv_nsec >= before.tv_nsec));
}

/* What is not there is not found, and does no harm. */
static void absent_files(void)
{
    FILE *file = fopen("/nowhere/nothing", "r");

    printf("%d %d", file == NULL, errno == ENOENT);
    printf(" %d\n", isatty(STDIN_FILENO));
}

struct subject {
    const char *name;
    void (*run)(void);
};

static const struct subject subjects[] = {
    {"formats", formats},
    {"scans", scans},
    {"lines", lines},
    {"memory", memory},
    {"big", big_memory},
    {"sorting", sorting},
    {"jumps", jumps},
    {"tls", local_storage},
    {"doubles", doubles},
    {"arithmetic", arithmetic},
    {"integers", wide_integers},
    {"vectors", vectors},
    {"chance", chance},
    {"clocks", clocks},
    {"files", absent_files},
};

int main(int argc, char **argv)
{
    size_t count = 0;

    for (int i = 1; i < argc; i++) {
        for (size_t n = 0; n < sizeof subjects / sizeof *subjects; n++) {
            if (strcmp(argv[i], subjects[n].name) != 0)
                continue;
            subjects[n].run();
            count++;
        }
    }
    fprintf(stderr, "%zu subjects of %d\n", count, argc - 1);
    return count == (size_t)argc - 1 ? 17 : 1;
}

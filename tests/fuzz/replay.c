/* SPDX-License-Identifier: MIT */
/* Runs a fuzz target as an ordinary test: over the files of its corpus, and over mutations of them.
 *
 *     replay_NAME CORPUS-FOLDER [COUNT [SEED [FIRST]]]
 *
 * Case number N of a seed is always the same bytes, so a failing one can be run alone: SEED and N
 * as FIRST, and COUNT 1.
 */
#include <dirent.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t nbytes);

/* The sanitizers' own way to say a last word; absent without them. */
void __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));

enum { MAX_NBYTES = 1 << 16, MAX_FILES = 256, MAX_STEPS = 6, DEFAULT_COUNT = 1000 };
enum { DEFAULT_SEED = 20050412 };

struct seed_file {
    char name[256];
    uint8_t *bytes;
    size_t nbytes;
};

struct corpus {
    struct seed_file files[MAX_FILES];
    size_t count;
};

struct input {
    uint8_t bytes[MAX_NBYTES];
    size_t nbytes;
};

/* What is being run, for the last word. */
static char present_case[320];

/* ---- chance ---- */

struct chance {
    uint64_t state;
};

/* The output of a 64-bit mixer over a counter: every seed gives a good sequence. */
static uint64_t next(struct chance *chance)
{
    uint64_t z = chance->state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* 0 to limit - 1. */
static size_t below(struct chance *chance, size_t limit)
{
    return limit ? (size_t)(next(chance) % limit) : 0;
}

/* ---- mutations ---- */

/* Opens a gap, or closes one: moves what is behind `at` by `nbytes`. */
static bool insert_gap(struct input *input, size_t at, size_t nbytes)
{
    if (nbytes > MAX_NBYTES - input->nbytes)
        return false;
    memmove(input->bytes + at + nbytes, input->bytes + at, input->nbytes - at);
    input->nbytes += nbytes;
    return true;
}

static void remove_range(struct input *input, struct chance *chance)
{
    size_t at = below(chance, input->nbytes), left = input->nbytes - at;
    size_t nbytes = below(chance, left < 64 ? left + 1 : 64);

    memmove(input->bytes + at, input->bytes + at + nbytes, left - nbytes);
    input->nbytes -= nbytes;
}

static void insert_random(struct input *input, struct chance *chance)
{
    size_t at = below(chance, input->nbytes + 1), nbytes = 1 + below(chance, 16);

    if (!insert_gap(input, at, nbytes))
        return;
    for (size_t i = 0; i < nbytes; i++)
        input->bytes[at + i] = (uint8_t)next(chance);
}

/* Puts a piece of a file of the corpus in, or over what is there. */
static void take_piece(struct input *input, struct chance *chance, const struct corpus *corpus)
{
    const struct seed_file *file = &corpus->files[below(chance, corpus->count)];
    size_t from = below(chance, file->nbytes), at = below(chance, input->nbytes + 1);
    size_t left = file->nbytes - from, nbytes = below(chance, left < 128 ? left + 1 : 128);

    if (next(chance) & 1 ? !insert_gap(input, at, nbytes) : nbytes > input->nbytes - at)
        return;
    if (nbytes > 0)
        memcpy(input->bytes + at, file->bytes + from, nbytes);
}

/* A number that is often a limit, as 1, 2, 4 or 8 bytes. */
static void put_limit(struct input *input, struct chance *chance)
{
    static const uint64_t limits[] = {0,          1,          0x7f,        0x80,      0xff,
                                      0x7fff,     0x8000,     0xffff,      0x10000,   0x7fffffff,
                                      0x80000000, 0xffffffff, 0x100000000, UINT64_MAX};
    uint64_t value = limits[below(chance, sizeof limits / sizeof limits[0])];
    size_t nbytes = (size_t)1 << below(chance, 4);
    size_t at = below(chance, input->nbytes);

    for (size_t i = 0; i < nbytes && at + i < input->nbytes; i++)
        input->bytes[at + i] = (uint8_t)(value >> 8 * i);
}

static void mutate(struct input *input, struct chance *chance, const struct corpus *corpus)
{
    size_t at = below(chance, input->nbytes);

    switch (below(chance, 8)) {
    case 0:
    case 1:
        if (input->nbytes > 0)
            input->bytes[at] ^= (uint8_t)(1u << below(chance, 8));
        break;
    case 2:
        if (input->nbytes > 0)
            input->bytes[at] = (uint8_t)next(chance);
        break;
    case 3: put_limit(input, chance); break;
    case 4: remove_range(input, chance); break;
    case 5: insert_random(input, chance); break;
    case 6: take_piece(input, chance, corpus); break;
    default: input->nbytes = next(chance) % 4 ? input->nbytes : at; break;
    }
}

/* ---- the corpus ---- */

static void load_file(struct corpus *corpus, const char *folder, const char *name)
{
    struct seed_file *file = &corpus->files[corpus->count];
    char path[4096];
    FILE *stream;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    stream = fopen(path, "rb");
    file->bytes = malloc(MAX_NBYTES);
    if (!stream || !file->bytes) {
        fprintf(stderr, "replay: cannot read %s\n", path);
        exit(2);
    }
    file->nbytes = fread(file->bytes, 1, MAX_NBYTES, stream);
    snprintf(file->name, sizeof file->name, "%s", name);
    fclose(stream);
    corpus->count++;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(((const struct seed_file *)a)->name, ((const struct seed_file *)b)->name);
}

static void load_corpus(struct corpus *corpus, const char *folder)
{
    DIR *stream = opendir(folder);
    struct dirent *item;

    while (stream && (item = readdir(stream)) && corpus->count < MAX_FILES)
        if (item->d_name[0] != '.')
            load_file(corpus, folder, item->d_name);
    if (stream)
        closedir(stream);
    if (corpus->count == 0) {
        fprintf(stderr, "replay: no files in %s\n", folder);
        exit(2);
    }
    qsort(corpus->files, corpus->count, sizeof corpus->files[0], compare_names);
}

/* ---- running ---- */

/* An exact copy on the heap, so that sanitizers see a byte read behind it. */
static void run(const uint8_t *bytes, size_t nbytes)
{
    uint8_t *copy = malloc(nbytes > 0 ? nbytes : 1);

    if (!copy)
        exit(2);
    memcpy(copy, bytes, nbytes);
    LLVMFuzzerTestOneInput(copy, nbytes);
    free(copy);
}

static void run_mutation(const struct corpus *corpus, uint64_t seed, unsigned long number)
{
    static struct input input;
    struct chance chance = {seed ^ number * UINT64_C(0xd1342543de82ef95)};
    const struct seed_file *file = &corpus->files[below(&chance, corpus->count)];
    size_t steps = 1 + below(&chance, MAX_STEPS);

    snprintf(present_case, sizeof present_case, "case %lu of seed %llu\n", number,
             (unsigned long long)seed);
    memcpy(input.bytes, file->bytes, file->nbytes);
    input.nbytes = file->nbytes;
    while (steps-- > 0)
        mutate(&input, &chance, corpus);
    run(input.bytes, input.nbytes);
}

static void say_case(void)
{
    ssize_t count = write(2, present_case, strlen(present_case));

    (void)count;
}

static void on_signal(int number)
{
    say_case();
    signal(number, SIG_DFL);
    raise(number);
}

static void prepare_last_word(void)
{
    static const int fatal[] = {SIGABRT, SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTERM};

    if (__sanitizer_set_death_callback) {
        __sanitizer_set_death_callback(say_case);
        signal(SIGABRT, on_signal); /* a demand of ours, which sanitizers leave alone */
        return;
    }
    for (size_t i = 0; i < sizeof fatal / sizeof fatal[0]; i++)
        signal(fatal[i], on_signal);
}

int main(int argc, char **argv)
{
    static struct corpus corpus;
    unsigned long count = argc > 2 ? strtoul(argv[2], NULL, 10) : DEFAULT_COUNT;
    uint64_t seed = argc > 3 ? strtoull(argv[3], NULL, 10) : DEFAULT_SEED;
    unsigned long first = argc > 4 ? strtoul(argv[4], NULL, 10) : 0;

    if (argc < 2 || argc > 5) {
        fprintf(stderr, "usage: replay CORPUS-FOLDER [COUNT [SEED [FIRST]]]\n");
        return 2;
    }
    prepare_last_word();
    load_corpus(&corpus, argv[1]);
    fprintf(stderr, "replay: %zu files, %lu mutations, seed %llu\n", corpus.count, count,
            (unsigned long long)seed);
    for (size_t i = 0; i < corpus.count; i++) {
        snprintf(present_case, sizeof present_case, "file %s\n", corpus.files[i].name);
        run(corpus.files[i].bytes, corpus.files[i].nbytes);
    }
    for (unsigned long i = first; i < first + count; i++)
        run_mutation(&corpus, seed, i);
    for (size_t i = 0; i < corpus.count; i++)
        free(corpus.files[i].bytes);
    return 0;
}

/* SPDX-License-Identifier: MIT */
/* Decodes deflate with canonical Huffman codes, one bit at a time. */
#include "inflate.h"

#include <stdlib.h>
#include <string.h>

enum {
    WINDOW_NBYTES = 32768,
    CODE_MAX_BITS = 15,
    LITERAL_COUNT = 288,
    DISTANCE_COUNT = 32,
    LENGTH_CODE_COUNT = 19,
    END_OF_BLOCK = 256,
};

/* A Huffman code: how many symbols have each length, and the symbols in the order of their codes.
 */
struct code {
    uint16_t count[CODE_MAX_BITS + 1];
    uint16_t symbol[LITERAL_COUNT];
};

struct inflater {
    const uint8_t *next, *end;
    uint32_t bits;
    unsigned bit_count;
    const char *problem; /* set once; then zeroes are read */
    struct reader_sink sink;
    struct code literals, distances;
    uint64_t written_nbytes;
    uint8_t window[WINDOW_NBYTES];
};

static void fail(struct inflater *in, const char *problem)
{
    if (in->problem == NULL)
        in->problem = problem;
}

/* ---- bits ---- */

static unsigned take_bits(struct inflater *in, unsigned count)
{
    unsigned value;

    while (in->bit_count < count) {
        if (in->next == in->end) {
            fail(in, "deflate stream ends too early");
            return 0;
        }
        in->bits |= (uint32_t)*in->next++ << in->bit_count;
        in->bit_count += 8;
    }
    value = in->bits & ((1u << count) - 1);
    in->bits >>= count;
    in->bit_count -= count;
    return value;
}

/* ---- codes ---- */

/* False: more codes than fit. An incomplete code is bad only if a missing one is met. */
static bool build_code(struct code *code, const uint8_t *lengths, unsigned symbol_count)
{
    uint16_t offset[CODE_MAX_BITS + 2] = {0};
    int room = 1;

    memset(code->count, 0, sizeof code->count);
    for (unsigned i = 0; i < symbol_count; i++)
        code->count[lengths[i]]++;
    code->count[0] = 0;
    for (unsigned length = 1; length <= CODE_MAX_BITS; length++) {
        room = room * 2 - code->count[length];
        if (room < 0)
            return false;
        offset[length + 1] = (uint16_t)(offset[length] + code->count[length]);
    }
    for (unsigned i = 0; i < symbol_count; i++) {
        if (lengths[i] != 0)
            code->symbol[offset[lengths[i]]++] = (uint16_t)i;
    }
    return true;
}

static unsigned take_symbol(struct inflater *in, const struct code *code)
{
    unsigned value = 0, first = 0, index = 0;

    for (unsigned length = 1; length <= CODE_MAX_BITS && in->problem == NULL; length++) {
        unsigned count = code->count[length];

        value |= take_bits(in, 1);
        if (value < first + count)
            return code->symbol[index + (value - first)];
        index += count;
        first = (first + count) << 1;
        value <<= 1;
    }
    fail(in, "deflate stream uses a code that it does not define");
    return 0;
}

static void fixed_codes(struct inflater *in)
{
    uint8_t lengths[LITERAL_COUNT];

    memset(lengths, 8, 144);
    memset(lengths + 144, 9, 112);
    memset(lengths + 256, 7, 24);
    memset(lengths + 280, 8, 8);
    (void)build_code(&in->literals, lengths, LITERAL_COUNT);
    memset(lengths, 5, DISTANCE_COUNT);
    (void)build_code(&in->distances, lengths, DISTANCE_COUNT);
}

/* Code lengths are themselves coded, with runs. */
static void take_lengths(struct inflater *in, const struct code *code, uint8_t *lengths,
                         unsigned count)
{
    for (unsigned i = 0; i < count && in->problem == NULL;) {
        unsigned symbol = take_symbol(in, code), repeat;
        uint8_t value = 0;

        if (symbol < 16) {
            lengths[i++] = (uint8_t)symbol;
            continue;
        }
        if (symbol == 16 && i > 0)
            value = lengths[i - 1];
        else if (symbol == 16)
            fail(in, "deflate stream repeats a length before the first");
        repeat = symbol == 16   ? 3 + take_bits(in, 2)
                 : symbol == 17 ? 3 + take_bits(in, 3)
                                : 11 + take_bits(in, 7);
        if (repeat > count - i) {
            fail(in, "deflate stream has too many code lengths");
            return;
        }
        memset(lengths + i, value, repeat);
        i += repeat;
    }
}

static void dynamic_codes(struct inflater *in)
{
    static const uint8_t order[LENGTH_CODE_COUNT] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                                     11, 4,  12, 3, 13, 2, 14, 1, 15};
    uint8_t lengths[LITERAL_COUNT + DISTANCE_COUNT] = {0};
    unsigned literal_count = 257 + take_bits(in, 5);
    unsigned distance_count = 1 + take_bits(in, 5);
    unsigned length_count = 4 + take_bits(in, 4);

    if (literal_count > 286 || distance_count > 30) {
        fail(in, "deflate stream has too many codes");
        return;
    }
    for (unsigned i = 0; i < length_count; i++)
        lengths[order[i]] = (uint8_t)take_bits(in, 3);
    if (!build_code(&in->literals, lengths, LENGTH_CODE_COUNT))
        fail(in, "deflate stream has impossible code lengths");
    memset(lengths, 0, sizeof lengths);
    take_lengths(in, &in->literals, lengths, literal_count + distance_count);
    if (in->problem == NULL && lengths[END_OF_BLOCK] == 0)
        fail(in, "deflate block without an end");
    if (!build_code(&in->literals, lengths, literal_count) ||
        !build_code(&in->distances, lengths + literal_count, distance_count))
        fail(in, "deflate stream has impossible code lengths");
}

/* ---- output ---- */

static void flush(struct inflater *in, size_t nbytes)
{
    if (nbytes > 0 && in->problem == NULL && !in->sink.put(in->sink.context, in->window, nbytes))
        fail(in, "more than the declared size");
}

static void put_byte(struct inflater *in, uint8_t byte)
{
    in->window[in->written_nbytes++ % WINDOW_NBYTES] = byte;
    if (in->written_nbytes % WINDOW_NBYTES == 0)
        flush(in, WINDOW_NBYTES);
}

static void copy_match(struct inflater *in, unsigned length, unsigned distance)
{
    if (distance > in->written_nbytes) {
        fail(in, "deflate stream refers to before its start");
        return;
    }
    while (length-- > 0)
        put_byte(in, in->window[(in->written_nbytes - distance) % WINDOW_NBYTES]);
}

/* ---- blocks ---- */

static void stored_block(struct inflater *in)
{
    unsigned length, complement;

    in->bits = 0;
    in->bit_count = 0;
    length = take_bits(in, 16);
    complement = take_bits(in, 16);
    if (length != (complement ^ 0xffff))
        fail(in, "deflate stream has a damaged stored block");
    while (length-- > 0 && in->problem == NULL)
        put_byte(in, (uint8_t)take_bits(in, 8));
}

static void take_match(struct inflater *in, unsigned symbol)
{
    static const uint16_t length_base[] = {3,  4,  5,  6,   7,   8,   9,   10,  11, 13,
                                           15, 17, 19, 23,  27,  31,  35,  43,  51, 59,
                                           67, 83, 99, 115, 131, 163, 195, 227, 258};
    static const uint8_t length_bits[] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
                                          2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
    unsigned length, distance, extra_bits;

    if (symbol > 285) {
        fail(in, "deflate stream has an impossible length");
        return;
    }
    length = length_base[symbol - 257] + take_bits(in, length_bits[symbol - 257]);
    symbol = take_symbol(in, &in->distances);
    if (symbol > 29) {
        fail(in, "deflate stream has an impossible distance");
        return;
    }
    /* Distances: two codes for each number of extra bits, and four without. */
    extra_bits = symbol < 2 ? 0 : symbol / 2 - 1;
    distance = symbol < 2 ? 1 + symbol : 1 + ((2 + symbol % 2) << extra_bits);
    distance += take_bits(in, extra_bits);
    if (in->problem == NULL)
        copy_match(in, length, distance);
}

static void coded_block(struct inflater *in)
{
    while (in->problem == NULL) {
        unsigned symbol = take_symbol(in, &in->literals);

        if (in->problem != NULL || symbol == END_OF_BLOCK)
            return;
        if (symbol < END_OF_BLOCK)
            put_byte(in, (uint8_t)symbol);
        else
            take_match(in, symbol);
    }
}

static void take_block(struct inflater *in)
{
    switch (take_bits(in, 2)) {
    case 0: stored_block(in); return;
    case 1: fixed_codes(in); break;
    case 2: dynamic_codes(in); break;
    default: fail(in, "deflate stream has a block of an unknown kind"); return;
    }
    coded_block(in);
}

const char *reader_inflate(const uint8_t *data, size_t nbytes, struct reader_sink sink)
{
    struct inflater *in = calloc(1, sizeof *in);
    const char *problem;
    bool last = false;

    if (in == NULL)
        return "out of memory";
    in->next = data;
    in->end = data + nbytes;
    in->sink = sink;
    while (!last && in->problem == NULL) {
        last = take_bits(in, 1) != 0;
        take_block(in);
    }
    flush(in, (size_t)(in->written_nbytes % WINDOW_NBYTES));
    if (in->next != in->end)
        fail(in, "bytes behind the end of the deflate stream");
    problem = in->problem;
    free(in);
    return problem;
}

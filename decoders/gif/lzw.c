/* SPDX-License-Identifier: 0BSD */
/* Knows how GIF's codes of 3 to 12 bits become bytes. */
#include <stdbool.h>
#include <stdint.h>

#include "gif/lzw.h"

enum { CODE_NBITS_MAX = 12, CODE_LIMIT = 1 << CODE_NBITS_MAX, NO_CODE = CODE_LIMIT };

/* A code stands for bytes that were written before: a former code's and the one byte behind it. */
struct string {
    uint32_t start;
    uint32_t nbytes;
};

struct decoder {
    const unsigned char *next, *end;
    uint32_t bits; /* the next `bit_count` bits, the first one lowest */
    unsigned bit_count;
    unsigned code_nbits;
    uint32_t code_count; /* codes that are known */
    struct string strings[CODE_LIMIT];
};

/* NO_CODE where the codes end. */
static inline uint32_t next_code(struct decoder *decoder)
{
    while (decoder->bit_count < decoder->code_nbits) {
        if (decoder->next == decoder->end)
            return NO_CODE;
        decoder->bits |= (uint32_t)*decoder->next++ << decoder->bit_count;
        decoder->bit_count += 8;
    }
    uint32_t code = decoder->bits & ((1U << decoder->code_nbits) - 1);
    decoder->bits >>= decoder->code_nbits;
    decoder->bit_count -= decoder->code_nbits;
    return code;
}

/* When all codes are in use the strings stay as they are until a clear code. */
static inline void add_string(struct decoder *decoder, uint32_t start, uint32_t nbytes)
{
    if (decoder->code_count == CODE_LIMIT)
        return;
    decoder->strings[decoder->code_count++] = (struct string){start, nbytes};
    if (decoder->code_count == 1U << decoder->code_nbits && decoder->code_nbits < CODE_NBITS_MAX)
        decoder->code_nbits++;
}

static void clear(struct decoder *decoder, unsigned literal_nbits)
{
    decoder->code_nbits = literal_nbits + 1;
    decoder->code_count = (1U << literal_nbits) + 2;
}

const char *lzw_decode(unsigned char *to, size_t nbytes, const unsigned char *codes,
                       size_t codes_nbytes, unsigned literal_nbits)
{
    struct decoder decoder = {.next = codes, .end = codes + codes_nbytes};
    const uint32_t clear_code = 1U << literal_nbits, end_code = clear_code + 1;
    struct string last = {0, 0}; /* where the last code's bytes are; none after a clear code */
    size_t at = 0;
    clear(&decoder, literal_nbits);
    for (;;) {
        uint32_t code = next_code(&decoder);
        if (code == end_code || code == NO_CODE)
            return at == nbytes ? NULL : "the picture has too few pixels";
        if (code == clear_code) {
            clear(&decoder, literal_nbits);
            last.nbytes = 0;
            continue;
        }
        if (last.nbytes)
            add_string(&decoder, last.start, last.nbytes + 1);
        if (code >= decoder.code_count)
            return "a code stands for nothing";
        bool is_literal = code < clear_code;
        struct string string = is_literal ? (struct string){0, 1} : decoder.strings[code];
        if (string.nbytes > nbytes - at) {
            /* Without an end code the last byte's free bits look like a code. */
            bool is_end = at == nbytes && decoder.next == decoder.end && !code && !decoder.bits;
            return is_end ? NULL : "the picture has too many pixels";
        }
        last = (struct string){(uint32_t)at, string.nbytes};
        if (is_literal)
            to[at++] = (unsigned char)code;
        /* Byte by byte upwards: a string may end with its own first byte. */
        else
            for (const unsigned char *from = to + string.start; string.nbytes; string.nbytes--)
                to[at++] = *from++;
    }
}

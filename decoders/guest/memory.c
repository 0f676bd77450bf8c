/* SPDX-License-Identifier: 0BSD */
/* Knows how to copy and fill bytes fast: few with SSE2, many with string instructions. */
#include <stdint.h>
#include <string.h>

typedef uint16_t unaligned_u16 __attribute__((aligned(1), may_alias));
typedef uint32_t unaligned_u32 __attribute__((aligned(1), may_alias));
typedef long long vector __attribute__((vector_size(16), aligned(1), may_alias));

enum {
    VECTOR_NBYTES = sizeof(vector),
    STEP_NBYTES = 4 * VECTOR_NBYTES,
    /* From here on one string instruction is faster, on the processor and most of all interpreted.
     */
    MANY_NBYTES = 1024,
};

/* 0 to 15 bytes. Everything is loaded before anything is stored, so that overlap is harmless. */
static inline void move_tiny(unsigned char *to, const unsigned char *from, size_t nbytes)
{
    if (nbytes >= 8) {
        uint32_t a = *(const unaligned_u32 *)from;
        uint32_t b = *(const unaligned_u32 *)(from + 4);
        uint32_t c = *(const unaligned_u32 *)(from + nbytes - 8);
        uint32_t d = *(const unaligned_u32 *)(from + nbytes - 4);
        *(unaligned_u32 *)to = a;
        *(unaligned_u32 *)(to + 4) = b;
        *(unaligned_u32 *)(to + nbytes - 8) = c;
        *(unaligned_u32 *)(to + nbytes - 4) = d;
    } else if (nbytes >= 4) {
        uint32_t a = *(const unaligned_u32 *)from;
        uint32_t b = *(const unaligned_u32 *)(from + nbytes - 4);
        *(unaligned_u32 *)to = a;
        *(unaligned_u32 *)(to + nbytes - 4) = b;
    } else if (nbytes >= 2) {
        uint16_t a = *(const unaligned_u16 *)from;
        uint16_t b = *(const unaligned_u16 *)(from + nbytes - 2);
        *(unaligned_u16 *)to = a;
        *(unaligned_u16 *)(to + nbytes - 2) = b;
    } else if (nbytes) {
        *to = *from;
    }
}

/* 0 to 64 bytes, loaded before they are stored like the above. */
static inline void move_small(unsigned char *to, const unsigned char *from, size_t nbytes)
{
    if (nbytes < VECTOR_NBYTES) {
        move_tiny(to, from, nbytes);
        return;
    }
    size_t last = nbytes - VECTOR_NBYTES;
    vector a = *(const vector *)from;
    vector d = *(const vector *)(from + last);
    if (nbytes > 2 * VECTOR_NBYTES) {
        vector b = *(const vector *)(from + VECTOR_NBYTES);
        vector c = *(const vector *)(from + last - VECTOR_NBYTES);
        *(vector *)(to + VECTOR_NBYTES) = b;
        *(vector *)(to + last - VECTOR_NBYTES) = c;
    }
    *(vector *)to = a;
    *(vector *)(to + last) = d;
}

static inline void move_step(unsigned char *to, const unsigned char *from)
{
    const vector *source = (const vector *)from;
    vector *target = (vector *)to;
    vector a = source[0], b = source[1], c = source[2], d = source[3];
    target[0] = a;
    target[1] = b;
    target[2] = c;
    target[3] = d;
}

/* Upwards. Processors do it byte by byte where the target is closely below the source. */
static inline void move_many(unsigned char *to, const unsigned char *from, size_t nbytes)
{
    __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(nbytes) : : "memory");
}

/* Upwards: right when the target does not lie inside the source. */
static inline void move_up(unsigned char *to, const unsigned char *from, size_t nbytes)
{
    if (nbytes >= MANY_NBYTES && (uintptr_t)from - (uintptr_t)to >= STEP_NBYTES) {
        move_many(to, from, nbytes);
        return;
    }
    for (; nbytes > STEP_NBYTES; nbytes -= STEP_NBYTES) {
        move_step(to, from);
        to += STEP_NBYTES;
        from += STEP_NBYTES;
    }
    move_small(to, from, nbytes);
}

/* Downwards: right when the source does not lie inside the target. */
static void move_down(unsigned char *to, const unsigned char *from, size_t nbytes)
{
    for (; nbytes > STEP_NBYTES; nbytes -= STEP_NBYTES)
        move_step(to + nbytes - STEP_NBYTES, from + nbytes - STEP_NBYTES);
    move_small(to, from, nbytes);
}

void *memcpy(void *restrict to, const void *restrict from, size_t nbytes)
{
    move_up(to, from, nbytes);
    return to;
}

void *memmove(void *to, const void *from, size_t nbytes)
{
    /* The difference wraps for a target below the source, and is then large. */
    if ((uintptr_t)to - (uintptr_t)from >= nbytes)
        move_up(to, from, nbytes);
    else
        move_down(to, from, nbytes);
    return to;
}

static inline void fill_tiny(unsigned char *to, uint32_t word, size_t nbytes)
{
    if (nbytes >= 4) {
        size_t middle = nbytes >= 8 ? 4 : 0;
        *(unaligned_u32 *)to = word;
        *(unaligned_u32 *)(to + middle) = word;
        *(unaligned_u32 *)(to + nbytes - 4 - middle) = word;
        *(unaligned_u32 *)(to + nbytes - 4) = word;
    } else if (nbytes) {
        to[0] = (unsigned char)word;
        to[nbytes / 2] = (unsigned char)word;
        to[nbytes - 1] = (unsigned char)word;
    }
}

void *memset(void *to, int value, size_t nbytes)
{
    uint32_t word = 0x01010101U * (unsigned char)value;
    unsigned char *at = to;
    if (nbytes < VECTOR_NBYTES) {
        fill_tiny(at, word, nbytes);
        return to;
    }
    if (nbytes >= MANY_NBYTES) {
        __asm__ volatile("rep stosb" : "+D"(at), "+c"(nbytes) : "a"(value) : "memory");
        return to;
    }
    long long pair = (long long)((uint64_t)word << 32 | word);
    vector filler = {pair, pair};
    unsigned char *last = at + nbytes - VECTOR_NBYTES;
    for (; nbytes >= STEP_NBYTES; nbytes -= STEP_NBYTES) {
        vector *target = (vector *)at;
        target[0] = filler;
        target[1] = filler;
        target[2] = filler;
        target[3] = filler;
        at += STEP_NBYTES;
    }
    for (; nbytes >= VECTOR_NBYTES; nbytes -= VECTOR_NBYTES) {
        *(vector *)at = filler;
        at += VECTOR_NBYTES;
    }
    *(vector *)last = filler;
    return to;
}

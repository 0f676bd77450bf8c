/* SPDX-License-Identifier: MIT */
/* Two-limb integer arithmetic for significands: products, quotients, roots and sticky shifts. */
#ifndef VX32_FLOAT_LIMBS_H
#define VX32_FLOAT_LIMBS_H

#include <stdbool.h>
#include <stdint.h>

struct vx_u128 {
    uint64_t high, low;
};

static const uint64_t vx_top_bit = UINT64_C(1) << 63;

/* Leading zeros of a nonzero word. */
static inline int vx_leading_zeros(uint64_t x)
{
#if defined(__GNUC__)
    return __builtin_clzll(x);
#else
    int count = 0;
    for (int width = 32; width > 0; width /= 2) {
        if (x >> (64 - width) == 0) {
            count += width;
            x <<= width;
        }
    }
    return count;
#endif
}

/* Shifts right by any count; what falls out is kept as a one in the lowest bit. */
static inline uint64_t vx_shift_sticky(uint64_t x, int count)
{
    /* At 63 the top bit is the lowest one: no greater count gives another result. */
    int shift = count < 63 ? count : 63;
    uint64_t lost = x & ((UINT64_C(1) << shift) - 1);
    return x >> shift | (lost != 0);
}

/* The same on two limbs. */
static inline struct vx_u128 vx_shift_sticky128(struct vx_u128 x, int count)
{
    if (count == 0)
        return x;
    if (count < 64) {
        uint64_t lost = x.low << (64 - count);
        return (struct vx_u128){x.high >> count,
                                x.high << (64 - count) | x.low >> count | (lost != 0)};
    }
    return (struct vx_u128){0, vx_shift_sticky(x.high, count - 64) | (x.low != 0)};
}

/* Shifts left by 0 to 63. */
static inline struct vx_u128 vx_shift_left128(struct vx_u128 x, int count)
{
    if (count == 0)
        return x;
    return (struct vx_u128){x.high << count | x.low >> (64 - count), x.low << count};
}

static inline struct vx_u128 vx_sub128(struct vx_u128 a, struct vx_u128 b)
{
    return (struct vx_u128){a.high - b.high - (a.low < b.low), a.low - b.low};
}

static inline bool vx_less128(struct vx_u128 a, struct vx_u128 b)
{
    return a.high < b.high || (a.high == b.high && a.low < b.low);
}

static inline struct vx_u128 vx_mul64(uint64_t a, uint64_t b)
{
    uint64_t a0 = (uint32_t)a, a1 = a >> 32, b0 = (uint32_t)b, b1 = b >> 32;
    uint64_t low = a0 * b0;
    uint64_t middle = a1 * b0 + (low >> 32);
    uint64_t middle2 = a0 * b1 + (uint32_t)middle;
    return (struct vx_u128){a1 * b1 + (middle >> 32) + (middle2 >> 32),
                            middle2 << 32 | (uint32_t)low};
}

/*
 * One 32-bit digit of a long division: (*rest * 2^32 + next) / divisor, where *rest < divisor and
 * the divisor's top bit is set. The first estimate is at most two too large.
 */
static inline uint64_t vx_quotient_digit(uint64_t *rest, uint64_t next, uint64_t divisor)
{
    uint64_t divisor1 = divisor >> 32, divisor0 = (uint32_t)divisor;
    uint64_t digit = *rest / divisor1;
    uint64_t partial = *rest - digit * divisor1;
    while (digit >> 32 != 0 || digit * divisor0 > (partial << 32 | next)) {
        digit--;
        partial += divisor1;
        if (partial >> 32 != 0)
            break;
    }
    *rest = (*rest << 32 | next) - digit * divisor;
    return digit;
}

/* Quotient of two limbs by a divisor with its top bit set; high < divisor. */
static inline uint64_t vx_div128(struct vx_u128 numerator, uint64_t divisor, uint64_t *remainder)
{
    uint64_t rest = numerator.high;
    uint64_t digit1 = vx_quotient_digit(&rest, numerator.low >> 32, divisor);
    uint64_t digit0 = vx_quotient_digit(&rest, (uint32_t)numerator.low, divisor);
    *remainder = rest;
    return digit1 << 32 | digit0;
}

/*
 * Integer square roots by halves: the root of the upper half gives the upper half of the root,
 * one division the lower half, which is then at most one too large. The top two bits of the
 * radicand must not both be zero.
 */
static inline uint32_t vx_sqrt32(uint32_t x, uint32_t *remainder)
{
    uint32_t root = 0, rest = 0;
    for (int shift = 30; shift >= 16; shift -= 2) {
        rest = rest << 2 | (x >> shift & 3);
        uint32_t trial = root << 2 | 1, bit = rest >= trial;
        rest -= trial & (0 - bit);
        root = root << 1 | bit;
    }
    uint32_t numerator = rest << 8 | (x >> 8 & 0xFF);
    uint32_t digit = numerator / (2 * root);
    int64_t tail = (int64_t)((numerator % (2 * root)) << 8 | (x & 0xFF)) - (int64_t)digit * digit;
    root = (root << 8) + digit;
    if (tail < 0) {
        root--;
        tail += 2 * (int64_t)root + 1;
    }
    *remainder = (uint32_t)tail;
    return root;
}

static inline uint32_t vx_sqrt64(uint64_t x, uint64_t *remainder)
{
    uint32_t rest;
    uint64_t root = vx_sqrt32((uint32_t)(x >> 32), &rest);
    uint64_t numerator = (uint64_t)rest << 16 | (x >> 16 & 0xFFFF);
    uint64_t digit = numerator / (2 * root);
    uint64_t upper = (numerator % (2 * root)) << 16 | (x & 0xFFFF);
    int64_t tail = (int64_t)upper - (int64_t)(digit * digit);
    root = (root << 16) + digit;
    if (tail < 0) {
        root--;
        tail += (int64_t)(2 * root + 1);
    }
    *remainder = (uint64_t)tail;
    return (uint32_t)root;
}

/* The remainder has up to 65 bits, hence two limbs. */
static inline uint64_t vx_sqrt128(struct vx_u128 x, struct vx_u128 *remainder)
{
    uint64_t rest;
    uint64_t root = vx_sqrt64(x.high, &rest);
    /* rest <= 2 * root, so that rest * 2^32 may have 65 bits: halve both sides of the division. */
    uint64_t numerator = rest << 31 | x.low >> 33;
    uint64_t digit = numerator / root;
    uint64_t upper = (numerator % root) << 1 | (x.low >> 32 & 1);
    struct vx_u128 tail = {upper >> 32, upper << 32 | (uint32_t)x.low};
    struct vx_u128 square = vx_mul64(digit, digit);
    uint64_t result = (root << 32) + digit;
    /* A digit of 2^32 carries out of the result when the root is all ones; the decrement undoes it.
     */
    if (vx_less128(tail, square)) {
        result--;
        struct vx_u128 twice = {result >> 63, result << 1 | 1};
        tail.low += twice.low;
        tail.high += twice.high + (tail.low < twice.low);
    }
    *remainder = vx_sub128(tail, square);
    return result;
}

#endif

/* SPDX-License-Identifier: MIT */
/* Where the formats of operands have their edges. */
#include "values.h"

#include <string.h>

#define COUNT(array) ((uint32_t)(sizeof(array) / sizeof(array)[0]))

/* Steele, Lea and Flood's SplitMix64. */
uint64_t random_next(struct random *r)
{
    uint64_t z = r->state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

struct random random_from(uint64_t seed, uint64_t stream)
{
    struct random r = {seed + stream * UINT64_C(0xd1342543de82ef95)};

    (void)random_next(&r);
    r.state ^= random_next(&r);
    return r;
}

uint32_t random_below(struct random *r, uint32_t bound)
{
    return (uint32_t)((random_next(r) >> 32) * bound >> 32);
}

bool random_one_in(struct random *r, uint32_t n)
{
    return random_below(r, n) == 0;
}

void value_put(uint8_t *bytes, uint64_t value, unsigned nbytes)
{
    for (unsigned i = 0; i < nbytes; i++)
        bytes[i] = (uint8_t)(value >> 8 * i);
}

uint32_t value_u32(struct random *r)
{
    static const uint32_t edges[] = {
        0,          1,          2,          3,      0xffffffff, 0xfffffffe, 0x7fffffff, 0x80000000,
        0x80000001, 0x55555555, 0xaaaaaaaa, 0x7fff, 0x8000,     0xffff,     0x10000,    0x7f,
        0x80,       0xff,       0x100,      0x7f7f, 0x8080,     0x80008000, 0x7fff7fff, 0x00ff00ff,
    };

    switch (random_below(r, 4)) {
    case 0: return edges[random_below(r, COUNT(edges))];
    case 1: return random_below(r, 256);
    default: return (uint32_t)random_next(r);
    }
}

/* Sign, an exponent near the middle or an end, and a significand with few or many bits. */
static uint64_t assemble(struct random *r, unsigned exponent_bits, unsigned fraction_bits)
{
    uint32_t exponent_max = (1u << exponent_bits) - 1, bias = exponent_max >> 1, exponent;
    uint64_t fraction = random_next(r) & ((UINT64_C(1) << fraction_bits) - 1);

    switch (random_below(r, 8)) {
    case 0: exponent = random_below(r, 3); break;
    case 1: exponent = exponent_max - random_below(r, 3); break;
    case 2: exponent = random_below(r, exponent_max + 1); break;
    case 3: exponent = bias + 14 + random_below(r, 52); break;
    default: exponent = bias - 4 + random_below(r, 9); break;
    }
    if (random_one_in(r, 3))
        fraction &= ~UINT64_C(0) << (fraction_bits - 1 - random_below(r, fraction_bits - 1));
    return (random_next(r) & 1) << (exponent_bits + fraction_bits) |
           (uint64_t)exponent << fraction_bits | fraction;
}

uint32_t value_f32(struct random *r)
{
    static const uint32_t edges[] = {
        0x00000000, 0x80000000, 0x00000001, 0x80000001, 0x007fffff, 0x00800000, 0x80800000,
        0x00800001, 0x7f7fffff, 0xff7fffff, 0x7f800000, 0xff800000, 0x7fc00000, 0xffc00000,
        0x7fc12345, 0x7f800001, 0xffa00000, 0x7fbfffff, 0x3f800000, 0xbf800000, 0x3f000000,
        0xbf000000, 0x3fc00000, 0xbfc00000, 0x40200000, 0x4f000000, 0xcf000000, 0x4effffff,
        0x4f800000, 0xcf000001, 0x3f7fffff, 0x3f800001, 0x33800000, 0x4b000000, 0x4b7fffff,
        0x5f000000, 0xdf000000, 0x46fffe00, 0x47000000, 0xc7000000, 0x7f000000, 0x20000000,
    };

    if (random_one_in(r, 2))
        return edges[random_below(r, COUNT(edges))];
    return (uint32_t)assemble(r, 8, 23);
}

#define F64(value) UINT64_C(value)
uint64_t value_f64(struct random *r)
{
    static const uint64_t edges[] = {
        0,
        F64(0x8000000000000000), /* -0 */
        F64(0x0000000000000001),
        F64(0x800fffffffffffff), /* denormal */
        F64(0x0010000000000000),
        F64(0x8010000000000001), /* smallest normal */
        F64(0x7fefffffffffffff),
        F64(0xffefffffffffffff), /* largest */
        F64(0x7ff0000000000000),
        F64(0xfff0000000000000), /* infinity */
        F64(0x7ff8000000000000),
        F64(0xfff8000000000123), /* quiet NaN */
        F64(0x7ff0000000000001),
        F64(0xfff4000000000000), /* signalling NaN */
        F64(0x3ff0000000000000),
        F64(0xbff0000000000000),
        F64(0x3fe0000000000000),
        F64(0xbfe0000000000000),
        F64(0x3ff8000000000000),
        F64(0x4004000000000000),
        F64(0x41dfffffffc00000), /* 2^31 - 1, and around */
        F64(0x41dfffffffe00000),
        F64(0x41e0000000000000),
        F64(0xc1e0000000000000),
        F64(0xc1e0000000100000),
        F64(0xc1e0000000200000),
        F64(0x41f0000000000000),
        F64(0x43e0000000000000), /* 2^63 */
        F64(0xc3e0000000000000),
        F64(0x43dfffffffffffff),
        F64(0x47efffffe0000000), /* largest binary32, and the tie behind it */
        F64(0x47effffff0000000),
        F64(0x47efffffefffffff),
        F64(0x3810000000000000), /* smallest normal binary32, and below */
        F64(0x380fffffffffffff),
        F64(0x380fffffe0000000),
        F64(0x36a0000000000000),
        F64(0x3690000000000000),
        F64(0x3690000000000001),
        F64(0x3ff0000010000000), /* ties of binary32 */
        F64(0x3ff0000030000000),
        F64(0x3ff0000010000001),
        F64(0x3ca0000000000000),
        F64(0x3ff0000000000001),
        F64(0x3fefffffffffffff),
    };

    if (random_one_in(r, 2))
        return edges[random_below(r, COUNT(edges))];
    return assemble(r, 11, 52);
}

void value_f80(struct random *r, uint8_t bytes[10])
{
    static const uint16_t exponents[] = {
        0,      1,      2,      0x3ffe, 0x3fff, 0x4000, 0x3ffd, 0x400d, 0x400e, 0x401d,
        0x401e, 0x403c, 0x403d, 0x403e, 0x403a, 0x407e, 0x43fe, 0x3f81, 0x3f80, 0x3f6a,
        0x3c01, 0x3c00, 0x3bcd, 0x7fff, 0x7ffe, 0x7ffd, 0x5fff, 0x2000, 0x3fbf, 0x3fc0,
    };
    static const uint64_t significands[] = {
        F64(0x8000000000000000), F64(0x8000000000000000), F64(0xffffffffffffffff),
        F64(0x8000000000000001), F64(0xc000000000000000), F64(0xa000000000000000),
        F64(0x8000008000000000), F64(0x8000018000000000), F64(0x8000000000000400),
        F64(0x8000000000000c00), F64(0xffffff8000000000), F64(0xfffffffffffffc00),
        F64(0xffffff7fffffffff), F64(0xde0b6b3a76400000), F64(0xde0b6b3a763fffff),
        F64(0x0000000000000000), F64(0x0000000000000001), F64(0x7fffffffffffffff),
        F64(0x4000000000000000), F64(0xfffe000000000000), F64(0xfffffffe00000000),
        F64(0xfffffffd00000000), F64(0xfffd000000000000), F64(0xfffffffffffffffe),
    };
    uint16_t exponent = exponents[random_below(r, COUNT(exponents))];
    uint64_t significand = significands[random_below(r, COUNT(significands))];

    switch (random_below(r, 8)) {
    case 0: exponent = (uint16_t)random_below(r, 0x8000); break;
    case 1:
    case 2: exponent = (uint16_t)(0x3ff0 + random_below(r, 0x60)); break;
    default: break;
    }
    if (random_one_in(r, 2))
        significand = random_next(r) | (random_one_in(r, 16) ? 0 : UINT64_C(1) << 63);
    else if (random_one_in(r, 3))
        significand = significands[0];
    if (significand >> 63 == 0 && !random_one_in(r, 4))
        exponent = 0;
    value_put(bytes, significand, 8);
    value_put(bytes + 8, exponent | (random_next(r) & 0x8000), 2);
}

/* Eighteen decimal digits; Intel leaves the result undefined for digits above nine. */
void value_bcd(struct random *r, uint8_t bytes[10])
{
    bool zeros = random_one_in(r, 4), nines = random_one_in(r, 4);

    for (int i = 0; i < 9; i++)
        bytes[i] = (uint8_t)(random_below(r, 10) << 4 | random_below(r, 10));
    if (zeros || nines)
        memset(bytes + random_below(r, 9), zeros ? 0 : 0x99, 1);
    if (random_one_in(r, 8))
        memset(bytes, zeros ? 0 : 0x99, 9);
    bytes[9] = random_one_in(r, 2) ? 0x80 : 0;
}

void value_fill(struct random *r, enum flavour flavour, uint8_t *bytes, unsigned nbytes)
{
    static const uint8_t unit[] = {4, 4, 8, 10, 10};
    uint8_t one[10];

    for (unsigned i = 0; i < nbytes; i += unit[flavour]) {
        unsigned left = nbytes - i;

        switch (flavour) {
        case FLAVOUR_INTEGER: value_put(one, value_u32(r), 4); break;
        case FLAVOUR_F32: value_put(one, value_f32(r), 4); break;
        case FLAVOUR_F64: value_put(one, value_f64(r), 8); break;
        case FLAVOUR_F80: value_f80(r, one); break;
        case FLAVOUR_BCD: value_bcd(r, one); break;
        }
        memcpy(bytes + i, one, left < unit[flavour] ? left : unit[flavour]);
    }
}

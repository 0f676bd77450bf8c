/* SPDX-License-Identifier: MIT */
/* The operands that the floating-point test tries: edges of each format, and random ones. */
#include "float_case.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

static const uint32_t f32_edges[] = {
    0x00000000, 0x80000000, 0x00000001, 0x80000001, 0x00000003, 0x00400000, 0x807FFFFF, 0x007FFFFF,
    0x00800000, 0x80800000, 0x00800001, 0x01000000, 0x33800000, 0x34000000, 0x3EFFFFFF, 0x3F000000,
    0xBF000000, 0x3F000001, 0x3F7FFFFF, 0x3F800000, 0xBF800000, 0x3F800001, 0x3FC00000, 0xBFC00000,
    0x40000000, 0x40200000, 0x40400000, 0x4B000000, 0x4B7FFFFF, 0x4EFFFFFF, 0x4F000000, 0xCF000000,
    0xCF000001, 0x4F800000, 0x5F000000, 0x5F800000, 0x7EFFFFFF, 0x7F000000, 0x7F7FFFFF, 0xFF7FFFFF,
    0x7F800000, 0xFF800000, 0x7FC00000, 0xFFC00000, 0x7FC12345, 0xFFC54321, 0x7F800001, 0xFF812345,
    0x7FBFFFFF, 0x7FFFFFFF,
};

#define X(pattern) UINT64_C(0x##pattern)

static const uint64_t f64_edges[] = {
    X(0000000000000000), X(8000000000000000), X(0000000000000001), X(8000000000000001),
    X(0000000000000003), X(0008000000000000), X(800FFFFFFFFFFFFF), X(000FFFFFFFFFFFFF),
    X(0010000000000000), X(8010000000000000), X(0010000000000001), X(0020000000000000),
    X(3CA0000000000000), X(3CB0000000000000), X(3FDFFFFFFFFFFFFF), X(3FE0000000000000),
    X(BFE0000000000000), X(3FE0000000000001), X(3FEFFFFFFFFFFFFF), X(3FF0000000000000),
    X(BFF0000000000000), X(3FF0000000000001), X(3FF8000000000000), X(BFF8000000000000),
    X(4000000000000000), X(4004000000000000), X(4008000000000000), X(41DFFFFFFF800000),
    X(41DFFFFFFFC00000), X(41DFFFFFFFE00000), X(41E0000000000000), X(C1E0000000000000),
    X(C1E0000000100000), X(C1E00000001FFFFF), X(C1E0000000200000), X(41F0000000000000),
    X(4340000000000000), X(433FFFFFFFFFFFFF), X(43E0000000000000), X(C3E0000000000000),
    X(43DFFFFFFFFFFFFF), X(7FEFFFFFFFFFFFFF), X(FFEFFFFFFFFFFFFF), X(7FE0000000000000),
    X(47EFFFFFE0000000), X(47EFFFFFF0000000), X(47EFFFFFEFFFFFFF), X(47F0000000000000),
    X(3810000000000000), X(380FFFFFFFFFFFFF), X(380FFFFFF0000000), X(380FFFFFE0000000),
    X(36A0000000000000), X(3690000000000000), X(3690000000000001), X(B68FFFFFFFFFFFFF),
    X(3800000010000000), X(7FF0000000000000), X(FFF0000000000000), X(7FF8000000000000),
    X(FFF8000000000000), X(7FF8123456789ABC), X(FFF8CBA987654321), X(7FF0000000000001),
    X(FFF0123456789ABC), X(7FF7FFFFFFFFFFFF), X(7FFFFFFFFFFFFFFF),
};

static const struct vx_f80 f80_edges[] = {
    {0, 0x0000},
    {0, 0x8000},
    {1, 0x0000},
    {1, 0x8000},
    {3, 0x0000},
    {X(4000000000000000), 0x0000},
    {X(7FFFFFFFFFFFFFFF), 0x0000},
    {X(7FFFFFFFFFFFFFFF), 0x8000},
    {X(8000000000000000), 0x0000}, /* pseudo-denormals */
    {X(8000000000000001), 0x8000},
    {X(FFFFFFFFFFFFFFFF), 0x0000},
    {X(8000000000000000), 0x0001},
    {X(8000000000000000), 0x8001},
    {X(8000000000000001), 0x0001},
    {X(FFFFFFFFFFFFFFFF), 0x0001},
    {X(8000000000000000), 0x0002},
    {X(8000000000000000), 0x3BCD}, /* around the smallest binary64 and binary32 */
    {X(8000000000000000), 0x3BCC},
    {X(8000000000000001), 0xBBCC},
    {X(FFFFFFFFFFFFFFFF), 0x3C00},
    {X(FFFFFFFFFFFFF800), 0x3C00},
    {X(8000000000000000), 0x3C01},
    {X(FFFFFFFFFFFFFFFF), 0x3F80},
    {X(FFFFFF0000000000), 0x3F80},
    {X(8000000000000000), 0x3F6A},
    {X(8000000000000000), 0x3F69},
    {X(8000000000000000), 0x3FBF},
    {X(8000000000000000), 0x3FC0},
    {X(FFFFFFFFFFFFFFFF), 0x3FFD},
    {X(8000000000000000), 0x3FFE},
    {X(8000000000000000), 0xBFFE},
    {X(8000000000000001), 0x3FFE},
    {X(FFFFFFFFFFFFFFFF), 0x3FFE},
    {X(8000000000000000), 0x3FFF},
    {X(8000000000000000), 0xBFFF},
    {X(8000000000000001), 0x3FFF},
    {X(8000000000000400), 0x3FFF}, /* halves at 53 and at 24 bits */
    {X(8000000000000C00), 0xBFFF},
    {X(8000008000000000), 0x3FFF},
    {X(8000018000000000), 0x3FFF},
    {X(C000000000000000), 0x3FFF},
    {X(C000000000000000), 0xBFFF},
    {X(8000000000000000), 0x4000},
    {X(A000000000000000), 0x4000},
    {X(C000000000000000), 0x4000},
    {X(FFFE000000000000), 0x400D}, /* around 2^15 */
    {X(FFFF000000000000), 0x400D},
    {X(8000000000000000), 0x400E},
    {X(8000800000000000), 0xC00E},
    {X(FFFFFFFE00000000), 0x401D}, /* around 2^31 */
    {X(FFFFFFFF00000000), 0x401D},
    {X(8000000000000000), 0xC01E},
    {X(8000000080000000), 0xC01E},
    {X(DE0B6B3A763FFFF0), 0x403A}, /* around 10^18 */
    {X(DE0B6B3A763FFFF8), 0x403A},
    {X(DE0B6B3A76400000), 0xC03A},
    {X(FFFFFFFFFFFFFFFF), 0x403D}, /* around 2^63 */
    {X(8000000000000000), 0x403E},
    {X(8000000000000000), 0xC03E},
    {X(8000000000000001), 0xC03E},
    {X(8000000000000000), 0x403F},
    {X(FFFFFFFFFFFFFFFF), 0x407E}, /* the largest binary32 and binary64 */
    {X(FFFFFF0000000000), 0x407E},
    {X(FFFFFFFFFFFFFC00), 0x43FE},
    {X(FFFFFFFFFFFFF800), 0xC3FE},
    {X(C000000000000000), 0xC00D}, /* exponents for scaling out of range */
    {X(FFFC000000000000), 0x400C},
    {X(FFFFFFFFFFFFFFFF), 0x7FFE},
    {X(FFFFFFFFFFFFFFFF), 0xFFFE},
    {X(FFFFFFFFFFFFF800), 0x7FFE},
    {X(FFFFFF0000000000), 0x7FFE},
    {X(8000000000000000), 0x7FFE},
    {X(8000000000000000), 0x7FFF},
    {X(8000000000000000), 0xFFFF},
    {X(C000000000000000), 0x7FFF},
    {X(C000000000000000), 0xFFFF},
    {X(C123456789ABCDEF), 0x7FFF},
    {X(FFFFFFFFFFFFFFFF), 0xFFFF},
    {X(8000000000000001), 0x7FFF},
    {X(8123456789ABCDEF), 0xFFFF},
    {X(BFFFFFFFFFFFFFFF), 0x7FFF},
    {X(0000000000000000), 0x7FFF}, /* unsupported */
    {X(0000000000000000), 0xFFFF},
    {X(0000000000000001), 0x7FFF},
    {X(4123456789ABCDEF), 0xFFFF},
    {X(0000000000000000), 0x3FFF},
    {X(7FFFFFFFFFFFFFFF), 0x3FFF},
    {X(4000000000000000), 0x8001},
    {X(7FFFFFFFFFFFFFFF), 0x7FFE},
};

static const uint64_t integer_edges[] = {
    0,
    1,
    2,
    3,
    0x7F,
    0x80,
    0xFF,
    0x7FFF,
    0x8000,
    0xFFFF,
    0xFFFFFF,
    0x1000000,
    0x1000001,
    0x1000003,
    0x3FFFFFFF,
    0x7FFFFF80,
    0x7FFFFFBF,
    0x7FFFFFC0,
    0x7FFFFFFF,
    0x80000000,
    0x80000001,
    0xFF000001,
    0xFFFFFFFF,
    X(7FFFFFFFFFFFFFFF),
    X(8000000000000000),
    X(8000000000000001),
    X(FFFFFFFFFFFFFFFF),
    X(001FFFFFFFFFFFFF),
    X(0020000000000001),
};

static const struct vx_f80 bcd_edges[] = {
    {0, 0},
    {0, 0x8000},
    {1, 0},
    {X(9999999999999999), 0x0099},
    {X(9999999999999999), 0x8099},
    {X(1234567890123456), 0x8078},
    {X(9007199254740993), 0},
};

int float_edge_count(enum operand_kind kind)
{
    switch (kind) {
    case F32: return COUNT(f32_edges);
    case F64: return COUNT(f64_edges);
    case F80: return COUNT(f80_edges);
    case I16:
    case I32:
    case I64: return COUNT(integer_edges);
    case BCD: return COUNT(bcd_edges);
    default: return 1;
    }
}

struct vx_f80 float_edge(enum operand_kind kind, int index)
{
    switch (kind) {
    case F32: return (struct vx_f80){f32_edges[index], 0};
    case F64: return (struct vx_f80){f64_edges[index], 0};
    case F80: return f80_edges[index];
    case I16: return (struct vx_f80){integer_edges[index] & 0xFFFF, 0};
    case I32: return (struct vx_f80){integer_edges[index] & 0xFFFFFFFF, 0};
    case I64: return (struct vx_f80){integer_edges[index], 0};
    case BCD: return bcd_edges[index];
    default: return (struct vx_f80){0, 0};
    }
}

/* The splitmix64 generator. */
uint64_t float_random_bits(uint64_t *state)
{
    uint64_t z = *state += X(9E3779B97F4A7C15);
    z = (z ^ z >> 30) * X(BF58476D1CE4E5B9);
    z = (z ^ z >> 27) * X(94D049BB133111EB);
    return z ^ z >> 31;
}

/* Bits in runs, so that roundings and carries of every length come up. */
static uint64_t random_runs(uint64_t *state)
{
    uint64_t bits = float_random_bits(state), choice = float_random_bits(state);
    uint64_t run = ~UINT64_C(0) << (choice >> 8 & 63);
    switch (choice & 7) {
    case 0: return run;
    case 1: return ~run;
    case 2: return bits & run;
    case 3: return bits | ~run;
    case 4: return UINT64_C(1) << (choice >> 16 & 63) | UINT64_C(1) << (choice >> 24 & 63);
    default: return bits;
    }
}

/* A biased exponent below 2^bits: anywhere, near one, or near either end. */
static uint64_t random_exponent(int bits, uint64_t *state)
{
    uint64_t choice = float_random_bits(state), max = (UINT64_C(1) << bits) - 1;
    uint64_t spread = choice >> 32;
    switch (choice & 7) {
    case 0: return spread & max;
    case 1: return spread % 5;
    case 2: return max - spread % 5;
    case 3: return (max >> 1) + spread % 140 - 70;
    default: return (max >> 1) + spread % 9 - 4;
    }
}

static struct vx_f80 random_f80(uint64_t *state)
{
    uint64_t significand = random_runs(state), choice = float_random_bits(state);
    uint64_t exponent = random_exponent(15, state);
    if ((choice & 15) != 0 && exponent != 0)
        significand |= X(8000000000000000);
    return (struct vx_f80){significand, (uint16_t)((choice & 0x8000) | exponent)};
}

static struct vx_f80 random_bcd(uint64_t *state)
{
    uint64_t value = random_runs(state) % X(DE0B6B3A7640000), low = 0;
    for (int i = 0; i < 64; i += 4) {
        low |= value % 10 << i;
        value /= 10;
    }
    uint64_t high = value / 10 << 4 | value % 10 | (float_random_bits(state) & 0x8000);
    return (struct vx_f80){low, (uint16_t)high};
}

struct vx_f80 float_random(enum operand_kind kind, uint64_t *state)
{
    uint64_t sign = float_random_bits(state);
    if ((sign & 15) == 0)
        return float_edge(kind, (int)((sign >> 8) % (unsigned)float_edge_count(kind)));
    switch (kind) {
    case F32:
        return (struct vx_f80){(sign >> 63 << 31) | random_exponent(8, state) << 23 |
                                   (random_runs(state) & 0x7FFFFF),
                               0};
    case F64:
        return (struct vx_f80){
            (sign >> 63 << 63) | random_exponent(11, state) << 52 | random_runs(state) >> 12, 0};
    case F80: return random_f80(state);
    case I16: return (struct vx_f80){random_runs(state) & 0xFFFF, 0};
    case I32: return (struct vx_f80){random_runs(state) & 0xFFFFFFFF, 0};
    case I64: return (struct vx_f80){random_runs(state), 0};
    case BCD: return random_bcd(state);
    default: return (struct vx_f80){0, 0};
    }
}

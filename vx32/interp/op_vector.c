/* SPDX-License-Identifier: MIT */
/* Lane-wise arithmetic, comparison and logic on MMX and XMM registers: the plain forms. */
#include "vector.h"

/*
 * All lanes of 16 bytes are computed: those beyond an MMX register are zero, cannot fault, and are
 * not written.
 */

typedef uint8_t lane8(uint8_t a, uint8_t b);
typedef uint16_t lane16(uint16_t a, uint16_t b);
typedef uint32_t lane32(uint32_t a, uint32_t b);
typedef uint64_t lane64(uint64_t a, uint64_t b);

static inline void each8(struct vx_cpu *cpu, const struct vx_uop *uop, lane8 *lane)
{
    struct vx_pair pair = vx_read_pair(cpu, uop);

    for (unsigned i = 0; i < 16; i++)
        pair.a.byte[i] = lane(pair.a.byte[i], pair.b.byte[i]);
    vx_write_vector(cpu, uop, 0, &pair.a);
}

static inline void each16(struct vx_cpu *cpu, const struct vx_uop *uop, lane16 *lane)
{
    struct vx_pair pair = vx_read_pair(cpu, uop);

    for (unsigned i = 0; i < 16; i += 2)
        vx_put16(pair.a.byte + i, lane(vx_get16(pair.a.byte + i), vx_get16(pair.b.byte + i)));
    vx_write_vector(cpu, uop, 0, &pair.a);
}

static inline void each32(struct vx_cpu *cpu, const struct vx_uop *uop, lane32 *lane)
{
    struct vx_pair pair = vx_read_pair(cpu, uop);

    for (unsigned i = 0; i < 16; i += 4)
        vx_put32(pair.a.byte + i, lane(vx_get32(pair.a.byte + i), vx_get32(pair.b.byte + i)));
    vx_write_vector(cpu, uop, 0, &pair.a);
}

static inline void each64(struct vx_cpu *cpu, const struct vx_uop *uop, lane64 *lane)
{
    struct vx_pair pair = vx_read_pair(cpu, uop);

    for (unsigned i = 0; i < 16; i += 8)
        vx_put64(pair.a.byte + i, lane(vx_get64(pair.a.byte + i), vx_get64(pair.b.byte + i)));
    vx_write_vector(cpu, uop, 0, &pair.a);
}

static inline int saturate(int value, int low, int high)
{
    return value < low ? low : value > high ? high : value;
}

static inline int absolute_difference(unsigned a, unsigned b)
{
    return a < b ? (int)(b - a) : (int)(a - b);
}

/* The product of the signed words at bit `shift`. */
static inline uint32_t word_product(uint32_t a, uint32_t b, unsigned shift)
{
    return (uint32_t)((int16_t)(a >> shift) * (int16_t)(b >> shift));
}

static inline uint64_t sum_of_differences(uint64_t a, uint64_t b)
{
    unsigned sum = 0;

    for (unsigned shift = 0; shift < 64; shift += 8)
        sum += (unsigned)absolute_difference(a >> shift & 0xff, b >> shift & 0xff);
    return sum;
}

/* name, bits of a lane, type of a and b, result; what exceeds the lane is cut off */
#define LANE_OPERATIONS(X)                                                                         \
    X(PADDB, 8, uint8_t, a + b)                                                                    \
    X(PADDW, 16, uint16_t, a + b)                                                                  \
    X(PADDD, 32, uint32_t, a + b)                                                                  \
    X(PADDQ, 64, uint64_t, a + b)                                                                  \
    X(PADDSB, 8, int8_t, saturate(a + b, INT8_MIN, INT8_MAX))                                      \
    X(PADDSW, 16, int16_t, saturate(a + b, INT16_MIN, INT16_MAX))                                  \
    X(PADDUSB, 8, uint8_t, saturate(a + b, 0, UINT8_MAX))                                          \
    X(PADDUSW, 16, uint16_t, saturate(a + b, 0, UINT16_MAX))                                       \
    X(PSUBB, 8, uint8_t, a - b)                                                                    \
    X(PSUBW, 16, uint16_t, a - b)                                                                  \
    X(PSUBD, 32, uint32_t, a - b)                                                                  \
    X(PSUBQ, 64, uint64_t, a - b)                                                                  \
    X(PSUBSB, 8, int8_t, saturate(a - b, INT8_MIN, INT8_MAX))                                      \
    X(PSUBSW, 16, int16_t, saturate(a - b, INT16_MIN, INT16_MAX))                                  \
    X(PSUBUSB, 8, uint8_t, saturate(a - b, 0, UINT8_MAX))                                          \
    X(PSUBUSW, 16, uint16_t, saturate(a - b, 0, UINT16_MAX))                                       \
    X(PMULLW, 16, int16_t, (a * b))                                                                \
    X(PMULHW, 16, int16_t, (uint32_t)(a * b) >> 16)                                                \
    X(PMULHUW, 16, uint16_t, ((uint32_t)a * b) >> 16)                                              \
    X(PMULUDQ, 64, uint32_t, ((uint64_t)a * b))                                                    \
    X(PMADDWD, 32, uint32_t, word_product(a, b, 0) + word_product(a, b, 16))                       \
    X(PSADBW, 64, uint64_t, sum_of_differences(a, b))                                              \
    X(PAVGB, 8, uint8_t, (a + b + 1) >> 1)                                                         \
    X(PAVGW, 16, uint16_t, (a + b + 1) >> 1)                                                       \
    X(PMINUB, 8, uint8_t, a < b ? a : b)                                                           \
    X(PMAXUB, 8, uint8_t, a > b ? a : b)                                                           \
    X(PMINSW, 16, int16_t, a < b ? a : b)                                                          \
    X(PMAXSW, 16, int16_t, a > b ? a : b)                                                          \
    X(PCMPEQB, 8, uint8_t, a == b ? UINT8_MAX : 0)                                                 \
    X(PCMPEQW, 16, uint16_t, a == b ? UINT16_MAX : 0)                                              \
    X(PCMPEQD, 32, uint32_t, a == b ? UINT32_MAX : 0)                                              \
    X(PCMPGTB, 8, int8_t, a > b ? UINT8_MAX : 0)                                                   \
    X(PCMPGTW, 16, int16_t, a > b ? UINT16_MAX : 0)                                                \
    X(PCMPGTD, 32, int32_t, a > b ? UINT32_MAX : 0)                                                \
    X(PAND, 64, uint64_t, (a & b))                                                                 \
    X(PANDN, 64, uint64_t, (~a & b))                                                               \
    X(POR, 64, uint64_t, a | b)                                                                    \
    X(PXOR, 64, uint64_t, a ^ b)                                                                   \
    X(ANDPS, 64, uint64_t, (a & b))                                                                \
    X(ANDPD, 64, uint64_t, (a & b))                                                                \
    X(ANDNPS, 64, uint64_t, (~a & b))                                                              \
    X(ANDNPD, 64, uint64_t, (~a & b))                                                              \
    X(ORPS, 64, uint64_t, a | b)                                                                   \
    X(ORPD, 64, uint64_t, a | b)                                                                   \
    X(XORPS, 64, uint64_t, a ^ b)                                                                  \
    X(XORPD, 64, uint64_t, a ^ b)

#define DEFINE(name, bits, type, result)                                                           \
    static inline uint##bits##_t lane_##name(uint##bits##_t x, uint##bits##_t y)                   \
    {                                                                                              \
        type a = (type)x, b = (type)y;                                                             \
                                                                                                   \
        return (uint##bits##_t)(result);                                                           \
    }                                                                                              \
    void vx_do_##name(struct vx_cpu *cpu, const struct vx_uop *uop)                                \
    {                                                                                              \
        each##bits(cpu, uop, lane_##name);                                                         \
    }
LANE_OPERATIONS(DEFINE)
#undef DEFINE

/* SPDX-License-Identifier: MIT */
/* Packs, interleaves and shuffles of vectors: the plain forms. */
#include "vector.h"

/* Half of the first operand, an MMX or XMM register. */
static inline unsigned half_nbytes(const struct vx_uop *uop)
{
    return vx_place_of(uop, 0) == VX_PLACE_OTHER ? 4 : 8;
}

/* ---- packs: lanes of half the size, saturated ---- */

static inline int saturate(int value, int low, int high)
{
    return value < low ? low : value > high ? high : value;
}

/* The words of the first operand fill the lower half, those of the second the upper one. */
static inline void pack_words(struct vx_cpu *cpu, const struct vx_uop *uop, int low, int high)
{
    unsigned half = half_nbytes(uop);
    struct vx_pair pair = vx_read_pair(cpu, uop);
    struct vx_vector result = {{0}};

    for (unsigned i = 0; i < half; i++) {
        result.byte[i] = (uint8_t)saturate((int16_t)vx_get16(pair.a.byte + 2 * i), low, high);
        result.byte[half + i] =
            (uint8_t)saturate((int16_t)vx_get16(pair.b.byte + 2 * i), low, high);
    }
    vx_write_vector(cpu, uop, 0, &result);
}

void vx_do_PACKSSWB(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    pack_words(cpu, uop, INT8_MIN, INT8_MAX);
}

void vx_do_PACKUSWB(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    pack_words(cpu, uop, 0, UINT8_MAX);
}

static uint16_t signed_word(const uint8_t *p)
{
    return (uint16_t)saturate((int32_t)vx_get32(p), INT16_MIN, INT16_MAX);
}

void vx_do_PACKSSDW(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    unsigned half = half_nbytes(uop);
    struct vx_pair pair = vx_read_pair(cpu, uop);
    struct vx_vector result = {{0}};

    for (unsigned i = 0; i < half; i += 2) {
        vx_put16(result.byte + i, signed_word(pair.a.byte + 2 * i));
        vx_put16(result.byte + half + i, signed_word(pair.b.byte + 2 * i));
    }
    vx_write_vector(cpu, uop, 0, &result);
}

/* ---- interleaves of the lower or upper halves, in lanes of lane_nbytes ---- */

static inline void interleave(struct vx_cpu *cpu, const struct vx_uop *uop, unsigned lane_nbytes,
                              bool upper)
{
    unsigned half = half_nbytes(uop);
    struct vx_pair pair = vx_read_pair(cpu, uop);
    const uint8_t *a = pair.a.byte + (upper ? half : 0), *b = pair.b.byte + (upper ? half : 0);
    struct vx_vector result = {{0}};

    for (unsigned i = 0; i < half; i += lane_nbytes) {
        memcpy(result.byte + 2 * i, a + i, lane_nbytes);
        memcpy(result.byte + 2 * i + lane_nbytes, b + i, lane_nbytes);
    }
    vx_write_vector(cpu, uop, 0, &result);
}

#define INTERLEAVES(X)                                                                             \
    X(PUNPCKLBW, 1, false)                                                                         \
    X(PUNPCKLWD, 2, false)                                                                         \
    X(PUNPCKLDQ, 4, false)                                                                         \
    X(PUNPCKLQDQ, 8, false)                                                                        \
    X(PUNPCKHBW, 1, true)                                                                          \
    X(PUNPCKHWD, 2, true)                                                                          \
    X(PUNPCKHDQ, 4, true)                                                                          \
    X(PUNPCKHQDQ, 8, true)                                                                         \
    X(UNPCKLPS, 4, false)                                                                          \
    X(UNPCKLPD, 8, false)                                                                          \
    X(UNPCKHPS, 4, true)                                                                           \
    X(UNPCKHPD, 8, true)
#define DEFINE(name, lane_nbytes, upper)                                                           \
    void vx_do_##name(struct vx_cpu *cpu, const struct vx_uop *uop)                                \
    {                                                                                              \
        interleave(cpu, uop, lane_nbytes, upper);                                                  \
    }
INTERLEAVES(DEFINE)
#undef DEFINE

/* ---- shuffles: the immediate byte selects a lane for each lane of the result ---- */

/* Four lanes of `from` go to `to`, two bits of the immediate each. */
static inline void select_four(const struct vx_uop *uop, uint8_t *to, const uint8_t *from,
                               unsigned lane_nbytes)
{
    for (unsigned i = 0; i < 4; i++)
        memcpy(to + i * lane_nbytes, from + (uop->immediate >> 2 * i & 3) * lane_nbytes,
               lane_nbytes);
}

void vx_do_PSHUFW(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    struct vx_vector source = vx_read_source(cpu, uop, 1), result = {{0}};

    select_four(uop, result.byte, source.byte, 2);
    vx_write_vector(cpu, uop, 0, &result);
}

void vx_do_PSHUFD(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    struct vx_vector source = vx_read_vector(cpu, uop, 1), result;

    select_four(uop, result.byte, source.byte, 4);
    vx_write_vector(cpu, uop, 0, &result);
}

void vx_do_PSHUFHW(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    struct vx_vector source = vx_read_vector(cpu, uop, 1), result = source;

    select_four(uop, result.byte + 8, source.byte + 8, 2);
    vx_write_vector(cpu, uop, 0, &result);
}

void vx_do_PSHUFLW(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    struct vx_vector source = vx_read_vector(cpu, uop, 1), result = source;

    select_four(uop, result.byte, source.byte, 2);
    vx_write_vector(cpu, uop, 0, &result);
}

/* The lower two lanes come from the first operand, the upper two from the second. */
void vx_do_SHUFPS(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    struct vx_pair pair = vx_read_pair(cpu, uop);
    struct vx_vector a, b;

    select_four(uop, a.byte, pair.a.byte, 4);
    select_four(uop, b.byte, pair.b.byte, 4);
    memcpy(a.byte + 8, b.byte + 8, 8);
    vx_write_vector(cpu, uop, 0, &a);
}

void vx_do_SHUFPD(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    struct vx_pair pair = vx_read_pair(cpu, uop);
    struct vx_vector result;

    memcpy(result.byte, pair.a.byte + (uop->immediate & 1 ? 8 : 0), 8);
    memcpy(result.byte + 8, pair.b.byte + (uop->immediate & 2 ? 8 : 0), 8);
    vx_write_vector(cpu, uop, 0, &result);
}

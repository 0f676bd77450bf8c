/* SPDX-License-Identifier: MIT */
/* Shifts of vectors, by lanes and as a whole: the plain forms. */
#include "vector.h"

/* `count` is below the bits of a lane. */
typedef uint64_t shift_lane(uint64_t a, unsigned count, unsigned nbits);

static inline uint64_t shift_left(uint64_t a, unsigned count, unsigned nbits)
{
    (void)nbits;
    return a << count;
}

static inline uint64_t shift_right(uint64_t a, unsigned count, unsigned nbits)
{
    (void)nbits;
    return a >> count;
}

static inline uint64_t shift_right_signed(uint64_t a, unsigned count, unsigned nbits)
{
    uint64_t sign = UINT64_C(1) << (nbits - 1) >> count;

    return ((a >> count) ^ sign) - sign;
}

static inline uint64_t get_lane(const uint8_t *p, unsigned nbits)
{
    return nbits == 16 ? vx_get16(p) : nbits == 32 ? vx_get32(p) : vx_get64(p);
}

static inline void put_lane(uint8_t *p, unsigned nbits, uint64_t value)
{
    if (nbits == 16)
        vx_put16(p, (uint16_t)value);
    else if (nbits == 32)
        vx_put32(p, (uint32_t)value);
    else
        vx_put64(p, value);
}

static inline bool is_immediate(const struct vx_uop *uop)
{
    return vx_operands[vx_operand_letter(uop, 1)].kind == VX_KIND_IMMEDIATE;
}

/*
 * The count is an immediate byte or the low 64 bits of a vector. Where all bits leave the lane, the
 * result is zero or all copies of the sign.
 */
static inline void shift_lanes(struct vx_cpu *cpu, const struct vx_uop *uop, shift_lane *shift,
                               unsigned nbits)
{
    bool immediate = vx_place_of(uop, 0) != VX_PLACE_REG && is_immediate(uop);
    struct vx_vector source = vx_read_source(cpu, uop, immediate ? 0 : 1);
    struct vx_vector value = vx_read_vector(cpu, uop, 0);
    uint64_t count = immediate ? uop->immediate & 0xff : vx_get64(source.byte);

    if (count >= nbits && shift != shift_right_signed) {
        value = (struct vx_vector){{0}};
    } else {
        unsigned capped = count < nbits ? (unsigned)count : nbits - 1;

        for (unsigned i = 0; i < 16; i += nbits / 8)
            put_lane(value.byte + i, nbits, shift(get_lane(value.byte + i, nbits), capped, nbits));
    }
    vx_write_vector(cpu, uop, 0, &value);
}

#define SHIFTS(X)                                                                                  \
    X(PSLLW, shift_left, 16)                                                                       \
    X(PSLLD, shift_left, 32)                                                                       \
    X(PSLLQ, shift_left, 64)                                                                       \
    X(PSRLW, shift_right, 16)                                                                      \
    X(PSRLD, shift_right, 32)                                                                      \
    X(PSRLQ, shift_right, 64)                                                                      \
    X(PSRAW, shift_right_signed, 16)                                                               \
    X(PSRAD, shift_right_signed, 32)
#define DEFINE(name, shift, nbits)                                                                 \
    void vx_do_##name(struct vx_cpu *cpu, const struct vx_uop *uop)                                \
    {                                                                                              \
        shift_lanes(cpu, uop, shift, nbits);                                                       \
    }
SHIFTS(DEFINE)
#undef DEFINE

/* Whole registers by bytes: only XMM. */
static unsigned byte_count(const struct vx_uop *uop)
{
    unsigned count = uop->immediate & 0xff;

    return count < 16 ? count : 16;
}

void vx_do_PSLLDQ(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    struct vx_vector value = vx_read_vector(cpu, uop, 0), result = {{0}};
    unsigned count = byte_count(uop);

    memcpy(result.byte + count, value.byte, 16 - count);
    vx_write_vector(cpu, uop, 0, &result);
}

void vx_do_PSRLDQ(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    struct vx_vector value = vx_read_vector(cpu, uop, 0), result = {{0}};
    unsigned count = byte_count(uop);

    memcpy(result.byte, value.byte + count, 16 - count);
    vx_write_vector(cpu, uop, 0, &result);
}

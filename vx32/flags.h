/* SPDX-License-Identifier: MIT */
/* Status flags in the form that cpu.h describes: what arithmetic stores, how conditions read it. */
#ifndef VX32_FLAGS_H
#define VX32_FLAGS_H

#include "cpu.h"

#include <stdbool.h>
#include <stdint.h>

/* ---- reading ---- */

static inline bool vx_cf(const struct vx_flags *f)
{
    return f->carries >> 31;
}

static inline bool vx_of(const struct vx_flags *f)
{
    return (f->carries ^ f->carries << 1) >> 31;
}

static inline bool vx_zf(const struct vx_flags *f)
{
    return (uint32_t)f->result == 0;
}

static inline bool vx_sf(const struct vx_flags *f)
{
    return (f->result ^ f->result >> 32) >> 31 & 1;
}

static inline bool vx_pf(const struct vx_flags *f)
{
    uint32_t byte = (uint32_t)(f->result ^ f->result >> 32) & 0xff;

    byte ^= byte >> 4;
    return !(0x6996u >> (byte & 15) & 1);
}

static inline bool vx_af(const struct vx_flags *f)
{
    return f->carries >> 3 & 1;
}

/* The sixteen conditions of Jcc, SETcc and CMOVcc (SDM volume 1, appendix B). */
static inline bool vx_condition(const struct vx_flags *f, unsigned condition)
{
    bool value;

    switch (condition >> 1) {
    case 0: value = vx_of(f); break;
    case 1: value = vx_cf(f); break;
    case 2: value = vx_zf(f); break;
    case 3: value = vx_cf(f) || vx_zf(f); break;
    case 4: value = vx_sf(f); break;
    case 5: value = vx_pf(f); break;
    case 6: value = vx_sf(f) != vx_of(f); break;
    default: value = vx_zf(f) || vx_sf(f) != vx_of(f); break;
    }
    return value != (condition & 1);
}

/* The six status flags at their places in EFLAGS. */
static inline uint32_t vx_flags_get(const struct vx_flags *f)
{
    return (vx_cf(f) ? (uint32_t)VX_CF : 0) | (vx_pf(f) ? (uint32_t)VX_PF : 0) |
           (vx_af(f) ? (uint32_t)VX_AF : 0) | (vx_zf(f) ? (uint32_t)VX_ZF : 0) |
           (vx_sf(f) ? (uint32_t)VX_SF : 0) | (vx_of(f) ? (uint32_t)VX_OF : 0);
}

/* ---- writing one by one ---- */

static inline void vx_set_carries(struct vx_flags *f, bool cf, bool of, bool af)
{
    f->carries = (uint32_t)cf << 31 | (uint32_t)(cf != of) << 30 | (uint32_t)af << 3;
}

static inline void vx_set_result(struct vx_flags *f, bool zf, bool sf, bool pf)
{
    f->result = (zf ? 0 : 1) | (uint64_t)(pf != zf) << 32 | (uint64_t)sf << 63;
}

static inline void vx_flags_set(struct vx_flags *f, uint32_t eflags)
{
    vx_set_carries(f, eflags & VX_CF, eflags & VX_OF, eflags & VX_AF);
    vx_set_result(f, eflags & VX_ZF, eflags & VX_SF, eflags & VX_PF);
}

static inline void vx_set_cf(struct vx_flags *f, bool cf)
{
    bool of = vx_of(f);

    f->carries = (f->carries & 0x3fffffff) | (uint32_t)cf << 31 | (uint32_t)(cf != of) << 30;
}

/* ---- writing by arithmetic; operands and results are zero-extended from nbytes ---- */

static inline uint32_t vx_mask(unsigned nbytes)
{
    return UINT32_MAX >> (32 - 8 * nbytes);
}

static inline uint32_t vx_sign_extend(uint32_t value, unsigned nbytes)
{
    uint32_t sign = 1u << (8 * nbytes - 1);

    return (value ^ sign) - sign;
}

static inline void vx_set_result_of(struct vx_flags *f, uint32_t result, unsigned nbytes)
{
    f->result = nbytes == 4 ? result : vx_sign_extend(result, nbytes);
}

/* Moves the vector of carries so that the operand's top bit lies in bit 31; AF stays in bit 3. */
static inline uint32_t vx_align_carries(uint32_t carries, unsigned nbytes)
{
    return nbytes == 4 ? carries : carries << (32 - 8 * nbytes) | (carries & 8);
}

static inline uint32_t vx_add(struct vx_flags *f, uint32_t a, uint32_t b, uint32_t carry_in,
                              unsigned nbytes)
{
    uint32_t result = (a + b + carry_in) & vx_mask(nbytes);

    vx_set_result_of(f, result, nbytes);
    f->carries = vx_align_carries((a & b) | ((a | b) & ~result), nbytes);
    return result;
}

static inline uint32_t vx_sub(struct vx_flags *f, uint32_t a, uint32_t b, uint32_t borrow_in,
                              unsigned nbytes)
{
    uint32_t result = (a - b - borrow_in) & vx_mask(nbytes);

    vx_set_result_of(f, result, nbytes);
    f->carries = vx_align_carries((~a & b) | ((~a | b) & result), nbytes);
    return result;
}

static inline uint32_t vx_logic(struct vx_flags *f, uint32_t result, unsigned nbytes)
{
    vx_set_result_of(f, result, nbytes);
    f->carries = 0;
    return result;
}

/* INC and DEC: as adding or subtracting 1, but CF stays. */
static inline uint32_t vx_inc(struct vx_flags *f, uint32_t a, unsigned nbytes)
{
    bool cf = vx_cf(f);
    uint32_t result = vx_add(f, a, 1, 0, nbytes);

    vx_set_cf(f, cf);
    return result;
}

static inline uint32_t vx_dec(struct vx_flags *f, uint32_t a, unsigned nbytes)
{
    bool cf = vx_cf(f);
    uint32_t result = vx_sub(f, a, 1, 0, nbytes);

    vx_set_cf(f, cf);
    return result;
}

#endif

/* SPDX-License-Identifier: MIT */
/* Seeded operand values: the edges of every format, and what lies between. */
#ifndef TESTS_INSN_VALUES_H
#define TESTS_INSN_VALUES_H

#include <stdbool.h>
#include <stdint.h>

struct random {
    uint64_t state;
};

struct random random_from(uint64_t seed, uint64_t stream);
uint64_t random_next(struct random *r);

/* 0 to bound - 1. */
uint32_t random_below(struct random *r, uint32_t bound);

/* True once in `n` times. */
bool random_one_in(struct random *r, uint32_t n);

enum flavour { FLAVOUR_INTEGER, FLAVOUR_F32, FLAVOUR_F64, FLAVOUR_F80, FLAVOUR_BCD };

uint32_t value_u32(struct random *r);
uint32_t value_f32(struct random *r);
uint64_t value_f64(struct random *r);
void value_f80(struct random *r, uint8_t bytes[10]);
void value_bcd(struct random *r, uint8_t bytes[10]);

/* Fills `nbytes` with values of the flavour one behind another. */
void value_fill(struct random *r, enum flavour flavour, uint8_t *bytes, unsigned nbytes);

void value_put(uint8_t *bytes, uint64_t value, unsigned nbytes);

#endif

/* SPDX-License-Identifier: MIT */
/* One checked operation of the floating-point core: its operands, its outcome, its two doers. */
#ifndef TESTS_UNIT_FLOAT_CASE_H
#define TESTS_UNIT_FLOAT_CASE_H

#include "float/softfloat.h"

#include <stdbool.h>
#include <stdint.h>

enum operand_kind { NONE, F32, F64, F80, I16, I32, I64, BCD, CODE };

/* Patterns narrower than 80 bits are in the significand. */
struct operands {
    struct vx_f80 a, b;
};

struct outcome {
    struct vx_f80 value;
    uint16_t condition; /* C0, C1, C2, C3 of the x87 status word; zero for SSE */
    uint8_t flags;
    bool trapped; /* an unmasked exception: value and condition are not compared */
};

typedef void float_doer(const struct operands *operands, struct vx_float_env env,
                        struct outcome *outcome);

struct operation {
    const char *name;
    enum operand_kind a, b, result;
    float_doer *soft;
    float_doer *host; /* NULL where the host cannot do it */
};

extern const struct operation float_operations[];
extern const int float_operation_count;

/* A recorded outcome, and the table of them. */
struct golden {
    const char *name;
    struct operands operands;
    struct vx_float_env env;
    struct vx_f80 value;
    uint16_t condition;
    uint8_t flags;
};

extern const struct golden float_goldens[];
extern const int float_golden_count;

bool float_kind_is_x87(const struct operation *operation);

/* The edge operands of a kind; an operation without operand has one. */
int float_edge_count(enum operand_kind kind);
struct vx_f80 float_edge(enum operand_kind kind, int index);
struct vx_f80 float_random(enum operand_kind kind, uint64_t *state);
uint64_t float_random_bits(uint64_t *state);

#endif

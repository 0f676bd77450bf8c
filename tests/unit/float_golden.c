/* SPDX-License-Identifier: MIT */
/* Outcomes recorded from an x86-64 processor: what hosts of other kinds are compared with. */
#include "float_case.h"

#define G(operation, a_high, a, b_high, b, rounding_, precision_, ftz, daz, high, value,           \
          condition, flags)                                                                        \
    {#operation,                                                                                   \
     {{UINT64_C(0x##a), 0x##a_high}, {UINT64_C(0x##b), 0x##b_high}},                               \
     {.rounding = rounding_,                                                                       \
      .precision = precision_,                                                                     \
      .flush_to_zero = ftz,                                                                        \
      .denormals_are_zero = daz,                                                                   \
      .masks = VX_FE_ALL},                                                                         \
     {UINT64_C(0x##value), 0x##high},                                                              \
     0x##condition,                                                                                \
     0x##flags},

const struct golden float_goldens[] = {
#include "float_golden.def"
};

const int float_golden_count = (int)(sizeof float_goldens / sizeof float_goldens[0]);

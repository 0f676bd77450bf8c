/* SPDX-License-Identifier: MIT */
/* A loop that calls eight functions in turn through a table. */
#include "start.h"

#define LEAF(n)                                                                                    \
    __attribute__((noinline)) static int leaf_##n(int a)                                           \
    {                                                                                              \
        __asm__ volatile("");                                                                      \
        return a + n;                                                                              \
    }
LEAF(1)
LEAF(2)
LEAF(3)
LEAF(4)
LEAF(5)
LEAF(6)
LEAF(7)
LEAF(8)

static int (*volatile table[8])(int) = {leaf_1, leaf_2, leaf_3, leaf_4,
                                        leaf_5, leaf_6, leaf_7, leaf_8};

int run(void)
{
    int sum = 0;

    for (int i = 0; i < 400000000; i++)
        sum = table[i & 7](sum);
    return sum;
}

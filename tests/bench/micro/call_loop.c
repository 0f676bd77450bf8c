/* SPDX-License-Identifier: MIT */
/* A loop that only calls an empty function, with its arguments on the stack. */
#include "start.h"

__attribute__((noinline)) static int leaf(int a, int b)
{
    __asm__ volatile("");
    return a + b;
}

int run(void)
{
    int sum = 0;

    for (int i = 0; i < 1000000000; i++)
        sum = leaf(sum, i);
    return sum;
}

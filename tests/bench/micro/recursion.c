/* SPDX-License-Identifier: MIT */
/* Deep recursion: Fibonacci numbers. */
#include "start.h"

__attribute__((noinline)) static int fibonacci(int n)
{
    return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

int run(void)
{
    return fibonacci(42);
}

/* SPDX-License-Identifier: MIT */
/* How a micro-benchmark starts and ends: it runs, writes its result so that it is needed, and
 * exits. */
#ifndef BENCH_MICRO_START_H
#define BENCH_MICRO_START_H

int run(void);
void _start(void);

static inline int call(int number, int first, const void *second, int third)
{
    int result;

    __asm__ volatile("int $0x80"
                     : "=a"(result)
                     : "a"(number), "b"(first), "c"(second), "d"(third)
                     : "memory");
    return result;
}

/* The kernel aligns the stack as before a call, not as after one. */
__attribute__((force_align_arg_pointer)) void _start(void)
{
    int result = run();

    (void)call(4, 1, &result, sizeof result);
    (void)call(1, 0, 0, 0);
}

#endif

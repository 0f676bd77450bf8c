/* SPDX-License-Identifier: MIT */
/* Loads that wait for each other: the latency of a memory access. */
#include "start.h"

static unsigned next[4096];

int run(void)
{
    unsigned at = 0;

    for (unsigned i = 0; i < 4096; i++)
        next[i] = (i * 1237 + 11) & 4095;
    for (int i = 0; i < 600000000; i++)
        at = next[at];
    return (int)at;
}

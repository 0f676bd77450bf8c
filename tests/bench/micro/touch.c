/* SPDX-License-Identifier: MIT */
/* Writes to a mebibyte: what a decoder that used so much leaves to a reset. */
#include "start.h"

static volatile char bytes[1 << 20];

int run(void)
{
    for (unsigned i = 0; i < sizeof bytes; i += 64)
        bytes[i] = 1;
    return bytes[0];
}

/* SPDX-License-Identifier: MIT */
/* A bytecode interpreter as a switch in a loop. */
#include "start.h"

static unsigned char program[256];

static void make_program(void)
{
    unsigned random = 1;

    for (int i = 0; i < 256; i++) {
        random = random * 1103515245 + 12345;
        program[i] = (unsigned char)((random >> 16) % 10);
    }
}

int run(void)
{
    int a = 0, b = 1;

    make_program();
    for (int round = 0; round < 1500000; round++) {
        for (int i = 0; i < 256; i++) {
            switch (program[i]) {
            case 0: a += b; break;
            case 1: a ^= b; break;
            case 2: b += 3; break;
            case 3: b ^= a; break;
            case 4: a = -a; break;
            case 5: a <<= 1; break;
            case 6: b -= a; break;
            case 7: a |= 1; break;
            case 8: b *= 5; break;
            default: a -= 7;
            }
        }
    }
    return a + b;
}

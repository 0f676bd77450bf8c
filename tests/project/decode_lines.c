/* SPDX-License-Identifier: MIT */
/* Reads lines of hexadecimal bytes, prints each one's length as an instruction (0: none) and text.
 */
#include "print.h"

#include <stdio.h>
#include <string.h>

enum { BYTES_MAX = 32 };

int main(void)
{
    char line[256], text[96];

    while (fgets(line, sizeof line, stdin) != NULL) {
        uint8_t bytes[BYTES_MAX];
        size_t count = 0, nbytes;
        unsigned value;

        for (const char *p = line; count < BYTES_MAX && sscanf(p, "%2x", &value) == 1; p += 2)
            bytes[count++] = (uint8_t)value;
        nbytes = vx_disassemble(bytes, count, 0x10000, text, sizeof text);
        printf("%zu %s\n", nbytes, text);
    }
    return 0;
}

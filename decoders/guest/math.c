/* SPDX-License-Identifier: 0BSD */
/* Knows the mathematics that SSE2 has an instruction for; the rest comes from musl. */
#include <math.h>

typedef double pair __attribute__((vector_size(16)));
typedef float quad __attribute__((vector_size(16)));

double sqrt(double value)
{
    __asm__("sqrtsd %0, %0" : "+x"(value));
    return value;
}

float sqrtf(float value)
{
    __asm__("sqrtss %0, %0" : "+x"(value));
    return value;
}

long lrint(double value)
{
    return __builtin_ia32_cvtsd2si((pair){value, 0});
}

long lrintf(float value)
{
    return __builtin_ia32_cvtss2si((quad){value, 0, 0, 0});
}

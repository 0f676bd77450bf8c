/* SPDX-License-Identifier: 0BSD */
/* Prints what the guests' mathematics gives for arguments on the input: 8 bytes each, then results.
 */
#include <math.h>
#include <stddef.h>
#include <unistd.h>

static void put(double value)
{
    (void)write(STDOUT_FILENO, &value, sizeof value);
}

static void put_all(double x)
{
    double (*const functions[])(double) = {acos,  asin, atan,  cbrt, ceil,  cos,  exp,
                                           exp2,  fabs, floor, log,  log10, log2, rint,
                                           round, sin,  sqrt,  tan,  trunc};
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        put(functions[i](x));
    put(pow(x, 1.7));
    put(atan2(x, 0.3));
    put(fmod(x, 0.3));
    put(hypot(x, 3));
    put(ldexp(x, -3));
    put(lrint(x));
    put(lround(x));
}

static void put_all_floats(float x)
{
    float (*const functions[])(float) = {acosf, asinf,  atanf,  ceilf, cosf,  expf,
                                         exp2f, fabsf,  floorf, logf,  log2f, log10f,
                                         rintf, roundf, sinf,   sqrtf, tanf,  truncf};
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        put(functions[i](x));
    put(powf(x, 1.7F));
    put(atan2f(x, 0.3F));
    put(lrintf(x));
}

int main(void)
{
    double x;
    while (read(STDIN_FILENO, &x, sizeof x) == sizeof x) {
        put_all(x);
        put_all_floats((float)x);
    }
    return 0;
}

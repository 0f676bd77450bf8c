/* SPDX-License-Identifier: 0BSD */
/* Knows the mathematics of this C library: computed with SSE2, so equal on every processor. */
#ifndef GUEST_MATH_H
#define GUEST_MATH_H

typedef float float_t;
typedef double double_t;

#define HUGE_VAL  __builtin_huge_val()
#define HUGE_VALF __builtin_huge_valf()
#define INFINITY  __builtin_inff()
#define NAN       __builtin_nanf("")

#define M_E        2.7182818284590452354
#define M_LOG2E    1.4426950408889634074
#define M_LOG10E   0.43429448190325182765
#define M_LN2      0.69314718055994530942
#define M_LN10     2.30258509299404568402
#define M_PI       3.14159265358979323846
#define M_PI_2     1.57079632679489661923
#define M_PI_4     0.78539816339744830962
#define M_1_PI     0.31830988618379067154
#define M_2_PI     0.63661977236758134308
#define M_2_SQRTPI 1.12837916709551257390
#define M_SQRT2    1.41421356237309504880
#define M_SQRT1_2  0.70710678118654752440

#define FP_NAN       0
#define FP_INFINITE  1
#define FP_ZERO      2
#define FP_SUBNORMAL 3
#define FP_NORMAL    4

#define fpclassify(value)                                                                          \
    __builtin_fpclassify(FP_NAN, FP_INFINITE, FP_NORMAL, FP_SUBNORMAL, FP_ZERO, value)
#define isnan(value)    __builtin_isnan(value)
#define isinf(value)    __builtin_isinf(value)
#define isfinite(value) __builtin_isfinite(value)
#define isnormal(value) __builtin_isnormal(value)
#define signbit(value)  __builtin_signbit(value)

double acos(double value);
double asin(double value);
double atan(double value);
double atan2(double y, double x);
double cbrt(double value);
double ceil(double value);
double copysign(double magnitude, double sign);
double cos(double angle);
double exp(double value);
double exp2(double value);
double fabs(double value);
double floor(double value);
double fmax(double left, double right);
double fmin(double left, double right);
double fmod(double dividend, double divisor);
double frexp(double value, int *exponent);
double hypot(double x, double y);
double ldexp(double value, int exponent);
double log(double value);
double log10(double value);
double log2(double value);
double modf(double value, double *whole);
double pow(double base, double exponent);
double rint(double value);
double round(double value);
double scalbn(double value, int exponent);
double sin(double angle);
double sqrt(double value);
double tan(double angle);
double trunc(double value);
long lrint(double value);
long lround(double value);

float acosf(float value);
float asinf(float value);
float atanf(float value);
float atan2f(float y, float x);
float cbrtf(float value);
float ceilf(float value);
float copysignf(float magnitude, float sign);
float cosf(float angle);
float expf(float value);
float exp2f(float value);
float fabsf(float value);
float floorf(float value);
float fmaxf(float left, float right);
float fminf(float left, float right);
float fmodf(float dividend, float divisor);
float frexpf(float value, int *exponent);
float hypotf(float x, float y);
float ldexpf(float value, int exponent);
float logf(float value);
float log10f(float value);
float log2f(float value);
float modff(float value, float *whole);
float powf(float base, float exponent);
float rintf(float value);
float roundf(float value);
float scalbnf(float value, int exponent);
float sinf(float angle);
float sqrtf(float value);
float tanf(float angle);
float truncf(float value);
long lrintf(float value);
long lroundf(float value);

/* Both at once; compilers make one call of a sine and a cosine of the same angle. */
void sincos(double angle, double *sine, double *cosine);
void sincosf(float angle, float *sine, float *cosine);

#endif

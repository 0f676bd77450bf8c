/* SPDX-License-Identifier: 0BSD */
/* Knows the SSE operations that libopus asks for by the compilers' usual names. */
#ifndef OPUS_SIMD_XMMINTRIN_H
#define OPUS_SIMD_XMMINTRIN_H

typedef float __m128 __attribute__((vector_size(16)));

static inline __m128 _mm_set_ss(float value)
{
    return (__m128){value, 0, 0, 0};
}

static inline int _mm_cvt_ss2si(__m128 values)
{
    return __builtin_ia32_cvtss2si(values);
}

#endif

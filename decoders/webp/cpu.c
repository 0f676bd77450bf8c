/* SPDX-License-Identifier: 0BSD */
/* Knows which of libwebp's routines a decoder uses: those for SSE2, always. */
#include <src/dsp/dsp.h>

static int has_feature(CPUFeature feature)
{
    return feature == kSSE2;
}

VP8CPUInfo VP8GetCPUInfo = has_feature;

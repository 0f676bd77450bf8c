/* SPDX-License-Identifier: 0BSD */
/* Knows the parts of libjpeg-turbo that are left out, as this decoder never asks for them: scaled
 * pictures, less exact transforms, rough upsampling, colour tables. Each would end the program.
 */
#define JPEG_INTERNALS
#include <jinclude.h>
#include <jpeglib.h>
#include <stdlib.h>

#include <jdct.h>
#include <jsimddct.h>

#define ABSENT_TRANSFORM(name)                                                                     \
    void name(j_decompress_ptr decoder, jpeg_component_info *component, JCOEFPTR block,            \
              JSAMPARRAY output, JDIMENSION column)                                                \
    {                                                                                              \
        (void)decoder, (void)component, (void)block, (void)output, (void)column;                   \
        abort();                                                                                   \
    }

#define ABSENT_MODULE(name)                                                                        \
    void name(j_decompress_ptr decoder)                                                            \
    {                                                                                              \
        (void)decoder;                                                                             \
        abort();                                                                                   \
    }

#define ABSENT_CHOICE(name)                                                                        \
    int name(void)                                                                                 \
    {                                                                                              \
        return 0;                                                                                  \
    }

ABSENT_TRANSFORM(jpeg_idct_1x1)
ABSENT_TRANSFORM(jpeg_idct_2x2)
ABSENT_TRANSFORM(jpeg_idct_4x4)
ABSENT_TRANSFORM(jpeg_idct_ifast)
ABSENT_TRANSFORM(jpeg_idct_float)

/* With SSE2 the exact transform itself is the assembler's. */
#ifdef WITH_SIMD
ABSENT_TRANSFORM(jpeg_idct_islow)
ABSENT_TRANSFORM(jpeg_idct_3x3)
ABSENT_TRANSFORM(jpeg_idct_5x5)
ABSENT_TRANSFORM(jpeg_idct_6x6)
ABSENT_TRANSFORM(jpeg_idct_7x7)
ABSENT_TRANSFORM(jpeg_idct_9x9)
ABSENT_TRANSFORM(jpeg_idct_10x10)
ABSENT_TRANSFORM(jpeg_idct_11x11)
ABSENT_TRANSFORM(jpeg_idct_12x12)
ABSENT_TRANSFORM(jpeg_idct_13x13)
ABSENT_TRANSFORM(jpeg_idct_14x14)
ABSENT_TRANSFORM(jpeg_idct_15x15)
ABSENT_TRANSFORM(jpeg_idct_16x16)

ABSENT_CHOICE(jsimd_can_idct_2x2)
ABSENT_CHOICE(jsimd_can_idct_4x4)
ABSENT_CHOICE(jsimd_can_idct_ifast)
ABSENT_CHOICE(jsimd_can_idct_float)
ABSENT_TRANSFORM(jsimd_idct_2x2)
ABSENT_TRANSFORM(jsimd_idct_4x4)
ABSENT_TRANSFORM(jsimd_idct_ifast)
ABSENT_TRANSFORM(jsimd_idct_float)
#endif

ABSENT_MODULE(jinit_merged_upsampler)
ABSENT_MODULE(jinit_1pass_quantizer)
ABSENT_MODULE(jinit_2pass_quantizer)

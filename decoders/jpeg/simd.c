/* SPDX-License-Identifier: 0BSD */
/* Knows which of libjpeg-turbo's assembler routines a decoder calls: those for SSE2, always. */
#define JPEG_INTERNALS
#include <jinclude.h>
#include <jpeglib.h>

#include <jdct.h>
#include <jsimd.h>
#include <jsimddct.h>
#include <simd/jsimd.h>

int jsimd_can_ycc_rgb(void)
{
    return 1;
}

int jsimd_can_ycc_rgb565(void)
{
    return 0;
}

void jsimd_ycc_rgb_convert(j_decompress_ptr decoder, JSAMPIMAGE input, JDIMENSION input_row,
                           JSAMPARRAY output, int row_count)
{
    if (decoder->out_color_space == JCS_EXT_BGR)
        jsimd_ycc_extbgr_convert_sse2(decoder->output_width, input, input_row, output, row_count);
    else
        jsimd_ycc_rgb_convert_sse2(decoder->output_width, input, input_row, output, row_count);
}

void jsimd_ycc_rgb565_convert(j_decompress_ptr decoder, JSAMPIMAGE input, JDIMENSION input_row,
                              JSAMPARRAY output, int row_count)
{
    (void)decoder, (void)input, (void)input_row, (void)output, (void)row_count;
}

int jsimd_can_h2v1_upsample(void)
{
    return 1;
}

int jsimd_can_h2v2_upsample(void)
{
    return 1;
}

int jsimd_can_h2v1_fancy_upsample(void)
{
    return 1;
}

int jsimd_can_h2v2_fancy_upsample(void)
{
    return 1;
}

void jsimd_h2v1_upsample(j_decompress_ptr decoder, jpeg_component_info *component, JSAMPARRAY input,
                         JSAMPARRAY *output)
{
    (void)component;
    jsimd_h2v1_upsample_sse2(decoder->max_v_samp_factor, decoder->output_width, input, output);
}

void jsimd_h2v2_upsample(j_decompress_ptr decoder, jpeg_component_info *component, JSAMPARRAY input,
                         JSAMPARRAY *output)
{
    (void)component;
    jsimd_h2v2_upsample_sse2(decoder->max_v_samp_factor, decoder->output_width, input, output);
}

void jsimd_h2v1_fancy_upsample(j_decompress_ptr decoder, jpeg_component_info *component,
                               JSAMPARRAY input, JSAMPARRAY *output)
{
    jsimd_h2v1_fancy_upsample_sse2(decoder->max_v_samp_factor, component->downsampled_width, input,
                                   output);
}

void jsimd_h2v2_fancy_upsample(j_decompress_ptr decoder, jpeg_component_info *component,
                               JSAMPARRAY input, JSAMPARRAY *output)
{
    jsimd_h2v2_fancy_upsample_sse2(decoder->max_v_samp_factor, component->downsampled_width, input,
                                   output);
}

int jsimd_can_idct_islow(void)
{
    return 1;
}

void jsimd_idct_islow(j_decompress_ptr decoder, jpeg_component_info *component, JCOEFPTR block,
                      JSAMPARRAY output, JDIMENSION column)
{
    (void)decoder;
    jsimd_idct_islow_sse2(component->dct_table, block, output, column);
}

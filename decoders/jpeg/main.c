/* SPDX-License-Identifier: 0BSD */
/* Knows how a JPEG picture becomes a BMP file: greys as greys, all else as 24-bit colour. */
#include <image_file.h>
#include <stdio.h>

#include <jpeglib.h>

#include <jerror.h>
#include <jversion.h>

/* The library's own texts. */
#define JMESSAGE(code, text) [code] = text,
static const char *const messages[] = {
#include <jerror.h>
};

enum { DOTS_PER_CENTIMETRE = 2, CENTIMETRES = 100 };

/* The library hands back pointers to the first members. */
struct errors {
    struct jpeg_error_mgr base;
    const struct filter *filter;
};

struct input {
    struct jpeg_source_mgr base;
    struct filter *filter;
};

static _Noreturn void fail(j_common_ptr decoder)
{
    const struct errors *errors = (const struct errors *)decoder->err;
    const int *numbers = errors->base.msg_parm.i;
    char reason[JMSG_LENGTH_MAX];
    int code = errors->base.msg_code;
    if (code == JERR_BAD_PRECISION)
        snprintf(reason, sizeof reason, "unsupported: %d bits per sample, not 8", numbers[0]);
    else
        snprintf(reason, sizeof reason, messages[code], numbers[0], numbers[1], numbers[2],
                 numbers[3]);
    filter_fail(errors->filter, code == JERR_OUT_OF_MEMORY ? FILTER_NO_MEMORY : FILTER_BAD_DATA,
                reason);
}

/* A warning is a damage that the library would paint over. */
static void stop_at_warnings(j_common_ptr decoder, int level)
{
    if (level < 0)
        fail(decoder);
}

static void ignore(j_common_ptr decoder)
{
    (void)decoder;
}

static void open_errors(struct errors *errors, const struct filter *filter)
{
    *errors = (struct errors){.filter = filter};
    errors->base.error_exit = fail;
    errors->base.emit_message = stop_at_warnings;
    errors->base.output_message = ignore;
    errors->base.reset_error_mgr = ignore;
}

static void start_or_end(j_decompress_ptr decoder)
{
    (void)decoder;
}

static boolean refill(j_decompress_ptr decoder)
{
    struct input *input = (struct input *)decoder->src;
    input->base.next_input_byte = input->filter->in;
    input->base.bytes_in_buffer = filter_fill(input->filter);
    if (!input->base.bytes_in_buffer)
        filter_fail(input->filter, FILTER_BAD_DATA, "the input ends within the picture");
    return TRUE;
}

static void skip(j_decompress_ptr decoder, long nbytes)
{
    struct jpeg_source_mgr *source = decoder->src;
    size_t rest_nbytes = nbytes > 0 ? (size_t)nbytes : 0;
    while (rest_nbytes > source->bytes_in_buffer) {
        rest_nbytes -= source->bytes_in_buffer;
        (void)refill(decoder);
    }
    source->next_input_byte += rest_nbytes;
    source->bytes_in_buffer -= rest_nbytes;
}

static void open_input(struct input *input, struct filter *filter)
{
    *input = (struct input){.filter = filter};
    input->base.init_source = start_or_end;
    input->base.fill_input_buffer = refill;
    input->base.skip_input_data = skip;
    input->base.resync_to_restart = jpeg_resync_to_restart;
    input->base.term_source = start_or_end;
    input->base.next_input_byte = filter->in;
    input->base.bytes_in_buffer = filter_fill(filter);
    if (!input->base.bytes_in_buffer)
        filter_fail(filter, FILTER_BAD_DATA, "the input is empty");
}

/* Inks as Adobe stores them: 255 is no ink. */
static void put_inks(unsigned char *to, const unsigned char *inks, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++, to += 3, inks += 4) {
        to[0] = (unsigned char)((inks[2] * inks[3] + 127) / 255);
        to[1] = (unsigned char)((inks[1] * inks[3] + 127) / 255);
        to[2] = (unsigned char)((inks[0] * inks[3] + 127) / 255);
    }
}

static void decode_inks(j_decompress_ptr decoder, const struct image *image)
{
    JSAMPARRAY rows = decoder->mem->alloc_sarray((j_common_ptr)decoder, JPOOL_IMAGE,
                                                 4 * decoder->output_width, 1);
    for (uint32_t row = 0; row < image->height; row++) {
        jpeg_read_scanlines(decoder, rows, 1);
        put_inks(image_row(image, row), rows[0], image->width);
    }
}

/* Rows of one sampling unit at a time: the library then needs no copy of them. */
static void decode_rows(j_decompress_ptr decoder, const struct image *image)
{
    while (decoder->output_scanline < image->height) {
        JSAMPROW rows[4];
        JDIMENSION count = 0;
        uint32_t first = decoder->output_scanline;
        for (; count < 4 && first + count < image->height; count++)
            rows[count] = image_row(image, first + count);
        jpeg_read_scanlines(decoder, rows, count);
    }
}

static void choose_colours(j_decompress_ptr decoder)
{
    switch (decoder->jpeg_color_space) {
    case JCS_GRAYSCALE: decoder->out_color_space = JCS_GRAYSCALE; return;
    case JCS_CMYK:
    case JCS_YCCK: decoder->out_color_space = JCS_CMYK; return;
    default: decoder->out_color_space = JCS_EXT_BGR; return;
    }
}

static struct image decode(const struct filter *filter, j_decompress_ptr decoder)
{
    struct image image;
    jpeg_read_header(decoder, TRUE);
    choose_colours(decoder);
    image_open(filter, &image, decoder->image_width, decoder->image_height,
               decoder->out_color_space == JCS_GRAYSCALE ? IMAGE_GREY : IMAGE_BGR, 0);
    if (decoder->density_unit == DOTS_PER_CENTIMETRE) {
        image.x_per_metre = decoder->X_density * (uint32_t)CENTIMETRES;
        image.y_per_metre = decoder->Y_density * (uint32_t)CENTIMETRES;
    }
    jpeg_start_decompress(decoder);
    if (decoder->out_color_space == JCS_CMYK)
        decode_inks(decoder, &image);
    else
        decode_rows(decoder, &image);
    jpeg_finish_decompress(decoder);
    return image;
}

int main(int argc, char **argv)
{
    struct filter filter;
    struct errors errors;
    struct input input;
    struct jpeg_decompress_struct decoder = {0};
    (void)argv;
    filter_open(&filter, "jpeg");
    if (argc > 1)
        filter_fail(&filter, FILTER_BAD_USAGE, "usage: jpeg < encoded > decoded");
    open_errors(&errors, &filter);
    decoder.err = &errors.base;
    jpeg_create_decompress(&decoder);
    open_input(&input, &filter);
    decoder.src = &input.base;
    struct image image = decode(&filter, &decoder);
    if (input.base.bytes_in_buffer || filter_fill(&filter))
        filter_fail(&filter, FILTER_BAD_DATA, "bytes follow the end of the picture");
    image_write(&filter, &image);
    return FILTER_GOOD;
}

/* SPDX-License-Identifier: 0BSD */
/* Knows how a PNG picture becomes a BMP file, or PNM and PAM where it has 16 bits per sample. */
#include <image_file.h>
#include <png.h>
#include <string.h>

enum { DEEP = 16 };

struct input {
    struct filter *filter;
    const unsigned char *next;
    size_t nbytes;
};

static _Noreturn void fail(png_structp decoder, png_const_charp reason)
{
    const struct filter *filter = png_get_error_ptr(decoder);
    bool no_memory = strcmp(reason, "Out of memory") == 0;
    filter_fail(filter, no_memory ? FILTER_NO_MEMORY : FILTER_BAD_DATA, reason);
}

/* What the library only warns of is a damage too. */
static void stop_at_warning(png_structp decoder, png_const_charp reason)
{
    fail(decoder, reason);
}

static void read_input(png_structp decoder, png_bytep to, size_t nbytes)
{
    struct input *input = png_get_io_ptr(decoder);
    while (nbytes) {
        if (!input->nbytes) {
            input->next = input->filter->in;
            input->nbytes = filter_fill(input->filter);
            if (!input->nbytes)
                filter_fail(input->filter, FILTER_BAD_DATA, "the input ends within the picture");
        }
        size_t part_nbytes = nbytes < input->nbytes ? nbytes : input->nbytes;
        memcpy(to, input->next, part_nbytes);
        input->next += part_nbytes;
        input->nbytes -= part_nbytes;
        to += part_nbytes;
        nbytes -= part_nbytes;
    }
}

/* Chunks that the library does not know; a negative result would be an error, 1 is "seen". */
static int see_chunk(png_structp decoder, png_unknown_chunkp chunk)
{
    if (memcmp(chunk->name, "acTL", 4) == 0)
        fail(decoder, "unsupported: an animation");
    return 1;
}

static png_structp open_decoder(struct input *input)
{
    png_structp decoder =
        png_create_read_struct(PNG_LIBPNG_VER_STRING, input->filter, fail, stop_at_warning);
    if (!decoder)
        filter_fail(input->filter, FILTER_NO_MEMORY, "out of memory");
    png_set_read_fn(decoder, input, read_input);
    png_set_read_user_chunk_fn(decoder, NULL, see_chunk);
    return decoder;
}

static enum image_format deep_format(bool has_colours, bool has_alpha)
{
    if (has_colours)
        return has_alpha ? IMAGE_PAM_RGB_ALPHA : IMAGE_PPM;
    return has_alpha ? IMAGE_PAM_GREY_ALPHA : IMAGE_PGM;
}

static enum image_format flat_format(bool has_colours, bool has_alpha)
{
    if (has_alpha)
        return IMAGE_BGRA;
    return has_colours ? IMAGE_BGR : IMAGE_GREY;
}

/* Asks for samples of 8 or 16 bits, and for the order that the format has. */
static enum image_format choose_format(png_structp decoder, png_infop info)
{
    bool has_alpha = (png_get_color_type(decoder, info) & PNG_COLOR_MASK_ALPHA) ||
                     png_get_valid(decoder, info, PNG_INFO_tRNS);
    bool has_colours = png_get_color_type(decoder, info) & PNG_COLOR_MASK_COLOR;
    png_set_expand(decoder);
    if (png_get_bit_depth(decoder, info) == DEEP)
        return deep_format(has_colours, has_alpha);
    if (has_alpha && !has_colours)
        png_set_gray_to_rgb(decoder);
    png_set_bgr(decoder);
    return flat_format(has_colours, has_alpha);
}

static void read_density(png_structp decoder, png_infop info, struct image *image)
{
    png_uint_32 x_density, y_density;
    int unit;
    if (png_get_pHYs(decoder, info, &x_density, &y_density, &unit) &&
        unit == PNG_RESOLUTION_METER) {
        image->x_per_metre = x_density;
        image->y_per_metre = y_density;
    }
}

static struct image decode(const struct filter *filter, png_structp decoder)
{
    struct image image;
    png_infop info = png_create_info_struct(decoder);
    if (!info)
        filter_fail(filter, FILTER_NO_MEMORY, "out of memory");
    png_read_info(decoder, info);
    enum image_format format = choose_format(decoder, info);
    image_open(filter, &image, png_get_image_width(decoder, info),
               png_get_image_height(decoder, info), format, 0xffff);
    read_density(decoder, info, &image);
    int pass_count = png_set_interlace_handling(decoder);
    png_read_update_info(decoder, info);
    for (int pass = 0; pass < pass_count; pass++) {
        for (uint32_t row = 0; row < image.height; row++)
            png_read_row(decoder, image_row(&image, row), NULL);
    }
    png_read_end(decoder, NULL);
    return image;
}

int main(int argc, char **argv)
{
    struct filter filter;
    (void)argv;
    filter_open(&filter, "png");
    if (argc > 1)
        filter_fail(&filter, FILTER_BAD_USAGE, "usage: png < encoded > decoded");
    struct input input = {&filter, filter.in, filter_fill(&filter)};
    if (!input.nbytes)
        filter_fail(&filter, FILTER_BAD_DATA, "the input is empty");
    struct image image = decode(&filter, open_decoder(&input));
    if (input.nbytes || filter_fill(&filter))
        filter_fail(&filter, FILTER_BAD_DATA, "bytes follow the end of the picture");
    image_write(&filter, &image);
    return FILTER_GOOD;
}

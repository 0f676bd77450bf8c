/* SPDX-License-Identifier: 0BSD */
/* Knows how a GIF picture becomes a BMP file: colours, and opacity where some pixels have none. */
#include <image_file.h>
#include <stdlib.h>
#include <string.h>

#include "gif/lzw.h"

enum { COLOUR_NBYTES = 3, LITERAL_NBITS_MIN = 2, LITERAL_NBITS_MAX = 8, OPAQUE = 256 };

struct input {
    const struct filter *filter;
    unsigned char *bytes;
    size_t nbytes;
    size_t at;
};

struct palette {
    const unsigned char *colours; /* red, green, blue of each; NULL: there is none */
    unsigned count;
};

struct screen {
    uint32_t width, height;
    struct palette palette;
    unsigned transparent; /* the colour that is none, or OPAQUE */
};

/* The one picture: its place on the screen, and a byte for each pixel in the order of the file. */
struct picture {
    uint32_t left, top, width, height;
    bool is_interlaced;
    struct palette palette;
    unsigned char *pixels;
};

static _Noreturn void refuse(const struct input *input, const char *reason)
{
    filter_fail(input->filter, FILTER_BAD_DATA, reason);
}

static const unsigned char *take(struct input *input, size_t nbytes)
{
    if (nbytes > input->nbytes - input->at)
        refuse(input, "the input ends within the picture");
    const unsigned char *taken = input->bytes + input->at;
    input->at += nbytes;
    return taken;
}

static uint32_t number(const unsigned char *bytes)
{
    return bytes[0] | (uint32_t)bytes[1] << 8;
}

/* The palette that `flags` of a screen or of a picture announce. */
static struct palette take_palette(struct input *input, unsigned char flags)
{
    struct palette palette = {NULL, 0};
    if (flags & 0x80) {
        palette.count = 2U << (flags & 7);
        palette.colours = take(input, (size_t)palette.count * COLOUR_NBYTES);
    }
    return palette;
}

static struct screen take_screen(struct input *input)
{
    static const char *const names[] = {"GIF87a", "GIF89a"};
    size_t known_nbytes = input->nbytes < 6 ? input->nbytes : 6;
    if (memcmp(input->bytes, names[0], known_nbytes) != 0 &&
        memcmp(input->bytes, names[1], known_nbytes) != 0)
        refuse(input, "not a GIF file");
    const unsigned char *head = take(input, 13);
    struct screen screen = {number(head + 6), number(head + 8), {NULL, 0}, OPAQUE};
    screen.palette = take_palette(input, head[10]);
    return screen;
}

/* A row of blocks up to the empty one, moved together in place; gives their bytes. */
static const unsigned char *take_blocks(struct input *input, size_t *nbytes)
{
    unsigned char *joined = input->bytes + input->at;
    *nbytes = 0;
    for (;;) {
        size_t block_nbytes = *take(input, 1);
        if (!block_nbytes)
            return joined;
        memmove(joined + *nbytes, take(input, block_nbytes), block_nbytes);
        *nbytes += block_nbytes;
    }
}

static void take_extension(struct input *input, struct screen *screen)
{
    enum { CONTROL = 0xf9, TEXT = 0x01 };
    size_t nbytes;
    unsigned char label = *take(input, 1);
    const unsigned char *body = take_blocks(input, &nbytes);
    if (label == TEXT)
        refuse(input, "unsupported: text over the picture");
    if (label == CONTROL && nbytes >= 4)
        screen->transparent = body[0] & 1 ? body[3] : OPAQUE;
}

static void unpack(struct input *input, struct picture *picture)
{
    size_t pixel_count = (size_t)picture->width * picture->height, codes_nbytes;
    unsigned literal_nbits = *take(input, 1);
    if (literal_nbits < LITERAL_NBITS_MIN || literal_nbits > LITERAL_NBITS_MAX)
        refuse(input, "codes of such a size are unknown");
    const unsigned char *codes = take_blocks(input, &codes_nbytes);
    picture->pixels = malloc(pixel_count);
    if (!picture->pixels)
        filter_fail(input->filter, FILTER_NO_MEMORY, "out of memory");
    const char *reason =
        lzw_decode(picture->pixels, pixel_count, codes, codes_nbytes, literal_nbits);
    if (reason)
        refuse(input, reason);
    for (size_t i = 0; i < pixel_count; i++) {
        if (picture->pixels[i] >= picture->palette.count)
            refuse(input, "a pixel has a colour that is not in the palette");
    }
}

static struct picture take_picture(struct input *input, const struct screen *screen)
{
    const unsigned char *head = take(input, 9);
    struct picture picture = {
        .left = number(head),
        .top = number(head + 2),
        .width = number(head + 4),
        .height = number(head + 6),
        .is_interlaced = head[8] & 0x40,
        .palette = take_palette(input, head[8]),
    };
    if (!picture.width || !picture.height)
        refuse(input, "the picture has no pixels");
    if (!picture.palette.colours)
        picture.palette = screen->palette;
    unpack(input, &picture);
    return picture;
}

/* All blocks of the file, to its end. */
static struct picture take_all(struct input *input, struct screen *screen)
{
    enum { EXTENSION = 0x21, PICTURE = 0x2c, END = 0x3b };
    struct picture picture = {.pixels = NULL};
    for (;;) {
        switch (*take(input, 1)) {
        case EXTENSION: take_extension(input, screen); break;
        case PICTURE:
            if (picture.pixels)
                refuse(input, "unsupported: an animation");
            picture = take_picture(input, screen);
            break;
        case END:
            if (!picture.pixels)
                refuse(input, "the file has no picture");
            if (input->at < input->nbytes)
                refuse(input, "bytes follow the end of the picture");
            return picture;
        default: refuse(input, "a block of an unknown kind");
        }
    }
}

/* Interlaced: every eighth row from 0, then from 4, every fourth from 2, every other from 1. */
static uint32_t row_after(const struct picture *picture, uint32_t row)
{
    static const unsigned char starts[] = {4, 2, 1}, steps[] = {8, 8, 4, 2};
    if (!picture->is_interlaced)
        return row + 1;
    unsigned pass = row % 8 == 0 ? 0 : row % 8 == 4 ? 1 : row % 4 == 2 ? 2 : 3;
    row += steps[pass];
    while (row >= picture->height && pass < 3)
        row = starts[pass++];
    return row;
}

static void draw_row(unsigned char *to, const unsigned char *pixels, uint32_t width,
                     const struct palette *palette, unsigned transparent, unsigned step)
{
    for (uint32_t x = 0; x < width; x++, to += step) {
        const unsigned char *colour = palette->colours + (size_t)pixels[x] * COLOUR_NBYTES;
        to[0] = colour[2];
        to[1] = colour[1];
        to[2] = colour[0];
        if (step == 4)
            to[3] = pixels[x] == transparent ? 0 : UINT8_MAX;
    }
}

/* What the picture leaves free of its screen has no opacity; a screen too small for it is larger.
 */
static struct image draw(const struct input *input, const struct screen *screen,
                         const struct picture *picture)
{
    struct image image;
    uint32_t right = picture->left + picture->width, bottom = picture->top + picture->height;
    uint32_t width = screen->width > right ? screen->width : right;
    uint32_t height = screen->height > bottom ? screen->height : bottom;
    bool is_whole = picture->width == width && picture->height == height;
    unsigned step = is_whole && screen->transparent == OPAQUE ? 3 : 4;
    image_open(input->filter, &image, width, height, step == 4 ? IMAGE_BGRA : IMAGE_BGR, UINT8_MAX);
    if (!is_whole)
        memset(image.rows, 0, image.row_nbytes * height);
    const unsigned char *pixels = picture->pixels;
    uint32_t row = 0;
    for (uint32_t i = 0; i < picture->height; i++, row = row_after(picture, row)) {
        draw_row(image_row(&image, picture->top + row) + (size_t)picture->left * step, pixels,
                 picture->width, &picture->palette, screen->transparent, step);
        pixels += picture->width;
    }
    return image;
}

int main(int argc, char **argv)
{
    struct filter filter;
    (void)argv;
    filter_open(&filter, "gif");
    if (argc > 1)
        filter_fail(&filter, FILTER_BAD_USAGE, "usage: gif < encoded > decoded");
    struct input input = {.filter = &filter};
    input.bytes = filter_read_all(&filter, &input.nbytes);
    struct screen screen = take_screen(&input);
    struct picture picture = take_all(&input, &screen);
    struct image image = draw(&input, &screen, &picture);
    image_write(&filter, &image);
    return FILTER_GOOD;
}

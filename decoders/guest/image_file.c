/* SPDX-License-Identifier: 0BSD */
/* Knows how a picture becomes a file: BMP, PGM, PPM or PAM. */
#include <image_file.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    FILE_HEADER_NBYTES = 14,
    PLAIN_HEADER_NBYTES = 40,  /* BITMAPINFOHEADER */
    ALPHA_HEADER_NBYTES = 108, /* BITMAPV4HEADER */
    GREY_COUNT = 256,
    BITFIELDS = 3, /* the colours' places are given by masks */
    SRGB = 0x73524742,
    READ_STEP_NBYTES = 1 << 20,
};

static const unsigned char bits_per_pixel[] = {
    [IMAGE_GREY] = 8,           [IMAGE_BGR] = 24, [IMAGE_BGRA] = 32,
    [IMAGE_PGM] = 16,           [IMAGE_PPM] = 48, [IMAGE_PAM_GREY_ALPHA] = 32,
    [IMAGE_PAM_RGB_ALPHA] = 64,
};

static bool is_bmp(const struct image *image)
{
    return image->format <= IMAGE_BGRA;
}

void image_open(const struct filter *filter, struct image *image, uint32_t width, uint32_t height,
                enum image_format format, unsigned largest)
{
    *image = (struct image){.width = width, .height = height, .format = format, .largest = largest};
    if (!width || !height || width > INT32_MAX || height > INT32_MAX)
        filter_fail(filter, FILTER_BAD_DATA, "the picture has no valid size");
    uint64_t row_nbytes = (uint64_t)width * bits_per_pixel[format] / 8;
    if (is_bmp(image))
        row_nbytes = (row_nbytes + 3) / 4 * 4;
    /* Also the limit of what a BMP file's header can say. */
    if (row_nbytes > INT32_MAX / height)
        filter_fail(filter, FILTER_NO_MEMORY, "the picture is too large");
    image->row_nbytes = (size_t)row_nbytes;
    image->rows = malloc(image->row_nbytes * height);
    if (!image->rows)
        filter_fail(filter, FILTER_NO_MEMORY, "out of memory");
}

unsigned char *image_row(const struct image *image, uint32_t row)
{
    uint32_t index = is_bmp(image) ? image->height - 1 - row : row;
    return image->rows + index * image->row_nbytes;
}

static unsigned char *put_u16(unsigned char *to, uint32_t value)
{
    to[0] = (unsigned char)value;
    to[1] = (unsigned char)(value >> 8);
    return to + 2;
}

static unsigned char *put_u32(unsigned char *to, uint32_t value)
{
    return put_u16(put_u16(to, value), value >> 16);
}

static unsigned char *put_file_header(unsigned char *to, const struct image *image,
                                      uint32_t headers_nbytes)
{
    *to++ = 'B';
    *to++ = 'M';
    to = put_u32(to, headers_nbytes + (uint32_t)(image->height * image->row_nbytes));
    to = put_u32(to, 0);
    return put_u32(to, headers_nbytes);
}

/* The part that all versions have, of `nbytes` with what follows. */
static unsigned char *put_plain_header(unsigned char *to, const struct image *image,
                                       uint32_t nbytes)
{
    to = put_u32(to, nbytes);
    to = put_u32(to, image->width);
    to = put_u32(to, image->height);
    to = put_u16(to, 1); /* planes */
    to = put_u16(to, bits_per_pixel[image->format]);
    to = put_u32(to, image->format == IMAGE_BGRA ? BITFIELDS : 0);
    to = put_u32(to, 0); /* the pixels' size, where it follows from width and height */
    to = put_u32(to, image->x_per_metre);
    to = put_u32(to, image->y_per_metre);
    to = put_u32(to, image->format == IMAGE_GREY ? GREY_COUNT : 0);
    return put_u32(to, 0);
}

static unsigned char *put_masks(unsigned char *to)
{
    to = put_u32(to, 0x00ff0000); /* red */
    to = put_u32(to, 0x0000ff00);
    to = put_u32(to, 0x000000ff);
    to = put_u32(to, 0xff000000); /* opacity */
    to = put_u32(to, SRGB);
    memset(to, 0, 48); /* end points and gammas: unused with sRGB */
    return to + 48;
}

static unsigned char *put_greys(unsigned char *to)
{
    for (uint32_t grey = 0; grey < GREY_COUNT; grey++)
        to = put_u32(to, grey * 0x010101);
    return to;
}

void image_write_bytes(const struct filter *filter, const unsigned char *bytes, size_t nbytes)
{
    while (nbytes) {
        ssize_t part_nbytes = write(STDOUT_FILENO, bytes, nbytes);
        if (part_nbytes <= 0)
            filter_fail(filter, FILTER_BAD_IO, "cannot write the output");
        bytes += part_nbytes;
        nbytes -= (size_t)part_nbytes;
    }
}

static void clear_padding(const struct image *image)
{
    size_t used_nbytes = (size_t)image->width * bits_per_pixel[image->format] / 8;
    if (used_nbytes == image->row_nbytes)
        return;
    for (uint32_t row = 0; row < image->height; row++)
        memset(image_row(image, row) + used_nbytes, 0, image->row_nbytes - used_nbytes);
}

static size_t put_text_header(char *to, size_t room_nbytes, const struct image *image)
{
    static const char pnm[] = "P%c\n%u %u\n%u\n";
    static const char pam[] = "P7\nWIDTH %u\nHEIGHT %u\nDEPTH %u\nMAXVAL %u\nTUPLTYPE %s\nENDHDR\n";
    if (image->format == IMAGE_PGM || image->format == IMAGE_PPM)
        return (size_t)snprintf(to, room_nbytes, pnm, image->format == IMAGE_PGM ? '5' : '6',
                                (unsigned)image->width, (unsigned)image->height, image->largest);
    bool has_colours = image->format == IMAGE_PAM_RGB_ALPHA;
    return (size_t)snprintf(to, room_nbytes, pam, (unsigned)image->width, (unsigned)image->height,
                            has_colours ? 4U : 2U, image->largest,
                            has_colours ? "RGB_ALPHA" : "GRAYSCALE_ALPHA");
}

static size_t put_bmp_headers(unsigned char *start, const struct image *image)
{
    bool has_alpha = image->format == IMAGE_BGRA;
    uint32_t header_nbytes = has_alpha ? ALPHA_HEADER_NBYTES : PLAIN_HEADER_NBYTES;
    uint32_t table_nbytes = image->format == IMAGE_GREY ? 4 * GREY_COUNT : 0;
    unsigned char *to =
        put_file_header(start, image, FILE_HEADER_NBYTES + header_nbytes + table_nbytes);
    to = put_plain_header(to, image, header_nbytes);
    if (has_alpha)
        to = put_masks(to);
    if (table_nbytes)
        to = put_greys(to);
    return (size_t)(to - start);
}

void image_write(const struct filter *filter, const struct image *image)
{
    unsigned char headers[FILE_HEADER_NBYTES + ALPHA_HEADER_NBYTES + 4 * GREY_COUNT];
    size_t nbytes;
    if (is_bmp(image)) {
        nbytes = put_bmp_headers(headers, image);
        clear_padding(image);
    } else {
        nbytes = put_text_header((char *)headers, sizeof headers, image);
    }
    image_write_bytes(filter, headers, nbytes);
    image_write_bytes(filter, image->rows, image->height * image->row_nbytes);
}

unsigned char *image_read_all(const struct filter *filter, size_t *nbytes)
{
    unsigned char *block = NULL;
    size_t room_nbytes = 0;
    ssize_t part_nbytes;
    *nbytes = 0;
    do {
        if (*nbytes == room_nbytes) {
            room_nbytes += room_nbytes / 2 + READ_STEP_NBYTES;
            block = realloc(block, room_nbytes);
            if (!block)
                filter_fail(filter, FILTER_NO_MEMORY, "out of memory");
        }
        part_nbytes = read(STDIN_FILENO, block + *nbytes, room_nbytes - *nbytes);
        if (part_nbytes < 0)
            filter_fail(filter, FILTER_BAD_IO, "cannot read the input");
        *nbytes += (size_t)part_nbytes;
    } while (part_nbytes);
    if (!*nbytes)
        filter_fail(filter, FILTER_BAD_DATA, "the input is empty");
    return block;
}

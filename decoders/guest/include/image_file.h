/* SPDX-License-Identifier: 0BSD */
/* Knows the decoded form of a picture: BMP, or PNM and PAM where a sample has more than 8 bits. */
#ifndef GUEST_IMAGE_FILE_H
#define GUEST_IMAGE_FILE_H

#include <filter.h>
#include <stdint.h>

/* The samples of a pixel, and the file they are in. */
enum image_format {
    IMAGE_GREY, /* BMP, 8 bits, with a table of 256 greys */
    IMAGE_BGR,  /* BMP, 24 bits: blue, green, red */
    IMAGE_BGRA, /* BMP, 32 bits: the same and opacity (not multiplied); a header of version 4 */
    IMAGE_PGM,  /* samples of 16 bits, the larger byte first, in this and all that follow */
    IMAGE_PPM,  /* red, green, blue */
    IMAGE_PAM_GREY_ALPHA, /* grey, opacity */
    IMAGE_PAM_RGB_ALPHA,  /* red, green, blue, opacity */
};

struct image {
    uint32_t width, height;
    enum image_format format;
    unsigned largest;                  /* sample, where they have 16 bits */
    uint32_t x_per_metre, y_per_metre; /* pixels; 0: unknown; BMP only */
    size_t row_nbytes;                 /* a multiple of 4 in BMP */
    unsigned char *rows;               /* height * row_nbytes, the bottom row first in BMP */
};

/* Room for a picture; its size is given from outside and may be anything. */
void image_open(const struct filter *filter, struct image *image, uint32_t width, uint32_t height,
                enum image_format format, unsigned largest);

/* The pixels of a row counted from the top. */
unsigned char *image_row(const struct image *image, uint32_t row);

/* Writes the whole file. */
void image_write(const struct filter *filter, const struct image *image);

/* Writes bytes that are not in the filter's buffer. */
void image_write_bytes(const struct filter *filter, const unsigned char *bytes, size_t nbytes);

/* All of the input in one block, for libraries that want to jump about in it. */
unsigned char *image_read_all(const struct filter *filter, size_t *nbytes);

#endif

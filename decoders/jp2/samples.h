/* SPDX-License-Identifier: 0BSD */
/* Knows how openjpeg's components become the pixels of an image. */
#ifndef JP2_SAMPLES_H
#define JP2_SAMPLES_H

#include <image_file.h>
#include <openjpeg.h>

/* Ends the program where the picture has components that no image can hold. */
struct image jp2_to_image(const struct filter *filter, const opj_image_t *picture);

#endif

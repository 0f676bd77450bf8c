/* SPDX-License-Identifier: 0BSD */
/* Knows how to tell a JPEG 2000 file, with boxes or without, and whether it is whole. */
#ifndef JP2_BOXES_H
#define JP2_BOXES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Both are also true of a start too short to tell. */
bool jp2_is_codestream(const unsigned char *bytes, size_t nbytes);
bool jp2_is_file(const unsigned char *bytes, size_t nbytes);

/* NULL, or why the input does not end where the file does. */
const char *jp2_check_end(const unsigned char *bytes, size_t nbytes);

#endif

/* SPDX-License-Identifier: MIT */
/* What a stream's terminal can do, if it is one: colour, and how wide it is. */
#ifndef VXA_TERMINAL_H
#define VXA_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum vxa_colour { VXA_COLOUR_BAD = 31, VXA_COLOUR_GOOD = 32, VXA_COLOUR_WARNING = 33 };

/*
 * Prints the text in this colour if the stream is a terminal that shows colours and nobody has
 * forbidden them: by NO_COLOR, which is set and not empty (no-color.org).
 */
void vxa_colour_begin(FILE *stream, enum vxa_colour colour);
void vxa_colour_end(FILE *stream);

bool vxa_is_terminal(FILE *stream);

/* Columns of the terminal; 80 where that is not known. */
size_t vxa_terminal_width(FILE *stream);

#endif

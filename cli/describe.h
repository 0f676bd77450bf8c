/* SPDX-License-Identifier: MIT */
/* A table of options in the languages of the manual and of shells. */
#ifndef VXA_DESCRIBE_H
#define VXA_DESCRIBE_H

#include "options.h"

/* The forms there are, for the row of the option that asks for one. */
#define VXA_DESCRIBE_FORMS "man-options man-status bash zsh fish"

/*
 * Writes the table as `form`: the options, or the exit statuses, as a part of a manual page in
 * mdoc, or a completion for a shell. False if there is no such form.
 */
bool vxa_options_describe(const struct vxa_option_table *table, const char *form, FILE *stream);

#endif

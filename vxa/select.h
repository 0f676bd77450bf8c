/* SPDX-License-Identifier: MIT */
/* Which members the command line means. */
#ifndef VXA_SELECT_H
#define VXA_SELECT_H

#include "zip_read.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Without patterns all members are meant; an archive's own members (its decoders, and the text
 * that explains them) only when `with_own` is set. A pattern means every member that it matches,
 * these too. What an exclusion matches is never meant.
 */
struct vxa_selection {
    const char *const *patterns;
    size_t pattern_count;
    const char *const *exclusions;
    size_t exclusion_count;
    bool with_own;
    bool has_decoders; /* set by vxa_selection_begin() */
    bool *matched;     /* one for each pattern: whether a member matched it */
};

/* Reads the public fields, fills the others. False when out of memory. */
bool vxa_selection_begin(struct vxa_selection *selection, const struct zip_archive *archive);
void vxa_selection_end(struct vxa_selection *selection);

bool vxa_selection_has(struct vxa_selection *selection, const struct zip_member *member);

#endif

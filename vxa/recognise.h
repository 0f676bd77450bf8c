/* SPDX-License-Identifier: MIT */
/* Which files are coded already, by what codec, and what their decoded form is called. */
#ifndef VXA_RECOGNISE_H
#define VXA_RECOGNISE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* So many first bytes of a file are enough for every recogniser. */
enum { VXA_HEAD_NBYTES = 4096 };

/* One row of the table. */
struct vxa_recogniser {
    const char *codec;                                     /* the decoder's name */
    const char *argument;                                  /* for the decoder, or "" */
    bool (*is_likely)(const uint8_t *head, size_t nbytes); /* NULL: the content tells nothing */
    const char *endings;    /* of names, each between two spaces, such as " .br " */
    bool needs_ending;      /* the content alone tells too little */
    const char *coded_type; /* media types */
    const char *decoded_type;
    const char *decoded_suffix; /* NULL: what stands in front of the ending, as in "a.tar.gz" */
};

/* The row that a file belongs to, or NULL. */
const struct vxa_recogniser *vxa_recognise(const char *name, const uint8_t *head, size_t nbytes);

/* The suffix for the decoded form of a file of this name, whose first bytes are `head`. */
void vxa_decoded_suffix(const struct vxa_recogniser *recogniser, const char *name,
                        const uint8_t *head, size_t nbytes, char suffix[32]);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The text of .vxa/decoders.txt: what each decoder of an archive is made of.
 *
 * It consists of sections with an empty line between two of them, a section of lines "key: value".
 * The first lines are decoder, size and sha256; what follows comes from the decoder's build.
 */
#ifndef VXA_PROVENANCE_H
#define VXA_PROVENANCE_H

#include "decoder_store.h"
#include "failure.h"

struct zip_archive;

#define VXA_DECODERS_NAME ".vxa/decoders.txt"

/* A text that grows; begins all zero. */
struct vxa_text {
    char *bytes;
    size_t nbytes, room_nbytes;
};

void vxa_text_free(struct vxa_text *text);

/* A part of a text. */
struct vxa_section {
    const char *bytes; /* NULL: there is none */
    size_t nbytes;
};

/* The section of the decoder with this hash. */
struct vxa_section vxa_provenance_find(const char *text, size_t nbytes,
                                       const uint8_t sha256[VXA_HASH_NBYTES]);

/* The next line of a section, without its end; false after the last. */
bool vxa_section_line(struct vxa_section *section, struct vxa_section *line);

/* Appends a section that is there already. */
bool vxa_provenance_copy(struct vxa_text *text, struct vxa_section section,
                         struct vxa_failure *failure);

/* Appends a new one. `member` and `licence` are names in the archive, `made_of` the build's lines;
 * the latter two may be NULL. */
bool vxa_provenance_add(struct vxa_text *text, const struct vxa_decoder *decoder,
                        const char *member, const char *licence, const char *made_of,
                        struct vxa_failure *failure);

/* The text of a stored member of the archive's own, at most 1 MiB, to be freed; NULL if there is
 * none that is whole. */
char *vxa_own_text(struct zip_archive *archive, const char *name, size_t *nbytes);

#endif

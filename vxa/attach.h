/* SPDX-License-Identifier: MIT */
/* The archive's own members: decoders, and the texts about them. */
#ifndef VXA_ATTACH_H
#define VXA_ATTACH_H

#include "decoder_store.h"
#include "failure.h"
#include "zip_read.h"
#include "zip_write.h"

#define VXA_README_NAME ".vxa/README.txt"
#define VXA_READER_NAME ".vxa/vxread.c"

/* Room for the name of a decoder's member. */
enum { VXA_OWN_NAME_NBYTES = 128 };

/* `.vxa/<codec>-<16 hex><suffix>`, the suffix being ".elf" or ".licence". */
void vxa_own_name(const struct vxa_decoder *decoder, const char *suffix,
                  char name[VXA_OWN_NAME_NBYTES]);

/* Whether a member is a decoder or one of the texts about them. */
bool vxa_member_is_own(const struct zip_member *member);

/* Writes `.vxa/<codec>-<16 hex>.elf`. */
bool vxa_attach_decoder(struct zip_writer *writer, const struct vxa_decoder *decoder,
                        struct vxa_failure *failure);

/* Writes a text, stored. */
bool vxa_attach_text(struct zip_writer *writer, const char *name, const char *text, size_t nbytes,
                     struct vxa_failure *failure);

/* Writes `.vxa/README.txt`, and what makes an archive self-contained if that is wanted. */
bool vxa_attach_readme(struct zip_writer *writer, bool self_contained, struct vxa_failure *failure);

#endif

/* SPDX-License-Identifier: MIT */
/* A member that was packed by another program gets the decoder that was seen to decode it. */
#ifndef VXA_ADOPT_H
#define VXA_ADOPT_H

#include "coders.h"
#include "decode.h"
#include "spool.h"

struct vxa_adopter {
    struct zip_archive *archive;
    struct vxa_coders *coders;
    struct vxa_decoding *decoding; /* with the same decoders */
    struct vxa_spool *spool;       /* left as it is found */
    struct vxa_interrupt *interrupt;
};

/* The VXA block that a member gets, with its field's header; to be freed. */
struct vxa_adoption {
    uint8_t *block; /* NULL: none */
    size_t block_nbytes;
    uint8_t sha256[VXA_HASH_NBYTES];
    const char *codec;
};

/*
 * Decodes the member in the sandbox. With true and no block, none is needed: it is stored as it is,
 * or has one. False with the reason if it has to stay without: no decoder for its method, or the
 * decoder does not give what its headers say.
 */
bool vxa_adopt(const struct vxa_adopter *adopter, const struct zip_member *member,
               struct vxa_adoption *adoption, struct vxa_failure *failure);

#endif

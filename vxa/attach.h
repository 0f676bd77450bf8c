/* SPDX-License-Identifier: MIT */
/* The archive's own members: decoders, and the text that explains them. */
#ifndef VXA_ATTACH_H
#define VXA_ATTACH_H

#include "decoder_store.h"
#include "failure.h"
#include "zip_write.h"

#define VXA_README_NAME ".vxa/README.txt"

/* Writes `.vxa/<codec>-<16 hex>.elf`. */
bool vxa_attach_decoder(struct zip_writer *writer, const struct vxa_decoder *decoder,
                        struct vxa_failure *failure);

/* Writes `.vxa/README.txt`. */
bool vxa_attach_readme(struct zip_writer *writer, struct vxa_failure *failure);

#endif

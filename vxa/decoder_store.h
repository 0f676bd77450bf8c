/* SPDX-License-Identifier: MIT */
/* Finds decoders by hash or by codec name: in an archive, in folders, in the installation. */
#ifndef VXA_DECODER_STORE_H
#define VXA_DECODER_STORE_H

#include "failure.h"
#include "vxa_block.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The bytes of one decoder's ELF; the store owns them. */
struct vxa_decoder {
    char name[64]; /* codec name, such as "zstd" */
    uint8_t sha256[VXA_HASH_NBYTES];
    const uint8_t *elf;
    size_t elf_nbytes;
};

struct vxa_decoder_store;
struct zip_archive;

/*
 * `archive` may be NULL (no archive: packing, or ordinary ZIPs); `folder` is the user's folder of
 * decoders or NULL. The installed decoders are looked for relative to the program: ../decoders,
 * then ../lib/vxa/decoders.
 */
struct vxa_decoder_store *vxa_decoder_store_new(struct zip_archive *archive, const char *folder);
void vxa_decoder_store_free(struct vxa_decoder_store *store);

/*
 * Decoders may be asked for by several threads at a time. By hash: members of the archive of kind
 * 2, then `folder`, then the installation. What it answers has the hash; it reads and inflates each
 * decoder once, up to 16 MiB. NULL with VXA_FAILURE_NO_DECODER, or with what is wrong with the one
 * in the archive.
 */
const struct vxa_decoder *vxa_decoder_by_hash(struct vxa_decoder_store *store,
                                              const uint8_t sha256[VXA_HASH_NBYTES],
                                              struct vxa_failure *failure);

/* By codec name: NAME.elf in `folder`, then in the installation. NULL with NO_DECODER. */
const struct vxa_decoder *vxa_decoder_by_name(struct vxa_decoder_store *store, const char *name,
                                              struct vxa_failure *failure);

/*
 * The text in the file beside a decoder that was found in a folder, such as zstd.licence beside
 * zstd.elf, to be freed; NULL if there is none, or if the decoder came from an archive.
 */
char *vxa_decoder_text(const struct vxa_decoder_store *store, const struct vxa_decoder *decoder,
                       const char *suffix, size_t *nbytes);

#endif

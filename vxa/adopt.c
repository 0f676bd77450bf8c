/* SPDX-License-Identifier: MIT */
/* How a member is decoded for the first time, and what its block then says. */
#include "adopt.h"
#include "encode_input.h"
#include "method_name.h"
#include "zip_format.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { CHUNK_NBYTES = 64 * 1024 };

static bool take_nothing(void *context, const void *bytes, size_t nbytes)
{
    (void)context;
    (void)bytes;
    (void)nbytes;
    return true;
}

/* The block, as if we had packed the member ourselves. */
static bool build(const struct vxa_encoded *encoded, struct vxa_adoption *adoption,
                  struct vxa_failure *failure)
{
    struct vxa_block *block = malloc(sizeof(*block));
    uint8_t *bytes = malloc(VXA_BLOCK_MAX_NBYTES);

    if (!block || !bytes || !vxa_encoded_block(encoded, block)) {
        free(block);
        free(bytes);
        return vxa_fail(failure, VXA_FAILURE_MEMORY, "out of memory");
    }
    adoption->block = bytes;
    adoption->block_nbytes = vxa_block_build(block, bytes, VXA_BLOCK_MAX_NBYTES);
    memcpy(adoption->sha256, encoded->decoder->sha256, VXA_HASH_NBYTES);
    adoption->codec = encoded->codec ? encoded->codec->name : encoded->attachment.recogniser->codec;
    free(block);
    return true;
}

/* A member of a method that a codec stands for. */
static bool adopt_method(const struct vxa_adopter *adopter, const struct zip_member *member,
                         struct vxa_adoption *adoption, struct vxa_failure *failure)
{
    struct vxa_encoded encoded = {.codec = vxa_codec_by_method(member->method)};
    struct vxa_sink nowhere = {take_nothing, NULL};
    const char *name = vxa_method_name(member->method);

    if (!encoded.codec)
        return vxa_fail(failure, VXA_FAILURE_UNSUPPORTED, "no decoder for its method, %s",
                        name ? name : "which is unknown");
    encoded.decoder = vxa_coders_decoder(adopter->coders, encoded.codec->name, failure);
    return encoded.decoder &&
           vxa_decode_member(adopter->decoding, member, VXA_FORM_MEMBER, nowhere, failure) &&
           build(&encoded, adoption, failure);
}

/* Copies a stored member to the spool's end, and looks whether it is what its CRC-32 says. */
static bool copy_to_spool(const struct vxa_adopter *adopter, const struct zip_member *member,
                          struct vxa_failure *failure)
{
    uint8_t *chunk = malloc(CHUNK_NBYTES);
    uint32_t crc32 = 0;
    ptrdiff_t count = -1;

    if (!chunk)
        return vxa_fail(failure, VXA_FAILURE_MEMORY, "out of memory");
    for (uint64_t off = 0; off < member->compressed_size; off += (uint64_t)count) {
        count = zip_member_read(adopter->archive, member, off, chunk, CHUNK_NBYTES, failure);
        if (count <= 0)
            break;
        crc32 = (uint32_t)crc32_z(crc32, chunk, (size_t)count);
        if (!vxa_spool_write(adopter->spool, chunk, (size_t)count)) {
            *failure = adopter->spool->failure;
            count = -1;
            break;
        }
    }
    free(chunk);
    if (count < 0)
        return false;
    return (count > 0 && crc32 == member->crc32) ||
           vxa_fail(failure, VXA_FAILURE_DATA, "its data is damaged: the CRC-32 is wrong");
}

/* Decodes the file that now lies in the spool. */
static bool attach(const struct vxa_adopter *adopter, const struct zip_member *member,
                   const struct vxa_recogniser *recogniser, uint64_t spool_off,
                   struct vxa_adoption *adoption, struct vxa_failure *failure)
{
    struct vxa_spool_range coded = {adopter->spool, spool_off, spool_off + member->size};
    struct vxa_encoded encoded = {.codec = NULL};

    encoded.decoder = vxa_coders_decoder(adopter->coders, recogniser->codec, failure);
    struct vxa_sandbox *sandbox =
        encoded.decoder
            ? vxa_coders_sandbox(adopter->coders, encoded.decoder, recogniser->argument, failure)
            : NULL;

    return sandbox &&
           vxa_attach(sandbox, recogniser, member->name, coded, adopter->interrupt,
                      &encoded.attachment, failure) &&
           build(&encoded, adoption, failure);
}

/* A stored member: of interest only if it was coded already. */
static bool adopt_stored(const struct vxa_adopter *adopter, const struct zip_member *member,
                         struct vxa_adoption *adoption, struct vxa_failure *failure)
{
    uint8_t head[VXA_HEAD_NBYTES];
    ptrdiff_t count = zip_member_read(adopter->archive, member, 0, head, sizeof(head), failure);

    if (count < 0)
        return false;
    const struct vxa_recogniser *recogniser = vxa_recognise(member->name, head, (size_t)count);

    if (!recogniser)
        return true;
    uint64_t spool_off = adopter->spool->nbytes;
    bool ok = copy_to_spool(adopter, member, failure) &&
              attach(adopter, member, recogniser, spool_off, adoption, failure);

    return vxa_spool_truncate(adopter->spool, spool_off) && ok;
}

bool vxa_adopt(const struct vxa_adopter *adopter, const struct zip_member *member,
               struct vxa_adoption *adoption, struct vxa_failure *failure)
{
    *adoption = (struct vxa_adoption){NULL, 0, {0}, NULL};
    if (member->block_result != VXA_BLOCK_ABSENT || member->size == 0)
        return true;
    if (!zip_member_check(adopter->archive, member, failure))
        return false;
    return (member->method == ZIP_METHOD_STORE ? adopt_stored : adopt_method)(adopter, member,
                                                                              adoption, failure);
}

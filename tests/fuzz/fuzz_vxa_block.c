/* SPDX-License-Identifier: MIT */
/* Fuzz target: of any extra field, a block that is used is whole, harmless and can be built again.
 */
#include "vxa_block.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t nbytes);

static void demand(bool is_true)
{
    if (!is_true)
        abort();
}

static void check_text(const char *text, size_t room)
{
    size_t length = strnlen(text, room);

    demand(length < room);
    for (size_t i = 0; i < length; i++)
        demand(text[i] >= 0x20 && text[i] <= 0x7e);
}

static void check_values(const struct vxa_block *block)
{
    demand(block->kind == VXA_BLOCK_MEMBER || block->kind == VXA_BLOCK_DECODER);
    demand((block->flags & ~(VXA_FLAG_DECODER_REQUIRED | VXA_FLAG_ORIGINAL_CODED)) == 0);
    check_text(block->decoded_media_type, sizeof block->decoded_media_type);
    check_text(block->decoded_suffix, sizeof block->decoded_suffix);
    check_text(block->encoded_media_type, sizeof block->encoded_media_type);
    check_text(block->codec, sizeof block->codec);
    demand(!strchr(block->decoded_suffix, '/'));
    demand(block->arguments_nbytes <= VXA_ARGUMENTS_MAX_NBYTES);
    demand(block->arguments[block->arguments_nbytes] == '\0');
}

static void check_equal(const struct vxa_block *a, const struct vxa_block *b)
{
    demand(a->kind == b->kind && a->flags == b->flags);
    demand(memcmp(a->decoder_sha256, b->decoder_sha256, VXA_HASH_NBYTES) == 0);
    demand(a->has_decoded_size == b->has_decoded_size && a->decoded_size == b->decoded_size);
    demand(a->has_decoded_crc32 == b->has_decoded_crc32 && a->decoded_crc32 == b->decoded_crc32);
    demand(a->has_peak_memory == b->has_peak_memory &&
           a->peak_memory_nbytes == b->peak_memory_nbytes);
    demand(a->has_instruction_count == b->has_instruction_count &&
           a->instruction_count == b->instruction_count);
    demand(strcmp(a->decoded_media_type, b->decoded_media_type) == 0);
    demand(strcmp(a->decoded_suffix, b->decoded_suffix) == 0);
    demand(strcmp(a->encoded_media_type, b->encoded_media_type) == 0);
    demand(strcmp(a->codec, b->codec) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t nbytes)
{
    uint8_t built[VXA_BLOCK_MAX_NBYTES];
    struct vxa_block block, again;
    size_t built_nbytes;

    if (vxa_block_find(data, nbytes, &block) != VXA_BLOCK_OK)
        return 0;
    check_values(&block);
    built_nbytes = vxa_block_build(&block, built, sizeof built);
    demand(built_nbytes > 0);
    demand(vxa_block_find(built, built_nbytes, &again) == VXA_BLOCK_OK);
    check_equal(&block, &again);
    return 0;
}

/* SPDX-License-Identifier: MIT */
/* The VXA extra field (id 0x5856) of docs/format.md: its meaning, parsing and building. */
#ifndef VXA_BLOCK_H
#define VXA_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { VXA_EXTRA_ID = 0x5856, VXA_HASH_NBYTES = 32, VXA_BLOCK_MAX_NBYTES = 5000 };
enum { VXA_ARGUMENTS_MAX_NBYTES = 4096 };

enum vxa_block_kind { VXA_BLOCK_MEMBER = 1, VXA_BLOCK_DECODER = 2 };

enum vxa_block_flag {
    VXA_FLAG_DECODER_REQUIRED = 1, /* the method tag is VXA's own */
    VXA_FLAG_ORIGINAL_CODED = 2,   /* the content is an already coded file; decoding is optional */
};

/* A parsed block. Texts are NUL-terminated; absent items have `has_...` false or an empty text. */
struct vxa_block {
    enum vxa_block_kind kind;
    uint8_t flags;
    uint8_t decoder_sha256[VXA_HASH_NBYTES];
    bool has_decoded_size, has_decoded_crc32, has_peak_memory, has_instruction_count;
    uint64_t decoded_size;
    uint32_t decoded_crc32;
    uint64_t peak_memory_nbytes;
    uint64_t instruction_count;
    char decoded_media_type[128];
    char decoded_suffix[32];
    char encoded_media_type[128];
    char codec[128];           /* name and version */
    uint16_t arguments_nbytes; /* NUL-separated, without a last NUL; 0 = none */
    char arguments[VXA_ARGUMENTS_MAX_NBYTES + 1];
};

enum vxa_block_result {
    VXA_BLOCK_ABSENT,   /* no field with this id */
    VXA_BLOCK_OK,       /* *block is filled */
    VXA_BLOCK_UNUSABLE, /* damaged, doubled, of another version, or with an unknown obligation */
};

/* Looks for the block in a whole extra field (a sequence of id, length, data). Never over-reads. */
enum vxa_block_result vxa_block_find(const uint8_t *extra, size_t extra_nbytes,
                                     struct vxa_block *block);

/* Writes the block with its 4-byte field header; returns its size, or 0 if it does not fit. */
size_t vxa_block_build(const struct vxa_block *block, uint8_t *buffer, size_t buffer_nbytes);

#endif

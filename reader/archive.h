/* SPDX-License-Identifier: MIT */
/* The members of a ZIP archive that lies in memory whole. */
#ifndef VXA_READER_ARCHIVE_H
#define VXA_READER_ARCHIVE_H

#include "vxa_block.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { READER_NAME_MAX_NBYTES = 4096 };

struct reader_member {
    char name[READER_NAME_MAX_NBYTES + 1];
    unsigned flags, method, unix_mode;
    uint32_t crc32;
    uint64_t size, compressed_size;
    const uint8_t *data; /* compressed_size bytes; NULL: `problem` says why */
    const char *problem;
    enum vxa_block_result block_result;
    struct vxa_block block;
};

/* A place in the central directory; to be copied freely. */
struct reader_archive {
    const uint8_t *bytes; /* from the archive's own start */
    size_t data_end;
    size_t directory_off, directory_end;
    uint64_t entry_count;
};

/* NULL, or what is wrong with the archive as a whole. */
const char *reader_open(struct reader_archive *archive, const uint8_t *bytes, size_t nbytes);

/* Takes the next member; false at the end, with *problem set if the directory is damaged. */
bool reader_next(struct reader_archive *archive, struct reader_member *member,
                 const char **problem);

#endif

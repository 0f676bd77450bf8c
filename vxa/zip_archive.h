/* SPDX-License-Identifier: MIT */
/* The reader's inside, shared by its files: end records, directory, local headers, names. */
#ifndef VXA_ZIP_ARCHIVE_H
#define VXA_ZIP_ARCHIVE_H

#include "zip_read.h"

/* Where the central directory lies, once all end records agree about it. */
struct zip_end {
    uint64_t member_count;
    uint64_t directory_off; /* in the file, prefix added */
    uint64_t directory_nbytes;
    uint64_t prefix_nbytes;   /* bytes in front that the archive's own offsets do not count */
    uint64_t trailing_nbytes; /* bytes behind the end record and its comment */
    uint64_t comment_off;
    uint16_t comment_nbytes;
};

struct zip_archive {
    int fd;
    uint64_t file_nbytes;
    struct zip_end end;
    uint8_t *directory;
    struct zip_member *members;
    size_t member_count;
    char *names; /* all names and comments, each terminated */
    char *comment;
    char warning[160];
    uint32_t *name_index; /* open addressing; member number + 1, or 0 */
    size_t name_index_count;
    uint64_t *starts; /* local_off of all members, sorted; made by the first check */
};

/* Reads exactly nbytes at `off`; fails cleanly where the file ends. */
bool zip_read_at(int fd, uint64_t off, void *buffer, size_t nbytes, struct vxa_failure *failure);

bool zip_find_end(int fd, uint64_t file_nbytes, struct zip_end *end, struct vxa_failure *failure);

/*
 * Replaces sizes and offset that are all ones by those of the zip64 field (APPNOTE 4.5.3), in the
 * field's fixed order; `local_off` may be NULL (local headers). False if the field is too short.
 */
bool zip_apply_zip64(const uint8_t *extra, size_t extra_nbytes, uint64_t *size,
                     uint64_t *compressed_size, uint64_t *local_off);

/* Finds an extra field; NULL if there is none. */
const uint8_t *zip_find_extra(const uint8_t *extra, size_t extra_nbytes, uint16_t id,
                              size_t *nbytes);

/* ---- names ---- */

/*
 * The member's name in UTF-8 (or its raw bytes), not terminated, to `text`, which has room for
 * three bytes a raw byte and for the unicode field. Returns its length.
 */
size_t zip_convert_name(const struct zip_member *member, char *text);

/* The room that zip_convert_name() can need. */
size_t zip_name_room(const struct zip_member *member);

/* NULL, or why no file may be made under this name. */
const char *zip_name_problem(const char *name, size_t nbytes, uint64_t limit_nbytes);

#endif

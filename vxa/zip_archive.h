/* SPDX-License-Identifier: MIT */
/* The reader's inside, shared by its files: end records, directory, local headers, names. */
#ifndef VXA_ZIP_ARCHIVE_H
#define VXA_ZIP_ARCHIVE_H

#include "zip_read.h"

#include <pthread.h>

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

/* Where a member begins, and how far those that begin before it reach at least. */
struct zip_range {
    uint64_t local_off;
    uint64_t reach_off;
};

struct zip_archive {
    int fd;
    uint64_t file_nbytes;
    struct zip_end end;
    uint8_t *directory;
    struct zip_member *members;
    size_t member_count;
    char *names; /* those that are not the directory's own bytes, each terminated */
    char *comment;
    char warning[160];
    uint32_t *name_index; /* open addressing; member number + 1, or 0 */
    size_t name_index_count;
    uint64_t hash_seed;
    struct zip_range *ranges; /* of all members, sorted; made by the first check */
    pthread_mutex_t mutex;    /* guards the ranges, and what checks find out about members */
};

/* Reads exactly nbytes at `off`; fails cleanly where the file ends. */
bool zip_read_at(int fd, uint64_t off, void *buffer, size_t nbytes, struct vxa_failure *failure);

bool zip_find_end(int fd, uint64_t file_nbytes, struct zip_end *end, struct vxa_failure *failure);

/*
 * Replaces sizes and offset that are all ones by those of the zip64 field (APPNOTE 4.5.3), in the
 * field's fixed order; `local_off` may be NULL (local headers). False if the field is too short or
 * there are two.
 */
bool zip_apply_zip64(const uint8_t *extra, size_t extra_nbytes, uint64_t *size,
                     uint64_t *compressed_size, uint64_t *local_off);

/* Finds the first extra field of this id; NULL if there is none. */
const uint8_t *zip_find_extra(const uint8_t *extra, size_t extra_nbytes, uint16_t id,
                              size_t *nbytes);

/* ---- names ---- */

/* The room that zip_convert_name() needs; 0 if the name is its raw bytes. */
size_t zip_name_room(const struct zip_member *member);

/* The member's name in UTF-8, not terminated, to `text`. Returns its length. */
size_t zip_convert_name(const struct zip_member *member, char *text);

/* Whether the bytes are UTF-8 (RFC 3629: no surrogates, no longer forms, up to U+10FFFF). */
bool zip_is_utf8(const uint8_t *text, size_t nbytes);

/* NULL, or why no file may be made under this name. */
const char *zip_name_problem(const char *name, size_t nbytes, uint64_t limit_nbytes);

#endif

/* SPDX-License-Identifier: MIT */
/* A strict reader: archive bytes to a validated list of members; knows no codec. */
#ifndef VXA_ZIP_READ_H
#define VXA_ZIP_READ_H

#include "failure.h"
#include "vxa_block.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One member as the central directory and, once checked, its local header describe it. */
struct zip_member {
    const char *name; /* UTF-8, NUL-terminated; the raw bytes where they are no valid UTF-8 */
    const char *name_problem; /* NULL, or why no file may be made under this name */
    const uint8_t *raw_name;  /* the bytes of the header, not terminated */
    const char *comment;      /* raw bytes, NUL-terminated, "" if none */
    const uint8_t *extra;     /* central extra field */
    uint64_t compressed_size, size;
    uint64_t local_off; /* in the file, any prefix added */
    uint64_t data_off;  /* valid after zip_member_check() */
    uint32_t name_nbytes;
    uint16_t raw_name_nbytes, comment_nbytes, extra_nbytes;
    uint16_t method;
    uint16_t flags;
    uint16_t version_made_by, version_needed;
    uint16_t dos_time, dos_date;
    uint32_t crc32;
    uint32_t external_attributes;
    enum vxa_block_result block_result;
    bool checked;
};

/* Limits with their defaults where zero: 16,777,216 members; names up to 4,096 bytes. */
struct zip_read_limits {
    uint64_t member_count;
    uint64_t name_nbytes;
};

struct zip_archive;

/*
 * Opens and reads the whole directory. Warnings (trailing bytes, a prefix) are delivered through
 * zip_archive_warning(). The archive keeps one descriptor and reads with pread only.
 */
bool zip_open(const char *path, const struct zip_read_limits *limits, struct zip_archive **archive,
              struct vxa_failure *failure);
void zip_close(struct zip_archive *archive);

size_t zip_member_count(const struct zip_archive *archive);
const struct zip_member *zip_member_at(const struct zip_archive *archive, size_t index);
/* The first member of this exact name, or NULL; a hashed look-up. */
const struct zip_member *zip_member_by_name(const struct zip_archive *archive, const char *name);
/* NULL, or a text such as "17 bytes after the end of the archive". */
const char *zip_archive_warning(const struct zip_archive *archive);
/* The archive comment, raw; *nbytes its length. */
const char *zip_archive_comment(const struct zip_archive *archive, size_t *nbytes);

/* The member's VXA block, when block_result is VXA_BLOCK_OK: parsed anew on each call. */
bool zip_member_block(const struct zip_member *member, struct vxa_block *block);

/* Modification time: UT field, else the DOS fields read as local time. Unix mode: with host Unix
 * the upper attribute half, else 0644 or 0755 by the directory bit; never 0. */
void zip_member_mtime(const struct zip_member *member, int64_t *seconds, bool *is_exact);
uint32_t zip_member_mode(const struct zip_member *member); /* with the S_IF bits */

/*
 * Compares the local header with the directory (method, flags, name, sizes, CRC, or a data
 * descriptor) and the range with all others: overlaps are refused. Must be true before the data
 * is read. Encrypted and patched members fail as UNSUPPORTED. From any thread, as
 * zip_member_read().
 */
bool zip_member_check(struct zip_archive *archive, const struct zip_member *member,
                      struct vxa_failure *failure);

/* Reads compressed bytes: up to `nbytes` at `off` from the start of the member's data. Returns the
 * count (0 only at the end), or -1 with failure set (a shrunken file, a read error). */
ptrdiff_t zip_member_read(struct zip_archive *archive, const struct zip_member *member,
                          uint64_t off, void *buffer, size_t nbytes, struct vxa_failure *failure);

#endif

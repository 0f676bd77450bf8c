/* SPDX-License-Identifier: MIT */
/* Writes a ZIP archive beside its target and puts it in place when it is complete. */
#ifndef VXA_ZIP_WRITE_H
#define VXA_ZIP_WRITE_H

#include "failure.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One member as it is to be. The sizes are known before the data is written. */
struct zip_new_member {
    const char *name; /* raw bytes; the caller sets ZIP_FLAG_UTF8 where it applies */
    const char *comment;
    uint16_t version_made_by;
    uint16_t version_needed; /* raised to 45 where zip64 fields are needed */
    uint16_t flags;
    uint16_t method;
    uint16_t dos_time, dos_date;
    uint32_t crc32;
    uint64_t compressed_size, size;
    uint16_t internal_attributes;
    uint32_t external_attributes;
    /* Extra fields without a zip64 field, which the writer makes. */
    const uint8_t *local_extra, *central_extra;
    size_t local_extra_nbytes, central_extra_nbytes;
};

/* 1980-01-01 00:00, the first moment that DOS fields can say. */
enum { ZIP_DOS_DATE_MIN = 1 << 5 | 1, ZIP_DOS_TIME_MIN = 0 };
/* What this writer follows: host Unix, APPNOTE 6.3. */
enum { ZIP_MADE_BY_UNIX = 3 << 8 | 63 };

/* DOS fields of a time in UTC, so that the archive does not depend on the time zone; clamped to
 * the years 1980 to 2107. */
void zip_dos_time_of(int64_t seconds, uint16_t *dos_time, uint16_t *dos_date);

struct zip_writer;

/*
 * Makes a temporary file in the target's folder. A target that is a link is resolved first. From
 * then on, writing stops with VXA_FAILURE_INTERRUPTED once `*interrupted` (may be NULL) is set.
 */
bool zip_writer_open(const char *target, const atomic_int *interrupted, struct zip_writer **writer,
                     struct vxa_failure *failure);

/* Begins a member; then exactly `compressed_size` bytes are due. */
bool zip_writer_begin(struct zip_writer *writer, const struct zip_new_member *member,
                      struct vxa_failure *failure);
bool zip_writer_write(struct zip_writer *writer, const void *bytes, size_t nbytes,
                      struct vxa_failure *failure);
bool zip_writer_end(struct zip_writer *writer, struct vxa_failure *failure);

/* Writes the directory and the end records: the temporary file is then a whole archive on disk. */
bool zip_writer_finish(struct zip_writer *writer, const char *comment, size_t comment_nbytes,
                       struct vxa_failure *failure);

/* The temporary file, and the folder that it is in. */
const char *zip_writer_path(const struct zip_writer *writer);
const char *zip_writer_folder(const struct zip_writer *writer);

/* Renames the finished archive to its target, which keeps its permissions if it exists. */
bool zip_writer_commit(struct zip_writer *writer, struct vxa_failure *failure);

/* Frees the writer; without a commit, removes the temporary file. NULL is allowed. */
void zip_writer_close(struct zip_writer *writer);

#endif

/* SPDX-License-Identifier: MIT */
/* Builds small archives in memory, good ones and ones with any byte wrong. */
#ifndef TESTS_ZIP_BUILDER_H
#define TESTS_ZIP_BUILDER_H

#include "failure.h"
#include "zip_read.h"

#include <stddef.h>
#include <stdint.h>

enum { ZIP_BUILDER_MAX_MEMBERS = 16 };

/* A member as its headers are to tell it. `data` is the data as stored, whatever the method. */
struct zip_part {
    const char *name;
    size_t name_nbytes; /* 0: the length of `name` */
    const char *comment;
    uint16_t made_by, flags, method, dos_time, dos_date;
    uint32_t external_attributes;
    const void *data;
    size_t data_nbytes;
    uint64_t size; /* 0: data_nbytes */
    uint32_t crc32;
    const uint8_t *local_extra, *central_extra;
    size_t local_extra_nbytes, central_extra_nbytes;
    /* What stands between the data and the next record. */
    const uint8_t *descriptor;
    size_t descriptor_nbytes;
};

/* The places of a member's records. */
struct zip_places {
    size_t local_off, data_off, data_end, central_off;
};

struct zip_builder {
    uint8_t *bytes;
    size_t nbytes, room;
    struct zip_part parts[ZIP_BUILDER_MAX_MEMBERS];
    struct zip_places places[ZIP_BUILDER_MAX_MEMBERS];
    size_t part_count;
    size_t prefix_nbytes; /* what was in the buffer before the first member */
    size_t directory_off, end_off;
};

/* Appends raw bytes: a prefix before the first member, trailing bytes after zip_build_end(). */
void zip_build_bytes(struct zip_builder *builder, const void *bytes, size_t nbytes);

/* Appends local header, data and descriptor. With ZIP_FLAG_DESCRIPTOR the local CRC and sizes are
 * zero. Offsets do not count the prefix. */
void zip_build_add(struct zip_builder *builder, const struct zip_part *part);

/* Appends the directory, zip64 records if asked for, and the end record. */
void zip_build_directory(struct zip_builder *builder);
void zip_build_zip64(struct zip_builder *builder);
void zip_build_end(struct zip_builder *builder, const char *comment);

/* Inserts bytes; the places behind are not followed up. */
void zip_build_insert(struct zip_builder *builder, size_t off, const void *bytes, size_t nbytes);

/* Writes the bytes to a file, opens it with the reader and removes the file's name. */
bool zip_build_open(const struct zip_builder *builder, const struct zip_read_limits *limits,
                    struct zip_archive **archive, struct vxa_failure *failure);

/* Frees the bytes and makes the builder empty. */
void zip_build_free(struct zip_builder *builder);

#endif

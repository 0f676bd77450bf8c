/* SPDX-License-Identifier: MIT */
/* The archive that is being updated: what of it is kept, and copied byte by byte. */
#ifndef VXA_UPDATE_H
#define VXA_UPDATE_H

#include "failure.h"
#include "zip_read.h"
#include "zip_write.h"

/* An existing archive, with a descriptor of its own for the local headers. */
struct vxa_old_archive {
    struct zip_archive *archive;
    int descriptor;
};

/* Opens `path`; a failure says what is wrong with it. */
bool vxa_old_archive_open(struct vxa_old_archive *old, const char *path,
                          struct vxa_failure *failure);
void vxa_old_archive_close(struct vxa_old_archive *old);

/* Copies a member: data, names, extra fields of both headers, comment and attributes. */
bool vxa_old_archive_copy(struct vxa_old_archive *old, const struct zip_member *member,
                          struct zip_writer *writer, struct vxa_failure *failure);

/* The same, with one field more at the end of both extra fields. */
bool vxa_old_archive_copy_with(struct vxa_old_archive *old, const struct zip_member *member,
                               const uint8_t *field, size_t field_nbytes, struct zip_writer *writer,
                               struct vxa_failure *failure);

#endif

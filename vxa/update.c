/* SPDX-License-Identifier: MIT */
/* How members of an existing archive are carried over without being decoded. */
#include "update.h"
#include "zip_format.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CHUNK_NBYTES = 64 * 1024 };

/* A local header's name and extra field, as they are. */
struct local_header {
    char *name; /* NUL-terminated */
    uint8_t *extra;
    size_t extra_nbytes;
};

bool vxa_old_archive_open(struct vxa_old_archive *old, const char *path,
                          struct vxa_failure *failure)
{
    *old = (struct vxa_old_archive){.descriptor = open(path, O_RDONLY | O_CLOEXEC)};
    if (old->descriptor < 0)
        return vxa_fail_errno(failure, "the archive", errno);
    if (zip_open(path, NULL, &old->archive, failure))
        return true;
    close(old->descriptor);
    old->archive = NULL;
    return false;
}

void vxa_old_archive_close(struct vxa_old_archive *old)
{
    if (!old->archive)
        return;
    zip_close(old->archive);
    close(old->descriptor);
    old->archive = NULL;
}

static bool read_at(const struct vxa_old_archive *old, void *buffer, size_t nbytes, uint64_t off,
                    struct vxa_failure *failure)
{
    uint8_t *at = buffer;

    while (nbytes > 0) {
        ssize_t count = pread(old->descriptor, at, nbytes, (off_t)off);

        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return vxa_fail_errno(failure, "reading the archive", errno);
        if (count == 0)
            return vxa_fail(failure, VXA_FAILURE_DATA, "the archive ends within a header");
        at += count;
        nbytes -= (size_t)count;
        off += (uint64_t)count;
    }
    return true;
}

static void free_local(struct local_header *local)
{
    free(local->name);
    free(local->extra);
}

/* With room for `more_nbytes` at the end of the extra field. */
static bool read_local(const struct vxa_old_archive *old, const struct zip_member *member,
                       size_t more_nbytes, struct local_header *local, struct vxa_failure *failure)
{
    uint8_t fixed[ZIP_LOCAL_NBYTES];
    uint64_t off = member->local_off;

    *local = (struct local_header){0};
    if (!read_at(old, fixed, sizeof(fixed), off, failure))
        return false;
    if (zip_get32(fixed) != ZIP_LOCAL_SIGNATURE)
        return vxa_fail(failure, VXA_FAILURE_DATA, "no local header where there should be one");
    size_t name_nbytes = zip_get16(fixed + ZIP_LOCAL_NAME_NBYTES);

    local->extra_nbytes = zip_get16(fixed + ZIP_LOCAL_EXTRA_NBYTES);
    local->name = calloc(1, name_nbytes + 1);
    local->extra = malloc(local->extra_nbytes + more_nbytes + 1);
    bool ok = local->name && local->extra
                  ? read_at(old, local->name, name_nbytes, off + ZIP_LOCAL_NBYTES, failure) &&
                        read_at(old, local->extra, local->extra_nbytes,
                                off + ZIP_LOCAL_NBYTES + name_nbytes, failure)
                  : vxa_fail(failure, VXA_FAILURE_MEMORY, "out of memory");

    if (ok && memchr(local->name, 0, name_nbytes))
        ok = vxa_fail(failure, VXA_FAILURE_UNSUPPORTED, "its name holds a NUL");
    if (!ok)
        free_local(local);
    return ok;
}

/* Drops zip64 fields in place, since the writer makes its own; returns what is left. A field that
 * goes wrong ends the sequence but is kept. */
static size_t without_zip64(uint8_t *extra, size_t nbytes)
{
    size_t kept = 0;
    size_t off = 0;

    while (nbytes - off >= 4) {
        size_t field_nbytes = 4 + (size_t)zip_get16(extra + off + 2);

        if (field_nbytes > nbytes - off)
            break;
        if (zip_get16(extra + off) != ZIP_EXTRA_ZIP64) {
            memmove(extra + kept, extra + off, field_nbytes);
            kept += field_nbytes;
        }
        off += field_nbytes;
    }
    memmove(extra + kept, extra + off, nbytes - off);
    return kept + (nbytes - off);
}

static bool copy_data(struct vxa_old_archive *old, const struct zip_member *member,
                      struct zip_writer *writer, struct vxa_failure *failure)
{
    uint8_t *chunk = malloc(CHUNK_NBYTES);
    uint64_t off = 0;
    ptrdiff_t count = chunk ? 1 : -1;

    if (!chunk)
        return vxa_fail(failure, VXA_FAILURE_MEMORY, "out of memory");
    while (off < member->compressed_size) {
        count = zip_member_read(old->archive, member, off, chunk, CHUNK_NBYTES, failure);
        if (count <= 0 || !zip_writer_write(writer, chunk, (size_t)count, failure))
            break;
        off += (uint64_t)count;
    }
    free(chunk);
    if (count == 0)
        return vxa_fail(failure, VXA_FAILURE_DATA, "the archive ends within the data");
    return off == member->compressed_size;
}

/* An extra field as it is to be: without zip64 fields, with one field more at its end. */
static size_t revise_extra(uint8_t *extra, size_t nbytes, const uint8_t *field, size_t field_nbytes)
{
    nbytes = without_zip64(extra, nbytes);
    if (field_nbytes > 0)
        memcpy(extra + nbytes, field, field_nbytes);
    return nbytes + field_nbytes;
}

static bool copy_member(struct vxa_old_archive *old, const struct zip_member *member,
                        const struct local_header *local, const uint8_t *central_extra,
                        size_t central_extra_nbytes, struct zip_writer *writer,
                        struct vxa_failure *failure)
{
    struct zip_new_member fields = {
        .name = local->name,
        .comment = member->comment_nbytes > 0 ? member->comment : NULL,
        .version_made_by = member->version_made_by,
        .version_needed = member->version_needed,
        /* Sizes are known now: no data descriptor follows. */
        .flags = (uint16_t)(member->flags & ~ZIP_FLAG_DESCRIPTOR),
        .method = member->method,
        .dos_time = member->dos_time,
        .dos_date = member->dos_date,
        .crc32 = member->crc32,
        .compressed_size = member->compressed_size,
        .size = member->size,
        .external_attributes = member->external_attributes,
        .local_extra = local->extra,
        .local_extra_nbytes = local->extra_nbytes,
        .central_extra = central_extra,
        .central_extra_nbytes = central_extra_nbytes,
    };

    return zip_writer_begin(writer, &fields, failure) && copy_data(old, member, writer, failure) &&
           zip_writer_end(writer, failure);
}

bool vxa_old_archive_copy_with(struct vxa_old_archive *old, const struct zip_member *member,
                               const uint8_t *field, size_t field_nbytes, struct zip_writer *writer,
                               struct vxa_failure *failure)
{
    struct local_header local;

    if (!zip_member_check(old->archive, member, failure) ||
        !read_local(old, member, field_nbytes, &local, failure))
        return false;
    uint8_t *central_extra = malloc(member->extra_nbytes + field_nbytes + 1);
    bool ok = false;

    if (central_extra) {
        if (member->extra_nbytes > 0)
            memcpy(central_extra, member->extra, member->extra_nbytes);
        local.extra_nbytes = revise_extra(local.extra, local.extra_nbytes, field, field_nbytes);
        ok = copy_member(old, member, &local, central_extra,
                         revise_extra(central_extra, member->extra_nbytes, field, field_nbytes),
                         writer, failure);
    } else {
        (void)vxa_fail(failure, VXA_FAILURE_MEMORY, "out of memory");
    }
    free(central_extra);
    free_local(&local);
    return ok;
}

bool vxa_old_archive_copy(struct vxa_old_archive *old, const struct zip_member *member,
                          struct zip_writer *writer, struct vxa_failure *failure)
{
    return vxa_old_archive_copy_with(old, member, NULL, 0, writer, failure);
}

/* SPDX-License-Identifier: MIT */
/* Local headers and data: whether they are what the directory says, and whose bytes they are. */
#include "zip_archive.h"
#include "zip_format.h"

#include <stdlib.h>
#include <string.h>

/* Flags that change what the data is: both headers must say the same of them. */
enum {
    REFUSED_FLAGS =
        ZIP_FLAG_ENCRYPTED | ZIP_FLAG_PATCHED | ZIP_FLAG_STRONG_ENCRYPTION | ZIP_FLAG_MASKED,
    COMPARED_FLAGS = REFUSED_FLAGS | ZIP_FLAG_DESCRIPTOR | ZIP_FLAG_UTF8,
    DESCRIPTOR_MAX_NBYTES = 24,
};

/* ---- whose bytes they are ---- */

static int compare_ranges(const void *a, const void *b)
{
    uint64_t x = ((const struct zip_range *)a)->local_off;
    uint64_t y = ((const struct zip_range *)b)->local_off;

    return (x > y) - (x < y);
}

/* The least that a member covers: its local header may have a longer extra field. */
static uint64_t least_end(const struct zip_member *member)
{
    uint64_t nbytes = ZIP_LOCAL_NBYTES + member->raw_name_nbytes;

    if (member->compressed_size > UINT64_MAX - nbytes - member->local_off)
        return UINT64_MAX;
    return member->local_off + nbytes + member->compressed_size;
}

static bool sort_ranges(struct zip_archive *archive, struct vxa_failure *failure)
{
    uint64_t reach_off = 0;

    if (archive->ranges)
        return true;
    archive->ranges = malloc(archive->member_count * sizeof archive->ranges[0]);
    if (!archive->ranges)
        return vxa_fail(failure, VXA_FAILURE_MEMORY, "out of memory");
    for (size_t i = 0; i < archive->member_count; i++)
        archive->ranges[i] =
            (struct zip_range){archive->members[i].local_off, least_end(&archive->members[i])};
    qsort(archive->ranges, archive->member_count, sizeof archive->ranges[0], compare_ranges);
    for (size_t i = 0; i < archive->member_count; i++) {
        uint64_t end_off = archive->ranges[i].reach_off;

        archive->ranges[i].reach_off = reach_off;
        if (end_off > reach_off)
            reach_off = end_off;
    }
    return true;
}

static size_t find_range(const struct zip_archive *archive, uint64_t local_off)
{
    size_t low = 0, high = archive->member_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (archive->ranges[middle].local_off < local_off)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/*
 * The bytes from `local_off` up to *limit_off are this member's alone: false if an earlier one
 * reaches into it. *limit_off is where the next one begins, which may be the same place, or the
 * directory. An earlier member whose local header makes it longer than the directory tells is
 * caught when it is checked itself: of two members that overlap, never both are accepted.
 */
static bool find_room(const struct zip_archive *archive, uint64_t local_off, uint64_t *limit_off)
{
    size_t place = find_range(archive, local_off);

    *limit_off = place + 1 < archive->member_count ? archive->ranges[place + 1].local_off
                                                   : archive->end.directory_off;
    return archive->ranges[place].reach_off <= local_off;
}

static bool overlap(struct vxa_failure *failure)
{
    return vxa_fail(failure, VXA_FAILURE_DATA, "its data overlaps another member or the directory");
}

static bool disagree(const char *what, struct vxa_failure *failure)
{
    return vxa_fail(failure, VXA_FAILURE_DATA, "its local header and the directory differ in %s",
                    what);
}

/* ---- the data descriptor: CRC and sizes behind the data ---- */

static bool descriptor_fits(const struct zip_member *member, const uint8_t *p, bool is_64)
{
    if (zip_get32(p) != member->crc32)
        return false;
    if (is_64)
        return zip_get64(p + 4) == member->compressed_size && zip_get64(p + 12) == member->size;
    return zip_get32(p + 4) == (uint32_t)member->compressed_size &&
           zip_get32(p + 8) == (uint32_t)member->size && member->size <= UINT32_MAX &&
           member->compressed_size <= UINT32_MAX;
}

/* With or without its signature, with sizes of 4 or 8 bytes: the form that agrees. 0 if none. */
static unsigned descriptor_nbytes(const struct zip_member *member,
                                  const uint8_t bytes[DESCRIPTOR_MAX_NBYTES], size_t available)
{
    bool has_signature = available >= 4 && zip_get32(bytes) == ZIP_DESCRIPTOR_SIGNATURE;

    if (has_signature && available >= 24 && descriptor_fits(member, bytes + 4, true))
        return 24;
    if (has_signature && available >= 16 && descriptor_fits(member, bytes + 4, false))
        return 16;
    if (available >= 20 && descriptor_fits(member, bytes, true))
        return 20;
    return available >= 12 && descriptor_fits(member, bytes, false) ? 12 : 0;
}

static bool check_descriptor(const struct zip_archive *archive, const struct zip_member *member,
                             uint64_t data_end, uint64_t limit, struct vxa_failure *failure)
{
    uint8_t bytes[DESCRIPTOR_MAX_NBYTES];
    size_t available = limit - data_end < sizeof bytes ? (size_t)(limit - data_end) : sizeof bytes;

    if (!zip_read_at(archive->fd, data_end, bytes, available, failure))
        return false;
    if (descriptor_nbytes(member, bytes, available) == 0)
        return vxa_fail(failure, VXA_FAILURE_DATA,
                        "the data descriptor behind it does not agree with the directory");
    return true;
}

/* ---- the local header ---- */

struct local {
    uint8_t header[ZIP_LOCAL_NBYTES];
    size_t name_nbytes, extra_nbytes;
    uint8_t *name; /* with the extra field behind it */
};

static bool check_name(const struct zip_member *member, const struct local *local,
                       struct vxa_failure *failure)
{
    return memcmp(local->name, member->raw_name, local->name_nbytes) == 0 ||
           disagree("the name", failure);
}

/* Before a data descriptor a size may be left open: zero, or all ones without a zip64 field. */
static bool is_told(const struct zip_member *member, uint64_t value, uint64_t expected)
{
    bool is_open = member->flags & ZIP_FLAG_DESCRIPTOR && (value == 0 || value == UINT32_MAX);

    return value == expected || is_open;
}

static bool check_sizes(const struct zip_member *member, const struct local *local,
                        struct vxa_failure *failure)
{
    uint64_t size = zip_get32(local->header + ZIP_LOCAL_SIZE);
    uint64_t compressed_size = zip_get32(local->header + ZIP_LOCAL_COMPRESSED_SIZE);
    uint32_t crc32 = zip_get32(local->header + ZIP_LOCAL_CRC32);

    if (!zip_apply_zip64(local->name + local->name_nbytes, local->extra_nbytes, &size,
                         &compressed_size, NULL))
        return vxa_fail(failure, VXA_FAILURE_DATA,
                        "the zip64 field of its local header is damaged");
    if (!is_told(member, size, member->size) ||
        !is_told(member, compressed_size, member->compressed_size))
        return disagree("the sizes", failure);
    return crc32 == member->crc32 || (member->flags & ZIP_FLAG_DESCRIPTOR && crc32 == 0) ||
           disagree("the CRC-32", failure);
}

/* A tool may have dropped one copy of the block; what it must not do is to differ. */
static bool check_block(const struct zip_member *member, const struct local *local,
                        struct vxa_failure *failure)
{
    size_t nbytes, local_nbytes;
    const uint8_t *field =
        zip_find_extra(member->extra, member->extra_nbytes, VXA_EXTRA_ID, &nbytes);
    const uint8_t *local_field = zip_find_extra(local->name + local->name_nbytes,
                                                local->extra_nbytes, VXA_EXTRA_ID, &local_nbytes);

    if (field && local_field && (nbytes != local_nbytes || memcmp(field, local_field, nbytes) != 0))
        return disagree("the VXA block", failure);
    return true;
}

static bool check_fields(const struct zip_member *member, const struct local *local,
                         struct vxa_failure *failure)
{
    unsigned flags = zip_get16(local->header + ZIP_LOCAL_FLAGS);

    if (zip_get16(local->header + ZIP_LOCAL_METHOD) != member->method)
        return disagree("the compression method", failure);
    if ((flags ^ member->flags) & COMPARED_FLAGS)
        return disagree("the flags", failure);
    return check_name(member, local, failure) && check_sizes(member, local, failure) &&
           check_block(member, local, failure);
}

/* Lengths that cannot be right are refused before anything is read by them. */
static bool check_lengths(const struct zip_archive *archive, const struct zip_member *member,
                          const struct local *local, struct vxa_failure *failure)
{
    uint64_t room_nbytes = archive->end.directory_off - member->local_off - ZIP_LOCAL_NBYTES;

    if (local->name_nbytes != member->raw_name_nbytes)
        return disagree("the name", failure);
    return local->name_nbytes + local->extra_nbytes <= room_nbytes || overlap(failure);
}

static bool read_local(const struct zip_archive *archive, const struct zip_member *member,
                       struct local *local, struct vxa_failure *failure)
{
    if (!zip_read_at(archive->fd, member->local_off, local->header, ZIP_LOCAL_NBYTES, failure))
        return false;
    if (zip_get32(local->header) != ZIP_LOCAL_SIGNATURE)
        return vxa_fail(failure, VXA_FAILURE_DATA, "its local header is missing");
    local->name_nbytes = zip_get16(local->header + ZIP_LOCAL_NAME_NBYTES);
    local->extra_nbytes = zip_get16(local->header + ZIP_LOCAL_EXTRA_NBYTES);
    if (!check_lengths(archive, member, local, failure))
        return false;
    local->name = malloc(local->name_nbytes + local->extra_nbytes + 1);
    if (!local->name)
        return vxa_fail(failure, VXA_FAILURE_MEMORY, "out of memory");
    return zip_read_at(archive->fd, member->local_off + ZIP_LOCAL_NBYTES, local->name,
                       local->name_nbytes + local->extra_nbytes, failure);
}

/* The bytes from the header to the end of the data or descriptor belong to this member alone. */
static bool check_range(struct zip_archive *archive, const struct zip_member *member,
                        uint64_t data_off, struct vxa_failure *failure)
{
    uint64_t limit;

    if (!sort_ranges(archive, failure))
        return false;
    if (!find_room(archive, member->local_off, &limit) || data_off > limit ||
        member->compressed_size > limit - data_off)
        return overlap(failure);
    if (member->flags & ZIP_FLAG_DESCRIPTOR)
        return check_descriptor(archive, member, data_off + member->compressed_size, limit,
                                failure);
    return true;
}

static bool check(struct zip_archive *archive, const struct zip_member *member,
                  struct vxa_failure *failure)
{
    struct zip_member *own = &archive->members[member - archive->members];
    struct local local = {.name = NULL};
    uint64_t data_off;
    bool ok;

    if (own->checked)
        return true;
    if (member->flags & REFUSED_FLAGS)
        return vxa_fail(failure, VXA_FAILURE_UNSUPPORTED, "%s members are not read",
                        member->flags & ZIP_FLAG_PATCHED ? "patched" : "encrypted");
    ok = read_local(archive, member, &local, failure) && check_fields(member, &local, failure);
    data_off = member->local_off + ZIP_LOCAL_NBYTES + local.name_nbytes + local.extra_nbytes;
    ok = ok && check_range(archive, member, data_off, failure);
    free(local.name);
    if (ok) {
        own->data_off = data_off;
        own->checked = true;
    }
    return ok;
}

bool zip_member_check(struct zip_archive *archive, const struct zip_member *member,
                      struct vxa_failure *failure)
{
    pthread_mutex_lock(&archive->mutex);
    bool ok = check(archive, member, failure);

    pthread_mutex_unlock(&archive->mutex);
    return ok;
}

ptrdiff_t zip_member_read(struct zip_archive *archive, const struct zip_member *member,
                          uint64_t off, void *buffer, size_t nbytes, struct vxa_failure *failure)
{
    uint64_t left = off < member->compressed_size ? member->compressed_size - off : 0;

    if (!member->checked) {
        (void)vxa_fail(failure, VXA_FAILURE_DATA, "its local header was not checked");
        return -1;
    }
    if (nbytes > left)
        nbytes = (size_t)left;
    if (!zip_read_at(archive->fd, member->data_off + off, buffer, nbytes, failure))
        return -1;
    return (ptrdiff_t)nbytes;
}

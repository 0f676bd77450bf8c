/* SPDX-License-Identifier: MIT */
/* The records at a ZIP file's end, and where they say that the central directory is. */
#include "zip_archive.h"
#include "zip_format.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    TAIL_MAX_NBYTES = ZIP_END_NBYTES + UINT16_MAX + 1024,
    ENTRY_MAX_NBYTES = ZIP_CENTRAL_NBYTES + 3 * UINT16_MAX, /* name, extra field, comment */
};

/* APPNOTE 4.3.14.1: signature and size field do not count in the zip64 record's size. */
enum { END64_UNCOUNTED_NBYTES = 12 };

/* What the end record says, or the zip64 one where that one defers to it. */
struct claims {
    uint64_t disk, directory_disk, disk_entries, entries, directory_nbytes, directory_off;
};

bool zip_read_at(int fd, uint64_t off, void *buffer, size_t nbytes, struct vxa_failure *failure)
{
    char *p = buffer;

    while (nbytes > 0) {
        ssize_t count = off > INT64_MAX ? 0 : pread(fd, p, nbytes, (off_t)off);

        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return vxa_fail_errno(failure, "cannot read the archive", errno);
        if (count == 0)
            return vxa_fail(failure, VXA_FAILURE_DATA, "the archive ends too early");
        p += count;
        off += (uint64_t)count;
        nbytes -= (size_t)count;
    }
    return true;
}

/* ---- the end record ---- */

static bool has_signature(const uint8_t *p, uint32_t signature)
{
    return zip_get32(p) == signature;
}

/* The last record in the tail whose comment ends exactly at the file's end, else the last whose
 * comment fits; -1 if there is none. */
static ptrdiff_t find_record(const uint8_t *tail, size_t nbytes, bool *is_exact)
{
    ptrdiff_t fitting = -1;

    for (ptrdiff_t i = (ptrdiff_t)nbytes - ZIP_END_NBYTES; i >= 0; i--) {
        size_t end = (size_t)i + ZIP_END_NBYTES;

        if (!has_signature(tail + i, ZIP_END_SIGNATURE))
            continue;
        end += zip_get16(tail + i + ZIP_END_COMMENT_NBYTES);
        *is_exact = end == nbytes;
        if (*is_exact)
            return i;
        if (fitting < 0 && end < nbytes)
            fitting = i;
    }
    *is_exact = false;
    return fitting;
}

/* A record in front whose comment holds the found one, or a record within the found one's comment:
 * which of them counts is anybody's guess, so the archive is refused. */
static bool is_ambiguous(const uint8_t *tail, ptrdiff_t found, size_t nbytes)
{
    for (ptrdiff_t i = (ptrdiff_t)nbytes - ZIP_END_NBYTES; i >= 0; i--) {
        size_t end;

        if (i == found || !has_signature(tail + i, ZIP_END_SIGNATURE))
            continue;
        end = (size_t)i + ZIP_END_NBYTES + zip_get16(tail + i + ZIP_END_COMMENT_NBYTES);
        if (i < found ? end == nbytes : end <= nbytes)
            return true;
    }
    return false;
}

static struct claims claims_of(const uint8_t *record)
{
    return (struct claims){
        .disk = zip_get16(record + ZIP_END_DISK),
        .directory_disk = zip_get16(record + ZIP_END_DIRECTORY_DISK),
        .disk_entries = zip_get16(record + ZIP_END_DISK_ENTRIES),
        .entries = zip_get16(record + ZIP_END_ENTRIES),
        .directory_nbytes = zip_get32(record + ZIP_END_DIRECTORY_NBYTES),
        .directory_off = zip_get32(record + ZIP_END_DIRECTORY_OFF),
    };
}

/* ---- the zip64 records ---- */

/* Takes the 64-bit value where the short one is all ones; otherwise they must agree. */
static bool merge(uint64_t *claim, uint64_t sentinel, uint64_t value64)
{
    if (*claim != sentinel && *claim != value64)
        return false;
    *claim = value64;
    return true;
}

static bool merge_zip64(struct claims *c, const uint8_t *record)
{
    return merge(&c->disk, UINT16_MAX, zip_get32(record + ZIP_END64_DISK)) &&
           merge(&c->directory_disk, UINT16_MAX, zip_get32(record + ZIP_END64_DIRECTORY_DISK)) &&
           merge(&c->disk_entries, UINT16_MAX, zip_get64(record + ZIP_END64_DISK_ENTRIES)) &&
           merge(&c->entries, UINT16_MAX, zip_get64(record + ZIP_END64_ENTRIES)) &&
           merge(&c->directory_nbytes, UINT32_MAX,
                 zip_get64(record + ZIP_END64_DIRECTORY_NBYTES)) &&
           merge(&c->directory_off, UINT32_MAX, zip_get64(record + ZIP_END64_DIRECTORY_OFF));
}

/* Where the zip64 record stands, and where the locator says so. */
struct place64 {
    bool is_there;
    uint64_t off, stated_off;
};

/* The record reaches up to the locator, as its own size field tells. */
static bool is_record64(const uint8_t record[ZIP_END64_NBYTES], uint64_t room_nbytes)
{
    return has_signature(record, ZIP_END64_SIGNATURE) &&
           zip_get64(record + ZIP_END64_RECORD_NBYTES) == room_nbytes - END64_UNCOUNTED_NBYTES;
}

/* The record stands where the locator says; behind a prefix, directly in front of the locator. */
static bool read_end64(int fd, uint64_t locator_off, struct place64 *place,
                       uint8_t record[ZIP_END64_NBYTES], struct vxa_failure *failure)
{
    uint64_t tries[2] = {place->stated_off, locator_off - ZIP_END64_NBYTES};

    for (int i = 0; i < 2; i++) {
        if (tries[i] > locator_off || locator_off - tries[i] < ZIP_END64_NBYTES)
            continue;
        if (!zip_read_at(fd, tries[i], record, ZIP_END64_NBYTES, failure))
            return false;
        place->off = tries[i];
        if (is_record64(record, locator_off - place->off))
            return true;
    }
    return vxa_fail(failure, VXA_FAILURE_DATA, "its zip64 end record is missing or damaged");
}

static bool apply_zip64(int fd, uint64_t end_off, struct claims *c, struct place64 *place,
                        struct vxa_failure *failure)
{
    uint8_t locator[ZIP_LOCATOR64_NBYTES], record[ZIP_END64_NBYTES];

    if (end_off < ZIP_LOCATOR64_NBYTES)
        return true;
    if (!zip_read_at(fd, end_off - ZIP_LOCATOR64_NBYTES, locator, sizeof locator, failure))
        return false;
    if (!has_signature(locator, ZIP_LOCATOR64_SIGNATURE))
        return true;
    if (zip_get32(locator + ZIP_LOCATOR64_DISK) != 0 ||
        zip_get32(locator + ZIP_LOCATOR64_DISKS) > 1)
        return vxa_fail(failure, VXA_FAILURE_UNSUPPORTED, "archives of several disks are not read");
    place->stated_off = zip_get64(locator + ZIP_LOCATOR64_END_OFF);
    if (!read_end64(fd, end_off - ZIP_LOCATOR64_NBYTES, place, record, failure))
        return false;
    place->is_there = true;
    if (!merge_zip64(c, record))
        return vxa_fail(failure, VXA_FAILURE_DATA, "its end record and zip64 record disagree");
    return true;
}

/* ---- together ---- */

static bool check_claims(const struct claims *c, uint64_t directory_end,
                         struct vxa_failure *failure)
{
    if (c->disk != 0 || c->directory_disk != 0 || c->disk_entries != c->entries)
        return vxa_fail(failure, VXA_FAILURE_UNSUPPORTED, "archives of several disks are not read");
    if (c->directory_nbytes > directory_end ||
        c->directory_off > directory_end - c->directory_nbytes)
        return vxa_fail(failure, VXA_FAILURE_DATA,
                        "its directory is said to lie beyond its end record");
    if (c->entries > c->directory_nbytes / ZIP_CENTRAL_NBYTES)
        return vxa_fail(failure, VXA_FAILURE_DATA,
                        "%" PRIu64 " members cannot fit in its directory of %" PRIu64 " bytes",
                        c->entries, c->directory_nbytes);
    if (c->directory_nbytes / ENTRY_MAX_NBYTES > c->entries)
        return vxa_fail(failure, VXA_FAILURE_DATA,
                        "a count of %" PRIu64 " is too small for its directory of %" PRIu64
                        " bytes",
                        c->entries, c->directory_nbytes);
    return true;
}

static bool locate(int fd, uint64_t end_off, const uint8_t *record, struct zip_end *end,
                   struct vxa_failure *failure)
{
    struct claims c = claims_of(record);
    struct place64 place = {.is_there = false};
    uint64_t directory_end;

    if (!apply_zip64(fd, end_off, &c, &place, failure))
        return false;
    directory_end = place.is_there ? place.off : end_off;
    if (!check_claims(&c, directory_end, failure))
        return false;
    end->member_count = c.entries;
    end->directory_nbytes = c.directory_nbytes;
    end->directory_off = directory_end - c.directory_nbytes;
    end->prefix_nbytes = end->directory_off - c.directory_off;
    if (place.is_there && place.off - place.stated_off != end->prefix_nbytes)
        return vxa_fail(failure, VXA_FAILURE_DATA,
                        "its directory and its zip64 record are not where they are said to be");
    end->comment_nbytes = zip_get16(record + ZIP_END_COMMENT_NBYTES);
    end->comment_off = end_off + ZIP_END_NBYTES;
    return true;
}

static bool search(int fd, uint64_t file_nbytes, uint8_t *tail, size_t nbytes, struct zip_end *end,
                   struct vxa_failure *failure)
{
    uint64_t tail_off = file_nbytes - nbytes;
    bool is_exact;
    ptrdiff_t found;

    if (!zip_read_at(fd, tail_off, tail, nbytes, failure))
        return false;
    found = find_record(tail, nbytes, &is_exact);
    if (found < 0)
        return vxa_fail(failure, VXA_FAILURE_NOT_ZIP,
                        "no end record: this is not a ZIP archive, or its end is missing");
    if (is_exact && is_ambiguous(tail, found, nbytes))
        return vxa_fail(failure, VXA_FAILURE_DATA, "it has two end records");
    *end = (struct zip_end){0};
    if (!locate(fd, tail_off + (uint64_t)found, tail + found, end, failure))
        return false;
    end->trailing_nbytes = file_nbytes - end->comment_off - end->comment_nbytes;
    return true;
}

bool zip_find_end(int fd, uint64_t file_nbytes, struct zip_end *end, struct vxa_failure *failure)
{
    size_t nbytes = file_nbytes < TAIL_MAX_NBYTES ? (size_t)file_nbytes : TAIL_MAX_NBYTES;
    uint8_t *tail;
    bool ok;

    if (file_nbytes < ZIP_END_NBYTES)
        return vxa_fail(failure, VXA_FAILURE_NOT_ZIP, "it is too short for a ZIP archive");
    tail = malloc(nbytes);
    if (!tail)
        return vxa_fail(failure, VXA_FAILURE_MEMORY, "out of memory");
    ok = search(fd, file_nbytes, tail, nbytes, end, failure);
    free(tail);
    return ok;
}

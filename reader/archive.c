/* SPDX-License-Identifier: MIT */
/* Finds end record and directory, and checks each member's headers against one another. */
#include "archive.h"

#include "zip_format.h"

#include <string.h>

enum { COMMENT_MAX_NBYTES = 65535 };

static bool inside(size_t off, uint64_t nbytes, size_t end)
{
    return off <= end && nbytes <= end - off;
}

/* ---- the end ---- */

/* The last end record whose comment ends with the file; SIZE_MAX: none. */
static size_t find_end(const uint8_t *bytes, size_t nbytes)
{
    for (size_t tried = 0; tried <= COMMENT_MAX_NBYTES && tried + ZIP_END_NBYTES <= nbytes;
         tried++) {
        const uint8_t *p = bytes + (nbytes - ZIP_END_NBYTES - tried);

        if (zip_get32(p) == ZIP_END_SIGNATURE && zip_get16(p + ZIP_END_COMMENT_NBYTES) == tried)
            return nbytes - ZIP_END_NBYTES - tried;
    }
    return SIZE_MAX;
}

/* The zip64 end record in front of the locator, in archives that nothing was put in front of. */
static const uint8_t *find_end64(const uint8_t *bytes, size_t end_off)
{
    const uint8_t *locator = bytes + end_off - ZIP_LOCATOR64_NBYTES;
    size_t off = end_off - ZIP_LOCATOR64_NBYTES - ZIP_END64_NBYTES;

    if (end_off < ZIP_LOCATOR64_NBYTES + ZIP_END64_NBYTES ||
        zip_get32(locator) != ZIP_LOCATOR64_SIGNATURE ||
        zip_get32(bytes + off) != ZIP_END64_SIGNATURE)
        return NULL;
    return bytes + off;
}

const char *reader_open(struct reader_archive *archive, const uint8_t *bytes, size_t nbytes)
{
    size_t end_off = find_end(bytes, nbytes), directory_end;
    uint64_t directory_nbytes, directory_off;
    const uint8_t *end, *end64;

    if (end_off == SIZE_MAX)
        return "not a ZIP archive: no end record";
    end = bytes + end_off;
    end64 = find_end64(bytes, end_off);
    directory_end = end64 != NULL ? (size_t)(end64 - bytes) : end_off;
    archive->entry_count =
        end64 != NULL ? zip_get64(end64 + ZIP_END64_ENTRIES) : zip_get16(end + ZIP_END_ENTRIES);
    directory_nbytes = end64 != NULL ? zip_get64(end64 + ZIP_END64_DIRECTORY_NBYTES)
                                     : zip_get32(end + ZIP_END_DIRECTORY_NBYTES);
    directory_off = end64 != NULL ? zip_get64(end64 + ZIP_END64_DIRECTORY_OFF)
                                  : zip_get32(end + ZIP_END_DIRECTORY_OFF);
    if (directory_nbytes > directory_end || directory_off > directory_end - directory_nbytes)
        return "the central directory does not lie where the end record says";
    /* What lies in front of the archive does not count in its offsets. */
    archive->bytes = bytes + (directory_end - (size_t)directory_nbytes - (size_t)directory_off);
    archive->data_end = archive->directory_off = (size_t)directory_off;
    archive->directory_end = (size_t)(directory_off + directory_nbytes);
    return NULL;
}

/* ---- a member ---- */

/* Replaces numbers that are all ones by those of the zip64 field. */
static bool take_zip64(struct reader_member *member, uint64_t *local_off, const uint8_t *extra,
                       size_t nbytes)
{
    uint64_t *numbers[3] = {&member->size, &member->compressed_size, local_off};
    const uint8_t *field = NULL, *field_end = NULL;

    while (nbytes >= 4 && nbytes - 4 >= zip_get16(extra + 2)) {
        size_t length = zip_get16(extra + 2);

        if (zip_get16(extra) == ZIP_EXTRA_ZIP64) {
            field = extra + 4;
            field_end = field + length;
        }
        extra += 4 + length;
        nbytes -= 4 + length;
    }
    for (int i = 0; i < 3; i++) {
        if (*numbers[i] != UINT32_MAX || field == NULL)
            continue;
        if (field_end - field < 8)
            return false;
        *numbers[i] = zip_get64(field);
        field += 8;
    }
    return true;
}

static const char *find_data(const struct reader_archive *archive, struct reader_member *member,
                             uint64_t local_off, const uint8_t *name, size_t name_nbytes)
{
    const uint8_t *local;
    size_t data_off;

    if (local_off > archive->data_end ||
        !inside((size_t)local_off, ZIP_LOCAL_NBYTES, archive->data_end))
        return "the local header lies outside the archive";
    local = archive->bytes + local_off;
    if (zip_get32(local) != ZIP_LOCAL_SIGNATURE)
        return "no local header where the directory says";
    data_off = (size_t)local_off + ZIP_LOCAL_NBYTES + zip_get16(local + ZIP_LOCAL_NAME_NBYTES) +
               zip_get16(local + ZIP_LOCAL_EXTRA_NBYTES);
    if (!inside(data_off, member->compressed_size, archive->data_end))
        return "the data lies outside the archive";
    if (zip_get16(local + ZIP_LOCAL_METHOD) != member->method ||
        zip_get16(local + ZIP_LOCAL_NAME_NBYTES) != name_nbytes ||
        memcmp(local + ZIP_LOCAL_NBYTES, name, name_nbytes) != 0)
        return "local header and directory disagree";
    if ((member->flags & (ZIP_FLAG_ENCRYPTED | ZIP_FLAG_PATCHED | ZIP_FLAG_MASKED)) != 0)
        return "encrypted";
    member->data = archive->bytes + data_off;
    return NULL;
}

static void take_fields(struct reader_member *member, const uint8_t *p)
{
    member->flags = zip_get16(p + ZIP_CENTRAL_FLAGS);
    member->method = zip_get16(p + ZIP_CENTRAL_METHOD);
    member->crc32 = zip_get32(p + ZIP_CENTRAL_CRC32);
    member->compressed_size = zip_get32(p + ZIP_CENTRAL_COMPRESSED_SIZE);
    member->size = zip_get32(p + ZIP_CENTRAL_SIZE);
    member->unix_mode = zip_get16(p + ZIP_CENTRAL_VERSION_MADE_BY) >> 8 == ZIP_HOST_UNIX
                            ? zip_get16(p + ZIP_CENTRAL_EXTERNAL_ATTRIBUTES + 2)
                            : 0;
}

/* A zero byte in a name would hide the rest of it. */
static const char *take_name(struct reader_member *member, const uint8_t *name, size_t nbytes)
{
    size_t kept = nbytes < READER_NAME_MAX_NBYTES ? nbytes : READER_NAME_MAX_NBYTES;

    memcpy(member->name, name, kept);
    member->name[kept] = '\0';
    if (kept != nbytes)
        return "the name is too long";
    return strlen(member->name) == nbytes ? NULL : "a zero byte in the name";
}

bool reader_next(struct reader_archive *archive, struct reader_member *member, const char **problem)
{
    const uint8_t *p = archive->bytes + archive->directory_off;
    size_t room = archive->directory_end - archive->directory_off;
    size_t name_nbytes, extra_nbytes, entry_nbytes;
    uint64_t local_off;

    *problem = NULL;
    if (room == 0)
        return false;
    *problem = "the central directory is damaged";
    if (room < ZIP_CENTRAL_NBYTES || zip_get32(p) != ZIP_CENTRAL_SIGNATURE)
        return false;
    name_nbytes = zip_get16(p + ZIP_CENTRAL_NAME_NBYTES);
    extra_nbytes = zip_get16(p + ZIP_CENTRAL_EXTRA_NBYTES);
    entry_nbytes =
        ZIP_CENTRAL_NBYTES + name_nbytes + extra_nbytes + zip_get16(p + ZIP_CENTRAL_COMMENT_NBYTES);
    if (entry_nbytes > room)
        return false;
    *problem = NULL;
    member->data = NULL;
    take_fields(member, p);
    local_off = zip_get32(p + ZIP_CENTRAL_LOCAL_OFF);
    member->problem = take_name(member, p + ZIP_CENTRAL_NBYTES, name_nbytes);
    member->block_result =
        vxa_block_find(p + ZIP_CENTRAL_NBYTES + name_nbytes, extra_nbytes, &member->block);
    if (member->problem == NULL &&
        !take_zip64(member, &local_off, p + ZIP_CENTRAL_NBYTES + name_nbytes, extra_nbytes))
        member->problem = "a damaged zip64 field";
    if (member->problem == NULL)
        member->problem =
            find_data(archive, member, local_off, p + ZIP_CENTRAL_NBYTES, name_nbytes);
    archive->directory_off += entry_nbytes;
    return true;
}

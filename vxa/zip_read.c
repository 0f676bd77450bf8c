/* SPDX-License-Identifier: MIT */
/* The central directory: from its bytes to a list of members that can be looked up. */
#include "zip_archive.h"
#include "zip_format.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { DEFAULT_MEMBER_COUNT = 1 << 24, DEFAULT_NAME_NBYTES = 4096, EXTRA_HEADER_NBYTES = 4 };
enum { DOS_ATTRIBUTE_FOLDER = 0x10 };

/* Numbers from 1 on must fit into the index. */
#define MAX_MEMBER_COUNT (UINT32_MAX - 1)

/* ---- extra fields ---- */

const uint8_t *zip_find_extra(const uint8_t *extra, size_t extra_nbytes, uint16_t id,
                              size_t *nbytes)
{
    while (extra_nbytes >= EXTRA_HEADER_NBYTES) {
        size_t length = zip_get16(extra + 2);

        if (length > extra_nbytes - EXTRA_HEADER_NBYTES)
            return NULL;
        if (zip_get16(extra) == id) {
            *nbytes = length;
            return extra + EXTRA_HEADER_NBYTES;
        }
        extra += EXTRA_HEADER_NBYTES + length;
        extra_nbytes -= EXTRA_HEADER_NBYTES + length;
    }
    return NULL;
}

static bool take64(const uint8_t **field, size_t *nbytes, uint64_t *value)
{
    if (*nbytes < 8)
        return false;
    *value = zip_get64(*field);
    *field += 8;
    *nbytes -= 8;
    return true;
}

bool zip_apply_zip64(const uint8_t *extra, size_t extra_nbytes, uint64_t *size,
                     uint64_t *compressed_size, uint64_t *local_off)
{
    size_t nbytes, second_nbytes;
    const uint8_t *field = zip_find_extra(extra, extra_nbytes, ZIP_EXTRA_ZIP64, &nbytes);

    if (!field)
        return true;
    if (zip_find_extra(field + nbytes, extra_nbytes - (size_t)(field + nbytes - extra),
                       ZIP_EXTRA_ZIP64, &second_nbytes))
        return false;
    if (*size == UINT32_MAX && !take64(&field, &nbytes, size))
        return false;
    if (*compressed_size == UINT32_MAX && !take64(&field, &nbytes, compressed_size))
        return false;
    return !local_off || *local_off != UINT32_MAX || take64(&field, &nbytes, local_off);
}

/* ---- one record ---- */

static void take_fields(struct zip_member *m, const uint8_t *p)
{
    *m = (struct zip_member){
        .version_made_by = zip_get16(p + ZIP_CENTRAL_VERSION_MADE_BY),
        .version_needed = zip_get16(p + ZIP_CENTRAL_VERSION_NEEDED),
        .flags = zip_get16(p + ZIP_CENTRAL_FLAGS),
        .method = zip_get16(p + ZIP_CENTRAL_METHOD),
        .dos_time = zip_get16(p + ZIP_CENTRAL_TIME),
        .dos_date = zip_get16(p + ZIP_CENTRAL_DATE),
        .crc32 = zip_get32(p + ZIP_CENTRAL_CRC32),
        .compressed_size = zip_get32(p + ZIP_CENTRAL_COMPRESSED_SIZE),
        .size = zip_get32(p + ZIP_CENTRAL_SIZE),
        .raw_name = p + ZIP_CENTRAL_NBYTES,
        .raw_name_nbytes = zip_get16(p + ZIP_CENTRAL_NAME_NBYTES),
        .extra_nbytes = zip_get16(p + ZIP_CENTRAL_EXTRA_NBYTES),
        .comment_nbytes = zip_get16(p + ZIP_CENTRAL_COMMENT_NBYTES),
        .external_attributes = zip_get32(p + ZIP_CENTRAL_EXTERNAL_ATTRIBUTES),
        .local_off = zip_get32(p + ZIP_CENTRAL_LOCAL_OFF),
    };
    m->extra = m->raw_name + m->raw_name_nbytes;
}

static bool damaged(size_t number, const char *how, struct vxa_failure *failure)
{
    return vxa_fail(failure, VXA_FAILURE_DATA, "entry %zu of its directory %s", number + 1, how);
}

/* Takes the record at *p, of which `left` bytes can be read, and moves *p behind it. */
static bool take_record(struct zip_archive *a, size_t number, const uint8_t **p, size_t *left,
                        struct vxa_failure *failure)
{
    struct zip_member *m = &a->members[number];
    size_t nbytes;

    if (*left < ZIP_CENTRAL_NBYTES || zip_get32(*p) != ZIP_CENTRAL_SIGNATURE)
        return damaged(number, "is missing", failure);
    take_fields(m, *p);
    nbytes = (size_t)ZIP_CENTRAL_NBYTES + m->raw_name_nbytes + m->extra_nbytes + m->comment_nbytes;
    if (nbytes > *left)
        return damaged(number, "is longer than the directory", failure);
    if (zip_get16(*p + ZIP_CENTRAL_DISK) != 0 && zip_get16(*p + ZIP_CENTRAL_DISK) != UINT16_MAX)
        return vxa_fail(failure, VXA_FAILURE_UNSUPPORTED,
                        "entry %zu of its directory lies on another disk", number + 1);
    if (!zip_apply_zip64(m->extra, m->extra_nbytes, &m->size, &m->compressed_size, &m->local_off))
        return damaged(number, "has a damaged zip64 field", failure);
    if (a->end.directory_off < ZIP_LOCAL_NBYTES + a->end.prefix_nbytes ||
        m->local_off > a->end.directory_off - ZIP_LOCAL_NBYTES - a->end.prefix_nbytes)
        return damaged(number, "points behind the members", failure);
    m->local_off += a->end.prefix_nbytes;
    *p += nbytes;
    *left -= nbytes;
    return true;
}

/* ---- names ---- */

static size_t names_room(const struct zip_archive *a)
{
    size_t room = 1;

    for (size_t i = 0; i < a->member_count; i++)
        room += zip_name_room(&a->members[i]) + 1;
    return room;
}

/*
 * Ends the texts in place, to spare a copy of the directory: a name moves one byte forward, over
 * the fixed fields that have been taken, and the end of a comment is the next record's signature.
 */
static void end_texts(struct zip_member *m)
{
    uint8_t *name = (uint8_t *)m->raw_name - 1;
    uint8_t *comment = (uint8_t *)m->extra + m->extra_nbytes;

    memmove(name, m->raw_name, m->raw_name_nbytes);
    name[m->raw_name_nbytes] = '\0';
    m->raw_name = name;
    m->name = (const char *)name;
    m->name_nbytes = m->raw_name_nbytes;
    comment[m->comment_nbytes] = '\0';
    m->comment = (const char *)comment;
}

static bool make_names(struct zip_archive *a, uint64_t limit_nbytes, struct vxa_failure *failure)
{
    char *text = a->names = malloc(names_room(a));

    if (!text)
        return vxa_fail(failure, VXA_FAILURE_MEMORY, "out of memory");
    for (size_t i = 0; i < a->member_count; i++) {
        struct zip_member *m = &a->members[i];

        end_texts(m);
        if (zip_name_room(m) > 0) {
            m->name_nbytes = (uint32_t)zip_convert_name(m, text);
            text[m->name_nbytes] = '\0';
            m->name = text;
            text += m->name_nbytes + 1;
        }
        m->name_problem = zip_name_problem(m->name, m->name_nbytes, limit_nbytes);
    }
    return true;
}

/* Seeded, so that nobody can choose names that all fall into one place. */
static size_t first_slot(const struct zip_archive *a, const char *name, size_t nbytes)
{
    uint64_t hash = a->hash_seed;

    for (size_t i = 0; i < nbytes; i++) {
        hash = (hash ^ (unsigned char)name[i]) * UINT64_C(0x9e3779b97f4a7c15);
        hash ^= hash >> 32;
    }
    return (size_t)hash & (a->name_index_count - 1);
}

/* The place of the first member of this name, or the free one where it would be. */
static uint32_t *find_slot(const struct zip_archive *a, const char *name, size_t nbytes)
{
    size_t slot = first_slot(a, name, nbytes);

    for (; a->name_index[slot]; slot = (slot + 1) & (a->name_index_count - 1)) {
        const struct zip_member *m = &a->members[a->name_index[slot] - 1];

        if (m->name_nbytes == nbytes && memcmp(m->name, name, nbytes) == 0)
            break;
    }
    return &a->name_index[slot];
}

static bool index_names(struct zip_archive *a, struct vxa_failure *failure)
{
    if (getentropy(&a->hash_seed, sizeof a->hash_seed) != 0)
        a->hash_seed = (uint64_t)time(NULL) ^ (uintptr_t)a;
    a->name_index_count = 16;
    while (a->name_index_count < a->member_count + a->member_count / 2)
        a->name_index_count *= 2;
    a->name_index = calloc(a->name_index_count, sizeof a->name_index[0]);
    if (!a->name_index)
        return vxa_fail(failure, VXA_FAILURE_MEMORY, "out of memory");
    for (size_t i = 0; i < a->member_count; i++) {
        uint32_t *slot = find_slot(a, a->members[i].name, a->members[i].name_nbytes);

        if (*slot == 0)
            *slot = (uint32_t)(i + 1);
    }
    return true;
}

const struct zip_member *zip_member_by_name(const struct zip_archive *archive, const char *name)
{
    uint32_t number = *find_slot(archive, name, strlen(name));

    return number ? &archive->members[number - 1] : NULL;
}

/* ---- opening ---- */

static bool read_directory(struct zip_archive *a, const struct zip_read_limits *limits,
                           struct vxa_failure *failure)
{
    uint64_t limit = limits->member_count ? limits->member_count : DEFAULT_MEMBER_COUNT;
    size_t left = (size_t)a->end.directory_nbytes;
    const uint8_t *p;

    if (limit > MAX_MEMBER_COUNT)
        limit = MAX_MEMBER_COUNT;
    if (a->end.member_count > limit)
        return vxa_fail(failure, VXA_FAILURE_LIMIT,
                        "it has %" PRIu64 " members; the limit is %" PRIu64, a->end.member_count,
                        limit);
    if (a->end.directory_nbytes > SIZE_MAX - 1)
        return vxa_fail(failure, VXA_FAILURE_MEMORY, "its directory is too large for this machine");
    a->directory = malloc(left + 1);
    a->members = calloc((size_t)a->end.member_count + 1, sizeof a->members[0]);
    if (!a->directory || !a->members)
        return vxa_fail(failure, VXA_FAILURE_MEMORY, "out of memory");
    if (!zip_read_at(a->fd, a->end.directory_off, a->directory, left, failure))
        return false;
    p = a->directory;
    for (size_t i = 0; i < a->end.member_count; i++)
        if (!take_record(a, i, &p, &left, failure))
            return false;
    a->member_count = (size_t)a->end.member_count;
    if (left != 0)
        return vxa_fail(failure, VXA_FAILURE_DATA, "its directory has %zu bytes too many", left);
    return true;
}

static void find_blocks(struct zip_archive *a)
{
    struct vxa_block block;

    for (size_t i = 0; i < a->member_count; i++)
        a->members[i].block_result =
            vxa_block_find(a->members[i].extra, a->members[i].extra_nbytes, &block);
}

static bool read_comment(struct zip_archive *a, struct vxa_failure *failure)
{
    a->comment = calloc(1, a->end.comment_nbytes + 1u);
    if (!a->comment)
        return vxa_fail(failure, VXA_FAILURE_MEMORY, "out of memory");
    return zip_read_at(a->fd, a->end.comment_off, a->comment, a->end.comment_nbytes, failure);
}

static void set_warning(struct zip_archive *a)
{
    uint64_t prefix = a->end.prefix_nbytes, trailing = a->end.trailing_nbytes;
    char *text = a->warning;

    if (prefix && trailing)
        snprintf(text, sizeof a->warning,
                 "%" PRIu64 " bytes stand in front of the archive, and %" PRIu64 " after its end",
                 prefix, trailing);
    else if (prefix)
        snprintf(text, sizeof a->warning, "%" PRIu64 " bytes stand in front of the archive",
                 prefix);
    else if (trailing)
        snprintf(text, sizeof a->warning, "%" PRIu64 " bytes after the end of the archive",
                 trailing);
}

static bool open_file(struct zip_archive *a, const char *path, struct vxa_failure *failure)
{
    struct stat status;

    a->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe must not make it wait */
    if (a->fd < 0 || fstat(a->fd, &status) != 0)
        return vxa_fail_errno(failure, "cannot open the archive", errno);
    if (S_ISDIR(status.st_mode))
        return vxa_fail_errno(failure, "cannot open the archive", EISDIR);
    if (!S_ISREG(status.st_mode))
        return vxa_fail(failure, VXA_FAILURE_IO, "an archive is read from a regular file only");
    a->file_nbytes = (uint64_t)status.st_size;
    return true;
}

static bool load(struct zip_archive *a, const char *path, const struct zip_read_limits *limits,
                 struct vxa_failure *failure)
{
    uint64_t name_limit = limits->name_nbytes ? limits->name_nbytes : DEFAULT_NAME_NBYTES;

    if (!open_file(a, path, failure) || !zip_find_end(a->fd, a->file_nbytes, &a->end, failure) ||
        !read_directory(a, limits, failure) || !make_names(a, name_limit, failure) ||
        !index_names(a, failure) || !read_comment(a, failure))
        return false;
    find_blocks(a);
    set_warning(a);
    return true;
}

bool zip_open(const char *path, const struct zip_read_limits *limits, struct zip_archive **archive,
              struct vxa_failure *failure)
{
    static const struct zip_read_limits defaults = {0};
    struct zip_archive *a = calloc(1, sizeof *a);

    if (!a)
        return vxa_fail(failure, VXA_FAILURE_MEMORY, "out of memory");
    (void)pthread_mutex_init(&a->mutex, NULL);
    if (!load(a, path, limits ? limits : &defaults, failure)) {
        zip_close(a);
        return false;
    }
    *archive = a;
    return true;
}

void zip_close(struct zip_archive *archive)
{
    if (!archive)
        return;
    if (archive->fd >= 0)
        close(archive->fd);
    free(archive->directory);
    free(archive->members);
    free(archive->names);
    free(archive->comment);
    free(archive->name_index);
    free(archive->ranges);
    (void)pthread_mutex_destroy(&archive->mutex);
    free(archive);
}

/* ---- what is known ---- */

size_t zip_member_count(const struct zip_archive *archive)
{
    return archive->member_count;
}

const struct zip_member *zip_member_at(const struct zip_archive *archive, size_t index)
{
    return &archive->members[index];
}

const char *zip_archive_warning(const struct zip_archive *archive)
{
    return archive->warning[0] ? archive->warning : NULL;
}

const char *zip_archive_comment(const struct zip_archive *archive, size_t *nbytes)
{
    *nbytes = archive->end.comment_nbytes;
    return archive->comment;
}

bool zip_member_block(const struct zip_member *member, struct vxa_block *block)
{
    return member->block_result == VXA_BLOCK_OK &&
           vxa_block_find(member->extra, member->extra_nbytes, block) == VXA_BLOCK_OK;
}

/* DOS date and time (APPNOTE 4.4.6) as local time. */
static int64_t dos_seconds(const struct zip_member *member)
{
    struct tm when = {
        .tm_year = (member->dos_date >> 9) + 80,
        .tm_mon = (member->dos_date >> 5 & 15) - 1,
        .tm_mday = member->dos_date & 31,
        .tm_hour = member->dos_time >> 11,
        .tm_min = member->dos_time >> 5 & 63,
        .tm_sec = (member->dos_time & 31) * 2,
        .tm_isdst = -1,
    };

    return (int64_t)mktime(&when);
}

/* The UT field (Info-ZIP): a byte of flags, then 4 bytes of mtime if bit 0 is set. */
void zip_member_mtime(const struct zip_member *member, int64_t *seconds, bool *is_exact)
{
    size_t nbytes;
    const uint8_t *field =
        zip_find_extra(member->extra, member->extra_nbytes, ZIP_EXTRA_UNIX_TIME, &nbytes);

    *is_exact = field && nbytes >= 5 && field[0] & 1;
    *seconds = *is_exact ? (int32_t)zip_get32(field + 1) : dos_seconds(member);
}

/* The slash at the end of a name makes a folder; the attributes do where there is no content. */
static bool is_folder(const struct zip_member *member, uint32_t mode)
{
    if (member->name_nbytes > 0 && member->name[member->name_nbytes - 1] == '/')
        return true;
    return member->size == 0 &&
           (mode ? S_ISDIR(mode) : (member->external_attributes & DOS_ATTRIBUTE_FOLDER) != 0);
}

uint32_t zip_member_mode(const struct zip_member *member)
{
    unsigned host = member->version_made_by >> 8;
    bool is_unix = host == ZIP_HOST_UNIX || host == ZIP_HOST_DARWIN;
    uint32_t mode = is_unix ? member->external_attributes >> 16 : 0;

    if (is_folder(member, mode))
        return S_IFDIR | (mode ? mode & 07777 : 0755);
    if (S_ISLNK(mode))
        return mode;
    return S_IFREG | (mode ? mode & 07777 : 0644);
}

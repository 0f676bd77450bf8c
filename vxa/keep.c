/* SPDX-License-Identifier: MIT */
/* The fields: NTFS's times, Info-ZIP's numbers of user and group, and extended attributes. */
#include "keep.h"
#include "zip_archive.h"
#include "zip_format.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>

enum { FIELD_HEADER_NBYTES = 4 };

/* APPNOTE 4.5.5: 4 reserved bytes, then tag 1 with three times. */
enum { EXTRA_NTFS = 0x000a, NTFS_NBYTES = 32, NTFS_TIMES_OFF = 8, NTFS_TIMES_NBYTES = 24 };
/* Steps of 100 ns since 1601-01-01. */
#define NTFS_EPOCH_SECONDS    INT64_C(11644473600)
#define NTFS_STEPS_PER_SECOND INT64_C(10000000)

/* Info-ZIP's "ux": a version, then user and group, each behind its size. */
enum { EXTRA_UX = 0x7875, UX_NBYTES = 11, UX_VERSION = 1 };

/* Ours: a version, then for each attribute the sizes of name (1) and value (2), and both. */
enum { EXTRA_XATTRS = 0x5841, XATTRS_VERSION = 1, XATTR_HEADER_NBYTES = 3 };
static const char user_prefix[] = "user.";

/* ---- writing ---- */

static void put_filetime(uint8_t *p, const struct timespec *when)
{
    int64_t steps =
        ((int64_t)when->tv_sec + NTFS_EPOCH_SECONDS) * NTFS_STEPS_PER_SECOND + when->tv_nsec / 100;

    zip_put64(p, (uint64_t)steps);
}

static size_t put_times(const struct stat *status, uint8_t *field)
{
    const struct timespec *times[] = {&status->st_mtim, &status->st_atim, &status->st_mtim};

    zip_put16(field, EXTRA_NTFS);
    zip_put16(field + 2, NTFS_NBYTES);
    zip_put32(field + 4, 0);
    zip_put16(field + 8, 1);
    zip_put16(field + 10, NTFS_TIMES_NBYTES);
    for (size_t i = 0; i < 3; i++)
        put_filetime(field + 12 + 8 * i, times[i]);
    return FIELD_HEADER_NBYTES + NTFS_NBYTES;
}

static size_t put_owner(const struct stat *status, uint8_t *field)
{
    zip_put16(field, EXTRA_UX);
    zip_put16(field + 2, UX_NBYTES);
    field[4] = UX_VERSION;
    field[5] = 4;
    zip_put32(field + 6, (uint32_t)status->st_uid);
    field[10] = 4;
    zip_put32(field + 11, (uint32_t)status->st_gid);
    return FIELD_HEADER_NBYTES + UX_NBYTES;
}

static bool is_users(const char *name)
{
    return strncmp(name, user_prefix, sizeof(user_prefix) - 1) == 0;
}

/* Appends one attribute; its size, or -1 where there is no room, or with errno. */
static ptrdiff_t put_xattr(const char *path, const char *name, uint8_t *p, size_t room_nbytes)
{
    size_t name_nbytes = strlen(name);

    errno = E2BIG;
    if (name_nbytes > UINT8_MAX || room_nbytes < XATTR_HEADER_NBYTES + name_nbytes)
        return -1;
    ssize_t value_nbytes = getxattr(path, name, p + XATTR_HEADER_NBYTES + name_nbytes,
                                    room_nbytes - XATTR_HEADER_NBYTES - name_nbytes);

    if (value_nbytes < 0 || value_nbytes > UINT16_MAX)
        return -1;
    p[0] = (uint8_t)name_nbytes;
    zip_put16(p + 1, (uint16_t)value_nbytes);
    memcpy(p + XATTR_HEADER_NBYTES, name, name_nbytes);
    return (ptrdiff_t)(XATTR_HEADER_NBYTES + name_nbytes) + value_nbytes;
}

static size_t put_xattrs(const char *path, uint8_t *field, size_t room_nbytes,
                         struct vxa_failure *failure)
{
    char names[8192];
    ssize_t names_nbytes = listxattr(path, names, sizeof(names));
    size_t nbytes = FIELD_HEADER_NBYTES + 1;
    bool ok = names_nbytes >= 0 || errno == ENOTSUP;

    for (ssize_t off = 0; ok && off < names_nbytes; off += (ssize_t)strlen(names + off) + 1) {
        if (!is_users(names + off))
            continue;
        ptrdiff_t count = put_xattr(path, names + off, field + nbytes, room_nbytes - nbytes);

        ok = count >= 0;
        nbytes += ok ? (size_t)count : 0;
    }
    if (!ok) {
        (void)vxa_fail_errno(failure, "extended attributes are left out", errno);
        failure->kind = VXA_FAILURE_WARNING;
        return 0;
    }
    if (nbytes == FIELD_HEADER_NBYTES + 1)
        return 0;
    zip_put16(field, EXTRA_XATTRS);
    zip_put16(field + 2, (uint16_t)(nbytes - FIELD_HEADER_NBYTES));
    field[4] = XATTRS_VERSION;
    return nbytes;
}

size_t vxa_keep_build(unsigned keep, const char *path, const struct stat *status, uint8_t *fields,
                      struct vxa_failure *failure)
{
    size_t nbytes = 0;

    if (keep & VXA_KEEP_TIMES)
        nbytes += put_times(status, fields + nbytes);
    if (keep & VXA_KEEP_OWNER)
        nbytes += put_owner(status, fields + nbytes);
    if ((keep & VXA_KEEP_XATTRS) && !S_ISLNK(status->st_mode))
        nbytes += put_xattrs(path, fields + nbytes, VXA_KEEP_MAX_NBYTES - nbytes, failure);
    return nbytes;
}

/* ---- reading ---- */

static struct timespec get_filetime(const uint8_t *p)
{
    int64_t steps = (int64_t)(zip_get64(p) & INT64_MAX);

    return (struct timespec){
        .tv_sec = (time_t)(steps / NTFS_STEPS_PER_SECOND - NTFS_EPOCH_SECONDS),
        .tv_nsec = (long)(steps % NTFS_STEPS_PER_SECOND) * 100,
    };
}

static void find_times(const uint8_t *extra, size_t extra_nbytes, struct vxa_kept *kept)
{
    size_t nbytes;
    const uint8_t *field = zip_find_extra(extra, extra_nbytes, EXTRA_NTFS, &nbytes);

    if (!field || nbytes < NTFS_NBYTES || zip_get16(field + 4) != 1 ||
        zip_get16(field + 6) != NTFS_TIMES_NBYTES || zip_get64(field + NTFS_TIMES_OFF) == 0)
        return;
    kept->has_times = true;
    kept->mtime = get_filetime(field + NTFS_TIMES_OFF);
    kept->atime = get_filetime(field + NTFS_TIMES_OFF + 8);
}

static void find_owner(const uint8_t *extra, size_t extra_nbytes, struct vxa_kept *kept)
{
    size_t nbytes;
    const uint8_t *field = zip_find_extra(extra, extra_nbytes, EXTRA_UX, &nbytes);

    if (!field || nbytes < UX_NBYTES || field[0] != UX_VERSION || field[1] != 4 || field[6] != 4)
        return;
    kept->has_owner = true;
    kept->user = zip_get32(field + 2);
    kept->group = zip_get32(field + 7);
}

/* The size of the attribute at `p`, or 0 where it does not fit. */
static size_t xattr_nbytes(const uint8_t *p, size_t nbytes)
{
    if (nbytes < XATTR_HEADER_NBYTES || p[0] == 0)
        return 0;
    size_t length = (size_t)XATTR_HEADER_NBYTES + p[0] + zip_get16(p + 1);

    return length <= nbytes ? length : 0;
}

void vxa_kept_find(const uint8_t *extra, size_t extra_nbytes, struct vxa_kept *kept)
{
    size_t nbytes;
    const uint8_t *field = zip_find_extra(extra, extra_nbytes, EXTRA_XATTRS, &nbytes);

    *kept = (struct vxa_kept){.xattrs = NULL};
    find_times(extra, extra_nbytes, kept);
    find_owner(extra, extra_nbytes, kept);
    if (!field || nbytes < 1 || field[0] != XATTRS_VERSION)
        return;
    for (size_t off = 1, length; off < nbytes; off += length) {
        length = xattr_nbytes(field + off, nbytes - off);
        if (length == 0)
            return;
    }
    kept->xattrs = field + 1;
    kept->xattrs_nbytes = nbytes - 1;
}

bool vxa_kept_set_xattrs(const struct vxa_kept *kept, int fd)
{
    const uint8_t *at = kept->xattrs;
    const uint8_t *end = at + kept->xattrs_nbytes;
    bool ok = true;
    int number = 0;

    while (at && at < end) {
        char name[UINT8_MAX + 1];
        size_t name_nbytes = at[0], value_nbytes = zip_get16(at + 1);
        const uint8_t *value = at + XATTR_HEADER_NBYTES + name_nbytes;

        memcpy(name, at + XATTR_HEADER_NBYTES, name_nbytes);
        name[name_nbytes] = '\0';
        if (is_users(name) && fsetxattr(fd, name, value, value_nbytes, 0) != 0) {
            ok = false;
            number = errno;
        }
        at = value + value_nbytes;
    }
    errno = number;
    return ok;
}

/* SPDX-License-Identifier: MIT */
/* Where a spool keeps its bytes. */
#include "spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MEMORY_NBYTES = 8 * 1024 * 1024 };

void vxa_spool_begin(struct vxa_spool *spool, const char *folder)
{
    *spool = (struct vxa_spool){.folder = folder, .descriptor = -1};
}

void vxa_spool_end(struct vxa_spool *spool)
{
    free(spool->memory);
    if (spool->descriptor >= 0)
        close(spool->descriptor);
}

/* A file without a name, so that nothing is left whatever happens. */
static bool open_file(struct vxa_spool *spool)
{
    char path[4096];

    spool->descriptor = open(spool->folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (spool->descriptor >= 0)
        return true;
    if (snprintf(path, sizeof(path), "%s/.vxzip-spool-XXXXXX", spool->folder) >= (int)sizeof(path))
        return vxa_fail(&spool->failure, VXA_FAILURE_IO, "the folder's name is too long");
    spool->descriptor = mkostemp(path, O_CLOEXEC);
    if (spool->descriptor < 0)
        return vxa_fail_errno(&spool->failure, "no temporary file", errno);
    unlink(path);
    return true;
}

static bool write_file(struct vxa_spool *spool, const uint8_t *bytes, size_t nbytes)
{
    if (spool->descriptor < 0 && !open_file(spool))
        return false;
    while (nbytes > 0) {
        off_t off = (off_t)(spool->nbytes - MEMORY_NBYTES);
        ssize_t count = pwrite(spool->descriptor, bytes, nbytes, off);

        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return vxa_fail_errno(&spool->failure, "the temporary file", errno);
        bytes += count;
        nbytes -= (size_t)count;
        spool->nbytes += (uint64_t)count;
    }
    return true;
}

bool vxa_spool_write(struct vxa_spool *spool, const void *buffer, size_t nbytes)
{
    const uint8_t *bytes = buffer;

    if (!spool->memory && !(spool->memory = malloc(MEMORY_NBYTES)))
        return vxa_fail(&spool->failure, VXA_FAILURE_MEMORY, "out of memory");
    if (spool->nbytes < MEMORY_NBYTES) {
        size_t room = MEMORY_NBYTES - (size_t)spool->nbytes;
        size_t count = nbytes < room ? nbytes : room;

        memcpy(spool->memory + spool->nbytes, bytes, count);
        spool->nbytes += count;
        bytes += count;
        nbytes -= count;
    }
    return write_file(spool, bytes, nbytes);
}

bool vxa_spool_truncate(struct vxa_spool *spool, uint64_t nbytes)
{
    if (nbytes >= spool->nbytes)
        return true;
    spool->nbytes = nbytes;
    if (spool->descriptor < 0)
        return true;
    off_t file_nbytes = nbytes > MEMORY_NBYTES ? (off_t)(nbytes - MEMORY_NBYTES) : 0;

    if (ftruncate(spool->descriptor, file_nbytes) != 0)
        return vxa_fail_errno(&spool->failure, "the temporary file", errno);
    return true;
}

static ptrdiff_t read_range(void *context, void *buffer, size_t nbytes)
{
    struct vxa_spool_range *range = context;
    struct vxa_spool *spool = range->spool;
    ssize_t count;

    if (nbytes > range->end_off - range->off)
        nbytes = (size_t)(range->end_off - range->off);
    if (nbytes == 0)
        return 0;
    if (range->off < MEMORY_NBYTES) {
        size_t room = MEMORY_NBYTES - (size_t)range->off;

        count = (ssize_t)(nbytes < room ? nbytes : room);
        memcpy(buffer, spool->memory + range->off, (size_t)count);
    } else {
        do
            count = pread(spool->descriptor, buffer, nbytes, (off_t)(range->off - MEMORY_NBYTES));
        while (count < 0 && errno == EINTR);
        if (count <= 0) {
            (void)vxa_fail_errno(&spool->failure, "the temporary file", count < 0 ? errno : EIO);
            return -1;
        }
    }
    range->off += (uint64_t)count;
    return count;
}

struct vxa_source vxa_spool_source(struct vxa_spool_range *range)
{
    return (struct vxa_source){read_range, range};
}

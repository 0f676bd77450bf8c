/* SPDX-License-Identifier: MIT */
/* What of a file is kept on demand, beside its content, mode and time: in extra fields. */
#ifndef VXA_KEEP_H
#define VXA_KEEP_H

#include "failure.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <time.h>

/* Bits of what was asked for. */
enum vxa_keep {
    VXA_KEEP_TIMES = 1,  /* modification to 100 nanoseconds, and last access */
    VXA_KEEP_OWNER = 2,  /* user and group, by number */
    VXA_KEEP_XATTRS = 4, /* extended attributes that belong to users ("user.") */
};

/* The most that all fields of a member take. */
enum { VXA_KEEP_MAX_NBYTES = 32 * 1024 };

/*
 * Writes the fields of the file to `fields`, which has room for VXA_KEEP_MAX_NBYTES, and returns
 * their size. With a failure of kind WARNING something is left out.
 */
size_t vxa_keep_build(unsigned keep, const char *path, const struct stat *status, uint8_t *fields,
                      struct vxa_failure *failure);

/* The same, read from a member's extra field. */
struct vxa_kept {
    bool has_times, has_owner;
    struct timespec mtime, atime;
    uint32_t user, group;
    const uint8_t *xattrs; /* inside the extra field; NULL: none */
    size_t xattrs_nbytes;
};

/* What is damaged counts as missing. */
void vxa_kept_find(const uint8_t *extra, size_t extra_nbytes, struct vxa_kept *kept);

/* Sets the extended attributes that belong to users; false with errno when one cannot be. */
bool vxa_kept_set_xattrs(const struct vxa_kept *kept, int fd);

#endif

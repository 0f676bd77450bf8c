/* SPDX-License-Identifier: MIT */
/* Bytes kept until they are needed: the first ones in memory, the rest in an unlinked file. */
#ifndef VXA_SPOOL_H
#define VXA_SPOOL_H

#include "failure.h"
#include "stream.h"

struct vxa_spool {
    const char *folder; /* where the file is made when it is needed */
    uint8_t *memory;
    int descriptor; /* -1: no file yet */
    uint64_t nbytes;
    struct vxa_failure failure; /* why a read or write failed */
};

/* A part of a spool as a source; `off` moves on. */
struct vxa_spool_range {
    struct vxa_spool *spool;
    uint64_t off;
    uint64_t end_off;
};

/* `folder` must outlive the spool. */
void vxa_spool_begin(struct vxa_spool *spool, const char *folder);
void vxa_spool_end(struct vxa_spool *spool);

/* Appends. */
bool vxa_spool_write(struct vxa_spool *spool, const void *buffer, size_t nbytes);

/* Forgets all bytes from `nbytes` on. */
bool vxa_spool_truncate(struct vxa_spool *spool, uint64_t nbytes);

struct vxa_source vxa_spool_source(struct vxa_spool_range *range);

#endif

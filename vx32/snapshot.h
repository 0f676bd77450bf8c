/* SPDX-License-Identifier: MIT */
/* A guest's whole state at one moment, to be gone back to. */
#ifndef VX32_SNAPSHOT_H
#define VX32_SNAPSHOT_H

#include "instance.h"

/* A row of pages that are mapped alike. */
struct vx_snapshot_run {
    uint32_t page, page_count;
    unsigned permissions;
};

/* A row of pages that are not all zero, within one run; their bytes lie at `off` of the copy. */
struct vx_snapshot_piece {
    uint32_t page, page_count;
    size_t off;
};

struct vx_snapshot {
    struct vx_cpu cpu;
    struct vx_process process;
    struct vx_pending pending;
    struct vx32_exit exit;
    uint64_t fuel;
    struct vx_snapshot_run *runs;
    struct vx_snapshot_piece *pieces;
    uint8_t *copy;
    size_t run_count, piece_count, copy_nbytes;
};

/* NULL is allowed. */
void vx_snapshot_free(struct vx_snapshot *snapshot);

/*
 * The instance's memory must be clear. VX32_NO_MEMORY: the host has none for the guest's pages, and
 * the guest must not run.
 */
VX32_MUST_CHECK enum vx32_status vx_snapshot_restore(struct vx32_instance *instance);

#endif

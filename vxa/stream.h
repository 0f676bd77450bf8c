/* SPDX-License-Identifier: MIT */
/* Where bytes come from and where they go, as seen by codecs and the sandbox. */
#ifndef VXA_STREAM_H
#define VXA_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Pulls up to `nbytes` (at least 1) into `buffer`; 0 at the end, -1 on a failure that the
 * implementation has already described in its own context. */
struct vxa_source {
    ptrdiff_t (*read)(void *context, void *buffer, size_t nbytes);
    void *context;
};

/* Takes all `nbytes`, or returns false after describing the failure in its own context. */
struct vxa_sink {
    bool (*write)(void *context, const void *buffer, size_t nbytes);
    void *context;
};

#endif

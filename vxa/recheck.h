/* SPDX-License-Identifier: MIT */
/* Reads a finished archive back, member by member, as if it were a stranger's. */
#ifndef VXA_RECHECK_H
#define VXA_RECHECK_H

#include "decode.h"
#include "failure.h"
#include "sandbox.h"

#include <stdbool.h>
#include <stddef.h>

struct vxa_recheck_summary {
    size_t tested_count;
    size_t untested_count;     /* encrypted, or without a decoder in the archive */
    const char *untested_name; /* one of them; valid until vxa_recheck_end() */
};

struct vxa_recheck;

/* Opens the archive at `path`. `decoder_folder` serves members without a decoder of their own. */
struct vxa_recheck *vxa_recheck_begin(const char *path, const char *decoder_folder,
                                      enum vxa_engine engine, struct vxa_spawner *spawner,
                                      struct vxa_interrupt *interrupt, struct vxa_failure *failure);

/* Decodes every member: sizes and CRCs must be those of the headers. On failure `*culprit` is the
 * member's name. */
bool vxa_recheck_run(struct vxa_recheck *recheck, struct vxa_recheck_summary *summary,
                     const char **culprit, struct vxa_failure *failure);

/* NULL is allowed. */
void vxa_recheck_end(struct vxa_recheck *recheck);

#endif

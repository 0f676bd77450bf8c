/* SPDX-License-Identifier: MIT */
/* What an update changes: which members go, and which files are newer than theirs. */
#ifndef VXA_REVISE_H
#define VXA_REVISE_H

#include "walk.h"
#include "zip_read.h"

/* A revision of an archive that exists. */
enum vxa_revision {
    VXA_REVISION_ADD,     /* add and replace */
    VXA_REVISION_UPDATE,  /* the same, but replace only what is newer (-u) */
    VXA_REVISION_FRESHEN, /* replace what is newer, and add nothing (-f) */
    VXA_REVISION_DELETE,  /* -d */
    VXA_REVISION_ATTACH,  /* give members their decoders (--attach) */
};

/* Leaves the inputs that the revision takes: against no archive (NULL) all are new. */
void vxa_revise_inputs(enum vxa_revision revision, const struct zip_archive *archive,
                       struct vxa_walk *walk);

/* Adds each file that a member of the archive was made of, if it is still there. */
bool vxa_revise_add_members(const struct zip_archive *archive, struct vxa_walk *walk,
                            struct vxa_failure *failure);

/*
 * Marks in `drops`, by number, the members whose name matches one of the patterns, and in `matched`
 * the patterns that match any. The archive's own members, which are made anew, do not count.
 * Returns how many members are marked.
 */
size_t vxa_revise_drops(const struct zip_archive *archive, const char *const *patterns,
                        size_t pattern_count, bool *drops, bool *matched);

#endif

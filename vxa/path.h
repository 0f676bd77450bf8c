/* SPDX-License-Identifier: MIT */
/* The folder that is extracted into: nothing is ever made outside it, or under a name half done. */
#ifndef VXA_PATH_H
#define VXA_PATH_H

#include "failure.h"
#include "keep.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Names are relative paths with "/" between their parts; those with ".." are refused. Every folder
 * on the way is opened by itself and never through a symbolic link; missing ones are made. A file
 * is written under a temporary name beside its place and renamed when it is whole. Symbolic links,
 * and the modes and times of folders, wait until vxa_target_finish().
 */
struct vxa_target;

/* The path of the folder itself is the user's: its links are followed, what is missing is made. */
bool vxa_target_open(const char *folder, struct vxa_target **target, struct vxa_failure *failure);
/* NULL is allowed. */
void vxa_target_close(struct vxa_target *target);

enum vxa_existing { VXA_EXISTING_NONE, VXA_EXISTING_FILE, VXA_EXISTING_FOLDER };

/* What stands at the name; a symbolic link counts as a file. Makes nothing. Fails when the way
 * there is unsafe. */
bool vxa_target_look(const struct vxa_target *target, const char *name, enum vxa_existing *existing,
                     struct vxa_failure *failure);

/* What a file, folder or link gets when it is finished. Of the mode, the 9 permission bits count:
 * setuid, setgid and sticky bits are never restored. */
struct vxa_attributes {
    uint32_t mode;
    int64_t mtime;
    uint32_t mtime_nanoseconds;
    bool has_atime; /* else it is that of the extraction */
    struct timespec atime;
    struct vxa_kept kept; /* owner and extended attributes to be set; what cannot be is told */
};

/* Makes a folder. One that was there before this run keeps its attributes, unless `replace`. */
bool vxa_target_folder(struct vxa_target *target, const char *name,
                       const struct vxa_attributes *attributes, bool replace,
                       struct vxa_failure *failure);

/* Makes a symbolic link, at the end. What stands there then is replaced only with `replace`. */
bool vxa_target_link(struct vxa_target *target, const char *name, const char *link_target,
                     const struct vxa_attributes *attributes, bool replace,
                     struct vxa_failure *failure);

/* A file while it is being written. */
struct vxa_output {
    int folder_fd;
    int fd;
    char name[NAME_MAX + 1]; /* in that folder */
    char temporary_name[32];
};

bool vxa_output_begin(struct vxa_target *target, const char *name, struct vxa_output *output,
                      struct vxa_failure *failure);
bool vxa_output_write(struct vxa_output *output, const void *data, size_t nbytes,
                      struct vxa_failure *failure);
/* Either of these ends the output; with true, the failure may be a WARNING. A failing commit leaves
 * nothing behind. What stands at the name is replaced, and not followed if it is a link; without
 * `replace` it makes the commit fail. */
bool vxa_output_commit(struct vxa_output *output, const struct vxa_attributes *attributes,
                       bool replace, struct vxa_failure *failure);
void vxa_output_abandon(struct vxa_output *output);

/*
 * Makes the links, then sets the attributes of the folders, inner ones first. Goes on after a
 * failure; calls `report` for each.
 */
typedef void vxa_target_report(void *context, const char *name, const struct vxa_failure *failure);
void vxa_target_finish(struct vxa_target *target, vxa_target_report *report, void *context);

#endif

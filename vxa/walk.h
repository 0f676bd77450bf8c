/* SPDX-License-Identifier: MIT */
/* From the names on the command line to the sorted list of inputs and their member names. */
#ifndef VXA_WALK_H
#define VXA_WALK_H

#include "failure.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

enum vxa_input_kind { VXA_INPUT_FILE, VXA_INPUT_DIRECTORY, VXA_INPUT_LINK };

/* One input. `name` is the member's: relative, without "." and ".."; a directory's ends in "/". */
struct vxa_input {
    char *path;
    char *name;
    enum vxa_input_kind kind;
    dev_t device;
    ino_t inode;
    uint64_t nbytes; /* of a file, when it was found */
};

/* What the user asked for. Pattern lists may be NULL when their count is 0. */
struct vxa_walk_options {
    bool recurse;    /* -r */
    bool junk_paths; /* -j: the last component is the whole name; directories are left out */
    bool keep_links; /* -y: symbolic links are members of their own, not followed */
    const char *const *include;
    size_t include_count; /* -i: with any, a name must match one of them */
    const char *const *exclude;
    size_t exclude_count; /* -x */
    const char *archive;  /* never an input; need not exist */
};

/* Called for what is left out: `path` and the reason. */
typedef void vxa_walk_warning(void *context, const char *path, const struct vxa_failure *failure);

struct vxa_walk {
    struct vxa_input *inputs;
    size_t input_count;
    size_t input_room;
    uint64_t total_nbytes;    /* of the files, as they were when they were found */
    size_t unreadable_count;  /* named or found, but not to be opened */
    size_t unsupported_count; /* devices, sockets, pipes, reserved names */
    /* The rest is private to walk.c. */
    const struct vxa_walk_options *options;
    vxa_walk_warning *warning;
    void *warning_context;
    struct vxa_failure *failure;
    dev_t archive_device;
    ino_t archive_inode;
    bool archive_exists;
    size_t *slots; /* hash table over the names: index + 1, or 0 */
    size_t slot_count;
    const struct vxa_walk_ancestor *ancestor;
};

void vxa_walk_begin(struct vxa_walk *walk, const struct vxa_walk_options *options,
                    vxa_walk_warning *warning, void *warning_context);

/*
 * Adds one operand and, with recursion, all below it. Trouble with single files goes to the
 * warning. False only when packing cannot go on: two different files of one name
 * (VXA_FAILURE_UNSAFE), or no memory.
 */
bool vxa_walk_add(struct vxa_walk *walk, const char *path, struct vxa_failure *failure);

/* Adds one operand a line, to the end of `stream` (-@). */
bool vxa_walk_add_lines(struct vxa_walk *walk, FILE *stream, struct vxa_failure *failure);

/* Forgets the inputs that `keep` does not want; the others stay in order. */
typedef bool vxa_walk_test(void *context, const struct vxa_input *input);
void vxa_walk_filter(struct vxa_walk *walk, vxa_walk_test *keep, void *context);

void vxa_walk_end(struct vxa_walk *walk);

/* The input of this member name, or NULL. */
const struct vxa_input *vxa_walk_find(const struct vxa_walk *walk, const char *name);

/* Tells of each file that is another name (a hard link) of one before it. False without memory. */
typedef void vxa_walk_double(void *context, const struct vxa_input *first,
                             const struct vxa_input *second);
bool vxa_walk_find_doubles(const struct vxa_walk *walk, vxa_walk_double *tell, void *context);

/* Whether a name belongs to the archive's own members, the decoders and their explanation. */
bool vxa_name_is_reserved(const char *name);

#endif

/* SPDX-License-Identifier: MIT */
/* What the programs say on stderr, in one form, and their exit statuses (those of Info-ZIP). */
#ifndef VXA_MESSAGE_H
#define VXA_MESSAGE_H

#include "failure.h"
#include "harmless.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Exit statuses as unzip(1) documents them; the gravest one of a run counts. */
enum vxa_exit_status {
    VXA_EXIT_OK = 0,
    VXA_EXIT_WARNING = 1,
    VXA_EXIT_ERROR = 2,  /* a member was damaged or refused; the others are done */
    VXA_EXIT_SEVERE = 3, /* the archive's structure is damaged */
    VXA_EXIT_MEMORY = 4,
    VXA_EXIT_NO_FILE = 9, /* the archive was not found, or is no ZIP */
    VXA_EXIT_USAGE = 10,
    VXA_EXIT_NO_MATCH = 11, /* no member or file matched */
    VXA_EXIT_DISK_FULL = 50,
    VXA_EXIT_END_OF_FILE = 51, /* the archive ends too early */
    VXA_EXIT_INTERRUPTED = 80,
    VXA_EXIT_ISOLATION = 83,   /* the system lacks a wall that is required */
    VXA_EXIT_UNSUPPORTED = 81, /* a method or decoder is missing; the others are done */
};

/* "PROGRAM: ARCHIVE: MEMBER: REASON" on stderr, control characters escaped; archive and member may
 * be NULL. */
void vxa_message(const char *program, const char *archive, const char *member,
                 const struct vxa_failure *failure);

/* The status that a failure of this kind stands for in vxunzip. */
int vxa_exit_status_of(enum vxa_failure_kind kind);

/* The graver of two statuses. */
int vxa_graver(int a, int b);

#endif

/* SPDX-License-Identifier: MIT */
/* What went wrong, as data: a kind for the exit status and one finished sentence. */
#ifndef VXA_FAILURE_H
#define VXA_FAILURE_H

/* Kinds, in rising order of gravity. The programs map them to exit statuses. */
enum vxa_failure_kind {
    VXA_FAILURE_NONE,
    VXA_FAILURE_WARNING,     /* done, with something to tell */
    VXA_FAILURE_UNSUPPORTED, /* a method, encryption or version that we do not read */
    VXA_FAILURE_NO_DECODER,  /* the decoder that a member names is not to be had */
    VXA_FAILURE_DATA,        /* damaged bytes: CRC, size, stream or header */
    VXA_FAILURE_DECODER,     /* the decoder trapped or is not an acceptable program */
    VXA_FAILURE_LIMIT,       /* a limit that the user can raise was reached */
    VXA_FAILURE_UNSAFE,      /* a name or link that could leave the target folder */
    VXA_FAILURE_NOT_ZIP,     /* no usable archive structure */
    VXA_FAILURE_IO,          /* the operating system refused; text has its reason */
    VXA_FAILURE_DISK_FULL,
    VXA_FAILURE_MEMORY,
    VXA_FAILURE_INTERRUPTED,
};

enum { VXA_FAILURE_TEXT_NBYTES = 512 };

struct vxa_failure {
    enum vxa_failure_kind kind;
    char text[VXA_FAILURE_TEXT_NBYTES]; /* the reason alone: no file or member name, no newline */
};

/* Sets kind and text, printf-like; returns false, so that `return vxa_fail(...)` reads well. */
#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
_Bool vxa_fail(struct vxa_failure *failure, enum vxa_failure_kind kind, const char *format, ...);

/* Like vxa_fail() with the text of `error_number` appended; ENOSPC and EDQUOT become DISK_FULL. */
_Bool vxa_fail_errno(struct vxa_failure *failure, const char *what, int error_number);

/* One word for a kind, such as "data", for programs; static. */
const char *vxa_failure_kind_name(enum vxa_failure_kind kind);

#endif

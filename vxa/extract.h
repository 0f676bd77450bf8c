/* SPDX-License-Identifier: MIT */
/* Extracts, tests or prints the members of an archive. */
#ifndef VXA_EXTRACT_H
#define VXA_EXTRACT_H

#include "decode.h"
#include "overwrite.h"
#include "select.h"

struct vxa_json;

enum vxa_extract_verb {
    VXA_EXTRACT_FILES,
    VXA_EXTRACT_TEST,  /* decode and check, write nothing */
    VXA_EXTRACT_PRINT, /* to standard output, contents only */
};

/* 0 means no limit. */
struct vxa_extract_limits {
    uint64_t total_nbytes; /* of output, all members together */
    uint64_t ratio;        /* of output to coded bytes; asked from VXA_RATIO_FREE_NBYTES on */
};

/* Output up to this size is nobody's harm, however well it was compressed. */
#define VXA_RATIO_FREE_NBYTES (UINT64_C(1) << 30)

struct vxa_extract_job {
    const char *program, *archive_name; /* for messages */
    struct zip_archive *archive;
    struct vxa_decoding *const *decodings; /* one for each job */
    unsigned job_count;
    struct vxa_selection *selection;
    const struct vxa_interrupt *interrupt;
    enum vxa_extract_verb verb;
    const char *folder;
    enum vxa_overwrite overwrite;
    bool junk_paths;       /* the last part of the name is the whole name */
    bool decoded;          /* already coded files in their decoded form */
    unsigned keep;         /* bits of enum vxa_keep: what is restored */
    int quiet;             /* 1: no line for each member; 2: no result of a test */
    struct vxa_json *json; /* where results go instead of standard output, or NULL */
    struct vxa_extract_limits limits;
};

struct vxa_extract_result {
    int status;
    bool stopped;     /* not all members had their turn */
    bool reader_gone; /* nobody reads standard output any more */
};

struct vxa_extract_result vxa_extract(const struct vxa_extract_job *job);

#endif

/* SPDX-License-Identifier: MIT */
/* Packs inputs into an archive, new or updated, with the decoders that its members need. */
#ifndef VXA_PACK_H
#define VXA_PACK_H

#include "codec.h"
#include "encode_input.h"
#include "failure.h"
#include "keep.h"
#include "sandbox.h"
#include "update.h"
#include "walk.h"
#include "zip_write.h"

/* What has become of one input or one member of the old archive. */
struct vxa_pack_event {
    enum {
        VXA_PACK_ADDED,
        VXA_PACK_REPLACED,
        VXA_PACK_ATTACHED, /* a member that is kept got its decoder */
        VXA_PACK_DELETED,
        VXA_PACK_LEFT_OUT,
        VXA_PACK_WARNING,
        VXA_PACK_REMARK, /* of interest to who asks for details */
    } kind;
    const char *name;                  /* the member's; for LEFT_OUT the file's path */
    const struct vxa_codec *codec;     /* ADDED, REPLACED: NULL when stored */
    const char *attached;              /* the decoder that was attached, or NULL */
    uint64_t size, compressed_size;    /* ADDED, REPLACED */
    const struct vxa_failure *failure; /* LEFT_OUT, WARNING, REMARK */
};

typedef void vxa_pack_report(void *context, const struct vxa_pack_event *event);

struct vxa_pack_job {
    struct vxa_wish wish;
    bool self_contained; /* a reader in C and the specifications go in, too */
    bool verify;         /* decode everything again before it is committed */
    bool certify;        /* and write down what that costs */
    enum vxa_engine engine;
    struct vxa_spawner *spawner; /* of workers, or NULL */
    unsigned job_count;          /* inputs encoded at a time */
    const char *decoder_folder;  /* the user's, or NULL */
    struct vxa_old_archive *old; /* NULL: a new archive */
    const bool *drops;           /* by number, the old archive's members that go; or NULL */
    unsigned keep;               /* bits of enum vxa_keep */
    bool adopt;                  /* old members without a decoder get one */
    const struct vxa_walk *walk;
    struct zip_writer *writer;
    struct vxa_interrupt *interrupt;
    struct vxa_progress *progress; /* or NULL */
    vxa_pack_report *report;
    void *report_context;
};

struct vxa_pack_summary {
    size_t packed_count, kept_count, left_out_count, attached_count;
    const char *culprit; /* the name that packing broke off at, or NULL */
};

/*
 * Writes all members to the writer; finishing and committing it is the caller's. Decoders come
 * first, and only those that a member refers to. Members of the old archive keep their place;
 * inputs replace those of the same name.
 */
bool vxa_pack(const struct vxa_pack_job *job, struct vxa_pack_summary *summary,
              struct vxa_failure *failure);

#endif

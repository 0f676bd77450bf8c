/* SPDX-License-Identifier: MIT */
/* One input: read, encoded, decoded again in the sandbox, compared. */
#ifndef VXA_ENCODE_INPUT_H
#define VXA_ENCODE_INPUT_H

#include "attachment.h"
#include "choose.h"
#include "coders.h"
#include "failure.h"
#include "interrupt.h"
#include "progress.h"
#include "spool.h"
#include "walk.h"

#include <sys/stat.h>

/* Told of a coding that was given up for the next one. */
typedef void vxa_encode_remark(void *context, const char *name, const struct vxa_failure *failure);

struct vxa_encode_settings {
    struct vxa_wish wish;
    bool verify;  /* what an encoder made is decoded again and compared */
    bool certify; /* and what that costs is written down */
    struct vxa_coders *coders;
    struct vxa_spool *spool; /* where the data goes */
    struct vxa_interrupt *interrupt;
    struct vxa_progress *progress; /* told how far the file was read; or NULL */
    vxa_encode_remark *remark;
    void *remark_context;
};

/* The data of a future member, at the end of the spool. */
struct vxa_encoded {
    const struct vxa_codec *codec;     /* NULL: stored */
    struct vxa_attachment attachment;  /* of a stored file that was coded already */
    const struct vxa_decoder *decoder; /* the one that belongs to either, else NULL */
    struct vxa_sandbox_outcome cost;   /* of decoding; no instructions: not known */
    uint64_t size;
    uint32_t crc32;
    uint64_t spool_off, compressed_size;
    uint32_t mode; /* with the S_IF bits */
    int64_t mtime;
    struct stat status; /* as the file was opened */
};

enum vxa_encode_result {
    VXA_ENCODE_DONE,
    VXA_ENCODE_LEFT_OUT, /* this input cannot be had whole: the failure says why */
    VXA_ENCODE_STOP,     /* packing cannot go on */
};

enum vxa_encode_result vxa_encode_input(const struct vxa_encode_settings *settings,
                                        const struct vxa_input *input, struct vxa_encoded *encoded,
                                        struct vxa_failure *failure);

/* The block of the future member; false if it needs none. */
bool vxa_encoded_block(const struct vxa_encoded *encoded, struct vxa_block *block);

#endif

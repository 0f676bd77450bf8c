/* SPDX-License-Identifier: MIT */
/* One input: read, encoded, decoded again in the sandbox, compared. */
#ifndef VXA_ENCODE_INPUT_H
#define VXA_ENCODE_INPUT_H

#include "codec.h"
#include "failure.h"
#include "interrupt.h"
#include "sandbox.h"
#include "spool.h"
#include "walk.h"

struct vxa_encode_settings {
    const struct vxa_codec *codec; /* one without an encoder stores */
    int level;
    uint64_t block_nbytes;       /* what a coded member costs in headers: it must gain more */
    struct vxa_sandbox *sandbox; /* the codec's decoder; NULL: results are not verified */
    struct vxa_spool *spool;     /* where the data goes */
    struct vxa_interrupt *interrupt;
};

/* The data of a future member, at the end of the spool. */
struct vxa_encoded {
    bool coded; /* else stored */
    uint64_t size;
    uint32_t crc32;
    uint64_t spool_off, compressed_size;
    uint32_t mode; /* with the S_IF bits */
    int64_t mtime;
};

enum vxa_encode_result {
    VXA_ENCODE_DONE,
    VXA_ENCODE_LEFT_OUT, /* this input cannot be had whole: the failure says why */
    VXA_ENCODE_STOP,     /* packing cannot go on */
};

enum vxa_encode_result vxa_encode_input(const struct vxa_encode_settings *settings,
                                        const struct vxa_input *input, struct vxa_encoded *encoded,
                                        struct vxa_failure *failure);

#endif

/* SPDX-License-Identifier: MIT */
/* What encoders share whose libraries take and give bytes in pieces. */
#ifndef VXA_ENCODE_STREAM_H
#define VXA_ENCODE_STREAM_H

#include "codec.h"

/* Both ends of one step. The library moves all four on, and END comes only with `is_last`. */
struct vxa_window {
    const uint8_t *in;
    size_t in_nbytes;
    uint8_t *out;
    size_t out_nbytes;
    bool is_last; /* no input follows these bytes */
};

enum vxa_step { VXA_STEP_ON, VXA_STEP_END, VXA_STEP_FAILED };

struct vxa_stream_coder {
    const char *name;
    enum vxa_step (*step)(void *context, struct vxa_window *window);
    void *context;
};

/* Drives the coder over all of the original. */
bool vxa_encode_stream(const struct vxa_original *original, const struct vxa_stream_coder *coder,
                       struct vxa_sink sink, struct vxa_failure *failure);

#endif

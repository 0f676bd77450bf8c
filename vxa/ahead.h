/* SPDX-License-Identifier: MIT */
/* Inputs are encoded ahead of their turn, several at a time, and given out in order. */
#ifndef VXA_AHEAD_H
#define VXA_AHEAD_H

#include "encode_input.h"

struct vxa_ahead_settings {
    struct vxa_encode_settings encode; /* but for coders, spool and remark */
    struct vxa_decoder_store *store;
    enum vxa_engine engine;
    struct vxa_spawner *spawner; /* NULL: one job */
    unsigned job_count;
    const char *folder; /* for what of the data does not stay in memory */
};

struct vxa_ahead;

/* The inputs, in the order in which they will be asked for, must outlive it, as must all that the
 * settings point to. NULL when out of memory. */
struct vxa_ahead *vxa_ahead_new(const struct vxa_ahead_settings *settings,
                                const struct vxa_input *const *inputs, size_t input_count);
/* NULL is allowed. What was encoded and not asked for is forgotten. */
void vxa_ahead_free(struct vxa_ahead *ahead);

/* What came of an input. */
struct vxa_coded_input {
    const struct vxa_input *input;
    enum vxa_encode_result result;
    struct vxa_failure failure;
    struct vxa_encoded encoded;
    struct vxa_spool spool; /* its own: where the data is */
    struct vxa_failure *remarks;
    size_t remark_count;
};

/* That of the next input, once it is there; NULL when out of memory, or at the end. */
struct vxa_coded_input *vxa_ahead_next(struct vxa_ahead *ahead);
void vxa_coded_input_free(struct vxa_coded_input *coded);

#endif

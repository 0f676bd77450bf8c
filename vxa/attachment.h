/* SPDX-License-Identifier: MIT */
/* What the decoder of an already coded file makes of it: the facts for the member's block. */
#ifndef VXA_ATTACHMENT_H
#define VXA_ATTACHMENT_H

#include "coders.h"
#include "interrupt.h"
#include "recognise.h"
#include "spool.h"

struct vxa_attachment {
    const struct vxa_recogniser *recogniser; /* NULL: the file is not attached to a decoder */
    uint64_t decoded_size;
    uint32_t decoded_crc32;
    char decoded_suffix[32];
};

/*
 * Decodes the file that lies in `coded`, to count. False, with the reason, if the decoder does not
 * take it, if its output has no proportion to its size, or if the run was interrupted.
 */
bool vxa_attach(struct vxa_sandbox *sandbox, const struct vxa_recogniser *recogniser,
                const char *name, struct vxa_spool_range coded, struct vxa_interrupt *interrupt,
                struct vxa_attachment *attachment, struct vxa_failure *failure);

#endif

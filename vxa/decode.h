/* SPDX-License-Identifier: MIT */
/* One member's content, by its own decoder in the sandbox, checked against what the headers say. */
#ifndef VXA_DECODE_H
#define VXA_DECODE_H

#include "decoder_store.h"
#include "failure.h"
#include "interrupt.h"
#include "sandbox.h"
#include "stream.h"
#include "zip_read.h"

enum { VXA_ENGINES_MAX = 2 };

struct vxa_decode_settings {
    struct zip_archive *archive;
    struct vxa_decoder_store *store;
    enum vxa_engine engines[VXA_ENGINES_MAX]; /* with several, all must give the same bytes */
    int engine_count;
    struct vxa_sandbox_limits limits;
    /* A member of a standard method whose own decoder is missing or damaged may be decoded by the
     * installed one for that method. */
    bool may_substitute;
    bool native;    /* standard methods by the host's libraries, not by decoders */
    bool certified; /* a decoder must cost exactly what the member certifies, items 08 and 09 */
    struct vxa_interrupt *interrupt;
};

struct vxa_decoding;

/* The settings are copied; what they point to must live on. NULL when out of memory. */
struct vxa_decoding *vxa_decoding_new(const struct vxa_decode_settings *settings);
/* NULL is allowed. */
void vxa_decoding_free(struct vxa_decoding *decoding);

enum vxa_form {
    VXA_FORM_MEMBER,  /* what the ZIP headers describe */
    VXA_FORM_DECODED, /* what an already coded file decodes to: items 01 and 02 of its block */
};

/* Whether the block is that of an already coded file, which has a decoded form beside itself. */
bool vxa_has_decoded_form(const struct vxa_block *block);

/* Whether the member is a decoder; the block is filled if so. */
bool vxa_is_decoder(const struct zip_member *member, struct vxa_block *block);

/*
 * Sends the content to the sink, never more than the size that is declared. True only if size,
 * CRC-32 and the end of the coded bytes are right at the end; until then the sink's bytes are
 * unproved. With true, the failure's kind is NONE, or WARNING with something to tell. When the
 * sink refuses, the failure is VXA_FAILURE_IO with an empty text: its owner knows why.
 */
bool vxa_decode_member(struct vxa_decoding *decoding, const struct zip_member *member,
                       enum vxa_form form, struct vxa_sink sink, struct vxa_failure *failure);

/* "auto", "interpret" or "translate". */
const char *vxa_engine_name(enum vxa_engine engine);

#endif

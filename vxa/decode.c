/* SPDX-License-Identifier: MIT */
/* How a member's bytes become its content: which decoder, which limits, which checks. */
#include "decode.h"
#include "codec.h"
#include "method_name.h"
#include "native.h"
#include "sandbox_pool.h"
#include "sha256.h"
#include "zip_format.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { CHUNK_NBYTES = 64 * 1024, DECODER_MAX_NBYTES = 16 * 1024 * 1024 };

/* A chain of hashes over an output of any length, to compare two without keeping them. */
struct fingerprint {
    uint8_t bytes[VXA_HASH_NBYTES + CHUNK_NBYTES]; /* the hash so far, then what is not hashed */
    size_t nbytes;
};

struct vxa_decoding {
    struct vxa_decode_settings settings;
    struct vxa_sandbox_pool *pool;
    uint8_t input[CHUNK_NBYTES], output[CHUNK_NBYTES];
    struct fingerprint fingerprint;
};

/* One member on its way through, once for each engine. */
struct passage {
    struct vxa_decoding *decoding;
    const struct zip_member *member;
    struct vxa_block block; /* all zero where the member has none of its own */
    struct vxa_sink sink;   /* without a function: the bytes are only checked */
    uint64_t expected_size;
    uint32_t expected_crc32;
    uint64_t read_off;
    uint64_t size;
    uint32_t crc32;
    bool sink_refused;
    uint8_t *collected;         /* NULL, or room for all of a decoder's own bytes */
    struct vxa_failure fault;   /* of reading or of the size; kind NONE if there is none */
    struct vxa_failure warning; /* the same */
};

struct vxa_decoding *vxa_decoding_new(const struct vxa_decode_settings *settings)
{
    struct vxa_decoding *decoding = calloc(1, sizeof(*decoding));

    if (!decoding)
        return NULL;
    decoding->settings = *settings;
    decoding->settings.limits.interrupt = settings->interrupt;
    decoding->pool = vxa_sandbox_pool_new(&decoding->settings.limits);
    if (!decoding->pool) {
        free(decoding);
        return NULL;
    }
    return decoding;
}

void vxa_decoding_free(struct vxa_decoding *decoding)
{
    if (!decoding)
        return;
    vxa_sandbox_pool_free(decoding->pool);
    free(decoding);
}

bool vxa_has_decoded_form(const struct vxa_block *block)
{
    return block->kind == VXA_BLOCK_MEMBER && (block->flags & VXA_FLAG_ORIGINAL_CODED);
}

bool vxa_is_decoder(const struct zip_member *member, struct vxa_block *block)
{
    return member->block_result == VXA_BLOCK_OK && zip_member_block(member, block) &&
           block->kind == VXA_BLOCK_DECODER;
}

const char *vxa_engine_name(enum vxa_engine engine)
{
    switch (engine) {
    case VXA_ENGINE_INTERPRET: return "interpret";
    case VXA_ENGINE_TRANSLATE: return "translate";
    case VXA_ENGINE_AUTO: break;
    }
    return "auto";
}

/* ---- fingerprints ---- */

static void fingerprint_begin(struct fingerprint *fingerprint)
{
    memset(fingerprint->bytes, 0, VXA_HASH_NBYTES);
    fingerprint->nbytes = VXA_HASH_NBYTES;
}

static void fingerprint_hash(struct fingerprint *fingerprint)
{
    uint8_t digest[VXA_HASH_NBYTES];

    vxa_sha256(fingerprint->bytes, fingerprint->nbytes, digest);
    memcpy(fingerprint->bytes, digest, sizeof(digest));
    fingerprint->nbytes = VXA_HASH_NBYTES;
}

static void fingerprint_add(struct fingerprint *fingerprint, const uint8_t *bytes, size_t nbytes)
{
    while (nbytes > 0) {
        size_t room_nbytes = sizeof(fingerprint->bytes) - fingerprint->nbytes;
        size_t step_nbytes = nbytes < room_nbytes ? nbytes : room_nbytes;

        memcpy(fingerprint->bytes + fingerprint->nbytes, bytes, step_nbytes);
        fingerprint->nbytes += step_nbytes;
        bytes += step_nbytes;
        nbytes -= step_nbytes;
        if (fingerprint->nbytes == sizeof(fingerprint->bytes))
            fingerprint_hash(fingerprint);
    }
}

/* ---- the two ends ---- */

static bool is_interrupted(const struct passage *passage)
{
    return passage->decoding->settings.interrupt->raised != 0;
}

static ptrdiff_t read_member(void *context, void *buffer, size_t nbytes)
{
    struct passage *passage = context;

    if (is_interrupted(passage))
        return -1;
    ptrdiff_t count = zip_member_read(passage->decoding->settings.archive, passage->member,
                                      passage->read_off, buffer, nbytes, &passage->fault);

    if (count > 0)
        passage->read_off += (uint64_t)count;
    return count;
}

static bool take(void *context, const void *buffer, size_t nbytes)
{
    struct passage *passage = context;

    if (is_interrupted(passage))
        return false;
    if (nbytes > passage->expected_size - passage->size)
        return vxa_fail(&passage->fault, VXA_FAILURE_DATA,
                        "it decodes to more than its %" PRIu64 " bytes", passage->expected_size);
    if (passage->collected)
        memcpy(passage->collected + passage->size, buffer, nbytes);
    passage->size += nbytes;
    passage->crc32 = (uint32_t)crc32_z(passage->crc32, buffer, nbytes);
    if (passage->decoding->settings.engine_count > 1)
        fingerprint_add(&passage->decoding->fingerprint, buffer, nbytes);
    passage->sink_refused =
        passage->sink.write && !passage->sink.write(passage->sink.context, buffer, nbytes);
    return !passage->sink_refused;
}

/* ---- the ways between them ---- */

static bool copy_stored(struct passage *passage)
{
    uint8_t *chunk = passage->decoding->input;
    ptrdiff_t count;

    while ((count = read_member(passage, chunk, CHUNK_NBYTES)) > 0) {
        if (!take(passage, chunk, (size_t)count))
            return false;
    }
    return count == 0;
}

static bool inflate_all(struct passage *passage, z_stream *stream)
{
    struct vxa_decoding *decoding = passage->decoding;
    int result = Z_OK;

    while (result == Z_OK || result == Z_BUF_ERROR) {
        if (stream->avail_in == 0) {
            ptrdiff_t count = read_member(passage, decoding->input, CHUNK_NBYTES);

            if (count <= 0)
                return false;
            stream->next_in = decoding->input;
            stream->avail_in = (uInt)count;
        }
        stream->next_out = decoding->output;
        stream->avail_out = CHUNK_NBYTES;
        result = inflate(stream, Z_NO_FLUSH);
        if (!take(passage, decoding->output, CHUNK_NBYTES - stream->avail_out))
            return false;
    }
    return result == Z_STREAM_END && stream->avail_in == 0;
}

/* Decoders themselves are deflated; the host inflates them, since something must come first. */
static bool inflate_decoder(struct passage *passage, struct vxa_failure *failure)
{
    z_stream stream = {0};

    if (inflateInit2(&stream, -MAX_WBITS) != Z_OK)
        return vxa_fail(failure, VXA_FAILURE_MEMORY, "out of memory");
    bool ok = inflate_all(passage, &stream);

    inflateEnd(&stream);
    return ok || vxa_fail(failure, VXA_FAILURE_DATA, "its deflate stream is damaged");
}

/* ---- which decoder ---- */

static void name_missing_method(uint16_t method, struct vxa_failure *failure)
{
    const char *name = vxa_method_name(method);

    (void)vxa_fail(failure, VXA_FAILURE_UNSUPPORTED, "no decoder for compression method %u%s%s%s",
                   method, name ? " (" : "", name ? name : "", name ? ")" : "");
}

/* An installed decoder for the method; NULL if there is none. */
static const struct vxa_decoder *installed_decoder(const struct passage *passage,
                                                   struct vxa_failure *failure)
{
    const struct vxa_codec *codec = vxa_codec_by_method(passage->member->method);
    const struct vxa_decoder *decoder =
        codec ? vxa_decoder_by_name(passage->decoding->settings.store, codec->name, failure) : NULL;

    if (!decoder && (!codec || failure->kind == VXA_FAILURE_NO_DECODER))
        name_missing_method(passage->member->method, failure);
    return decoder;
}

static void name_missing_decoder(const struct vxa_block *block, struct vxa_failure *failure)
{
    char hash[2 * VXA_HASH_NBYTES + 1];

    vxa_hex32(block->decoder_sha256, hash);
    (void)vxa_fail(failure, VXA_FAILURE_NO_DECODER, "its decoder is missing: %s, SHA-256 %s",
                   block->codec[0] != '\0' ? block->codec : "codec not named", hash);
}

/* The decoder that the block names, or where that may be, another one for the same method. */
static const struct vxa_decoder *own_decoder(struct passage *passage, struct vxa_failure *failure)
{
    const struct vxa_block *block = &passage->block;
    const struct vxa_decoder *decoder =
        vxa_decoder_by_hash(passage->decoding->settings.store, block->decoder_sha256, failure);
    struct vxa_failure ignored;

    if (decoder)
        return decoder;
    bool is_missing = failure->kind == VXA_FAILURE_NO_DECODER;

    if (is_missing)
        name_missing_decoder(block, failure);
    if (!passage->decoding->settings.may_substitute || passage->decoding->settings.certified ||
        block->arguments_nbytes > 0 ||
        (block->flags & (VXA_FLAG_DECODER_REQUIRED | VXA_FLAG_ORIGINAL_CODED)) ||
        failure->kind == VXA_FAILURE_MEMORY)
        return NULL;
    decoder = installed_decoder(passage, &ignored);
    if (decoder)
        (void)vxa_fail(&passage->warning, VXA_FAILURE_WARNING,
                       "its own decoder is %s; decoded by the installed one for %s",
                       is_missing ? "missing" : "damaged", decoder->name);
    return decoder;
}

/* ---- certificates: exactly what decoding costs, in the member's block ---- */

static bool has_certificate(const struct passage *passage, struct vxa_failure *failure)
{
    const struct vxa_block *block = &passage->block;

    return (block->kind == VXA_BLOCK_MEMBER && block->has_peak_memory &&
            block->has_instruction_count && block->instruction_count > 0) ||
           vxa_fail(failure, VXA_FAILURE_LIMIT,
                    "it does not certify what its decoding costs: refused because of --certified");
}

static bool keeps_certificate(const struct passage *passage,
                              const struct vxa_sandbox_outcome *outcome,
                              struct vxa_failure *failure)
{
    const struct vxa_block *block = &passage->block;

    if (outcome->instruction_count != block->instruction_count)
        return vxa_fail(failure, VXA_FAILURE_LIMIT,
                        "its decoder executed %" PRIu64 " instructions, but certified are %" PRIu64,
                        outcome->instruction_count, block->instruction_count);
    if (outcome->memory_peak_nbytes != block->peak_memory_nbytes)
        return vxa_fail(failure, VXA_FAILURE_LIMIT,
                        "its decoder used %" PRIu64 " bytes of memory, but certified are %" PRIu64,
                        outcome->memory_peak_nbytes, block->peak_memory_nbytes);
    return true;
}

static bool run_decoder(struct passage *passage, enum vxa_engine engine,
                        struct vxa_failure *failure)
{
    if (passage->decoding->settings.certified && !has_certificate(passage, failure))
        return false;
    struct vxa_decoding *decoding = passage->decoding;
    bool has_own = passage->block.kind == VXA_BLOCK_MEMBER;
    const struct vxa_decoder *decoder =
        has_own ? own_decoder(passage, failure) : installed_decoder(passage, failure);
    struct vxa_sandbox *sandbox =
        decoder ? vxa_sandbox_pool_get(decoding->pool, decoder, has_own ? &passage->block : NULL,
                                       engine, failure)
                : NULL;

    if (!sandbox)
        return false;
    vxa_sandbox_set_fuel(sandbox, decoding->settings.certified ? passage->block.instruction_count
                                                               : decoding->settings.limits.fuel);
    bool ok = vxa_sandbox_run(sandbox, (struct vxa_source){read_member, passage},
                              (struct vxa_sink){take, passage}, failure);
    struct vxa_sandbox_outcome outcome = vxa_sandbox_outcome(sandbox);

    passage->read_off = outcome.consumed_nbytes;
    return ok && (!decoding->settings.certified || keeps_certificate(passage, &outcome, failure));
}

/* A standard method without anything particular to this archive. */
static bool is_native(const struct passage *passage)
{
    return passage->decoding->settings.native && !passage->decoding->settings.certified &&
           !passage->block.flags && passage->block.arguments_nbytes == 0 &&
           vxa_native_has(passage->member->method);
}

/* ---- what to expect, and whether it came ---- */

static bool expect_decoded(struct passage *passage, struct vxa_failure *failure)
{
    const struct vxa_block *block = &passage->block;

    if (!vxa_has_decoded_form(block))
        return vxa_fail(failure, VXA_FAILURE_UNSUPPORTED, "it has no decoded form");
    if (!block->has_decoded_size || !block->has_decoded_crc32)
        return vxa_fail(failure, VXA_FAILURE_DATA,
                        "size and CRC-32 of its decoded form are not given");
    passage->expected_size = block->decoded_size;
    passage->expected_crc32 = block->decoded_crc32;
    return true;
}

static bool check_result(const struct passage *passage, bool ran, struct vxa_failure *failure)
{
    if (is_interrupted(passage))
        return vxa_fail(failure, VXA_FAILURE_INTERRUPTED, "interrupted");
    if (passage->sink_refused)
        return vxa_fail(failure, VXA_FAILURE_IO, "%s", "");
    if (passage->fault.kind != VXA_FAILURE_NONE) {
        *failure = passage->fault;
        return false;
    }
    if (!ran)
        return false;
    if (passage->size != passage->expected_size)
        return vxa_fail(failure, VXA_FAILURE_DATA,
                        "it decodes to %" PRIu64 " bytes instead of %" PRIu64, passage->size,
                        passage->expected_size);
    if (passage->crc32 != passage->expected_crc32)
        return vxa_fail(failure, VXA_FAILURE_DATA,
                        "bad CRC-32: %08" PRIx32 " instead of %08" PRIx32, passage->crc32,
                        passage->expected_crc32);
    if (passage->read_off != passage->member->compressed_size)
        return vxa_fail(failure, VXA_FAILURE_DATA, "its coded bytes go on after their end");
    return true;
}

/* ---- the three kinds of members ---- */

static bool pass_stored(struct passage *passage, struct vxa_failure *failure)
{
    return check_result(passage, copy_stored(passage), failure);
}

/* A decoder's bytes must have the hash that they are found by. */
static bool pass_decoder(struct passage *passage, struct vxa_failure *failure)
{
    uint8_t digest[VXA_HASH_NBYTES];

    if (passage->member->method != ZIP_METHOD_STORE &&
        passage->member->method != ZIP_METHOD_DEFLATE)
        return vxa_fail(failure, VXA_FAILURE_DATA, "a decoder must be deflated or stored");
    if (passage->expected_size > DECODER_MAX_NBYTES)
        return vxa_fail(failure, VXA_FAILURE_LIMIT, "it is too large for a decoder");
    passage->collected = malloc((size_t)passage->expected_size + 1);
    if (!passage->collected)
        return vxa_fail(failure, VXA_FAILURE_MEMORY, "out of memory");
    bool ok = passage->member->method == ZIP_METHOD_STORE ? copy_stored(passage)
                                                          : inflate_decoder(passage, failure);

    ok = check_result(passage, ok, failure);
    if (ok) {
        vxa_sha256(passage->collected, (size_t)passage->size, digest);
        if (memcmp(digest, passage->block.decoder_sha256, sizeof(digest)) != 0)
            ok = vxa_fail(failure, VXA_FAILURE_DATA, "its SHA-256 is not the one that it states");
    }
    free(passage->collected);
    return ok;
}

static bool pass_through(struct passage *passage, enum vxa_engine engine,
                         struct vxa_failure *failure)
{
    passage->read_off = 0;
    passage->size = 0;
    passage->crc32 = 0;
    fingerprint_begin(&passage->decoding->fingerprint);
    bool ran = is_native(passage) ? vxa_native_decode(passage->member->method,
                                                      (struct vxa_source){read_member, passage},
                                                      (struct vxa_sink){take, passage}, failure)
                                  : run_decoder(passage, engine, failure);
    bool ok = check_result(passage, ran, failure);

    fingerprint_hash(&passage->decoding->fingerprint);
    return ok;
}

/* The first engine's output goes to the sink; the others must give the same. */
static bool pass_engines(struct passage *passage, struct vxa_failure *failure)
{
    const struct vxa_decode_settings *settings = &passage->decoding->settings;
    uint8_t first[VXA_HASH_NBYTES];

    if (!pass_through(passage, settings->engines[0], failure))
        return false;
    memcpy(first, passage->decoding->fingerprint.bytes, sizeof(first));
    passage->sink.write = NULL;
    for (int i = 1; i < settings->engine_count; i++) {
        struct vxa_failure other;

        if (!pass_through(passage, settings->engines[i], &other))
            return other.kind == VXA_FAILURE_INTERRUPTED
                       ? vxa_fail(failure, other.kind, "interrupted")
                       : vxa_fail(failure, other.kind, "only with --engine=%s: %.400s",
                                  vxa_engine_name(settings->engines[i]), other.text);
        if (memcmp(first, passage->decoding->fingerprint.bytes, sizeof(first)) != 0)
            return vxa_fail(
                failure, VXA_FAILURE_DECODER, "--engine=%s and --engine=%s give different bytes",
                vxa_engine_name(settings->engines[0]), vxa_engine_name(settings->engines[i]));
    }
    return true;
}

static bool pass(struct passage *passage, enum vxa_form form, struct vxa_failure *failure)
{
    const struct zip_member *member = passage->member;
    bool has_block =
        member->block_result == VXA_BLOCK_OK && zip_member_block(member, &passage->block);

    if (!has_block)
        memset(&passage->block, 0, sizeof(passage->block));
    if (form == VXA_FORM_DECODED)
        return expect_decoded(passage, failure) && pass_engines(passage, failure);
    if (passage->block.kind == VXA_BLOCK_DECODER)
        return pass_decoder(passage, failure);
    return member->method == ZIP_METHOD_STORE ? pass_stored(passage, failure)
                                              : pass_engines(passage, failure);
}

bool vxa_decode_member(struct vxa_decoding *decoding, const struct zip_member *member,
                       enum vxa_form form, struct vxa_sink sink, struct vxa_failure *failure)
{
    struct passage *passage = calloc(1, sizeof(*passage));

    if (!passage)
        return vxa_fail(failure, VXA_FAILURE_MEMORY, "out of memory");
    passage->decoding = decoding;
    passage->member = member;
    passage->sink = sink;
    passage->expected_size = member->size;
    passage->expected_crc32 = member->crc32;
    failure->kind = VXA_FAILURE_NONE;
    bool ok = zip_member_check(decoding->settings.archive, member, failure) &&
              pass(passage, form, failure);

    if (ok)
        *failure = passage->warning;
    free(passage);
    return ok;
}

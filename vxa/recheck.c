/* SPDX-License-Identifier: MIT */
/* How a finished archive is tested: with the decoders that it carries, and nothing from packing. */
#include "recheck.h"
#include "decoder_store.h"
#include "zip_read.h"

#include <stdlib.h>
#include <string.h>

struct vxa_recheck {
    struct zip_archive *archive;
    struct vxa_decoder_store *store;
    struct vxa_decoding *decoding;
    /* The last decoder that was looked for in the archive and found. */
    uint8_t carried_sha256[VXA_HASH_NBYTES];
    bool has_carried;
};

static bool prepare(struct vxa_recheck *recheck, const char *decoder_folder, enum vxa_engine engine,
                    struct vxa_spawner *spawner, struct vxa_interrupt *interrupt,
                    struct vxa_failure *failure)
{
    struct vxa_decode_settings settings = {.archive = recheck->archive,
                                           .engines = {engine},
                                           .engine_count = 1,
                                           .limits = {.spawner = spawner},
                                           .interrupt = interrupt};

    settings.store = vxa_decoder_store_new(recheck->archive, decoder_folder);
    recheck->store = settings.store;
    recheck->decoding = settings.store ? vxa_decoding_new(&settings) : NULL;
    return recheck->decoding || vxa_fail(failure, VXA_FAILURE_MEMORY, "out of memory");
}

struct vxa_recheck *vxa_recheck_begin(const char *path, const char *decoder_folder,
                                      enum vxa_engine engine, struct vxa_spawner *spawner,
                                      struct vxa_interrupt *interrupt, struct vxa_failure *failure)
{
    struct vxa_recheck *recheck = calloc(1, sizeof(*recheck));

    if (!recheck) {
        (void)vxa_fail(failure, VXA_FAILURE_MEMORY, "out of memory");
        return NULL;
    }
    if (!zip_open(path, NULL, &recheck->archive, failure)) {
        free(recheck);
        return NULL;
    }
    if (!prepare(recheck, decoder_folder, engine, spawner, interrupt, failure)) {
        vxa_recheck_end(recheck);
        return NULL;
    }
    return recheck;
}

void vxa_recheck_end(struct vxa_recheck *recheck)
{
    if (!recheck)
        return;
    vxa_decoding_free(recheck->decoding);
    vxa_decoder_store_free(recheck->store);
    zip_close(recheck->archive);
    free(recheck);
}

static bool discard(void *context, const void *buffer, size_t nbytes)
{
    (void)context;
    (void)buffer;
    (void)nbytes;
    return true;
}

/* Whether the archive itself holds the decoder: the store would fall back to the installed ones. */
static bool carries(struct vxa_recheck *recheck, const uint8_t *sha256)
{
    struct vxa_block block;

    if (recheck->has_carried && memcmp(recheck->carried_sha256, sha256, VXA_HASH_NBYTES) == 0)
        return true;
    for (size_t i = 0; i < zip_member_count(recheck->archive); i++) {
        const struct zip_member *member = zip_member_at(recheck->archive, i);

        if (zip_member_block(member, &block) && block.kind == VXA_BLOCK_DECODER &&
            memcmp(block.decoder_sha256, sha256, VXA_HASH_NBYTES) == 0) {
            memcpy(recheck->carried_sha256, sha256, VXA_HASH_NBYTES);
            recheck->has_carried = true;
            return true;
        }
    }
    return false;
}

static bool test_member(struct vxa_recheck *recheck, const struct zip_member *member,
                        struct vxa_failure *failure)
{
    struct vxa_block block;
    bool has_block = zip_member_block(member, &block);

    /* The store inflates a decoder and checks its hash; no other decoder is needed for that. */
    if (has_block && block.kind == VXA_BLOCK_DECODER)
        return vxa_decoder_by_hash(recheck->store, block.decoder_sha256, failure) != NULL;
    if (has_block && !carries(recheck, block.decoder_sha256))
        return vxa_fail(failure, VXA_FAILURE_NO_DECODER, "its decoder is not in the archive");
    return vxa_decode_member(recheck->decoding, member, VXA_FORM_MEMBER,
                             (struct vxa_sink){discard, NULL}, failure);
}

bool vxa_recheck_run(struct vxa_recheck *recheck, struct vxa_recheck_summary *summary,
                     const char **culprit, struct vxa_failure *failure)
{
    *summary = (struct vxa_recheck_summary){0};
    for (size_t i = 0; i < zip_member_count(recheck->archive); i++) {
        const struct zip_member *member = zip_member_at(recheck->archive, i);

        if (test_member(recheck, member, failure)) {
            summary->tested_count++;
        } else if (failure->kind == VXA_FAILURE_UNSUPPORTED ||
                   failure->kind == VXA_FAILURE_NO_DECODER) {
            summary->untested_count++;
            summary->untested_name = member->name;
        } else {
            *culprit = member->name;
            return false;
        }
    }
    return true;
}

/* SPDX-License-Identifier: MIT */
/*
 * In which order an archive comes about.
 *
 * Decoders stand first, but whether a codec is of use is known only when the first input is smaller
 * by it. So members are held back in a queue, their data in the spool, until one of them needs a
 * decoder; then the decoders and the queue are written, and all further members at once. An archive
 * in which everything is stored thus carries no decoder.
 */
#include "pack.h"
#include "adopt.h"
#include "ahead.h"
#include "attach.h"
#include "decoder_store.h"
#include "member.h"
#include "provenance.h"
#include "spool.h"
#include "zip_format.h"

#include <stdlib.h>
#include <string.h>

enum { CHUNK_NBYTES = 64 * 1024 };

/* A member to be written: of the old archive, or from the spool. */
struct queued {
    const struct zip_member *kept;       /* or NULL */
    const struct vxa_adoption *adoption; /* of the kept one; its block may be NULL */
    const struct vxa_input *input;
    struct vxa_encoded encoded;
    struct vxa_spool *spool; /* where its data is */
};

/* A decoder that members refer to. */
struct needed {
    uint8_t sha256[VXA_HASH_NBYTES];
    bool written;
};

struct packer {
    const struct vxa_pack_job *job;
    struct vxa_pack_summary *summary;
    struct vxa_failure *failure;
    struct vxa_decoder_store *store;
    struct vxa_coders *coders;
    struct vxa_spool spool;
    struct vxa_block block;
    struct vxa_member member;
    uint8_t *chunk;
    struct queued *queue;
    size_t queue_count, queue_room;
    struct needed *needed;
    size_t needed_count, needed_room;
    struct vxa_text provenance; /* of the decoders so far */
    char *old_provenance;       /* of the old archive, or NULL */
    size_t old_provenance_nbytes;
    bool decoders_out; /* nothing is held back any more */
    bool readme_written;
    bool self_contained; /* asked for, or so since the old archive */
    bool *replaces;      /* by input: it has taken the place of a member of the old archive */
    const struct vxa_input **replacing; /* by member of the old archive: the input of its name */
    const struct vxa_input **order;     /* in which inputs are packed */
    struct vxa_ahead *ahead;
    uint8_t kept[VXA_KEEP_MAX_NBYTES];
    struct vxa_adoption *adoptions; /* by the old archive's member */
};

static bool out_of_memory(struct packer *packer)
{
    return vxa_fail(packer->failure, VXA_FAILURE_MEMORY, "out of memory");
}

/* Room for one more element of `element_nbytes` in the array at `*array`. */
static bool grow(struct packer *packer, void **array, size_t count, size_t *room,
                 size_t element_nbytes)
{
    if (count < *room)
        return true;
    size_t new_room = *room == 0 ? 16 : *room * 2;
    void *larger = realloc(*array, new_room * element_nbytes);

    if (!larger)
        return out_of_memory(packer);
    *array = larger;
    *room = new_room;
    return true;
}

static void report(struct packer *packer, const struct vxa_pack_event *event)
{
    packer->job->report(packer->job->report_context, event);
}

/* ---- decoders ---- */

/* The old archive's member that is this decoder, or NULL. */
static const struct zip_member *old_decoder(const struct packer *packer, const uint8_t *sha256)
{
    struct vxa_block block;

    if (!packer->job->old)
        return NULL;
    for (size_t i = 0; i < zip_member_count(packer->job->old->archive); i++) {
        const struct zip_member *member = zip_member_at(packer->job->old->archive, i);

        if (vxa_name_is_reserved(member->name) && zip_member_block(member, &block) &&
            block.kind == VXA_BLOCK_DECODER &&
            memcmp(block.decoder_sha256, sha256, VXA_HASH_NBYTES) == 0)
            return member;
    }
    return NULL;
}

/* The licence text beside the decoder, as it was in the old archive or lies beside the ELF. */
static bool write_licence(struct packer *packer, const struct vxa_decoder *decoder,
                          const char *name, bool *has_licence)
{
    const struct vxa_old_archive *old = packer->job->old;
    const struct zip_member *member = old ? zip_member_by_name(old->archive, name) : NULL;
    size_t nbytes = 0;

    *has_licence = true;
    if (member)
        return vxa_old_archive_copy(packer->job->old, member, packer->job->writer, packer->failure);
    char *text = vxa_decoder_text(packer->store, decoder, ".licence", &nbytes);
    bool ok = !text || vxa_attach_text(packer->job->writer, name, text, nbytes, packer->failure);

    *has_licence = text != NULL;
    free(text);
    return ok;
}

/* What the old archive says of the decoder, else what its build does. */
static bool note_provenance(struct packer *packer, const struct vxa_decoder *decoder,
                            const char *licence)
{
    struct vxa_section section = {NULL, 0};
    char name[VXA_OWN_NAME_NBYTES];
    size_t nbytes = 0;

    if (packer->old_provenance)
        section = vxa_provenance_find(packer->old_provenance, packer->old_provenance_nbytes,
                                      decoder->sha256);
    if (section.bytes)
        return vxa_provenance_copy(&packer->provenance, section, packer->failure);
    vxa_own_name(decoder, ".elf", name);
    char *made_of = vxa_decoder_text(packer->store, decoder, ".provenance", &nbytes);
    bool ok =
        vxa_provenance_add(&packer->provenance, decoder, name, licence, made_of, packer->failure);

    free(made_of);
    return ok;
}

/* The decoder itself: the old archive's own member is copied as it is. */
static bool write_elf(struct packer *packer, const struct vxa_decoder *decoder)
{
    const struct zip_member *member = old_decoder(packer, decoder->sha256);
    struct vxa_failure failure;

    if (member && zip_member_check(packer->job->old->archive, member, &failure))
        return vxa_old_archive_copy(packer->job->old, member, packer->job->writer, packer->failure);
    return vxa_attach_decoder(packer->job->writer, decoder, packer->failure);
}

/* The store checks the hash. */
static bool write_decoder(struct packer *packer, struct needed *needed)
{
    struct vxa_failure failure;
    const struct vxa_decoder *decoder =
        vxa_decoder_by_hash(packer->store, needed->sha256, &failure);
    char licence[VXA_OWN_NAME_NBYTES];
    bool has_licence;

    needed->written = true;
    if (!decoder) {
        report(packer, &(struct vxa_pack_event){.kind = VXA_PACK_WARNING, .failure = &failure});
        return true;
    }
    vxa_own_name(decoder, ".licence", licence);
    return write_elf(packer, decoder) && write_licence(packer, decoder, licence, &has_licence) &&
           note_provenance(packer, decoder, has_licence ? licence : NULL);
}

static bool write_decoders(struct packer *packer)
{
    for (size_t i = 0; i < packer->needed_count; i++) {
        if (!packer->needed[i].written && !write_decoder(packer, &packer->needed[i]))
            return false;
    }
    if ((packer->needed_count == 0 && !packer->self_contained) || packer->readme_written)
        return true;
    packer->readme_written = true;
    return vxa_attach_readme(packer->job->writer, packer->self_contained, packer->failure);
}

/* Notes the need. A decoder whose need shows only after the others are written comes then. */
static bool need_decoder(struct packer *packer, const uint8_t *sha256)
{
    for (size_t i = 0; i < packer->needed_count; i++) {
        if (memcmp(packer->needed[i].sha256, sha256, VXA_HASH_NBYTES) == 0)
            return true;
    }
    if (!grow(packer, (void **)&packer->needed, packer->needed_count, &packer->needed_room,
              sizeof(*packer->needed)))
        return false;
    struct needed *needed = &packer->needed[packer->needed_count++];

    *needed = (struct needed){.written = false};
    memcpy(needed->sha256, sha256, VXA_HASH_NBYTES);
    return !packer->decoders_out || write_decoders(packer);
}

static bool need_decoder_of(struct packer *packer, const struct zip_member *member)
{
    struct vxa_block block;

    if (member->block_result != VXA_BLOCK_OK || !zip_member_block(member, &block))
        return true;
    return need_decoder(packer, block.decoder_sha256);
}

/* ---- writing ---- */

static bool write_data(struct packer *packer, const struct queued *queued)
{
    const struct vxa_encoded *encoded = &queued->encoded;
    struct vxa_spool_range range = {queued->spool, encoded->spool_off,
                                    encoded->spool_off + encoded->compressed_size};
    struct vxa_source source = vxa_spool_source(&range);
    ptrdiff_t count;

    while ((count = source.read(source.context, packer->chunk, CHUNK_NBYTES)) > 0) {
        if (!zip_writer_write(packer->job->writer, packer->chunk, (size_t)count, packer->failure))
            return false;
    }
    if (count < 0)
        *packer->failure = queued->spool->failure;
    return count == 0;
}

/* What was asked for beside content, mode and time; its size, in `packer->kept`. */
static size_t build_kept(struct packer *packer, const struct queued *queued)
{
    struct vxa_failure failure = {.kind = VXA_FAILURE_NONE};
    size_t nbytes = 0;

    if (packer->job->keep != 0)
        nbytes = vxa_keep_build(packer->job->keep, queued->input->path, &queued->encoded.status,
                                packer->kept, &failure);
    if (failure.kind != VXA_FAILURE_NONE)
        report(packer, &(struct vxa_pack_event){.kind = VXA_PACK_WARNING,
                                                .name = queued->input->name,
                                                .failure = &failure});
    return nbytes;
}

static bool write_packed(struct packer *packer, const struct queued *queued)
{
    const struct vxa_encoded *encoded = &queued->encoded;
    const struct vxa_codec *codec = encoded->codec;
    bool has_block = vxa_encoded_block(encoded, &packer->block);
    size_t kept_nbytes = build_kept(packer, queued);
    struct vxa_member_facts facts = {.name = queued->input->name,
                                     .mode = encoded->mode,
                                     .mtime = encoded->mtime,
                                     .block = has_block ? &packer->block : NULL,
                                     .kept = packer->kept,
                                     .kept_nbytes = kept_nbytes};
    struct zip_new_member *fields = &packer->member.fields;

    packer->summary->culprit = queued->input->name;
    if (!vxa_member_fill(&packer->member, &facts, packer->failure))
        return false;
    fields->method = codec ? codec->method : ZIP_METHOD_STORE;
    /* What minizip, too, says of everything that is not zip64. */
    fields->version_needed = codec && codec->version_needed > 20 ? codec->version_needed : 20;
    fields->crc32 = encoded->crc32;
    fields->size = encoded->size;
    fields->compressed_size = encoded->compressed_size;
    if (!zip_writer_begin(packer->job->writer, fields, packer->failure) ||
        !write_data(packer, queued) || !zip_writer_end(packer->job->writer, packer->failure))
        return false;
    packer->summary->culprit = NULL;
    packer->summary->packed_count++;
    return true;
}

static bool write_kept(struct packer *packer, const struct zip_member *member,
                       const struct vxa_adoption *adoption)
{
    packer->summary->culprit = member->name;
    if (!vxa_old_archive_copy_with(packer->job->old, member, adoption->block,
                                   adoption->block_nbytes, packer->job->writer, packer->failure))
        return false;
    packer->summary->culprit = NULL;
    packer->summary->kept_count++;
    return true;
}

static bool write_queued(struct packer *packer, const struct queued *queued)
{
    return queued->kept ? write_kept(packer, queued->kept, queued->adoption)
                        : write_packed(packer, queued);
}

/* Writes the decoders and all that was held back. */
static bool flush(struct packer *packer)
{
    if (packer->decoders_out)
        return true;
    packer->decoders_out = true;
    if (!write_decoders(packer))
        return false;
    for (size_t i = 0; i < packer->queue_count; i++) {
        if (!write_queued(packer, &packer->queue[i]))
            return false;
    }
    packer->queue_count = 0;
    return true;
}

/* Moves the data of one that is held back to where it can stay. */
static bool hold(struct packer *packer, struct queued *queued)
{
    struct vxa_spool_range range = {queued->spool, queued->encoded.spool_off,
                                    queued->encoded.spool_off + queued->encoded.compressed_size};
    struct vxa_source source = vxa_spool_source(&range);
    ptrdiff_t count;

    queued->encoded.spool_off = packer->spool.nbytes;
    while ((count = source.read(source.context, packer->chunk, CHUNK_NBYTES)) > 0) {
        if (!vxa_spool_write(&packer->spool, packer->chunk, (size_t)count)) {
            *packer->failure = packer->spool.failure;
            return false;
        }
    }
    if (count < 0)
        *packer->failure = queued->spool->failure;
    queued->spool = &packer->spool;
    return count == 0;
}

/* Writes a member, or holds it back. */
static bool submit(struct packer *packer, const struct queued *queued)
{
    const struct vxa_decoder *decoder = queued->encoded.decoder;

    if (decoder && (!need_decoder(packer, decoder->sha256) || !flush(packer)))
        return false;
    if (packer->decoders_out)
        return write_queued(packer, queued) && vxa_spool_truncate(&packer->spool, 0);
    if (!grow(packer, (void **)&packer->queue, packer->queue_count, &packer->queue_room,
              sizeof(*packer->queue)))
        return false;
    struct queued *held = &packer->queue[packer->queue_count++];

    *held = *queued;
    return held->kept || hold(packer, held);
}

/* ---- the members in turn ---- */

static bool keep(struct packer *packer, const struct zip_member *member)
{
    size_t index = (size_t)(member - zip_member_at(packer->job->old->archive, 0));
    struct queued queued = {.kept = member, .adoption = &packer->adoptions[index]};

    packer->summary->culprit = member->name;
    if (!need_decoder_of(packer, member) || !submit(packer, &queued))
        return false;
    packer->summary->culprit = NULL;
    return true;
}

static void report_remarks(struct packer *packer, const struct vxa_coded_input *coded)
{
    for (size_t i = 0; i < coded->remark_count; i++)
        report(packer, &(struct vxa_pack_event){.kind = VXA_PACK_REMARK,
                                                .name = coded->input->name,
                                                .failure = &coded->remarks[i]});
}

static void report_packed(struct packer *packer, const struct queued *queued, bool replaces)
{
    const struct vxa_encoded *encoded = &queued->encoded;
    const struct vxa_recogniser *recogniser = encoded->attachment.recogniser;

    report(packer, &(struct vxa_pack_event){
                       .kind = replaces ? VXA_PACK_REPLACED : VXA_PACK_ADDED,
                       .name = queued->input->name,
                       .codec = encoded->codec,
                       .attached = recogniser ? recogniser->codec : NULL,
                       .size = encoded->size,
                       .compressed_size = encoded->compressed_size,
                   });
}

static bool pack_coded(struct packer *packer, struct vxa_coded_input *coded,
                       const struct zip_member *old)
{
    struct queued queued = {
        .input = coded->input, .encoded = coded->encoded, .spool = &coded->spool};

    report_remarks(packer, coded);
    switch (coded->result) {
    case VXA_ENCODE_DONE: break;
    case VXA_ENCODE_LEFT_OUT:
        packer->summary->left_out_count++;
        report(packer, &(struct vxa_pack_event){.kind = VXA_PACK_LEFT_OUT,
                                                .name = coded->input->path,
                                                .failure = &coded->failure});
        return old ? keep(packer, old) : true;
    case VXA_ENCODE_STOP:
        packer->summary->culprit = coded->input->path;
        *packer->failure = coded->failure;
        return false;
    }
    if (!submit(packer, &queued))
        return false;
    report_packed(packer, &queued, old != NULL);
    return true;
}

/* The next input; `old` is the member of the same name, which stays when it cannot be had; or NULL.
 */
static bool pack_input(struct packer *packer, const struct zip_member *old)
{
    struct vxa_coded_input *coded = vxa_ahead_next(packer->ahead);

    if (!coded)
        return out_of_memory(packer);
    vxa_progress_file(packer->job->progress, 0);
    bool ok = pack_coded(packer, coded, old);

    vxa_coded_input_free(coded);
    return ok;
}

static bool is_dropped(const struct packer *packer, size_t index)
{
    return packer->job->drops && packer->job->drops[index];
}

/* A member that was packed by another program gets a decoder, if it can be had. */
static bool adopt(struct packer *packer, const struct vxa_adopter *adopter,
                  const struct zip_member *member, struct vxa_adoption *adoption)
{
    struct vxa_failure failure = {.kind = VXA_FAILURE_NONE};

    if (!vxa_adopt(adopter, member, adoption, &failure)) {
        if (failure.kind < VXA_FAILURE_DISK_FULL) {
            report(packer, &(struct vxa_pack_event){.kind = VXA_PACK_WARNING,
                                                    .name = member->name,
                                                    .failure = &failure});
            return true;
        }
        packer->summary->culprit = member->name;
        *packer->failure = failure;
        return false;
    }
    if (!adoption->block)
        return true;
    packer->summary->attached_count++;
    report(packer, &(struct vxa_pack_event){.kind = VXA_PACK_ATTACHED,
                                            .name = member->name,
                                            .attached = adoption->codec});
    return need_decoder(packer, adoption->sha256);
}

static bool adopt_all(struct packer *packer)
{
    struct zip_archive *archive = packer->job->old->archive;
    struct vxa_decode_settings settings = {
        .archive = archive,
        .store = packer->store,
        .engines = {packer->job->engine},
        .engine_count = 1,
        .limits = {.spawner = packer->job->spawner},
        .interrupt = packer->job->interrupt,
    };
    struct vxa_adopter adopter = {archive, packer->coders, vxa_decoding_new(&settings),
                                  &packer->spool, packer->job->interrupt};
    bool ok = adopter.decoding || out_of_memory(packer);

    for (size_t i = 0; ok && i < zip_member_count(archive); i++) {
        const struct zip_member *member = zip_member_at(archive, i);

        if (!vxa_member_is_own(member))
            ok = adopt(packer, &adopter, member, &packer->adoptions[i]);
    }
    vxa_decoding_free(adopter.decoding);
    return ok;
}

/* The plan for the old archive's members: replacements in `inputs`, needs of those that stay. */
static bool plan_old(struct packer *packer, const struct vxa_input **inputs)
{
    struct zip_archive *archive = packer->job->old->archive;

    for (size_t i = 0; i < zip_member_count(archive); i++) {
        const struct zip_member *member = zip_member_at(archive, i);

        if (vxa_member_is_own(member) || is_dropped(packer, i)) /* made anew, or gone */
            continue;
        inputs[i] = vxa_walk_find(packer->job->walk, member->name);
        if (!inputs[i] && !need_decoder_of(packer, member))
            return false;
    }
    return !packer->job->adopt || adopt_all(packer);
}

/* Inputs in the order in which they will be packed: those that replace members come in their
 * places, all others behind. */
static void order_inputs(struct packer *packer)
{
    const struct vxa_walk *walk = packer->job->walk;
    size_t count = packer->job->old ? zip_member_count(packer->job->old->archive) : 0;
    size_t ordered = 0;

    for (size_t i = 0; i < count; i++) {
        const struct vxa_input *input = packer->replacing[i];

        if (!input || packer->replaces[input - walk->inputs]) /* a second member of the name goes */
            continue;
        packer->replaces[input - walk->inputs] = true;
        packer->order[ordered++] = input;
    }
    for (size_t i = 0; i < walk->input_count; i++) {
        if (!packer->replaces[i])
            packer->order[ordered++] = &walk->inputs[i];
    }
    memset(packer->replaces, 0, walk->input_count * sizeof(*packer->replaces));
}

static bool pack_old(struct packer *packer)
{
    struct zip_archive *archive = packer->job->old->archive;
    bool ok = true;

    for (size_t i = 0; ok && i < zip_member_count(archive); i++) {
        const struct zip_member *member = zip_member_at(archive, i);
        const struct vxa_input *input = packer->replacing[i];

        if (vxa_member_is_own(member) || is_dropped(packer, i))
            continue;
        if (!input) {
            ok = keep(packer, member);
            continue;
        }
        bool *replaces = &packer->replaces[input - packer->job->walk->inputs];

        if (!*replaces)
            ok = pack_input(packer, member);
        *replaces = true;
    }
    return ok;
}

static bool begin_ahead(struct packer *packer)
{
    const struct vxa_pack_job *job = packer->job;
    struct vxa_ahead_settings settings = {
        .encode = {.wish = job->wish,
                   .verify = job->verify,
                   .certify = job->certify,
                   .interrupt = job->interrupt,
                   .progress = job->progress},
        .store = packer->store,
        .engine = job->engine,
        .spawner = job->spawner,
        .job_count = job->job_count,
        .folder = zip_writer_folder(job->writer),
    };

    packer->ahead = vxa_ahead_new(&settings, packer->order, job->walk->input_count);
    return packer->ahead || out_of_memory(packer);
}

static bool pack_all(struct packer *packer)
{
    const struct vxa_walk *walk = packer->job->walk;

    if (packer->job->old && !plan_old(packer, packer->replacing))
        return false;
    order_inputs(packer);
    if (!begin_ahead(packer) || (packer->job->old && !pack_old(packer)))
        return false;
    for (size_t i = 0; i < walk->input_count; i++) {
        if (!packer->replaces[i] && !pack_input(packer, NULL))
            return false;
    }
    return flush(packer) &&
           (packer->provenance.nbytes == 0 ||
            vxa_attach_text(packer->job->writer, VXA_DECODERS_NAME, packer->provenance.bytes,
                            packer->provenance.nbytes, packer->failure));
}

/* ---- set-up ---- */

/* A method that was asked for must have its decoder, before anything is read. */
static bool has_wish(struct packer *packer)
{
    const struct vxa_codec *codec = packer->job->wish.codec;

    return !codec || !codec->encode ||
           vxa_coders_decoder(packer->coders, codec->name, packer->failure);
}

static bool prepare(struct packer *packer)
{
    const struct vxa_pack_job *job = packer->job;

    packer->chunk = malloc(CHUNK_NBYTES);
    size_t old_count = job->old ? zip_member_count(job->old->archive) : 0;

    packer->replaces = calloc(job->walk->input_count + 1, sizeof(*packer->replaces));
    packer->order = calloc(job->walk->input_count + 1, sizeof(*packer->order));
    packer->replacing = calloc(old_count + 1, sizeof(*packer->replacing));
    packer->adoptions = calloc(old_count + 1, sizeof(*packer->adoptions));
    packer->store = vxa_decoder_store_new(job->old ? job->old->archive : NULL, job->decoder_folder);
    packer->coders = packer->store
                         ? vxa_coders_new(packer->store, job->engine, job->spawner, job->interrupt)
                         : NULL;
    if (!packer->chunk || !packer->replaces || !packer->order || !packer->replacing ||
        !packer->adoptions || !packer->coders)
        return out_of_memory(packer);
    if (job->old)
        packer->old_provenance =
            vxa_own_text(job->old->archive, VXA_DECODERS_NAME, &packer->old_provenance_nbytes);
    return has_wish(packer);
}

bool vxa_pack(const struct vxa_pack_job *job, struct vxa_pack_summary *summary,
              struct vxa_failure *failure)
{
    struct packer *packer = calloc(1, sizeof(*packer));

    *summary = (struct vxa_pack_summary){0};
    if (!packer)
        return vxa_fail(failure, VXA_FAILURE_MEMORY, "out of memory");
    packer->job = job;
    packer->summary = summary;
    packer->failure = failure;
    packer->self_contained =
        job->self_contained || (job->old && zip_member_by_name(job->old->archive, VXA_READER_NAME));
    vxa_spool_begin(&packer->spool, zip_writer_folder(job->writer));
    bool ok = prepare(packer) && pack_all(packer);

    vxa_ahead_free(packer->ahead);
    for (size_t i = 0; packer->adoptions && job->old && i < zip_member_count(job->old->archive);
         i++)
        free(packer->adoptions[i].block);
    free(packer->adoptions);
    vxa_coders_free(packer->coders);
    vxa_decoder_store_free(packer->store);
    vxa_spool_end(&packer->spool);
    vxa_text_free(&packer->provenance);
    free(packer->old_provenance);
    free(packer->queue);
    free(packer->needed);
    free(packer->replaces);
    free(packer->order);
    free(packer->replacing);
    free(packer->chunk);
    free(packer);
    return ok;
}

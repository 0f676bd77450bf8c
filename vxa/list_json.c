/* SPDX-License-Identifier: MIT */
/* The listings as JSON: the schema is in docs/json.md. */
#include "decode.h"
#include "json.h"
#include "list.h"
#include "mention.h"
#include "method_name.h"
#include "provenance.h"
#include "select.h"
#include "sha256.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char *kind_of(const struct zip_member *member)
{
    uint32_t mode = zip_member_mode(member);

    return S_ISDIR(mode) ? "folder" : S_ISLNK(mode) ? "link" : "file";
}

/* What the member's block says, if it has one that can be used. */
static void write_block(const struct zip_member *member, struct vxa_json *json)
{
    char hash[2 * VXA_HASH_NBYTES + 1];
    struct vxa_block block;

    if (member->block_result != VXA_BLOCK_OK || !zip_member_block(member, &block))
        return;
    vxa_hex32(block.decoder_sha256, hash);
    vxa_json_string(json, block.kind == VXA_BLOCK_DECODER ? "is_decoder" : "decoder", hash);
    if (!vxa_has_decoded_form(&block))
        return;
    vxa_json_count(json, "decoded_size", block.decoded_size);
    vxa_json_string(json, "decoded_suffix", block.decoded_suffix);
}

static void write_member(const struct zip_member *member, struct vxa_json *json)
{
    const char *method = vxa_method_name(member->method);
    char text[16];
    int64_t seconds;
    bool is_exact;

    zip_member_mtime(member, &seconds, &is_exact);
    vxa_json_object(json, NULL);
    vxa_json_text(json, "name", member->name, member->name_nbytes);
    vxa_json_string(json, "kind", kind_of(member));
    vxa_json_count(json, "size", member->size);
    vxa_json_count(json, "compressed_size", member->compressed_size);
    vxa_json_count(json, "method", member->method);
    if (method)
        vxa_json_string(json, "method_name", method);
    (void)snprintf(text, sizeof(text), "%08x", (unsigned)member->crc32);
    vxa_json_string(json, "crc32", text);
    vxa_json_number(json, "mtime", seconds);
    (void)snprintf(text, sizeof(text), "%04o", (unsigned)zip_member_mode(member) & 07777);
    vxa_json_string(json, "mode", text);
    write_block(member, json);
    if (member->name_problem)
        vxa_json_string(json, "name_problem", member->name_problem);
    vxa_json_end(json, '}');
}

void vxa_list_members_json(const struct vxa_list_job *job, struct vxa_json *json)
{
    uint64_t size = 0, compressed_size = 0, count = 0;

    vxa_json_array(json, "members");
    for (size_t i = 0; i < zip_member_count(job->archive) && !ferror(job->stream); i++) {
        const struct zip_member *member = zip_member_at(job->archive, i);

        if (!vxa_selection_has(job->selection, member))
            continue;
        write_member(member, json);
        size += member->size;
        compressed_size += member->compressed_size;
        count++;
    }
    vxa_json_end(json, ']');
    vxa_json_object(json, "total");
    vxa_json_count(json, "members", count);
    vxa_json_count(json, "size", size);
    vxa_json_count(json, "compressed_size", compressed_size);
    vxa_json_end(json, '}');
}

/* ---- decoders ---- */

/* The lines "key: value" of what the archive says of a decoder; a key may occur more than once. */
static void write_provenance(const struct vxa_section *texts, const uint8_t *sha256,
                             struct vxa_json *json)
{
    struct vxa_section section = {NULL, 0}, line;

    if (texts->bytes)
        section = vxa_provenance_find(texts->bytes, texts->nbytes, sha256);
    vxa_json_array(json, "provenance");
    while (vxa_section_line(&section, &line))
        vxa_json_text(json, NULL, line.bytes, line.nbytes);
    vxa_json_end(json, ']');
}

static void write_names(const struct vxa_list_job *job, const char *key,
                        const struct vxa_mention *mentions, size_t count, struct vxa_json *json)
{
    vxa_json_array(json, key);
    for (size_t i = 0; i < count; i++) {
        const struct zip_member *member = zip_member_at(job->archive, mentions[i].index);

        vxa_json_object(json, NULL);
        vxa_json_text(json, "name", member->name, member->name_nbytes);
        vxa_json_end(json, '}');
    }
    vxa_json_end(json, ']');
}

static void write_decoder(const struct vxa_list_job *job, const struct vxa_section *texts,
                          const struct vxa_mention *mentions, size_t count, struct vxa_json *json)
{
    const struct zip_member *first = zip_member_at(job->archive, mentions->index);
    char hash[2 * VXA_HASH_NBYTES + 1];
    struct vxa_block block = {0};
    size_t own_count = 0;

    (void)zip_member_block(first, &block);
    vxa_hex32(mentions->sha256, hash);
    while (own_count < count && mentions[own_count].is_decoder)
        own_count++;
    vxa_json_object(json, NULL);
    vxa_json_string(json, "sha256", hash);
    vxa_json_string(json, "codec", block.codec);
    vxa_json_bool(json, "is_in_archive", own_count > 0);
    if (own_count > 0)
        vxa_json_count(json, "size", first->size);
    write_names(job, "decoder_members", mentions, own_count, json);
    vxa_json_count(json, "used_by", count - own_count);
    if (job->verbose)
        write_names(job, "users", mentions + own_count, count - own_count, json);
    write_provenance(texts, mentions->sha256, json);
    vxa_json_end(json, '}');
}

bool vxa_list_decoders_json(const struct vxa_list_job *job, struct vxa_json *json)
{
    struct vxa_mention *mentions = calloc(zip_member_count(job->archive) + 1, sizeof(*mentions));

    if (!mentions)
        return false;
    size_t count = vxa_mentions_collect(job->archive, mentions);
    struct vxa_section texts = {NULL, 0};
    char *text = vxa_own_text(job->archive, VXA_DECODERS_NAME, &texts.nbytes);

    texts.bytes = text;
    vxa_json_array(json, "decoders");
    for (size_t begin = 0, end; begin < count && !ferror(job->stream); begin = end) {
        end = vxa_mentions_end(mentions, begin, count);
        write_decoder(job, &texts, &mentions[begin], end - begin, json);
    }
    vxa_json_end(json, ']');
    free(text);
    free(mentions);
    return true;
}

/* SPDX-License-Identifier: MIT */
/* The layout of listings: the columns are those that users of ZIP programs expect. */
#include "list.h"
#include "decode.h"
#include "mention.h"
#include "message.h"
#include "method_name.h"
#include "provenance.h"
#include "sha256.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ---- members ---- */

struct totals {
    uint64_t size, compressed_size;
    size_t member_count;
};

/* "2020-02-03 04:05", in local time. */
static void format_time(const struct zip_member *member, char text[32])
{
    int64_t seconds;
    bool is_exact;
    struct tm fields;

    zip_member_mtime(member, &seconds, &is_exact);
    time_t when = (time_t)seconds;

    if (!localtime_r(&when, &fields) || strftime(text, 32, "%Y-%m-%d %H:%M", &fields) == 0)
        strcpy(text, "---------- --:--");
}

static void format_method(uint16_t method, char text[8])
{
    const char *name = vxa_method_name(method);

    if (name)
        (void)snprintf(text, 8, "%s", name);
    else
        (void)snprintf(text, 8, "%u", method);
}

/* The first digits of the hash of the decoder that the member names, or is. */
static void format_decoder(const struct zip_member *member, char text[2 * VXA_HASH_NBYTES + 1])
{
    struct vxa_block block;

    strcpy(text, "-");
    if (member->block_result == VXA_BLOCK_UNUSABLE)
        strcpy(text, "unusable");
    if (member->block_result != VXA_BLOCK_OK || !zip_member_block(member, &block))
        return;
    vxa_hex32(block.decoder_sha256, text);
    text[8] = '\0';
}

/* The part that compression saved, in percent; negative where it costs. */
static int percent_saved(uint64_t size, uint64_t compressed_size)
{
    double ratio = size == 0 ? 0.0 : ((double)size - (double)compressed_size) / (double)size;

    if (ratio < -9.99)
        ratio = -9.99;
    return (int)(ratio * 100.0 + (ratio < 0 ? -0.5 : 0.5));
}

static void print_brief(FILE *stream, const struct zip_member *member)
{
    char time_text[32];

    format_time(member, time_text);
    fprintf(stream, "%9" PRIu64 "  %s   ", member->size, time_text);
}

static void print_verbose(FILE *stream, const struct zip_member *member)
{
    char time_text[32];
    char method[8];
    char decoder[2 * VXA_HASH_NBYTES + 1];

    format_time(member, time_text);
    format_method(member->method, method);
    format_decoder(member, decoder);
    fprintf(stream, "%8" PRIu64 "  %-7s%8" PRIu64 " %3d%% %s %08" PRIx32 " %-8s  ", member->size,
            method, member->compressed_size, percent_saved(member->size, member->compressed_size),
            time_text, member->crc32, decoder);
}

static void print_head(const struct vxa_list_job *job)
{
    fputs("Archive:  ", job->stream);
    vxa_print_name(job->stream, job->archive_name, strlen(job->archive_name));
    fputs(job->verbose ? "\n"
                         " Length   Method    Size  Cmpr    Date    Time   CRC-32  Decoder   Name\n"
                         "--------  ------- ------- ---- ---------- ----- -------- --------  ----\n"
                       : "\n"
                         "  Length      Date    Time    Name\n"
                         "---------  ---------- -----   ----\n",
          job->stream);
}

static void print_totals(const struct vxa_list_job *job, const struct totals *totals)
{
    const char *plural = totals->member_count == 1 ? "" : "s";

    if (job->verbose)
        fprintf(job->stream,
                "--------          ------- ----                                     ----\n"
                "%8" PRIu64 "         %8" PRIu64 " %3d%%%37s%zu file%s\n",
                totals->size, totals->compressed_size,
                percent_saved(totals->size, totals->compressed_size), "", totals->member_count,
                plural);
    else
        fprintf(job->stream,
                "---------                     -------\n"
                "%9" PRIu64 "                     %zu file%s\n",
                totals->size, totals->member_count, plural);
}

void vxa_list_members(const struct vxa_list_job *job)
{
    struct totals totals = {0};

    print_head(job);
    for (size_t i = 0; i < zip_member_count(job->archive) && !ferror(job->stream); i++) {
        const struct zip_member *member = zip_member_at(job->archive, i);

        if (!vxa_selection_has(job->selection, member))
            continue;
        (job->verbose ? print_verbose : print_brief)(job->stream, member);
        vxa_print_name(job->stream, member->name, member->name_nbytes);
        putc('\n', job->stream);
        totals.size += member->size;
        totals.compressed_size += member->compressed_size;
        totals.member_count++;
    }
    print_totals(job, &totals);
}

/* ---- decoders ---- */

static void print_member_name(const struct vxa_list_job *job, const struct vxa_mention *mention,
                              const char *label)
{
    const struct zip_member *member = zip_member_at(job->archive, mention->index);

    fprintf(job->stream, "  %-9s ", label);
    vxa_print_name(job->stream, member->name, member->name_nbytes);
    putc('\n', job->stream);
}

/* A line "key: value" in the columns of the listing. */
static void print_line(const struct vxa_list_job *job, struct vxa_section line)
{
    const char *colon = memchr(line.bytes, ':', line.nbytes);
    size_t key_nbytes = colon ? (size_t)(colon - line.bytes) : 0;
    size_t value_off = colon && key_nbytes + 1 < line.nbytes ? key_nbytes + 2 : line.nbytes;

    if (value_off > line.nbytes)
        value_off = line.nbytes;
    fputs("  ", job->stream);
    vxa_print_name(job->stream, line.bytes, key_nbytes);
    fprintf(job->stream, "%*s", key_nbytes < 9 ? (int)(10 - key_nbytes) : 1, "");
    vxa_print_name(job->stream, line.bytes + value_off, line.nbytes - value_off);
    putc('\n', job->stream);
}

/* What the archive says that the decoder was made of, but not what is known better. */
static void print_provenance(const struct vxa_list_job *job, const struct vxa_section *texts,
                             const uint8_t *sha256)
{
    static const char *const known[] = {"decoder:", "size:", "sha256:", "codec:"};
    struct vxa_section section = {NULL, 0}, line;

    if (texts->bytes)
        section = vxa_provenance_find(texts->bytes, texts->nbytes, sha256);
    while (vxa_section_line(&section, &line)) {
        bool is_known = false;

        for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
            is_known = is_known || (line.nbytes >= strlen(known[i]) &&
                                    memcmp(line.bytes, known[i], strlen(known[i])) == 0);
        if (!is_known)
            print_line(job, line);
    }
}

/* All mentions of one decoder. */
static void print_decoder(const struct vxa_list_job *job, const struct vxa_section *texts,
                          const struct vxa_mention *mentions, size_t count)
{
    const struct zip_member *first = zip_member_at(job->archive, mentions->index);
    char hash[2 * VXA_HASH_NBYTES + 1];
    struct vxa_block block = {0};
    size_t own_count = 0;

    (void)zip_member_block(first, &block);
    vxa_hex32(mentions->sha256, hash);
    vxa_print_name(job->stream, block.codec, strlen(block.codec));
    fputs(block.codec[0] == '\0' ? "(codec not named)\n" : "\n", job->stream);
    for (; own_count < count && mentions[own_count].is_decoder; own_count++)
        print_member_name(job, &mentions[own_count], "member");
    if (own_count > 0)
        fprintf(job->stream, "  size      %" PRIu64 " bytes\n", first->size);
    else
        fputs("  member    none: the decoder is not in this archive\n", job->stream);
    fprintf(job->stream, "  SHA-256   %s\n", hash);
    if (own_count > 0)
        print_provenance(job, texts, mentions->sha256);
    fprintf(job->stream, "  used by   %zu member%s\n", count - own_count,
            count - own_count == 1 ? "" : "s");
    for (size_t i = own_count; job->verbose && i < count; i++)
        print_member_name(job, &mentions[i], "");
}

bool vxa_list_decoders(const struct vxa_list_job *job)
{
    struct vxa_mention *mentions = calloc(zip_member_count(job->archive) + 1, sizeof(*mentions));

    if (!mentions)
        return false;
    size_t count = vxa_mentions_collect(job->archive, mentions);
    struct vxa_section texts = {NULL, 0};
    char *text = vxa_own_text(job->archive, VXA_DECODERS_NAME, &texts.nbytes);

    texts.bytes = text;
    fputs("Archive:  ", job->stream);
    vxa_print_name(job->stream, job->archive_name, strlen(job->archive_name));
    fputs(count == 0 ? "\nno decoders\n" : "\n", job->stream);
    for (size_t begin = 0, end; begin < count && !ferror(job->stream); begin = end) {
        end = vxa_mentions_end(mentions, begin, count);
        print_decoder(job, &texts, &mentions[begin], end - begin);
    }
    free(text);
    free(mentions);
    return true;
}

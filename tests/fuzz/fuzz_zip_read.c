/* SPDX-License-Identifier: MIT */
/* Fuzz target: of any file, the reader accepts only members whose bytes exist and are their own. */
#include "decoder_store.h"
#include "zip_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t nbytes);

enum { CHUNK_NBYTES = 4096, MAX_ACCEPTED = 256 };

/* The members that passed the check. */
struct accepted {
    const struct zip_member *members[MAX_ACCEPTED];
    size_t count;
};

static void demand(bool is_true)
{
    if (!is_true)
        abort();
}

static void check_fields(const struct zip_archive *archive, const struct zip_member *m)
{
    const struct zip_member *found;
    struct vxa_block block;
    int64_t seconds;
    bool is_exact;

    demand(m->name[m->name_nbytes] == '\0' && strlen(m->name) <= m->name_nbytes);
    demand(m->comment[m->comment_nbytes] == '\0');
    demand(m->name_problem || (m->name_nbytes > 0 && m->name[0] != '/'));
    demand(m->name_problem || strlen(m->name) == m->name_nbytes);
    found = zip_member_by_name(archive, m->name);
    demand(m->name_problem || (found && strcmp(found->name, m->name) == 0));
    demand(zip_member_block(m, &block) == (m->block_result == VXA_BLOCK_OK));
    demand((zip_member_mode(m) & S_IFMT) != 0);
    zip_member_mtime(m, &seconds, &is_exact);
}

/* Reads all data; the sizes were found good, so nothing may fail. */
static void read_data(struct zip_archive *archive, const struct zip_member *m, uint64_t file_nbytes)
{
    uint8_t chunk[CHUNK_NBYTES];
    struct vxa_failure failure;
    uint64_t off = 0;
    ptrdiff_t count;

    demand(m->checked && m->data_off <= file_nbytes);
    demand(m->compressed_size <= file_nbytes - m->data_off);
    while ((count = zip_member_read(archive, m, off, chunk, sizeof chunk, &failure)) > 0)
        off += (uint64_t)count;
    demand(count == 0 && off == m->compressed_size);
}

static void check_apart(const struct accepted *accepted)
{
    for (size_t i = 0; i < accepted->count; i++)
        for (size_t k = 0; k < i; k++) {
            const struct zip_member *a = accepted->members[i], *b = accepted->members[k];

            demand(a->data_off + a->compressed_size <= b->local_off ||
                   b->data_off + b->compressed_size <= a->local_off);
        }
}

static void find_decoder(struct vxa_decoder_store *store, const struct zip_member *m)
{
    const struct vxa_decoder *decoder;
    struct vxa_failure failure;
    struct vxa_block block;

    if (!zip_member_block(m, &block) || block.kind != VXA_BLOCK_DECODER)
        return;
    decoder = vxa_decoder_by_hash(store, block.decoder_sha256, &failure);
    demand(!decoder || memcmp(decoder->sha256, block.decoder_sha256, VXA_HASH_NBYTES) == 0);
}

static void read_all(struct zip_archive *archive, uint64_t file_nbytes)
{
    struct vxa_decoder_store *store = vxa_decoder_store_new(archive, NULL);
    struct accepted accepted = {.count = 0};
    struct vxa_failure failure;
    size_t comment_nbytes;

    demand(zip_archive_comment(archive, &comment_nbytes)[comment_nbytes] == '\0');
    for (size_t i = 0; i < zip_member_count(archive); i++) {
        const struct zip_member *m = zip_member_at(archive, i);

        check_fields(archive, m);
        failure.text[0] = '\0';
        if (!zip_member_check(archive, m, &failure)) {
            demand(failure.text[0] != '\0');
            continue;
        }
        read_data(archive, m, file_nbytes);
        if (accepted.count < MAX_ACCEPTED)
            accepted.members[accepted.count++] = m;
        if (store)
            find_decoder(store, m);
    }
    check_apart(&accepted);
    vxa_decoder_store_free(store);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t nbytes)
{
    struct vxa_failure failure = {.kind = VXA_FAILURE_NONE};
    struct zip_archive *archive = NULL;
    int fd = memfd_create("archive", MFD_CLOEXEC);
    char path[64];

    demand(fd >= 0);
    for (size_t off = 0; off < nbytes;) {
        ssize_t count = write(fd, data + off, nbytes - off);

        demand(count > 0);
        off += (size_t)count;
    }
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (zip_open(path, NULL, &archive, &failure))
        read_all(archive, nbytes);
    else
        demand(failure.kind != VXA_FAILURE_NONE && failure.text[0] != '\0');
    zip_close(archive);
    close(fd);
    return 0;
}

/* SPDX-License-Identifier: MIT */
/* Where decoders are found, and that each is what its hash says before anyone gets it. */
#include "decoder_store.h"
#include "sha256.h"
#include "zip_format.h"
#include "zip_read.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

enum { DECODER_MAX_NBYTES = 16 << 20, FOLDER_COUNT = 3 };

/* A decoder that was looked for and found. */
struct entry {
    struct entry *next;
    struct vxa_decoder decoder;
    uint8_t *elf;
};

struct vxa_decoder_store {
    struct zip_archive *archive;
    char *folders[FOLDER_COUNT]; /* in the order of the search; NULL: none */
    struct entry *entries;
};

/* ---- folders ---- */

/* The folder of the running program, without a last slash. False where that is not known. */
static bool program_folder(char folder[PATH_MAX])
{
    ssize_t nbytes = readlink("/proc/self/exe", folder, PATH_MAX - 1);
    char *slash;

    if (nbytes <= 0)
        return false;
    folder[nbytes] = '\0';
    slash = strrchr(folder, '/');
    if (!slash)
        return false;
    *slash = '\0';
    return true;
}

static char *join(const char *folder, const char *rest)
{
    size_t nbytes = strlen(folder) + strlen(rest) + 2;
    char *path = malloc(nbytes);

    if (path)
        snprintf(path, nbytes, "%s/%s", folder, rest);
    return path;
}

struct vxa_decoder_store *vxa_decoder_store_new(struct zip_archive *archive, const char *folder)
{
    struct vxa_decoder_store *store = calloc(1, sizeof *store);
    char program[PATH_MAX];

    if (!store)
        return NULL;
    store->archive = archive;
    if (folder)
        store->folders[0] = strdup(folder);
    if (program_folder(program)) {
        store->folders[1] = join(program, "../decoders");
        store->folders[2] = join(program, "../lib/vxa/decoders");
    }
    return store;
}

void vxa_decoder_store_free(struct vxa_decoder_store *store)
{
    if (!store)
        return;
    while (store->entries) {
        struct entry *next = store->entries->next;

        free(store->entries->elf);
        free(store->entries);
        store->entries = next;
    }
    for (int i = 0; i < FOLDER_COUNT; i++)
        free(store->folders[i]);
    free(store);
}

/* ---- keeping ---- */

/* The codec's name is what stands before the last "-" or "." of the file name. */
static void set_name(struct vxa_decoder *decoder, const char *file)
{
    const char *slash = strrchr(file, '/');
    const char *base = slash ? slash + 1 : file;
    size_t nbytes = strcspn(base, "-.");

    if (nbytes >= sizeof decoder->name)
        nbytes = sizeof decoder->name - 1;
    memcpy(decoder->name, base, nbytes);
    decoder->name[nbytes] = '\0';
}

/* Takes over `elf`. */
static const struct vxa_decoder *keep(struct vxa_decoder_store *store, const char *file,
                                      uint8_t *elf, size_t elf_nbytes, struct vxa_failure *failure)
{
    struct entry *entry = calloc(1, sizeof *entry);

    if (!entry) {
        free(elf);
        (void)vxa_fail(failure, VXA_FAILURE_MEMORY, "out of memory");
        return NULL;
    }
    entry->elf = elf;
    entry->decoder.elf = elf;
    entry->decoder.elf_nbytes = elf_nbytes;
    set_name(&entry->decoder, file);
    vxa_sha256(elf, elf_nbytes, entry->decoder.sha256);
    entry->next = store->entries;
    store->entries = entry;
    return &entry->decoder;
}

static bool has_hash(const struct vxa_decoder *decoder, const uint8_t *sha256)
{
    return memcmp(decoder->sha256, sha256, VXA_HASH_NBYTES) == 0;
}

static const struct vxa_decoder *find_kept(const struct vxa_decoder_store *store,
                                           const uint8_t *sha256)
{
    for (const struct entry *entry = store->entries; entry; entry = entry->next)
        if (has_hash(&entry->decoder, sha256))
            return &entry->decoder;
    return NULL;
}

/* ---- in the archive: kind 2, stored or deflated ---- */

static bool read_all(struct zip_archive *archive, const struct zip_member *member, uint8_t *data,
                     struct vxa_failure *failure)
{
    uint64_t off = 0;

    while (off < member->compressed_size) {
        ptrdiff_t count = zip_member_read(archive, member, off, data + off,
                                          (size_t)(member->compressed_size - off), failure);

        if (count <= 0)
            return false;
        off += (uint64_t)count;
    }
    return true;
}

/* Whole in memory, so nothing of it can grow beyond its declared size. */
static bool inflate_all(const uint8_t *data, size_t data_nbytes, uint8_t *elf, size_t elf_nbytes,
                        struct vxa_failure *failure)
{
    z_stream stream = {.next_in = (z_const Bytef *)data,
                       .avail_in = (uInt)data_nbytes,
                       .next_out = elf,
                       .avail_out = (uInt)elf_nbytes};
    int status;

    if (inflateInit2(&stream, -MAX_WBITS) != Z_OK)
        return vxa_fail(failure, VXA_FAILURE_MEMORY, "out of memory");
    status = inflate(&stream, Z_FINISH);
    inflateEnd(&stream);
    if (status != Z_STREAM_END || stream.avail_out != 0 || stream.avail_in != 0)
        return vxa_fail(failure, VXA_FAILURE_DATA, "its decoder in the archive is damaged");
    return true;
}

static bool unpack(struct zip_archive *archive, const struct zip_member *member, uint8_t *data,
                   uint8_t *elf, struct vxa_failure *failure)
{
    if (!read_all(archive, member, data, failure))
        return false;
    if (member->method == ZIP_METHOD_DEFLATE)
        return inflate_all(data, (size_t)member->compressed_size, elf, (size_t)member->size,
                           failure);
    if (member->compressed_size != member->size)
        return vxa_fail(failure, VXA_FAILURE_DATA, "its decoder in the archive is damaged");
    memcpy(elf, data, (size_t)member->size);
    return true;
}

static bool is_loadable(struct zip_archive *archive, const struct zip_member *member,
                        struct vxa_failure *failure)
{
    if (member->method != ZIP_METHOD_STORE && member->method != ZIP_METHOD_DEFLATE)
        return vxa_fail(failure, VXA_FAILURE_UNSUPPORTED,
                        "its decoder in the archive is compressed with method %u", member->method);
    if (member->size > DECODER_MAX_NBYTES || member->compressed_size > DECODER_MAX_NBYTES)
        return vxa_fail(failure, VXA_FAILURE_LIMIT,
                        "its decoder in the archive is larger than 16 MiB");
    return zip_member_check(archive, member, failure);
}

static const struct vxa_decoder *load_member(struct vxa_decoder_store *store,
                                             const struct zip_member *member, const uint8_t *sha256,
                                             struct vxa_failure *failure)
{
    const struct vxa_decoder *decoder;
    uint8_t *data, *elf;
    bool ok;

    if (!is_loadable(store->archive, member, failure))
        return NULL;
    data = malloc((size_t)member->compressed_size + 1);
    elf = malloc((size_t)member->size + 1);
    ok = data && elf ? unpack(store->archive, member, data, elf, failure)
                     : vxa_fail(failure, VXA_FAILURE_MEMORY, "out of memory");
    free(data);
    if (!ok) {
        free(elf);
        return NULL;
    }
    decoder = keep(store, member->name, elf, (size_t)member->size, failure);
    if (decoder && !has_hash(decoder, sha256)) {
        (void)vxa_fail(failure, VXA_FAILURE_DATA,
                       "its decoder in the archive does not have the hash that it claims");
        return NULL;
    }
    return decoder;
}

static const struct zip_member *find_member(const struct vxa_decoder_store *store,
                                            const uint8_t *sha256)
{
    struct vxa_block block;

    for (size_t i = 0; store->archive && i < zip_member_count(store->archive); i++) {
        const struct zip_member *member = zip_member_at(store->archive, i);

        if (zip_member_block(member, &block) && block.kind == VXA_BLOCK_DECODER &&
            memcmp(block.decoder_sha256, sha256, VXA_HASH_NBYTES) == 0)
            return member;
    }
    return NULL;
}

/* ---- in folders ---- */

static uint8_t *read_file(const char *path, size_t *nbytes)
{
    FILE *file = fopen(path, "rbe");
    uint8_t *data = file ? malloc(DECODER_MAX_NBYTES) : NULL;
    uint8_t *fitting = NULL;

    if (data) {
        *nbytes = fread(data, 1, DECODER_MAX_NBYTES, file);
        if (!ferror(file) && feof(file) && *nbytes > 0)
            fitting = realloc(data, *nbytes);
        if (!fitting)
            free(data);
    }
    if (file)
        fclose(file);
    return fitting;
}

static const struct vxa_decoder *load_file(struct vxa_decoder_store *store, const char *folder,
                                           const char *file, struct vxa_failure *failure)
{
    char *path = join(folder, file);
    size_t nbytes = 0;
    uint8_t *elf = path ? read_file(path, &nbytes) : NULL;

    free(path);
    return elf ? keep(store, file, elf, nbytes, failure) : NULL;
}

static bool is_elf_name(const char *file)
{
    size_t nbytes = strlen(file);

    return nbytes > 4 && strcmp(file + nbytes - 4, ".elf") == 0;
}

static const struct vxa_decoder *search_folder(struct vxa_decoder_store *store, const char *folder,
                                               const uint8_t *sha256, struct vxa_failure *failure)
{
    const struct vxa_decoder *found = NULL;
    DIR *stream = opendir(folder);
    struct dirent *item;

    while (stream && !found && (item = readdir(stream))) {
        const struct vxa_decoder *decoder =
            is_elf_name(item->d_name) ? load_file(store, folder, item->d_name, failure) : NULL;

        if (decoder && has_hash(decoder, sha256))
            found = decoder;
    }
    if (stream)
        closedir(stream);
    return found;
}

const struct vxa_decoder *vxa_decoder_by_hash(struct vxa_decoder_store *store,
                                              const uint8_t sha256[VXA_HASH_NBYTES],
                                              struct vxa_failure *failure)
{
    const struct vxa_decoder *decoder = find_kept(store, sha256);
    const struct zip_member *member = decoder ? NULL : find_member(store, sha256);
    char hex[65];

    if (member)
        return load_member(store, member, sha256, failure);
    for (int i = 0; !decoder && i < FOLDER_COUNT; i++)
        if (store->folders[i])
            decoder = search_folder(store, store->folders[i], sha256, failure);
    if (!decoder) {
        vxa_hex32(sha256, hex);
        (void)vxa_fail(failure, VXA_FAILURE_NO_DECODER,
                       "its decoder, SHA-256 %s, is neither in the archive nor installed", hex);
    }
    return decoder;
}

const struct vxa_decoder *vxa_decoder_by_name(struct vxa_decoder_store *store, const char *name,
                                              struct vxa_failure *failure)
{
    char file[80];

    snprintf(file, sizeof file, "%s.elf", name);
    for (int i = 0; i < FOLDER_COUNT; i++) {
        const struct vxa_decoder *decoder =
            store->folders[i] ? load_file(store, store->folders[i], file, failure) : NULL;

        if (decoder)
            return find_kept(store, decoder->sha256);
    }
    (void)vxa_fail(failure, VXA_FAILURE_NO_DECODER, "no decoder \"%s\" is installed", file);
    return NULL;
}

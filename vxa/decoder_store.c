/* SPDX-License-Identifier: MIT */
/* Where decoders are found, and that each is what its hash says before anyone gets it. */
#include "decoder_store.h"
#include "sha256.h"
#include "zip_format.h"
#include "zip_read.h"

#include <dirent.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#ifdef __linux__
#include <sys/auxv.h>
#endif

enum { DECODER_MAX_NBYTES = 16 << 20, FOLDER_COUNT = 3, HASH_SHOWN_NBYTES = 16 };

/* Each decoder is read once and kept: what an archive may make us keep has an end. */
enum { ARCHIVE_DECODERS_MAX_NBYTES = 256 << 20 };

/* A decoder that was found. */
struct entry {
    struct entry *next;
    struct vxa_decoder decoder;
    uint8_t *elf;
    char *path; /* NULL: from the archive */
};

/* A member of kind 2, and what became of it when it was tried. */
struct candidate {
    uint8_t sha256[VXA_HASH_NBYTES]; /* what its block says */
    const struct zip_member *member;
    const struct vxa_decoder *decoder; /* NULL: not tried, or of no use */
    enum vxa_failure_kind problem_kind;
    char *problem; /* NULL: not tried, or good */
};

struct vxa_decoder_store {
    struct zip_archive *archive;
    char *folders[FOLDER_COUNT]; /* in the order of the search; NULL: none */
    struct entry *entries;
    struct candidate *candidates; /* by hash, then in the archive's order; made when first needed */
    size_t candidate_count;
    bool has_candidates, has_scanned_folders;
    size_t archive_nbytes; /* of the decoders that came from the archive */
    pthread_mutex_t mutex; /* guards all but the folders: what is found, stays */
};

/* ---- folders ---- */

/* The path of the running program; where /proc is not to be had, the one it was started by. */
static bool program_path(char path[PATH_MAX])
{
    ssize_t nbytes = readlink("/proc/self/exe", path, PATH_MAX - 1);

    if (nbytes > 0) {
        path[nbytes] = '\0';
        return true;
    }
#ifdef AT_EXECFN
    const char *started = (const char *)getauxval(AT_EXECFN);

    return started && realpath(started, path);
#else
    return false;
#endif
}

/* The folder of the running program, without a last slash. False where that is not known. */
static bool program_folder(char folder[PATH_MAX])
{
    char *slash;

    if (!program_path(folder))
        return false;
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
    (void)pthread_mutex_init(&store->mutex, NULL);
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
        free(store->entries->path);
        free(store->entries);
        store->entries = next;
    }
    for (size_t i = 0; i < store->candidate_count; i++)
        free(store->candidates[i].problem);
    free(store->candidates);
    for (int i = 0; i < FOLDER_COUNT; i++)
        free(store->folders[i]);
    (void)pthread_mutex_destroy(&store->mutex);
    free(store);
}

/* ---- keeping ---- */

/* The codec's name of "NAME.elf" and of "NAME-<16 hexadecimal digits>.elf". */
static void set_name(struct vxa_decoder *decoder, const char *file)
{
    const char *slash = strrchr(file, '/');
    const char *base = slash ? slash + 1 : file;
    const char *dot = strrchr(base, '.');
    size_t nbytes = dot ? (size_t)(dot - base) : strlen(base);

    if (nbytes > HASH_SHOWN_NBYTES + 1 && base[nbytes - HASH_SHOWN_NBYTES - 1] == '-' &&
        strspn(base + nbytes - HASH_SHOWN_NBYTES, "0123456789abcdef") >= HASH_SHOWN_NBYTES)
        nbytes -= HASH_SHOWN_NBYTES + 1;
    if (nbytes >= sizeof decoder->name)
        nbytes = sizeof decoder->name - 1;
    memcpy(decoder->name, base, nbytes);
    decoder->name[nbytes] = '\0';
}

/* Takes over `elf`, and `path` if there is one, of which the name is made then. */
static const struct vxa_decoder *keep(struct vxa_decoder_store *store, const char *file, char *path,
                                      uint8_t *elf, size_t elf_nbytes)
{
    struct entry *entry = calloc(1, sizeof *entry);

    if (!entry) {
        free(elf);
        free(path);
        return NULL;
    }
    entry->elf = elf;
    entry->path = path;
    entry->decoder.elf = elf;
    entry->decoder.elf_nbytes = elf_nbytes;
    set_name(&entry->decoder, file);
    vxa_sha256(elf, elf_nbytes, entry->decoder.sha256);
    entry->next = store->entries;
    store->entries = entry;
    return &entry->decoder;
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

/* The member's bytes; NULL if they are not those that the hash promises. */
static uint8_t *load_member(struct zip_archive *archive, const struct zip_member *member,
                            const uint8_t *sha256, struct vxa_failure *failure)
{
    uint8_t *data = malloc((size_t)member->compressed_size + 1);
    uint8_t *elf = malloc((size_t)member->size + 1);
    uint8_t found[VXA_HASH_NBYTES];
    bool ok = data && elf ? unpack(archive, member, data, elf, failure)
                          : vxa_fail(failure, VXA_FAILURE_MEMORY, "out of memory");

    free(data);
    if (ok) {
        vxa_sha256(elf, (size_t)member->size, found);
        ok = memcmp(found, sha256, VXA_HASH_NBYTES) == 0 ||
             vxa_fail(failure, VXA_FAILURE_DATA,
                      "its decoder in the archive does not have the hash that it claims");
    }
    if (ok)
        return elf;
    free(elf);
    return NULL;
}

static const struct vxa_decoder *load_candidate(struct vxa_decoder_store *store,
                                                const struct candidate *candidate,
                                                struct vxa_failure *failure)
{
    const struct zip_member *member = candidate->member;
    const struct vxa_decoder *decoder;
    uint8_t *elf;

    if (!is_loadable(store->archive, member, failure))
        return NULL;
    if (member->size > ARCHIVE_DECODERS_MAX_NBYTES - store->archive_nbytes) {
        (void)vxa_fail(failure, VXA_FAILURE_LIMIT,
                       "the decoders in the archive are larger than 256 MiB together");
        return NULL;
    }
    elf = load_member(store->archive, member, candidate->sha256, failure);
    if (!elf)
        return NULL;
    decoder = keep(store, member->name, NULL, elf, (size_t)member->size);
    if (decoder)
        store->archive_nbytes += (size_t)member->size;
    else
        (void)vxa_fail(failure, VXA_FAILURE_MEMORY, "out of memory");
    return decoder;
}

/* Tries a member once, and remembers what came of it. */
static const struct vxa_decoder *try_candidate(struct vxa_decoder_store *store,
                                               struct candidate *candidate,
                                               struct vxa_failure *failure)
{
    if (candidate->problem) {
        (void)vxa_fail(failure, candidate->problem_kind, "%s", candidate->problem);
        return NULL;
    }
    if (!candidate->decoder) {
        candidate->decoder = load_candidate(store, candidate, failure);
        if (!candidate->decoder && failure->kind != VXA_FAILURE_MEMORY) {
            candidate->problem_kind = failure->kind;
            candidate->problem = strdup(failure->text);
        }
    }
    return candidate->decoder;
}

static int compare_candidates(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    int order = memcmp(x->sha256, y->sha256, VXA_HASH_NBYTES);

    return order ? order : (x->member > y->member) - (x->member < y->member);
}

static bool is_decoder(const struct zip_member *member, struct vxa_block *block)
{
    return zip_member_block(member, block) && block->kind == VXA_BLOCK_DECODER;
}

static bool find_candidates(struct vxa_decoder_store *store, struct vxa_failure *failure)
{
    size_t member_count = store->archive ? zip_member_count(store->archive) : 0;
    size_t count = 0;
    struct vxa_block block;

    if (store->has_candidates)
        return true;
    for (size_t i = 0; i < member_count; i++)
        count += is_decoder(zip_member_at(store->archive, i), &block);
    store->candidates = calloc(count + 1, sizeof store->candidates[0]);
    if (!store->candidates)
        return vxa_fail(failure, VXA_FAILURE_MEMORY, "out of memory");
    for (size_t i = 0; i < member_count; i++) {
        const struct zip_member *member = zip_member_at(store->archive, i);

        if (!is_decoder(member, &block))
            continue;
        memcpy(store->candidates[store->candidate_count].sha256, block.decoder_sha256,
               VXA_HASH_NBYTES);
        store->candidates[store->candidate_count++].member = member;
    }
    qsort(store->candidates, store->candidate_count, sizeof store->candidates[0],
          compare_candidates);
    store->has_candidates = true;
    return true;
}

/* The first with this hash, or where it would be. */
static size_t find_hash(const struct vxa_decoder_store *store, const uint8_t *sha256)
{
    size_t low = 0, high = store->candidate_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (memcmp(store->candidates[middle].sha256, sha256, VXA_HASH_NBYTES) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* NULL without a failure set (kind NONE) if the archive carries none. */
static const struct vxa_decoder *search_archive(struct vxa_decoder_store *store,
                                                const uint8_t *sha256, struct vxa_failure *failure)
{
    failure->kind = VXA_FAILURE_NONE;
    if (!find_candidates(store, failure))
        return NULL;
    for (size_t i = find_hash(store, sha256); i < store->candidate_count; i++) {
        const struct vxa_decoder *decoder;

        if (memcmp(store->candidates[i].sha256, sha256, VXA_HASH_NBYTES) != 0)
            break;
        decoder = try_candidate(store, &store->candidates[i], failure);
        if (decoder)
            return decoder;
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

/* NULL if there is no such file, or none that can be a decoder. */
static const struct vxa_decoder *load_file(struct vxa_decoder_store *store, const char *folder,
                                           const char *file)
{
    char *path = join(folder, file);
    size_t nbytes = 0;
    uint8_t *elf;

    if (!path)
        return NULL;
    for (const struct entry *entry = store->entries; entry; entry = entry->next)
        if (entry->path && strcmp(entry->path, path) == 0) {
            free(path);
            return &entry->decoder;
        }
    elf = read_file(path, &nbytes);
    if (elf)
        return keep(store, file, path, elf, nbytes);
    free(path);
    return NULL;
}

static bool is_elf_name(const char *file)
{
    size_t nbytes = strlen(file);

    return nbytes > 4 && strcmp(file + nbytes - 4, ".elf") == 0;
}

static void scan_folder(struct vxa_decoder_store *store, const char *folder)
{
    DIR *stream = opendir(folder);
    struct dirent *item;

    while (stream && (item = readdir(stream)))
        if (is_elf_name(item->d_name))
            (void)load_file(store, folder, item->d_name);
    if (stream)
        closedir(stream);
}

static const struct vxa_decoder *search_folders(struct vxa_decoder_store *store,
                                                const uint8_t *sha256)
{
    for (int i = 0; i < FOLDER_COUNT && !store->has_scanned_folders; i++)
        if (store->folders[i])
            scan_folder(store, store->folders[i]);
    store->has_scanned_folders = true;
    for (const struct entry *entry = store->entries; entry; entry = entry->next)
        if (entry->path && memcmp(entry->decoder.sha256, sha256, VXA_HASH_NBYTES) == 0)
            return &entry->decoder;
    return NULL;
}

/* ---- together ---- */

static const struct vxa_decoder *find_by_hash(struct vxa_decoder_store *store,
                                              const uint8_t sha256[VXA_HASH_NBYTES],
                                              struct vxa_failure *failure)
{
    const struct vxa_decoder *decoder = search_archive(store, sha256, failure);
    char hex[65];

    if (!decoder)
        decoder = search_folders(store, sha256);
    if (!decoder && failure->kind == VXA_FAILURE_NONE) {
        vxa_hex32(sha256, hex);
        (void)vxa_fail(failure, VXA_FAILURE_NO_DECODER,
                       "its decoder, SHA-256 %s, is neither in the archive nor installed", hex);
    }
    return decoder;
}

const struct vxa_decoder *vxa_decoder_by_hash(struct vxa_decoder_store *store,
                                              const uint8_t sha256[VXA_HASH_NBYTES],
                                              struct vxa_failure *failure)
{
    pthread_mutex_lock(&store->mutex);
    const struct vxa_decoder *decoder = find_by_hash(store, sha256, failure);

    pthread_mutex_unlock(&store->mutex);
    return decoder;
}

static const struct vxa_decoder *find_by_name(struct vxa_decoder_store *store, const char *name,
                                              struct vxa_failure *failure)
{
    const struct vxa_decoder *decoder = NULL;
    char file[80];

    snprintf(file, sizeof file, "%s.elf", name);
    for (int i = 0; i < FOLDER_COUNT && !decoder; i++)
        if (store->folders[i])
            decoder = load_file(store, store->folders[i], file);
    if (!decoder)
        (void)vxa_fail(failure, VXA_FAILURE_NO_DECODER, "no decoder \"%s\" is installed", file);
    return decoder;
}

const struct vxa_decoder *vxa_decoder_by_name(struct vxa_decoder_store *store, const char *name,
                                              struct vxa_failure *failure)
{
    pthread_mutex_lock(&store->mutex);
    const struct vxa_decoder *decoder = find_by_name(store, name, failure);

    pthread_mutex_unlock(&store->mutex);
    return decoder;
}

char *vxa_decoder_text(const struct vxa_decoder_store *store, const struct vxa_decoder *decoder,
                       const char *suffix, size_t *nbytes)
{
    const struct entry *entry = store->entries;
    char path[PATH_MAX];

    while (entry && &entry->decoder != decoder)
        entry = entry->next;
    if (!entry || !entry->path || !is_elf_name(entry->path))
        return NULL;
    int length = snprintf(path, sizeof path, "%.*s%s", (int)(strlen(entry->path) - strlen(".elf")),
                          entry->path, suffix);
    uint8_t *data = length < (int)sizeof path ? read_file(path, nbytes) : NULL;
    char *text = data ? realloc(data, *nbytes + 1) : NULL;

    if (text)
        text[*nbytes] = '\0';
    else
        free(data);
    return text;
}

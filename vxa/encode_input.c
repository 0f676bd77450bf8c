/* SPDX-License-Identifier: MIT */
/* How a file becomes member data that is known to decode to that very file. */
#include "encode_input.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

enum { CHUNK_NBYTES = 64 * 1024, ATTEMPT_COUNT = 2 };

/* An open input. The first fault that a callback meets stays in `fault`. */
struct file_state {
    const struct vxa_encode_settings *settings;
    int descriptor;
    struct stat status; /* as it was opened */
    uint64_t off;       /* read so far */
    uint32_t crc32;     /* of what was read, or of what was decoded */
    bool changed;       /* the file is no longer what it was */
    bool failed;        /* `fault` is set */
    struct vxa_failure fault;
    uint8_t *chunk;
};

static bool is_interrupted(const struct file_state *file)
{
    return file->settings->interrupt->raised != 0;
}

static ptrdiff_t read_at(struct file_state *file, void *buffer, size_t nbytes, uint64_t off)
{
    ssize_t count;

    if (is_interrupted(file))
        return -1;
    do
        count = pread(file->descriptor, buffer, nbytes, (off_t)off);
    while (count < 0 && errno == EINTR);
    if (count < 0) {
        file->failed = true;
        (void)vxa_fail_errno(&file->fault, "reading", errno);
    }
    return count;
}

/* The source: exactly as many bytes as the file had when it was opened. */
static ptrdiff_t read_file(void *context, void *buffer, size_t nbytes)
{
    struct file_state *file = context;
    uint64_t left_nbytes = (uint64_t)file->status.st_size - file->off;
    uint8_t beyond;

    if (left_nbytes == 0) {
        ptrdiff_t count = read_at(file, &beyond, 1, file->off);

        file->changed = file->changed || count > 0;
        return count > 0 ? -1 : count;
    }
    if (nbytes > left_nbytes)
        nbytes = (size_t)left_nbytes;
    ptrdiff_t count = read_at(file, buffer, nbytes, file->off);

    if (count == 0) {
        file->changed = true;
        return -1;
    }
    if (count > 0) {
        file->crc32 = (uint32_t)crc32_z(file->crc32, buffer, (size_t)count);
        file->off += (uint64_t)count;
    }
    return count;
}

static bool write_spool(void *context, const void *buffer, size_t nbytes)
{
    struct file_state *file = context;

    return !is_interrupted(file) && vxa_spool_write(file->settings->spool, buffer, nbytes);
}

/* Why a run over the file broke off, when the file itself was not to blame. */
static enum vxa_encode_result stop(const struct file_state *file, struct vxa_failure *failure)
{
    const struct vxa_spool *spool = file->settings->spool;

    if (is_interrupted(file))
        (void)vxa_fail(failure, VXA_FAILURE_INTERRUPTED, "interrupted");
    else if (spool->failure.kind != VXA_FAILURE_NONE)
        *failure = spool->failure;
    return VXA_ENCODE_STOP;
}

static enum vxa_encode_result broke_off(const struct file_state *file, struct vxa_failure *failure)
{
    if (is_interrupted(file))
        return stop(file, failure);
    if (file->changed)
        return VXA_ENCODE_LEFT_OUT;
    if (file->failed) {
        *failure = file->fault;
        return VXA_ENCODE_LEFT_OUT;
    }
    return stop(file, failure);
}

/* ---- encoding ---- */

static bool copy(struct vxa_source source, struct vxa_sink sink, uint8_t *chunk)
{
    ptrdiff_t count;

    while ((count = source.read(source.context, chunk, CHUNK_NBYTES)) > 0) {
        if (!sink.write(sink.context, chunk, (size_t)count))
            return false;
    }
    return count == 0;
}

static enum vxa_encode_result run_encoder(struct file_state *file, bool coded,
                                          struct vxa_encoded *encoded, struct vxa_failure *failure)
{
    const struct vxa_encode_settings *settings = file->settings;
    struct vxa_source source = {read_file, file};
    struct vxa_sink sink = {write_spool, file};
    uint64_t nbytes = (uint64_t)file->status.st_size;
    bool ok;

    file->off = 0;
    file->crc32 = 0;
    if (coded)
        ok = settings->codec->encode(source, nbytes, settings->level, sink, failure);
    else
        ok = copy(source, sink, file->chunk);
    if (!ok)
        return broke_off(file, failure);
    encoded->coded = coded;
    encoded->size = nbytes;
    encoded->crc32 = file->crc32;
    encoded->compressed_size = settings->spool->nbytes - encoded->spool_off;
    return VXA_ENCODE_DONE;
}

/* Encodes, and stores where that gains nothing. */
static enum vxa_encode_result encode(struct file_state *file, struct vxa_encoded *encoded,
                                     struct vxa_failure *failure)
{
    const struct vxa_encode_settings *settings = file->settings;
    uint64_t nbytes = (uint64_t)file->status.st_size;

    if (!settings->codec->encode || nbytes <= settings->block_nbytes)
        return run_encoder(file, false, encoded, failure);
    enum vxa_encode_result result = run_encoder(file, true, encoded, failure);
    uint32_t crc32 = encoded->crc32;

    if (result != VXA_ENCODE_DONE || encoded->compressed_size + settings->block_nbytes < nbytes)
        return result;
    if (!vxa_spool_truncate(settings->spool, encoded->spool_off))
        return stop(file, failure);
    result = run_encoder(file, false, encoded, failure);
    if (result == VXA_ENCODE_DONE && encoded->crc32 != crc32) {
        file->changed = true;
        return VXA_ENCODE_LEFT_OUT;
    }
    return result;
}

/* ---- verifying ---- */

/* The sink of the decoder: compares with the file, which is read a second time. */
static bool compare(void *context, const void *buffer, size_t nbytes)
{
    struct file_state *file = context;
    const uint8_t *bytes = buffer;

    if (nbytes > (uint64_t)file->status.st_size - file->off)
        return false;
    file->crc32 = (uint32_t)crc32_z(file->crc32, bytes, nbytes);
    while (nbytes > 0) {
        ptrdiff_t count =
            read_at(file, file->chunk, nbytes < CHUNK_NBYTES ? nbytes : CHUNK_NBYTES, file->off);

        if (count < 0)
            return false;
        if (count == 0 || memcmp(file->chunk, bytes, (size_t)count) != 0)
            file->changed = true;
        if (count == 0) {
            file->off += nbytes;
            break;
        }
        bytes += count;
        nbytes -= (size_t)count;
        file->off += (uint64_t)count;
    }
    return true;
}

/*
 * Decodes what is to be written. A result that has the CRC of what was encoded but not the file's
 * bytes means that the file has changed; any other difference, that the coding is at fault.
 */
static enum vxa_encode_result verify(struct file_state *file, const struct vxa_encoded *encoded,
                                     struct vxa_failure *failure)
{
    const struct vxa_encode_settings *settings = file->settings;
    struct vxa_spool_range range = {settings->spool, encoded->spool_off,
                                    encoded->spool_off + encoded->compressed_size};
    struct vxa_sink sink = {compare, file};

    if (!encoded->coded || !settings->sandbox)
        return VXA_ENCODE_DONE;
    file->off = 0;
    file->crc32 = 0;
    settings->interrupt->running = settings->sandbox;
    bool ok = vxa_sandbox_run(settings->sandbox, vxa_spool_source(&range), sink, failure);

    settings->interrupt->running = NULL;
    if (is_interrupted(file) || settings->spool->failure.kind != VXA_FAILURE_NONE)
        return stop(file, failure);
    if (file->failed) {
        *failure = file->fault;
        return VXA_ENCODE_LEFT_OUT;
    }
    if (!ok && failure->text[0] != '\0') {
        /* A decoder that calls our own stream damaged is the one at fault. */
        if (failure->kind == VXA_FAILURE_DATA)
            failure->kind = VXA_FAILURE_DECODER;
        return VXA_ENCODE_STOP;
    }
    if (!ok || file->off != encoded->size || file->crc32 != encoded->crc32) {
        (void)vxa_fail(failure, VXA_FAILURE_DECODER,
                       "the decoder does not give the file back: not packed");
        return VXA_ENCODE_STOP;
    }
    return file->changed ? VXA_ENCODE_LEFT_OUT : VXA_ENCODE_DONE;
}

/* ---- one file ---- */

static bool is_same(const struct stat *a, const struct stat *b)
{
    return a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
           a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static enum vxa_encode_result attempt(struct file_state *file, struct vxa_encoded *encoded,
                                      struct vxa_failure *failure)
{
    struct stat after;
    enum vxa_encode_result result = encode(file, encoded, failure);

    if (result == VXA_ENCODE_DONE)
        result = verify(file, encoded, failure);
    if (result == VXA_ENCODE_DONE &&
        (fstat(file->descriptor, &after) != 0 || !is_same(&file->status, &after))) {
        file->changed = true;
        result = VXA_ENCODE_LEFT_OUT;
    }
    return result;
}

static enum vxa_encode_result open_file(struct file_state *file, const struct vxa_input *input,
                                        struct vxa_failure *failure)
{
    /* Not to wait for a writer, should a pipe have taken the file's place. */
    file->descriptor = open(input->path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (file->descriptor < 0 || fstat(file->descriptor, &file->status) != 0) {
        (void)vxa_fail_errno(failure, "left out", errno);
        return VXA_ENCODE_LEFT_OUT;
    }
    if (!S_ISREG(file->status.st_mode)) {
        (void)vxa_fail(failure, VXA_FAILURE_WARNING, "left out: no longer an ordinary file");
        return VXA_ENCODE_LEFT_OUT;
    }
    return VXA_ENCODE_DONE;
}

static enum vxa_encode_result encode_file(struct file_state *file, const struct vxa_input *input,
                                          struct vxa_encoded *encoded, struct vxa_failure *failure)
{
    enum vxa_encode_result result = VXA_ENCODE_LEFT_OUT;

    for (int i = 0; i < ATTEMPT_COUNT; i++) {
        file->changed = false;
        result = open_file(file, input, failure);
        if (result == VXA_ENCODE_DONE)
            result = attempt(file, encoded, failure);
        if (file->descriptor >= 0)
            close(file->descriptor);
        file->descriptor = -1;
        if (!file->changed || result != VXA_ENCODE_LEFT_OUT)
            break;
        if (!vxa_spool_truncate(file->settings->spool, encoded->spool_off))
            return stop(file, failure);
        (void)vxa_fail(failure, VXA_FAILURE_WARNING, "left out: it changed while it was read");
    }
    encoded->mode = file->status.st_mode;
    encoded->mtime = file->status.st_mtim.tv_sec;
    return result;
}

/* ---- links and folders ---- */

static enum vxa_encode_result encode_bytes(const struct vxa_encode_settings *settings,
                                           const char *bytes, size_t nbytes,
                                           const struct stat *status, struct vxa_encoded *encoded,
                                           struct vxa_failure *failure)
{
    encoded->size = encoded->compressed_size = nbytes;
    encoded->crc32 = (uint32_t)crc32_z(0, (const unsigned char *)bytes, nbytes);
    encoded->mode = status->st_mode;
    encoded->mtime = status->st_mtim.tv_sec;
    if (nbytes > 0 && !vxa_spool_write(settings->spool, bytes, nbytes)) {
        *failure = settings->spool->failure;
        return VXA_ENCODE_STOP;
    }
    return VXA_ENCODE_DONE;
}

static enum vxa_encode_result encode_link(const struct vxa_encode_settings *settings,
                                          const struct vxa_input *input,
                                          struct vxa_encoded *encoded, struct vxa_failure *failure)
{
    char target[PATH_MAX];
    struct stat status;
    ssize_t nbytes = readlink(input->path, target, sizeof(target));

    if (nbytes < 0 || lstat(input->path, &status) != 0) {
        (void)vxa_fail_errno(failure, "left out", errno);
        return VXA_ENCODE_LEFT_OUT;
    }
    if (!S_ISLNK(status.st_mode) || nbytes == (ssize_t)sizeof(target)) {
        (void)vxa_fail(failure, VXA_FAILURE_WARNING, "left out: no longer a link");
        return VXA_ENCODE_LEFT_OUT;
    }
    /* The permissions of a link mean nothing and differ between systems. */
    status.st_mode = S_IFLNK | 0777;
    return encode_bytes(settings, target, (size_t)nbytes, &status, encoded, failure);
}

static enum vxa_encode_result encode_folder(const struct vxa_encode_settings *settings,
                                            const struct vxa_input *input,
                                            struct vxa_encoded *encoded,
                                            struct vxa_failure *failure)
{
    struct stat status;

    if (stat(input->path, &status) != 0) {
        (void)vxa_fail_errno(failure, "left out", errno);
        return VXA_ENCODE_LEFT_OUT;
    }
    if (!S_ISDIR(status.st_mode)) {
        (void)vxa_fail(failure, VXA_FAILURE_WARNING, "left out: no longer a folder");
        return VXA_ENCODE_LEFT_OUT;
    }
    return encode_bytes(settings, "", 0, &status, encoded, failure);
}

enum vxa_encode_result vxa_encode_input(const struct vxa_encode_settings *settings,
                                        const struct vxa_input *input, struct vxa_encoded *encoded,
                                        struct vxa_failure *failure)
{
    struct file_state file = {.settings = settings, .descriptor = -1};
    enum vxa_encode_result result = VXA_ENCODE_STOP;

    *encoded = (struct vxa_encoded){.spool_off = settings->spool->nbytes};
    if (input->kind == VXA_INPUT_LINK) {
        result = encode_link(settings, input, encoded, failure);
    } else if (input->kind == VXA_INPUT_DIRECTORY) {
        result = encode_folder(settings, input, encoded, failure);
    } else if ((file.chunk = malloc(CHUNK_NBYTES)) != NULL) {
        result = encode_file(&file, input, encoded, failure);
        free(file.chunk);
    } else {
        (void)vxa_fail(failure, VXA_FAILURE_MEMORY, "out of memory");
    }
    if (result == VXA_ENCODE_LEFT_OUT && !vxa_spool_truncate(settings->spool, encoded->spool_off)) {
        *failure = settings->spool->failure;
        return VXA_ENCODE_STOP;
    }
    return result;
}

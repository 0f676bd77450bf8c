/* SPDX-License-Identifier: MIT */
/* How a file becomes member data that is known to decode to that very file. */
#include "encode_input.h"
#include "zip_format.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

enum { CHUNK_NBYTES = 64 * 1024, ATTEMPT_COUNT = 2, BLOCK_NBYTES = 4 + 40, ITEM_NBYTES = 3 };

/* An open input. The first fault that a callback meets stays in `fault`. */
struct file_state {
    const struct vxa_encode_settings *settings;
    const char *name; /* the member's */
    int descriptor;
    struct stat status;   /* as it was opened */
    uint64_t off;         /* read so far */
    uint64_t told_nbytes; /* to who looks at the progress */
    uint32_t crc32;       /* of what was read, or of what was decoded */
    bool changed;         /* the file is no longer what it was */
    bool failed;          /* `fault` is set */
    struct vxa_failure fault;
    uint8_t *chunk;
    uint64_t written_nbytes, written_max_nbytes; /* by an encoder that is only measured */
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

/* As the encoders see it. */
static ptrdiff_t read_file_at(void *context, void *buffer, size_t nbytes, uint64_t off)
{
    return read_at(context, buffer, nbytes, off);
}

/* A file may be read more than once; its bytes count once. */
static void tell_progress(struct file_state *file)
{
    if (file->off <= file->told_nbytes)
        return;
    vxa_progress_add(file->settings->progress, file->off - file->told_nbytes);
    file->told_nbytes = file->off;
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
        tell_progress(file);
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

/* Only counts, and gives up where the best result so far is reached. */
static bool measure(void *context, const void *buffer, size_t nbytes)
{
    struct file_state *file = context;

    (void)buffer;
    file->written_nbytes += nbytes;
    return !is_interrupted(file) && file->written_nbytes < file->written_max_nbytes;
}

static struct vxa_original original_of(struct file_state *file)
{
    return (struct vxa_original){
        .source = {read_file, file},
        .nbytes = (uint64_t)file->status.st_size,
        .read_at = read_file_at,
    };
}

/* Without a codec, a copy. */
static bool run(struct file_state *file, const struct vxa_codec *codec, struct vxa_sink sink,
                struct vxa_failure *failure)
{
    struct vxa_original original = original_of(file);

    file->off = 0;
    file->crc32 = 0;
    if (!codec)
        return copy(original.source, sink, file->chunk);
    return codec->encode(&original, file->settings->wish.level, sink, failure);
}

/* To the spool, in the place of what was there of this file. */
static enum vxa_encode_result produce(struct file_state *file, const struct vxa_codec *codec,
                                      struct vxa_encoded *encoded, struct vxa_failure *failure)
{
    struct vxa_spool *spool = file->settings->spool;
    bool had_crc32 = spool->nbytes > encoded->spool_off;
    uint32_t crc32 = encoded->crc32;

    if (!vxa_spool_truncate(spool, encoded->spool_off))
        return stop(file, failure);
    failure->kind = VXA_FAILURE_NONE;
    if (!run(file, codec, (struct vxa_sink){write_spool, file}, failure))
        return broke_off(file, failure);
    if (had_crc32 && file->crc32 != crc32) {
        file->changed = true;
        return VXA_ENCODE_LEFT_OUT;
    }
    encoded->codec = codec;
    encoded->decoder = NULL;
    encoded->size = (uint64_t)file->status.st_size;
    encoded->crc32 = file->crc32;
    encoded->compressed_size = spool->nbytes - encoded->spool_off;
    return VXA_ENCODE_DONE;
}

/* What a member of this codec costs in headers, beyond its data. */
static uint64_t overhead_nbytes(const struct vxa_encode_settings *settings,
                                const struct vxa_codec *codec)
{
    size_t argument_nbytes = strlen(codec->argument);

    return 2 * (BLOCK_NBYTES + (argument_nbytes > 0 ? ITEM_NBYTES + argument_nbytes : 0) +
                (settings->certify ? 2 * (ITEM_NBYTES + sizeof(uint64_t)) : 0));
}

/* The best so far. */
struct best {
    const struct vxa_codec *codec; /* NULL: none that gains anything */
    const struct vxa_decoder *decoder;
    uint64_t nbytes; /* with the overhead */
};

/* Whether this codec's result would be smaller than the best one. */
static bool beats(struct file_state *file, const struct vxa_codec *codec, const struct best *best,
                  struct vxa_failure *failure)
{
    uint64_t cost_nbytes = overhead_nbytes(file->settings, codec);

    if (best->nbytes <= cost_nbytes)
        return false;
    file->written_nbytes = 0;
    file->written_max_nbytes = best->nbytes - cost_nbytes;
    return run(file, codec, (struct vxa_sink){measure, file}, failure);
}

/*
 * Encodes with one more codec. DONE if that can be gone on with, whether it was of use or not: a
 * codec that is not made for such data, or is not installed, is of none.
 */
static enum vxa_encode_result try_codec(struct file_state *file, const struct vxa_codec *codec,
                                        struct best *best, struct vxa_encoded *encoded,
                                        struct vxa_failure *failure)
{
    const struct vxa_encode_settings *settings = file->settings;
    const struct vxa_decoder *decoder = vxa_coders_decoder(settings->coders, codec->name, failure);

    if (!decoder)
        return settings->wish.codec ? VXA_ENCODE_STOP : VXA_ENCODE_DONE;
    if (best->codec && !beats(file, codec, best, failure))
        return is_interrupted(file) || file->changed || file->failed ? broke_off(file, failure)
                                                                     : VXA_ENCODE_DONE;
    enum vxa_encode_result result = produce(file, codec, encoded, failure);

    if (result == VXA_ENCODE_STOP && failure->kind == VXA_FAILURE_UNSUPPORTED)
        return VXA_ENCODE_DONE;
    if (result != VXA_ENCODE_DONE)
        return result;
    encoded->decoder = decoder;
    if (encoded->compressed_size + overhead_nbytes(file->settings, codec) < best->nbytes)
        *best = (struct best){codec, decoder,
                              encoded->compressed_size + overhead_nbytes(file->settings, codec)};
    return VXA_ENCODE_DONE;
}

/* Whether it is small enough to gain nothing by any codec. */
static bool is_tiny(const struct file_state *file)
{
    return (uint64_t)file->status.st_size <= 2 * BLOCK_NBYTES;
}

/* Encodes with the codecs of the choice, and stores where that gains nothing. */
static enum vxa_encode_result encode(struct file_state *file, const struct vxa_choice *choice,
                                     struct vxa_encoded *encoded, struct vxa_failure *failure)
{
    struct best best = {.nbytes = (uint64_t)file->status.st_size};
    enum vxa_encode_result result = VXA_ENCODE_DONE;

    for (size_t i = 0; i < choice->count && result == VXA_ENCODE_DONE && !is_tiny(file); i++) {
        result = try_codec(file, choice->codecs[i], &best, encoded, failure);
        /* A result that gains nothing ends it, too; that of a codec which was not made does not. */
        if (!choice->races && encoded->decoder)
            break;
    }
    if (result == VXA_ENCODE_DONE && !best.codec)
        result = produce(file, NULL, encoded, failure);
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
static enum vxa_encode_result verify(struct file_state *file, struct vxa_encoded *encoded,
                                     struct vxa_failure *failure)
{
    const struct vxa_encode_settings *settings = file->settings;
    struct vxa_spool_range range = {settings->spool, encoded->spool_off,
                                    encoded->spool_off + encoded->compressed_size};
    struct vxa_sink sink = {compare, file};

    if (!encoded->codec || !settings->verify)
        return VXA_ENCODE_DONE;
    struct vxa_sandbox *sandbox =
        vxa_coders_sandbox(settings->coders, encoded->decoder, encoded->codec->argument, failure);

    if (!sandbox)
        return VXA_ENCODE_STOP;
    file->off = 0;
    file->crc32 = 0;
    vxa_sandbox_set_fuel(sandbox, settings->certify ? VXA_FUEL_COUNTED : 0);
    bool ok = vxa_sandbox_run(sandbox, vxa_spool_source(&range), sink, failure);

    if (settings->certify)
        encoded->cost = vxa_sandbox_outcome(sandbox);
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

/* Whether a coding that failed its proof may give way to the next: never the one that was asked
 * for, and not where the machine is at fault. */
static bool may_give_way(const struct file_state *file, const struct vxa_failure *failure)
{
    return !file->settings->wish.codec &&
           (failure->kind == VXA_FAILURE_DECODER || failure->kind == VXA_FAILURE_LIMIT);
}

static void give_up(struct file_state *file, const struct vxa_codec *codec,
                    struct vxa_choice *choice, const struct vxa_failure *failure)
{
    struct vxa_failure remark;
    size_t kept_count = 0;

    (void)vxa_fail(&remark, VXA_FAILURE_WARNING, "not packed with %s: %.400s", codec->name,
                   failure->text);
    file->settings->remark(file->settings->remark_context, file->name, &remark);
    for (size_t i = 0; i < choice->count; i++) {
        if (choice->codecs[i] != codec)
            choice->codecs[kept_count++] = choice->codecs[i];
    }
    choice->count = kept_count;
    file->changed = false; /* the bytes that differed were the decoder's */
}

/* Until a coding is proved, or the file is stored. */
static enum vxa_encode_result encode_proved(struct file_state *file, struct vxa_choice *choice,
                                            struct vxa_encoded *encoded,
                                            struct vxa_failure *failure)
{
    for (;;) {
        enum vxa_encode_result result = encode(file, choice, encoded, failure);

        if (result == VXA_ENCODE_DONE)
            result = verify(file, encoded, failure);
        if (result != VXA_ENCODE_STOP || !encoded->codec || !may_give_way(file, failure))
            return result;
        give_up(file, encoded->codec, choice, failure);
    }
}

/* ---- files that are coded already ---- */

/* Stores the file with its decoder. DONE without an attachment if that cannot be. */
static enum vxa_encode_result store_coded(struct file_state *file,
                                          const struct vxa_recogniser *recogniser,
                                          struct vxa_encoded *encoded, struct vxa_failure *failure)
{
    const struct vxa_encode_settings *settings = file->settings;
    const struct vxa_decoder *decoder =
        vxa_coders_decoder(settings->coders, recogniser->codec, failure);
    struct vxa_sandbox *sandbox =
        decoder ? vxa_coders_sandbox(settings->coders, decoder, recogniser->argument, failure)
                : NULL;
    enum vxa_encode_result result =
        sandbox ? produce(file, NULL, encoded, failure) : VXA_ENCODE_DONE;
    struct vxa_spool_range range = {settings->spool, encoded->spool_off, settings->spool->nbytes};
    struct vxa_failure remark;

    if (result != VXA_ENCODE_DONE)
        return result;
    if (sandbox)
        vxa_sandbox_set_fuel(sandbox, settings->certify ? VXA_FUEL_COUNTED : 0);
    if (sandbox && vxa_attach(sandbox, recogniser, file->name, range, settings->interrupt,
                              &encoded->attachment, failure)) {
        if (settings->certify)
            encoded->cost = vxa_sandbox_outcome(sandbox);
        encoded->decoder = decoder;
        return VXA_ENCODE_DONE;
    }
    if (is_interrupted(file) || settings->spool->failure.kind != VXA_FAILURE_NONE)
        return stop(file, failure);
    (void)vxa_fail(&remark, VXA_FAILURE_WARNING, "no %s decoder attached: %.400s",
                   recogniser->codec, failure->text);
    settings->remark(settings->remark_context, file->name, &remark);
    return VXA_ENCODE_DONE;
}

/* By what its first bytes say. */
static enum vxa_encode_result encode_by_kind(struct file_state *file, struct vxa_encoded *encoded,
                                             struct vxa_failure *failure)
{
    const struct vxa_wish *wish = &file->settings->wish;
    struct vxa_original original = original_of(file);
    uint8_t head[VXA_HEAD_NBYTES];
    ptrdiff_t count = read_at(file, head, sizeof(head), 0);
    enum vxa_encode_result result = VXA_ENCODE_DONE;
    struct vxa_choice choice;

    if (count < 0)
        return broke_off(file, failure);
    const struct vxa_recogniser *recogniser =
        wish->codec ? NULL : vxa_recognise(file->name, head, (size_t)count);

    if (recogniser)
        result = store_coded(file, recogniser, encoded, failure);
    if (result != VXA_ENCODE_DONE || encoded->attachment.recogniser)
        return result;
    vxa_choose(wish, &original, head, (size_t)count, &choice);
    return encode_proved(file, &choice, encoded, failure);
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
    enum vxa_encode_result result = encode_by_kind(file, encoded, failure);

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
        *encoded = (struct vxa_encoded){.spool_off = encoded->spool_off};
        (void)vxa_fail(failure, VXA_FAILURE_WARNING, "left out: it changed while it was read");
    }
    encoded->status = file->status;
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
    encoded->status = *status;
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
    struct file_state file = {.settings = settings, .name = input->name, .descriptor = -1};
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

static void put_certificate(const struct vxa_encoded *encoded, struct vxa_block *block)
{
    if (encoded->cost.instruction_count == 0)
        return;
    block->has_peak_memory = block->has_instruction_count = true;
    block->peak_memory_nbytes = encoded->cost.memory_peak_nbytes;
    block->instruction_count = encoded->cost.instruction_count;
}

bool vxa_encoded_block(const struct vxa_encoded *encoded, struct vxa_block *block)
{
    const struct vxa_attachment *attachment = &encoded->attachment;
    const struct vxa_recogniser *recogniser = attachment->recogniser;
    const char *argument = recogniser       ? recogniser->argument
                           : encoded->codec ? encoded->codec->argument
                                            : "";

    if (!encoded->decoder)
        return false;
    *block = (struct vxa_block){.kind = VXA_BLOCK_MEMBER};
    memcpy(block->decoder_sha256, encoded->decoder->sha256, VXA_HASH_NBYTES);
    block->arguments_nbytes = (uint16_t)strlen(argument);
    memcpy(block->arguments, argument, strlen(argument));
    if (encoded->codec && encoded->codec->method == ZIP_METHOD_VXA)
        block->flags = VXA_FLAG_DECODER_REQUIRED;
    put_certificate(encoded, block);
    if (!recogniser)
        return true;
    block->flags = VXA_FLAG_ORIGINAL_CODED;
    block->has_decoded_size = block->has_decoded_crc32 = true;
    block->decoded_size = attachment->decoded_size;
    block->decoded_crc32 = attachment->decoded_crc32;
    strcpy(block->decoded_suffix, attachment->decoded_suffix);
    (void)snprintf(block->decoded_media_type, sizeof(block->decoded_media_type), "%s",
                   recogniser->decoded_type);
    (void)snprintf(block->encoded_media_type, sizeof(block->encoded_media_type), "%s",
                   recogniser->coded_type);
    return true;
}

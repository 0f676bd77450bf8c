/* SPDX-License-Identifier: MIT */
/* Prints all that the reader says of an archive, one line a fact, for comparison with what it must.
 *
 * Usage: probe ARCHIVE...
 *
 * With several archives, each is announced by its path. A member that is read without complaint is
 * only counted. The limits are small, so that decoders that never end are stopped soon.
 */
#include "decode.h"
#include "decoder_store.h"
#include "zip_read.h"

#include <stdio.h>

enum { MEMORY_NBYTES = 256 << 20, FUEL = 5000000, CPU_SECONDS = 2 };

static const char *kind_name(enum vxa_failure_kind kind)
{
    static const char *const names[] = {
        [VXA_FAILURE_NONE] = "none",
        [VXA_FAILURE_WARNING] = "warning",
        [VXA_FAILURE_UNSUPPORTED] = "unsupported",
        [VXA_FAILURE_NO_DECODER] = "no decoder",
        [VXA_FAILURE_DATA] = "data",
        [VXA_FAILURE_DECODER] = "decoder",
        [VXA_FAILURE_LIMIT] = "limit",
        [VXA_FAILURE_UNSAFE] = "unsafe",
        [VXA_FAILURE_NOT_ZIP] = "not zip",
        [VXA_FAILURE_IO] = "io",
        [VXA_FAILURE_DISK_FULL] = "disk full",
        [VXA_FAILURE_MEMORY] = "memory",
        [VXA_FAILURE_INTERRUPTED] = "interrupted",
    };

    return names[kind];
}

static void print_failure(const struct vxa_failure *failure)
{
    printf("%s: %s\n", kind_name(failure->kind), failure->text);
}

static bool discard(void *context, const void *buffer, size_t nbytes)
{
    (void)context, (void)buffer, (void)nbytes;
    return true;
}

/* False if the content is not what the headers promise; says so, and every warning. */
static bool is_readable(struct vxa_decoding *decoding, const struct zip_member *member,
                        enum vxa_form form, size_t number)
{
    struct vxa_failure failure;
    bool ok = vxa_decode_member(decoding, member, form, (struct vxa_sink){discard, NULL}, &failure);

    if (ok && failure.kind == VXA_FAILURE_NONE)
        return true;
    printf("member %zu: ", number);
    print_failure(&failure);
    return ok;
}

static bool print_member(struct vxa_decoding *decoding, const struct zip_member *member,
                         size_t number)
{
    struct vxa_block block;
    bool ok = member->name_problem == NULL;

    if (!ok)
        printf("member %zu: name: %s\n", number, member->name_problem);
    if (member->block_result == VXA_BLOCK_UNUSABLE)
        printf("member %zu: block not used\n", number);
    ok = is_readable(decoding, member, VXA_FORM_MEMBER, number) && ok;
    if (zip_member_block(member, &block) && vxa_has_decoded_form(&block))
        ok = is_readable(decoding, member, VXA_FORM_DECODED, number) && ok;
    return ok;
}

static void print_members(struct zip_archive *archive, struct vxa_decoding *decoding)
{
    size_t count = zip_member_count(archive), good_count = 0;

    for (size_t i = 0; i < count; i++)
        good_count += print_member(decoding, zip_member_at(archive, i), i);
    printf("%zu of %zu members good\n", good_count, count);
}

static struct vxa_decoding *new_decoding(struct zip_archive *archive,
                                         struct vxa_decoder_store *store,
                                         struct vxa_interrupt *interrupt)
{
    return vxa_decoding_new(&(struct vxa_decode_settings){
        .archive = archive,
        .store = store,
        .engines = {VXA_ENGINE_AUTO},
        .engine_count = 1,
        .limits = {.memory_nbytes = MEMORY_NBYTES, .fuel = FUEL, .cpu_seconds = CPU_SECONDS},
        .interrupt = interrupt,
    });
}

static void print_archive(struct zip_archive *archive)
{
    struct vxa_interrupt interrupt = {0};
    struct vxa_decoder_store *store = vxa_decoder_store_new(archive, NULL);
    struct vxa_decoding *decoding = new_decoding(archive, store, &interrupt);

    if (zip_archive_warning(archive))
        printf("warning: %s\n", zip_archive_warning(archive));
    if (store && decoding)
        print_members(archive, decoding);
    vxa_decoding_free(decoding);
    vxa_decoder_store_free(store);
}

static void probe(const char *path)
{
    struct zip_archive *archive;
    struct vxa_failure failure;

    if (!zip_open(path, NULL, &archive, &failure)) {
        printf("archive: ");
        print_failure(&failure);
        return;
    }
    print_archive(archive);
    zip_close(archive);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: probe ARCHIVE...\n");
        return 2;
    }
    for (int i = 1; i < argc; i++) {
        if (argc > 2)
            printf("%s\n", argv[i]);
        probe(argv[i]);
    }
    return 0;
}

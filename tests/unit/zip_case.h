/* SPDX-License-Identifier: MIT */
/* A small archive of three members, and what a test asks of an archive with one thing wrong. */
#ifndef TESTS_ZIP_CASE_H
#define TESTS_ZIP_CASE_H

#include "support/test.h"
#include "support/zip_builder.h"

#include "zip_format.h"

#include <string.h>

enum { UNIX = 3 << 8, DOS_FOLDER = 0x10 };

/* Three members; `b` is behind `a` and in front of `c`. */
static inline void add_three(struct zip_builder *b)
{
    zip_build_add(
        b, &(struct zip_part){.name = "a", .data = "alpha", .data_nbytes = 5, .crc32 = 0x1111});
    zip_build_add(b, &(struct zip_part){.name = "b",
                                        .data = "beta!!",
                                        .data_nbytes = 6,
                                        .crc32 = 0x2222,
                                        .comment = "about b"});
    zip_build_add(b, &(struct zip_part){.name = "c/", .external_attributes = DOS_FOLDER});
}

static inline struct zip_builder three(void)
{
    struct zip_builder b = {0};

    add_three(&b);
    zip_build_directory(&b);
    zip_build_end(&b, NULL);
    return b;
}

static inline struct zip_builder three_zip64(void)
{
    struct zip_builder b = {0};

    add_three(&b);
    zip_build_directory(&b);
    zip_build_zip64(&b);
    zip_build_end(&b, NULL);
    return b;
}

static inline struct zip_builder one(const struct zip_part *part)
{
    struct zip_builder b = {0};

    zip_build_add(&b, part);
    zip_build_directory(&b);
    zip_build_end(&b, NULL);
    return b;
}

/* Opens and frees the builder; NULL (and a failed check) if that fails. */
static inline struct zip_archive *open_built(struct zip_builder *b)
{
    struct zip_archive *archive = NULL;
    struct vxa_failure failure = {.kind = VXA_FAILURE_NONE};

    CHECK(zip_build_open(b, NULL, &archive, &failure));
    if (!archive)
        fprintf(stderr, "  %s\n", failure.text);
    zip_build_free(b);
    return archive;
}

static inline bool told(const struct vxa_failure *failure, enum vxa_failure_kind kind,
                        const char *words)
{
    bool ok = failure->kind == kind && strstr(failure->text, words);

    if (!ok)
        fprintf(stderr, "  kind %d: %s\n", (int)failure->kind, failure->text);
    return ok;
}

/* Opening fails like this; frees the builder. */
static inline bool is_refused(struct zip_builder *b, enum vxa_failure_kind kind, const char *words)
{
    struct zip_archive *archive = NULL;
    struct vxa_failure failure = {.kind = VXA_FAILURE_NONE};
    bool ok = !zip_build_open(b, NULL, &archive, &failure);

    zip_close(archive);
    zip_build_free(b);
    return ok && told(&failure, kind, words);
}

static inline bool check_at(struct zip_archive *archive, size_t index, struct vxa_failure *failure)
{
    return zip_member_check(archive, zip_member_at(archive, index), failure);
}

/* The archive opens, the member at `index` fails like this; frees the builder. */
static inline bool member_fails(struct zip_builder *b, size_t index, enum vxa_failure_kind kind,
                                const char *words)
{
    struct zip_archive *archive = open_built(b);
    struct vxa_failure failure = {.kind = VXA_FAILURE_NONE};
    bool ok;

    if (!archive)
        return false;
    ok = !check_at(archive, index, &failure) && told(&failure, kind, words);
    zip_close(archive);
    return ok;
}

/* The archive opens and each member is good; frees the builder. */
static inline bool is_good(struct zip_builder *b)
{
    struct zip_archive *archive = open_built(b);
    struct vxa_failure failure = {.kind = VXA_FAILURE_NONE};
    bool ok = archive != NULL;

    for (size_t i = 0; ok && i < zip_member_count(archive); i++)
        ok = check_at(archive, i, &failure);
    if (archive && !ok)
        fprintf(stderr, "  %s\n", failure.text);
    zip_close(archive);
    return ok;
}

static inline uint8_t *end_of(struct zip_builder *b)
{
    return b->bytes + b->end_off;
}

static inline uint8_t *central_of(struct zip_builder *b, size_t index)
{
    return b->bytes + b->places[index].central_off;
}

static inline uint8_t *local_of(struct zip_builder *b, size_t index)
{
    return b->bytes + b->places[index].local_off;
}

#endif

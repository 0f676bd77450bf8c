/* SPDX-License-Identifier: MIT */
/* The kinds of files, and what each is best coded with at which level. */
#include "choose.h"
#include "sound.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum {
    SAMPLE_NBYTES = 32 * 1024,
    SAMPLE_COUNT = 4,
    SMALL_TEXT_MAX_NBYTES = 256 * 1024,
    LEVEL_OF_SEARCH = 9, /* several are tried */
    LEVEL_OF_CARE = 7,   /* the slower codecs are worth their time */
    LEVEL_OF_TEXT = 4,   /* brotli is as fast as zstd */
};

/* Of so much input a better codec gains more than its larger decoder costs. */
enum {
    TOTAL_FOR_XZ_NBYTES = 512 * 1024, /* and bzip2 */
    TOTAL_FOR_ZSTD_NBYTES = 1024 * 1024,
    TOTAL_FOR_BROTLI_NBYTES = 2048 * 1024,
};

enum kind { KIND_TEXT, KIND_SMALL_TEXT, KIND_BINARY };

static void add(struct vxa_choice *choice, const char *name)
{
    if (choice->count < VXA_CHOICE_MAX)
        choice->codecs[choice->count++] = vxa_codec_by_name(name);
}

static void add_worthwhile(struct vxa_choice *choice, const struct vxa_wish *wish, const char *name)
{
    static const struct {
        const char *name;
        uint64_t total_nbytes;
    } least[] = {{"xz", TOTAL_FOR_XZ_NBYTES},
                 {"bzip2", TOTAL_FOR_XZ_NBYTES},
                 {"zstd", TOTAL_FOR_ZSTD_NBYTES},
                 {"brotli", TOTAL_FOR_BROTLI_NBYTES}};

    for (size_t i = 0; i < sizeof least / sizeof least[0]; i++) {
        if (strcmp(least[i].name, name) == 0 && wish->total_nbytes < least[i].total_nbytes)
            return;
    }
    add(choice, name);
}

/* No zero byte, and hardly a control character but those of text. */
static bool is_text(const uint8_t *head, size_t nbytes)
{
    size_t control_count = 0;

    for (size_t i = 0; i < nbytes; i++) {
        if (head[i] == 0)
            return false;
        control_count += head[i] < 0x20 && !(head[i] >= '\t' && head[i] <= '\r');
    }
    return control_count <= nbytes / 64;
}

/* Samples from all over a large file: whether the fastest deflate gains less than one percent. */
static bool is_incompressible(const struct vxa_original *original)
{
    uint8_t *sample = malloc(SAMPLE_NBYTES + compressBound(SAMPLE_NBYTES));
    uint64_t stride = original->nbytes / SAMPLE_COUNT;
    size_t total_nbytes = 0, coded_nbytes = 0;

    for (unsigned i = 0; sample && i < SAMPLE_COUNT; i++) {
        ptrdiff_t count = original->read_at(original->source.context, sample, SAMPLE_NBYTES,
                                            i * stride + stride / 2);
        uLongf nbytes = compressBound(SAMPLE_NBYTES);

        if (count <= 0 ||
            compress2(sample + SAMPLE_NBYTES, &nbytes, sample, (uLong)count, 1) != Z_OK)
            continue;
        total_nbytes += (size_t)count;
        coded_nbytes += nbytes;
    }
    free(sample);
    return total_nbytes > 0 && coded_nbytes > total_nbytes - total_nbytes / 100;
}

/* The general codecs, the best for this kind at this level first. */
static void add_general(struct vxa_choice *choice, const struct vxa_wish *wish, enum kind kind)
{
    int level = wish->level;

    if (level >= LEVEL_OF_SEARCH) {
        choice->races = true;
        add_worthwhile(choice, wish, kind == KIND_SMALL_TEXT ? "brotli" : "xz");
        add_worthwhile(choice, wish, kind == KIND_SMALL_TEXT ? "xz" : "brotli");
        add_worthwhile(choice, wish, "bzip2");
    } else if (level >= LEVEL_OF_TEXT && kind == KIND_SMALL_TEXT) {
        add_worthwhile(choice, wish, "brotli");
    } else if (level >= LEVEL_OF_CARE) {
        add_worthwhile(choice, wish, "xz");
    }
    add_worthwhile(choice, wish, "zstd");
    add(choice, "deflate");
}

static void choose_freely(const struct vxa_wish *wish, const struct vxa_original *original,
                          const uint8_t *head, size_t head_nbytes, struct vxa_choice *choice)
{
    enum kind kind = !is_text(head, head_nbytes)                ? KIND_BINARY
                     : original->nbytes < SMALL_TEXT_MAX_NBYTES ? KIND_SMALL_TEXT
                                                                : KIND_TEXT;
    bool is_sound = vxa_sound_is_likely(head, head_nbytes);

    if (!is_sound && original->nbytes > SAMPLE_COUNT * SAMPLE_NBYTES && is_incompressible(original))
        return;
    if (wish->portable) {
        add(choice, "deflate");
        return;
    }
    if (is_sound)
        add(choice, "flac");
    add_general(choice, wish, kind);
}

void vxa_choose(const struct vxa_wish *wish, const struct vxa_original *original,
                const uint8_t *head, size_t head_nbytes, struct vxa_choice *choice)
{
    *choice = (struct vxa_choice){.count = 0};
    if (!wish->codec) {
        choose_freely(wish, original, head, head_nbytes, choice);
    } else if (wish->codec->encode) {
        choice->codecs[choice->count++] = wish->codec;
        if (strcmp(wish->codec->name, "flac") == 0) /* takes sound only */
            add(choice, "zstd");
    }
}

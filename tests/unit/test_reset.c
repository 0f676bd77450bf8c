/* SPDX-License-Identifier: MIT */
/* One guest against the next in the same instance: whatever it leaves, nothing of it is found. */
#include "support/test.h"

#include "vx32.h"

#include <stdlib.h>
#include <string.h>

enum { ELF_MAX_NBYTES = 1 << 16, SEEN_MAX_NBYTES = 1 << 20 };

/* What a run wrote, and how it ended. */
struct story {
    uint8_t bytes[SEEN_MAX_NBYTES];
    size_t nbytes;
    struct vx32_exit exit;
};

static struct vx32_image *load_image(void)
{
    static uint8_t elf[ELF_MAX_NBYTES];
    FILE *file = fopen(LEAVER_ELF, "rb");
    size_t nbytes = file ? fread(elf, 1, sizeof elf, file) : 0;
    struct vx32_image *image = NULL;
    const char *problem = "not there";

    if (file)
        (void)fclose(file);
    if (vx32_image_parse(elf, nbytes, &image, &problem) != VX32_OK) {
        printf("  %s: %s\n", LEAVER_ELF, problem);
        exit(1);
    }
    return image;
}

/* One byte of input, then its end; 'R' stays where it asks for more. */
static void run(struct vx32_instance *guest, char wish, struct story *story)
{
    bool given = false;

    story->nbytes = 0;
    for (;;) {
        struct vx32_exit *exit = &story->exit;
        int64_t result = 0;

        vx32_run(guest, exit);
        if (exit->reason == VX32_EXIT_NEED_INPUT && !given) {
            *(char *)exit->data = wish;
            result = 1;
            given = true;
        } else if (exit->reason == VX32_EXIT_HAVE_OUTPUT &&
                   exit->nbytes <= sizeof story->bytes - story->nbytes) {
            memcpy(story->bytes + story->nbytes, exit->data, exit->nbytes);
            story->nbytes += exit->nbytes;
            result = (int64_t)exit->nbytes;
        } else {
            return;
        }
        CHECK(vx32_complete(guest, result) == VX32_OK);
    }
}

static struct vx32_instance *new_guest(struct vx32_image *image, enum vx32_engine engine)
{
    struct vx32_options options = {.struct_nbytes = sizeof options,
                                   .engine = engine,
                                   .profile = VX32_PROFILE_LINUX_FILTER,
                                   .memory_nbytes = 64 << 20};
    struct vx32_instance *guest = NULL;

    if (vx32_instance_new(image, &options, &guest) != VX32_OK)
        abort();
    return guest;
}

/* The same as on a new instance, whatever the engine: `expected` is what that writes. */
static void try_engine(struct vx32_image *image, enum vx32_engine engine,
                       const struct story *expected, struct story *found)
{
    static const char ways[] = {'E', 'R', 'T', 'e', 'r', 't'};
    struct vx32_instance *guest = new_guest(image, engine);

    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < sizeof ways; i++) {
            CHECK(vx32_reset(guest) == VX32_OK);
            run(guest, ways[i], found);
            CHECK(found->exit.reason == ((ways[i] & 0xdf) == 'E'   ? VX32_EXIT_EXITED
                                         : (ways[i] & 0xdf) == 'R' ? VX32_EXIT_NEED_INPUT
                                                                   : VX32_EXIT_TRAP));
            CHECK_EQ_U64(found->nbytes, 0);
            CHECK(vx32_reset(guest) == VX32_OK);
            run(guest, 'S', found);
            CHECK(found->exit.reason == VX32_EXIT_EXITED && found->exit.code == 0);
            CHECK_EQ_U64(found->nbytes, expected->nbytes);
            CHECK(memcmp(found->bytes, expected->bytes, expected->nbytes) == 0);
        }
    }
    vx32_instance_free(guest);
}

static void nothing_of_one_run_is_found_by_the_next(void)
{
    static const struct {
        enum vx32_engine engine;
        const char *name;
    } engines[] = {
        {VX32_ENGINE_INTERPRET, "interpreter"},
        {VX32_ENGINE_STRICT, "strict"},
        {VX32_ENGINE_DEDICATED, "dedicated"},
        {VX32_ENGINE_EMBEDDED, "embedded"},
    };
    struct vx32_image *image = load_image();
    struct story *expected = calloc(1, sizeof *expected), *found = calloc(1, sizeof *found);

    if (!expected || !found)
        abort();
    struct vx32_instance *guest = new_guest(image, VX32_ENGINE_INTERPRET);

    run(guest, 'S', expected);
    vx32_instance_free(guest);
    CHECK_EQ_U64(expected->nbytes, 0x2000 + 0x3000 + 0x10000 + 0x7f00 + 0x1000);
    for (size_t i = 0; i < sizeof engines / sizeof engines[0]; i++) {
        bool is_there = vx32_engine_available(engines[i].engine);

        printf("  %s%s\n", engines[i].name, is_there ? "" : ": not on this host");
        if (is_there)
            try_engine(image, engines[i].engine, expected, found);
    }
    vx32_image_free(image);
    free(expected);
    free(found);
}

int main(void)
{
    RUN(nothing_of_one_run_is_found_by_the_next);
    return test_report();
}

/* SPDX-License-Identifier: MIT */
/* Makes translators without running them, and finds code for them to translate. */
#include "verify_case.h"

#include "support/elf_builder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const struct vx_engine vx_engine_dedicated, vx_engine_embedded;

const struct way ways[WAY_COUNT] = {
    {"dedicated, free", false, false},
    {"dedicated, counted", false, true},
    {"embedded, free", true, false},
    {"embedded, counted", true, true},
};

static const struct vx_engine *engine_of(bool embedded)
{
    return embedded ? &vx_engine_embedded : &vx_engine_dedicated;
}

struct vx_translator *open_translator(const struct way *way, const struct vx_mem *mem)
{
    struct vx_translator *translator = engine_of(way->embedded)->create();

    if (translator == NULL)
        abort();
    translator->mem = mem;
    translator->counted = way->counted;
    return translator;
}

void close_translator(struct vx_translator *translator)
{
    engine_of(translator->embedded)->destroy(translator);
}

uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* ---- guests ---- */

static size_t random_program(uint8_t *file, uint64_t seed)
{
    enum { CODE_NBYTES = 1 << 14 };
    static struct elf_builder elf;
    static uint8_t code[CODE_NBYTES];
    size_t nbytes;

    for (unsigned i = 0; i < CODE_NBYTES; i++)
        code[i] = (uint8_t)(next_random(&seed) >> 24);
    elf_program(&elf, code, CODE_NBYTES);
    nbytes = elf_finish(&elf);
    memcpy(file, elf.file, nbytes);
    return nbytes;
}

static size_t read_program(uint8_t *bytes, size_t limit, const char *path)
{
    FILE *file = fopen(path, "rb");
    size_t nbytes;

    if (file == NULL)
        return 0;
    nbytes = fread(bytes, 1, limit, file);
    fclose(file);
    return nbytes;
}

struct vx32_instance *open_guest(const char *path, uint64_t seed)
{
    enum { FILE_MAX_NBYTES = 4 << 20 };
    uint8_t *bytes = malloc(FILE_MAX_NBYTES);
    struct vx32_options options = {.struct_nbytes = sizeof options,
                                   .engine = VX32_ENGINE_INTERPRET};
    struct vx32_image *image = NULL;
    struct vx32_instance *guest = NULL;
    const char *problem;
    size_t nbytes;

    if (bytes == NULL)
        abort();
    nbytes =
        path != NULL ? read_program(bytes, FILE_MAX_NBYTES, path) : random_program(bytes, seed);
    if (nbytes != 0 && vx32_image_parse(bytes, nbytes, &image, &problem) == VX32_OK &&
        vx32_instance_new(image, &options, &guest) != VX32_OK)
        guest = NULL;
    vx32_image_free(image);
    free(bytes);
    return guest;
}

/* ---- translating all of it ---- */

struct sweeping {
    struct vx_translator *translator;
    seen_run *seen;
    void *data;
};

/* One translation, looked at before its links are resolved. */
static void visit(const struct sweeping *sweeping, vx32_addr eip, bool called)
{
    struct vx_translator *translator = sweeping->translator;
    struct vx_code *code = &translator->code;
    struct vx_verify_start start;
    uint32_t cold = code->cold;

    code->used = (code->used + 15) & ~UINT32_C(15);
    start = (struct vx_verify_start){code->used, code->block_count, code->link_count};
    if (called)
        (void)vx_x64_translate_called(translator, eip);
    else
        (void)vx_x64_translate(translator, eip);
    if (code->block_count > start.block_count && sweeping->seen != NULL)
        sweeping->seen(sweeping->data, translator, &start, cold);
}

void sweep(struct vx_translator *translator, uint32_t step, seen_run *seen, void *data)
{
    struct sweeping sweeping = {translator, seen, data};
    const struct vx_code *code = &translator->code;
    const struct vx_mem *mem = translator->mem;
    uint32_t link = 0;

    for (uint64_t addr = 0; addr < mem->limit_nbytes; addr += step) {
        if (vx_mem_accessible(mem, (vx32_addr)addr, 1, VX32_ACCESS_EXECUTE) == 0)
            continue;
        visit(&sweeping, (vx32_addr)addr, false);
        visit(&sweeping, (vx32_addr)addr, true);
        for (; link < code->link_count; link++) {
            visit(&sweeping, code->links[link].target, code->links[link].call);
            (void)vx_x64_resolve(translator, link);
        }
    }
}

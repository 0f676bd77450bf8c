/* SPDX-License-Identifier: MIT */
/* Knows which decoder, arguments and engines a member is decoded with, and how engines are
 * compared. */
#include "support/test.h"

#include "decode.h"
#include "zip_format.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

/*
 * The sandbox, the store and the archive are played by this file: a "decoder" is 1 byte that is
 * added to each byte of the input, and its first argument, if any, is added, too.
 */
struct vxa_sandbox {
    uint8_t step;
    enum vxa_engine engine;
    uint64_t consumed_nbytes;
};

/* What the players do, and what they were asked. */
static struct {
    uint8_t translate_error; /* added by VXA_ENGINE_TRANSLATE */
    bool translate_traps;
    const char *translate_text; /* what VXA_ENGINE_TRANSLATE writes instead, if not NULL */
    unsigned open_count, close_count, run_count;
    const char *input;
} stage;

bool vxa_sandbox_open(const void *elf, size_t elf_nbytes, const char *name,
                      const char *const *arguments, int argument_count, enum vxa_engine engine,
                      const struct vxa_sandbox_limits *limits, struct vxa_sandbox **sandbox,
                      struct vxa_failure *failure)
{
    (void)elf_nbytes;
    (void)name;
    (void)limits;
    (void)failure;
    stage.open_count++;
    *sandbox = calloc(1, sizeof(**sandbox));
    (*sandbox)->step = *(const uint8_t *)elf;
    (*sandbox)->engine = engine;
    if (argument_count > 0)
        (*sandbox)->step = (uint8_t)((*sandbox)->step + arguments[0][0]);
    return true;
}

void vxa_sandbox_close(struct vxa_sandbox *sandbox)
{
    stage.close_count++;
    free(sandbox);
}

bool vxa_sandbox_run(struct vxa_sandbox *sandbox, struct vxa_source source, struct vxa_sink sink,
                     struct vxa_failure *failure)
{
    bool translates = sandbox->engine == VXA_ENGINE_TRANSLATE;
    uint8_t byte;

    stage.run_count++;
    if (translates && stage.translate_traps)
        return vxa_fail(failure, VXA_FAILURE_DECODER, "trap");
    if (translates && stage.translate_text) {
        for (sandbox->consumed_nbytes = 0; source.read(source.context, &byte, 1) == 1;)
            sandbox->consumed_nbytes++;
        return sink.write(sink.context, stage.translate_text, strlen(stage.translate_text));
    }
    sandbox->consumed_nbytes = 0;
    while (source.read(source.context, &byte, 1) == 1) {
        sandbox->consumed_nbytes++;
        byte = (uint8_t)(byte + sandbox->step + (translates ? stage.translate_error : 0));
        if (!sink.write(sink.context, &byte, 1))
            return vxa_fail(failure, VXA_FAILURE_IO, "%s", "");
    }
    return true;
}

struct vxa_sandbox_outcome vxa_sandbox_outcome(const struct vxa_sandbox *sandbox)
{
    return (struct vxa_sandbox_outcome){.consumed_nbytes = sandbox->consumed_nbytes};
}

void vxa_sandbox_set_fuel(struct vxa_sandbox *sandbox, uint64_t fuel)
{
    (void)sandbox;
    (void)fuel;
}

bool vxa_sandbox_is_alive(const struct vxa_sandbox *sandbox)
{
    return sandbox != NULL;
}

bool vxa_sandbox_engine_available(enum vxa_engine engine)
{
    (void)engine;
    return true;
}

/* Two decoders are to be had; their hashes are all their own byte. */
static const uint8_t elves[] = {1, 2};

static const struct vxa_decoder *decoder_with(uint8_t byte)
{
    static struct vxa_decoder decoders[sizeof(elves)];

    for (size_t i = 0; i < sizeof(elves); i++) {
        decoders[i].elf = &elves[i];
        decoders[i].elf_nbytes = 1;
        memset(decoders[i].sha256, elves[i], VXA_HASH_NBYTES);
        if (elves[i] == byte)
            return &decoders[i];
    }
    return NULL;
}

const struct vxa_decoder *vxa_decoder_by_hash(struct vxa_decoder_store *store,
                                              const uint8_t sha256[VXA_HASH_NBYTES],
                                              struct vxa_failure *failure)
{
    const struct vxa_decoder *decoder = decoder_with(sha256[0]);

    (void)store;
    if (!decoder)
        (void)vxa_fail(failure, VXA_FAILURE_NO_DECODER, "none");
    return decoder;
}

/* The installed decoder for deflate is number 1. */
const struct vxa_decoder *vxa_decoder_by_name(struct vxa_decoder_store *store, const char *name,
                                              struct vxa_failure *failure)
{
    (void)store;
    if (strcmp(name, "deflate") == 0)
        return decoder_with(1);
    (void)vxa_fail(failure, VXA_FAILURE_NO_DECODER, "none");
    return NULL;
}

bool zip_member_check(struct zip_archive *archive, const struct zip_member *member,
                      struct vxa_failure *failure)
{
    (void)archive;
    (void)member;
    (void)failure;
    return true;
}

ptrdiff_t zip_member_read(struct zip_archive *archive, const struct zip_member *member,
                          uint64_t off, void *buffer, size_t nbytes, struct vxa_failure *failure)
{
    size_t left = (size_t)(member->compressed_size - off);

    (void)archive;
    (void)failure;
    if (nbytes > left)
        nbytes = left;
    memcpy(buffer, stage.input + off, nbytes);
    return (ptrdiff_t)nbytes;
}

/* The extra field of a member here is the block itself. */
bool zip_member_block(const struct zip_member *member, struct vxa_block *block)
{
    if (!member->extra)
        return false;
    memcpy(block, member->extra, sizeof(*block));
    return true;
}

/* ---- the tests ---- */

static struct vxa_interrupt interrupt;

static struct vxa_decoding *begin(enum vxa_engine first, enum vxa_engine second, bool substitute)
{
    struct vxa_decode_settings settings = {
        .engines = {first, second},
        .engine_count = second == VXA_ENGINE_AUTO ? 1 : 2,
        .may_substitute = substitute,
        .interrupt = &interrupt,
    };

    memset(&stage, 0, sizeof(stage));
    return vxa_decoding_new(&settings);
}

struct text {
    char bytes[64];
    size_t nbytes;
};

static bool append(void *context, const void *bytes, size_t nbytes)
{
    struct text *text = context;

    memcpy(text->bytes + text->nbytes, bytes, nbytes);
    text->nbytes += nbytes;
    return true;
}

/* Decodes `input` with this block; true if that gives `expected`. */
static bool decodes(struct vxa_decoding *decoding, const struct vxa_block *block, const char *input,
                    const char *expected, struct vxa_failure *failure)
{
    struct text text = {.nbytes = 0};
    struct zip_member member = {
        .method = ZIP_METHOD_DEFLATE,
        .compressed_size = strlen(input),
        .size = strlen(expected),
        .crc32 = (uint32_t)crc32_z(0, (const uint8_t *)expected, strlen(expected)),
        .extra = (const uint8_t *)block,
        .block_result = block ? VXA_BLOCK_OK : VXA_BLOCK_ABSENT,
    };

    stage.input = input;
    return vxa_decode_member(decoding, &member, VXA_FORM_MEMBER, (struct vxa_sink){append, &text},
                             failure) &&
           text.nbytes == strlen(expected) && memcmp(text.bytes, expected, text.nbytes) == 0;
}

static struct vxa_block block_of(uint8_t decoder, const char *argument)
{
    struct vxa_block block = {.kind = VXA_BLOCK_MEMBER};

    memset(block.decoder_sha256, decoder, VXA_HASH_NBYTES);
    block.arguments_nbytes = (uint16_t)strlen(argument);
    strcpy(block.arguments, argument);
    return block;
}

static void each_member_gets_its_own_decoder_and_arguments(void)
{
    struct vxa_decoding *decoding = begin(VXA_ENGINE_INTERPRET, VXA_ENGINE_AUTO, false);
    struct vxa_block one = block_of(1, "");
    struct vxa_block two = block_of(2, "");
    struct vxa_block argument = block_of(1, "\2");
    struct vxa_block other_argument = block_of(1, "\3");
    struct vxa_failure failure;

    for (int i = 0; i < 3; i++) {
        CHECK(decodes(decoding, &one, "abc", "bcd", &failure));
        CHECK(decodes(decoding, &two, "abc", "cde", &failure));
        CHECK(decodes(decoding, &argument, "abc", "def", &failure));
        CHECK(decodes(decoding, &other_argument, "abc", "efg", &failure));
        CHECK(decodes(decoding, NULL, "abc", "bcd", &failure));
    }
    CHECK_EQ_U64(stage.open_count, 4);
    CHECK_EQ_U64(stage.run_count, 15);
    vxa_decoding_free(decoding);
}

static void many_decoders_in_turn_are_all_right(void)
{
    struct vxa_decoding *decoding = begin(VXA_ENGINE_INTERPRET, VXA_ENGINE_AUTO, false);
    struct vxa_failure failure;

    for (char step = 1; step < 40; step++) {
        char argument[] = {(char)(step % 13 + 1), '\0'};
        char expected[] = {(char)('a' + 1 + argument[0]), '\0'};
        struct vxa_block block = block_of(1, argument);

        CHECK(decodes(decoding, &block, "a", expected, &failure));
    }
    vxa_decoding_free(decoding);
    CHECK(stage.open_count > 13);
    CHECK_EQ_U64(stage.close_count, stage.open_count);
}

static void a_missing_decoder_is_replaced_only_where_that_is_allowed(void)
{
    struct vxa_block missing = block_of(9, "");
    struct vxa_block with_argument = block_of(9, "x");
    struct vxa_block required = block_of(9, "");
    struct vxa_failure failure;
    struct vxa_decoding *decoding = begin(VXA_ENGINE_INTERPRET, VXA_ENGINE_AUTO, true);

    required.flags = VXA_FLAG_DECODER_REQUIRED;
    CHECK(decodes(decoding, &missing, "abc", "bcd", &failure));
    CHECK_EQ_U64(failure.kind, VXA_FAILURE_WARNING);
    CHECK(!decodes(decoding, &with_argument, "abc", "bcd", &failure));
    CHECK_EQ_U64(failure.kind, VXA_FAILURE_NO_DECODER);
    CHECK(!decodes(decoding, &required, "abc", "bcd", &failure));
    vxa_decoding_free(decoding);
    decoding = begin(VXA_ENGINE_INTERPRET, VXA_ENGINE_AUTO, false);
    CHECK(!decodes(decoding, &missing, "abc", "bcd", &failure));
    CHECK_EQ_U64(failure.kind, VXA_FAILURE_NO_DECODER);
    vxa_decoding_free(decoding);
}

static void engines_that_agree_give_one_output(void)
{
    struct vxa_decoding *decoding = begin(VXA_ENGINE_INTERPRET, VXA_ENGINE_TRANSLATE, false);
    struct vxa_failure failure;

    CHECK(decodes(decoding, NULL, "abc", "bcd", &failure));
    CHECK_EQ_U64(failure.kind, VXA_FAILURE_NONE);
    CHECK_EQ_U64(stage.run_count, 2);
    vxa_decoding_free(decoding);
}

static void engines_that_differ_are_found_on_either_side(void)
{
    struct vxa_failure failure;
    struct vxa_decoding *decoding = begin(VXA_ENGINE_INTERPRET, VXA_ENGINE_TRANSLATE, false);

    stage.translate_error = 1;
    CHECK(!decodes(decoding, NULL, "abc", "bcd", &failure));
    CHECK(strstr(failure.text, "--engine=translate") != NULL);
    stage.translate_error = 0;
    stage.translate_traps = true;
    CHECK(!decodes(decoding, NULL, "abc", "bcd", &failure));
    CHECK(strcmp(failure.text, "only with --engine=translate: trap") == 0);
    vxa_decoding_free(decoding);
    decoding = begin(VXA_ENGINE_TRANSLATE, VXA_ENGINE_INTERPRET, false);
    stage.translate_traps = true;
    CHECK(!decodes(decoding, NULL, "abc", "bcd", &failure));
    vxa_decoding_free(decoding);
}

/* "plumless" and "buckeroo" have the same CRC-32: only the bytes tell them apart. */
static void engines_that_differ_are_found_behind_equal_checksums(void)
{
    struct vxa_decoding *decoding = begin(VXA_ENGINE_INTERPRET, VXA_ENGINE_TRANSLATE, false);
    struct vxa_failure failure;

    stage.translate_text = "plumless";
    CHECK(decodes(decoding, NULL, "oktlkdrr", "plumless", &failure));
    stage.translate_text = "buckeroo";
    CHECK(!decodes(decoding, NULL, "oktlkdrr", "plumless", &failure));
    CHECK(strcmp(failure.text, "--engine=interpret and --engine=translate give different bytes") ==
          0);
    vxa_decoding_free(decoding);
}

int main(void)
{
    RUN(each_member_gets_its_own_decoder_and_arguments);
    RUN(many_decoders_in_turn_are_all_right);
    RUN(a_missing_decoder_is_replaced_only_where_that_is_allowed);
    RUN(engines_that_agree_give_one_output);
    RUN(engines_that_differ_are_found_on_either_side);
    RUN(engines_that_differ_are_found_behind_equal_checksums);
    return test_report();
}

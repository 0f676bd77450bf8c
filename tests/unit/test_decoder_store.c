/* SPDX-License-Identifier: MIT */
/* The decoder store: what it answers has the hash that was asked for, wherever it was found. */
#include "zip_case.h"

#include "decoder_store.h"
#include "sha256.h"

#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

enum { ELF_NBYTES = 1000, CODED_NBYTES = 2000 };

/* Bytes that stand for a decoder: the store does not look into them. */
struct sample {
    uint8_t elf[ELF_NBYTES];
    uint8_t sha256[VXA_HASH_NBYTES];
    uint8_t coded[CODED_NBYTES]; /* raw deflate */
    size_t coded_nbytes;
    uint8_t block[100];
    size_t block_nbytes;
};

static void make_sample(struct sample *sample, enum vxa_block_kind kind)
{
    struct vxa_block block = {.kind = kind};
    z_stream stream = {.next_in = sample->elf,
                       .avail_in = ELF_NBYTES,
                       .next_out = sample->coded,
                       .avail_out = CODED_NBYTES};

    for (size_t i = 0; i < ELF_NBYTES; i++)
        sample->elf[i] = (uint8_t)(i % 61);
    vxa_sha256(sample->elf, ELF_NBYTES, sample->sha256);
    CHECK(deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    sample->coded_nbytes = stream.total_out;
    deflateEnd(&stream);
    memcpy(block.decoder_sha256, sample->sha256, VXA_HASH_NBYTES);
    sample->block_nbytes = vxa_block_build(&block, sample->block, sizeof sample->block);
}

static struct zip_part stored_part(const struct sample *sample)
{
    return (struct zip_part){
        .name = ".vxa/zstd-0123456789abcdef.elf",
        .data = sample->elf,
        .data_nbytes = ELF_NBYTES,
        .central_extra = sample->block,
        .central_extra_nbytes = sample->block_nbytes,
    };
}

static struct zip_part deflated_part(const struct sample *sample)
{
    struct zip_part part = stored_part(sample);

    part.method = ZIP_METHOD_DEFLATE;
    part.data = sample->coded;
    part.data_nbytes = sample->coded_nbytes;
    part.size = ELF_NBYTES;
    return part;
}

/* What the store finds for the sample's hash in an archive of these parts and in a folder. */
struct search {
    struct zip_archive *archive;
    struct vxa_decoder_store *store;
    const struct vxa_decoder *decoder;
    struct vxa_failure failure;
};

static struct search find(const struct zip_part *parts, size_t count, const char *folder,
                          const struct sample *sample)
{
    struct search search = {.archive = NULL};
    struct zip_builder b = {0};

    for (size_t i = 0; i < count; i++)
        zip_build_add(&b, &parts[i]);
    zip_build_directory(&b);
    zip_build_end(&b, NULL);
    search.archive = open_built(&b);
    search.store = vxa_decoder_store_new(search.archive, folder);
    search.decoder = vxa_decoder_by_hash(search.store, sample->sha256, &search.failure);
    return search;
}

static void end(struct search *search)
{
    vxa_decoder_store_free(search->store);
    zip_close(search->archive);
}

static bool is_found(struct search *search, const struct sample *sample)
{
    const struct vxa_decoder *decoder = search->decoder;

    if (!decoder)
        fprintf(stderr, "  %s\n", search->failure.text);
    return decoder && decoder->elf_nbytes == ELF_NBYTES &&
           memcmp(decoder->elf, sample->elf, ELF_NBYTES) == 0 &&
           memcmp(decoder->sha256, sample->sha256, VXA_HASH_NBYTES) == 0;
}

/* The search with one part fails like this, twice: what was found out is remembered. */
static bool fails(const struct zip_part *part, const struct sample *sample,
                  enum vxa_failure_kind kind, const char *words)
{
    struct search search = find(part, 1, NULL, sample);
    bool ok = !search.decoder && told(&search.failure, kind, words);

    ok = ok && !vxa_decoder_by_hash(search.store, sample->sha256, &search.failure) &&
         told(&search.failure, kind, words);
    end(&search);
    return ok;
}

static void decoders_in_the_archive_are_found_stored_or_deflated(void)
{
    struct sample sample;

    make_sample(&sample, VXA_BLOCK_DECODER);
    for (int is_deflated = 0; is_deflated < 2; is_deflated++) {
        struct zip_part part = is_deflated ? deflated_part(&sample) : stored_part(&sample);
        struct search search = find(&part, 1, NULL, &sample);

        CHECK(is_found(&search, &sample));
        CHECK(search.decoder && strcmp(search.decoder->name, "zstd") == 0);
        CHECK(vxa_decoder_by_hash(search.store, sample.sha256, &search.failure) == search.decoder);
        end(&search);
    }
}

static void only_members_of_kind_2_are_decoders(void)
{
    struct sample sample;
    struct zip_part part;

    make_sample(&sample, VXA_BLOCK_MEMBER);
    part = stored_part(&sample);
    CHECK(fails(&part, &sample, VXA_FAILURE_NO_DECODER, "neither in the archive nor installed"));
    part.central_extra_nbytes = 0;
    CHECK(fails(&part, &sample, VXA_FAILURE_NO_DECODER, "neither in the archive nor installed"));
}

static void a_missing_decoder_is_named_by_its_hash(void)
{
    struct sample sample;
    struct vxa_decoder_store *store = vxa_decoder_store_new(NULL, NULL);
    struct vxa_failure failure;
    char hex[65];

    make_sample(&sample, VXA_BLOCK_DECODER);
    vxa_hex32(sample.sha256, hex);
    CHECK(!vxa_decoder_by_hash(store, sample.sha256, &failure));
    CHECK(told(&failure, VXA_FAILURE_NO_DECODER, hex));
    vxa_decoder_store_free(store);
}

static void another_content_than_the_hash_says_is_refused(void)
{
    struct sample sample;
    struct zip_part part;

    make_sample(&sample, VXA_BLOCK_DECODER);
    part = stored_part(&sample);
    sample.elf[ELF_NBYTES - 1] ^= 1;
    CHECK(fails(&part, &sample, VXA_FAILURE_DATA, "does not have the hash"));
}

static void a_damaged_decoder_is_refused(void)
{
    struct sample sample;
    struct zip_part part;

    make_sample(&sample, VXA_BLOCK_DECODER);
    part = deflated_part(&sample);
    part.data_nbytes--; /* the stream ends too early */
    CHECK(fails(&part, &sample, VXA_FAILURE_DATA, "damaged"));
    part.data_nbytes += 2; /* or is followed by a byte */
    CHECK(fails(&part, &sample, VXA_FAILURE_DATA, "damaged"));
    part = deflated_part(&sample);
    part.size--;
    CHECK(fails(&part, &sample, VXA_FAILURE_DATA, "damaged"));
    part.size += 2;
    CHECK(fails(&part, &sample, VXA_FAILURE_DATA, "damaged"));
    part = stored_part(&sample);
    part.size = ELF_NBYTES - 1;
    CHECK(fails(&part, &sample, VXA_FAILURE_DATA, "damaged"));
    sample.coded[0] = 7; /* no such kind of deflate block */
    part = deflated_part(&sample);
    CHECK(fails(&part, &sample, VXA_FAILURE_DATA, "damaged"));
}

static void a_decoder_that_cannot_be_read_says_why(void)
{
    struct sample sample;
    struct zip_part part;

    make_sample(&sample, VXA_BLOCK_DECODER);
    part = stored_part(&sample);
    part.method = ZIP_METHOD_ZSTD;
    CHECK(fails(&part, &sample, VXA_FAILURE_UNSUPPORTED, "method 93"));
    part = deflated_part(&sample);
    part.size = (16 << 20) + 1;
    CHECK(fails(&part, &sample, VXA_FAILURE_LIMIT, "16 MiB"));
    part = stored_part(&sample);
    part.flags = ZIP_FLAG_ENCRYPTED;
    CHECK(fails(&part, &sample, VXA_FAILURE_UNSUPPORTED, "encrypted"));
}

static void a_good_copy_is_found_behind_a_damaged_one(void)
{
    struct sample good, bad;
    struct zip_part parts[2];
    struct search search;

    make_sample(&good, VXA_BLOCK_DECODER);
    bad = good;
    bad.elf[0] ^= 1;
    parts[0] = stored_part(&bad);
    parts[1] = deflated_part(&good);
    search = find(parts, 2, NULL, &good);
    CHECK(is_found(&search, &good));
    end(&search);
}

/* Each of many decoders is found by its own hash. */
static void every_decoder_of_an_archive_is_found(void)
{
    enum { COUNT = ZIP_BUILDER_MAX_MEMBERS };
    static struct sample samples[COUNT];
    struct zip_part parts[COUNT];
    struct search search;

    for (size_t i = 0; i < COUNT; i++) {
        struct vxa_block block = {.kind = VXA_BLOCK_DECODER};

        make_sample(&samples[i], VXA_BLOCK_DECODER);
        samples[i].elf[0] = (uint8_t)(i + 100);
        vxa_sha256(samples[i].elf, ELF_NBYTES, samples[i].sha256);
        memcpy(block.decoder_sha256, samples[i].sha256, VXA_HASH_NBYTES);
        (void)vxa_block_build(&block, samples[i].block, sizeof samples[i].block);
        parts[i] = stored_part(&samples[i]);
    }
    search = find(parts, COUNT, NULL, &samples[0]);
    for (size_t i = 0; i < COUNT; i++) {
        search.decoder = vxa_decoder_by_hash(search.store, samples[i].sha256, &search.failure);
        CHECK(is_found(&search, &samples[i]));
    }
    /* No other one is taken for a hash below or above all of them. */
    for (int value = 0; value < 256; value += 255) {
        uint8_t sha256[VXA_HASH_NBYTES];

        memset(sha256, value, sizeof sha256);
        CHECK(!vxa_decoder_by_hash(search.store, sha256, &search.failure));
        CHECK(told(&search.failure, VXA_FAILURE_NO_DECODER, "neither"));
    }
    end(&search);
}

/* ---- folders ---- */

static void write_file(const char *folder, const char *name, const void *data, size_t nbytes)
{
    char path[128];
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    file = fopen(path, "wb");
    CHECK(file && fwrite(data, 1, nbytes, file) == nbytes && fclose(file) == 0);
}

static void remove_file(const char *folder, const char *name)
{
    char path[128];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    CHECK(unlink(path) == 0);
}

static void a_decoder_in_the_folder_is_found_by_its_hash(void)
{
    char folder[] = "/tmp/decoder_store_XXXXXX";
    struct sample sample;
    struct search search;

    make_sample(&sample, VXA_BLOCK_DECODER);
    CHECK(mkdtemp(folder) != NULL);
    write_file(folder, "other.elf", "other", 5);
    write_file(folder, "empty.elf", "", 0);
    write_file(folder, "whatever-0123456789abcdef.elf", sample.elf, ELF_NBYTES);
    search = find(NULL, 0, folder, &sample);
    CHECK(is_found(&search, &sample));
    CHECK(search.decoder && strcmp(search.decoder->name, "whatever") == 0);
    end(&search);
    remove_file(folder, "whatever-0123456789abcdef.elf");
    write_file(folder, "no-decoder.bin", sample.elf, ELF_NBYTES);
    search = find(NULL, 0, folder, &sample);
    CHECK(!search.decoder && search.failure.kind == VXA_FAILURE_NO_DECODER);
    end(&search);
    remove_file(folder, "other.elf");
    remove_file(folder, "empty.elf");
    remove_file(folder, "no-decoder.bin");
    CHECK(rmdir(folder) == 0);
}

static void the_folder_helps_out_a_damaged_archive(void)
{
    char folder[] = "/tmp/decoder_store_XXXXXX";
    struct sample good, bad;
    struct zip_part part;
    struct search search;

    make_sample(&good, VXA_BLOCK_DECODER);
    bad = good;
    bad.elf[0] ^= 1;
    part = stored_part(&bad);
    CHECK(mkdtemp(folder) != NULL);
    write_file(folder, "zstd.elf", good.elf, ELF_NBYTES);
    search = find(&part, 1, folder, &good);
    CHECK(is_found(&search, &good));
    end(&search);
    remove_file(folder, "zstd.elf");
    CHECK(rmdir(folder) == 0);
}

static void a_codec_name_is_that_of_its_file(void)
{
    char folder[] = "/tmp/decoder_store_XXXXXX";
    struct vxa_decoder_store *store;
    const struct vxa_decoder *decoder;
    struct vxa_failure failure;

    CHECK(mkdtemp(folder) != NULL);
    write_file(folder, "my-codec.elf", "12345", 5);
    write_file(folder, "empty.elf", "", 0);
    store = vxa_decoder_store_new(NULL, folder);
    decoder = vxa_decoder_by_name(store, "my-codec", &failure);
    CHECK(decoder && decoder->elf_nbytes == 5 && memcmp(decoder->elf, "12345", 5) == 0);
    CHECK(decoder && strcmp(decoder->name, "my-codec") == 0);
    CHECK(vxa_decoder_by_name(store, "my-codec", &failure) == decoder);
    CHECK(!vxa_decoder_by_name(store, "my", &failure));
    CHECK(told(&failure, VXA_FAILURE_NO_DECODER, "\"my.elf\""));
    CHECK(!vxa_decoder_by_name(store, "empty", &failure));
    vxa_decoder_store_free(store);
    remove_file(folder, "my-codec.elf");
    remove_file(folder, "empty.elf");
    CHECK(rmdir(folder) == 0);
}

int main(void)
{
    RUN(decoders_in_the_archive_are_found_stored_or_deflated);
    RUN(only_members_of_kind_2_are_decoders);
    RUN(a_missing_decoder_is_named_by_its_hash);
    RUN(another_content_than_the_hash_says_is_refused);
    RUN(a_damaged_decoder_is_refused);
    RUN(a_decoder_that_cannot_be_read_says_why);
    RUN(a_good_copy_is_found_behind_a_damaged_one);
    RUN(every_decoder_of_an_archive_is_found);
    RUN(a_decoder_in_the_folder_is_found_by_its_hash);
    RUN(the_folder_helps_out_a_damaged_archive);
    RUN(a_codec_name_is_that_of_its_file);
    return test_report();
}

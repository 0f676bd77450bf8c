/* SPDX-License-Identifier: MIT */
/* Extracts every member of a ZIP archive, with the decoders that the archive carries. */
#include "archive.h"
#include "inflate.h"
#include "sha256.h"
#include "vx32.h"
#include "zip_format.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(_WIN32)
#include <direct.h>
#define MAKE_FOLDER(name) _mkdir(name)
#elif defined(__unix__) || defined(__APPLE__) || defined(__wasi__) || defined(__HAIKU__)
#include <sys/stat.h>
#define MAKE_FOLDER(name) mkdir(name, 0777)
#else
/* C alone knows no folders: then they must be there. */
#define MAKE_FOLDER(name) (void)(name)
#endif

enum { DECODER_MAX_NBYTES = 16 << 20, ARGUMENT_MAX_COUNT = 64 };

struct decoder {
    uint8_t sha256[VXA_HASH_NBYTES];
    struct vx32_image *image; /* NULL: not usable */
    struct decoder *next;
};

struct reader {
    uint8_t *bytes;
    size_t nbytes;
    struct reader_archive archive;
    struct decoder *decoders;
    struct vx32_instance *guest; /* the one machine, loaded anew for each member */
    bool test_only, decode_coded;
    const char *folder;
    unsigned failure_count, done_count;
    char room[2 * READER_NAME_MAX_NBYTES];
};

/* Where decoded bytes go: counted, and into a file or memory if there is one. */
struct output {
    FILE *file;
    uint8_t *memory;
    uint64_t nbytes, limit_nbytes;
    uint32_t crc32;
    bool refused;
};

/* ---- output ---- */

static uint32_t add_crc32(uint32_t crc32, const uint8_t *bytes, size_t nbytes)
{
    static const uint32_t table[16] = {0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac,
                                       0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
                                       0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
                                       0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};

    crc32 = ~crc32;
    for (size_t i = 0; i < nbytes; i++) {
        crc32 ^= bytes[i];
        crc32 = crc32 >> 4 ^ table[crc32 & 15];
        crc32 = crc32 >> 4 ^ table[crc32 & 15];
    }
    return ~crc32;
}

static bool put_output(void *context, const uint8_t *bytes, size_t nbytes)
{
    struct output *output = context;

    if (nbytes > output->limit_nbytes - output->nbytes)
        return false;
    if (output->memory != NULL)
        memcpy(output->memory + output->nbytes, bytes, nbytes);
    if (output->file != NULL && fwrite(bytes, 1, nbytes, output->file) != nbytes) {
        output->refused = true;
        return false;
    }
    output->nbytes += nbytes;
    output->crc32 = add_crc32(output->crc32, bytes, nbytes);
    return true;
}

static const char *check_output(const struct output *output, uint64_t size, uint32_t crc32)
{
    if (output->nbytes != size)
        return "fewer bytes than declared";
    return output->crc32 == crc32 ? NULL : "wrong CRC-32";
}

/* ---- decoders ---- */

/* Method 0 or 8, into memory or a file. */
static const char *unpack_plainly(const struct reader_member *member, struct output *output)
{
    struct reader_sink sink = {put_output, output};
    const char *problem = NULL;

    if (member->method == ZIP_METHOD_DEFLATE)
        problem = reader_inflate(member->data, (size_t)member->compressed_size, sink);
    else if (!put_output(output, member->data, (size_t)member->compressed_size))
        problem = "more than the declared size";
    if (output->refused)
        return "cannot be written";
    return problem != NULL ? problem : check_output(output, member->size, member->crc32);
}

static const char *load_decoder(const struct reader_member *member, struct decoder *decoder)
{
    struct output output = {.limit_nbytes = member->size};
    uint8_t sha256[VXA_HASH_NBYTES];
    const char *problem;

    if (member->size > DECODER_MAX_NBYTES ||
        (member->method != ZIP_METHOD_STORE && member->method != ZIP_METHOD_DEFLATE))
        return "not an acceptable decoder";
    output.memory = malloc((size_t)member->size + 1);
    if (output.memory == NULL)
        return "out of memory";
    problem = unpack_plainly(member, &output);
    if (problem == NULL) {
        vxa_sha256(output.memory, (size_t)output.nbytes, sha256);
        if (memcmp(sha256, decoder->sha256, sizeof sha256) != 0)
            problem = "the decoder has another SHA-256";
        else if (vx32_image_parse(output.memory, (size_t)output.nbytes, &decoder->image,
                                  &problem) == VX32_NO_MEMORY)
            problem = "out of memory";
    }
    free(output.memory);
    return problem;
}

static bool is_decoder_of(const struct reader_member *member, const uint8_t *sha256)
{
    return member->data != NULL && member->block_result == VXA_BLOCK_OK &&
           member->block.kind == VXA_BLOCK_DECODER &&
           memcmp(member->block.decoder_sha256, sha256, VXA_HASH_NBYTES) == 0;
}

/* Looks through the directory for the decoder with this hash. */
static const char *find_decoder(struct reader *reader, struct decoder *decoder)
{
    struct reader_member *member = malloc(sizeof *member);
    const char *problem = NULL, *damage;
    bool found = false;

    (void)reader_open(&reader->archive, reader->bytes, reader->nbytes);
    for (struct reader_archive place = reader->archive;
         member != NULL && !found && reader_next(&place, member, &damage);) {
        found = is_decoder_of(member, decoder->sha256);
        if (found)
            problem = load_decoder(member, decoder);
    }
    free(member);
    return found ? problem : "the archive does not hold its decoder";
}

static const char *get_decoder(struct reader *reader, const uint8_t *sha256,
                               struct decoder **decoder)
{
    const char *problem;

    for (*decoder = reader->decoders; *decoder != NULL; *decoder = (*decoder)->next) {
        if (memcmp((*decoder)->sha256, sha256, VXA_HASH_NBYTES) == 0)
            return (*decoder)->image != NULL ? NULL : "its decoder is not usable";
    }
    *decoder = calloc(1, sizeof **decoder);
    if (*decoder == NULL)
        return "out of memory";
    memcpy((*decoder)->sha256, sha256, VXA_HASH_NBYTES);
    problem = find_decoder(reader, *decoder);
    (*decoder)->next = reader->decoders;
    reader->decoders = *decoder;
    return problem;
}

/* ---- the machine ---- */

/* As much memory as decoders may expect, or what there is. */
static bool make_guest(struct reader *reader)
{
    struct vx32_options options = {.struct_nbytes = sizeof options,
                                   .engine = VX32_ENGINE_INTERPRET,
                                   .profile = VX32_PROFILE_ARCHIVE,
                                   .memory_nbytes = VX32_DEFAULT_MEMORY_NBYTES};

    while (reader->guest == NULL && options.memory_nbytes >= 1 << 25) {
        if (vx32_instance_new(NULL, &options, &reader->guest) != VX32_OK)
            options.memory_nbytes /= 2;
    }
    return reader->guest != NULL;
}

static const char *load_guest(struct reader *reader, struct decoder *decoder,
                              const struct vxa_block *block)
{
    const char *argv[ARGUMENT_MAX_COUNT] = {"decoder"};
    int argc = 1;

    for (size_t off = 0; block->arguments_nbytes > 0 && off <= block->arguments_nbytes;
         off += strlen(block->arguments + off) + 1) {
        if (argc == ARGUMENT_MAX_COUNT)
            return "too many arguments for its decoder";
        argv[argc++] = block->arguments + off;
    }
    if (reader->guest == NULL && !make_guest(reader))
        return "no memory for its decoder";
    return vx32_load(reader->guest, decoder->image, argc, argv) == VX32_OK
               ? NULL
               : "its decoder cannot be loaded";
}

/* True while the decoder goes on. */
static bool answer(struct reader *reader, const struct vx32_exit *exit,
                   const struct reader_member *member, uint64_t *consumed_nbytes,
                   struct output *output)
{
    uint64_t left = member->compressed_size - *consumed_nbytes;
    size_t nbytes = exit->nbytes;

    if (exit->reason == VX32_EXIT_NEED_INPUT) {
        nbytes = nbytes < left ? nbytes : (size_t)left;
        memcpy(exit->data, member->data + *consumed_nbytes, nbytes);
        *consumed_nbytes += nbytes;
    } else if (exit->reason != VX32_EXIT_HAVE_OUTPUT) {
        return false;
    } else if (exit->fd != 1) {
        (void)fwrite(exit->data, 1, nbytes, stderr);
    } else if (!put_output(output, exit->data, nbytes)) {
        return false;
    }
    return vx32_complete(reader->guest, (int64_t)nbytes) == VX32_OK;
}

static const char *run_decoder(struct reader *reader, const struct reader_member *member,
                               struct output *output)
{
    struct decoder *decoder;
    const char *problem = get_decoder(reader, member->block.decoder_sha256, &decoder);
    uint64_t consumed_nbytes = 0;
    struct vx32_exit exit;

    if (problem == NULL)
        problem = load_guest(reader, decoder, &member->block);
    if (problem != NULL)
        return problem;
    do
        vx32_run(reader->guest, &exit);
    while (answer(reader, &exit, member, &consumed_nbytes, output));
    if (output->refused)
        return "cannot be written";
    if (exit.reason == VX32_EXIT_HAVE_OUTPUT)
        return "more than the declared size";
    if (exit.reason != VX32_EXIT_EXITED)
        return vx32_trap_text(exit.trap);
    if (exit.code != 0)
        return "its decoder refuses the data";
    return consumed_nbytes == member->compressed_size ? NULL : "its decoder left data unread";
}

/* ---- members ---- */

static bool wants_decoding(const struct reader *reader, const struct reader_member *member)
{
    const struct vxa_block *block = &member->block;

    return reader->decode_coded && member->block_result == VXA_BLOCK_OK &&
           block->kind == VXA_BLOCK_MEMBER && (block->flags & VXA_FLAG_ORIGINAL_CODED) != 0 &&
           block->has_decoded_size && block->has_decoded_crc32;
}

static const char *decode(struct reader *reader, const struct reader_member *member,
                          struct output *output)
{
    bool coded = wants_decoding(reader, member);
    uint64_t size = coded ? member->block.decoded_size : member->size;
    const char *problem;

    output->limit_nbytes = size;
    if (!coded && (member->method == ZIP_METHOD_STORE || member->method == ZIP_METHOD_DEFLATE))
        return unpack_plainly(member, output);
    if (member->block_result != VXA_BLOCK_OK || member->block.kind != VXA_BLOCK_MEMBER)
        return "no decoder goes with its method";
    problem = run_decoder(reader, member, output);
    if (problem != NULL)
        return problem;
    return check_output(output, size, coded ? member->block.decoded_crc32 : member->crc32);
}

/* Names that stay below the target folder on any host. */
static const char *check_name(const char *name)
{
    if (name[0] == '\0' || name[0] == '/')
        return "an unsafe name";
    for (const char *part = name; part != NULL; part = strchr(part, '/')) {
        size_t length = strcspn(part += part[0] == '/', "/");

        if (length == 2 && memcmp(part, "..", 2) == 0)
            return "an unsafe name";
    }
    for (const char *p = name; *p != '\0'; p++) {
        if (*p == '\\' || *p == ':' || (unsigned char)*p < 32 || *p == 127)
            return "a name that is not safe everywhere";
    }
    return NULL;
}

/* The path of a member, with all folders on the way made. */
static const char *make_path(struct reader *reader, const struct reader_member *member)
{
    const char *suffix = wants_decoding(reader, member) ? member->block.decoded_suffix : "";
    size_t start = strlen(reader->folder) + 1;

    if (start + strlen(member->name) + strlen(suffix) >= sizeof reader->room)
        return "the name is too long";
    (void)sprintf(reader->room, "%s/%s%s", reader->folder, member->name, suffix);
    for (char *p = reader->room + 1; *p != '\0'; p++) {
        if (*p == '/') {
            *p = '\0';
            (void)MAKE_FOLDER(reader->room);
            *p = '/';
        }
    }
    return NULL;
}

static const char *open_file(struct reader *reader, FILE **file)
{
    *file = fopen(reader->room, "rb");
    if (*file != NULL) {
        (void)fclose(*file);
        *file = NULL;
        return "a file of this name is there already";
    }
    *file = fopen(reader->room, "wb");
    return *file != NULL ? NULL : "cannot be created";
}

static const char *extract(struct reader *reader, const struct reader_member *member)
{
    struct output output = {.nbytes = 0};
    bool folder = member->name[0] != '\0' && member->name[strlen(member->name) - 1] == '/';
    const char *problem = member->problem != NULL ? member->problem : check_name(member->name);

    if (problem == NULL && !reader->test_only)
        problem = make_path(reader, member);
    if (problem == NULL && !reader->test_only && !folder)
        problem = open_file(reader, &output.file);
    if (problem != NULL)
        return problem;
    problem = decode(reader, member, &output);
    if (output.file == NULL)
        return problem;
    if (fclose(output.file) != 0 && problem == NULL)
        problem = "cannot be written";
    if (problem != NULL)
        (void)remove(reader->room);
    return problem;
}

static void print_name(FILE *file, const char *name)
{
    for (; *name != '\0'; name++)
        (void)fputc((unsigned char)*name < 32 || *name == 127 ? '?' : *name, file);
}

static void take_member(struct reader *reader, const struct reader_member *member)
{
    bool own = strncmp(member->name, ".vxa/", 5) == 0;
    bool link = (member->unix_mode & 0xf000) == 0xa000;
    const char *problem = extract(reader, member);

    reader->done_count++;
    reader->failure_count += problem != NULL;
    if (own && problem == NULL)
        return;
    (void)fprintf(problem != NULL ? stderr : stdout, "%s", problem != NULL ? "FAILED " : "good   ");
    print_name(problem != NULL ? stderr : stdout, member->name);
    if (problem != NULL)
        (void)fprintf(stderr, ": %s\n", problem);
    else
        (void)printf("%s\n", link ? " (a link: the file holds the name that it points to)" : "");
}

static int take_archive(struct reader *reader)
{
    struct reader_member *member = calloc(1, sizeof *member);
    const char *problem = reader_open(&reader->archive, reader->bytes, reader->nbytes);
    struct reader_archive place = reader->archive;

    if (member == NULL)
        problem = "out of memory";
    while (problem == NULL && reader_next(&place, member, &problem))
        take_member(reader, member);
    free(member);
    if (problem == NULL && reader->done_count != reader->archive.entry_count % 65536 &&
        reader->done_count != reader->archive.entry_count)
        problem = "the directory has not as many members as the end record says";
    if (problem != NULL)
        (void)fprintf(stderr, "vxread: %s\n", problem);
    (void)printf("%u members, %u failed\n", reader->done_count, reader->failure_count);
    return fflush(stdout) == 0 && problem == NULL && reader->failure_count == 0 ? 0 : 1;
}

/* ---- the program ---- */

static bool read_archive(struct reader *reader, const char *name)
{
    FILE *file = fopen(name, "rb");
    size_t room = 0, got = 1;

    while (file != NULL && got > 0) {
        if (reader->nbytes == room) {
            uint8_t *larger = realloc(reader->bytes, room = room * 2 + 65536);

            if (larger == NULL)
                break;
            reader->bytes = larger;
        }
        got = fread(reader->bytes + reader->nbytes, 1, room - reader->nbytes, file);
        reader->nbytes += got;
    }
    if (file == NULL || got > 0 || ferror(file) != 0) {
        (void)fprintf(stderr, "vxread: cannot read %s\n", name);
        return false;
    }
    (void)fclose(file);
    return true;
}

static void forget(struct reader *reader)
{
    vx32_instance_free(reader->guest);
    while (reader->decoders != NULL) {
        struct decoder *decoder = reader->decoders;

        reader->decoders = decoder->next;
        vx32_image_free(decoder->image);
        free(decoder);
    }
    free(reader->bytes);
    free(reader);
}

static int usage(void)
{
    (void)fputs("usage: vxread [-t] [-D] ARCHIVE.zip [FOLDER]\n"
                "Extracts every member into FOLDER (default: here), and checks its CRC-32.\n"
                "  -t  test only, write nothing\n"
                "  -D  write the decoded form of files that were coded before (such as JPEG)\n",
                stderr);
    return 2;
}

int main(int argc, char **argv)
{
    struct reader *reader = calloc(1, sizeof *reader);
    int first = 1, status = 1;

    if (reader == NULL)
        return 1;
    for (; first < argc && argv[first][0] == '-'; first++) {
        if (strcmp(argv[first], "-t") == 0)
            reader->test_only = true;
        else if (strcmp(argv[first], "-D") == 0)
            reader->decode_coded = true;
        else
            break;
    }
    if (first >= argc || argc - first > 2 || argv[first][0] == '-') {
        free(reader);
        return usage();
    }
    reader->folder = argc - first == 2 ? argv[first + 1] : ".";
    if (read_archive(reader, argv[first]))
        status = take_archive(reader);
    forget(reader);
    return status;
}

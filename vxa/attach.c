/* SPDX-License-Identifier: MIT */
/* How decoders are written into an archive, and the words for a reader without this program. */
#include "attach.h"
#include "codec.h"
#include "member.h"
#include "provenance.h"
#include "self_contained.h"
#include "sha256.h"
#include "walk.h"
#include "zip_format.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

enum { DECODER_LEVEL = 9, OWN_MODE = S_IFREG | 0644, HASH_SHOWN_NBYTES = 16 };
/* 1980-01-01 00:00 UTC: no clock goes into an archive. */
enum { OWN_MTIME = 315532800 };

#define LICENCE_SUFFIX ".licence"

static const char readme[] =
    "HOW TO READ THIS ARCHIVE\n"
    "========================\n"
    "\n"
    "This is an ordinary ZIP archive (PKWARE APPNOTE.TXT). Every unzip program can\n"
    "list it, and can extract the members whose compression method it knows.\n"
    "\n"
    "The archive also carries the programs that decode its members. They are the\n"
    "files .vxa/NAME-HASH.elf: NAME is the name of the coding, HASH the first 16\n"
    "hexadecimal digits of the program's SHA-256. They are compressed with deflate\n"
    "(method 8), so that any unzip program can extract them. decoders.txt tells what\n"
    "each was made of, NAME-HASH.licence under which terms. These texts and this one\n"
    "are stored without compression.\n"
    "\n"
    "\n"
    "WITH vxunzip\n"
    "\n"
    "    vxunzip ARCHIVE.zip\n"
    "\n"
    "runs the decoders inside a virtual machine and needs nothing else.\n"
    "\n"
    "\n"
    "WITHOUT vxunzip\n"
    "\n"
    "1. What a decoder is. Each decoder is a static ELF executable for Linux on the\n"
    "   Intel 80386 architecture (32 bits, little endian, instructions up to SSE2).\n"
    "   It is a filter: it reads coded bytes from its standard input until the end,\n"
    "   writes the decoded bytes to its standard output, and exits with status 0 if\n"
    "   all was well. It opens no file and needs no library. It calls the kernel by\n"
    "   \"int 0x80\" and uses only: exit (1), read (3), write (4), brk (45),\n"
    "   munmap (91), mmap2 (192, private anonymous memory), exit_group (252).\n"
    "   So it runs on any Linux that can run 32-bit programs, and in any emulator\n"
    "   of such a system, for example qemu-i386.\n"
    "\n"
    "2. Which decoder. A member that has a decoder carries an extra field with the\n"
    "   id 0x5856 in its local header and in the central directory. All numbers are\n"
    "   little endian. Its data:\n"
    "\n"
    "       offset  bytes\n"
    "            0      4  the letters \"VXA1\"\n"
    "            4      1  kind: 1 = this member is decoded by a decoder,\n"
    "                            2 = this member is a decoder\n"
    "            5      1  flags: bit 0 = only the decoder knows the coding,\n"
    "                             bit 1 = the content is a file that was already\n"
    "                                     coded (such as JPEG): decoding is optional\n"
    "            6      2  zero\n"
    "            8     32  SHA-256 of the decoder's ELF file\n"
    "           40      -  items: id (1 byte), length (2 bytes), data\n"
    "                        1 = decoded size (8 bytes), 2 = decoded CRC-32 (4),\n"
    "                        3 = decoded media type, 4 = decoded file suffix,\n"
    "                        5 = coded media type, 6 = name of the coding,\n"
    "                        7 = arguments for the decoder, separated by zeros\n"
    "\n"
    "3. How to decode. Take the member's raw bytes: they begin after the local file\n"
    "   header, its file name and its extra field, and their count is the member's\n"
    "   compressed size. Feed exactly these bytes to the decoder:\n"
    "\n"
    "       unzip ARCHIVE.zip '.vxa/*'\n"
    "       chmod +x .vxa/NAME-HASH.elf\n"
    "       .vxa/NAME-HASH.elf < raw-bytes > file\n"
    "\n"
    "   The result has the size and the CRC-32 that the ZIP headers state (for\n"
    "   members with flag bit 1: those of items 1 and 2).\n"
    "\n"
    "The codings with a ZIP method number of their own are published formats:\n"
    "8 = deflate (RFC 1951), 12 = bzip2, 93 = Zstandard (RFC 8878), 95 = xz.\n"
    "Method 0x5856 (22614) means: only the decoder knows.\n";

static const char readme_self_contained[] =
    "\n"
    "\n"
    "WITH A C COMPILER AND THIS ARCHIVE ALONE\n"
    "\n"
    "    unzip ARCHIVE.zip .vxa/vxread.c\n"
    "    cc -O2 .vxa/vxread.c -o vxread\n"
    "    ./vxread ARCHIVE.zip FOLDER\n"
    "\n"
    "vxread.c is a whole reader in one file of C99 without dependencies: it extracts\n"
    "every member into FOLDER, and interprets the decoders itself, on any processor.\n"
    "\n"
    "Who wants to write a reader anew finds the archive described in format.txt, the\n"
    "machine that the decoders need in guest.txt, and results of its arithmetic to\n"
    "compare with in vectors.txt. These four are deflated (method 8, RFC 1951).\n";

/* A member whose data is in memory. */
static bool write_member(struct zip_writer *writer, const struct zip_new_member *fields,
                         const void *bytes, struct vxa_failure *failure)
{
    return zip_writer_begin(writer, fields, failure) &&
           zip_writer_write(writer, bytes, (size_t)fields->compressed_size, failure) &&
           zip_writer_end(writer, failure);
}

/* Raw deflate at the highest level; to be freed. */
static uint8_t *deflate_all(const uint8_t *bytes, size_t nbytes, size_t *result_nbytes,
                            struct vxa_failure *failure)
{
    z_stream stream = {0};
    uint8_t *result = NULL;

    if (deflateInit2(&stream, DECODER_LEVEL, Z_DEFLATED, -MAX_WBITS, MAX_MEM_LEVEL,
                     Z_DEFAULT_STRATEGY) == Z_OK) {
        uLong room = deflateBound(&stream, (uLong)nbytes);

        result = malloc(room);
        stream.next_in = (z_const Bytef *)bytes;
        stream.avail_in = (uInt)nbytes;
        stream.next_out = result;
        stream.avail_out = (uInt)room;
        if (result && deflate(&stream, Z_FINISH) != Z_STREAM_END) {
            free(result);
            result = NULL;
        }
        *result_nbytes = stream.total_out;
        deflateEnd(&stream);
    }
    if (!result)
        (void)vxa_fail(failure, VXA_FAILURE_MEMORY, "out of memory for the decoder");
    return result;
}

/* The decoder's block: its hash, and the name of what it decodes. */
static void fill_block(struct vxa_block *block, const struct vxa_decoder *decoder)
{
    const struct vxa_codec *codec = vxa_codec_by_name(decoder->name);

    *block = (struct vxa_block){.kind = VXA_BLOCK_DECODER};
    memcpy(block->decoder_sha256, decoder->sha256, VXA_HASH_NBYTES);
    (void)snprintf(block->codec, sizeof(block->codec), "%s", codec ? codec->label : decoder->name);
}

void vxa_own_name(const struct vxa_decoder *decoder, const char *suffix,
                  char name[VXA_OWN_NAME_NBYTES])
{
    char hash[2 * VXA_HASH_NBYTES + 1];

    vxa_hex32(decoder->sha256, hash);
    (void)snprintf(name, VXA_OWN_NAME_NBYTES, ".vxa/%s-%.*s%s", decoder->name, HASH_SHOWN_NBYTES,
                   hash, suffix);
}

static bool is_self_contained(const char *name)
{
    for (size_t i = 0; i < vxa_self_contained_count; i++) {
        if (strcmp(name, vxa_self_contained[i].name) == 0)
            return true;
    }
    return false;
}

bool vxa_member_is_own(const struct zip_member *member)
{
    size_t nbytes = strlen(member->name);
    size_t suffix_nbytes = sizeof(LICENCE_SUFFIX) - 1;
    struct vxa_block block;

    if (!vxa_name_is_reserved(member->name))
        return false;
    return strcmp(member->name, VXA_README_NAME) == 0 || is_self_contained(member->name) ||
           strcmp(member->name, VXA_DECODERS_NAME) == 0 ||
           (nbytes > suffix_nbytes &&
            strcmp(member->name + nbytes - suffix_nbytes, LICENCE_SUFFIX) == 0) ||
           (member->block_result == VXA_BLOCK_OK && zip_member_block(member, &block) &&
            block.kind == VXA_BLOCK_DECODER);
}

static bool write_decoder(struct zip_writer *writer, const struct vxa_decoder *decoder,
                          struct vxa_member *member, struct vxa_failure *failure)
{
    char name[VXA_OWN_NAME_NBYTES];
    struct vxa_block block;
    size_t coded_nbytes;

    vxa_own_name(decoder, ".elf", name);
    fill_block(&block, decoder);
    struct vxa_member_facts facts = {name, OWN_MODE, OWN_MTIME, &block, NULL, 0};

    if (!vxa_member_fill(member, &facts, failure))
        return false;
    uint8_t *coded = deflate_all(decoder->elf, decoder->elf_nbytes, &coded_nbytes, failure);

    if (!coded)
        return false;
    member->fields.method = ZIP_METHOD_DEFLATE;
    member->fields.version_needed = 20;
    member->fields.size = decoder->elf_nbytes;
    member->fields.compressed_size = coded_nbytes;
    member->fields.crc32 = (uint32_t)crc32_z(0, decoder->elf, decoder->elf_nbytes);
    bool ok = write_member(writer, &member->fields, coded, failure);

    free(coded);
    return ok;
}

bool vxa_attach_decoder(struct zip_writer *writer, const struct vxa_decoder *decoder,
                        struct vxa_failure *failure)
{
    struct vxa_member *member = malloc(sizeof(*member));
    bool ok = member ? write_decoder(writer, decoder, member, failure)
                     : vxa_fail(failure, VXA_FAILURE_MEMORY, "out of memory");

    free(member);
    return ok;
}

bool vxa_attach_text(struct zip_writer *writer, const char *name, const char *text, size_t nbytes,
                     struct vxa_failure *failure)
{
    struct vxa_member_facts facts = {name, OWN_MODE, OWN_MTIME, NULL, NULL, 0};
    struct vxa_member *member = malloc(sizeof(*member));
    bool ok = member ? vxa_member_fill(member, &facts, failure)
                     : vxa_fail(failure, VXA_FAILURE_MEMORY, "out of memory");

    if (ok) {
        member->fields.method = ZIP_METHOD_STORE;
        member->fields.version_needed = 20;
        member->fields.size = member->fields.compressed_size = nbytes;
        member->fields.crc32 = (uint32_t)crc32_z(0, (const unsigned char *)text, nbytes);
        ok = write_member(writer, &member->fields, text, failure);
    }
    free(member);
    return ok;
}

/* A text that was deflated when this program was built. */
static bool attach_packed(struct zip_writer *writer, const struct vxa_packed_text *text,
                          struct vxa_member *member, struct vxa_failure *failure)
{
    struct vxa_member_facts facts = {.name = text->name, .mode = OWN_MODE, .mtime = OWN_MTIME};

    if (!vxa_member_fill(member, &facts, failure))
        return false;
    member->fields.method = ZIP_METHOD_DEFLATE;
    member->fields.version_needed = 20;
    member->fields.size = text->size;
    member->fields.compressed_size = text->compressed_size;
    member->fields.crc32 = text->crc32;
    return write_member(writer, &member->fields, text->bytes, failure);
}

static bool attach_self_contained(struct zip_writer *writer, struct vxa_failure *failure)
{
    struct vxa_member *member = malloc(sizeof(*member));
    bool ok = member ? true : vxa_fail(failure, VXA_FAILURE_MEMORY, "out of memory");

    for (size_t i = 0; ok && i < vxa_self_contained_count; i++)
        ok = attach_packed(writer, &vxa_self_contained[i], member, failure);
    free(member);
    return ok;
}

bool vxa_attach_readme(struct zip_writer *writer, bool self_contained, struct vxa_failure *failure)
{
    char text[sizeof(readme) + sizeof(readme_self_contained)];
    int nbytes =
        snprintf(text, sizeof(text), "%s%s", readme, self_contained ? readme_self_contained : "");

    return vxa_attach_text(writer, VXA_README_NAME, text, (size_t)nbytes, failure) &&
           (!self_contained || attach_self_contained(writer, failure));
}

/* SPDX-License-Identifier: MIT */
/* How the sections of .vxa/decoders.txt are written and found. */
#include "provenance.h"
#include "sha256.h"
#include "zip_format.h"
#include "zip_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { TEXT_MAX_NBYTES = 1 << 20 };

static const char introduction[] =
    "# The decoders of this archive, and what each was made of: lines \"key: value\", an empty\n"
    "# line between two decoders. The SHA-256 is that of the program, the one after \"source\" "
    "that\n"
    "# of the archive of sources. How to use a decoder is told in README.txt.\n";

void vxa_text_free(struct vxa_text *text)
{
    free(text->bytes);
    *text = (struct vxa_text){0};
}

static bool append(struct vxa_text *text, const char *bytes, size_t nbytes,
                   struct vxa_failure *failure)
{
    if (nbytes > text->room_nbytes - text->nbytes) {
        size_t room_nbytes = 2 * text->room_nbytes + nbytes + 1024;
        char *larger = realloc(text->bytes, room_nbytes);

        if (!larger)
            return vxa_fail(failure, VXA_FAILURE_MEMORY, "out of memory");
        text->bytes = larger;
        text->room_nbytes = room_nbytes;
    }
    memcpy(text->bytes + text->nbytes, bytes, nbytes);
    text->nbytes += nbytes;
    return true;
}

static bool begin_section(struct vxa_text *text, struct vxa_failure *failure)
{
    return (text->nbytes > 0 || append(text, introduction, sizeof(introduction) - 1, failure)) &&
           append(text, "\n", 1, failure);
}

static bool append_line(struct vxa_text *text, const char *key, const char *value,
                        struct vxa_failure *failure)
{
    return append(text, key, strlen(key), failure) && append(text, ": ", 2, failure) &&
           append(text, value, strlen(value), failure) && append(text, "\n", 1, failure);
}

bool vxa_provenance_copy(struct vxa_text *text, struct vxa_section section,
                         struct vxa_failure *failure)
{
    return begin_section(text, failure) && append(text, section.bytes, section.nbytes, failure);
}

bool vxa_provenance_add(struct vxa_text *text, const struct vxa_decoder *decoder,
                        const char *member, const char *licence, const char *made_of,
                        struct vxa_failure *failure)
{
    char hash[2 * VXA_HASH_NBYTES + 1];
    char size[32];

    vxa_hex32(decoder->sha256, hash);
    (void)snprintf(size, sizeof(size), "%zu", decoder->elf_nbytes);
    return begin_section(text, failure) && append_line(text, "decoder", member, failure) &&
           append_line(text, "size", size, failure) && append_line(text, "sha256", hash, failure) &&
           (!licence || append_line(text, "licence-text", licence, failure)) &&
           (!made_of || append(text, made_of, strlen(made_of), failure));
}

/* ---- reading ---- */

bool vxa_section_line(struct vxa_section *section, struct vxa_section *line)
{
    const char *end;

    if (section->nbytes == 0)
        return false;
    end = memchr(section->bytes, '\n', section->nbytes);
    size_t nbytes = end ? (size_t)(end - section->bytes) : section->nbytes;

    *line = (struct vxa_section){section->bytes, nbytes};
    nbytes += end != NULL;
    section->bytes += nbytes;
    section->nbytes -= nbytes;
    return true;
}

static bool is_line(struct vxa_section line, const char *text)
{
    return line.nbytes == strlen(text) && memcmp(line.bytes, text, line.nbytes) == 0;
}

struct vxa_section vxa_provenance_find(const char *text, size_t nbytes,
                                       const uint8_t sha256[VXA_HASH_NBYTES])
{
    char wanted[2 * VXA_HASH_NBYTES + 16] = "sha256: ";
    struct vxa_section rest = {text, nbytes}, line, section = {NULL, 0};
    bool is_wanted = false;

    vxa_hex32(sha256, wanted + strlen(wanted));
    while (vxa_section_line(&rest, &line)) {
        if (line.nbytes == 0) {
            if (is_wanted)
                return section;
            section = (struct vxa_section){NULL, 0};
            continue;
        }
        if (!section.bytes)
            section.bytes = line.bytes;
        section.nbytes = (size_t)(rest.bytes - section.bytes);
        is_wanted = is_wanted || is_line(line, wanted);
    }
    return is_wanted ? section : (struct vxa_section){NULL, 0};
}

static bool read_all(struct zip_archive *archive, const struct zip_member *member, char *text)
{
    struct vxa_failure failure;
    size_t off = 0;

    if (!zip_member_check(archive, member, &failure))
        return false;
    while (off < member->size) {
        ptrdiff_t count =
            zip_member_read(archive, member, off, text + off, (size_t)member->size - off, &failure);

        if (count <= 0)
            return false;
        off += (size_t)count;
    }
    return crc32_z(0, (const uint8_t *)text, off) == member->crc32;
}

char *vxa_own_text(struct zip_archive *archive, const char *name, size_t *nbytes)
{
    const struct zip_member *member = zip_member_by_name(archive, name);
    char *text = NULL;

    if (!member || member->method != ZIP_METHOD_STORE || member->size > TEXT_MAX_NBYTES ||
        member->size != member->compressed_size)
        return NULL;
    text = malloc((size_t)member->size + 1);
    if (text && read_all(archive, member, text)) {
        *nbytes = (size_t)member->size;
        text[*nbytes] = '\0';
        return text;
    }
    free(text);
    return NULL;
}

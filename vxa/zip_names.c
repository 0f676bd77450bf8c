/* SPDX-License-Identifier: MIT */
/* Member names: which alphabet they are in, and which of them are no safe file names. */
#include "zip_archive.h"
#include "zip_format.h"

#include <limits.h>
#include <string.h>
#include <zlib.h>

/* The upper half of code page 437 (APPNOTE D.1). */
static const uint16_t code_page_437[128] = {
    0x00c7, 0x00fc, 0x00e9, 0x00e2, 0x00e4, 0x00e0, 0x00e5, 0x00e7, 0x00ea, 0x00eb, 0x00e8, 0x00ef,
    0x00ee, 0x00ec, 0x00c4, 0x00c5, 0x00c9, 0x00e6, 0x00c6, 0x00f4, 0x00f6, 0x00f2, 0x00fb, 0x00f9,
    0x00ff, 0x00d6, 0x00dc, 0x00a2, 0x00a3, 0x00a5, 0x20a7, 0x0192, 0x00e1, 0x00ed, 0x00f3, 0x00fa,
    0x00f1, 0x00d1, 0x00aa, 0x00ba, 0x00bf, 0x2310, 0x00ac, 0x00bd, 0x00bc, 0x00a1, 0x00ab, 0x00bb,
    0x2591, 0x2592, 0x2593, 0x2502, 0x2524, 0x2561, 0x2562, 0x2556, 0x2555, 0x2563, 0x2551, 0x2557,
    0x255d, 0x255c, 0x255b, 0x2510, 0x2514, 0x2534, 0x252c, 0x251c, 0x2500, 0x253c, 0x255e, 0x255f,
    0x255a, 0x2554, 0x2569, 0x2566, 0x2560, 0x2550, 0x256c, 0x2567, 0x2568, 0x2564, 0x2565, 0x2559,
    0x2558, 0x2552, 0x2553, 0x256b, 0x256a, 0x2518, 0x250c, 0x2588, 0x2584, 0x258c, 0x2590, 0x2580,
    0x03b1, 0x00df, 0x0393, 0x03c0, 0x03a3, 0x03c3, 0x00b5, 0x03c4, 0x03a6, 0x0398, 0x03a9, 0x03b4,
    0x221e, 0x03c6, 0x03b5, 0x2229, 0x2261, 0x00b1, 0x2265, 0x2264, 0x2320, 0x2321, 0x00f7, 0x2248,
    0x00b0, 0x2219, 0x00b7, 0x221a, 0x207f, 0x00b2, 0x25a0, 0x00a0,
};

/* Info-ZIP's unicode path field: version 1, the CRC-32 of the name it replaces, UTF-8. */
/* Folders deeper than this are nobody's, but whoever removes them has to get out of them again. */
enum { NAME_PARTS_MAX = 255 };

enum { UNICODE_PATH_VERSION = 1, UNICODE_PATH_HEADER_NBYTES = 5 };

/* A character of code page 437 takes up to so many bytes in UTF-8. */
enum { CP437_MAX_NBYTES = 3 };

/* The length of the UTF-8 sequence that begins here; 0 if it is none. */
static size_t sequence_nbytes(const uint8_t *text, size_t nbytes)
{
    size_t length = text[0] < 0x80 ? 1 : text[0] < 0xe0 ? 2 : text[0] < 0xf0 ? 3 : 4;
    uint32_t character = text[0] & (0xff >> length);

    if (length == 1)
        return 1;
    if (text[0] < 0xc2 || text[0] > 0xf4 || length > nbytes)
        return 0;
    for (size_t i = 1; i < length; i++) {
        if ((text[i] & 0xc0) != 0x80)
            return 0;
        character = character << 6 | (text[i] & 0x3f);
    }
    if ((length == 3 && character < 0x800) || (character >= 0xd800 && character < 0xe000))
        return 0;
    return length == 4 && (character < 0x10000 || character > 0x10ffff) ? 0 : length;
}

bool zip_is_utf8(const uint8_t *text, size_t nbytes)
{
    while (nbytes > 0) {
        size_t length = sequence_nbytes(text, nbytes);

        if (length == 0)
            return false;
        text += length;
        nbytes -= length;
    }
    return true;
}

/* NULL if the field is missing, empty, belongs to another name or is damaged. */
static const uint8_t *unicode_path(const struct zip_member *member, size_t *nbytes)
{
    const uint8_t *field =
        zip_find_extra(member->extra, member->extra_nbytes, ZIP_EXTRA_UNICODE_PATH, nbytes);

    if (!field || *nbytes <= UNICODE_PATH_HEADER_NBYTES || field[0] != UNICODE_PATH_VERSION ||
        zip_get32(field + 1) != (uint32_t)crc32_z(0, member->raw_name, member->raw_name_nbytes))
        return NULL;
    *nbytes -= UNICODE_PATH_HEADER_NBYTES;
    field += UNICODE_PATH_HEADER_NBYTES;
    return zip_is_utf8(field, *nbytes) ? field : NULL;
}

/* Unix programs write the bytes of the file system, whatever they mean. */
static bool is_from_unix(const struct zip_member *member)
{
    unsigned host = member->version_made_by >> 8;

    return host == ZIP_HOST_UNIX || host == ZIP_HOST_DARWIN;
}

static size_t put_utf8(char *text, uint16_t character)
{
    if (character < 0x80) {
        text[0] = (char)character;
        return 1;
    }
    if (character < 0x800) {
        text[0] = (char)(0xc0 | character >> 6);
        text[1] = (char)(0x80 | (character & 0x3f));
        return 2;
    }
    text[0] = (char)(0xe0 | character >> 12);
    text[1] = (char)(0x80 | (character >> 6 & 0x3f));
    text[2] = (char)(0x80 | (character & 0x3f));
    return 3;
}

static size_t convert_437(const uint8_t *raw, size_t nbytes, char *text)
{
    size_t length = 0;

    for (size_t i = 0; i < nbytes; i++)
        length += put_utf8(text + length, raw[i] < 0x80 ? raw[i] : code_page_437[raw[i] - 0x80]);
    return length;
}

static bool is_ascii(const uint8_t *text, size_t nbytes)
{
    while (nbytes > 0 && text[nbytes - 1] < 0x80)
        nbytes--;
    return nbytes == 0;
}

size_t zip_name_room(const struct zip_member *member)
{
    size_t nbytes;

    if (member->flags & ZIP_FLAG_UTF8)
        return 0;
    if (unicode_path(member, &nbytes))
        return nbytes;
    if (is_from_unix(member) || is_ascii(member->raw_name, member->raw_name_nbytes))
        return 0;
    return CP437_MAX_NBYTES * member->raw_name_nbytes;
}

size_t zip_convert_name(const struct zip_member *member, char *text)
{
    size_t nbytes;
    const uint8_t *unicode = unicode_path(member, &nbytes);

    if (!unicode)
        return convert_437(member->raw_name, member->raw_name_nbytes, text);
    memcpy(text, unicode, nbytes);
    return nbytes;
}

static const char *part_problem(const char *part, size_t nbytes)
{
    if (nbytes == 2 && part[0] == '.' && part[1] == '.')
        return "its name has a part \"..\", which leads out of the target folder";
    if (nbytes > NAME_MAX)
        return "a part of its name is longer than 255 bytes";
    return NULL;
}

const char *zip_name_problem(const char *name, size_t nbytes, uint64_t limit_nbytes)
{
    unsigned part_count = 0;

    if (nbytes == 0)
        return "its name is empty";
    if (nbytes > limit_nbytes)
        return "its name is too long";
    if (memchr(name, 0, nbytes))
        return "its name contains a NUL byte";
    if (name[0] == '/')
        return "its name is absolute";
    if (name[0] == '.' && strspn(name, "./") == nbytes && !strstr(name, ".."))
        return "its name is that of the target folder itself";
    while (*name) {
        size_t length = strcspn(name, "/");
        const char *problem = part_problem(name, length);

        if (problem)
            return problem;
        if (++part_count > NAME_PARTS_MAX)
            return "its name has more than 255 parts";
        name += length + (name[length] == '/');
    }
    return NULL;
}

/* SPDX-License-Identifier: MIT */
/* How names and texts of strangers are printed so that a terminal does nothing but show them. */
#include "harmless.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

size_t vxa_utf8_character(const char *bytes, size_t nbytes, uint32_t *code)
{
    const unsigned char *text = (const unsigned char *)bytes;
    static const uint32_t lowest[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t length = text[0] < 0x80   ? 1
                    : text[0] < 0xc2 ? 0
                    : text[0] < 0xe0 ? 2
                    : text[0] < 0xf0 ? 3
                    : text[0] < 0xf5 ? 4
                                     : 0;

    if (length == 0 || length > nbytes)
        return 0;
    *code = length == 1 ? text[0] : text[0] & (0x7fU >> length);
    for (size_t i = 1; i < length; i++) {
        if ((text[i] & 0xc0) != 0x80)
            return 0;
        *code = *code << 6 | (text[i] & 0x3f);
    }
    if (*code < lowest[length] || *code > 0x10ffff || (*code >= 0xd800 && *code <= 0xdfff))
        return 0;
    return length;
}

bool vxa_is_control(uint32_t code)
{
    return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x200e || code == 0x200f ||
           (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

static void print_byte_escaped(FILE *stream, unsigned char byte)
{
    static const char codes[] = "\a\b\t\n\v\f\r";
    static const char letters[] = "abtnvfr";
    const char *found = byte ? strchr(codes, byte) : NULL;

    if (found)
        fprintf(stream, "\\%c", letters[found - codes]);
    else
        fprintf(stream, "\\%03o", byte);
}

/* Plain texts of our own keep their backslashes. */
static void print_harmless(FILE *stream, const char *text, size_t nbytes, bool is_name)
{
    const unsigned char *at = (const unsigned char *)text;
    uint32_t code;

    while (nbytes > 0) {
        size_t length = vxa_utf8_character((const char *)at, nbytes, &code);

        if (length == 0 || vxa_is_control(code)) {
            length = length == 0 ? 1 : length;
            for (size_t i = 0; i < length; i++)
                print_byte_escaped(stream, at[i]);
        } else {
            if (is_name && code == '\\')
                putc('\\', stream);
            fwrite(at, 1, length, stream);
        }
        at += length;
        nbytes -= length;
    }
}

void vxa_print_name(FILE *stream, const char *name, size_t nbytes)
{
    print_harmless(stream, name, nbytes, true);
}

void vxa_print_text(FILE *stream, const char *text, size_t nbytes)
{
    print_harmless(stream, text, nbytes, false);
}

/* SPDX-License-Identifier: MIT */
/* Where commas and lines go, and how any bytes become a string. */
#include "json.h"
#include "harmless.h"

#include <inttypes.h>
#include <string.h>

void vxa_json_begin(struct vxa_json *json, FILE *stream)
{
    *json = (struct vxa_json){.stream = stream};
}

/* What stands in front of a value: two levels have a line for each value, deeper ones share it. */
static void start_value(struct vxa_json *json, const char *key)
{
    if (json->has_value)
        putc(',', json->stream);
    if (json->depth > 0 && json->depth <= 2)
        fprintf(json->stream, "\n%*s", (int)json->depth * 2, "");
    else if (json->has_value)
        putc(' ', json->stream);
    if (key)
        fprintf(json->stream, "\"%s\": ", key);
    json->has_value = true;
}

static void open_with(struct vxa_json *json, const char *key, char bracket)
{
    start_value(json, key);
    putc(bracket, json->stream);
    json->depth++;
    json->has_value = false;
}

void vxa_json_object(struct vxa_json *json, const char *key)
{
    open_with(json, key, '{');
}

void vxa_json_array(struct vxa_json *json, const char *key)
{
    open_with(json, key, '[');
}

void vxa_json_end(struct vxa_json *json, char bracket)
{
    json->depth--;
    if (json->has_value && json->depth < 2)
        fprintf(json->stream, "\n%*s", (int)json->depth * 2, "");
    putc(bracket, json->stream);
    json->has_value = true;
    if (json->depth == 0)
        putc('\n', json->stream);
}

void vxa_json_number(struct vxa_json *json, const char *key, int64_t value)
{
    start_value(json, key);
    fprintf(json->stream, "%" PRId64, value);
}

void vxa_json_count(struct vxa_json *json, const char *key, uint64_t value)
{
    start_value(json, key);
    fprintf(json->stream, "%" PRIu64, value);
}

void vxa_json_bool(struct vxa_json *json, const char *key, bool value)
{
    start_value(json, key);
    fputs(value ? "true" : "false", json->stream);
}

/* One character, escaped where JSON wants it or a terminal could be moved. */
static void print_character(FILE *stream, const char *text, size_t length, uint32_t code)
{
    if (code == '"' || code == '\\')
        fprintf(stream, "\\%c", (char)code);
    else if (code < 0x10000 && vxa_is_control(code))
        fprintf(stream, "\\u%04" PRIx32, code);
    else
        fwrite(text, 1, length, stream);
}

/* Returns whether all of it was UTF-8. */
static bool print_string(FILE *stream, const char *text, size_t nbytes)
{
    bool is_utf8 = true;

    putc('"', stream);
    for (size_t off = 0; off < nbytes;) {
        uint32_t code;
        size_t length = vxa_utf8_character(text + off, nbytes - off, &code);

        if (length == 0)
            fputs("\\ufffd", stream);
        else
            print_character(stream, text + off, length, code);
        is_utf8 = is_utf8 && length > 0;
        off += length > 0 ? length : 1;
    }
    putc('"', stream);
    return is_utf8;
}

void vxa_json_text(struct vxa_json *json, const char *key, const char *text, size_t nbytes)
{
    start_value(json, key);
    if (print_string(json->stream, text, nbytes) || !key)
        return;
    fprintf(json->stream, ", \"%s_hex\": \"", key);
    for (size_t i = 0; i < nbytes; i++)
        fprintf(json->stream, "%02x", (unsigned char)text[i]);
    putc('"', json->stream);
}

void vxa_json_string(struct vxa_json *json, const char *key, const char *text)
{
    vxa_json_text(json, key, text, strlen(text));
}

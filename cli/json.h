/* SPDX-License-Identifier: MIT */
/* Writes one JSON document (RFC 8259) to a stream, value by value. */
#ifndef VXA_JSON_H
#define VXA_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Commas and lines come by themselves. `key` is NULL inside an array and for the whole document. */
struct vxa_json {
    FILE *stream;
    unsigned depth;
    bool has_value; /* in the present object or array */
};

void vxa_json_begin(struct vxa_json *json, FILE *stream);

void vxa_json_object(struct vxa_json *json, const char *key);
void vxa_json_array(struct vxa_json *json, const char *key);
/* Ends an object with '}', an array with ']'. Behind the document's end comes a newline. */
void vxa_json_end(struct vxa_json *json, char bracket);

void vxa_json_number(struct vxa_json *json, const char *key, int64_t value);
void vxa_json_count(struct vxa_json *json, const char *key, uint64_t value);
void vxa_json_bool(struct vxa_json *json, const char *key, bool value);

/*
 * A text of any bytes. What is no UTF-8 in it becomes U+FFFD; then, in an object, a second value
 * under the key with "_hex" has all bytes in hexadecimal digits.
 */
void vxa_json_text(struct vxa_json *json, const char *key, const char *text, size_t nbytes);
void vxa_json_string(struct vxa_json *json, const char *key, const char *text);

#endif

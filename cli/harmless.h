/* SPDX-License-Identifier: MIT */
/* Names and texts of strangers, printed harmlessly. */
#ifndef VXA_HARMLESS_H
#define VXA_HARMLESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Prints a name with control characters, invalid UTF-8 and backslashes in C's escapes. */
void vxa_print_name(FILE *stream, const char *name, size_t nbytes);

/* The same for a text of ours that may quote a stranger: backslashes stay single. */
void vxa_print_text(FILE *stream, const char *text, size_t nbytes);

/* The length of the well-formed UTF-8 character (RFC 3629) at `text`, or 0; its value in `*code`.
 */
size_t vxa_utf8_character(const char *text, size_t nbytes, uint32_t *code);

/* Whether it moves a cursor, or turns the direction of writing so that a name looks like another.
 */
bool vxa_is_control(uint32_t code);

#endif

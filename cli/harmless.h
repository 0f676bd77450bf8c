/* SPDX-License-Identifier: MIT */
/* Names and texts of strangers, printed harmlessly. */
#ifndef VXA_HARMLESS_H
#define VXA_HARMLESS_H

#include <stddef.h>
#include <stdio.h>

/* Prints a name with control characters, invalid UTF-8 and backslashes in C's escapes. */
void vxa_print_name(FILE *stream, const char *name, size_t nbytes);

/* The same for a text of ours that may quote a stranger: backslashes stay single. */
void vxa_print_text(FILE *stream, const char *text, size_t nbytes);

#endif

/* SPDX-License-Identifier: 0BSD */
/* Knows the byte and string functions of this C library. */
#ifndef GUEST_STRING_H
#define GUEST_STRING_H

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t nbytes);
void *memmove(void *to, const void *from, size_t nbytes);
void *memset(void *to, int value, size_t nbytes);
int memcmp(const void *left, const void *right, size_t nbytes);
void *memchr(const void *from, int value, size_t nbytes);

size_t strlen(const char *text);
size_t strnlen(const char *text, size_t limit_nbytes);
int strcmp(const char *left, const char *right);
int strncmp(const char *left, const char *right, size_t limit_nbytes);
char *strcpy(char *restrict to, const char *restrict from);
char *strncpy(char *restrict to, const char *restrict from, size_t nbytes);
char *strcat(char *restrict to, const char *restrict from);
char *strchr(const char *text, int value);
char *strrchr(const char *text, int value);

#endif

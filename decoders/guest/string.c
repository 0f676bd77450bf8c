/* SPDX-License-Identifier: 0BSD */
/* Knows text: the string functions and the searching and comparing of bytes. */
#include <stdint.h>
#include <string.h>

int bcmp(const void *left, const void *right, size_t nbytes);

typedef uint32_t unaligned_u32 __attribute__((aligned(1), may_alias));

int memcmp(const void *left, const void *right, size_t nbytes)
{
    const unsigned char *a = left;
    const unsigned char *b = right;
    while (nbytes >= 4 && *(const unaligned_u32 *)a == *(const unaligned_u32 *)b) {
        a += 4;
        b += 4;
        nbytes -= 4;
    }
    for (; nbytes; a++, b++, nbytes--) {
        if (*a != *b)
            return *a < *b ? -1 : 1;
    }
    return 0;
}

/* Compilers call this one where only equality matters. */
int bcmp(const void *left, const void *right, size_t nbytes)
{
    return memcmp(left, right, nbytes);
}

void *memchr(const void *from, int value, size_t nbytes)
{
    const unsigned char *byte = from;
    for (; nbytes; byte++, nbytes--) {
        if (*byte == (unsigned char)value)
            return (void *)(uintptr_t)byte;
    }
    return NULL;
}

size_t strlen(const char *text)
{
    const char *end = text;
    while (*end)
        end++;
    return (size_t)(end - text);
}

size_t strnlen(const char *text, size_t limit_nbytes)
{
    size_t nbytes = 0;
    while (nbytes < limit_nbytes && text[nbytes])
        nbytes++;
    return nbytes;
}

int strncmp(const char *left, const char *right, size_t limit_nbytes)
{
    for (; limit_nbytes; left++, right++, limit_nbytes--) {
        unsigned char a = (unsigned char)*left;
        unsigned char b = (unsigned char)*right;
        if (a != b)
            return a < b ? -1 : 1;
        if (!a)
            return 0;
    }
    return 0;
}

int strcmp(const char *left, const char *right)
{
    return strncmp(left, right, SIZE_MAX);
}

char *strcpy(char *restrict to, const char *restrict from)
{
    return memcpy(to, from, strlen(from) + 1);
}

char *strncpy(char *restrict to, const char *restrict from, size_t nbytes)
{
    size_t text_nbytes = strnlen(from, nbytes);
    memcpy(to, from, text_nbytes);
    memset(to + text_nbytes, 0, nbytes - text_nbytes);
    return to;
}

char *strcat(char *restrict to, const char *restrict from)
{
    strcpy(to + strlen(to), from);
    return to;
}

char *strchr(const char *text, int value)
{
    return memchr(text, value, (char)value ? strlen(text) : strlen(text) + 1);
}

char *strrchr(const char *text, int value)
{
    for (size_t i = strlen(text) + 1; i > 0; i--) {
        if (text[i - 1] == (char)value)
            return (char *)(uintptr_t)(text + i - 1);
    }
    return NULL;
}

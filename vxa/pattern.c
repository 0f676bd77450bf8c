/* SPDX-License-Identifier: MIT */
/* Matching of shell patterns: one retry point, the latest `*`, is all that is ever needed. */
#include "pattern.h"

#include <stddef.h>

/* One byte of a set, after an optional backslash; moves `*at` past it. */
static unsigned char set_byte(const char **at)
{
    if (**at == '\\' && (*at)[1] != '\0')
        (*at)++;
    return (unsigned char)*(*at)++;
}

/* `at` points behind the `[`. Returns the byte after the `]`, or NULL if there is no `]`. */
static const char *match_set(const char *at, unsigned char byte, bool *matches)
{
    bool negated = *at == '!' || *at == '^';
    bool found = false;

    at += negated;
    for (bool first = true; *at != ']' || first; first = false) {
        if (*at == '\0')
            return NULL;
        unsigned char low = set_byte(&at);
        unsigned char high = low;

        if (*at == '-' && at[1] != ']' && at[1] != '\0') {
            at++;
            high = set_byte(&at);
        }
        found |= low <= byte && byte <= high;
    }
    *matches = found != negated;
    return at + 1;
}

/* Matches one element that is not `*` against a byte. Returns the next element, or NULL. */
static const char *match_one(const char *pattern, unsigned char byte)
{
    const char *next;
    bool matches;

    switch (*pattern) {
    case '\0': return NULL;
    case '?': return pattern + 1;
    case '[':
        next = match_set(pattern + 1, byte, &matches);
        if (next)
            return matches ? next : NULL;
        break;
    case '\\':
        if (pattern[1] != '\0')
            pattern++;
        break;
    default: break;
    }
    return (unsigned char)*pattern == byte ? pattern + 1 : NULL;
}

bool vxa_pattern_match(const char *pattern, const char *name)
{
    const char *retry_pattern = NULL; /* behind the latest `*` */
    const char *retry_name = NULL;    /* where its run ends at present */

    while (*name != '\0' || *pattern == '*') {
        if (*pattern == '*') {
            retry_pattern = ++pattern;
            retry_name = name;
            continue;
        }
        const char *next = match_one(pattern, (unsigned char)*name);

        if (next) {
            pattern = next;
            name++;
        } else if (retry_pattern) {
            pattern = retry_pattern;
            name = ++retry_name;
        } else {
            return false;
        }
    }
    return *pattern == '\0';
}

/* SPDX-License-Identifier: MIT */
/* A command's options as one table, from which its parser, help, manual and completions derive. */
#ifndef VXA_OPTIONS_H
#define VXA_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum vxa_argument_kind {
    VXA_ARGUMENT_NONE,
    VXA_ARGUMENT_REQUIRED, /* -d DIR, -dDIR, --directory DIR, --directory=DIR */
    VXA_ARGUMENT_LIST,     /* zip's form: -x PATTERN PATTERN ... up to @, an option or the end */
};

/* One option. `letter` is 0 for a long name alone, `name` NULL for a letter alone. */
struct vxa_option {
    int id; /* what the program's handler switches on; unique in the table */
    char letter;
    const char *name;
    enum vxa_argument_kind argument_kind;
    const char *argument; /* its name in the help, such as "DIR" */
    const char *help;     /* one clause, no full stop */
};

/* Which words an argument of this name may be, between blanks. */
struct vxa_argument_words {
    const char *argument;
    const char *words;
};

struct vxa_option_table {
    const char *program;
    const char *usage;   /* after the program's name */
    const char *summary; /* one line on what the program does */
    const struct vxa_option *options;
    size_t option_count;
    /* After the options; may be NULL. Empty lines part paragraphs; one that begins "Exit status: "
     * consists of items "NUMBER MEANING" with semicolons between them. */
    const char *epilogue;
    /* Arguments that are one of a few words. One of the name DIR is a folder. */
    const struct vxa_argument_words *words;
    size_t words_count;
    bool options_first; /* what follows the first operand is an operand, too */
};

/* Called once per option (per value for LIST). False stops parsing with a usage error: the handler
 * has printed why. */
typedef bool vxa_option_handler(void *context, const struct vxa_option *option, const char *value);

/*
 * Parses argv: grouped letters, "--" ends the options, options may follow operands. Operands are
 * moved to the front of `operands` (room for argc pointers). Prints one message "PROGRAM: ..." and
 * returns false on an unknown option, a missing or an unwanted argument.
 */
bool vxa_options_parse(const struct vxa_option_table *table, int argc, char **argv,
                       vxa_option_handler *handler, void *context, const char **operands,
                       size_t *operand_count);

/* The help text, wrapped to 80 columns. */
void vxa_options_help(const struct vxa_option_table *table, FILE *stream);

/* The words that the option's argument may be, or NULL. */
const char *vxa_option_words(const struct vxa_option_table *table, const struct vxa_option *option);

#endif

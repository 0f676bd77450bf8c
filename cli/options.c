/* SPDX-License-Identifier: MIT */
/* How a command line is taken apart by a table, and how the same table becomes the help. */
#include "options.h"
#include "harmless.h"

#include <string.h>

enum { HELP_COLUMN = 26, HELP_WIDTH = 79, HELP_LEFT_ROOM = 128 };

/* A parse in progress: `argv[next]` is the argument to look at next. */
struct parse {
    const struct vxa_option_table *table;
    int argc, next;
    char **argv;
    vxa_option_handler *handler;
    void *context;
};

/* `option` is as the user has written it, `nbytes` of it. */
static bool complain(const struct parse *parse, const char *option, size_t nbytes, const char *text)
{
    fflush(stdout);
    fprintf(stderr, "%s: ", parse->table->program);
    vxa_print_name(stderr, option, nbytes);
    fprintf(stderr, ": %s; see --help\n", text);
    return false;
}

static const struct vxa_option *find_letter(const struct vxa_option_table *table, char letter)
{
    for (size_t i = 0; i < table->option_count; i++) {
        if (table->options[i].letter == letter)
            return &table->options[i];
    }
    return NULL;
}

static const struct vxa_option *find_name(const struct vxa_option_table *table, const char *name,
                                          size_t nbytes)
{
    for (size_t i = 0; i < table->option_count; i++) {
        const char *candidate = table->options[i].name;

        if (candidate && strlen(candidate) == nbytes && memcmp(candidate, name, nbytes) == 0)
            return &table->options[i];
    }
    return NULL;
}

const char *vxa_option_words(const struct vxa_option_table *table, const struct vxa_option *option)
{
    for (size_t i = 0; option->argument && i < table->words_count; i++) {
        if (strcmp(table->words[i].argument, option->argument) == 0)
            return table->words[i].words;
    }
    return NULL;
}

static bool is_option(const char *argument)
{
    return argument[0] == '-' && argument[1] != '\0';
}

/* The values of a list from the arguments that follow; the `@` that may end it is taken, too. */
static bool take_list(struct parse *parse, const struct vxa_option *option, const char *written,
                      size_t nbytes)
{
    size_t count = 0;

    while (parse->next < parse->argc && !is_option(parse->argv[parse->next])) {
        const char *value = parse->argv[parse->next++];

        if (strcmp(value, "@") == 0)
            break;
        if (!parse->handler(parse->context, option, value))
            return false;
        count++;
    }
    return count > 0 || complain(parse, written, nbytes, "an argument is missing");
}

/* An option with an argument that is `attached` to it, or, when that is NULL, follows it. */
static bool take_argument(struct parse *parse, const struct vxa_option *option,
                          const char *attached, const char *written, size_t nbytes)
{
    if (attached)
        return parse->handler(parse->context, option, attached);
    if (option->argument_kind == VXA_ARGUMENT_LIST)
        return take_list(parse, option, written, nbytes);
    if (parse->next == parse->argc)
        return complain(parse, written, nbytes, "an argument is missing");
    return parse->handler(parse->context, option, parse->argv[parse->next++]);
}

static bool take_long(struct parse *parse, const char *written)
{
    const char *equals = strchr(written, '=');
    size_t nbytes = equals ? (size_t)(equals - written) : strlen(written);
    const struct vxa_option *option = find_name(parse->table, written + 2, nbytes - 2);

    if (!option)
        return complain(parse, written, nbytes, "no such option");
    if (option->argument_kind != VXA_ARGUMENT_NONE)
        return take_argument(parse, option, equals ? equals + 1 : NULL, written, nbytes);
    if (equals)
        return complain(parse, written, nbytes, "it takes no argument");
    return parse->handler(parse->context, option, NULL);
}

/* `written` is one or more letters after a hyphen. */
static bool take_letters(struct parse *parse, const char *written)
{
    for (const char *at = written + 1; *at != '\0'; at++) {
        const struct vxa_option *option = find_letter(parse->table, *at);
        char alone[] = {'-', *at, '\0'};

        if (!option)
            return complain(parse, alone, (unsigned char)*at < 0x80 ? 2 : 1, "no such option");
        if (option->argument_kind != VXA_ARGUMENT_NONE)
            return take_argument(parse, option, at[1] != '\0' ? at + 1 : NULL, alone, 2);
        if (!parse->handler(parse->context, option, NULL))
            return false;
    }
    return true;
}

bool vxa_options_parse(const struct vxa_option_table *table, int argc, char **argv,
                       vxa_option_handler *handler, void *context, const char **operands,
                       size_t *operand_count)
{
    struct parse parse = {table, argc, 1, argv, handler, context};
    bool options_over = false;

    *operand_count = 0;
    while (parse.next < argc) {
        const char *argument = argv[parse.next++];
        bool ok = true;

        if (options_over || !is_option(argument)) {
            operands[(*operand_count)++] = argument;
            options_over = options_over || table->options_first;
        } else if (strcmp(argument, "--") == 0) {
            options_over = true;
        } else {
            ok = argument[1] == '-' ? take_long(&parse, argument) : take_letters(&parse, argument);
        }
        if (!ok)
            return false;
    }
    return true;
}

/* ---- help ---- */

/* Prints `text` from `column` on, broken at spaces; further lines begin at `indent`. */
static void print_wrapped(FILE *stream, const char *text, size_t column, size_t indent)
{
    bool at_start = true;

    while (*text != '\0') {
        size_t nbytes = strcspn(text, " \n");

        if (!at_start && column + 1 + nbytes > HELP_WIDTH) {
            fprintf(stream, "\n%*s", (int)indent, "");
            column = indent;
        } else if (!at_start) {
            putc(' ', stream);
            column++;
        }
        fwrite(text, 1, nbytes, stream);
        column += nbytes;
        at_start = false;
        text += nbytes;
        for (; *text == ' ' || *text == '\n'; text++) {
            if (*text != '\n')
                continue;
            fprintf(stream, "\n%*s", (int)indent, "");
            column = indent;
            at_start = true;
        }
    }
    putc('\n', stream);
}

/* Such as "  -d, --directory=DIR". */
static size_t left_text(const struct vxa_option *option, char *text)
{
    bool both = option->letter && option->name;
    const char *dots = option->argument_kind == VXA_ARGUMENT_LIST ? "..." : "";
    const char *argument = option->argument_kind == VXA_ARGUMENT_NONE ? "" : option->argument;
    const char *joint = *argument == '\0' ? "" : option->name && *dots == '\0' ? "=" : " ";
    char letter[] = {'-', option->letter, '\0'};
    int count = snprintf(text, HELP_LEFT_ROOM, "  %s%s%s%s%s%s%s", option->letter ? letter : "    ",
                         both ? ", " : "", option->name ? "--" : "",
                         option->name ? option->name : "", joint, argument, dots);

    return count < 0 ? 0 : (size_t)count;
}

void vxa_options_help(const struct vxa_option_table *table, FILE *stream)
{
    char left[HELP_LEFT_ROOM];

    fprintf(stream, "Usage: %s %s\n", table->program, table->usage);
    print_wrapped(stream, table->summary, 0, 0);
    fputs("\nOptions:\n", stream);
    for (size_t i = 0; i < table->option_count; i++) {
        size_t nbytes = left_text(&table->options[i], left);

        fputs(left, stream);
        if (nbytes + 2 > HELP_COLUMN)
            fprintf(stream, "\n%*s", HELP_COLUMN, "");
        else
            fprintf(stream, "%*s", (int)(HELP_COLUMN - nbytes), "");
        print_wrapped(stream, table->options[i].help, HELP_COLUMN, HELP_COLUMN);
    }
    if (table->epilogue) {
        putc('\n', stream);
        print_wrapped(stream, table->epilogue, 0, 0);
    }
}

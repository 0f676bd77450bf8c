/* SPDX-License-Identifier: MIT */
/* How a table of options is said in mdoc, and in the words of bash, zsh and fish. */
#include "describe.h"

#include <string.h>

/* Rows that only stand for the steps between two others. */
static bool is_said(const struct vxa_option *option)
{
    return strcmp(option->help, "...") != 0;
}

static bool is_folder(const struct vxa_option *option)
{
    return option->argument && strcmp(option->argument, "DIR") == 0;
}

/* ---- mdoc ---- */

enum { PAGE_WIDTH = 76 };

/* One word: hyphens of options stay hyphens, and nothing is a request. */
static size_t print_mdoc_word(FILE *stream, const char *word, size_t nbytes)
{
    size_t count = 0;

    for (size_t i = 0; i < nbytes; i++) {
        if (word[i] == '\\')
            count += (size_t)fprintf(stream, "\\e");
        else if (word[i] == '-')
            count += (size_t)fprintf(stream, "\\-");
        else if (i == 0 && (word[i] == '.' || word[i] == '\''))
            count += (size_t)fprintf(stream, "\\&%c", word[i]);
        else
            count += putc(word[i], stream) != EOF;
    }
    return count;
}

/* Text of `nbytes`, in lines; a sentence begins a line, as mdoc wants it. */
static void print_mdoc_text(FILE *stream, const char *text, size_t nbytes)
{
    const char *end = text + nbytes;
    size_t column = 0;
    bool sentence_over = false;

    while (text < end) {
        size_t length = strcspn(text, " \n");

        if (text + length > end)
            length = (size_t)(end - text);
        if (column > 0 && (sentence_over || column + 1 + length > PAGE_WIDTH)) {
            putc('\n', stream);
            column = 0;
        } else if (column > 0) {
            putc(' ', stream);
            column++;
        }
        column += print_mdoc_word(stream, text, length);
        sentence_over = length > 0 && text[length - 1] == '.';
        text += length;
        while (text < end && (*text == ' ' || *text == '\n'))
            text++;
    }
    putc('\n', stream);
}

static void print_mdoc_item(FILE *stream, const struct vxa_option *option)
{
    bool has_argument = option->argument_kind != VXA_ARGUMENT_NONE;
    bool is_list = option->argument_kind == VXA_ARGUMENT_LIST;

    fputs(".It ", stream);
    if (option->letter)
        fprintf(stream, "Fl %c", option->letter);
    if (option->letter && has_argument && !is_list)
        fprintf(stream, " Ar %s", option->argument);
    if (option->letter && option->name)
        fputs(" , ", stream);
    if (option->name)
        fprintf(stream, "Fl \\-%s", option->name);
    if (is_list)
        fprintf(stream, " Ar %s ...", option->argument);
    else if (option->name && has_argument)
        fprintf(stream, " Ns = Ns Ar %s", option->argument);
    putc('\n', stream);
    print_mdoc_text(stream, option->help, strlen(option->help));
}

static const char status_label[] = "Exit status: ";

static bool is_status(const char *paragraph)
{
    return strncmp(paragraph, status_label, sizeof(status_label) - 1) == 0;
}

/* The length of the paragraph at `text`, and at `*next` the start of the next one. */
static size_t paragraph_nbytes(const char *text, const char **next)
{
    const char *end = strstr(text, "\n\n");

    *next = end ? end + 2 : text + strlen(text);
    return end ? (size_t)(end - text) : strlen(text);
}

static void describe_man_options(const struct vxa_option_table *table, FILE *stream)
{
    fputs(".Bl -tag -width Ds\n", stream);
    for (size_t i = 0; i < table->option_count; i++) {
        if (is_said(&table->options[i]))
            print_mdoc_item(stream, &table->options[i]);
    }
    fputs(".El\n", stream);
    for (const char *text = table->epilogue, *next; text && *text != '\0'; text = next) {
        size_t nbytes = paragraph_nbytes(text, &next);

        if (is_status(text))
            continue;
        fputs(".Pp\n", stream);
        print_mdoc_text(stream, text, nbytes);
    }
}

/* One "NUMBER MEANING", or words without a number. */
static void print_status_item(FILE *stream, const char *item, size_t nbytes)
{
    size_t number_nbytes = item[0] >= '0' && item[0] <= '9' ? strcspn(item, " ") : 0;

    fprintf(stream, ".It %.*s\n", number_nbytes > 0 ? (int)number_nbytes : 1,
            number_nbytes > 0 ? item : "*");
    print_mdoc_text(stream, item + number_nbytes + (number_nbytes > 0),
                    nbytes - number_nbytes - (number_nbytes > 0));
}

static void describe_man_status(const struct vxa_option_table *table, FILE *stream)
{
    const char *text = table->epilogue, *next;

    for (; text && *text != '\0' && !is_status(text); text = next)
        (void)paragraph_nbytes(text, &next);
    if (!text || *text == '\0')
        return;
    const char *end = text + paragraph_nbytes(text, &next);

    if (end[-1] == '.')
        end--;
    fputs(".Bl -tag -width 128+n -compact\n", stream);
    for (text += sizeof(status_label) - 1; text < end;) {
        const char *semicolon = strstr(text, "; ");
        const char *stop = semicolon && semicolon < end ? semicolon : end;

        print_status_item(stream, text, (size_t)(stop - text));
        text = stop == end ? end : stop + 2;
    }
    fputs(".El\n", stream);
}

/* ---- shells ---- */

/* Enough of the help for a menu: its first clause, `*nbytes` of it. */
static const char *brief(const struct vxa_option *option, size_t *nbytes)
{
    const char *colon = strstr(option->help, ": ");

    *nbytes = strcspn(option->help, ";");
    if (colon && (size_t)(colon - option->help) < *nbytes)
        *nbytes = (size_t)(colon - option->help);
    return option->help;
}

/* Text between single quotes in which each of `special` has a backslash before it, and a quote is
 * `quote`. */
static void print_quoted(FILE *stream, const char *text, size_t nbytes, const char *special,
                         const char *quote)
{
    for (size_t i = 0; i < nbytes; i++) {
        if (text[i] == '\'')
            fputs(quote, stream);
        else if (strchr(special, text[i]))
            fprintf(stream, "\\%c", text[i]);
        else
            putc(text[i], stream);
    }
}

/* "-d|--directory" */
static void print_alternatives(FILE *stream, const struct vxa_option *option, const char *between)
{
    if (option->letter)
        fprintf(stream, "-%c", option->letter);
    if (option->letter && option->name)
        fputs(between, stream);
    if (option->name)
        fprintf(stream, "--%s", option->name);
}

/* What follows an option that takes an argument. */
static void print_bash_case(FILE *stream, const struct vxa_option_table *table,
                            const struct vxa_option *option)
{
    const char *words = vxa_option_words(table, option);

    fputs("    ", stream);
    print_alternatives(stream, option, "|");
    fputs(")\n", stream);
    if (is_folder(option))
        fputs("      compopt -o filenames\n"
              "      mapfile -t COMPREPLY < <(compgen -d -- \"$word\")\n",
              stream);
    else if (words)
        fprintf(stream, "      mapfile -t COMPREPLY < <(compgen -W '%s' -- \"$word\")\n", words);
    fputs("      return ;;\n", stream);
}

static void print_bash_words(FILE *stream, const struct vxa_option_table *table)
{
    for (size_t i = 0; i < table->option_count; i++) {
        const struct vxa_option *option = &table->options[i];

        if (i > 0)
            putc(' ', stream);
        print_alternatives(stream, option, " ");
        if (option->name && option->argument_kind == VXA_ARGUMENT_REQUIRED)
            putc('=', stream);
    }
}

/* Bash makes words of their own of the equals signs. */
static void describe_bash(const struct vxa_option_table *table, FILE *stream)
{
    fprintf(stream,
            "# Completion of %s for bash, made from the program's table of options.\n"
            "_%s() {\n"
            "  local word=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD - 1]}\n"
            "  COMPREPLY=()\n"
            "  [[ $option != = ]] || option=${COMP_WORDS[COMP_CWORD - 2]}\n"
            "  [[ $word != = ]] || word=\n"
            "  case $option in\n",
            table->program, table->program);
    for (size_t i = 0; i < table->option_count; i++) {
        if (table->options[i].argument_kind != VXA_ARGUMENT_NONE)
            print_bash_case(stream, table, &table->options[i]);
    }
    fputs("  esac\n"
          "  [[ $word == -* ]] || return\n"
          "  mapfile -t COMPREPLY < <(compgen -W '",
          stream);
    print_bash_words(stream, table);
    fprintf(stream,
            "' -- \"$word\")\n"
            "  [[ ${COMPREPLY[*]} != *= ]] || compopt -o nospace\n"
            "}\n"
            "complete -o bashdefault -o default -F _%s %s\n",
            table->program, table->program);
}

/* One option in the form of _arguments, as one or, with `letter` and name, as one of two. */
static void print_zsh_option(FILE *stream, const struct vxa_option_table *table,
                             const struct vxa_option *option, bool as_letter)
{
    const char *words = vxa_option_words(table, option);
    bool has_argument = option->argument_kind != VXA_ARGUMENT_NONE;
    size_t nbytes;
    const char *text = brief(option, &nbytes);

    fputs("  '", stream);
    if (option->argument_kind == VXA_ARGUMENT_LIST)
        putc('*', stream);
    if (as_letter)
        fprintf(stream, "-%c%s", option->letter, has_argument ? "+" : "");
    else
        fprintf(stream, "--%s%s", option->name, has_argument ? "=" : "");
    putc('[', stream);
    print_quoted(stream, text, nbytes, "[]\\", "'\\''");
    putc(']', stream);
    if (has_argument)
        fprintf(stream, ":%s:", option->argument);
    if (is_folder(option))
        fputs("_files -/", stream);
    else if (words)
        fprintf(stream, "(%s)", words);
    fputs("' \\\n", stream);
}

static void describe_zsh(const struct vxa_option_table *table, FILE *stream)
{
    fprintf(stream,
            "#compdef %s\n"
            "# Completion of %s for zsh, made from the program's table of options.\n"
            "_arguments -s -S \\\n",
            table->program, table->program);
    for (size_t i = 0; i < table->option_count; i++) {
        if (table->options[i].letter)
            print_zsh_option(stream, table, &table->options[i], true);
        if (table->options[i].name)
            print_zsh_option(stream, table, &table->options[i], false);
    }
    fputs("  '*:file:_files'\n", stream);
}

static void describe_fish(const struct vxa_option_table *table, FILE *stream)
{
    fprintf(stream, "# Completion of %s for fish, made from the program's table of options.\n",
            table->program);
    for (size_t i = 0; i < table->option_count; i++) {
        const struct vxa_option *option = &table->options[i];
        const char *words = vxa_option_words(table, option);
        size_t nbytes;
        const char *text = brief(option, &nbytes);

        fprintf(stream, "complete -c %s", table->program);
        if (option->letter)
            fprintf(stream, " -s %c", option->letter);
        if (option->name)
            fprintf(stream, " -l %s", option->name);
        if (is_folder(option))
            fputs(" -x -a '(__fish_complete_directories)'", stream);
        else if (words)
            fprintf(stream, " -x -a '%s'", words);
        else if (option->argument_kind != VXA_ARGUMENT_NONE)
            fputs(" -x", stream);
        fputs(" -d '", stream);
        print_quoted(stream, text, nbytes, "\\", "\\'");
        fputs("'\n", stream);
    }
}

/* ---- the forms ---- */

bool vxa_options_describe(const struct vxa_option_table *table, const char *form, FILE *stream)
{
    static const struct {
        const char *name;
        void (*describe)(const struct vxa_option_table *table, FILE *stream);
    } forms[] = {
        {"man-options", describe_man_options},
        {"man-status", describe_man_status},
        {"bash", describe_bash},
        {"zsh", describe_zsh},
        {"fish", describe_fish},
    };

    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if (strcmp(forms[i].name, form) == 0) {
            forms[i].describe(table, stream);
            return true;
        }
    }
    return false;
}

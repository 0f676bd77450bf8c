/* SPDX-License-Identifier: MIT */
/* Knows how command lines are taken apart by a table of options, and what the help looks like. */
#include "support/test.h"

#include "options.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ID_QUIET, ID_NINE, ID_DIR, ID_ENGINE, ID_EXCLUDE, ID_REJECTED };

static const struct vxa_option options[] = {
    {ID_QUIET, 'q', "quiet", VXA_ARGUMENT_NONE, NULL, "say nothing"},
    {ID_NINE, '9', NULL, VXA_ARGUMENT_NONE, NULL, "a letter that is a digit"},
    {ID_DIR, 'd', "directory", VXA_ARGUMENT_REQUIRED, "DIR", "go there"},
    {ID_ENGINE, 0, "engine", VXA_ARGUMENT_REQUIRED, "ENGINE",
     "a long text that has to be broken into several lines, since it does not fit into one, not "
     "even into two of them if words count, and they do"},
    {ID_EXCLUDE, 'x', "exclude", VXA_ARGUMENT_LIST, "PATTERN", "leave out"},
    {ID_REJECTED, 0, "rejected", VXA_ARGUMENT_NONE, NULL, "the handler does not like it"},
};

static const struct vxa_option_table table = {
    .program = "prog",
    .usage = "[OPTION]... FILE",
    .summary = "Does something.",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .epilogue = "First paragraph.\n\nSecond paragraph.",
};

/* What the handler was told, as text: "d(DIR) q() ". */
struct log {
    char text[512];
};

static bool take(void *context, const struct vxa_option *option, const char *value)
{
    static const char letters[] = "q9dexr";
    struct log *log = context;
    size_t nbytes = strlen(log->text);

    (void)snprintf(log->text + nbytes, sizeof(log->text) - nbytes, "%c(%s) ", letters[option->id],
                   value ? value : "");
    return option->id != ID_REJECTED;
}

/* Sends stderr into a file while a command line is parsed, and returns what came there. */
static const char *message_of(int argc, char **argv, bool *ok, struct log *log,
                              const char **operands, size_t *operand_count)
{
    static char message[1024];
    FILE *file = tmpfile();
    int saved = dup(STDERR_FILENO);

    log->text[0] = '\0';
    fflush(stderr);
    dup2(fileno(file), STDERR_FILENO);
    *ok = vxa_options_parse(&table, argc, argv, take, log, operands, operand_count);
    fflush(stderr);
    dup2(saved, STDERR_FILENO);
    close(saved);
    rewind(file);
    message[fread(message, 1, sizeof(message) - 1, file)] = '\0';
    fclose(file);
    return message;
}

/* Parses a command line of words between blanks; compares options, operands ("a b ") and message.
 */
static void check(int line, const char *words, const char *taken, const char *operand_text,
                  const char *message)
{
    char *copy = strdup(words);
    char *argv[32] = {(char *)"prog"};
    const char *operands[32];
    char joined[512] = "";
    struct log log;
    size_t operand_count;
    bool ok;
    int argc = 1;

    for (char *word = strtok(copy, " "); word; word = strtok(NULL, " "))
        argv[argc++] = word;
    const char *said = message_of(argc, argv, &ok, &log, operands, &operand_count);

    for (size_t i = 0; i < operand_count; i++)
        strcat(strcat(joined, operands[i]), " ");
    if (ok != (message == NULL) || strcmp(said, message ? message : "") != 0 ||
        strcmp(log.text, taken) != 0 || (operand_text && strcmp(joined, operand_text) != 0)) {
        test_fail(__FILE__, line, words);
        fprintf(stderr, "  got: %s| %s| %s\n", log.text, joined, said);
    }
    free(copy);
}

#define ACCEPTS(words, taken, operands) check(__LINE__, words, taken, operands, NULL)
#define REFUSES(words, taken, message)  check(__LINE__, words, taken, NULL, message)

static void letters_can_be_grouped(void)
{
    ACCEPTS("-q", "q() ", "");
    ACCEPTS("-q9q", "q() 9() q() ", "");
    ACCEPTS("-9 -q", "9() q() ", "");
}

static void an_argument_is_attached_or_follows(void)
{
    ACCEPTS("-d dir", "d(dir) ", "");
    ACCEPTS("-ddir", "d(dir) ", "");
    ACCEPTS("-qd dir", "q() d(dir) ", "");
    ACCEPTS("-qddir", "q() d(dir) ", "");
    ACCEPTS("--directory dir", "d(dir) ", "");
    ACCEPTS("--directory=dir", "d(dir) ", "");
    ACCEPTS("--directory=", "d() ", "");
    ACCEPTS("--directory=a=b", "d(a=b) ", "");
    ACCEPTS("-d -q", "d(-q) ", "");
}

static void options_and_operands_mix_until_two_hyphens(void)
{
    ACCEPTS("a -q b --engine=e c", "q() e(e) ", "a b c ");
    ACCEPTS("a -- -q --engine", "", "a -q --engine ");
    ACCEPTS("-- --", "", "-- ");
    ACCEPTS("- -q", "q() ", "- ");
    ACCEPTS("", "", "");
}

static void a_list_ends_at_the_sign_an_option_or_the_end(void)
{
    ACCEPTS("a -x b c", "x(b) x(c) ", "a ");
    ACCEPTS("-x b c @ d", "x(b) x(c) ", "d ");
    ACCEPTS("-x b c -q d", "x(b) x(c) q() ", "d ");
    ACCEPTS("-x b -- -q", "x(b) ", "-q ");
    ACCEPTS("--exclude b c @ d", "x(b) x(c) ", "d ");
    ACCEPTS("-x - @ d", "x(-) ", "d ");
}

static void an_attached_value_of_a_list_is_the_only_one(void)
{
    ACCEPTS("-xb c", "x(b) ", "c ");
    ACCEPTS("--exclude=b c", "x(b) ", "c ");
}

static void mistakes_are_told_in_one_line(void)
{
    REFUSES("-z", "", "prog: -z: no such option; see --help\n");
    REFUSES("-qz", "q() ", "prog: -z: no such option; see --help\n");
    REFUSES("--quie", "", "prog: --quie: no such option; see --help\n");
    REFUSES("--quiet2=x", "", "prog: --quiet2: no such option; see --help\n");
    REFUSES("--quiet=x", "", "prog: --quiet: it takes no argument; see --help\n");
    REFUSES("-d", "", "prog: -d: an argument is missing; see --help\n");
    REFUSES("--engine", "", "prog: --engine: an argument is missing; see --help\n");
    REFUSES("-x", "", "prog: -x: an argument is missing; see --help\n");
    REFUSES("-x @ a", "", "prog: -x: an argument is missing; see --help\n");
    REFUSES("-x -q", "", "prog: -x: an argument is missing; see --help\n");
    REFUSES("-\033", "", "prog: -\\033: no such option; see --help\n");
}

static void a_handler_that_refuses_ends_it(void)
{
    REFUSES("--rejected -q", "r() ", "");
}

static void the_help_is_wrapped_to_80_columns(void)
{
    static const char expected[] =
        "Usage: prog [OPTION]... FILE\n"
        "Does something.\n"
        "\n"
        "Options:\n"
        "  -q, --quiet             say nothing\n"
        "  -9                      a letter that is a digit\n"
        "  -d, --directory=DIR     go there\n"
        "      --engine=ENGINE     a long text that has to be broken into several lines,\n"
        "                          since it does not fit into one, not even into two of\n"
        "                          them if words count, and they do\n"
        "  -x, --exclude PATTERN...\n"
        "                          leave out\n"
        "      --rejected          the handler does not like it\n"
        "\n"
        "First paragraph.\n"
        "\n"
        "Second paragraph.\n";
    char *text = NULL;
    size_t nbytes = 0;
    FILE *stream = open_memstream(&text, &nbytes);

    vxa_options_help(&table, stream);
    fclose(stream);
    CHECK(strcmp(text, expected) == 0);
    free(text);
}

int main(void)
{
    RUN(letters_can_be_grouped);
    RUN(an_argument_is_attached_or_follows);
    RUN(options_and_operands_mix_until_two_hyphens);
    RUN(a_list_ends_at_the_sign_an_option_or_the_end);
    RUN(an_attached_value_of_a_list_is_the_only_one);
    RUN(mistakes_are_told_in_one_line);
    RUN(a_handler_that_refuses_ends_it);
    RUN(the_help_is_wrapped_to_80_columns);
    return test_report();
}

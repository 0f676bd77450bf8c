/* SPDX-License-Identifier: MIT */
/* Knows how names of strangers are printed, and which of two exit statuses counts. */
#include "support/test.h"

#include "message.h"

#include <stdlib.h>
#include <string.h>

static bool prints(const char *name, size_t nbytes, const char *expected)
{
    char *text = NULL;
    size_t text_nbytes = 0;
    FILE *stream = open_memstream(&text, &text_nbytes);

    vxa_print_name(stream, name, nbytes);
    fclose(stream);
    bool same = strcmp(text, expected) == 0;

    if (!same)
        fprintf(stderr, "  printed: %s\n", text);
    free(text);
    return same;
}

#define PRINTS(name, expected) CHECK(prints(name, sizeof(name) - 1, expected))

static void printable_text_stays_as_it_is(void)
{
    PRINTS("", "");
    PRINTS("a b/c.~", "a b/c.~");
    PRINTS("gr\xc3\xbcn \xe2\x82\xac \xf0\x9f\x98\x80",
           "gr\xc3\xbcn \xe2\x82\xac \xf0\x9f\x98\x80");
}

static void control_characters_are_escaped(void)
{
    PRINTS("\a\b\t\n\v\f\r", "\\a\\b\\t\\n\\v\\f\\r");
    PRINTS("\x1b[2J\x7f", "\\033[2J\\177");
    PRINTS("a\0b", "a\\000b");
    PRINTS("\\n", "\\\\n");
    PRINTS("\xc2\x9b\xc2\x85", "\\302\\233\\302\\205");
    PRINTS("\xc2\xa0", "\xc2\xa0");
}

static void marks_of_direction_and_line_separators_are_escaped(void)
{
    PRINTS("\xe2\x80\xae", "\\342\\200\\256");
    PRINTS("\xe2\x81\xa6", "\\342\\201\\246");
    PRINTS("\xe2\x80\xa8", "\\342\\200\\250");
    PRINTS("\xe2\x80\x93", "\xe2\x80\x93");
}

static void bytes_that_are_no_utf8_are_escaped(void)
{
    PRINTS("\xff", "\\377");
    PRINTS("\xc3", "\\303");
    PRINTS("\xc3(", "\\303(");
    PRINTS("\xc0\x80", "\\300\\200");
    PRINTS("\xe0\x9f\xbf", "\\340\\237\\277");
    PRINTS("\xed\xa0\x80", "\\355\\240\\200");
    PRINTS("\xf4\x90\x80\x80", "\\364\\220\\200\\200");
    CHECK(prints("\xe2\x82\xac", 2, "\\342\\202"));
}

static void the_graver_status_counts(void)
{
    CHECK_EQ_U64(vxa_graver(VXA_EXIT_OK, VXA_EXIT_WARNING), VXA_EXIT_WARNING);
    CHECK_EQ_U64(vxa_graver(VXA_EXIT_UNSUPPORTED, VXA_EXIT_ERROR), VXA_EXIT_ERROR);
    CHECK_EQ_U64(vxa_graver(VXA_EXIT_ERROR, VXA_EXIT_NO_MATCH), VXA_EXIT_ERROR);
    CHECK_EQ_U64(vxa_graver(VXA_EXIT_DISK_FULL, VXA_EXIT_UNSUPPORTED), VXA_EXIT_DISK_FULL);
    CHECK_EQ_U64(vxa_graver(VXA_EXIT_ERROR, VXA_EXIT_INTERRUPTED), VXA_EXIT_INTERRUPTED);
    CHECK_EQ_U64(vxa_graver(VXA_EXIT_OK, VXA_EXIT_OK), VXA_EXIT_OK);
}

int main(void)
{
    RUN(printable_text_stays_as_it_is);
    RUN(control_characters_are_escaped);
    RUN(marks_of_direction_and_line_separators_are_escaped);
    RUN(bytes_that_are_no_utf8_are_escaped);
    RUN(the_graver_status_counts);
    return test_report();
}

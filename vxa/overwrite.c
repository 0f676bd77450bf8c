/* SPDX-License-Identifier: MIT */
/* The question on the terminal and its answers. */
#include "overwrite.h"
#include "message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

/* One line without its end, to be freed; NULL at the end of input. */
static char *read_line(void)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t nbytes = getline(&line, &room, stdin);

    if (nbytes < 0) {
        free(line);
        return NULL;
    }
    line[strcspn(line, "\r\n")] = '\0';
    return line;
}

static char *ask_new_name(void)
{
    fputs("new name: ", stderr);
    char *name = read_line();

    if (name && *name == '\0') {
        free(name);
        return NULL;
    }
    return name;
}

/* False: the answer is none of the known ones. */
static bool understand(char letter, enum vxa_overwrite *policy, enum vxa_answer *answer)
{
    switch (letter) {
    case 'y':
    case 'Y': *answer = VXA_ANSWER_REPLACE; return true;
    case 'n': *answer = VXA_ANSWER_KEEP; return true;
    case 'A':
        *policy = VXA_OVERWRITE_ALWAYS;
        *answer = VXA_ANSWER_REPLACE;
        return true;
    case 'N':
        *policy = VXA_OVERWRITE_NEVER;
        *answer = VXA_ANSWER_KEEP;
        return true;
    case 'r':
    case 'R': *answer = VXA_ANSWER_RENAME; return true;
    default: return false;
    }
}

static enum vxa_answer ask(enum vxa_overwrite *policy, const char *name, char **new_name)
{
    for (;;) {
        enum vxa_answer answer;

        fflush(stdout);
        fputs("replace ", stderr);
        vxa_print_name(stderr, name, strlen(name));
        fputs("? [y]es, [n]o, [A]ll, [N]one, [r]ename: ", stderr);
        char *line = read_line();

        if (!line) {
            *policy = VXA_OVERWRITE_NEVER;
            return VXA_ANSWER_KEEP;
        }
        bool known = understand(line[0], policy, &answer);

        free(line);
        if (known && answer == VXA_ANSWER_RENAME)
            known = (*new_name = ask_new_name()) != NULL;
        if (known)
            return answer;
    }
}

enum vxa_answer vxa_overwrite_decide(enum vxa_overwrite *policy, const char *name, char **new_name)
{
    *new_name = NULL;
    switch (*policy) {
    case VXA_OVERWRITE_ALWAYS: return VXA_ANSWER_REPLACE;
    case VXA_OVERWRITE_NEVER: return VXA_ANSWER_KEEP;
    case VXA_OVERWRITE_ASK: break;
    }
    return isatty(STDIN_FILENO) ? ask(policy, name, new_name) : VXA_ANSWER_NONE;
}

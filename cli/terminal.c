/* SPDX-License-Identifier: MIT */
/* How a terminal is told from a file or pipe, and whether it may be coloured. */
#include "terminal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { DEFAULT_WIDTH = 80 };

bool vxa_is_terminal(FILE *stream)
{
    return isatty(fileno(stream)) == 1;
}

static bool shows_colour(FILE *stream)
{
    const char *forbidden = getenv("NO_COLOR");
    const char *terminal = getenv("TERM");

    return (!forbidden || *forbidden == '\0') && terminal && *terminal != '\0' &&
           strcmp(terminal, "dumb") != 0 && vxa_is_terminal(stream);
}

void vxa_colour_begin(FILE *stream, enum vxa_colour colour)
{
    if (shows_colour(stream))
        fprintf(stream, "\033[%dm", (int)colour);
}

void vxa_colour_end(FILE *stream)
{
    if (shows_colour(stream))
        fputs("\033[0m", stream);
}

size_t vxa_terminal_width(FILE *stream)
{
    struct winsize size;

    if (ioctl(fileno(stream), TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return DEFAULT_WIDTH;
    return size.ws_col;
}

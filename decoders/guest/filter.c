/* SPDX-License-Identifier: 0BSD */
/* Knows the two buffers, the exit statuses and the messages that all decoders share. */
#include <filter.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Long enough for every reason; a longer one is cut. */
enum { MESSAGE_LIMIT_NBYTES = 256 };

static size_t append(char *line, size_t nbytes, const char *text)
{
    size_t room_nbytes = MESSAGE_LIMIT_NBYTES - 1 - nbytes;
    size_t text_nbytes = strnlen(text, room_nbytes);
    memcpy(line + nbytes, text, text_nbytes);
    return nbytes + text_nbytes;
}

_Noreturn void filter_fail(const struct filter *filter, enum filter_status status,
                           const char *reason)
{
    char line[MESSAGE_LIMIT_NBYTES];
    size_t nbytes = append(line, 0, filter->name);
    nbytes = append(line, nbytes, ": ");
    nbytes = append(line, nbytes, reason);
    line[nbytes++] = '\n';
    (void)write(STDERR_FILENO, line, nbytes);
    exit((int)status);
}

void filter_open(struct filter *filter, const char *name)
{
    filter->name = name;
    filter->in = malloc(FILTER_BUFFER_NBYTES);
    filter->out = malloc(FILTER_BUFFER_NBYTES);
    if (!filter->in || !filter->out)
        filter_fail(filter, FILTER_NO_MEMORY, "out of memory");
}

bool filter_option(const struct filter *filter, int argc, char **argv, const char *option)
{
    if (argc <= 1)
        return false;
    if (argc == 2 && strcmp(argv[1], option) == 0)
        return true;
    char reason[MESSAGE_LIMIT_NBYTES];
    size_t nbytes = append(reason, 0, "usage: ");
    nbytes = append(reason, nbytes, filter->name);
    nbytes = append(reason, nbytes, " [");
    nbytes = append(reason, nbytes, option);
    nbytes = append(reason, nbytes, "] < encoded > decoded");
    reason[nbytes] = 0;
    filter_fail(filter, FILTER_BAD_USAGE, reason);
}

size_t filter_read(const struct filter *filter, unsigned char *to, size_t nbytes)
{
    size_t done_nbytes = 0;
    while (done_nbytes < nbytes) {
        ssize_t part_nbytes = read(STDIN_FILENO, to + done_nbytes, nbytes - done_nbytes);
        if (part_nbytes < 0)
            filter_fail(filter, FILTER_BAD_IO, "cannot read the input");
        if (part_nbytes == 0)
            break;
        done_nbytes += (size_t)part_nbytes;
    }
    return done_nbytes;
}

size_t filter_fill(struct filter *filter)
{
    return filter_read(filter, filter->in, FILTER_BUFFER_NBYTES);
}

unsigned char *filter_read_all(const struct filter *filter, size_t *nbytes)
{
    size_t room_nbytes = 4 * FILTER_BUFFER_NBYTES;
    unsigned char *bytes = malloc(room_nbytes);
    *nbytes = 0;
    for (;;) {
        if (!bytes)
            filter_fail(filter, FILTER_NO_MEMORY, "out of memory");
        *nbytes += filter_read(filter, bytes + *nbytes, room_nbytes - *nbytes);
        if (*nbytes < room_nbytes)
            break;
        bytes = realloc(bytes, room_nbytes += room_nbytes / 2);
    }
    if (!*nbytes)
        filter_fail(filter, FILTER_BAD_DATA, "the input is empty");
    return bytes;
}

void filter_write(const struct filter *filter, const unsigned char *bytes, size_t nbytes)
{
    size_t done_nbytes = 0;
    while (done_nbytes < nbytes) {
        ssize_t part_nbytes = write(STDOUT_FILENO, bytes + done_nbytes, nbytes - done_nbytes);
        if (part_nbytes <= 0)
            filter_fail(filter, FILTER_BAD_IO, "cannot write the output");
        done_nbytes += (size_t)part_nbytes;
    }
}

void filter_flush(struct filter *filter, size_t nbytes)
{
    filter_write(filter, filter->out, nbytes);
}

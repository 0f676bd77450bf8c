/* SPDX-License-Identifier: MIT */
/* How a message is laid out, and what exit status a failure means. */
#include "message.h"
#include "terminal.h"

#include <string.h>

void vxa_message(const char *program, const char *archive, const char *member,
                 const struct vxa_failure *failure)
{
    fflush(stdout);
    fprintf(stderr, "%s: ", program);
    if (archive) {
        vxa_print_name(stderr, archive, strlen(archive));
        fputs(": ", stderr);
    }
    if (member) {
        vxa_print_name(stderr, member, strlen(member));
        fputs(": ", stderr);
    }
    vxa_colour_begin(stderr,
                     failure->kind > VXA_FAILURE_WARNING ? VXA_COLOUR_BAD : VXA_COLOUR_WARNING);
    vxa_print_text(stderr, failure->text, strlen(failure->text));
    vxa_colour_end(stderr);
    putc('\n', stderr);
}

int vxa_exit_status_of(enum vxa_failure_kind kind)
{
    switch (kind) {
    case VXA_FAILURE_NONE: return VXA_EXIT_OK;
    case VXA_FAILURE_WARNING: return VXA_EXIT_WARNING;
    case VXA_FAILURE_UNSUPPORTED:
    case VXA_FAILURE_NO_DECODER: return VXA_EXIT_UNSUPPORTED;
    case VXA_FAILURE_DATA:
    case VXA_FAILURE_DECODER:
    case VXA_FAILURE_LIMIT:
    case VXA_FAILURE_UNSAFE:
    case VXA_FAILURE_IO: return VXA_EXIT_ERROR;
    case VXA_FAILURE_NOT_ZIP: return VXA_EXIT_NO_FILE;
    case VXA_FAILURE_DISK_FULL: return VXA_EXIT_DISK_FULL;
    case VXA_FAILURE_MEMORY: return VXA_EXIT_MEMORY;
    case VXA_FAILURE_INTERRUPTED: return VXA_EXIT_INTERRUPTED;
    }
    return VXA_EXIT_ERROR;
}

int vxa_graver(int a, int b)
{
    static const int rising[] = {
        VXA_EXIT_OK,          VXA_EXIT_WARNING, VXA_EXIT_NO_MATCH,  VXA_EXIT_UNSUPPORTED,
        VXA_EXIT_ERROR,       VXA_EXIT_SEVERE,  VXA_EXIT_NO_FILE,   VXA_EXIT_USAGE,
        VXA_EXIT_END_OF_FILE, VXA_EXIT_MEMORY,  VXA_EXIT_DISK_FULL, VXA_EXIT_INTERRUPTED,
    };

    for (size_t i = sizeof(rising) / sizeof(rising[0]); i-- > 0;) {
        if (rising[i] == a || rising[i] == b)
            return rising[i];
    }
    return a > b ? a : b;
}

/* SPDX-License-Identifier: MIT */
/* What becomes of a file that is in the way of a member. */
#ifndef VXA_OVERWRITE_H
#define VXA_OVERWRITE_H

#include <stdbool.h>

enum vxa_overwrite { VXA_OVERWRITE_ASK, VXA_OVERWRITE_ALWAYS, VXA_OVERWRITE_NEVER };

enum vxa_answer {
    VXA_ANSWER_REPLACE,
    VXA_ANSWER_KEEP,
    VXA_ANSWER_RENAME,
    VXA_ANSWER_NONE, /* there is nobody to ask */
};

/*
 * Decides by the policy, or asks on the terminal, where "All" and "None" change the policy. With
 * RENAME, `*new_name` is to be freed. A signal or the end of input means KEEP.
 */
enum vxa_answer vxa_overwrite_decide(enum vxa_overwrite *policy, const char *name, char **new_name);

#endif

/* SPDX-License-Identifier: MIT */
/* Which codecs a file is tried with, in which order. */
#ifndef VXA_CHOOSE_H
#define VXA_CHOOSE_H

#include "codec.h"

/* What the user asks for. */
struct vxa_wish {
    const struct vxa_codec *codec; /* NULL: chosen for each file */
    int level;                     /* 1 to 9 */
    bool portable;                 /* only codecs that every ZIP program knows */
    uint64_t total_nbytes;         /* of all files together */
};

enum { VXA_CHOICE_MAX = 8 };

/* None: the file is stored. */
struct vxa_choice {
    const struct vxa_codec *codecs[VXA_CHOICE_MAX];
    size_t count;
    bool races; /* the smallest result counts; else the first */
};

/* `head` are the first bytes of the file. Samples of a large one are read and tried. */
void vxa_choose(const struct vxa_wish *wish, const struct vxa_original *original,
                const uint8_t *head, size_t head_nbytes, struct vxa_choice *choice);

#endif

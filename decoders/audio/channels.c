/* SPDX-License-Identifier: 0BSD */
/* Knows the table of loudspeakers in the Vorbis specification. */
#include "channels.h"

static const struct channels_order orders[CHANNELS_LIMIT + 1] = {
    [1] = {0x004, {0}},
    [2] = {0x003, {0, 1}},
    [3] = {0x007, {0, 2, 1}},                /* left, right, centre */
    [4] = {0x033, {0, 1, 2, 3}},             /* left, right, rear left, rear right */
    [5] = {0x037, {0, 2, 1, 3, 4}},          /* centre third */
    [6] = {0x03f, {0, 2, 1, 5, 3, 4}},       /* and then low frequencies */
    [7] = {0x70f, {0, 2, 1, 6, 5, 3, 4}},    /* rear centre before the sides */
    [8] = {0x63f, {0, 2, 1, 7, 5, 6, 3, 4}}, /* rear before the sides */
};

const struct channels_order *channels_order(unsigned channel_count)
{
    return &orders[channel_count];
}

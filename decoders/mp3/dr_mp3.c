/* SPDX-License-Identifier: 0BSD */
/* Knows dr_mp3, which is one header: only its decoding of single frames is used. */
#include <stdlib.h>
#include <string.h>

#define DR_MP3_IMPLEMENTATION
#include <dr_mp3.h>

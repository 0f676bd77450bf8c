/* SPDX-License-Identifier: 0BSD */
/* Knows the integers that libogg's configuration would find, and where libvorbis gets its memory.
 */
#ifndef VORBIS_OGG_CONFIG_TYPES_H
#define VORBIS_OGG_CONFIG_TYPES_H

#include <stddef.h>
#include <stdint.h>

typedef int16_t ogg_int16_t;
typedef uint16_t ogg_uint16_t;
typedef int32_t ogg_int32_t;
typedef uint32_t ogg_uint32_t;
typedef int64_t ogg_int64_t;
typedef uint64_t ogg_uint64_t;

/* libvorbis does not look at their results: they end the program instead of giving NULL. */
void *vorbis_malloc(size_t nbytes);
void *vorbis_calloc(size_t count, size_t item_nbytes);
void *vorbis_realloc(void *block, size_t nbytes);

#undef _ogg_malloc
#undef _ogg_calloc
#undef _ogg_realloc
#define _ogg_malloc  vorbis_malloc
#define _ogg_calloc  vorbis_calloc
#define _ogg_realloc vorbis_realloc

#endif

/* SPDX-License-Identifier: MIT */
/* The table of method names. */
#include "method_name.h"
#include "zip_format.h"

#include <stddef.h>

const char *vxa_method_name(uint16_t method)
{
    static const struct {
        uint16_t method;
        const char *name;
    } names[] = {
        {ZIP_METHOD_STORE, "stored"},
        {1, "shrink"},
        {6, "implode"},
        {ZIP_METHOD_DEFLATE, "deflate"},
        {9, "defl64"},
        {ZIP_METHOD_BZIP2, "bzip2"},
        {14, "LZMA"},
        {20, "zstdold"},
        {ZIP_METHOD_ZSTD, "zstd"},
        {94, "MP3"},
        {ZIP_METHOD_XZ, "xz"},
        {96, "JPEG"},
        {97, "WavPack"},
        {98, "PPMd"},
        {99, "AES"},
        {ZIP_METHOD_VXA, "VXA"},
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (names[i].method == method)
            return names[i].name;
    }
    return NULL;
}

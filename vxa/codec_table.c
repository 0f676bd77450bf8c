/* SPDX-License-Identifier: MIT */
/* The table of codecs.def as data, and the two ways to look a codec up. */
#include "codec.h"
#include "zip_format.h"

#include <string.h>

#define VXA_CODEC(codec_name, method_tag, version, is_portable, encoder, word, text)               \
    {                                                                                              \
        .name = codec_name,                                                                        \
        .method = method_tag,                                                                      \
        .version_needed = version,                                                                 \
        .portable = is_portable,                                                                   \
        .encode = encoder,                                                                         \
        .argument = word,                                                                          \
        .label = text,                                                                             \
    },
const struct vxa_codec vxa_codecs[] = {
#include "codecs.def"
};
#undef VXA_CODEC

const size_t vxa_codec_count = sizeof(vxa_codecs) / sizeof(vxa_codecs[0]);

const struct vxa_codec *vxa_codec_by_name(const char *name)
{
    for (size_t i = 0; i < vxa_codec_count; i++) {
        if (strcmp(vxa_codecs[i].name, name) == 0)
            return &vxa_codecs[i];
    }
    return NULL;
}

const struct vxa_codec *vxa_codec_by_method(uint16_t method)
{
    if (method == ZIP_METHOD_STORE || method == ZIP_METHOD_VXA)
        return NULL;
    for (size_t i = 0; i < vxa_codec_count; i++) {
        if (vxa_codecs[i].method == method)
            return &vxa_codecs[i];
    }
    return NULL;
}

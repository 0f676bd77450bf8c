/* SPDX-License-Identifier: MIT */
/* Which engines this build has, and in what order they are tried. */
#include "engine.h"

#include <stddef.h>

/* Sanitizers keep their own memory where a dedicated guest's would be. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define LOW_MEMORY_IS_TAKEN
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define LOW_MEMORY_IS_TAKEN
#endif

#ifdef VX_HAVE_X64
extern const struct vx_engine vx_engine_dedicated, vx_engine_embedded;
#endif

static const struct vx_engine *const known[] = {
#ifdef VX_HAVE_X64
#ifndef LOW_MEMORY_IS_TAKEN
    &vx_engine_dedicated,
#endif
    &vx_engine_embedded,
#endif
    &vx_engine_interpret,
    &vx_engine_strict,
};

static bool answers(const struct vx_engine *engine, enum vx32_engine kind)
{
    if (kind == VX32_ENGINE_AUTO)
        return engine->kind != VX32_ENGINE_STRICT;
    if (kind == VX32_ENGINE_TRANSLATE)
        return engine->kind == VX32_ENGINE_DEDICATED || engine->kind == VX32_ENGINE_EMBEDDED;
    return engine->kind == kind;
}

unsigned vx_engine_candidates(enum vx32_engine kind, const struct vx_engine **engines,
                              unsigned limit)
{
    unsigned count = 0;

    for (size_t i = 0; i < sizeof known / sizeof *known && count < limit; i++) {
        if (answers(known[i], kind))
            engines[count++] = known[i];
    }
    return count;
}

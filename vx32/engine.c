/* SPDX-License-Identifier: MIT */
/* Which engines this build has, and which of them is the default. */
#include "engine.h"

#include <stddef.h>

const struct vx_engine *vx_engine_find(enum vx32_engine kind)
{
    switch (kind) {
    case VX32_ENGINE_AUTO:
    case VX32_ENGINE_INTERPRET: return &vx_engine_interpret;
    case VX32_ENGINE_TRANSLATE: return NULL;
    }
    return NULL;
}

/* SPDX-License-Identifier: MIT */
/* A bit for each byte of the pages that are tracked; pages without a bitmap are written as a whole.
 */
#include "shadow.h"

#include "mem.h"

#include <stdlib.h>

enum { BITMAP_NBYTES = VX32_PAGE_NBYTES / 8 };

struct vx_shadow {
    uint8_t *bitmaps[VX_PAGE_COUNT];
    uint8_t nothing_written[BITMAP_NBYTES]; /* shared by all pages that nobody has written to */
};

struct vx_shadow *vx_shadow_new(void)
{
    return calloc(1, sizeof(struct vx_shadow));
}

void vx_shadow_free(struct vx_shadow *shadow)
{
    if (shadow != NULL)
        vx_shadow_forget(shadow, 0, VX_PAGE_COUNT);
    free(shadow);
}

static void set_bitmap(struct vx_shadow *shadow, uint32_t page, uint8_t *bitmap)
{
    if (shadow->bitmaps[page] != shadow->nothing_written)
        free(shadow->bitmaps[page]);
    shadow->bitmaps[page] = bitmap;
}

void vx_shadow_track(struct vx_shadow *shadow, uint32_t page, uint32_t end)
{
    for (; page < end; page++)
        set_bitmap(shadow, page, shadow->nothing_written);
}

void vx_shadow_forget(struct vx_shadow *shadow, uint32_t page, uint32_t end)
{
    for (; page < end; page++)
        set_bitmap(shadow, page, NULL);
}

static bool is_written(const struct vx_shadow *shadow, vx32_addr addr)
{
    const uint8_t *bitmap = shadow->bitmaps[addr >> VX_PAGE_SHIFT];
    uint32_t bit = addr & (VX32_PAGE_NBYTES - 1);

    return bitmap == NULL || (bitmap[bit / 8] >> bit % 8 & 1) != 0;
}

/* A page gets a bitmap of its own; without memory for that it counts as written from now on. */
static void mark_written(struct vx_shadow *shadow, vx32_addr addr)
{
    uint32_t page = addr >> VX_PAGE_SHIFT, bit = addr & (VX32_PAGE_NBYTES - 1);

    if (shadow->bitmaps[page] == shadow->nothing_written)
        shadow->bitmaps[page] = calloc(1, BITMAP_NBYTES);
    if (shadow->bitmaps[page] != NULL)
        shadow->bitmaps[page][bit / 8] |= (uint8_t)(1 << bit % 8);
}

static void mark_unwritten(struct vx_shadow *shadow, vx32_addr addr)
{
    uint8_t *bitmap = shadow->bitmaps[addr >> VX_PAGE_SHIFT];
    uint32_t bit = addr & (VX32_PAGE_NBYTES - 1);

    if (bitmap != NULL && bitmap != shadow->nothing_written)
        bitmap[bit / 8] &= (uint8_t) ~(1 << bit % 8);
}

void vx_shadow_write(struct vx_shadow *shadow, vx32_addr addr, uint32_t nbytes)
{
    if (shadow == NULL)
        return;
    for (; nbytes > 0; nbytes--, addr++)
        mark_written(shadow, addr);
}

/* All are looked at before any is changed: the ranges may overlap. */
void vx_shadow_copy(struct vx_shadow *shadow, vx32_addr to, vx32_addr from, uint32_t nbytes)
{
    uint32_t written = 0;

    for (uint32_t i = 0; i < nbytes; i++)
        written |= (uint32_t)is_written(shadow, from + i) << i;
    for (uint32_t i = 0; i < nbytes; i++) {
        if ((written >> i & 1) != 0)
            mark_written(shadow, to + i);
        else
            mark_unwritten(shadow, to + i);
    }
}

bool vx_shadow_find(const struct vx_shadow *shadow, vx32_addr *addr, uint32_t nbytes)
{
    for (; nbytes > 0; nbytes--, (*addr)++) {
        if (!is_written(shadow, *addr))
            return true;
    }
    return false;
}

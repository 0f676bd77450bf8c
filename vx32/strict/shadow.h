/* SPDX-License-Identifier: MIT */
/* Which bytes of a guest's stack and heap were ever written. */
#ifndef VX32_STRICT_SHADOW_H
#define VX32_STRICT_SHADOW_H

#include "vx32.h"

#include <stdbool.h>
#include <stdint.h>

/* Pages that are not tracked count as written: code, data, what the guest maps by itself. */
struct vx_shadow;

/* NULL: the host has no memory. */
struct vx_shadow *vx_shadow_new(void);

/* NULL is allowed. */
void vx_shadow_free(struct vx_shadow *shadow);

/* Whole pages from page `page` on, before `end`: nothing in them is written, or all is. */
void vx_shadow_track(struct vx_shadow *shadow, uint32_t page, uint32_t end);
void vx_shadow_forget(struct vx_shadow *shadow, uint32_t page, uint32_t end);

/* The bytes are written now. NULL is allowed, as long as nobody asked for a shadow. */
void vx_shadow_write(struct vx_shadow *shadow, vx32_addr addr, uint32_t nbytes);

/* Up to 32 bytes are moved, and are as written as they were. */
void vx_shadow_copy(struct vx_shadow *shadow, vx32_addr to, vx32_addr from, uint32_t nbytes);

/* Whether a byte of the range was never written; `*addr` becomes the first one. */
bool vx_shadow_find(const struct vx_shadow *shadow, vx32_addr *addr, uint32_t nbytes);

#endif

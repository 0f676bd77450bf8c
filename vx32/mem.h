/* SPDX-License-Identifier: MIT */
/* The guest's address space: one host reservation, and a permission byte for each page. */
#ifndef VX32_MEM_H
#define VX32_MEM_H

#include "vx32.h"
#include "vx32_abi.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { VX_PAGE_SHIFT = 12, VX_PAGE_COUNT = 1 << 20 };

/* Set in the permission byte of every mapped page, so that one without any access is mapped too. */
enum { VX_PAGE_MAPPED = 8 };

/*
 * Guest address A is host address base + A, for A below limit_nbytes. `permissions` has an entry
 * for every page of the 4 GiB space (VX_PAGE_MAPPED and bits of enum vx32_access; 0 = not mapped),
 * so that a look-up needs no range check: pages at and beyond the limit are never mapped. A page is
 * never both writable and executable.
 */
struct vx_mem {
    uint8_t *base;
    uint8_t *permissions;
    uint64_t limit_nbytes;
    uint64_t mapped_nbytes, mapped_peak_nbytes;
    uint64_t code_generation; /* changes whenever an executable page appears, vanishes or changes */
};

VX32_MUST_CHECK enum vx32_status vx_mem_init(struct vx_mem *mem, uint64_t limit_nbytes);
void vx_mem_destroy(struct vx_mem *mem);

/* Unmaps everything; the memory goes back to the host. */
void vx_mem_clear(struct vx_mem *mem);

/*
 * Page-aligned ranges below the limit only; the caller has checked that. Mapping gives zeroed
 * pages, also where something was mapped before. False when the host has no memory.
 */
VX32_MUST_CHECK bool vx_mem_map(struct vx_mem *mem, vx32_addr addr, uint32_t nbytes,
                                unsigned permissions);
void vx_mem_unmap(struct vx_mem *mem, vx32_addr addr, uint32_t nbytes);
void vx_mem_protect(struct vx_mem *mem, vx32_addr addr, uint32_t nbytes, unsigned permissions);

/* How many of the `nbytes` at `addr` can be accessed so, counted from the start. */
size_t vx_mem_accessible(const struct vx_mem *mem, vx32_addr addr, size_t nbytes, unsigned access);

/* Whether one access of 1 to 4096 bytes is allowed. One that wraps around at 4 GiB never is. */
static inline bool vx_mem_allows(const struct vx_mem *mem, vx32_addr addr, uint32_t nbytes,
                                 unsigned access)
{
    vx32_addr last = addr + nbytes - 1;

    if ((addr & (VX32_PAGE_NBYTES - 1)) + nbytes <= VX32_PAGE_NBYTES)
        return mem->permissions[addr >> VX_PAGE_SHIFT] & access;
    return (mem->permissions[addr >> VX_PAGE_SHIFT] & access) &&
           (mem->permissions[last >> VX_PAGE_SHIFT] & access) && last >= addr;
}

#endif

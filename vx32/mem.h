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

/* The most places in the address space where one page's permissions differ from the next one's. */
enum { VX_BOUNDARIES_MAX = 8192 };

/* Where the guest's memory lies, and who keeps its permissions. */
enum vx_placement {
    VX_PLACE_ANYWHERE, /* up to the limit is reserved; engines check each access */
    /* The rest for engines that do not: host pages have the guest pages' permissions, and all
     * of 4 GiB is reserved, with a guard of 64 KiB on both sides. */
    VX_PLACE_WINDOW, /* at a multiple of 4 GiB */
    VX_PLACE_LOW,    /* at host address 0 */
};

struct vx_shadow;

/* Pages that were mapped, unmapped or protected since the program was loaded. */
struct vx_page_range {
    uint32_t first, end;
};
enum { VX_TOUCHED_MAX = 8 };

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
    void *reservation;
    size_t reservation_nbytes;
    bool guarded; /* host pages have the guest pages' permissions */
    bool failed;  /* the host refused what could not be refused: the guest must not go on */
    uint32_t boundary_count;
    struct vx_page_range touched[VX_TOUCHED_MAX];
    unsigned touched_count; /* VX_TOUCHED_MAX + 1: more than could be noted */
    uint8_t *permissions;
    uint64_t limit_nbytes;
    uint64_t mapped_nbytes, mapped_peak_nbytes;
    struct vx_shadow *shadow; /* which bytes were written to, where that is asked for; else NULL */
    uint64_t code_generation; /* changes whenever an executable page appears, vanishes or changes */
};

VX32_MUST_CHECK enum vx32_status vx_mem_init(struct vx_mem *mem, uint64_t limit_nbytes,
                                             enum vx_placement placement);
void vx_mem_destroy(struct vx_mem *mem);

/*
 * Whether there may be more boundaries: asked before each change that a guest wants. Hosts limit
 * their number for a whole process, and every engine must answer alike.
 */
bool vx_mem_divisible(const struct vx_mem *mem);

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

/* The host's own writing to mapped pages, whatever the guest may do there. False: out of memory. */
VX32_MUST_CHECK bool vx_mem_fill(struct vx_mem *mem, vx32_addr addr, const void *bytes,
                                 uint32_t nbytes);

/*
 * Says that the program is loaded; and later undoes all mapping since then, if all of it was
 * between `low_end` and `high`, where nothing of the program lies, none was code, and it was not
 * too much to note. False: nothing has changed, and vx_mem_clear() is the way.
 */
void vx_mem_mark(struct vx_mem *mem);
VX32_MUST_CHECK bool vx_mem_rewind(struct vx_mem *mem, vx32_addr low_end, vx32_addr high);

/* Zeroes whole pages that are mapped writable. */
void vx_mem_zero(struct vx_mem *mem, vx32_addr addr, uint32_t nbytes);

/* Moves mapped pages with uniform permissions to a free place, which is mapped. */
VX32_MUST_CHECK bool vx_mem_move(struct vx_mem *mem, vx32_addr from, uint32_t nbytes, vx32_addr to,
                                 uint32_t new_nbytes);

/* How many of the `nbytes` at `addr` can be accessed so, counted from the start. */
size_t vx_mem_accessible(const struct vx_mem *mem, vx32_addr addr, size_t nbytes, unsigned access);

/* Whether one access of 1 to 4096 bytes is allowed. One that wraps around at 4 GiB never is. */
static inline bool vx_pages_allow(const uint8_t *permissions, vx32_addr addr, uint32_t nbytes,
                                  unsigned access)
{
    vx32_addr last = addr + nbytes - 1;

    if ((addr & (VX32_PAGE_NBYTES - 1)) + nbytes <= VX32_PAGE_NBYTES)
        return permissions[addr >> VX_PAGE_SHIFT] & access;
    return (permissions[addr >> VX_PAGE_SHIFT] & access) &&
           (permissions[last >> VX_PAGE_SHIFT] & access) && last >= addr;
}

static inline bool vx_mem_allows(const struct vx_mem *mem, vx32_addr addr, uint32_t nbytes,
                                 unsigned access)
{
    return vx_pages_allow(mem->permissions, addr, nbytes, access);
}

#endif

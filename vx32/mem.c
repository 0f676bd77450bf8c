/* SPDX-License-Identifier: MIT */
/* Keeps the guest's address space: which pages are mapped how, and the memory behind them. */
#include "mem.h"

#include "host/host.h"
#include "strict/shadow.h"

#include <stdlib.h>

/*
 * The invariant that everything here rests on: a committed byte of a page that is not mapped is
 * zero. So mapping never has to clear, and memory may be committed in larger pieces than guest
 * pages.
 */

static size_t round_down(size_t value, size_t unit)
{
    return value & ~(unit - 1);
}

static size_t round_up(size_t value, size_t unit)
{
    return round_down(value + unit - 1, unit);
}

enum { COMMIT_LEAST_NBYTES = 1 << 20, GUARD_NBYTES = 1 << 16 };

#define WINDOW_NBYTES (UINT64_C(1) << 32)

/*
 * What is committed and given back at once. Hosts bound the number of pieces that differ in
 * protection (65530 on Linux), for the whole process: where engines check each access, a guest
 * that maps every other page need not make any.
 */
static size_t commit_unit_nbytes(const struct vx_mem *mem)
{
    size_t page_nbytes = vx_host_page_nbytes();

    return mem->guarded || page_nbytes > COMMIT_LEAST_NBYTES ? page_nbytes : COMMIT_LEAST_NBYTES;
}

/* ---- the reservation ---- */

static bool reserve_anywhere(struct vx_mem *mem)
{
    mem->reservation_nbytes = round_up((size_t)mem->limit_nbytes, commit_unit_nbytes(mem));
    mem->reservation = vx_host_reserve(mem->reservation_nbytes);
    mem->base = mem->reservation;
    return mem->reservation != NULL;
}

static bool reserve_window(struct vx_mem *mem)
{
    uintptr_t start;

    mem->reservation_nbytes = (size_t)(2 * WINDOW_NBYTES + 2 * GUARD_NBYTES);
    mem->reservation = vx_host_reserve(mem->reservation_nbytes);
    start = round_up((uintptr_t)mem->reservation + GUARD_NBYTES, (size_t)WINDOW_NBYTES);
    mem->base = (uint8_t *)start;
    return mem->reservation != NULL;
}

/* No host lets a process have its first pages, and no guest has them either. */
static bool reserve_low(struct vx_mem *mem)
{
    mem->reservation_nbytes = (size_t)(WINDOW_NBYTES - VX32_LOWEST_ADDR + GUARD_NBYTES);
    mem->reservation =
        vx_host_reserve_at((void *)(uintptr_t)VX32_LOWEST_ADDR, mem->reservation_nbytes);
    mem->base = NULL;
    return mem->reservation != NULL;
}

static bool reserve(struct vx_mem *mem, enum vx_placement placement)
{
    mem->guarded = placement != VX_PLACE_ANYWHERE;
    if (!mem->guarded)
        return reserve_anywhere(mem);
    if (SIZE_MAX < 4 * WINDOW_NBYTES || vx_host_page_nbytes() != VX32_PAGE_NBYTES)
        return false;
    return placement == VX_PLACE_LOW ? reserve_low(mem) : reserve_window(mem);
}

enum vx32_status vx_mem_init(struct vx_mem *mem, uint64_t limit_nbytes, enum vx_placement placement)
{
    memset(mem, 0, sizeof *mem);
    if (limit_nbytes > SIZE_MAX / 2)
        return VX32_LIMIT;
    mem->limit_nbytes = limit_nbytes;
    mem->permissions = calloc(VX_PAGE_COUNT, 1);
    if (mem->permissions != NULL && reserve(mem, placement))
        return VX32_OK;
    free(mem->permissions);
    memset(mem, 0, sizeof *mem);
    return placement == VX_PLACE_ANYWHERE ? VX32_NO_MEMORY : VX32_UNSUPPORTED;
}

void vx_mem_destroy(struct vx_mem *mem)
{
    if (mem->reservation != NULL)
        vx_host_release(mem->reservation, mem->reservation_nbytes);
    free(mem->permissions);
    vx_shadow_free(mem->shadow);
    memset(mem, 0, sizeof *mem);
}

/* ---- permissions ---- */

static enum vx_host_access host_access(unsigned permissions)
{
    if ((permissions & VX32_ACCESS_WRITE) != 0)
        return VX_HOST_READ_WRITE;
    return (permissions & VX32_ACCESS_READ) != 0 ? VX_HOST_READ : VX_HOST_NO_ACCESS;
}

/* Boundaries before the pages `page` to `end`, both included. */
static uint32_t count_boundaries(const struct vx_mem *mem, uint32_t page, uint32_t end)
{
    uint32_t count = 0;

    for (page += page == 0; page <= end && page < VX_PAGE_COUNT; page++)
        count += mem->permissions[page] != mem->permissions[page - 1];
    return count;
}

static void set_permissions(struct vx_mem *mem, uint32_t page, uint32_t end, unsigned permissions)
{
    mem->boundary_count -= count_boundaries(mem, page, end);
    memset(mem->permissions + page, (int)permissions, end - page);
    mem->boundary_count += count_boundaries(mem, page, end);
}

bool vx_mem_divisible(const struct vx_mem *mem)
{
    return mem->boundary_count + 2 <= VX_BOUNDARIES_MAX;
}

/* Gives the host pages the permissions of the guest's. */
static bool protect_host(struct vx_mem *mem, size_t start, size_t end, unsigned permissions)
{
    return !mem->guarded ||
           vx_host_protect(mem->base + start, end - start, host_access(permissions));
}

/* ---- mapping ---- */

/* Zeroes a committed range, giving its whole units back where the host takes them. */
static void discard(struct vx_mem *mem, size_t start, size_t end)
{
    size_t unit = commit_unit_nbytes(mem);
    size_t inner_start = round_up(start, unit);
    size_t inner_end = round_down(end, unit);

    if (inner_start >= inner_end ||
        !vx_host_decommit(mem->base + inner_start, inner_end - inner_start)) {
        if (mem->guarded)
            mem->failed = true;
        else
            memset(mem->base + start, 0, end - start);
        return;
    }
    memset(mem->base + start, 0, inner_start - start);
    memset(mem->base + inner_end, 0, end - inner_end);
}

/* The first page from `page` on, before `end`, that is mapped (or not); `end` if there is none. */
static uint32_t next_page(const struct vx_mem *mem, uint32_t page, uint32_t end, bool mapped)
{
    while (page < end && (mem->permissions[page] != 0) != mapped)
        page++;
    return page;
}

static bool any_executable(const struct vx_mem *mem, uint32_t page, uint32_t end)
{
    for (; page < end; page++) {
        if ((mem->permissions[page] & VX32_ACCESS_EXECUTE) != 0)
            return true;
    }
    return false;
}

static void unmap_pages(struct vx_mem *mem, uint32_t page, uint32_t end)
{
    if (any_executable(mem, page, end))
        mem->code_generation++;
    for (;;) {
        uint32_t first = next_page(mem, page, end, true);

        if (first == end)
            return;
        page = next_page(mem, first, end, false);
        set_permissions(mem, first, page, 0);
        if (mem->shadow != NULL)
            vx_shadow_forget(mem->shadow, first, page);
        mem->mapped_nbytes -= (uint64_t)(page - first) << VX_PAGE_SHIFT;
        discard(mem, (size_t)first << VX_PAGE_SHIFT, (size_t)page << VX_PAGE_SHIFT);
    }
}

static uint32_t page_of(uint64_t addr)
{
    return (uint32_t)(addr >> VX_PAGE_SHIFT);
}

/* ---- what a guest maps beyond its program ---- */

static void note_touched(struct vx_mem *mem, uint32_t first, uint32_t end)
{
    struct vx_page_range *range = mem->touched;

    if (mem->touched_count > VX_TOUCHED_MAX)
        return;
    for (unsigned i = 0; i < mem->touched_count; i++, range++) {
        if (first <= range->end && end >= range->first) {
            range->first = first < range->first ? first : range->first;
            range->end = end > range->end ? end : range->end;
            return;
        }
    }
    if (mem->touched_count < VX_TOUCHED_MAX)
        *range = (struct vx_page_range){first, end};
    mem->touched_count++;
}

void vx_mem_mark(struct vx_mem *mem)
{
    mem->touched_count = 0;
}

void vx_mem_zero(struct vx_mem *mem, vx32_addr addr, uint32_t nbytes)
{
    vx_host_zero(mem->base + addr, nbytes);
}

/* Unmaps pages but keeps their memory, zeroed, for the next mapping there. */
static void forget_run(struct vx_mem *mem, uint32_t first, uint32_t end)
{
    size_t start = (size_t)first << VX_PAGE_SHIFT, stop = (size_t)end << VX_PAGE_SHIFT;

    set_permissions(mem, first, end, 0);
    mem->mapped_nbytes -= stop - start;
    if (!protect_host(mem, start, stop, VX32_ACCESS_WRITE)) {
        mem->failed = true;
        return;
    }
    vx_host_zero(mem->base + start, stop - start);
    if (!protect_host(mem, start, stop, 0))
        mem->failed = true;
}

static void forget_range(struct vx_mem *mem, const struct vx_page_range *range)
{
    uint32_t page = range->first;

    for (;;) {
        uint32_t first = next_page(mem, page, range->end, true);

        if (first == range->end)
            return;
        page = next_page(mem, first, range->end, false);
        forget_run(mem, first, page);
    }
}

bool vx_mem_rewind(struct vx_mem *mem, vx32_addr low_end, vx32_addr high)
{
    if (mem->touched_count > VX_TOUCHED_MAX || mem->shadow != NULL || mem->failed)
        return false;
    for (unsigned i = 0; i < mem->touched_count; i++) {
        const struct vx_page_range *range = &mem->touched[i];

        if (range->first < page_of(low_end) || range->end > page_of(high) ||
            any_executable(mem, range->first, range->end))
            return false;
    }
    for (unsigned i = 0; i < mem->touched_count; i++)
        forget_range(mem, &mem->touched[i]);
    mem->touched_count = 0;
    mem->mapped_peak_nbytes = mem->mapped_nbytes;
    return !mem->failed;
}

void vx_mem_clear(struct vx_mem *mem)
{
    uint32_t end = page_of(mem->limit_nbytes);
    uint8_t *start = mem->base == NULL ? mem->reservation : mem->base;
    size_t nbytes = round_up((size_t)mem->limit_nbytes, commit_unit_nbytes(mem));

    mem->code_generation++;
    if (mem->shadow != NULL)
        vx_shadow_forget(mem->shadow, 0, end);
    if (mem->base == NULL)
        nbytes -= VX32_LOWEST_ADDR;
    mem->touched_count = 0;
    if (vx_host_decommit(start, nbytes)) {
        mem->failed = false;
        memset(mem->permissions, 0, end);
        mem->boundary_count = 0;
    } else {
        unmap_pages(mem, 0, end);
    }
    mem->mapped_nbytes = 0;
    mem->mapped_peak_nbytes = 0;
}

static bool commit(struct vx_mem *mem, size_t start, size_t end, unsigned permissions)
{
    size_t unit = commit_unit_nbytes(mem);

    if (mem->guarded)
        return protect_host(mem, start, end, permissions);
    start = round_down(start, unit);
    end = round_up(end, unit);
    return vx_host_commit(mem->base + start, end - start);
}

bool vx_mem_map(struct vx_mem *mem, vx32_addr addr, uint32_t nbytes, unsigned permissions)
{
    uint64_t end_addr = (uint64_t)addr + nbytes;
    uint32_t first = page_of(addr), end = page_of(end_addr);

    if (first == end)
        return true;
    note_touched(mem, first, end);
    unmap_pages(mem, first, end);
    if (!commit(mem, addr, (size_t)end_addr, permissions))
        return false;
    set_permissions(mem, first, end, permissions | VX_PAGE_MAPPED);
    mem->mapped_nbytes += nbytes;
    if (mem->mapped_nbytes > mem->mapped_peak_nbytes)
        mem->mapped_peak_nbytes = mem->mapped_nbytes;
    if ((permissions & VX32_ACCESS_EXECUTE) != 0)
        mem->code_generation++;
    return true;
}

void vx_mem_unmap(struct vx_mem *mem, vx32_addr addr, uint32_t nbytes)
{
    note_touched(mem, page_of(addr), page_of((uint64_t)addr + nbytes));
    unmap_pages(mem, page_of(addr), page_of((uint64_t)addr + nbytes));
}

/* The mapped pages from `page` on; what lies between them stays as it is. */
void vx_mem_protect(struct vx_mem *mem, vx32_addr addr, uint32_t nbytes, unsigned permissions)
{
    uint32_t page = page_of(addr), end = page_of((uint64_t)addr + nbytes);

    note_touched(mem, page, end);
    if ((permissions & VX32_ACCESS_EXECUTE) != 0 || any_executable(mem, page, end))
        mem->code_generation++;
    for (;;) {
        uint32_t first = next_page(mem, page, end, true);

        if (first == end)
            return;
        page = next_page(mem, first, end, false);
        set_permissions(mem, first, page, permissions | VX_PAGE_MAPPED);
        if (!protect_host(mem, (size_t)first << VX_PAGE_SHIFT, (size_t)page << VX_PAGE_SHIFT,
                          permissions))
            mem->failed = true;
    }
}

/* ---- the host's own accesses ---- */

/* Opens whole pages for the host, or gives them the guest's permissions back, run by run. */
static bool open_pages(struct vx_mem *mem, uint32_t page, uint32_t end, bool open)
{
    bool good = true;

    while (mem->guarded && page < end) {
        unsigned permissions = mem->permissions[page];
        uint32_t first = page;

        while (page < end && mem->permissions[page] == permissions)
            page++;
        good = protect_host(mem, (size_t)first << VX_PAGE_SHIFT, (size_t)page << VX_PAGE_SHIFT,
                            open ? VX32_ACCESS_WRITE : permissions) &&
               good;
    }
    return good;
}

bool vx_mem_fill(struct vx_mem *mem, vx32_addr addr, const void *bytes, uint32_t nbytes)
{
    uint32_t first = page_of(addr);
    uint32_t end = page_of((uint64_t)addr + nbytes + VX32_PAGE_NBYTES - 1);

    if (nbytes == 0)
        return true;
    if (!open_pages(mem, first, end, true))
        return false;
    memcpy(mem->base + addr, bytes, nbytes);
    return open_pages(mem, first, end, false);
}

bool vx_mem_move(struct vx_mem *mem, vx32_addr from, uint32_t nbytes, vx32_addr to,
                 uint32_t new_nbytes)
{
    unsigned permissions = mem->permissions[page_of(from)];

    if (!vx_mem_map(mem, to, new_nbytes, permissions))
        return false;
    if (!open_pages(mem, page_of(from), page_of((uint64_t)from + nbytes), true) ||
        !vx_mem_fill(mem, to, mem->base + from, nbytes)) {
        mem->failed = true;
        return false;
    }
    vx_mem_unmap(mem, from, nbytes);
    return true;
}

size_t vx_mem_accessible(const struct vx_mem *mem, vx32_addr addr, size_t nbytes, unsigned access)
{
    uint64_t wanted_end = mem->limit_nbytes;
    uint64_t end = addr;

    if (nbytes < wanted_end && addr + (uint64_t)nbytes < wanted_end)
        wanted_end = addr + (uint64_t)nbytes;
    while (end < wanted_end && (mem->permissions[page_of(end)] & access) == access)
        end = (uint64_t)(page_of(end) + 1) << VX_PAGE_SHIFT;
    if (end <= addr)
        return 0;
    return (size_t)((end < wanted_end ? end : wanted_end) - addr);
}

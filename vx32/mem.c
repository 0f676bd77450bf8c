/* SPDX-License-Identifier: MIT */
/* Keeps the guest's address space: which pages are mapped how, and the memory behind them. */
#include "mem.h"

#include "host/host.h"

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

/*
 * What is committed and given back at once. Hosts bound the number of pieces that differ in
 * protection (65530 on Linux), for the whole process: a guest that maps every other page must not
 * use them up.
 */
static size_t commit_unit_nbytes(void)
{
    enum { LEAST_NBYTES = 1 << 20 };
    size_t page_nbytes = vx_host_page_nbytes();

    return page_nbytes > LEAST_NBYTES ? page_nbytes : LEAST_NBYTES;
}

static size_t reserved_nbytes(const struct vx_mem *mem)
{
    return round_up((size_t)mem->limit_nbytes, commit_unit_nbytes());
}

enum vx32_status vx_mem_init(struct vx_mem *mem, uint64_t limit_nbytes)
{
    memset(mem, 0, sizeof *mem);
    if (limit_nbytes > SIZE_MAX / 2)
        return VX32_LIMIT;
    mem->limit_nbytes = limit_nbytes;
    mem->permissions = calloc(VX_PAGE_COUNT, 1);
    if (mem->permissions == NULL)
        return VX32_NO_MEMORY;
    mem->base = vx_host_reserve(reserved_nbytes(mem));
    if (mem->base == NULL) {
        free(mem->permissions);
        memset(mem, 0, sizeof *mem);
        return VX32_NO_MEMORY;
    }
    return VX32_OK;
}

void vx_mem_destroy(struct vx_mem *mem)
{
    if (mem->base != NULL)
        vx_host_release(mem->base, reserved_nbytes(mem));
    free(mem->permissions);
    memset(mem, 0, sizeof *mem);
}

/* Zeroes a committed range, giving its whole units back where the host takes them. */
static void discard(struct vx_mem *mem, size_t start, size_t end)
{
    size_t unit = commit_unit_nbytes();
    size_t inner_start = round_up(start, unit);
    size_t inner_end = round_down(end, unit);

    if (inner_start >= inner_end ||
        !vx_host_decommit(mem->base + inner_start, inner_end - inner_start)) {
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
        memset(mem->permissions + first, 0, page - first);
        mem->mapped_nbytes -= (uint64_t)(page - first) << VX_PAGE_SHIFT;
        discard(mem, (size_t)first << VX_PAGE_SHIFT, (size_t)page << VX_PAGE_SHIFT);
    }
}

static uint32_t page_of(uint64_t addr)
{
    return (uint32_t)(addr >> VX_PAGE_SHIFT);
}

void vx_mem_clear(struct vx_mem *mem)
{
    uint32_t end = page_of(mem->limit_nbytes);

    mem->code_generation++;
    if (vx_host_decommit(mem->base, reserved_nbytes(mem)))
        memset(mem->permissions, 0, end);
    else
        unmap_pages(mem, 0, end);
    mem->mapped_nbytes = 0;
    mem->mapped_peak_nbytes = 0;
}

static bool commit(struct vx_mem *mem, size_t start, size_t end)
{
    size_t unit = commit_unit_nbytes();

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
    unmap_pages(mem, first, end);
    if (!commit(mem, addr, (size_t)end_addr))
        return false;
    memset(mem->permissions + first, (int)(permissions | VX_PAGE_MAPPED), end - first);
    mem->mapped_nbytes += nbytes;
    if (mem->mapped_nbytes > mem->mapped_peak_nbytes)
        mem->mapped_peak_nbytes = mem->mapped_nbytes;
    if ((permissions & VX32_ACCESS_EXECUTE) != 0)
        mem->code_generation++;
    return true;
}

void vx_mem_unmap(struct vx_mem *mem, vx32_addr addr, uint32_t nbytes)
{
    unmap_pages(mem, page_of(addr), page_of((uint64_t)addr + nbytes));
}

void vx_mem_protect(struct vx_mem *mem, vx32_addr addr, uint32_t nbytes, unsigned permissions)
{
    uint32_t page = page_of(addr), end = page_of((uint64_t)addr + nbytes);

    if ((permissions & VX32_ACCESS_EXECUTE) != 0 || any_executable(mem, page, end))
        mem->code_generation++;
    for (; page < end; page++) {
        if (mem->permissions[page] != 0)
            mem->permissions[page] = (uint8_t)(permissions | VX_PAGE_MAPPED);
    }
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

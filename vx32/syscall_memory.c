/* SPDX-License-Identifier: MIT */
/* Answers the calls on the address space: the heap, private anonymous mappings, permissions. */
#include "syscall.h"

#include "strict/shadow.h"

#include <string.h>

/*
 * Addresses are the same in every run: a new mapping gets the highest free place below the stack,
 * and a hint without VX32_MAP_FIXED is ignored.
 */

enum {
    KNOWN_PROTECTIONS = VX32_PROT_READ | VX32_PROT_WRITE | VX32_PROT_EXEC,
    REMAP_MAY_MOVE = 1,
};

static uint64_t page_up(uint64_t nbytes)
{
    return (nbytes + VX32_PAGE_NBYTES - 1) & ~(uint64_t)(VX32_PAGE_NBYTES - 1);
}

static bool page_aligned(uint32_t addr)
{
    return addr % VX32_PAGE_NBYTES == 0;
}

static bool mapped(const struct vx_mem *mem, uint64_t addr)
{
    return mem->permissions[addr >> VX_PAGE_SHIFT] != 0;
}

static bool all_free(const struct vx_mem *mem, uint64_t start, uint64_t end)
{
    for (; start < end; start += VX32_PAGE_NBYTES) {
        if (mapped(mem, start))
            return false;
    }
    return true;
}

static bool all_mapped(const struct vx_mem *mem, uint64_t start, uint64_t end)
{
    for (; start < end; start += VX32_PAGE_NBYTES) {
        if (!mapped(mem, start))
            return false;
    }
    return true;
}

/* ---- brk ---- */

int64_t vx_call_brk(struct vx32_instance *instance, const uint32_t *argument)
{
    struct vx_process *process = &instance->process;
    struct vx_mem *mem = &instance->mem;
    vx32_addr wanted = argument[0];
    uint64_t old_end = page_up(process->break_addr), new_end = page_up(wanted);

    if (wanted < process->break_start || new_end > process->mapping_end || !vx_mem_divisible(mem))
        return process->break_addr;
    vx_spend_pages(instance, new_end > old_end ? new_end - old_end : old_end - new_end);
    if (new_end > old_end) {
        if (!all_free(mem, old_end, new_end) ||
            !vx_mem_map(mem, (vx32_addr)old_end, (uint32_t)(new_end - old_end),
                        VX32_ACCESS_READ | VX32_ACCESS_WRITE))
            return process->break_addr;
        if (mem->shadow != NULL)
            vx_shadow_track(mem->shadow, (uint32_t)(old_end >> VX_PAGE_SHIFT),
                            (uint32_t)(new_end >> VX_PAGE_SHIFT));
    } else {
        vx_mem_unmap(mem, (vx32_addr)new_end, (uint32_t)(old_end - new_end));
    }
    process->break_addr = wanted;
    return wanted;
}

/* ---- mappings ---- */

/* As i386 pages work, whatever is accessible at all is readable. */
static unsigned permissions_of(uint32_t protection)
{
    unsigned permissions = protection != 0 ? VX32_ACCESS_READ : 0;

    if ((protection & VX32_PROT_WRITE) != 0)
        permissions |= VX32_ACCESS_WRITE;
    if ((protection & VX32_PROT_EXEC) != 0)
        permissions |= VX32_ACCESS_EXECUTE;
    return permissions;
}

/* Write and execute never go together: a page is data or code. */
static bool protection_allowed(uint32_t protection)
{
    const uint32_t both = VX32_PROT_WRITE | VX32_PROT_EXEC;

    return (protection & ~(uint32_t)KNOWN_PROTECTIONS) == 0 && (protection & both) != both;
}

/* The highest free range of `nbytes` (whole pages) below the stack and above the heap, or 0. */
static vx32_addr find_free(struct vx32_instance *instance, uint64_t nbytes)
{
    uint64_t floor = page_up(instance->process.break_addr);
    uint64_t end = instance->process.mapping_end;
    uint64_t start = end;

    while (end >= floor + nbytes && end - start != nbytes) {
        start -= VX32_PAGE_NBYTES;
        if (mapped(&instance->mem, start))
            end = start;
    }
    vx_spend_pages(instance, instance->process.mapping_end - start);
    return end >= floor + nbytes ? (vx32_addr)start : 0;
}

/* Whether a mapping may be put exactly there: 0, or a negated error number. */
static int64_t check_fixed(const struct vx_mem *mem, uint32_t addr, uint64_t nbytes)
{
    if (!page_aligned(addr) || addr < VX32_LOWEST_ADDR)
        return -VX32_EINVAL;
    return addr + nbytes > mem->limit_nbytes ? -VX32_ENOMEM : 0;
}

int64_t vx_call_mmap2(struct vx32_instance *instance, const uint32_t *argument)
{
    const uint32_t required = VX32_MAP_PRIVATE | VX32_MAP_ANONYMOUS;
    uint32_t addr = argument[0], protection = argument[2], flags = argument[3];
    uint64_t nbytes = page_up(argument[1]);

    if (nbytes == 0 || (flags & required) != required || !protection_allowed(protection))
        return -VX32_EINVAL;
    if ((flags & VX32_MAP_FIXED) != 0) {
        int64_t problem = check_fixed(&instance->mem, addr, nbytes);

        if (problem != 0)
            return problem;
    } else {
        addr = find_free(instance, nbytes);
    }
    vx_spend_pages(instance, nbytes);
    if (addr == 0 || !vx_mem_divisible(&instance->mem) ||
        !vx_mem_map(&instance->mem, addr, (uint32_t)nbytes, permissions_of(protection)))
        return -VX32_ENOMEM;
    return addr;
}

/* Whether whole pages from `addr` lie below the limit. */
static bool range_valid(const struct vx_mem *mem, uint32_t addr, uint64_t nbytes)
{
    return page_aligned(addr) && nbytes > 0 && addr + nbytes <= mem->limit_nbytes;
}

int64_t vx_call_munmap(struct vx32_instance *instance, const uint32_t *argument)
{
    uint64_t nbytes = page_up(argument[1]);

    if (!range_valid(&instance->mem, argument[0], nbytes))
        return -VX32_EINVAL;
    vx_spend_pages(instance, nbytes);
    if (!vx_mem_divisible(&instance->mem))
        return -VX32_ENOMEM;
    vx_mem_unmap(&instance->mem, argument[0], (uint32_t)nbytes);
    return 0;
}

int64_t vx_call_mprotect(struct vx32_instance *instance, const uint32_t *argument)
{
    struct vx_mem *mem = &instance->mem;
    uint64_t nbytes = page_up(argument[1]);

    if (!page_aligned(argument[0]) || !protection_allowed(argument[2]))
        return -VX32_EINVAL;
    if (nbytes == 0)
        return 0;
    vx_spend_pages(instance, nbytes);
    if (!range_valid(mem, argument[0], nbytes) || !vx_mem_divisible(mem) ||
        !all_mapped(mem, argument[0], argument[0] + nbytes))
        return -VX32_ENOMEM;
    vx_mem_protect(mem, argument[0], (uint32_t)nbytes, permissions_of(argument[2]));
    return 0;
}

/* ---- mremap ---- */

static bool uniform(const struct vx_mem *mem, uint32_t addr, uint64_t nbytes)
{
    for (uint64_t page = addr; page < addr + nbytes; page += VX32_PAGE_NBYTES) {
        if (mem->permissions[page >> VX_PAGE_SHIFT] != mem->permissions[addr >> VX_PAGE_SHIFT])
            return false;
    }
    return mapped(mem, addr);
}

static int64_t grow(struct vx32_instance *instance, uint32_t addr, uint64_t old_nbytes,
                    uint64_t new_nbytes, bool may_move)
{
    struct vx_mem *mem = &instance->mem;
    unsigned permissions = mem->permissions[addr >> VX_PAGE_SHIFT];
    uint64_t old_end = addr + old_nbytes, new_end = addr + new_nbytes;
    vx32_addr moved;

    if (new_end <= mem->limit_nbytes && all_free(mem, old_end, new_end)) {
        if (!vx_mem_map(mem, (vx32_addr)old_end, (uint32_t)(new_end - old_end), permissions))
            return -VX32_ENOMEM;
        return addr;
    }
    moved = may_move ? find_free(instance, new_nbytes) : 0;
    if (moved == 0 || !vx_mem_move(mem, addr, (uint32_t)old_nbytes, moved, (uint32_t)new_nbytes))
        return -VX32_ENOMEM;
    return moved;
}

int64_t vx_call_mremap(struct vx32_instance *instance, const uint32_t *argument)
{
    struct vx_mem *mem = &instance->mem;
    uint32_t addr = argument[0];
    uint64_t old_nbytes = page_up(argument[1]), new_nbytes = page_up(argument[2]);

    if ((argument[3] & ~(uint32_t)REMAP_MAY_MOVE) != 0 || new_nbytes == 0 ||
        !range_valid(mem, addr, old_nbytes))
        return -VX32_EINVAL;
    vx_spend_pages(instance, old_nbytes + new_nbytes);
    if (!uniform(mem, addr, old_nbytes))
        return -VX32_EFAULT;
    if (!vx_mem_divisible(mem))
        return -VX32_ENOMEM;
    if (new_nbytes > old_nbytes)
        return grow(instance, addr, old_nbytes, new_nbytes, argument[3] == REMAP_MAY_MOVE);
    vx_mem_unmap(mem, (vx32_addr)(addr + new_nbytes), (uint32_t)(old_nbytes - new_nbytes));
    return addr;
}

/* SPDX-License-Identifier: MIT */
/* Takes a guest's state down, and puts it back: registers, process, and the pages that are not
 * zero. */
#include "snapshot.h"

#include <stdlib.h>

static bool readable(unsigned permissions)
{
    return (permissions & VX32_ACCESS_READ) != 0;
}

static vx32_addr addr_of(uint32_t page)
{
    return page << VX_PAGE_SHIFT;
}

static uint32_t nbytes_of(uint32_t page_count)
{
    return page_count << VX_PAGE_SHIFT;
}

/* ---- what there is to copy ---- */

static bool is_zero(const struct vx_mem *mem, uint32_t page)
{
    const uint8_t *bytes = mem->base + addr_of(page);

    return bytes[0] == 0 && memcmp(bytes, bytes + 1, VX32_PAGE_NBYTES - 1) == 0;
}

/* The next row of pages that are mapped alike, at or behind `page`. False if there is none. */
static bool find_run(const struct vx_mem *mem, uint32_t page, struct vx_snapshot_run *run)
{
    uint32_t end = (uint32_t)(mem->limit_nbytes >> VX_PAGE_SHIFT);
    unsigned permissions;

    while (page < end && mem->permissions[page] == 0)
        page++;
    if (page >= end)
        return false;
    permissions = mem->permissions[page];
    *run = (struct vx_snapshot_run){page, 0, permissions & ~(unsigned)VX_PAGE_MAPPED};
    while (page < end && mem->permissions[page] == permissions)
        page++;
    run->page_count = page - run->page;
    return true;
}

/* The next row of pages in the run that are not zero, at or behind `page`. False: there is none. */
static bool find_piece(const struct vx_mem *mem, const struct vx_snapshot_run *run, uint32_t page,
                       struct vx_snapshot_piece *piece)
{
    uint32_t end = run->page + run->page_count;

    while (page < end && is_zero(mem, page))
        page++;
    piece->page = page;
    while (page < end && !is_zero(mem, page))
        page++;
    piece->page_count = page - piece->page;
    return piece->page_count > 0;
}

/* Where there is room for it, takes the piece down; counts it in any case. */
static void add_piece(struct vx_snapshot *snapshot, const struct vx_mem *mem,
                      struct vx_snapshot_piece piece)
{
    uint32_t nbytes = nbytes_of(piece.page_count);

    piece.off = snapshot->copy_nbytes;
    if (snapshot->copy != NULL) {
        snapshot->pieces[snapshot->piece_count] = piece;
        memcpy(snapshot->copy + piece.off, mem->base + addr_of(piece.page), nbytes);
    }
    snapshot->piece_count++;
    snapshot->copy_nbytes += nbytes;
}

static void add_run(struct vx_snapshot *snapshot, struct vx_mem *mem,
                    const struct vx_snapshot_run *run)
{
    struct vx_snapshot_piece piece = {.page = run->page};

    if (snapshot->runs != NULL)
        snapshot->runs[snapshot->run_count] = *run;
    snapshot->run_count++;
    if (!readable(run->permissions))
        vx_mem_protect(mem, addr_of(run->page), nbytes_of(run->page_count), VX32_ACCESS_READ);
    while (find_piece(mem, run, piece.page + piece.page_count, &piece))
        add_piece(snapshot, mem, piece);
    if (!readable(run->permissions))
        vx_mem_protect(mem, addr_of(run->page), nbytes_of(run->page_count), run->permissions);
}

/* Once to count, and once more, with room for all, to copy. */
static void survey(struct vx_snapshot *snapshot, struct vx_mem *mem)
{
    struct vx_snapshot_run run = {0};

    snapshot->run_count = snapshot->piece_count = snapshot->copy_nbytes = 0;
    while (find_run(mem, run.page + run.page_count, &run))
        add_run(snapshot, mem, &run);
}

static bool make_room(struct vx_snapshot *snapshot)
{
    /* One more of each, so that there is something to point to. */
    snapshot->runs = malloc((snapshot->run_count + 1) * sizeof *snapshot->runs);
    snapshot->pieces = malloc((snapshot->piece_count + 1) * sizeof *snapshot->pieces);
    snapshot->copy = malloc(snapshot->copy_nbytes + 1);
    return snapshot->runs != NULL && snapshot->pieces != NULL && snapshot->copy != NULL;
}

/* Pages without access have been opened for a while: that may have failed. */
static enum vx32_status copy_memory(struct vx_snapshot *snapshot, struct vx_mem *mem)
{
    survey(snapshot, mem);
    if (!make_room(snapshot))
        return VX32_NO_MEMORY;
    survey(snapshot, mem);
    return mem->failed ? VX32_HOST_FAILURE : VX32_OK;
}

/* ---- taking one ---- */

/* The registers' alignment can be more than malloc's. */
static struct vx_snapshot *allocate(void)
{
    struct vx_snapshot *snapshot = aligned_alloc(_Alignof(struct vx_snapshot), sizeof *snapshot);

    if (snapshot != NULL)
        memset(snapshot, 0, sizeof *snapshot);
    return snapshot;
}

void vx_snapshot_free(struct vx_snapshot *snapshot)
{
    if (snapshot == NULL)
        return;
    free(snapshot->runs);
    free(snapshot->pieces);
    free(snapshot->copy);
    free(snapshot);
}

enum vx32_status vx32_snapshot(struct vx32_instance *instance)
{
    struct vx_snapshot *snapshot;
    enum vx32_status status;

    if (instance->over)
        return VX32_INVALID_ARGUMENT;
    snapshot = allocate();
    if (snapshot == NULL)
        return VX32_NO_MEMORY;
    status = copy_memory(snapshot, &instance->mem);
    if (status != VX32_OK) {
        vx_snapshot_free(snapshot);
        return status;
    }
    snapshot->cpu = instance->cpu;
    snapshot->process = instance->process;
    snapshot->pending = instance->pending;
    snapshot->exit = instance->exit;
    snapshot->fuel = instance->fuel;
    vx_snapshot_free(instance->snapshot);
    instance->snapshot = snapshot;
    instance->loaded_generation = instance->mem.code_generation;
    return VX32_OK;
}

/* ---- going back ---- */

static bool restore_memory(const struct vx_snapshot *snapshot, struct vx_mem *mem)
{
    for (size_t i = 0; i < snapshot->run_count; i++) {
        const struct vx_snapshot_run *run = &snapshot->runs[i];

        if (!vx_mem_map(mem, addr_of(run->page), nbytes_of(run->page_count), run->permissions))
            return false;
    }
    for (size_t i = 0; i < snapshot->piece_count; i++) {
        const struct vx_snapshot_piece *piece = &snapshot->pieces[i];

        if (!vx_mem_fill(mem, addr_of(piece->page), snapshot->copy + piece->off,
                         nbytes_of(piece->page_count)))
            return false;
    }
    return true;
}

enum vx32_status vx_snapshot_restore(struct vx32_instance *instance)
{
    const struct vx_snapshot *snapshot = instance->snapshot;

    if (!restore_memory(snapshot, &instance->mem))
        return VX32_NO_MEMORY;
    instance->cpu = snapshot->cpu;
    instance->process = snapshot->process;
    instance->pending = snapshot->pending;
    instance->exit = snapshot->exit;
    instance->fuel = snapshot->fuel;
    instance->over = false;
    instance->instruction_count = 0;
    instance->system_call_count = 0;
    instance->loaded_generation = instance->mem.code_generation;
    return VX32_OK;
}

/* SPDX-License-Identifier: MIT */
/* The memory of translated code, its blocks in order, and the table of entry points. */
#include "code.h"

#include "host/host.h"

#include <stdlib.h>
#include <string.h>

enum {
    ENTRY_NBYTES = 8,
    REGION_SHIFT = 20, /* of guest addresses that are opened at once */
    REGION_COUNT = 1 << (32 - REGION_SHIFT),
    ENTRIES_A_PAGE = 512,
};

#define TABLE_NBYTES  (UINT64_C(1) << 32) * ENTRY_NBYTES
#define REGION_NBYTES (((size_t)1 << REGION_SHIFT) * ENTRY_NBYTES)

/* ---- tables of entry points ---- */

static bool table_init(struct vx_table *table)
{
    table->entries = vx_host_reserve(TABLE_NBYTES);
    table->opened = calloc(REGION_COUNT, 1);
    return table->entries != NULL && table->opened != NULL;
}

static void table_destroy(struct vx_table *table)
{
    if (table->entries != NULL)
        vx_host_release(table->entries, TABLE_NBYTES);
    free(table->opened);
}

static uint64_t *region_start(const struct vx_table *table, uint32_t region)
{
    return table->entries + ((size_t)region << REGION_SHIFT);
}

static void table_clear(const struct vx_table *table)
{
    for (uint32_t region = 0; region < REGION_COUNT; region++) {
        if (!table->opened[region])
            continue;
        if (vx_host_decommit(region_start(table, region), REGION_NBYTES))
            table->opened[region] = 0;
        else
            memset(region_start(table, region), 0, REGION_NBYTES);
    }
}

static bool table_open(const struct vx_table *table, uint32_t region)
{
    if (!table->opened[region] &&
        !vx_host_protect(region_start(table, region), REGION_NBYTES, VX_HOST_READ_WRITE))
        return false;
    table->opened[region] = 1;
    return true;
}

bool vx_table_holds(const struct vx_table *table, uintptr_t host)
{
    return host - (uintptr_t)table->entries < TABLE_NBYTES;
}

bool vx_table_lacks(const struct vx_table *table, uint64_t eip)
{
    return eip <= UINT32_MAX && table->opened[eip >> REGION_SHIFT] && table->entries[eip] == 0;
}

void vx_table_fill_page(const struct vx_table *table, vx32_addr eip, const uint8_t *fallback)
{
    uint64_t *entry = table->entries + (eip & ~(vx32_addr)(ENTRIES_A_PAGE - 1));

    for (unsigned i = 0; i < ENTRIES_A_PAGE; i++) {
        if (entry[i] == 0)
            entry[i] = (uint64_t)(uintptr_t)fallback;
    }
}

/* ---- life ---- */

static bool map_code(struct vx_code *code)
{
    void *writable, *executable;

    if (!vx_host_map_code(VX_CODE_NBYTES, &writable, &executable))
        return false;
    code->writable = writable;
    code->executable = executable;
    return true;
}

bool vx_code_init(struct vx_code *code)
{
    *code = (struct vx_code){.cold = VX_CODE_NBYTES};
    code->blocks = malloc(VX_CODE_BLOCK_COUNT * sizeof *code->blocks);
    code->links = malloc(VX_CODE_LINK_COUNT * sizeof *code->links);
    code->called = calloc(VX_CODE_CALLED_COUNT, sizeof *code->called);
    if (code->blocks != NULL && code->links != NULL && code->called != NULL &&
        table_init(&code->jumps) && table_init(&code->calls) && map_code(code))
        return true;
    vx_code_destroy(code);
    return false;
}

void vx_code_destroy(struct vx_code *code)
{
    if (code->writable != NULL)
        vx_host_unmap_code(VX_CODE_NBYTES, code->writable, code->executable);
    table_destroy(&code->jumps);
    table_destroy(&code->calls);
    free(code->blocks);
    free(code->links);
    free(code->called);
    *code = (struct vx_code){.cold = VX_CODE_NBYTES};
}

void vx_code_clear(struct vx_code *code)
{
    if (code->block_count != 0) {
        table_clear(&code->jumps);
        table_clear(&code->calls);
        memset(code->called, 0, VX_CODE_CALLED_COUNT * sizeof *code->called);
    }
    code->used = code->fixed_nbytes;
    code->cold = VX_CODE_NBYTES;
    code->block_count = 0;
    code->link_count = 0;
}

bool vx_code_has_room(const struct vx_code *code, uint32_t nbytes, uint32_t link_count)
{
    return code->cold - code->used >= nbytes && code->block_count < VX_CODE_BLOCK_COUNT &&
           code->link_count + link_count <= VX_CODE_LINK_COUNT;
}

/* ---- entry points ---- */

const uint8_t *vx_code_find(const struct vx_code *code, vx32_addr eip)
{
    uintptr_t host;

    if (!code->jumps.opened[eip >> REGION_SHIFT])
        return NULL;
    host = (uintptr_t)code->jumps.entries[eip];
    /* Zero and the fixed stubs are no blocks. */
    if (host < (uintptr_t)code->executable + code->fixed_nbytes)
        return NULL;
    return (const uint8_t *)host;
}

bool vx_code_enter(const struct vx_code *code, const struct vx_table *table, vx32_addr eip,
                   uint32_t start)
{
    if (!table_open(table, eip >> REGION_SHIFT))
        return false;
    table->entries[eip] = (uint64_t)(uintptr_t)(code->executable + start);
    return true;
}

/* Where the entry for `eip` is or would be: there are always free ones. */
static struct vx_code_called *called_slot(const struct vx_code *code, vx32_addr eip)
{
    uint32_t i = (eip * UINT32_C(2654435761)) >> 16;

    while (code->called[i].start != 0 && code->called[i].eip != eip)
        i = (i + 1) % VX_CODE_CALLED_COUNT;
    return &code->called[i];
}

_Static_assert(VX_CODE_CALLED_COUNT == 1 << 16, "the hash has 16 bits");

const uint8_t *vx_code_find_called(const struct vx_code *code, vx32_addr eip)
{
    const struct vx_code_called *slot = called_slot(code, eip);

    return slot->start != 0 ? code->executable + slot->start : NULL;
}

void vx_code_enter_called(struct vx_code *code, vx32_addr eip, uint32_t start)
{
    *called_slot(code, eip) = (struct vx_code_called){eip, start};
}

/* ---- blocks ---- */

bool vx_code_holds(const struct vx_code *code, uintptr_t host)
{
    return host - (uintptr_t)code->executable < VX_CODE_NBYTES;
}

const struct vx_code_block *vx_code_block_at(const struct vx_code *code, uintptr_t host)
{
    uintptr_t offset = host - (uintptr_t)code->executable;
    uint32_t low = 0, high = code->block_count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (code->blocks[middle].end <= offset)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == code->block_count || offset < code->blocks[low].start)
        return NULL;
    return &code->blocks[low];
}

void vx_code_link(struct vx_code *code, uint32_t site, uint32_t target)
{
    uint32_t displacement = target - (site + 4);

    memcpy(code->writable + site, &displacement, sizeof displacement);
}

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

bool vx_code_init(struct vx_code *code)
{
    void *writable, *executable;

    *code = (struct vx_code){.cold = VX_CODE_NBYTES};
    code->table = vx_host_reserve(TABLE_NBYTES);
    code->opened = calloc(REGION_COUNT, 1);
    code->blocks = malloc(VX_CODE_BLOCK_COUNT * sizeof *code->blocks);
    code->links = malloc(VX_CODE_LINK_COUNT * sizeof *code->links);
    if (code->table != NULL && code->opened != NULL && code->blocks != NULL &&
        code->links != NULL && vx_host_map_code(VX_CODE_NBYTES, &writable, &executable)) {
        code->writable = writable;
        code->executable = executable;
        return true;
    }
    vx_code_destroy(code);
    return false;
}

void vx_code_destroy(struct vx_code *code)
{
    if (code->writable != NULL)
        vx_host_unmap_code(VX_CODE_NBYTES, code->writable, code->executable);
    if (code->table != NULL)
        vx_host_release(code->table, TABLE_NBYTES);
    free(code->opened);
    free(code->blocks);
    free(code->links);
    *code = (struct vx_code){.cold = VX_CODE_NBYTES};
}

static uint64_t *region_start(const struct vx_code *code, uint32_t region)
{
    return code->table + ((size_t)region << REGION_SHIFT);
}

void vx_code_clear(struct vx_code *code)
{
    for (uint32_t region = 0; region < REGION_COUNT && code->block_count != 0; region++) {
        uint64_t *start = region_start(code, region);

        if (!code->opened[region])
            continue;
        if (vx_host_decommit(start, REGION_NBYTES))
            code->opened[region] = 0;
        else
            memset(start, 0, REGION_NBYTES);
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

    if (!code->opened[eip >> REGION_SHIFT])
        return NULL;
    host = (uintptr_t)code->table[eip];
    /* Zero and the fixed stubs are no blocks. */
    if (host < (uintptr_t)code->executable + code->fixed_nbytes)
        return NULL;
    return (const uint8_t *)host;
}

bool vx_code_enter(struct vx_code *code, vx32_addr eip, uint32_t start)
{
    uint32_t region = eip >> REGION_SHIFT;

    if (!code->opened[region]) {
        if (!vx_host_protect(region_start(code, region), REGION_NBYTES, VX_HOST_READ_WRITE))
            return false;
        code->opened[region] = 1;
    }
    code->table[eip] = (uint64_t)(uintptr_t)(code->executable + start);
    return true;
}

void vx_code_fill_page(struct vx_code *code, vx32_addr eip, const uint8_t *fallback)
{
    uint64_t *entry = code->table + (eip & ~(vx32_addr)(ENTRIES_A_PAGE - 1));

    for (unsigned i = 0; i < ENTRIES_A_PAGE; i++) {
        if (entry[i] == 0)
            entry[i] = (uint64_t)(uintptr_t)fallback;
    }
}

bool vx_code_table_holds(const struct vx_code *code, uintptr_t host)
{
    return host - (uintptr_t)code->table < TABLE_NBYTES;
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

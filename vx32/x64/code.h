/* SPDX-License-Identifier: MIT */
/* Keeps translated code: its memory, which block lies where, what awaits linking, entry points. */
#ifndef VX32_X64_CODE_H
#define VX32_X64_CODE_H

#include "vx32.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    VX_CODE_NBYTES = 32 << 20,
    VX_CODE_BLOCK_COUNT = 1 << 15, /* each can touch a page of the table of entry points */
    VX_CODE_LINK_COUNT = 1 << 17,
};

/* One block of translated code: offsets from the start of the code memory. */
struct vx_code_block {
    uint32_t start, end;
    vx32_addr eip;
    bool polled;
};

/* A direct branch that still leads to its stub. */
struct vx_code_link {
    uint32_t site; /* offset of the branch's 32-bit displacement, which ends the instruction */
    vx32_addr target;
    bool polled; /* the target must poll: the branch goes backwards */
};

/*
 * Blocks grow from the start of the code memory, stubs, which are seldom executed, from its end.
 * The table has an entry for every guest address, in address space that is only reserved; pieces of
 * it are opened when the first block in a mebibyte of guest memory is translated. What has no
 * block there is zero, or leads to the stub for unknown targets.
 */
struct vx_code {
    uint8_t *writable;
    uint8_t *executable;
    uint32_t used, cold; /* what lies between is free */
    uint64_t *table;
    uint8_t *opened; /* a mebibyte of guest addresses each */
    struct vx_code_block *blocks;
    struct vx_code_link *links;
    uint32_t block_count, link_count;
    uint64_t built_count;
    uint32_t fixed_nbytes; /* stubs at the start that clearing keeps */
};

bool vx_code_init(struct vx_code *code);
void vx_code_destroy(struct vx_code *code);

/* Forgets all blocks. */
void vx_code_clear(struct vx_code *code);

/* Whether `nbytes` more, a block and `link_count` links fit. */
bool vx_code_has_room(const struct vx_code *code, uint32_t nbytes, uint32_t link_count);

/* The entry point for a guest address: NULL if there is none. */
const uint8_t *vx_code_find(const struct vx_code *code, vx32_addr eip);

/* False: the host has no memory for the table. */
bool vx_code_enter(struct vx_code *code, vx32_addr eip, uint32_t start);

/* The block that the host address lies in, or NULL. */
const struct vx_code_block *vx_code_block_at(const struct vx_code *code, uintptr_t host);

/* Whether the address lies in the code memory as it is executed, or in the table. */
bool vx_code_holds(const struct vx_code *code, uintptr_t host);
bool vx_code_table_holds(const struct vx_code *code, uintptr_t host);

/* Gives all entries of the table's page with this entry, which is opened, the default. */
void vx_code_fill_page(struct vx_code *code, vx32_addr eip, const uint8_t *fallback);

/* Makes the branch whose displacement lies at `site` lead to the offset `target`. */
void vx_code_link(struct vx_code *code, uint32_t site, uint32_t target);

#endif

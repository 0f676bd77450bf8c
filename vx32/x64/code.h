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
    VX_CODE_CALLED_COUNT = 2 * VX_CODE_BLOCK_COUNT,
};

/* One block of translated code: offsets from the start of the code memory. */
struct vx_code_block {
    uint32_t start, end;
    vx32_addr eip;
    bool polled;
    bool called; /* entered by calls, with esp still to be lowered by 4 */
};

/* A direct branch that still leads to its stub. */
struct vx_code_link {
    uint32_t site; /* offset of the branch's 32-bit displacement, which ends the instruction */
    vx32_addr target;
    bool polled; /* the target must poll: the branch goes backwards */
    bool call;
};

/* An entry for calls. */
struct vx_code_called {
    vx32_addr eip;
    uint32_t start; /* 0: empty */
};

/*
 * Entry points for every guest address, in address space that is only reserved; pieces of it are
 * opened when the first block in a mebibyte of guest memory is translated. What has no block there
 * is zero, or leads to the stub for unknown targets.
 */
struct vx_table {
    uint64_t *entries;
    uint8_t *opened; /* a mebibyte of guest addresses each */
};

/* Blocks grow from the start of the code memory, stubs, which are seldom executed, from its end. */
struct vx_code {
    uint8_t *writable;
    uint8_t *executable;
    uint32_t used, cold;   /* what lies between is free */
    struct vx_table jumps; /* of all blocks but the entries of calls */
    struct vx_table calls; /* of those entries that were called indirectly */
    struct vx_code_block *blocks;
    struct vx_code_link *links;
    struct vx_code_called *called; /* a hash table */
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

/* Makes it known in a table. False: the host has no memory. */
bool vx_code_enter(const struct vx_code *code, const struct vx_table *table, vx32_addr eip,
                   uint32_t start);

/* The same for entries of calls. */
const uint8_t *vx_code_find_called(const struct vx_code *code, vx32_addr eip);
void vx_code_enter_called(struct vx_code *code, vx32_addr eip, uint32_t start);

/* The block that the host address lies in, or NULL. */
const struct vx_code_block *vx_code_block_at(const struct vx_code *code, uintptr_t host);

/* Whether the address lies in the code memory as it is executed. */
bool vx_code_holds(const struct vx_code *code, uintptr_t host);

/* Whether the host address lies in the table; whether the table says there is no block. */
bool vx_table_holds(const struct vx_table *table, uintptr_t host);
bool vx_table_lacks(const struct vx_table *table, uint64_t eip);

/* Gives all entries around this one, which is opened, the default. */
void vx_table_fill_page(const struct vx_table *table, vx32_addr eip, const uint8_t *fallback);

/* Makes the branch whose displacement lies at `site` lead to the offset `target`. */
void vx_code_link(struct vx_code *code, uint32_t site, uint32_t target);

#endif

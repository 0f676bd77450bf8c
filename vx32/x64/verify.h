/* SPDX-License-Identifier: MIT */
/* Examines host code before it may run. Shares nothing with what writes it but its bookkeeping. */
#ifndef VX32_X64_VERIFY_H
#define VX32_X64_VERIFY_H

#include <stdbool.h>
#include <stdint.h>

struct vx_translator;

/* Where the code memory stood before a run of blocks was written. */
struct vx_verify_start {
    uint32_t offset; /* of the first block */
    uint32_t block_count, link_count;
};

/* Whether the stubs at the start of the code memory are what all else relies on. */
bool vx_verify_stubs(const struct vx_translator *translator);

/*
 * Whether what was written since `start` may run: that it can reach no memory of the host, keeps
 * the registers of the host's side, goes nowhere but to blocks and stubs, and can be stopped. That
 * it does what the guest's instructions say is not examined.
 */
bool vx_verify_run(const struct vx_translator *translator, const struct vx_verify_start *start);

/* Whether the link's branch, which still leads to its stub, may be led to the offset `target`. */
bool vx_verify_link(const struct vx_translator *translator, uint32_t number, uint32_t target);

/* Whether the landing at an offset may become a jump to the code at `target`, which comes back. */
bool vx_verify_landing(const struct vx_translator *translator, uint32_t landing, uint32_t target);

/* ---- verify_insn.c: one instruction that is no branch ---- */

/* Which registers surely hold 32-bit numbers that were put there for a branch. */
struct vx_verify_scratch {
    bool r8, r10;
};

/*
 * The length of the instruction, 0 if it is refused. All its bytes must be readable, up to 16.
 * `strings`: whether string instructions are allowed.
 */
unsigned vx_verify_insn(const uint8_t *at, bool embedded, bool strings,
                        struct vx_verify_scratch *scratch);

#endif

/* SPDX-License-Identifier: MIT */
/* Which status flags an instruction reads, defines and leaves undefined, with its operands known.
 */
#ifndef VX32_STRICT_FLAG_USE_H
#define VX32_STRICT_FLAG_USE_H

#include "interp/uop.h"

/* Sets of enum vx_flag_set. */
struct vx_flag_use {
    unsigned reads;
    unsigned defines;
    unsigned leaves_undefined;
};

/* Asked before the instruction is executed: counts lie in registers that it may change. */
struct vx_flag_use vx_flag_use_of(const struct vx_cpu *cpu, const struct vx_uop *uop);

#endif

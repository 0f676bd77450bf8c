/* SPDX-License-Identifier: MIT */
/* Puts a program into memory and a processor at its first instruction. */
#ifndef VX32_LOAD_H
#define VX32_LOAD_H

#include "instance.h"

/*
 * The instance's memory must be clear. Fills memory, registers and process state from its image and
 * settings. VX32_LIMIT: the program does not fit; VX32_INVALID_ARGUMENT: the arguments do not fit
 * into a quarter of the stack.
 */
VX32_MUST_CHECK enum vx32_status vx_load(struct vx32_instance *instance);

/*
 * The same for an instance that was loaded and has run, where what the guest did since can be
 * undone in place. False: it cannot, and memory must be cleared first.
 */
VX32_MUST_CHECK bool vx_reload(struct vx32_instance *instance);

#endif

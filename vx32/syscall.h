/* SPDX-License-Identifier: MIT */
/* System calls: how a call is answered, and what the files that answer them share. */
#ifndef VX32_SYSCALL_H
#define VX32_SYSCALL_H

#include "instance.h"

#include <stdbool.h>
#include <stdint.h>

/* Carries out the call in the registers. True: the host must act, instance->exit says how. */
bool vx_system_call(struct vx32_instance *instance);

/*
 * The host's answer to the open transfer: a count up to exit.nbytes, or a negated error number. The
 * call may stay open, with another exit, if a writev has more to give.
 */
void vx_transfer_complete(struct vx32_instance *instance, int64_t result);

/* Error numbers of Linux/i386 beyond those of the archive profile. */
enum {
    VX_EPERM = 1,
    VX_ENOENT = 2,
    VX_EAGAIN = 11,
    VX_EMFILE = 24,
    VX_ENOTTY = 25,
    VX_ESPIPE = 29,
    VX_EDEADLK = 35,
};

enum { VX_PROCESS_ID = 1 };

/* What a call returns instead of a result: it has filled instance->exit. */
#define VX_CALL_SUSPENDED INT64_MIN

/* Each gets the six argument registers, and returns what eax becomes. */
#define SYSTEM_CALL(number, profile, function)                                                     \
    int64_t vx_call_##function(struct vx32_instance *instance, const uint32_t *argument);
#include "syscalls.def"
#undef SYSTEM_CALL

/* VX32_FD_INPUT, _OUTPUT, _MESSAGES, or VX_DESCRIPTOR_CLOSED for what is not open. */
int vx_descriptor(const struct vx_process *process, uint32_t fd);

/* Guest memory as a call's structures; false if a byte of it is not accessible. */
VX32_MUST_CHECK bool vx_fetch(const struct vx_mem *mem, vx32_addr addr, void *bytes, size_t nbytes);
VX32_MUST_CHECK bool vx_store(struct vx_mem *mem, vx32_addr addr, const void *bytes, size_t nbytes);
VX32_MUST_CHECK bool vx_fetch32(const struct vx_mem *mem, vx32_addr addr, uint32_t *value);

/*
 * Takes fuel for a call's work, or all that is left, so that a budget of fuel bounds the host's
 * time as well: work on `nbytes` of address space costs a unit a page.
 */
void vx_spend_units(struct vx32_instance *instance, uint64_t count);
void vx_spend_pages(struct vx32_instance *instance, uint64_t nbytes);

/* Little-endian words in a structure that is being built for the guest. */
void vx_put32(uint8_t *bytes, uint32_t value);
void vx_put64(uint8_t *bytes, uint64_t value);

#endif

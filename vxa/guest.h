/* SPDX-License-Identifier: MIT */
/* A decoder inside vx32, in this very process; its .c file is the only one that includes vx32.h. */
#ifndef VXA_GUEST_H
#define VXA_GUEST_H

#include "failure.h"
#include "sandbox.h"
#include "stream.h"

struct vxa_guest;

/* Takes all that it needs of the host, so that little is asked of it later; no program yet. Of the
 * limits, memory and time are for its whole life. */
struct vxa_guest *vxa_guest_new(enum vxa_engine engine, const struct vxa_sandbox_limits *limits,
                                struct vxa_failure *failure);
/* NULL is allowed. */
void vxa_guest_free(struct vxa_guest *guest);

/* Validates the ELF in `elf`, and makes it the program; the rest is as for vxa_sandbox_open(). */
bool vxa_guest_load(struct vxa_guest *guest, const void *elf, size_t elf_nbytes, const char *name,
                    const char *const *arguments, int argument_count, struct vxa_failure *failure);

/* As vxa_sandbox_run(), with at most `fuel` instructions, or any number for 0. The outcome is
 * filled whatever it is. */
bool vxa_guest_run(struct vxa_guest *guest, uint64_t fuel, struct vxa_source source,
                   struct vxa_sink sink, struct vxa_sandbox_outcome *outcome,
                   struct vxa_failure *failure);

/* Ends a run in progress with VXA_FAILURE_INTERRUPTED; from a signal handler, too. */
void vxa_guest_interrupt(struct vxa_guest *guest);

bool vxa_guest_engine_available(enum vxa_engine engine);

#endif

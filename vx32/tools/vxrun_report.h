/* SPDX-License-Identifier: MIT */
/* What vxrun tells about a guest on standard error. */
#ifndef VXRUN_REPORT_H
#define VXRUN_REPORT_H

#include "vx32.h"

/* The instruction at `addr`: address, bytes, text. */
void vxrun_print_instruction(const struct vx32_instance *guest, vx32_addr addr);

/* Why the guest trapped, where, and all registers. */
void vxrun_print_trap(const struct vx32_instance *guest, const struct vx32_exit *exit);

void vxrun_print_statistics(const struct vx32_instance *guest, double cpu_seconds);

/* The signal that Linux sends for this trap. */
int vxrun_trap_signal(enum vx32_trap trap);

#endif

/* SPDX-License-Identifier: MIT */
/* The real processor: the program runs as a 32-bit process of the host, under ptrace. */
#ifndef TESTS_INSN_HARDWARE_H
#define TESTS_INSN_HARDWARE_H

#include "machine.h"

struct hardware;

/* NULL where the host cannot run and trace a 32-bit process; *problem says why. */
struct hardware *hardware_start(const struct program *program, const char **problem);
void hardware_end(struct hardware *hardware);

/* Executes from initial->registers.eip to the next breakpoint or fault; false: the process died. */
bool hardware_run(struct hardware *hardware, const struct state *initial, struct outcome *outcome);

/* Tells #MF from #XM, which look alike from outside: whether the instruction uses x87 or MMX. */
void hardware_expect_x87(struct hardware *hardware, bool uses_x87, bool uses_simd);

#endif

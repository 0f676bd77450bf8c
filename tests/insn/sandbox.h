/* SPDX-License-Identifier: MIT */
/* The processor under test: the program runs in a guest of libvx32. */
#ifndef TESTS_INSN_SANDBOX_H
#define TESTS_INSN_SANDBOX_H

#include "machine.h"

struct sandbox;

struct sandbox *sandbox_start(const struct program *program, enum vx32_engine engine,
                              const char **problem);
void sandbox_end(struct sandbox *sandbox);

/*
 * Ways in which the interpreter executes one and the same instruction: alone, because the fuel is
 * for one; in a block that is kept, up to the breakpoint; and by the plain form of its operation,
 * where otherwise a special handler for its form runs.
 */
enum way { WAY_SINGLE, WAY_BLOCK, WAY_PLAIN };

/* Executes from initial->registers.eip as hardware_run() does. */
void sandbox_run(struct sandbox *sandbox, const struct test_case *c, enum way way,
                 const struct state *initial, struct outcome *outcome);

/* Whether WAY_PLAIN exists and differs from the other two. */
bool sandbox_has_special(const struct sandbox *sandbox, const struct test_case *c);

#endif

/* SPDX-License-Identifier: MIT */
/* A number that stands for many outcomes: equal on every host if the sandbox behaves equally. */
#ifndef TESTS_INSN_DIGEST_H
#define TESTS_INSN_DIGEST_H

#include "machine.h"

/* Fowler, Noll and Vo's FNV-1a of 64 bits. */
#define DIGEST_START UINT64_C(0xcbf29ce484222325)

/* Adds the defined part of an outcome: registers, flags, fault, and the memory that changed. */
uint64_t digest_outcome(uint64_t digest, const struct test_case *c, const struct state *initial,
                        const struct outcome *outcome);

#endif

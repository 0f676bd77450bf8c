/* SPDX-License-Identifier: MIT */
/* The digest of a default run whose outcomes were compared with a processor. */
#ifndef TESTS_INSN_GOLDEN_H
#define TESTS_INSN_GOLDEN_H

#define GOLDEN_DIGEST UINT64_C(0x5fc722de13a94050)

#endif

/* SPDX-License-Identifier: MIT */
/* Says whether two outcomes of one case are the same, as far as the architecture defines them. */
#ifndef TESTS_INSN_COMPARE_H
#define TESTS_INSN_COMPARE_H

#include "machine.h"

#include <stdio.h>

/*
 * Prints every difference as one line to `report` (if it is not NULL); true if there is none.
 * Differences that exceptions.def lists are none.
 */
bool compare_outcomes(const struct test_case *c, const struct state *initial,
                      const struct outcome *expected, const struct outcome *got, FILE *report);

/* The status flags that the instruction leaves undefined, started from this state. */
uint32_t compare_undefined_flags(const struct test_case *c, const struct state *initial);

/* The bits of enum exempt that exceptions.def gives the operation. */
unsigned compare_exempt(unsigned operation);

enum exempt {
    EXEMPT_NOTHING = 0,
    EXEMPT_GENERAL = 1 << 0,     /* eax, ebx, ecx, edx */
    EXEMPT_EIP = 1 << 1,         /* of the fault */
    EXEMPT_POINTERS = 1 << 2,    /* FIP, FCS, FOP, FDP, FDS and reserved parts in memory */
    EXEMPT_APPROXIMATE = 1 << 3, /* lanes of the destination may differ by 1.5 * 2^-12 */
    /* when a page fault comes midway: */
    EXEMPT_PARTIAL = 1 << 4,         /* memory, and the exact address */
    EXEMPT_GENERAL_PARTIAL = 1 << 5, /* general registers */
    EXEMPT_MMX = 1 << 6,             /* the x87 top of stack and tags */
    EXEMPT_UNSELECTED = 1 << 7,      /* all of the fault: the bytes are not accessed here */
    EXEMPT_C1 = 1 << 8,              /* condition code C1 of the x87 status */
    EXEMPT_CONDITIONS = 1 << 9,      /* all four of them, when the operation was invalid */
};

#endif

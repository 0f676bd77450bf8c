/* SPDX-License-Identifier: 0BSD */
/* Knows how a broken invariant ends the program; may be included again with another NDEBUG. */
#undef assert

#ifdef NDEBUG
#define assert(condition) ((void)0)
#else
#define assert(condition) ((condition) ? (void)0 : guest_assertion_failed(#condition))
#endif

#ifndef GUEST_ASSERT_H
#define GUEST_ASSERT_H

_Noreturn void guest_assertion_failed(const char *condition);

#endif

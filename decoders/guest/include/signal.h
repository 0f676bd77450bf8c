/* SPDX-License-Identifier: 0BSD */
/* Knows that a guest has no signals: the names exist for libraries' declarations, no function does.
 */
#ifndef GUEST_SIGNAL_H
#define GUEST_SIGNAL_H

typedef unsigned sigset_t;

int sigprocmask(int how, const sigset_t *set, sigset_t *previous);

#endif

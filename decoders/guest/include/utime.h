/* SPDX-License-Identifier: 0BSD */
/* Knows that a guest has no clock: libraries include this name, and use none of its contents. */
#ifndef GUEST_UTIME_H
#define GUEST_UTIME_H

#endif

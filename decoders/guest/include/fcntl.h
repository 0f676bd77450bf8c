/* SPDX-License-Identifier: 0BSD */
/* Knows that a guest opens nothing: libraries include this name, and use none of its contents. */
#ifndef GUEST_FCNTL_H
#define GUEST_FCNTL_H

#endif

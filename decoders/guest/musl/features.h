/* SPDX-License-Identifier: 0BSD */
/* Knows the attributes that musl's mathematics expects of its own headers. */
#ifndef GUEST_MUSL_FEATURES_H
#define GUEST_MUSL_FEATURES_H

#define hidden __attribute__((__visibility__("hidden")))

#endif

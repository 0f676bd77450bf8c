/* SPDX-License-Identifier: MIT */
/* The names of ZIP's compression methods (APPNOTE 4.4.5), for people. */
#ifndef VXA_METHOD_NAME_H
#define VXA_METHOD_NAME_H

#include <stdint.h>

/* At most 7 characters; NULL for a number without a name. */
const char *vxa_method_name(uint16_t method);

#endif

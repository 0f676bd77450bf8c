/* SPDX-License-Identifier: MIT */
/* Decoding by the host's own libraries, for those who trust them and have no translator. */
#ifndef VXA_NATIVE_H
#define VXA_NATIVE_H

#include "failure.h"
#include "stream.h"

/* Whether this program has a library for the method. */
bool vxa_native_has(uint16_t method);

/* Decodes one stream, which must end where the source does. A failing source or sink ends it with
 * VXA_FAILURE_IO and an empty text: the caller knows its own reason. */
bool vxa_native_decode(uint16_t method, struct vxa_source source, struct vxa_sink sink,
                       struct vxa_failure *failure);

#endif

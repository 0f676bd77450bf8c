/* SPDX-License-Identifier: MIT */
/* SHA-256 (FIPS 180-4) of a buffer. */
#ifndef VXA_SHA256_H
#define VXA_SHA256_H

#include <stddef.h>
#include <stdint.h>

void vxa_sha256(const void *data, size_t nbytes, uint8_t digest[32]);

/* Writes 64 lower-case hexadecimal digits and a NUL. */
void vxa_hex32(const uint8_t digest[32], char text[65]);

#endif

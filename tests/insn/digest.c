/* SPDX-License-Identifier: MIT */
/* Folds outcomes into one number, byte by byte, whatever the host's byte order is. */
#include "digest.h"

#include "compare.h"
#include "cpu.h"

#include <string.h>

enum { CHUNK_NBYTES = 64 };

static uint64_t add_byte(uint64_t digest, uint8_t byte)
{
    return (digest ^ byte) * UINT64_C(0x100000001b3);
}

static uint64_t add_number(uint64_t digest, uint32_t number)
{
    for (int i = 0; i < 4; i++)
        digest = add_byte(digest, (uint8_t)(number >> 8 * i));
    return digest;
}

static uint64_t add_bytes(uint64_t digest, const uint8_t *bytes, size_t nbytes)
{
    for (size_t i = 0; i < nbytes; i++)
        digest = add_byte(digest, bytes[i]);
    return digest;
}

static uint64_t add_registers(uint64_t digest, const struct vx32_registers *r, uint32_t flags)
{
    for (int i = 0; i < 8; i++) {
        digest = add_number(digest, r->general[i]);
        digest = add_bytes(digest, r->xmm[i], sizeof r->xmm[i]);
        digest = add_bytes(digest, r->st[i], sizeof r->st[i]);
    }
    digest = add_number(digest, r->eip);
    digest = add_number(digest, r->eflags & flags);
    digest = add_number(digest, (uint32_t)r->x87_control << 16 | r->x87_status);
    digest = add_number(digest, r->x87_tag);
    return add_number(digest, r->mxcsr);
}

uint64_t digest_outcome(uint64_t digest, const struct test_case *c, const struct state *initial,
                        const struct outcome *outcome)
{
    uint32_t flags = VX_POPF_FLAGS & ~compare_undefined_flags(c, initial);

    digest = add_registers(digest, &outcome->state.registers, flags);
    digest = add_number(digest, outcome->fault);
    digest = add_number(digest, outcome->fault_addr);
    for (uint32_t i = 0; i < DATA_NBYTES; i += CHUNK_NBYTES)
        if (memcmp(outcome->state.data + i, initial->data + i, CHUNK_NBYTES) != 0)
            digest = add_bytes(add_number(digest, i), outcome->state.data + i, CHUNK_NBYTES);
    return digest;
}

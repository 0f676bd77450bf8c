/* SPDX-License-Identifier: MIT */
/* Fuzz target: any bytes are decoded and printed within the limits that insn.h promises. */
#include "cpu.h"
#include "insn.h"
#include "print.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t nbytes);

static void demand(bool is_true)
{
    if (!is_true)
        abort();
}

static void check_fields(const struct vx_insn *insn, size_t nbytes)
{
    demand(insn->nbytes >= 1 && insn->nbytes <= VX_INSN_MAX_NBYTES && insn->nbytes <= nbytes);
    demand(insn->slot < VX_SLOT_COUNT);
    demand(insn->operation > VX_OP_IN_GROUP && insn->operation < VX_OP_COUNT);
    demand(insn->operation == vx_opcodes[insn->slot].operation);
    demand(insn->operand_nbytes == 2 || insn->operand_nbytes == 4);
    demand(insn->condition < 16 && insn->reg < 8 && insn->rm < 8 && insn->shift < 4);
    demand(insn->base <= VX_NO_REGISTER && insn->index <= VX_NO_REGISTER);
    demand(insn->index != VX32_ESP);
    demand(insn->has_memory || !(insn->prefixes & (VX_PREFIX_GS | VX_PREFIX_LOCK)));
    for (unsigned n = 0; n < 3; n++)
        demand(vx_opcodes[insn->slot].operand[n] < VX_O_COUNT);
}

/* A decoded instruction does not depend on the bytes behind it, and needs all of its own. */
static void check_extent(const uint8_t *data, const struct vx_insn *insn)
{
    struct vx_insn again;
    uint8_t *exact = malloc(insn->nbytes);

    if (!exact)
        return;
    memcpy(exact, data, insn->nbytes);
    demand(vx_decode(exact, insn->nbytes, insn->addr, &again) == VX_DECODE_OK);
    demand(again.nbytes == insn->nbytes && again.operation == insn->operation &&
           again.immediate == insn->immediate && again.displacement == insn->displacement);
    demand(vx_decode(exact, insn->nbytes - 1u, insn->addr, &again) == VX_DECODE_TRUNCATED);
    free(exact);
}

static void check_text(const struct vx_insn *insn)
{
    char text[VX_TEXT_NBYTES];
    size_t length = vx_print(insn, text, sizeof(text));

    demand(length < sizeof(text) && strlen(text) == length);
    demand(!strchr(text, '?'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t nbytes)
{
    struct vx_insn insn;
    size_t position = 0;

    while (position < nbytes && vx_decode(data + position, nbytes - position, (vx32_addr)position,
                                          &insn) == VX_DECODE_OK) {
        check_fields(&insn, nbytes - position);
        check_extent(data + position, &insn);
        check_text(&insn);
        position += insn.nbytes;
    }
    return 0;
}

/* SPDX-License-Identifier: MIT */
/* Tells whether the status flags at a place in guest code can still be read. */
#include "translator.h"

/*
 * Code is followed as far as a budget of instructions goes; what is not known counts as read. A
 * memory access that faults does not: then flags that would have been overwritten may be lost.
 */

enum { BUDGET = 24 };

struct scan {
    const struct vx_mem *mem;
    unsigned pending; /* flags that were neither read nor written yet */
    unsigned budget;
    bool read;
};

static bool scan_from(struct scan scan, vx32_addr eip);

static unsigned reads_of(const struct vx_insn *insn)
{
    unsigned reads = vx_operations[insn->operation].reads;

    if (reads & VX_FL_CC)
        reads |= vx_condition_flags(insn->condition);
    return reads;
}

/* Takes an instruction into account: true while the code behind it still matters. */
static bool scan_insn(struct scan *scan, const struct vx_insn *insn)
{
    const struct vx_operation_info *info = &vx_operations[insn->operation];

    if ((reads_of(insn) & scan->pending) != 0)
        scan->read = true;
    if (info->sure)
        scan->pending &= ~(unsigned)(info->writes | info->undefined);
    if (scan->budget == 0)
        scan->read = true;
    else
        scan->budget--;
    return !scan->read && scan->pending != 0;
}

/* Where execution goes on behind the instruction; false if that is not known. */
static bool follow(struct scan *scan, const struct vx_insn *insn, vx32_addr *eip)
{
    switch (vx_operations[insn->operation].class) {
    case VX_CLASS_PLAIN:
    case VX_CLASS_STRING: *eip = insn->addr + insn->nbytes; return true;
    case VX_CLASS_BRANCH:
    case VX_CLASS_CALL: break;
    default: return false;
    }
    if (insn->operation == VX_OP_JMP || insn->operation == VX_OP_CALL) {
        *eip = insn->immediate;
        return true;
    }
    if (insn->operation != VX_OP_JCC)
        return false;
    scan->budget /= 2;
    *eip = insn->addr + insn->nbytes;
    return scan_from(*scan, insn->immediate);
}

/* True if none of the pending flags is read. */
static bool scan_from(struct scan scan, vx32_addr eip)
{
    struct vx_insn insn;

    for (;;) {
        size_t nbytes = vx_mem_accessible(scan.mem, eip, VX_INSN_MAX_NBYTES, VX32_ACCESS_EXECUTE);

        if (nbytes == 0 || vx_decode(scan.mem->base + eip, nbytes, eip, &insn) != VX_DECODE_OK)
            return false;
        if (!scan_insn(&scan, &insn))
            return !scan.read;
        if (!follow(&scan, &insn, &eip))
            return false;
    }
}

bool vx_x64_flags_dead(const struct vx_mem *mem, vx32_addr eip)
{
    return scan_from((struct scan){mem, VX_FL_OSZAPC, BUDGET, false}, eip);
}

bool vx_unit_flags_dead(const struct vx_unit *unit, unsigned index)
{
    struct scan scan = {unit->translator->mem, VX_FL_OSZAPC, BUDGET, false};
    vx32_addr eip = unit->end;

    for (; index < unit->count; index++) {
        if (!scan_insn(&scan, &unit->insns[index]))
            return !scan.read;
        if (!follow(&scan, &unit->insns[index], &eip))
            return false;
    }
    return scan_from(scan, eip);
}

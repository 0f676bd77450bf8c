/* SPDX-License-Identifier: MIT */
/* From an instruction to its handler: a special one for its form, or its operation's plain form. */
#include "interp.h"
#include "operand.h"
#include "special.h"

/* Each plain operation as a handler. A string instruction may have used up what the block was
 * charged for the instructions behind it: then it is left there. */
#define RUN_PLAIN(name)                                                                            \
    static struct vx_uop *run_##name(struct vx_cpu *cpu, struct vx_uop *uop)                       \
    {                                                                                              \
        vx_do_##name(cpu, uop);                                                                    \
        VX_NEXT(cpu, uop + 1);                                                                     \
    }
#define RUN_STRING(name)                                                                           \
    static struct vx_uop *run_##name(struct vx_cpu *cpu, struct vx_uop *uop)                       \
    {                                                                                              \
        vx_do_##name(cpu, uop);                                                                    \
        if (cpu->slice < 0)                                                                        \
            return vx_leave_behind(cpu, uop);                                                      \
        VX_NEXT(cpu, uop + 1);                                                                     \
    }
#define RUN_BRANCH(name)
#define RUN_CALL(name)
#define RUN_RET(name)
#define RUN_TRAP(name)
#define RUN_SYSTEM(name)
#define OPERATION(name, mnemonic, class, reads, writes, undefined, sure) RUN_##class(name)
#include "operations.def"
#undef OPERATION
#undef RUN_PLAIN
#undef RUN_STRING

#define RUN_PLAIN(name)  [VX_OP_##name] = run_##name,
#define RUN_STRING(name) RUN_PLAIN(name)

static vx_handler *const plain[VX_OP_COUNT] = {
#define OPERATION(name, mnemonic, class, reads, writes, undefined, sure) RUN_##class(name)
#include "operations.def"
#undef OPERATION
};

vx_handler *vx_handler_for(const struct vx_insn *insn)
{
    vx_handler *special;

    if (!plain[insn->operation])
        return vx_control_handler(insn);
    special = vx_special_handler(insn);
    return special ? special : plain[insn->operation];
}

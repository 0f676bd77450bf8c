/* SPDX-License-Identifier: MIT */
/* The instruction tables as data: opcodes.def, operations.def and the operand letters expanded. */
#include "insn.h"

const struct vx_operation_info vx_operations[VX_OP_COUNT] = {
#define OPERATION(name, text, kind, in, out, undef, always)                                        \
    [VX_OP_##name] = {.mnemonic = text,                                                            \
                      .class = VX_CLASS_##kind,                                                    \
                      .reads = VX_FL_##in,                                                         \
                      .writes = VX_FL_##out,                                                       \
                      .undefined = VX_FL_##undef,                                                  \
                      .sure = always},
#include "operations.def"
#undef OPERATION
};

const struct vx_operand_info vx_operands[VX_O_COUNT] = {
#define OPERAND(letters, form, size)                                                               \
    [VX_O_##letters] = {.name = #letters, .kind = VX_KIND_##form, .nbytes = size},
    VX_OPERAND_LIST(OPERAND)
#undef OPERAND
};

/* The prefix words of opcodes.def. */
enum {
    PREFIX_NONE = 0,
    PREFIX_LOCK = VX_ROW_LOCK,
    PREFIX_REP = VX_ROW_F3_REPEATS,
    PREFIX_REPE = VX_ROW_F3_REPEATS | VX_ROW_F2_REPEATS,
    PREFIX_F3 = VX_ROW_F3_IGNORED,
    PREFIX_JUMP = VX_ROW_HINT_IGNORED | VX_ROW_NO66,
    PREFIX_RETURN = VX_ROW_F3_IGNORED | VX_ROW_NO66,
    PREFIX_NO66 = VX_ROW_NO66,
    PREFIX_NOPS = VX_ROW_HINT_IGNORED,
};

const struct vx_opcode vx_opcodes[VX_SLOT_COUNT] = {
#define ONE(opcode)       VX_SLOT_ONE + (opcode)
#define F3NOP             VX_SLOT_F3NOP
#define T0F(opcode)       VX_SLOT_0F + (opcode)
#define T66(opcode)       VX_SLOT_66 + (opcode)
#define TF3(opcode)       VX_SLOT_F3 + (opcode)
#define TF2(opcode)       VX_SLOT_F2 + (opcode)
#define GM(name, reg)     VX_SLOT_GROUP + VX_##name * 16 + (reg)
#define GR(name, reg)     VX_SLOT_GROUP + VX_##name * 16 + 8 + (reg)
#define XM(escape, reg)   VX_SLOT_X87_MEMORY + (escape)*8 + (reg)
#define XR(escape, reg)   VX_SLOT_X87_STI + (escape)*8 + (reg)
#define X1(escape, modrm) VX_SLOT_X87_EXACT + (escape)*64 + (modrm)-0xc0
#define VX_OP_IN_GROUP(g) VX_OP_IN_GROUP, .group = VX_##g
#define OP(slot, what, a, b, c, prefix, generation)                                                \
    [slot] = {.operation = VX_OP_##what,                                                           \
              .operand = {VX_O_##a, VX_O_##b, VX_O_##c},                                           \
              .prefixes = PREFIX_##prefix,                                                         \
              .since = VX_##generation},
#include "opcodes.def"
#undef OP
};

/* SPDX-License-Identifier: MIT */
/* What an instruction is: the enums that the two tables expand to, and a decoded instruction. */
#ifndef VX32_INSN_H
#define VX32_INSN_H

#include "vx32.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum vx_operation {
    VX_OP_REJECT,   /* an absent row */
    VX_OP_IN_GROUP, /* ModRM.reg decides; only inside the decoder */
#define OPERATION(name, mnemonic, class, reads, writes, undefined, sure) VX_OP_##name,
#include "operations.def"
#undef OPERATION
    VX_OP_COUNT,
};

enum vx_class {
    VX_CLASS_NONE,
    VX_CLASS_PLAIN,
    VX_CLASS_BRANCH,
    VX_CLASS_CALL,
    VX_CLASS_RET,
    VX_CLASS_STRING,
    VX_CLASS_TRAP,
    VX_CLASS_SYSTEM,
};

/* Sets of flags in the order of EFLAGS; VX_FL_CC stands for those of the instruction's condition.
 */
enum vx_flag_set {
    VX_FL_NONE = 0,
    VX_FL_C = 1 << 0,
    VX_FL_P = 1 << 2,
    VX_FL_A = 1 << 4,
    VX_FL_Z = 1 << 6,
    VX_FL_S = 1 << 7,
    VX_FL_D = 1 << 10,
    VX_FL_O = 1 << 11,
    VX_FL_CC = 1 << 12,
    VX_FL_AC = VX_FL_A | VX_FL_C,
    VX_FL_ZC = VX_FL_Z | VX_FL_C,
    VX_FL_OC = VX_FL_O | VX_FL_C,
    VX_FL_OA = VX_FL_O | VX_FL_A,
    VX_FL_OAC = VX_FL_OA | VX_FL_C,
    VX_FL_SZP = VX_FL_S | VX_FL_Z | VX_FL_P,
    VX_FL_OSZP = VX_FL_SZP | VX_FL_O,
    VX_FL_SZAP = VX_FL_SZP | VX_FL_A,
    VX_FL_OSAP = VX_FL_O | VX_FL_S | VX_FL_A | VX_FL_P,
    VX_FL_OSAPC = VX_FL_OSAP | VX_FL_C,
    VX_FL_OSZAP = VX_FL_SZAP | VX_FL_O,
    VX_FL_SZAPC = VX_FL_SZAP | VX_FL_C,
    VX_FL_OSZPC = VX_FL_OSZP | VX_FL_C,
    VX_FL_OSZAPC = VX_FL_OSZAP | VX_FL_C,
    VX_FL_DOSZAPC = VX_FL_OSZAPC | VX_FL_D,
};

struct vx_operation_info {
    const char *mnemonic;
    uint8_t class;                     /* enum vx_class */
    uint16_t reads, writes, undefined; /* enum vx_flag_set */
    bool sure;                         /* writes and undefined change whatever the operands are */
};

extern const struct vx_operation_info vx_operations[VX_OP_COUNT];

/*
 * Operand letters: the Intel manual's where it has one (SDM volume 2, A.2.1).
 * (name, kind, bytes); 0 bytes: 2 or 4 by operand size.
 */
#define VX_OPERAND_LIST(X)                                                                         \
    X(NONE, NONE, 0)                                                                               \
    X(Eb, RM, 1) /* general register or memory */                                                  \
    X(Ew, RM, 2)                                                                                   \
    X(Ed, RM, 4)                                                                                   \
    X(Ev, RM, 0)                                                                                   \
    X(Edw, RM_WORD, 2) /* 32-bit register, or a word in memory */                                  \
    X(Gb, REG, 1)      /* general register of ModRM.reg */                                         \
    X(Gd, REG, 4)                                                                                  \
    X(Gv, REG, 0)                                                                                  \
    X(Zb, OPCODE_REG, 1) /* general register of the opcode's low bits */                           \
    X(Zd, OPCODE_REG, 4)                                                                           \
    X(Zv, OPCODE_REG, 0)                                                                           \
    X(AL, ACCUMULATOR, 1)                                                                          \
    X(AX, ACCUMULATOR, 2)                                                                          \
    X(Av, ACCUMULATOR, 0)                                                                          \
    X(CL, COUNT, 1)                                                                                \
    X(GS, SEGMENT, 2)                                                                              \
    X(Ib, IMMEDIATE, 1)                                                                            \
    X(Iw, IMMEDIATE, 2)                                                                            \
    X(Iv, IMMEDIATE, 0)                                                                            \
    X(Is, IMMEDIATE_SIGNED, 0) /* a byte, sign-extended to the operand size */                     \
    X(Ic, PREDICATE, 1)        /* a byte, 0 to 7 */                                                \
    X(I1, ONE, 1)              /* the constant 1 */                                                \
    X(Jb, RELATIVE, 1)                                                                             \
    X(Jv, RELATIVE, 4)                                                                             \
    X(Ob, OFFSET, 1) /* memory at a displacement without ModRM */                                  \
    X(Ov, OFFSET, 0)                                                                               \
    X(M, MEMORY, 0)  /* an address that is not accessed */                                         \
    X(Ma, MEMORY, 0) /* two bounds of the operand size */                                          \
    X(M16, MEMORY, 2)                                                                              \
    X(M28, MEMORY, 28)                                                                             \
    X(M32, MEMORY, 4)                                                                              \
    X(M64, MEMORY, 8)                                                                              \
    X(M80, MEMORY, 10)                                                                             \
    X(M108, MEMORY, 108)                                                                           \
    X(M128, MEMORY, 16)  /* aligned */                                                             \
    X(M512, MEMORY, 512) /* aligned to 16 */                                                       \
    X(F32, MEMORY, 4)    /* floating point */                                                      \
    X(F64, MEMORY, 8)                                                                              \
    X(F80, MEMORY, 10)                                                                             \
    X(Xb, STRING, 1) /* at esi */                                                                  \
    X(Xv, STRING, 0)                                                                               \
    X(Yb, STRING, 1) /* at edi */                                                                  \
    X(Yv, STRING, 0)                                                                               \
    X(ST0, ST0, 10)                                                                                \
    X(STi, STI, 10)                                                                                \
    X(P, MMX_REG, 8) /* MMX register of ModRM.reg */                                               \
    X(Q, MMX_RM, 8)  /* MMX register or memory */                                                  \
    X(Qd, MMX_RM, 4) /* low half of an MMX register, or 4 bytes of memory */                       \
    X(N, MMX_ONLY, 8)                                                                              \
    X(V, XMM_REG, 16) /* XMM register of ModRM.reg */                                              \
    X(W, XMM_RM, 16)  /* XMM register or aligned memory */                                         \
    X(Wu, XMM_RM, 16) /* XMM register or memory of any alignment */                                \
    X(Wq, XMM_RM, 8)                                                                               \
    X(Wd, XMM_RM, 4)                                                                               \
    X(U, XMM_ONLY, 16)                                                                             \
    X(U3, FIXED_RM3, 0) /* ModRM.rm must be 3; no operand */

enum vx_operand {
#define OPERAND(name, kind, nbytes) VX_O_##name,
    VX_OPERAND_LIST(OPERAND)
#undef OPERAND
        VX_O_COUNT
};

enum vx_operand_kind {
    VX_KIND_NONE,
    VX_KIND_RM,
    VX_KIND_RM_WORD,
    VX_KIND_REG,
    VX_KIND_OPCODE_REG,
    VX_KIND_ACCUMULATOR,
    VX_KIND_COUNT,
    VX_KIND_SEGMENT,
    VX_KIND_IMMEDIATE,
    VX_KIND_IMMEDIATE_SIGNED,
    VX_KIND_PREDICATE,
    VX_KIND_ONE,
    VX_KIND_RELATIVE,
    VX_KIND_OFFSET,
    VX_KIND_MEMORY,
    VX_KIND_STRING,
    VX_KIND_ST0,
    VX_KIND_STI,
    VX_KIND_MMX_REG,
    VX_KIND_MMX_RM,
    VX_KIND_MMX_ONLY,
    VX_KIND_XMM_REG,
    VX_KIND_XMM_RM,
    VX_KIND_XMM_ONLY,
    VX_KIND_FIXED_RM3,
};

struct vx_operand_info {
    const char *name;
    uint8_t kind;    /* enum vx_operand_kind */
    uint16_t nbytes; /* 0: by operand size */
};

extern const struct vx_operand_info vx_operands[VX_O_COUNT];

enum vx_since { VX_I386, VX_I486, VX_P5, VX_P6, VX_X87, VX_MMX, VX_SSE, VX_SSE2 };

/* Groups: opcodes whose operation is chosen by ModRM.reg; an X is the form behind 66h. */
/* clang-format off */
#define VX_GROUP_LIST(X)                                                                           \
    X(G80)                                                                                         \
    X(G81)                                                                                         \
    X(G82)                                                                                         \
    X(G83)                                                                                         \
    X(G8E)                                                                                         \
    X(G8F)                                                                                         \
    X(GC0) X(GC1) X(GC6) X(GC7) X(GD0) X(GD1) X(GD2) X(GD3) X(GF6) X(GF7) X(GFE) X(GFF) X(G12)     \
        X(G16) X(G18) X(G1E) X(G1F) X(G71) X(G71X) X(G72) X(G72X) X(G73) X(G73X) X(GAE) X(GBA)     \
            X(GC7F)
/* clang-format on */

enum vx_group {
#define GROUP(name) VX_##name,
    VX_GROUP_LIST(GROUP)
#undef GROUP
        VX_GROUP_COUNT
};

/* Slots of the opcode table: where each family of rows begins. */
enum vx_slot {
    VX_SLOT_ONE = 0,
    VX_SLOT_0F = 256,
    VX_SLOT_66 = 512,
    VX_SLOT_F3 = 768,
    VX_SLOT_F2 = 1024,
    VX_SLOT_F3NOP = 1280,
    VX_SLOT_GROUP = 1281,                                     /* group, memory or register, reg */
    VX_SLOT_X87_MEMORY = VX_SLOT_GROUP + VX_GROUP_COUNT * 16, /* escape, reg */
    VX_SLOT_X87_STI = VX_SLOT_X87_MEMORY + 64,                /* escape, reg */
    VX_SLOT_X87_EXACT = VX_SLOT_X87_STI + 64,                 /* escape, ModRM - C0h */
    VX_SLOT_COUNT = VX_SLOT_X87_EXACT + 512,
};

enum vx_row_prefix {
    VX_ROW_LOCK = 1 << 0,
    VX_ROW_F3_REPEATS = 1 << 1,
    VX_ROW_F2_REPEATS = 1 << 2,
    VX_ROW_F3_IGNORED = 1 << 3,
    VX_ROW_HINT_IGNORED = 1 << 4, /* 2Eh and 3Eh */
    VX_ROW_NO66 = 1 << 5,
};

/* One row of the opcode table. */
struct vx_opcode {
    uint16_t operation; /* enum vx_operation */
    uint8_t group;      /* enum vx_group, for VX_OP_IN_GROUP */
    uint8_t operand[3]; /* enum vx_operand */
    uint8_t prefixes;   /* enum vx_row_prefix */
    uint8_t since;      /* enum vx_since */
};

extern const struct vx_opcode vx_opcodes[VX_SLOT_COUNT];

enum { VX_INSN_MAX_NBYTES = 15 };

enum vx_prefix {
    VX_PREFIX_LOCK = 1 << 0,
    VX_PREFIX_REPE = 1 << 1,  /* F3h, where it repeats */
    VX_PREFIX_REPNE = 1 << 2, /* F2h, where it repeats */
    VX_PREFIX_GS = 1 << 3,
    VX_PREFIX_ADDRESS16 = 1 << 4,
};

/* A decoded instruction. */
struct vx_insn {
    uint16_t slot;          /* row of vx_opcodes */
    uint16_t operation;     /* enum vx_operation */
    uint8_t nbytes;         /* 1 to 15 */
    uint8_t prefixes;       /* enum vx_prefix */
    uint8_t operand_nbytes; /* of operands whose letter says v: 2 or 4 */
    uint8_t condition;      /* JCC, SETCC, CMOVCC: low four bits of the opcode */
    bool has_memory;        /* an operand lies in memory at base + index << shift + displacement */
    uint8_t reg;            /* ModRM.reg, or the opcode's register */
    uint8_t rm;             /* register number of the rm operand, if not in memory */
    uint8_t base, index;    /* VX_NO_REGISTER if absent */
    uint8_t shift;
    uint32_t displacement;
    uint32_t immediate;  /* sign-extended where the form says so; relative: the target address */
    uint32_t immediate2; /* ENTER's nesting level */
    vx32_addr addr;      /* where it stands */
};

enum vx_decode_result {
    VX_DECODE_OK,
    VX_DECODE_REJECT,    /* no instruction of the contract: #UD */
    VX_DECODE_TRUNCATED, /* the bytes end before the instruction does */
    VX_DECODE_TOO_LONG,  /* more than 15 bytes: #GP */
};

/*
 * Decodes the instruction at `bytes`, of which `nbytes` can be read. *insn is valid only after
 * VX_DECODE_OK.
 */
enum vx_decode_result vx_decode(const uint8_t *bytes, size_t nbytes, vx32_addr addr,
                                struct vx_insn *insn);

/* The flags that the condition 0 to 15 reads (enum vx_flag_set). */
unsigned vx_condition_flags(unsigned condition);

/* The size of the n-th operand in bytes, the operand size applied. */
static inline unsigned vx_operand_nbytes(const struct vx_insn *insn, unsigned n)
{
    unsigned nbytes = vx_operands[vx_opcodes[insn->slot].operand[n]].nbytes;

    return nbytes ? nbytes : insn->operand_nbytes;
}

static inline unsigned vx_operand_kind(const struct vx_insn *insn, unsigned n)
{
    return vx_operands[vx_opcodes[insn->slot].operand[n]].kind;
}

#endif

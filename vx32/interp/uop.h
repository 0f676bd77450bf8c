/* SPDX-License-Identifier: MIT */
/* The interpreter's form of an instruction, and the contract of the functions that execute it. */
#ifndef VX32_INTERP_UOP_H
#define VX32_INTERP_UOP_H

#include "cpu.h"
#include "insn.h"

#include <stdbool.h>
#include <stdint.h>

struct vx_block;
struct vx_uop;

/*
 * Executes one instruction and goes on to the next uop, or returns NULL to leave the block.
 *
 * Where the compiler turns a call in tail position into a jump, handlers call each other, so that
 * each has its own indirect jump to predict. Elsewhere they return the next uop to a loop.
 */
typedef struct vx_uop *vx_handler(struct vx_cpu *cpu, struct vx_uop *uop);

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define VX_INSTRUMENTED
#endif
#endif
/* Processors where a call through a pointer never becomes a jump. */
#if defined(__powerpc__) || defined(__wasm__) || defined(__mips__) || defined(__sparc__)
#define VX_NO_TAIL_CALLS
#endif
#if defined(__GNUC__) && defined(__OPTIMIZE__) && !defined(VX_NO_TAIL_CALLS) &&                    \
    !defined(VX_PLAIN_C) && !defined(VX_INSTRUMENTED) && !defined(__SANITIZE_ADDRESS__) &&         \
    !defined(__SANITIZE_THREAD__)
#define VX_NEXT(cpu, uop) return (uop)->run(cpu, uop)
#else
#define VX_NEXT(cpu, uop) return (uop)
#endif

enum { VX_UOP_MEMORY = 1 << 7 }; /* in `prefixes`: an operand lies in memory */

/* Where an operand of a vector instruction is: what its letter says, looked up beforehand. */
enum vx_place {
    VX_PLACE_OTHER,   /* see the letter */
    VX_PLACE_REG,     /* XMM register `reg` */
    VX_PLACE_RM,      /* XMM register `rm` */
    VX_PLACE_MEMORY4, /* as many bytes at an address without prefixes */
    VX_PLACE_MEMORY8,
    VX_PLACE_MEMORY16,
    VX_PLACE_ALIGNED16, /* 16 bytes at a multiple of 16 */
};

/* A decoded instruction with its handler. */
struct vx_uop {
    vx_handler *run;
    union {
        struct {
            uint32_t immediate; /* ENTER: nesting level << 16 | size */
            uint32_t displacement;
        };
        struct vx_block *target; /* of a direct branch that has been linked */
    };
    vx32_addr eip;
    uint16_t slot;   /* row of vx_opcodes */
    uint8_t nbytes;  /* length of the instruction */
    uint8_t left;    /* instructions of the block from here on, this one included */
    uint8_t reg, rm; /* register numbers */
    uint8_t base, index, shift;
    uint8_t operand_nbytes; /* 2 or 4 */
    union {
        uint8_t condition; /* of Jcc, SETcc, CMOVcc */
        uint8_t places;    /* of vector instructions: enum vx_place of the first two operands, in
                              four bits each */
    };
    uint8_t prefixes; /* enum vx_prefix | VX_UOP_MEMORY */
};

static inline unsigned vx_place_of(const struct vx_uop *uop, unsigned n)
{
    return uop->places >> 4 * n & 15;
}

static inline unsigned vx_place_nbytes(unsigned place)
{
    return place == VX_PLACE_MEMORY4 ? 4 : place == VX_PLACE_MEMORY8 ? 8 : 16;
}

/*
 * The plain form of every operation: reads its operands by their letters, so it serves all rows.
 * A fault leaves through vx_raise() with nothing of the instruction done.
 */
typedef void vx_operation_function(struct vx_cpu *cpu, const struct vx_uop *uop);

#define OPERATION(name, mnemonic, class, reads, writes, undefined, sure)                           \
    vx_operation_function vx_do_##name;
#include "operations.def"
#undef OPERATION

#endif

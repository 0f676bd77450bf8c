/* SPDX-License-Identifier: MIT */
/* Moves, masks and inserts of vectors, cache hints, and the state of the vector units. */
#include "vector.h"
#include "x87.h"

/* ---- whole operands ---- */

static void move_vector(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    struct vx_vector value = vx_read_vector(cpu, uop, 1);

    vx_write_vector(cpu, uop, 0, &value);
}

#define WHOLE_MOVES(X)                                                                             \
    X(MOVAPS) X(MOVAPD) X(MOVDQA) X(MOVUPS) X(MOVUPD) X(MOVDQU) X(MOVNTPS) X(MOVNTPD) X(MOVNTDQ)
#define DEFINE(name)                                                                               \
    void vx_do_##name(struct vx_cpu *cpu, const struct vx_uop *uop)                                \
    {                                                                                              \
        move_vector(cpu, uop);                                                                     \
    }
WHOLE_MOVES(DEFINE)
#undef DEFINE

void vx_do_MOVNTQ(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    vx_begin_vector(cpu, uop);
    move_vector(cpu, uop);
}

/* ---- parts of registers ---- */

static struct vx_vector low_bytes(struct vx_vector value, unsigned nbytes)
{
    memset(value.byte + nbytes, 0, 16 - nbytes);
    return value;
}

/* MOVQ: 8 bytes; an XMM destination's upper half becomes zero. */
void vx_do_MOVQ(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    struct vx_vector value;

    vx_begin_vector(cpu, uop);
    value = low_bytes(vx_read_vector(cpu, uop, 1), 8);
    vx_write_vector(cpu, uop, 0, &value);
}

static bool is_vector_operand(const struct vx_uop *uop, unsigned n)
{
    unsigned kind = vx_operands[vx_operand_letter(uop, n)].kind;

    return kind == VX_KIND_MMX_REG || kind == VX_KIND_XMM_REG;
}

void vx_do_MOVD(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    struct vx_vector value = {{0}};

    vx_begin_vector(cpu, uop);
    if (is_vector_operand(uop, 0)) {
        vx_put32(value.byte, vx_read_operand(cpu, uop, 1));
        vx_write_vector(cpu, uop, 0, &value);
    } else {
        value = vx_read_vector(cpu, uop, 1);
        vx_write_operand(cpu, uop, 0, vx_get32(value.byte));
    }
}

/* MOVSS and MOVSD: from memory the rest becomes zero, between registers it stays. */
static void move_scalar(struct vx_cpu *cpu, const struct vx_uop *uop, unsigned nbytes)
{
    struct vx_vector source = vx_read_vector(cpu, uop, 1), result = source;

    if (!vx_has_memory(uop)) {
        result = vx_read_vector(cpu, uop, 0);
        memcpy(result.byte, source.byte, nbytes);
    }
    vx_write_vector(cpu, uop, 0, &result);
}

void vx_do_MOVSS(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    move_scalar(cpu, uop, 4);
}

void vx_do_MOVSD(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    move_scalar(cpu, uop, 8);
}

/* One half of the destination replaced by one half of the source; offsets in bytes. */
static void move_half(struct vx_cpu *cpu, const struct vx_uop *uop, unsigned to, unsigned from)
{
    struct vx_vector source = vx_read_vector(cpu, uop, 1);
    struct vx_vector result = vx_read_vector(cpu, uop, 0);

    memcpy(result.byte + to, source.byte + from, 8);
    vx_write_vector(cpu, uop, 0, &result);
}

/* Between a half of a register and 8 bytes of memory. */
static void move_half_and_memory(struct vx_cpu *cpu, const struct vx_uop *uop, unsigned half)
{
    struct vx_vector value;

    if (is_vector_operand(uop, 0)) {
        move_half(cpu, uop, half, 0);
        return;
    }
    value = vx_read_vector(cpu, uop, 1);
    memmove(value.byte, value.byte + half, 8);
    vx_write_vector(cpu, uop, 0, &value);
}

void vx_do_MOVLPS(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    move_half_and_memory(cpu, uop, 0);
}

void vx_do_MOVLPD(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    move_half_and_memory(cpu, uop, 0);
}

void vx_do_MOVHPS(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    move_half_and_memory(cpu, uop, 8);
}

void vx_do_MOVHPD(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    move_half_and_memory(cpu, uop, 8);
}

void vx_do_MOVHLPS(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    move_half(cpu, uop, 0, 8);
}

void vx_do_MOVLHPS(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    move_half(cpu, uop, 8, 0);
}

void vx_do_MOVNTI(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    vx_write_operand(cpu, uop, 0, vx_read_operand(cpu, uop, 1));
}

/* Between MMX and XMM registers. */
void vx_do_MOVQ2DQ(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    vx_begin_vector(cpu, uop);
    move_vector(cpu, uop);
}

void vx_do_MOVDQ2Q(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    vx_begin_vector(cpu, uop);
    move_vector(cpu, uop);
}

/* ---- sign masks ---- */

static void move_mask(struct vx_cpu *cpu, const struct vx_uop *uop, unsigned lane_nbytes)
{
    unsigned nbytes = vx_vector_nbytes(uop, 1);
    struct vx_vector value;
    uint32_t mask = 0;

    vx_begin_vector(cpu, uop);
    value = vx_read_vector(cpu, uop, 1);
    for (unsigned i = 0; i < nbytes / lane_nbytes; i++)
        mask |= (uint32_t)(value.byte[(i + 1) * lane_nbytes - 1] >> 7) << i;
    vx_write_operand(cpu, uop, 0, mask);
}

void vx_do_MOVMSKPS(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    move_mask(cpu, uop, 4);
}

void vx_do_MOVMSKPD(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    move_mask(cpu, uop, 8);
}

void vx_do_PMOVMSKB(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    move_mask(cpu, uop, 1);
}

/* Bytes whose mask byte is negative go to memory at edi; a fault happens before any is written. */
static void move_masked(struct vx_cpu *cpu, const struct vx_uop *uop, unsigned nbytes)
{
    vx32_addr addr = vx_linear(cpu, uop, cpu->general[VX32_EDI]);
    struct vx_vector value, mask;

    if (nbytes == 8)
        vx_x87_begin(cpu, uop);
    value = vx_read_vector(cpu, uop, 0);
    mask = vx_read_vector(cpu, uop, 1);
    for (unsigned i = 0; i < nbytes; i++)
        if (mask.byte[i] >> 7)
            vx_check(cpu, uop, addr + i, 1, VX32_ACCESS_WRITE);
    vx_begin_vector(cpu, uop);
    for (unsigned i = 0; i < nbytes; i++)
        if (mask.byte[i] >> 7)
            vx_store_checked(cpu, addr + i, 1, value.byte[i]);
}

void vx_do_MASKMOVQ(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    move_masked(cpu, uop, 8);
}

void vx_do_MASKMOVDQU(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    move_masked(cpu, uop, 16);
}

/* ---- single words ---- */

static unsigned word_index(const struct vx_uop *uop, unsigned n)
{
    return uop->immediate & (vx_vector_nbytes(uop, n) / 2 - 1);
}

void vx_do_PINSRW(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    struct vx_vector value;
    uint32_t word;

    vx_begin_vector(cpu, uop);
    word = vx_read_operand(cpu, uop, 1);
    value = vx_read_vector(cpu, uop, 0);
    vx_put16(value.byte + 2 * word_index(uop, 0), (uint16_t)word);
    vx_write_vector(cpu, uop, 0, &value);
}

void vx_do_PEXTRW(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    struct vx_vector value;

    vx_begin_vector(cpu, uop);
    value = vx_read_vector(cpu, uop, 1);
    vx_write_operand(cpu, uop, 0, vx_get16(value.byte + 2 * word_index(uop, 1)));
}

/* ---- hints: nothing to do on a machine with one processor and no cache ---- */

#define HINTS(X)                                                                                   \
    X(LFENCE) X(MFENCE) X(SFENCE) X(PREFETCHNTA) X(PREFETCHT0) X(PREFETCHT1) X(PREFETCHT2)
#define DEFINE(name)                                                                               \
    void vx_do_##name(struct vx_cpu *cpu, const struct vx_uop *uop)                                \
    {                                                                                              \
        (void)cpu;                                                                                 \
        (void)uop;                                                                                 \
    }
HINTS(DEFINE)
#undef DEFINE

/* Faults as a load of one byte does (SDM volume 2, CLFLUSH). */
void vx_do_CLFLUSH(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    vx_load(cpu, uop, vx_addr_of(cpu, uop), 1);
}

/* ---- control and state ---- */

enum { MXCSR_BITS = 0xffff };

void vx_do_LDMXCSR(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    uint32_t value = vx_read_operand(cpu, uop, 0);

    if (value & ~(uint32_t)MXCSR_BITS)
        vx_raise(cpu, uop, VX32_TRAP_GENERAL_PROTECTION);
    cpu->mxcsr = value;
}

void vx_do_STMXCSR(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    vx_write_operand(cpu, uop, 0, cpu->mxcsr);
}

void vx_do_EMMS(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    vx_x87_begin(cpu, uop);
    cpu->x87.empty = 0xff;
    cpu->x87.top = 0;
}

/*
 * The 512-byte image in its 32-bit form (SDM volume 1, table 10-2). The addresses of the last x87
 * instruction and operand are zero, as in FNSTENV; reserved bytes are not written.
 */
enum {
    FX_NBYTES = 512,
    FX_STATUS = 2,
    FX_TAG = 4,
    FX_MXCSR = 24,
    FX_MXCSR_MASK = 28,
    FX_ST = 32,
    FX_XMM = 160,
    FX_SAVED_NBYTES = 288,
};

static vx32_addr state_addr(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    vx32_addr addr = vx_addr_of(cpu, uop);

    if (addr & 15)
        vx_raise(cpu, uop, VX32_TRAP_GENERAL_PROTECTION);
    return addr;
}

void vx_do_FXSAVE(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    vx32_addr addr = state_addr(cpu, uop);
    uint8_t bytes[FX_SAVED_NBYTES] = {0};

    vx_check(cpu, uop, addr, FX_NBYTES, VX32_ACCESS_WRITE);
    vx_put16(bytes, cpu->x87.control);
    vx_put16(bytes + FX_STATUS, vx_cpu_x87_status(cpu));
    bytes[FX_TAG] = (uint8_t)~cpu->x87.empty;
    vx_put32(bytes + FX_MXCSR, cpu->mxcsr);
    vx_put32(bytes + FX_MXCSR_MASK, MXCSR_BITS);
    for (unsigned i = 0; i < 8; i++) {
        vx_f80_to_bytes(vx_st(cpu, i), bytes + FX_ST + 16 * i);
        memcpy(bytes + FX_XMM + 16 * i, cpu->xmm[i].byte, 16);
    }
    memcpy(vx_host(cpu, addr), bytes, sizeof bytes);
}

void vx_do_FXRSTOR(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    uint8_t bytes[FX_NBYTES];

    vx_load_bytes(cpu, uop, state_addr(cpu, uop), bytes, sizeof bytes);
    if (vx_get32(bytes + FX_MXCSR) & ~(uint32_t)MXCSR_BITS)
        vx_raise(cpu, uop, VX32_TRAP_GENERAL_PROTECTION);
    vx_x87_restore(cpu, vx_get16(bytes), vx_get16(bytes + FX_STATUS), (uint8_t)~bytes[FX_TAG]);
    cpu->mxcsr = vx_get32(bytes + FX_MXCSR);
    for (unsigned i = 0; i < 8; i++) {
        *vx_st(cpu, i) = vx_f80_from_bytes(bytes + FX_ST + 16 * i);
        memcpy(cpu->xmm[i].byte, bytes + FX_XMM + 16 * i, 16);
    }
}

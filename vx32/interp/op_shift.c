/* SPDX-License-Identifier: MIT */
/* Shifts, rotations and single bits: the plain forms. */
#include "operand.h"

/* ---- shifts and rotations: the count is taken modulo 32; zero changes nothing ---- */

static unsigned count_of(struct vx_cpu *cpu, const struct vx_uop *uop, unsigned n)
{
    return vx_read_operand(cpu, uop, n) & 31;
}

typedef uint32_t shift(struct vx_flags *flags, uint32_t a, unsigned count, unsigned nbits);

static uint32_t mask_of(unsigned nbits)
{
    return UINT32_MAX >> (32 - nbits);
}

/* Rotations leave ZF, SF, PF and AF alone. */
static void set_rotation_flags(struct vx_flags *flags, bool cf, bool of)
{
    vx_set_carries(flags, cf, of, vx_af(flags));
}

static uint32_t rotate_left(struct vx_flags *flags, uint32_t a, unsigned count, unsigned nbits)
{
    unsigned n = count % nbits;
    uint32_t result = n ? (a << n | a >> (nbits - n)) & mask_of(nbits) : a;
    bool cf = result & 1;

    set_rotation_flags(flags, cf, cf != (result >> (nbits - 1) & 1));
    return result;
}

static uint32_t rotate_right(struct vx_flags *flags, uint32_t a, unsigned count, unsigned nbits)
{
    unsigned n = count % nbits;
    uint32_t result = n ? (a >> n | a << (nbits - n)) & mask_of(nbits) : a;
    bool cf = result >> (nbits - 1) & 1;

    set_rotation_flags(flags, cf, cf != (result >> (nbits - 2) & 1));
    return result;
}

/* The carry is bit nbits of the value that rotates. */
static uint32_t rotate_carry_left(struct vx_flags *flags, uint32_t a, unsigned count,
                                  unsigned nbits)
{
    unsigned n = count % (nbits + 1);
    uint64_t wide = a | (uint64_t)vx_cf(flags) << nbits;
    uint64_t result = n ? wide << n | wide >> (nbits + 1 - n) : wide;
    bool cf = result >> nbits & 1;

    set_rotation_flags(flags, cf, cf != (result >> (nbits - 1) & 1));
    return (uint32_t)result & mask_of(nbits);
}

static uint32_t rotate_carry_right(struct vx_flags *flags, uint32_t a, unsigned count,
                                   unsigned nbits)
{
    unsigned n = count % (nbits + 1);
    uint64_t wide = a | (uint64_t)vx_cf(flags) << nbits;
    uint64_t result = n ? wide >> n | wide << (nbits + 1 - n) : wide;
    bool cf = result >> nbits & 1;

    set_rotation_flags(flags, cf, (result >> (nbits - 1) & 1) != (result >> (nbits - 2) & 1));
    return (uint32_t)result & mask_of(nbits);
}

static uint32_t shift_left(struct vx_flags *flags, uint32_t a, unsigned count, unsigned nbits)
{
    uint64_t wide = (uint64_t)a << count;
    uint32_t result = (uint32_t)wide & mask_of(nbits);
    bool cf = wide >> nbits & 1;

    vx_set_result_of(flags, result, nbits / 8);
    vx_set_carries(flags, cf, cf != (result >> (nbits - 1) & 1), false);
    return result;
}

static uint32_t shift_right(struct vx_flags *flags, uint32_t a, unsigned count, unsigned nbits)
{
    uint32_t result = a >> count;

    vx_set_result_of(flags, result, nbits / 8);
    vx_set_carries(flags, a >> (count - 1) & 1, a >> (nbits - 1) & 1, false);
    return result;
}

static uint32_t shift_arithmetic(struct vx_flags *flags, uint32_t a, unsigned count, unsigned nbits)
{
    int64_t wide = (int32_t)vx_sign_extend(a, nbits / 8);
    uint32_t result = (uint32_t)(uint64_t)(wide >> count) & mask_of(nbits);

    vx_set_result_of(flags, result, nbits / 8);
    vx_set_carries(flags, wide >> (count - 1) & 1, false, false);
    return result;
}

static void shift_operand(struct vx_cpu *cpu, const struct vx_uop *uop, shift *operation)
{
    uint32_t a = vx_modify_operand(cpu, uop, 0);
    unsigned count = count_of(cpu, uop, 1);

    if (count)
        vx_write_operand(cpu, uop, 0, operation(&cpu->flags, a, count, 8 * vx_nbytes_of(uop, 0)));
}

void vx_do_ROL(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    shift_operand(cpu, uop, rotate_left);
}

void vx_do_ROR(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    shift_operand(cpu, uop, rotate_right);
}

void vx_do_RCL(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    shift_operand(cpu, uop, rotate_carry_left);
}

void vx_do_RCR(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    shift_operand(cpu, uop, rotate_carry_right);
}

void vx_do_SHL(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    shift_operand(cpu, uop, shift_left);
}

void vx_do_SHR(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    shift_operand(cpu, uop, shift_right);
}

void vx_do_SAR(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    shift_operand(cpu, uop, shift_arithmetic);
}

/*
 * SHLD and SHRD shift through the pair of operands. With 16-bit operands a count above 16 is
 * undefined; here the pair is followed by its first operand again, as current processors do.
 */
static void set_double_flags(struct vx_flags *flags, uint32_t before, uint32_t result, bool cf,
                             unsigned nbytes)
{
    vx_set_result_of(flags, result, nbytes);
    vx_set_carries(flags, cf, (before ^ result) >> (8 * nbytes - 1) & 1, false);
}

void vx_do_SHLD(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    unsigned nbytes = vx_nbytes_of(uop, 0), nbits = 8 * nbytes;
    uint32_t a = vx_modify_operand(cpu, uop, 0), result;
    uint64_t b = vx_read_operand(cpu, uop, 1);
    unsigned count = count_of(cpu, uop, 2);
    uint64_t pair = nbytes == 4 ? (uint64_t)a << 32 | b : (uint64_t)a << 32 | b << 16 | a;

    if (count == 0)
        return;
    result = (uint32_t)(pair >> ((nbytes == 4 ? 64 : 48) - nbits - count)) & mask_of(nbits);
    set_double_flags(&cpu->flags, a, result, pair >> ((nbytes == 4 ? 64 : 48) - count) & 1, nbytes);
    vx_write_operand(cpu, uop, 0, result);
}

void vx_do_SHRD(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    unsigned nbytes = vx_nbytes_of(uop, 0), nbits = 8 * nbytes;
    uint32_t a = vx_modify_operand(cpu, uop, 0), result;
    uint64_t b = vx_read_operand(cpu, uop, 1);
    unsigned count = count_of(cpu, uop, 2);
    uint64_t pair = nbytes == 4 ? b << 32 | a : (uint64_t)a << 32 | b << 16 | a;

    if (count == 0)
        return;
    result = (uint32_t)(pair >> count) & mask_of(nbits);
    set_double_flags(&cpu->flags, a, result, pair >> (count - 1) & 1, nbytes);
    vx_write_operand(cpu, uop, 0, result);
}

/* ---- bits ---- */

enum bit_change { BIT_TEST, BIT_SET, BIT_RESET, BIT_COMPLEMENT };

static uint32_t change_bit(uint32_t value, uint32_t bit, enum bit_change change)
{
    switch (change) {
    case BIT_SET: return value | bit;
    case BIT_RESET: return value & ~bit;
    case BIT_COMPLEMENT: return value ^ bit;
    default: return value;
    }
}

/* With a bit number from a register, memory is a bit string that reaches both ways. */
static vx32_addr bit_addr(struct vx_cpu *cpu, const struct vx_uop *uop, uint32_t number,
                          unsigned nbytes)
{
    int32_t offset = (int32_t)vx_sign_extend(number, nbytes);
    vx32_addr base = vx_plain_addr(cpu, uop);

    if (vx_operand_letter(uop, 1) != VX_O_Ib)
        base += (uint32_t)(nbytes == 4 ? (offset >> 5) * 4 : (offset >> 4) * 2);
    return vx_linear(cpu, uop, base);
}

static void bit_operation(struct vx_cpu *cpu, const struct vx_uop *uop, enum bit_change change)
{
    unsigned nbytes = vx_nbytes_of(uop, 0);
    uint32_t number = vx_read_operand(cpu, uop, 1);
    uint32_t bit = 1u << (number & (8 * nbytes - 1));
    uint32_t value;

    if (vx_has_memory(uop)) {
        vx32_addr addr = bit_addr(cpu, uop, number, nbytes);

        vx_check(cpu, uop, addr, nbytes, change == BIT_TEST ? VX32_ACCESS_READ : VX32_ACCESS_WRITE);
        value = vx_load(cpu, uop, addr, nbytes);
        if (change != BIT_TEST)
            vx_store_checked(cpu, addr, nbytes, change_bit(value, bit, change));
    } else {
        value = vx_reg(cpu, uop->rm, nbytes);
        vx_set_reg(cpu, uop->rm, nbytes, change_bit(value, bit, change));
    }
    vx_set_cf(&cpu->flags, value & bit);
}

void vx_do_BT(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    bit_operation(cpu, uop, BIT_TEST);
}

void vx_do_BTS(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    bit_operation(cpu, uop, BIT_SET);
}

void vx_do_BTR(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    bit_operation(cpu, uop, BIT_RESET);
}

void vx_do_BTC(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    bit_operation(cpu, uop, BIT_COMPLEMENT);
}

/* The number of the highest bit that is set, by halving. */
static uint32_t highest_bit(uint32_t value)
{
    uint32_t number = 0;

    for (uint32_t width = 16; width; width /= 2)
        if (value >> width) {
            number += width;
            value >>= width;
        }
    return number;
}

/* A source of zero sets ZF and leaves the destination as it was, as all processors do. */
void vx_do_BSF(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    uint32_t source = vx_read_operand(cpu, uop, 1);

    vx_logic(&cpu->flags, source, vx_nbytes_of(uop, 1));
    if (source)
        vx_write_operand(cpu, uop, 0, highest_bit(source & (0 - source)));
}

void vx_do_BSR(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    uint32_t source = vx_read_operand(cpu, uop, 1);

    vx_logic(&cpu->flags, source, vx_nbytes_of(uop, 1));
    if (source)
        vx_write_operand(cpu, uop, 0, highest_bit(source));
}

void vx_do_SETCC(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    vx_write_operand(cpu, uop, 0, vx_condition(&cpu->flags, uop->condition));
}

void vx_do_BSWAP(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    uint32_t a = vx_read_operand(cpu, uop, 0);

    vx_write_operand(cpu, uop, 0, a << 24 | (a & 0xff00) << 8 | (a >> 8 & 0xff00) | a >> 24);
}

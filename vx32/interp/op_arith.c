/* SPDX-License-Identifier: MIT */
/* Binary arithmetic and logic, exchange-and-add, multiplication, division, BCD: the plain forms. */
#include "operand.h"

typedef uint32_t alu(struct vx_cpu *cpu, uint32_t a, uint32_t b, unsigned nbytes);

static uint32_t alu_add(struct vx_cpu *cpu, uint32_t a, uint32_t b, unsigned nbytes)
{
    return vx_add(&cpu->flags, a, b, 0, nbytes);
}

static uint32_t alu_adc(struct vx_cpu *cpu, uint32_t a, uint32_t b, unsigned nbytes)
{
    return vx_add(&cpu->flags, a, b, vx_cf(&cpu->flags), nbytes);
}

static uint32_t alu_sub(struct vx_cpu *cpu, uint32_t a, uint32_t b, unsigned nbytes)
{
    return vx_sub(&cpu->flags, a, b, 0, nbytes);
}

static uint32_t alu_sbb(struct vx_cpu *cpu, uint32_t a, uint32_t b, unsigned nbytes)
{
    return vx_sub(&cpu->flags, a, b, vx_cf(&cpu->flags), nbytes);
}

static uint32_t alu_and(struct vx_cpu *cpu, uint32_t a, uint32_t b, unsigned nbytes)
{
    return vx_logic(&cpu->flags, a & b, nbytes);
}

static uint32_t alu_or(struct vx_cpu *cpu, uint32_t a, uint32_t b, unsigned nbytes)
{
    return vx_logic(&cpu->flags, a | b, nbytes);
}

static uint32_t alu_xor(struct vx_cpu *cpu, uint32_t a, uint32_t b, unsigned nbytes)
{
    return vx_logic(&cpu->flags, a ^ b, nbytes);
}

/* Two operands, the first replaced. */
static void replace(struct vx_cpu *cpu, const struct vx_uop *uop, alu *operation)
{
    uint32_t a = vx_modify_operand(cpu, uop, 0);
    uint32_t b = vx_read_operand(cpu, uop, 1);

    vx_write_operand(cpu, uop, 0, operation(cpu, a, b, vx_nbytes_of(uop, 0)));
}

/* Two operands, only the flags change. */
static void compare(struct vx_cpu *cpu, const struct vx_uop *uop, alu *operation)
{
    uint32_t a = vx_read_operand(cpu, uop, 0);

    operation(cpu, a, vx_read_operand(cpu, uop, 1), vx_nbytes_of(uop, 0));
}

void vx_do_ADD(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    replace(cpu, uop, alu_add);
}

void vx_do_OR(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    replace(cpu, uop, alu_or);
}

void vx_do_ADC(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    replace(cpu, uop, alu_adc);
}

void vx_do_SBB(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    replace(cpu, uop, alu_sbb);
}

void vx_do_AND(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    replace(cpu, uop, alu_and);
}

void vx_do_SUB(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    replace(cpu, uop, alu_sub);
}

void vx_do_XOR(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    replace(cpu, uop, alu_xor);
}

void vx_do_CMP(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    compare(cpu, uop, alu_sub);
}

void vx_do_TEST(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    compare(cpu, uop, alu_and);
}

void vx_do_INC(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    uint32_t a = vx_modify_operand(cpu, uop, 0);

    vx_write_operand(cpu, uop, 0, vx_inc(&cpu->flags, a, vx_nbytes_of(uop, 0)));
}

void vx_do_DEC(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    uint32_t a = vx_modify_operand(cpu, uop, 0);

    vx_write_operand(cpu, uop, 0, vx_dec(&cpu->flags, a, vx_nbytes_of(uop, 0)));
}

void vx_do_NEG(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    uint32_t a = vx_modify_operand(cpu, uop, 0);

    vx_write_operand(cpu, uop, 0, vx_sub(&cpu->flags, 0, a, 0, vx_nbytes_of(uop, 0)));
}

void vx_do_NOT(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    vx_write_operand(cpu, uop, 0, ~vx_modify_operand(cpu, uop, 0));
}

void vx_do_XADD(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    uint32_t a = vx_modify_operand(cpu, uop, 0);
    uint32_t b = vx_read_operand(cpu, uop, 1);
    uint32_t sum = vx_add(&cpu->flags, a, b, 0, vx_nbytes_of(uop, 0));

    if (vx_has_memory(uop)) { /* before a register of its address changes */
        vx_write_operand(cpu, uop, 0, sum);
        vx_write_operand(cpu, uop, 1, a);
    } else {
        vx_write_operand(cpu, uop, 1, a);
        vx_write_operand(cpu, uop, 0, sum);
    }
}

/* The destination is written in either case, as the processor does (SDM volume 2, CMPXCHG). */
void vx_do_CMPXCHG(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    unsigned nbytes = vx_nbytes_of(uop, 0);
    uint32_t destination = vx_modify_operand(cpu, uop, 0);
    uint32_t source = vx_read_operand(cpu, uop, 1);

    vx_sub(&cpu->flags, vx_reg(cpu, VX32_EAX, nbytes), destination, 0, nbytes);
    if (vx_zf(&cpu->flags)) {
        vx_write_operand(cpu, uop, 0, source);
    } else {
        vx_write_operand(cpu, uop, 0, destination);
        vx_set_reg(cpu, VX32_EAX, nbytes, destination);
    }
}

void vx_do_CMPXCHG8B(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    uint32_t *r = cpu->general;
    vx32_addr addr = vx_addr_of(cpu, uop);
    uint64_t expected = r[VX32_EAX] | (uint64_t)r[VX32_EDX] << 32;
    uint32_t flags = vx_flags_get(&cpu->flags) & ~(uint32_t)VX_ZF;
    uint64_t found;

    vx_check(cpu, uop, addr, 8, VX32_ACCESS_WRITE);
    found = vx_get64(vx_host(cpu, addr));
    if (found == expected) {
        vx_put64(vx_host(cpu, addr), r[VX32_EBX] | (uint64_t)r[VX32_ECX] << 32);
        flags |= VX_ZF;
    } else {
        r[VX32_EAX] = (uint32_t)found;
        r[VX32_EDX] = (uint32_t)(found >> 32);
    }
    vx_flags_set(&cpu->flags, flags);
}

/* ---- multiplication and division ---- */

/* The double-width accumulator: ax for bytes, else dx:ax or edx:eax. */
static uint64_t wide_accumulator(const struct vx_cpu *cpu, unsigned nbytes)
{
    if (nbytes == 1)
        return vx_reg(cpu, VX32_EAX, 2);
    return vx_reg(cpu, VX32_EAX, nbytes) | (uint64_t)vx_reg(cpu, VX32_EDX, nbytes) << 8 * nbytes;
}

static void set_wide_accumulator(struct vx_cpu *cpu, unsigned nbytes, uint64_t value)
{
    if (nbytes == 1) {
        vx_set_reg(cpu, VX32_EAX, 2, (uint32_t)value);
        return;
    }
    vx_set_reg(cpu, VX32_EAX, nbytes, (uint32_t)value);
    vx_set_reg(cpu, VX32_EDX, nbytes, (uint32_t)(value >> 8 * nbytes));
}

/* CF and OF tell whether the upper half is significant; the other flags are undefined. */
static void set_product_flags(struct vx_cpu *cpu, uint32_t low, bool significant, unsigned nbytes)
{
    vx_set_result_of(&cpu->flags, low & vx_mask(nbytes), nbytes);
    vx_set_carries(&cpu->flags, significant, significant, false);
}

static int64_t signed_value(uint32_t value, unsigned nbytes)
{
    return (int32_t)vx_sign_extend(value, nbytes);
}

void vx_do_MUL(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    unsigned nbytes = vx_nbytes_of(uop, 0);
    uint64_t product = (uint64_t)vx_read_operand(cpu, uop, 0) * vx_reg(cpu, VX32_EAX, nbytes);

    set_wide_accumulator(cpu, nbytes, product);
    set_product_flags(cpu, (uint32_t)product, product >> 8 * nbytes, nbytes);
}

void vx_do_IMUL(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    unsigned nbytes = vx_nbytes_of(uop, 0);
    int64_t product = signed_value(vx_read_operand(cpu, uop, 0), nbytes) *
                      signed_value(vx_reg(cpu, VX32_EAX, nbytes), nbytes);
    uint32_t low = (uint32_t)(uint64_t)product & vx_mask(nbytes);

    set_wide_accumulator(cpu, nbytes, (uint64_t)product);
    set_product_flags(cpu, low, product != signed_value(low, nbytes), nbytes);
}

void vx_do_IMUL2(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    unsigned nbytes = uop->operand_nbytes;
    bool three = vx_operand_letter(uop, 2) != VX_O_NONE;
    uint32_t a = vx_read_operand(cpu, uop, 1);
    uint32_t b = vx_read_operand(cpu, uop, three ? 2 : 0);
    int64_t product = signed_value(a, nbytes) * signed_value(b, nbytes);
    uint32_t low = (uint32_t)(uint64_t)product & vx_mask(nbytes);

    vx_write_operand(cpu, uop, 0, low);
    set_product_flags(cpu, low, product != signed_value(low, nbytes), nbytes);
}

static void set_quotient(struct vx_cpu *cpu, unsigned nbytes, uint32_t quotient, uint32_t remainder)
{
    if (nbytes == 1) {
        vx_set_reg(cpu, VX32_EAX, 2, (quotient & 0xff) | (remainder & 0xff) << 8);
        return;
    }
    vx_set_reg(cpu, VX32_EAX, nbytes, quotient);
    vx_set_reg(cpu, VX32_EDX, nbytes, remainder);
}

void vx_do_DIV(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    unsigned nbytes = vx_nbytes_of(uop, 0);
    uint32_t divisor = vx_read_operand(cpu, uop, 0);
    uint64_t dividend = wide_accumulator(cpu, nbytes);

    if (divisor == 0 || dividend / divisor > vx_mask(nbytes))
        vx_raise(cpu, uop, VX32_TRAP_DIVIDE_ERROR);
    set_quotient(cpu, nbytes, (uint32_t)(dividend / divisor), (uint32_t)(dividend % divisor));
}

/* Done on magnitudes, so that the most negative dividend overflows nowhere. */
void vx_do_IDIV(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    unsigned nbytes = vx_nbytes_of(uop, 0);
    unsigned top = 16 * nbytes - 1;
    uint32_t divisor = vx_sign_extend(vx_read_operand(cpu, uop, 0), nbytes);
    uint64_t dividend = wide_accumulator(cpu, nbytes);
    bool dividend_negative = dividend >> top & 1, divisor_negative = divisor >> 31;
    bool negative = dividend_negative != divisor_negative;
    uint64_t quotient, remainder, limit = (uint64_t)vx_mask(nbytes) / 2 + negative;

    if (divisor == 0)
        vx_raise(cpu, uop, VX32_TRAP_DIVIDE_ERROR);
    if (dividend_negative)
        dividend = (0 - dividend) & (UINT64_MAX >> (63 - top));
    if (divisor_negative)
        divisor = 0 - divisor;
    quotient = dividend / divisor;
    remainder = dividend % divisor;
    if (quotient > limit)
        vx_raise(cpu, uop, VX32_TRAP_DIVIDE_ERROR);
    set_quotient(cpu, nbytes, (uint32_t)(negative ? 0 - quotient : quotient),
                 (uint32_t)(dividend_negative ? 0 - remainder : remainder));
}

/* ---- decimal arithmetic (the algorithms of SDM volume 2) ---- */

static void set_decimal_flags(struct vx_cpu *cpu, uint32_t al, bool cf, bool af)
{
    vx_set_result_of(&cpu->flags, al & 0xff, 1);
    vx_set_carries(&cpu->flags, cf, false, af);
}

static void adjust_packed(struct vx_cpu *cpu, uint32_t sign)
{
    uint32_t al = vx_reg(cpu, VX32_EAX, 1), old = al;
    bool old_cf = vx_cf(&cpu->flags), cf = false, af = false;

    if ((al & 15) > 9 || vx_af(&cpu->flags)) {
        cf = old_cf || (sign == 1 ? al > 0xff - 6 : al < 6);
        al += 6 * sign;
        af = true;
    }
    if (old > 0x99 || old_cf) {
        al += 0x60 * sign;
        cf = true;
    }
    vx_set_reg(cpu, VX32_EAX, 1, al);
    set_decimal_flags(cpu, al, cf, af);
}

void vx_do_DAA(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    (void)uop;
    adjust_packed(cpu, 1);
}

void vx_do_DAS(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    (void)uop;
    adjust_packed(cpu, UINT32_MAX);
}

static void adjust_unpacked(struct vx_cpu *cpu, uint32_t adjustment)
{
    uint32_t ax = vx_reg(cpu, VX32_EAX, 2);
    bool adjust = (ax & 15) > 9 || vx_af(&cpu->flags);

    if (adjust)
        ax += adjustment;
    ax &= 0xff0f;
    vx_set_reg(cpu, VX32_EAX, 2, ax);
    set_decimal_flags(cpu, ax, adjust, adjust);
}

void vx_do_AAA(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    (void)uop;
    adjust_unpacked(cpu, 0x106);
}

void vx_do_AAS(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    (void)uop;
    adjust_unpacked(cpu, 0u - 0x106);
}

void vx_do_AAM(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    uint32_t al = vx_reg(cpu, VX32_EAX, 1), base = uop->immediate & 0xff;

    if (base == 0)
        vx_raise(cpu, uop, VX32_TRAP_DIVIDE_ERROR);
    vx_set_reg(cpu, VX32_EAX, 2, al / base << 8 | al % base);
    set_decimal_flags(cpu, al % base, false, false);
}

void vx_do_AAD(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    uint32_t ax = vx_reg(cpu, VX32_EAX, 2);
    uint32_t al = (ax + (ax >> 8) * (uop->immediate & 0xff)) & 0xff;

    vx_set_reg(cpu, VX32_EAX, 2, al);
    set_decimal_flags(cpu, al, false, false);
}

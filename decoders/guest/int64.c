/* SPDX-License-Identifier: 0BSD */
/* Knows the 64-bit divisions that the compiler calls by name, made of 32-bit ones. */
#include <stdint.h>

uint64_t __udivdi3(uint64_t dividend, uint64_t divisor);
uint64_t __umoddi3(uint64_t dividend, uint64_t divisor);
int64_t __divdi3(int64_t dividend, int64_t divisor);
int64_t __moddi3(int64_t dividend, int64_t divisor);
uint64_t __udivmoddi4(uint64_t dividend, uint64_t divisor, uint64_t *remainder);

/* The quotient must fit: the high half of the dividend is below the divisor. */
static inline uint32_t divide_narrow(uint64_t dividend, uint32_t divisor, uint32_t *remainder)
{
    uint32_t quotient;
    __asm__("divl %4"
            : "=a"(quotient), "=d"(*remainder)
            : "a"((uint32_t)dividend), "d"((uint32_t)(dividend >> 32)), "r"(divisor)
            : "cc");
    return quotient;
}

static uint64_t divide_by_32(uint64_t dividend, uint32_t divisor, uint64_t *remainder)
{
    uint32_t high_rest, rest;
    uint32_t high = divide_narrow(dividend >> 32, divisor, &high_rest);
    uint32_t low = divide_narrow((uint64_t)high_rest << 32 | (uint32_t)dividend, divisor, &rest);
    *remainder = rest;
    return (uint64_t)high << 32 | low;
}

/*
 * For divisors of 2^32 and more: the halved dividend by the divisor's leading 32 bits gives a
 * quotient that is at most one too large after scaling; one is taken off and the rest decides.
 */
static uint64_t divide_by_64(uint64_t dividend, uint64_t divisor, uint64_t *remainder)
{
    int shift = __builtin_clz((uint32_t)(divisor >> 32));
    uint32_t leading = (uint32_t)((divisor << shift) >> 32);
    uint32_t unused;
    uint64_t scaled = divide_narrow(dividend >> 1, leading, &unused);
    uint64_t quotient = (scaled << shift) >> 31;
    if (quotient)
        quotient--;
    uint64_t rest = dividend - quotient * divisor;
    if (rest >= divisor) {
        quotient++;
        rest -= divisor;
    }
    *remainder = rest;
    return quotient;
}

static uint64_t divide(uint64_t dividend, uint64_t divisor, uint64_t *remainder)
{
    if (divisor >> 32)
        return divide_by_64(dividend, divisor, remainder);
    return divide_by_32(dividend, (uint32_t)divisor, remainder);
}

static uint64_t magnitude(int64_t value)
{
    return value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
}

uint64_t __udivdi3(uint64_t dividend, uint64_t divisor)
{
    uint64_t remainder;
    return divide(dividend, divisor, &remainder);
}

uint64_t __umoddi3(uint64_t dividend, uint64_t divisor)
{
    uint64_t remainder;
    (void)divide(dividend, divisor, &remainder);
    return remainder;
}

uint64_t __udivmoddi4(uint64_t dividend, uint64_t divisor, uint64_t *remainder)
{
    uint64_t rest;
    uint64_t quotient = divide(dividend, divisor, &rest);
    if (remainder)
        *remainder = rest;
    return quotient;
}

int64_t __divdi3(int64_t dividend, int64_t divisor)
{
    uint64_t remainder;
    uint64_t quotient = divide(magnitude(dividend), magnitude(divisor), &remainder);
    return (int64_t)((dividend < 0) != (divisor < 0) ? 0 - quotient : quotient);
}

int64_t __moddi3(int64_t dividend, int64_t divisor)
{
    uint64_t remainder;
    (void)divide(magnitude(dividend), magnitude(divisor), &remainder);
    return (int64_t)(dividend < 0 ? 0 - remainder : remainder);
}

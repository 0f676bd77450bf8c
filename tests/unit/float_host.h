/* SPDX-License-Identifier: MIT */
/* What the host's own processor does with an operation: makers of host doers, for x86-64. */
#ifndef TESTS_UNIT_FLOAT_HOST_H
#define TESTS_UNIT_FLOAT_HOST_H

#include "float_case.h"

#if defined(__x86_64__)

/* Installs what catches unmasked SSE exceptions. */
void float_host_prepare(void);

uint32_t float_host_mxcsr(struct vx_float_env env);
uint16_t float_host_control(struct vx_float_env env);
/* Before and after an SSE instruction; the second gives the flags it raised. */
void float_host_begin(void);
void float_host_end(uint32_t mxcsr, struct vx_float_env env, struct outcome *outcome);
void float_host_status(uint16_t status, struct vx_float_env env, struct outcome *outcome);

/* 80 bits as FLD and FSTP have them in memory. */
struct float_host_m80 {
    uint64_t significand;
    uint16_t sign_exponent;
} __attribute__((packed));

static inline struct float_host_m80 float_host_put(struct vx_f80 a)
{
    return (struct float_host_m80){a.significand, a.sign_exponent};
}

static inline struct vx_f80 float_host_get(struct float_host_m80 a)
{
    return (struct vx_f80){a.significand, a.sign_exponent};
}

/*
 * An SSE instruction on xmm0 (first operand and result), xmm1 (second operand) and eax (integer
 * operand). `result` says which of xmm0 and rax is the result: "movq %%xmm0, %%rax" or nothing.
 */
#define HOST_SSE(name, instruction, result)                                                        \
    static void host_##name(const struct operands *o, struct vx_float_env env,                     \
                            struct outcome *outcome)                                               \
    {                                                                                              \
        uint32_t mxcsr = float_host_mxcsr(env), usual = 0x1F80;                                    \
        uint64_t value = o->a.significand;                                                         \
        float_host_begin();                                                                        \
        __asm__ volatile(                                                                          \
            "movq %[value], %%xmm0\n\tmovq %[b], %%xmm1\n\tldmxcsr %[mxcsr]\n\t" instruction       \
            "\n\tstmxcsr %[mxcsr]\n\tldmxcsr %[usual]\n\t" result                                  \
            : [value] "+a"(value), [mxcsr] "+m"(mxcsr)                                             \
            : [b] "r"(o->b.significand), [usual] "m"(usual)                                        \
            : "xmm0", "xmm1", "cc", "memory");                                                     \
        outcome->value.significand = value;                                                        \
        float_host_end(mxcsr, env, outcome);                                                       \
    }

#define HOST_SSE_XMM(name, instruction) HOST_SSE(name, instruction, "movq %%xmm0, %%rax")
#define HOST_SSE_RAX(name, instruction) HOST_SSE(name, instruction, "")
/* Compares set flags: they are the result, as LAHF gives them. */
#define HOST_SSE_FLAGS(name, instruction)                                                          \
    HOST_SSE(name, instruction " %%xmm1, %%xmm0\n\tlahf\n\tmovzbl %%ah, %%eax", "")

/*
 * An x87 instruction with `st` loaded as st(0) and b as st(1), or with memory operand %[b], or
 * storing to %[out]; the result is st(0).
 */
#define HOST_X87_FULL(name, load, instruction, store, from_out)                                    \
    static void host_##name(const struct operands *o, struct vx_float_env env,                     \
                            struct outcome *outcome)                                               \
    {                                                                                              \
        struct float_host_m80 a = float_host_put(o->a), b = float_host_put(o->b);                  \
        struct float_host_m80 value = {0, 0}, out = {0, 0};                                        \
        uint16_t control = float_host_control(env), status;                                        \
        __asm__ volatile("fninit\n\tfldcw %[control]\n\t" load "\n\tfnclex\n\t" instruction        \
                         "\n\tfnstsw %[status]\n\tfnclex\n\t" store "\n\tfninit"                   \
                         : [value] "=m"(value), [out] "+m"(out), [status] "=m"(status)             \
                         : [a] "m"(a), [b] "m"(b), [control] "m"(control)                          \
                         : "st", "st(1)", "st(2)", "st(3)", "st(4)", "st(5)", "st(6)", "st(7)",    \
                           "cc", "memory");                                                        \
        outcome->value = float_host_get((from_out) ? out : value);                                 \
        float_host_status(status, env, outcome);                                                   \
    }

#define HOST_X87(name, instruction)                                                                \
    HOST_X87_FULL(name, "fldt %[b]\n\tfldt %[a]", instruction, "fstpt %[value]", false)
/* An operation with a memory operand and st(0). */
#define HOST_X87_MEMORY(name, instruction)                                                         \
    HOST_X87_FULL(name, "fldt %[a]", instruction " %[b]", "fstpt %[value]", false)
/* A load from memory, and a store to it. */
#define HOST_X87_LOAD(name, instruction)                                                           \
    HOST_X87_FULL(name, "", instruction " %[a]", "fstpt %[value]", false)
#define HOST_X87_STORE(name, instruction)                                                          \
    HOST_X87_FULL(name, "fldt %[a]", instruction " %[out]", "", true)

#define HOST(name) host_##name

#else

#define HOST_SSE_XMM(name, instruction)
#define HOST_SSE_RAX(name, instruction)
#define HOST_SSE_FLAGS(name, instruction)
#define HOST_X87(name, instruction)
#define HOST_X87_MEMORY(name, instruction)
#define HOST_X87_LOAD(name, instruction)
#define HOST_X87_STORE(name, instruction)
#define HOST_X87_FULL(name, load, instruction, store, from_out)
#define HOST(name) NULL

#endif

#endif

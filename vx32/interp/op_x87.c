/* SPDX-License-Identifier: MIT */
/* x87 arithmetic and comparisons: the plain forms. */
#include "x87.h"

/* ---- shared by all x87 instructions ---- */

static struct vx_float_env environment(const struct vx_cpu *cpu)
{
    static const uint8_t precision[4] = {24, 64, 53, 64};

    return (struct vx_float_env){
        .rounding = cpu->x87.control >> 10 & 3,
        .precision = precision[cpu->x87.control >> 8 & 3],
        .masks = cpu->x87.control & VX_FE_ALL,
    };
}

struct vx_float_env vx_x87_begin(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    if (cpu->x87.status & ~cpu->x87.control & VX_FE_ALL)
        vx_raise(cpu, uop, VX32_TRAP_X87);
    return environment(cpu);
}

static void record(struct vx_cpu *cpu, const struct vx_float_env *env)
{
    cpu->x87.status |= env->flags;
    vx_set_conditions(cpu, VX_C1, env->round_up ? VX_C1 : 0);
}

bool vx_x87_record(struct vx_cpu *cpu, const struct vx_float_env *env)
{
    record(cpu, env);
    return !(env->flags & ~env->masks & VX_FE_BEFORE);
}

bool vx_x87_may_store(const struct vx_float_env *env)
{
    return !(env->flags & ~env->masks & (VX_FE_BEFORE | VX_FE_OVERFLOW | VX_FE_UNDERFLOW));
}

static bool stack_fault(struct vx_cpu *cpu, unsigned c1)
{
    cpu->x87.status |= VX_FE_INVALID | VX_X87_STACK_FAULT;
    vx_set_conditions(cpu, VX_C1, c1);
    return cpu->x87.control & VX_FE_INVALID;
}

bool vx_x87_underflow(struct vx_cpu *cpu)
{
    return stack_fault(cpu, 0);
}

bool vx_x87_overflow(struct vx_cpu *cpu)
{
    return stack_fault(cpu, VX_C1);
}

/* ---- operands ---- */

/* The memory operand of an arithmetic instruction or comparison. */
static struct vx_f80 memory_operand(struct vx_cpu *cpu, const struct vx_uop *uop,
                                    struct vx_float_env *env)
{
    uint8_t bytes[8];
    unsigned letter = vx_operand_letter(uop, 0);

    vx_load_bytes(cpu, uop, vx_addr_of(cpu, uop), bytes, vx_nbytes_of(uop, 0));
    switch (letter) {
    case VX_O_F32: return vx_f80_operand_f32(vx_get32(bytes), env);
    case VX_O_F64: return vx_f80_operand_f64(vx_get64(bytes), env);
    case VX_O_M16: return vx_f80_from_i64((int16_t)vx_get16(bytes));
    default: return vx_f80_from_i64((int32_t)vx_get32(bytes));
    }
}

static bool is_memory_form(const struct vx_uop *uop)
{
    return vx_operands[vx_operand_letter(uop, 0)].kind == VX_KIND_MEMORY;
}

/* ---- two-operand arithmetic ---- */

typedef struct vx_f80 arithmetic(struct vx_f80 a, struct vx_f80 b, struct vx_float_env *env);

enum { PLAIN = 0, REVERSED = 1, POPS = 2 };

static void compute(struct vx_cpu *cpu, unsigned destination, struct vx_f80 source,
                    arithmetic *operation, unsigned how, struct vx_float_env *env)
{
    struct vx_f80 a = *vx_st(cpu, destination);
    struct vx_f80 result = how & REVERSED ? operation(source, a, env) : operation(a, source, env);

    if (!vx_x87_record(cpu, env))
        return;
    vx_set_st(cpu, destination, result);
    if (how & POPS)
        vx_pop_st(cpu);
}

static void underflow_result(struct vx_cpu *cpu, unsigned destination, unsigned how)
{
    if (!vx_x87_underflow(cpu))
        return;
    vx_set_st(cpu, destination, vx_f80_indefinite());
    if (how & POPS)
        vx_pop_st(cpu);
}

static void arithmetic_on(struct vx_cpu *cpu, const struct vx_uop *uop, arithmetic *operation,
                          unsigned how)
{
    struct vx_float_env env = vx_x87_begin(cpu, uop);
    unsigned i = uop->rm;
    bool to_sti = vx_operand_letter(uop, 0) == VX_O_STi;
    unsigned destination = to_sti ? i : 0, source = to_sti ? 0 : i;

    if (is_memory_form(uop)) {
        struct vx_f80 value = memory_operand(cpu, uop, &env);

        if (vx_is_empty(cpu, 0))
            underflow_result(cpu, 0, how);
        else
            compute(cpu, 0, value, operation, how, &env);
    } else if (vx_is_empty(cpu, destination) || vx_is_empty(cpu, source)) {
        underflow_result(cpu, destination, how);
    } else {
        compute(cpu, destination, *vx_st(cpu, source), operation, how, &env);
    }
}

#define ARITHMETIC(X)                                                                              \
    X(FADD, vx_f80_add, PLAIN)                                                                     \
    X(FADDP, vx_f80_add, POPS)                                                                     \
    X(FIADD, vx_f80_add, PLAIN)                                                                    \
    X(FMUL, vx_f80_mul, PLAIN)                                                                     \
    X(FMULP, vx_f80_mul, POPS)                                                                     \
    X(FIMUL, vx_f80_mul, PLAIN)                                                                    \
    X(FSUB, vx_f80_sub, PLAIN)                                                                     \
    X(FSUBP, vx_f80_sub, POPS)                                                                     \
    X(FISUB, vx_f80_sub, PLAIN)                                                                    \
    X(FSUBR, vx_f80_sub, REVERSED)                                                                 \
    X(FSUBRP, vx_f80_sub, REVERSED | POPS)                                                         \
    X(FISUBR, vx_f80_sub, REVERSED)                                                                \
    X(FDIV, vx_f80_div, PLAIN)                                                                     \
    X(FDIVP, vx_f80_div, POPS)                                                                     \
    X(FIDIV, vx_f80_div, PLAIN)                                                                    \
    X(FDIVR, vx_f80_div, REVERSED)                                                                 \
    X(FDIVRP, vx_f80_div, REVERSED | POPS)                                                         \
    X(FIDIVR, vx_f80_div, REVERSED)
#define DEFINE(name, function, how)                                                                \
    void vx_do_##name(struct vx_cpu *cpu, const struct vx_uop *uop)                                \
    {                                                                                              \
        arithmetic_on(cpu, uop, function, how);                                                    \
    }
ARITHMETIC(DEFINE)
#undef DEFINE

/* ---- one operand: ST(0) is replaced ---- */

static bool st0_missing(struct vx_cpu *cpu)
{
    if (!vx_is_empty(cpu, 0))
        return false;
    if (vx_x87_underflow(cpu))
        vx_set_st(cpu, 0, vx_f80_indefinite());
    return true;
}

/* Whether both numbers took part, and neither stood for itself or was refused. */
static bool was_divided(struct vx_f80 result, const struct vx_float_env *env)
{
    bool is_nan = (result.sign_exponent & 0x7fff) == 0x7fff;

    return !is_nan && !(env->flags & ~env->masks & VX_FE_BEFORE);
}

static bool st0_or_st1_missing(struct vx_cpu *cpu)
{
    if (!vx_is_empty(cpu, 0) && !vx_is_empty(cpu, 1))
        return false;
    if (vx_x87_underflow(cpu))
        vx_set_st(cpu, 0, vx_f80_indefinite());
    return true;
}

static void replace_st0(struct vx_cpu *cpu, struct vx_f80 result, const struct vx_float_env *env)
{
    if (vx_x87_record(cpu, env))
        vx_set_st(cpu, 0, result);
}

/* FCHS and FABS touch the sign alone, whatever the value is. */
static void change_sign(struct vx_cpu *cpu, const struct vx_uop *uop, uint16_t keep, uint16_t flip)
{
    vx_x87_begin(cpu, uop);
    if (st0_missing(cpu))
        return;
    vx_st(cpu, 0)->sign_exponent = (uint16_t)((vx_st(cpu, 0)->sign_exponent & keep) ^ flip);
    vx_set_conditions(cpu, VX_C1, 0);
}

void vx_do_FCHS(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    change_sign(cpu, uop, 0xffff, 0x8000);
}

void vx_do_FABS(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    change_sign(cpu, uop, 0x7fff, 0);
}

void vx_do_FSQRT(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    struct vx_float_env env = vx_x87_begin(cpu, uop);

    if (!st0_missing(cpu)) {
        struct vx_f80 result = vx_f80_sqrt(*vx_st(cpu, 0), &env);

        replace_st0(cpu, result, &env);
    }
}

void vx_do_FRNDINT(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    struct vx_float_env env = vx_x87_begin(cpu, uop);

    if (!st0_missing(cpu)) {
        struct vx_f80 result = vx_f80_round(*vx_st(cpu, 0), &env);

        replace_st0(cpu, result, &env);
    }
}

void vx_do_FSCALE(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    struct vx_float_env env = vx_x87_begin(cpu, uop);

    if (!st0_or_st1_missing(cpu)) {
        struct vx_f80 result = vx_f80_scale(*vx_st(cpu, 0), *vx_st(cpu, 1), &env);

        replace_st0(cpu, result, &env);
    }
}

static void remainder_of(struct vx_cpu *cpu, const struct vx_uop *uop, bool nearest)
{
    struct vx_float_env env = vx_x87_begin(cpu, uop);
    uint16_t conditions = 0;
    struct vx_f80 result;

    if (st0_or_st1_missing(cpu)) {
        vx_set_conditions(cpu, VX_C2, 0);
        return;
    }
    result = vx_f80_remainder(*vx_st(cpu, 0), *vx_st(cpu, 1), nearest, &conditions, &env);
    replace_st0(cpu, result, &env);
    if (was_divided(result, &env))
        vx_set_conditions(cpu, VX_X87_CONDITIONS, conditions);
    else /* C0 and C3 stay */
        vx_set_conditions(cpu, VX_C1 | VX_C2, 0);
}

void vx_do_FPREM(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    remainder_of(cpu, uop, false);
}

void vx_do_FPREM1(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    remainder_of(cpu, uop, true);
}

void vx_do_FXTRACT(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    struct vx_float_env env = vx_x87_begin(cpu, uop);
    struct vx_f80 significand, exponent;
    bool missing = vx_is_empty(cpu, 0), full = !vx_is_empty(cpu, 7);

    if (missing || full) {
        if (missing ? !vx_x87_underflow(cpu) : !vx_x87_overflow(cpu))
            return;
        vx_set_st(cpu, 0, vx_f80_indefinite());
        vx_push_st(cpu, vx_f80_indefinite());
        return;
    }
    significand = vx_f80_extract(*vx_st(cpu, 0), &exponent, &env);
    if (!vx_x87_record(cpu, &env))
        return;
    vx_set_st(cpu, 0, exponent);
    vx_push_st(cpu, significand);
}

/* ---- comparisons ---- */

enum { ALL_CONDITIONS_UNORDERED = VX_C0 | VX_C2 | VX_C3, COMPARE_CONDITIONS = VX_X87_CONDITIONS };

static void pop_times(struct vx_cpu *cpu, unsigned count)
{
    while (count--)
        vx_pop_st(cpu);
}

static void compare_missing(struct vx_cpu *cpu, unsigned pops)
{
    bool masked = vx_x87_underflow(cpu);

    vx_set_conditions(cpu, COMPARE_CONDITIONS, ALL_CONDITIONS_UNORDERED);
    if (masked)
        pop_times(cpu, pops);
}

static void compare_with(struct vx_cpu *cpu, struct vx_f80 b, bool signal_quiet, unsigned pops,
                         struct vx_float_env *env)
{
    enum vx_order order = vx_f80_compare(*vx_st(cpu, 0), b, signal_quiet, env);
    bool ok = vx_x87_record(cpu, env);

    vx_set_conditions(cpu, COMPARE_CONDITIONS, vx_order_condition(order));
    if (ok)
        pop_times(cpu, pops);
}

static void compare_st0(struct vx_cpu *cpu, const struct vx_uop *uop, bool signal_quiet,
                        unsigned pops)
{
    struct vx_float_env env = vx_x87_begin(cpu, uop);
    unsigned i = pops == 2 ? 1 : uop->rm;

    if (is_memory_form(uop)) {
        struct vx_f80 b = memory_operand(cpu, uop, &env);

        if (vx_is_empty(cpu, 0))
            compare_missing(cpu, pops);
        else
            compare_with(cpu, b, signal_quiet, pops, &env);
    } else if (vx_is_empty(cpu, 0) || vx_is_empty(cpu, i)) {
        compare_missing(cpu, pops);
    } else {
        compare_with(cpu, *vx_st(cpu, i), signal_quiet, pops, &env);
    }
}

#define COMPARISONS(X)                                                                             \
    X(FCOM, true, 0)                                                                               \
    X(FCOMP, true, 1)                                                                              \
    X(FCOMPP, true, 2)                                                                             \
    X(FICOM, true, 0)                                                                              \
    X(FICOMP, true, 1)                                                                             \
    X(FUCOM, false, 0)                                                                             \
    X(FUCOMP, false, 1)                                                                            \
    X(FUCOMPP, false, 2)
#define DEFINE(name, signal_quiet, pops)                                                           \
    void vx_do_##name(struct vx_cpu *cpu, const struct vx_uop *uop)                                \
    {                                                                                              \
        compare_st0(cpu, uop, signal_quiet, pops);                                                 \
    }
COMPARISONS(DEFINE)
#undef DEFINE

void vx_do_FTST(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    struct vx_float_env env = vx_x87_begin(cpu, uop);

    if (vx_is_empty(cpu, 0))
        compare_missing(cpu, 0);
    else
        compare_with(cpu, vx_f80_constant(VX_F80_ZERO, VX_ROUND_NEAREST), true, 0, &env);
}

void vx_do_FXAM(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    uint16_t conditions;

    vx_x87_begin(cpu, uop);
    conditions = vx_f80_classify(*vx_st(cpu, 0));
    if (vx_is_empty(cpu, 0))
        conditions = (uint16_t)((conditions & VX_C1) | VX_C3 | VX_C0);
    vx_set_conditions(cpu, VX_X87_CONDITIONS, conditions);
}

/* FCOMI and its kin write EFLAGS: OF, SF and AF become zero. */
static void set_eflags_of(struct vx_cpu *cpu, enum vx_order order)
{
    bool unordered = order == VX_UNORDERED;

    vx_set_result(&cpu->flags, order == VX_EQUAL || unordered, false, unordered);
    vx_set_carries(&cpu->flags, order == VX_LESS || unordered, false, false);
}

static void compare_to_eflags(struct vx_cpu *cpu, const struct vx_uop *uop, bool signal_quiet,
                              unsigned pops)
{
    struct vx_float_env env = vx_x87_begin(cpu, uop);
    enum vx_order order = VX_UNORDERED;
    bool ok;

    if (vx_is_empty(cpu, 0) || vx_is_empty(cpu, uop->rm)) {
        ok = vx_x87_underflow(cpu);
    } else {
        order = vx_f80_compare(*vx_st(cpu, 0), *vx_st(cpu, uop->rm), signal_quiet, &env);
        cpu->x87.status |= env.flags; /* C1 stays */
        ok = !(env.flags & ~env.masks & VX_FE_BEFORE);
    }
    set_eflags_of(cpu, order);
    if (ok)
        pop_times(cpu, pops);
}

void vx_do_FCOMI(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    compare_to_eflags(cpu, uop, true, 0);
}

void vx_do_FCOMIP(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    compare_to_eflags(cpu, uop, true, 1);
}

void vx_do_FUCOMI(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    compare_to_eflags(cpu, uop, false, 0);
}

void vx_do_FUCOMIP(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    compare_to_eflags(cpu, uop, false, 1);
}

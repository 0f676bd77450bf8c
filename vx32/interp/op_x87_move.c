/* SPDX-License-Identifier: MIT */
/* x87 loads, stores, constants and control: the plain forms. */
#include "x87.h"

/* ---- loads: the stack grows by one ---- */

static void push_value(struct vx_cpu *cpu, struct vx_f80 value, const struct vx_float_env *env)
{
    if (!vx_is_empty(cpu, 7)) {
        if (vx_x87_overflow(cpu))
            vx_push_st(cpu, vx_f80_indefinite());
    } else {
        vx_x87_record(cpu, env);
        if (!(env->flags & ~env->masks & VX_FE_INVALID)) /* a denormal is loaded all the same */
            vx_push_st(cpu, value);
    }
}

static struct vx_f80 load_float(struct vx_cpu *cpu, const struct vx_uop *uop,
                                struct vx_float_env *env)
{
    uint8_t bytes[10];

    vx_load_bytes(cpu, uop, vx_addr_of(cpu, uop), bytes, vx_nbytes_of(uop, 0));
    switch (vx_operand_letter(uop, 0)) {
    case VX_O_F32: return vx_f80_from_f32(vx_get32(bytes), env);
    case VX_O_F64: return vx_f80_from_f64(vx_get64(bytes), env);
    default: return vx_f80_from_bytes(bytes);
    }
}

void vx_do_FLD(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    struct vx_float_env env = vx_x87_begin(cpu, uop);

    if (vx_operand_letter(uop, 0) != VX_O_STi) {
        struct vx_f80 value = load_float(cpu, uop, &env);

        push_value(cpu, value, &env);
    } else if (vx_is_empty(cpu, uop->rm)) {
        if (vx_x87_underflow(cpu))
            vx_push_st(cpu, vx_f80_indefinite());
    } else {
        push_value(cpu, *vx_st(cpu, uop->rm), &env);
    }
}

void vx_do_FILD(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    struct vx_float_env env = vx_x87_begin(cpu, uop);
    uint8_t bytes[8];
    int64_t value;

    vx_load_bytes(cpu, uop, vx_addr_of(cpu, uop), bytes, vx_nbytes_of(uop, 0));
    switch (vx_nbytes_of(uop, 0)) {
    case 2: value = (int16_t)vx_get16(bytes); break;
    case 4: value = (int32_t)vx_get32(bytes); break;
    default: value = (int64_t)vx_get64(bytes); break;
    }
    push_value(cpu, vx_f80_from_i64(value), &env);
}

void vx_do_FBLD(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    struct vx_float_env env = vx_x87_begin(cpu, uop);
    uint8_t bytes[10];

    vx_load_bytes(cpu, uop, vx_addr_of(cpu, uop), bytes, 10);
    push_value(cpu, vx_f80_from_bcd(bytes), &env);
}

static void push_constant(struct vx_cpu *cpu, const struct vx_uop *uop, enum vx_f80_constant which)
{
    struct vx_float_env env = vx_x87_begin(cpu, uop);

    push_value(cpu, vx_f80_constant(which, env.rounding), &env);
}

#define CONSTANTS(X)                                                                               \
    X(FLD1, VX_F80_ONE)                                                                            \
    X(FLDL2T, VX_F80_LOG2_10)                                                                      \
    X(FLDL2E, VX_F80_LOG2_E)                                                                       \
    X(FLDPI, VX_F80_PI)                                                                            \
    X(FLDLG2, VX_F80_LOG10_2)                                                                      \
    X(FLDLN2, VX_F80_LN_2)                                                                         \
    X(FLDZ, VX_F80_ZERO)
#define DEFINE(name, which)                                                                        \
    void vx_do_##name(struct vx_cpu *cpu, const struct vx_uop *uop)                                \
    {                                                                                              \
        push_constant(cpu, uop, which);                                                            \
    }
CONSTANTS(DEFINE)
#undef DEFINE

/* ---- stores ---- */

/* Writes the value in the format of the operand letter. */
static void put_float(unsigned letter, struct vx_f80 value, uint8_t bytes[10],
                      struct vx_float_env *env)
{
    if (letter == VX_O_F32)
        vx_put32(bytes, vx_f80_to_f32(value, env));
    else if (letter == VX_O_F64)
        vx_put64(bytes, vx_f80_to_f64(value, env));
    else
        vx_f80_to_bytes(&value, bytes);
}

static void put_integer(unsigned letter, struct vx_f80 value, uint8_t bytes[10],
                        struct vx_float_env *env)
{
    if (letter == VX_O_M16)
        vx_put16(bytes, (uint16_t)vx_f80_to_i16(value, env));
    else if (letter == VX_O_M32)
        vx_put32(bytes, (uint32_t)vx_f80_to_i32(value, env));
    else
        vx_put64(bytes, (uint64_t)vx_f80_to_i64(value, env));
}

static void put_bcd(unsigned letter, struct vx_f80 value, uint8_t bytes[10],
                    struct vx_float_env *env)
{
    (void)letter;
    vx_f80_to_bcd(value, bytes, env);
}

typedef void put_function(unsigned letter, struct vx_f80 value, uint8_t bytes[10],
                          struct vx_float_env *env);

static void store_st0(struct vx_cpu *cpu, const struct vx_uop *uop, put_function *put, bool pops)
{
    struct vx_float_env env = vx_x87_begin(cpu, uop);
    unsigned nbytes = vx_nbytes_of(uop, 0);
    vx32_addr addr = vx_addr_of(cpu, uop);
    bool missing = vx_is_empty(cpu, 0), ok;
    uint8_t bytes[10];

    put(vx_operand_letter(uop, 0), missing ? vx_f80_indefinite() : *vx_st(cpu, 0), bytes, &env);
    ok = missing ? env.masks & VX_FE_INVALID : vx_x87_may_store(&env);
    if (ok) /* else nothing is written, and an address that faults does not matter */
        vx_check(cpu, uop, addr, nbytes, VX32_ACCESS_WRITE);
    if (missing)
        (void)vx_x87_underflow(cpu);
    else
        vx_x87_record(cpu, &env);
    if (!ok)
        return;
    memcpy(vx_host(cpu, addr), bytes, nbytes);
    if (pops)
        vx_pop_st(cpu);
}

static void copy_st0(struct vx_cpu *cpu, const struct vx_uop *uop, bool pops)
{
    vx_x87_begin(cpu, uop);
    if (vx_is_empty(cpu, 0)) {
        if (!vx_x87_underflow(cpu))
            return;
        vx_set_st(cpu, uop->rm, vx_f80_indefinite());
    } else {
        vx_set_st(cpu, uop->rm, *vx_st(cpu, 0));
        vx_set_conditions(cpu, VX_C1, 0);
    }
    if (pops)
        vx_pop_st(cpu);
}

static void store_or_copy(struct vx_cpu *cpu, const struct vx_uop *uop, bool pops)
{
    if (vx_operand_letter(uop, 0) == VX_O_STi)
        copy_st0(cpu, uop, pops);
    else
        store_st0(cpu, uop, put_float, pops);
}

void vx_do_FST(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    store_or_copy(cpu, uop, false);
}

void vx_do_FSTP(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    store_or_copy(cpu, uop, true);
}

void vx_do_FIST(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    store_st0(cpu, uop, put_integer, false);
}

void vx_do_FISTP(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    store_st0(cpu, uop, put_integer, true);
}

void vx_do_FBSTP(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    store_st0(cpu, uop, put_bcd, true);
}

/* ---- moves inside the stack ---- */

void vx_do_FXCH(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    struct vx_f80 a, b;

    vx_x87_begin(cpu, uop);
    a = vx_is_empty(cpu, 0) ? vx_f80_indefinite() : *vx_st(cpu, 0);
    b = vx_is_empty(cpu, uop->rm) ? vx_f80_indefinite() : *vx_st(cpu, uop->rm);
    if (vx_is_empty(cpu, 0) || vx_is_empty(cpu, uop->rm)) {
        if (!vx_x87_underflow(cpu))
            return;
    } else {
        vx_set_conditions(cpu, VX_C1, 0);
    }
    vx_set_st(cpu, 0, b);
    vx_set_st(cpu, uop->rm, a);
}

static void move_if(struct vx_cpu *cpu, const struct vx_uop *uop, bool condition)
{
    vx_x87_begin(cpu, uop);
    if (vx_is_empty(cpu, 0) || vx_is_empty(cpu, uop->rm)) {
        if (vx_x87_underflow(cpu)) /* whatever the condition is */
            vx_set_st(cpu, 0, vx_f80_indefinite());
        return;
    }
    if (condition)
        vx_set_st(cpu, 0, *vx_st(cpu, uop->rm));
}

#define CONDITIONAL_MOVES(X)                                                                       \
    X(FCMOVB, vx_cf(&cpu->flags))                                                                  \
    X(FCMOVE, vx_zf(&cpu->flags))                                                                  \
    X(FCMOVBE, vx_cf(&cpu->flags) || vx_zf(&cpu->flags))                                           \
    X(FCMOVU, vx_pf(&cpu->flags))                                                                  \
    X(FCMOVNB, !vx_cf(&cpu->flags))                                                                \
    X(FCMOVNE, !vx_zf(&cpu->flags))                                                                \
    X(FCMOVNBE, !vx_cf(&cpu->flags) && !vx_zf(&cpu->flags))                                        \
    X(FCMOVNU, !vx_pf(&cpu->flags))
#define DEFINE(name, condition)                                                                    \
    void vx_do_##name(struct vx_cpu *cpu, const struct vx_uop *uop)                                \
    {                                                                                              \
        move_if(cpu, uop, condition);                                                              \
    }
CONDITIONAL_MOVES(DEFINE)
#undef DEFINE

void vx_do_FFREE(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    vx_x87_begin(cpu, uop);
    cpu->x87.empty |= (uint8_t)(1u << vx_physical(cpu, uop->rm));
    vx_set_conditions(cpu, VX_C1, 0);
}

static void turn_stack(struct vx_cpu *cpu, const struct vx_uop *uop, unsigned by)
{
    vx_x87_begin(cpu, uop);
    cpu->x87.top = (cpu->x87.top + by) & 7;
    vx_set_conditions(cpu, VX_C1, 0);
}

void vx_do_FINCSTP(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    turn_stack(cpu, uop, 1);
}

void vx_do_FDECSTP(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    turn_stack(cpu, uop, 7);
}

/* ---- control ---- */

void vx_do_FNOP(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    vx_x87_begin(cpu, uop);
}

void vx_do_FWAIT(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    vx_x87_begin(cpu, uop);
}

static void initialise(struct vx_cpu *cpu)
{
    cpu->x87.control = VX32_INITIAL_X87_CONTROL;
    cpu->x87.status = 0;
    cpu->x87.top = 0;
    cpu->x87.empty = 0xff;
}

void vx_do_FNINIT(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    (void)uop;
    initialise(cpu);
}

void vx_do_FNCLEX(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    (void)uop;
    cpu->x87.status &= VX_X87_CONDITIONS;
}

static void set_control(struct vx_cpu *cpu, uint16_t control)
{
    cpu->x87.control = (control & VX_X87_CONTROL_BITS) | VX_X87_CONTROL_ALWAYS;
}

void vx_do_FLDCW(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    vx_x87_begin(cpu, uop);
    set_control(cpu, (uint16_t)vx_read_operand(cpu, uop, 0));
}

void vx_do_FNSTCW(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    vx_write_operand(cpu, uop, 0, cpu->x87.control);
}

void vx_do_FNSTSW(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    vx_write_operand(cpu, uop, 0, vx_cpu_x87_status(cpu));
}

/*
 * The environment in its 32-bit protected-mode form (SDM volume 1, figure 8-9). This machine does
 * not keep the addresses of the last instruction and operand: they are stored as zero.
 */
enum { ENVIRONMENT_NBYTES = 28, STATE_NBYTES = 108 };

static void put_environment(const struct vx_cpu *cpu, uint8_t *bytes)
{
    memset(bytes, 0, ENVIRONMENT_NBYTES);
    vx_put32(bytes, 0xffff0000 | cpu->x87.control);
    vx_put32(bytes + 4, 0xffff0000 | vx_cpu_x87_status(cpu));
    vx_put32(bytes + 8, 0xffff0000 | vx_cpu_x87_tag(cpu));
    vx_put32(bytes + 24, 0xffff0000);
}

void vx_x87_restore(struct vx_cpu *cpu, uint16_t control, uint16_t status, uint8_t empty)
{
    set_control(cpu, control);
    cpu->x87.status = (uint16_t)(status & (VX_FE_ALL | VX_X87_STACK_FAULT | VX_X87_CONDITIONS));
    cpu->x87.top = status >> 11 & 7;
    cpu->x87.empty = empty;
}

static void get_environment(struct vx_cpu *cpu, const uint8_t *bytes)
{
    uint16_t tags = vx_get16(bytes + 8);
    uint8_t empty = 0;

    for (unsigned i = 0; i < 8; i++)
        if ((tags >> 2 * i & 3) == 3)
            empty |= (uint8_t)(1u << i);
    vx_x87_restore(cpu, vx_get16(bytes), vx_get16(bytes + 4), empty);
}

void vx_do_FNSTENV(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    uint8_t bytes[ENVIRONMENT_NBYTES];

    put_environment(cpu, bytes);
    vx_store_bytes(cpu, uop, vx_addr_of(cpu, uop), bytes, sizeof bytes);
    cpu->x87.control |= VX_FE_ALL;
}

void vx_do_FLDENV(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    uint8_t bytes[ENVIRONMENT_NBYTES];

    vx_x87_begin(cpu, uop);
    vx_load_bytes(cpu, uop, vx_addr_of(cpu, uop), bytes, sizeof bytes);
    get_environment(cpu, bytes);
}

void vx_do_FNSAVE(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    uint8_t bytes[STATE_NBYTES];

    put_environment(cpu, bytes);
    for (unsigned i = 0; i < 8; i++)
        vx_f80_to_bytes(vx_st(cpu, i), bytes + ENVIRONMENT_NBYTES + i * 10);
    vx_store_bytes(cpu, uop, vx_addr_of(cpu, uop), bytes, sizeof bytes);
    initialise(cpu);
}

void vx_do_FRSTOR(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    uint8_t bytes[STATE_NBYTES];

    vx_x87_begin(cpu, uop);
    vx_load_bytes(cpu, uop, vx_addr_of(cpu, uop), bytes, sizeof bytes);
    get_environment(cpu, bytes);
    for (unsigned i = 0; i < 8; i++)
        *vx_st(cpu, i) = vx_f80_from_bytes(bytes + ENVIRONMENT_NBYTES + i * 10);
}

/* SPDX-License-Identifier: MIT */
/*
 * The floating-point core gives the processor's results and flags, bit for bit: against the host's
 * own processor where that is x86-64, and against recorded outcomes everywhere.
 *
 * Usage: test_float [seed [random cases per operation]]
 *        test_float record    prints the table of float_golden.def anew, from the host's processor
 */
#include "float_case.h"
#include "float_host.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_SHOWN = 20 };

struct tally {
    uint64_t compared;
    uint64_t failed;
};

static struct vx_f80 masked_value(struct vx_f80 value, enum operand_kind kind)
{
    switch (kind) {
    case F80:
    case BCD: return value;
    case F32:
    case I32: return (struct vx_f80){(uint32_t)value.significand, 0};
    case I16: return (struct vx_f80){(uint16_t)value.significand, 0};
    case CODE: return (struct vx_f80){value.significand & 0xFF, 0};
    default: return (struct vx_f80){value.significand, 0};
    }
}

static bool same(struct vx_f80 a, struct vx_f80 b)
{
    return a.significand == b.significand && a.sign_exponent == b.sign_exponent;
}

static void print_outcome(const char *who, const struct outcome *outcome)
{
    printf("    %s %04X:%016" PRIX64 " condition %04X flags %02X%s\n", who,
           outcome->value.sign_exponent, outcome->value.significand, outcome->condition,
           outcome->flags, outcome->trapped ? " trapped" : "");
}

static void check(const struct operation *operation, const struct operands *o,
                  struct vx_float_env env, struct outcome expected, struct tally *tally)
{
    struct outcome got = {0};
    operation->soft(o, env, &got);
    got.value = masked_value(got.value, operation->result);
    expected.value = masked_value(expected.value, operation->result);
    tally->compared++;
    bool good = got.flags == expected.flags;
    if (!expected.trapped)
        good = good && same(got.value, expected.value) && got.condition == expected.condition;
    if (good)
        return;
    if (tally->failed++ >= MAX_SHOWN)
        return;
    printf("  %s a %04X:%016" PRIX64 " b %04X:%016" PRIX64
           " rounding %d precision %d ftz %d daz %d masks %02X\n",
           operation->name, o->a.sign_exponent, o->a.significand, o->b.sign_exponent,
           o->b.significand, env.rounding, env.precision, env.flush_to_zero, env.denormals_are_zero,
           env.masks);
    print_outcome("got     ", &got);
    print_outcome("expected", &expected);
}

static bool report(const char *fact, const char *subject, const struct tally *tally)
{
    printf("%s %s: %s, %" PRIu64 " cases", tally->failed == 0 ? "ok" : "not ok", fact, subject,
           tally->compared);
    if (tally->failed != 0)
        printf(", %" PRIu64 " failed", tally->failed);
    putchar('\n');
    return tally->failed == 0;
}

static const struct operation *find(const char *name)
{
    for (int i = 0; i < float_operation_count; i++) {
        if (strcmp(float_operations[i].name, name) == 0)
            return &float_operations[i];
    }
    return NULL;
}

static bool recorded_outcomes_hold(void)
{
    struct tally tally = {0, 0};
    for (int i = 0; i < float_golden_count; i++) {
        const struct golden *golden = &float_goldens[i];
        const struct operation *operation = find(golden->name);
        if (operation == NULL) {
            printf("  no operation %s\n", golden->name);
            tally.failed++;
            continue;
        }
        struct outcome expected = {golden->value, golden->condition, golden->flags, false};
        check(operation, &golden->operands, golden->env, expected, &tally);
    }
    return report("recorded outcomes hold", "all operations", &tally);
}

#if defined(__x86_64__)

static void compare_with_host(const struct operation *operation, const struct operands *o,
                              struct vx_float_env env, struct tally *tally)
{
    struct outcome expected = {0};
    operation->host(o, env, &expected);
    check(operation, o, env, expected, tally);
}

/* Masked environments first: all roundings with all precisions, or with FTZ and DAZ. */
static struct vx_float_env masked_env(bool x87, int index)
{
    static const uint8_t precisions[] = {64, 53, 24, 64};
    struct vx_float_env env = {.masks = VX_FE_ALL, .precision = 64};
    env.rounding = index & 3;
    if (x87)
        env.precision = precisions[index >> 2 & 3];
    env.flush_to_zero = !x87 && (index & 4) != 0;
    env.denormals_are_zero = !x87 && (index & 8) != 0;
    return env;
}

static int masked_env_count(bool x87)
{
    return x87 ? 12 : 16;
}

/* One exception unmasked, or all of them. */
static struct vx_float_env unmasked_env(bool x87, int index)
{
    struct vx_float_env env = masked_env(x87, index / 7 * 5);
    env.masks = (uint8_t)(index % 7 == 6 ? 0 : VX_FE_ALL & ~(1 << index % 7));
    return env;
}

static void check_edges(const struct operation *operation, struct tally *tally)
{
    bool x87 = float_kind_is_x87(operation);
    for (int i = 0; i < float_edge_count(operation->a); i++) {
        for (int j = 0; j < float_edge_count(operation->b); j++) {
            struct operands o = {float_edge(operation->a, i), float_edge(operation->b, j)};
            for (int k = 0; k < masked_env_count(x87); k++)
                compare_with_host(operation, &o, masked_env(x87, k), tally);
            /* SSE traps cost a signal each, so that pairs take turns. */
            if (x87) {
                for (int k = 0; k < 14; k++)
                    compare_with_host(operation, &o, unmasked_env(true, k), tally);
            } else {
                compare_with_host(operation, &o, unmasked_env(false, (i * 3 + j) % 21), tally);
            }
        }
    }
}

static void check_random(const struct operation *operation, uint64_t seed, uint64_t count,
                         struct tally *tally)
{
    bool x87 = float_kind_is_x87(operation);
    uint64_t state = seed;
    for (uint64_t i = 0; i < count; i++) {
        struct operands o = {float_random(operation->a, &state),
                             float_random(operation->b, &state)};
        uint64_t choice = float_random_bits(&state);
        struct vx_float_env env =
            (choice & 31) == 0 ? unmasked_env(x87, (int)(choice >> 8 & 0xFF) % 21)
                               : masked_env(x87, (int)(choice >> 8 & 0xFF) % masked_env_count(x87));
        compare_with_host(operation, &o, env, tally);
    }
}

static bool host_processor_agrees(uint64_t seed, uint64_t count)
{
    bool good = true;
    uint64_t compared = 0;
    for (int i = 0; i < float_operation_count; i++) {
        const struct operation *operation = &float_operations[i];
        struct tally tally = {0, 0};
        if (operation->host == NULL)
            continue;
        check_edges(operation, &tally);
        check_random(operation, seed + (uint64_t)i, count, &tally);
        good = report("agrees with the host's processor", operation->name, &tally) && good;
        compared += tally.compared;
    }
    printf("# %" PRIu64 " cases compared with the host's processor\n", compared);
    return good;
}

static void record_one(const struct operation *operation, bool edge, uint64_t *state)
{
    bool x87 = float_kind_is_x87(operation);
    uint64_t choice = float_random_bits(state);
    struct vx_float_env env = masked_env(x87, (int)(choice % (unsigned)masked_env_count(x87)));
    struct operands o = {float_random(operation->a, state), float_random(operation->b, state)};
    if (edge) {
        choice >>= 8;
        o.a = float_edge(operation->a, (int)(choice % (unsigned)float_edge_count(operation->a)));
        choice >>= 24;
        o.b = float_edge(operation->b, (int)(choice % (unsigned)float_edge_count(operation->b)));
    }
    struct outcome outcome = {0};
    operation->host(&o, env, &outcome);
    outcome.value = masked_value(outcome.value, operation->result);
    printf("G(%s, %04X, %" PRIX64 ", %04X, %" PRIX64 ", %d, %d, %d, %d, %04X, %" PRIX64
           ", %04X, %02X)\n",
           operation->name, o.a.sign_exponent, o.a.significand, o.b.sign_exponent, o.b.significand,
           env.rounding, env.precision, env.flush_to_zero, env.denormals_are_zero,
           outcome.value.sign_exponent, outcome.value.significand, outcome.condition,
           outcome.flags);
}

static void record(void)
{
    uint64_t state = 1;
    for (int i = 0; i < float_operation_count; i++) {
        for (int j = 0; j < 6; j++)
            record_one(&float_operations[i], j >= 4, &state);
    }
}

#endif

int main(int argc, char **argv)
{
    uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 0) : 20080622;
    uint64_t count = argc > 2 ? strtoull(argv[2], NULL, 0) : 40000;
    bool good = true;
#if defined(__x86_64__)
    float_host_prepare();
    if (argc > 1 && strcmp(argv[1], "record") == 0) {
        record();
        return 0;
    }
    printf("# seed %" PRIu64 ", %" PRIu64 " random cases per operation\n", seed, count);
    good = host_processor_agrees(seed, count);
#else
    (void)seed;
    (void)count;
#endif
    good = recorded_outcomes_hold() && good;
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

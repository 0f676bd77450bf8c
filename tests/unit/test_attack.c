/* SPDX-License-Identifier: MIT */
/* That guests made to break the sandbox get what any guest gets: right counts, or a trap. */
#include "support/elf_builder.h"
#include "support/test.h"

#include "mem.h"
#include "vx32.h"
#include "vx32_abi.h"

#include <string.h>

enum {
    DATA_ADDR = 0x100000,
    DATA_NBYTES = 0x10000,
    PAGE_NBYTES = VX32_PAGE_NBYTES,
};

static const uint64_t highest_limit_nbytes = 0xffff0000;

static struct vx32_instance *guest_with(const uint8_t *code, uint32_t nbytes, uint64_t limit_nbytes)
{
    static struct elf_builder elf;
    const struct vx32_options options = {.struct_nbytes = sizeof options,
                                         .memory_nbytes = limit_nbytes};
    struct vx32_image *image = NULL;
    struct vx32_instance *guest = NULL;

    elf_program(&elf, code, nbytes);
    elf_add(&elf, DATA_ADDR, "", 1, DATA_NBYTES, ELF_FLAG_R | ELF_FLAG_W);
    CHECK(vx32_image_parse(elf.file, elf_finish(&elf), &image, NULL) == VX32_OK);
    CHECK(vx32_instance_new(image, &options, &guest) == VX32_OK);
    vx32_image_free(image);
    return guest;
}

static struct vx32_exit run_with(struct vx32_instance *guest, uint64_t fuel)
{
    struct vx32_exit exit;

    vx32_fuel_set(guest, fuel);
    vx32_run(guest, &exit);
    return exit;
}

static uint64_t count_of(const struct vx32_instance *guest)
{
    struct vx32_statistics statistics;

    vx32_statistics_get(guest, &statistics);
    return statistics.instruction_count;
}

/* ---- fuel and what the engine remembers ---- */

/* Three ways to what cannot be executed: a jump, falling into it, a jump to what is not mapped. */
static void what_cannot_be_executed_needs_fuel_whatever_was_run_before(void)
{
    static const uint8_t jump[] = {0xeb, 0, 0xc4, 0xc0}; /* jmp over nothing; an AVX prefix */
    static const uint8_t fall[] = {0x90, 0xc4, 0xc0};
    static const uint8_t leave[] = {0xe9, 0, 0, 0, 0x10};
    static const struct {
        const uint8_t *code;
        uint32_t nbytes;
        enum vx32_trap trap;
    } cases[] = {
        {jump, sizeof jump, VX32_TRAP_INVALID_OPCODE},
        {fall, sizeof fall, VX32_TRAP_INVALID_OPCODE},
        {leave, sizeof leave, VX32_TRAP_PAGE_FAULT},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct vx32_instance *guest = guest_with(cases[i].code, cases[i].nbytes, 0);

        for (int round = 0; round < 3; round++) { /* later ones with the blocks linked */
            struct vx32_exit exit = run_with(guest, 1);

            CHECK(exit.reason == VX32_EXIT_OUT_OF_FUEL);
            CHECK(vx32_reset(guest) == VX32_OK);
            exit = run_with(guest, 2);
            CHECK(exit.reason == VX32_EXIT_TRAP && exit.trap == cases[i].trap);
            CHECK_EQ_U64(vx32_fuel_left(guest), 1);
            CHECK_EQ_U64(count_of(guest), 1);
            CHECK(vx32_reset(guest) == VX32_OK);
        }
        vx32_instance_free(guest);
    }
}

/* Straight code, larger than the engine's arena of blocks, in a loop: it is flushed while a branch
 * waits to be linked. */
static void code_larger_than_the_block_cache_runs_and_counts_right(void)
{
    enum { INC_COUNT = 400000, PASS_COUNT = 3 };
    static uint8_t code[5 + INC_COUNT + 8];
    uint8_t *end = code + 5 + INC_COUNT;
    int32_t back = -(INC_COUNT + 7);
    struct vx32_instance *guest;
    struct vx32_registers registers;

    code[0] = 0xb9; /* mov ecx, PASS_COUNT */
    code[1] = PASS_COUNT;
    memset(code + 5, 0x40, INC_COUNT); /* inc eax */
    *end++ = 0x49;                     /* dec ecx */
    *end++ = 0x0f;                     /* jnz to the first inc */
    *end++ = 0x85;
    for (int i = 0; i < 4; i++)
        *end++ = (uint8_t)((uint32_t)back >> 8 * i);
    *end = 0xcc; /* int3 */
    guest = guest_with(code, sizeof code, 0);
    for (int round = 0; round < 2; round++) {
        struct vx32_exit exit = run_with(guest, 1u << 30);

        CHECK(exit.reason == VX32_EXIT_TRAP && exit.trap == VX32_TRAP_BREAKPOINT);
        vx32_registers_get(guest, &registers);
        CHECK_EQ_U64(registers.general[VX32_ECX], 0);
        CHECK_EQ_U64(registers.general[VX32_EAX], PASS_COUNT * INC_COUNT);
        CHECK_EQ_U64(count_of(guest), 1 + PASS_COUNT * (INC_COUNT + 2));
        CHECK(vx32_reset(guest) == VX32_OK);
    }
    vx32_instance_free(guest);
}

/*
 * mov esi, 3; again: call 0x11000; dec esi; jnz again; mov eax, munmap; mov ebx, 0x11000;
 * mov ecx, 4096; int 80h; inc esi; jmp again: three calls with their target there, one without
 */
static const uint8_t unmapping_code[] = {
    0xbe, 3,    0, 0,    0, 0xe8, 0xf6, 0x0f, 0,    0, 0x4e, 0x75, 0xf8, 0xb8, 91,   0,    0,
    0,    0xbb, 0, 0x10, 1, 0,    0xb9, 0,    0x10, 0, 0,    0xcd, 0x80, 0x46, 0xeb, 0xe4,
};

static void a_linked_call_sees_that_its_target_is_gone(void)
{
    static uint8_t code[PAGE_NBYTES + 2];
    struct vx32_instance *guest;

    memcpy(code, unmapping_code, sizeof unmapping_code);
    code[PAGE_NBYTES] = 0x40; /* inc eax */
    code[PAGE_NBYTES + 1] = 0xc3;
    guest = guest_with(code, sizeof code, 0);
    for (int round = 0; round < 2; round++) {
        struct vx32_exit exit = run_with(guest, 1000);

        CHECK(exit.reason == VX32_EXIT_TRAP && exit.trap == VX32_TRAP_PAGE_FAULT);
        CHECK(exit.access == VX32_ACCESS_EXECUTE);
        CHECK_EQ_U64(exit.fault_addr, ELF_CODE_ADDR + PAGE_NBYTES);
        CHECK_EQ_U64(count_of(guest), 1 + 3 * 5 + 3 + 1 + 2 + 1);
        CHECK(vx32_reset(guest) == VX32_OK);
    }
    vx32_instance_free(guest);
}

/* ---- the edges of memory ---- */

struct edge {
    uint8_t code[4];
    uint32_t nbytes;    /* of the access */
    uint32_t alignment; /* that it needs */
};

/* Each at ebx: mov eax, fld tbyte, fnstenv, fnsave, movups load and store, fxsave, fxrstor,
 * cmpxchg8b. */
static const struct edge edges[] = {
    {{0x8b, 0x03}, 4, 1},          {{0xdb, 0x2b}, 10, 1},         {{0xd9, 0x33}, 28, 1},
    {{0xdd, 0x33}, 108, 1},        {{0x0f, 0x10, 0x03}, 16, 1},   {{0x0f, 0x11, 0x03}, 16, 1},
    {{0x0f, 0xae, 0x03}, 512, 16}, {{0x0f, 0xae, 0x0b}, 512, 16}, {{0x0f, 0xc7, 0x0b}, 8, 1},
};

static struct vx32_exit access_at(struct vx32_instance *guest, vx32_addr addr)
{
    struct vx32_registers registers;

    CHECK(vx32_reset(guest) == VX32_OK);
    vx32_registers_get(guest, &registers);
    registers.general[VX32_EBX] = addr;
    vx32_registers_set(guest, &registers);
    return run_with(guest, 1);
}

static void accesses_end_where_the_memory_does(void)
{
    static const uint64_t limits[] = {0x1001000, 0x40000000, 0xffff0000};

    for (size_t i = 0; i < sizeof edges / sizeof edges[0] * 3; i++) {
        const struct edge *edge = &edges[i / 3];
        uint32_t limit = (uint32_t)limits[i % 3];
        struct vx32_instance *guest = guest_with(edge->code, sizeof edge->code, limit);

        CHECK(access_at(guest, limit - edge->nbytes).reason == VX32_EXIT_OUT_OF_FUEL);
        for (uint32_t over = edge->alignment; over <= edge->nbytes; over += edge->alignment) {
            struct vx32_exit exit = access_at(guest, limit - edge->nbytes + over);

            CHECK(exit.reason == VX32_EXIT_TRAP && exit.trap == VX32_TRAP_PAGE_FAULT);
            CHECK_EQ_U64(exit.fault_addr, limit);
        }
        for (uint32_t below = edge->alignment; below < edge->nbytes; below += edge->alignment)
            CHECK(access_at(guest, 0 - below).trap == VX32_TRAP_PAGE_FAULT);
        vx32_instance_free(guest);
    }
}

static void a_stack_pointer_that_wraps_around_faults(void)
{
    static const uint8_t codes[][4] = {
        {0x50}, {0x60}, {0xc8, 0, 0, 31}, {0xc8, 0xff, 0xff, 0}, {0x58}, {0x61}, {0xc3}, {0xe8},
    };

    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        struct vx32_instance *guest = guest_with(codes[i], 4, highest_limit_nbytes);

        for (uint32_t esp = 0u - 33; esp != 33; esp++) {
            struct vx32_registers registers;
            struct vx32_exit exit;

            vx32_registers_get(guest, &registers);
            registers.general[VX32_ESP] = esp;
            registers.general[VX32_EBP] = DATA_ADDR + 200;
            vx32_registers_set(guest, &registers);
            exit = run_with(guest, 1);
            CHECK(exit.reason == VX32_EXIT_TRAP && exit.trap == VX32_TRAP_PAGE_FAULT);
            vx32_registers_get(guest, &registers);
            CHECK_EQ_U64(registers.general[VX32_ESP], esp);
            CHECK(vx32_reset(guest) == VX32_OK);
        }
        vx32_instance_free(guest);
    }
}

/* ---- strings ---- */

static void check_move(struct vx32_instance *guest, uint32_t from, uint32_t to, uint32_t nbytes,
                       uint64_t piece)
{
    static uint8_t expected[DATA_NBYTES], found[DATA_NBYTES];
    struct vx32_registers registers;
    struct vx32_exit exit;

    CHECK(vx32_reset(guest) == VX32_OK);
    for (uint32_t i = 0; i < DATA_NBYTES; i++)
        expected[i] = (uint8_t)(i * 7 + i / 251);
    CHECK(vx32_write(guest, DATA_ADDR, expected, DATA_NBYTES) == VX32_OK);
    for (uint32_t i = 0; i < nbytes; i++)
        expected[to + i] = expected[from + i];
    vx32_registers_get(guest, &registers);
    registers.general[VX32_ECX] = nbytes;
    registers.general[VX32_ESI] = DATA_ADDR + from;
    registers.general[VX32_EDI] = DATA_ADDR + to;
    vx32_registers_set(guest, &registers);
    do
        exit = run_with(guest, piece);
    while (exit.reason == VX32_EXIT_OUT_OF_FUEL);
    CHECK(exit.trap == VX32_TRAP_BREAKPOINT);
    CHECK_EQ_U64(count_of(guest), nbytes);
    CHECK(vx32_read(guest, DATA_ADDR, found, DATA_NBYTES) == VX32_OK);
    CHECK(memcmp(found, expected, DATA_NBYTES) == 0);
}

static void overlapping_moves_go_byte_by_byte(void)
{
    static const uint8_t code[] = {0xf3, 0xa4, 0xcc}; /* rep movsb; int3 */
    static const uint32_t distances[] = {0, 1, 3, 100, 4095, 4096, 4097, 9000};
    struct vx32_instance *guest = guest_with(code, sizeof code, 0);

    for (size_t i = 0; i < sizeof distances / sizeof distances[0]; i++) {
        check_move(guest, 4000, 4000 + distances[i], 10000, 1u << 20);
        check_move(guest, 4000 + distances[i], 4000, 10000, 1u << 20);
        check_move(guest, 4000, 4000 + distances[i], 10000, 777);
        check_move(guest, 4000 + distances[i], 4000, 10000, 4096);
    }
    vx32_instance_free(guest);
}

/* ---- the host ---- */

/* mmap2 of 768 MiB; then munmap of every other page, until one is refused */
static const uint8_t holes_code[] = {
    0xb8, 192, 0,    0,    0,    0x31, 0xdb, 0xb9, 0,    0,    0,    0x30, 0xba, 3,    0,    0,  0,
    0xbe, 34,  0,    0,    0,    0xcd, 0x80, 0x89, 0xc3, 0xb9, 0,    0x10, 0,    0,    0xb8, 91, 0,
    0,    0,   0xcd, 0x80, 0x81, 0xc3, 0,    0x20, 0,    0,    0x85, 0xc0, 0x74, 0xef, 0xcc,
};

static void a_guest_full_of_holes_leaves_the_host_its_mappings(void)
{
    struct vx32_instance *guest = guest_with(holes_code, sizeof holes_code, 0);
    struct vx32_exit exit = run_with(guest, 1u << 30);
    struct vx32_instance *other = guest_with(holes_code, sizeof holes_code, 0);

    struct vx32_registers registers;

    CHECK(exit.reason == VX32_EXIT_TRAP && exit.trap == VX32_TRAP_BREAKPOINT);
    vx32_registers_get(guest, &registers);
    CHECK_EQ_U64(registers.general[VX32_EAX], (uint32_t)-VX32_ENOMEM);
    CHECK(count_of(guest) > 5 * VX_BOUNDARIES_MAX / 2 - 100);
    CHECK(count_of(guest) < 5 * VX_BOUNDARIES_MAX / 2 + 100);
    CHECK(other != NULL);
    vx32_instance_free(other);
    vx32_instance_free(guest);
}

int main(void)
{
    RUN(what_cannot_be_executed_needs_fuel_whatever_was_run_before);
    RUN(code_larger_than_the_block_cache_runs_and_counts_right);
    RUN(a_linked_call_sees_that_its_target_is_gone);
    RUN(accesses_end_where_the_memory_does);
    RUN(a_stack_pointer_that_wraps_around_faults);
    RUN(overlapping_moves_go_byte_by_byte);
    RUN(a_guest_full_of_holes_leaves_the_host_its_mappings);
    return test_report();
}

/* SPDX-License-Identifier: MIT */
/* That fuel counts every instruction and every repetition, however the run is cut into pieces. */
#include "support/elf_builder.h"
#include "support/test.h"

#include "vx32.h"

#include <string.h>

enum {
    DATA_ADDR = 0x100000,
    DATA_NBYTES = 0x100000,
    REPEAT_COUNT = 5000,
    REPEAT_INSNS = REPEAT_COUNT + 8,
    LOOP_COUNT = 100000,
    LOOP_INSNS = 1 + 2 * LOOP_COUNT + 3,
};

/* mov ecx, 5000; mov edi, DATA; cld; rep stosb; nop; nop; mov eax, 1; xor ebx, ebx; int 80h */
static const uint8_t repeat_code[] = {
    0xb9, 0x88, 0x13, 0,    0, 0xbf, 0, 0, 0x10, 0,    0xfc, 0xf3,
    0xaa, 0x90, 0x90, 0xb8, 1, 0,    0, 0, 0x31, 0xdb, 0xcd, 0x80,
};

/* mov ecx, 100000; again: dec ecx; jnz again; mov eax, 1; xor ebx, ebx; int 80h */
static const uint8_t loop_code[] = {
    0xb9, 0xa0, 0x86, 1, 0, 0x49, 0x75, 0xfd, 0xb8, 1, 0, 0, 0, 0x31, 0xdb, 0xcd, 0x80,
};

/* mov ecx, -1; mov edi, DATA; cld; rep stosb: runs into the end of its data */
static const uint8_t runaway_code[] = {
    0xb9, 0xff, 0xff, 0xff, 0xff, 0xbf, 0, 0, 0x10, 0, 0xfc, 0xf3, 0xaa,
};

static struct vx32_instance *guest_of(const uint8_t *code, uint32_t nbytes)
{
    static struct elf_builder elf;
    struct vx32_image *image = NULL;
    struct vx32_instance *guest = NULL;

    elf_program(&elf, code, nbytes);
    elf_add(&elf, DATA_ADDR, "", 1, DATA_NBYTES, ELF_FLAG_R | ELF_FLAG_W);
    CHECK(vx32_image_parse(elf.file, elf_finish(&elf), &image, NULL) == VX32_OK);
    CHECK(vx32_instance_new(image, NULL, &guest) == VX32_OK);
    vx32_image_free(image);
    return guest;
}

static uint64_t count_of(const struct vx32_instance *guest)
{
    struct vx32_statistics statistics;

    vx32_statistics_get(guest, &statistics);
    return statistics.instruction_count;
}

/* Runs in pieces of `piece` units; returns the instructions executed until the guest exited. */
static uint64_t count_in_pieces(const uint8_t *code, uint32_t nbytes, uint64_t piece)
{
    struct vx32_instance *guest = guest_of(code, nbytes);
    struct vx32_exit exit;
    uint64_t count;

    do {
        uint64_t before = count_of(guest);

        vx32_fuel_set(guest, piece);
        vx32_run(guest, &exit);
        CHECK(count_of(guest) - before == piece - vx32_fuel_left(guest));
    } while (exit.reason == VX32_EXIT_OUT_OF_FUEL);
    CHECK(exit.reason == VX32_EXIT_EXITED);
    count = count_of(guest);
    vx32_instance_free(guest);
    return count;
}

static void a_loop_costs_the_same_in_pieces_of_any_size(void)
{
    static const uint64_t pieces[] = {1, 2, 3, 7, 63, 64, 65, 1000, 999999, 1u << 30};

    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++)
        CHECK_EQ_U64(count_in_pieces(loop_code, sizeof loop_code, pieces[i]), LOOP_INSNS);
}

static void each_repetition_costs_one_unit(void)
{
    static const uint64_t pieces[] = {1, 2, 4, 5, 100, 4095, 4096, 5001, 5007, 5008, 1u << 30};

    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++)
        CHECK_EQ_U64(count_in_pieces(repeat_code, sizeof repeat_code, pieces[i]), REPEAT_INSNS);
}

static void a_repetition_is_left_where_the_fuel_ends(void)
{
    struct vx32_instance *guest = guest_of(repeat_code, sizeof repeat_code);
    struct vx32_registers registers;
    struct vx32_exit exit;

    vx32_fuel_set(guest, 3 + 1234);
    vx32_run(guest, &exit);
    vx32_registers_get(guest, &registers);
    CHECK(exit.reason == VX32_EXIT_OUT_OF_FUEL);
    CHECK_EQ_U64(registers.general[VX32_ECX], REPEAT_COUNT - 1234);
    CHECK_EQ_U64(registers.general[VX32_EDI], DATA_ADDR + 1234);
    CHECK_EQ_U64(registers.eip, ELF_CODE_ADDR + 11);
    vx32_instance_free(guest);
}

static void exactly_enough_fuel_is_enough(void)
{
    struct vx32_instance *guest = guest_of(repeat_code, sizeof repeat_code);
    struct vx32_exit exit;

    vx32_fuel_set(guest, REPEAT_INSNS);
    vx32_run(guest, &exit);
    CHECK(exit.reason == VX32_EXIT_EXITED);
    CHECK_EQ_U64(vx32_fuel_left(guest), 0);
    vx32_instance_free(guest);
}

static void a_trap_in_a_repetition_costs_what_was_done(void)
{
    struct vx32_instance *guest = guest_of(runaway_code, sizeof runaway_code);
    struct vx32_exit exit;

    vx32_fuel_set(guest, VX32_FUEL_COUNTED);
    vx32_run(guest, &exit);
    CHECK(exit.reason == VX32_EXIT_TRAP && exit.trap == VX32_TRAP_PAGE_FAULT);
    CHECK_EQ_U64(exit.fault_addr, DATA_ADDR + DATA_NBYTES);
    CHECK_EQ_U64(exit.eip, ELF_CODE_ADDR + 11);
    CHECK_EQ_U64(count_of(guest), 3 + DATA_NBYTES);
    vx32_instance_free(guest);
}

int main(void)
{
    RUN(a_loop_costs_the_same_in_pieces_of_any_size);
    RUN(each_repetition_costs_one_unit);
    RUN(a_repetition_is_left_where_the_fuel_ends);
    RUN(exactly_enough_fuel_is_enough);
    RUN(a_trap_in_a_repetition_costs_what_was_done);
    return test_report();
}

/* SPDX-License-Identifier: MIT */
/* That a reset goes back to the snapshot, whatever the guest did to memory, registers and process.
 */
#include "support/caller.h"
#include "support/elf_builder.h"
#include "support/test.h"

#include "instance.h"
#include "snapshot.h"
#include "vx32.h"

#include <stdlib.h>
#include <string.h>

enum {
    PAGE = VX32_PAGE_NBYTES,
    DATA = CALLER_DATA_ADDR,
    R = VX32_PROT_READ,
    W = VX32_PROT_WRITE,
    X = VX32_PROT_EXEC,
    ANONYMOUS = VX32_MAP_PRIVATE | VX32_MAP_ANONYMOUS,

    SYS_MPROTECT = 125,
    SYS_GETRANDOM = 355,
    SYS_SET_THREAD_AREA = 243,

    TABLE_ADDR = 0x100000,
    TABLE_NBYTES = 0x2000,
    RESET_COUNT = 200,
};

/*
 * Fills a table of 1000 words at TABLE_ADDR, each 69069 times the one before and 1; then over and
 * over reads a byte, counts it, and writes the word of the table that it chooses plus the count.
 */
static const uint8_t server_code[] = {
    0xb9, 0xe8, 0x03, 0x00, 0x00, 0xbf, 0x00, 0x00, 0x10, 0x00, 0x31, 0xc0, 0x69, 0xc0, 0xcd,
    0x0d, 0x01, 0x00, 0x40, 0x89, 0x07, 0x83, 0xc7, 0x04, 0x49, 0x75, 0xf1, 0xb8, 0x03, 0x00,
    0x00, 0x00, 0x31, 0xdb, 0xb9, 0x04, 0x10, 0x10, 0x00, 0xba, 0x01, 0x00, 0x00, 0x00, 0xcd,
    0x80, 0xff, 0x05, 0x00, 0x10, 0x10, 0x00, 0x0f, 0xb6, 0x35, 0x04, 0x10, 0x10, 0x00, 0x8b,
    0x04, 0xb5, 0x00, 0x00, 0x10, 0x00, 0x03, 0x05, 0x00, 0x10, 0x10, 0x00, 0xa3, 0x04, 0x10,
    0x10, 0x00, 0xb8, 0x04, 0x00, 0x00, 0x00, 0xbb, 0x01, 0x00, 0x00, 0x00, 0xb9, 0x04, 0x10,
    0x10, 0x00, 0xba, 0x04, 0x00, 0x00, 0x00, 0xcd, 0x80, 0xeb, 0xb6,
};

static struct vx32_instance *begin(enum vx32_engine engine)
{
    struct vx32_instance *guest = caller_new_on(VX32_PROFILE_LINUX_FILTER, engine);

    if (guest == NULL)
        abort();
    return guest;
}

static struct vx32_instance *begin_server(enum vx32_engine engine)
{
    static struct elf_builder elf;
    const struct vx32_options options = {
        .struct_nbytes = sizeof options, .engine = engine, .fuel = 1000000};
    struct vx32_instance *guest = NULL;
    struct vx32_image *image = NULL;

    elf_program(&elf, server_code, sizeof server_code);
    elf_add(&elf, TABLE_ADDR, "", 1, TABLE_NBYTES, ELF_FLAG_R | ELF_FLAG_W);
    CHECK(vx32_image_parse(elf.file, elf_finish(&elf), &image, NULL) == VX32_OK);
    CHECK(vx32_instance_new(image, &options, &guest) == VX32_OK);
    vx32_image_free(image);
    return guest;
}

static uint8_t peek(const struct vx32_instance *guest, vx32_addr addr)
{
    uint8_t byte = 0xee;

    return vx32_read(guest, addr, &byte, 1) == VX32_OK ? byte : 0xee;
}

static bool poke(struct vx32_instance *guest, vx32_addr addr, uint8_t byte)
{
    return vx32_write(guest, addr, &byte, 1) == VX32_OK;
}

/* ---- the server ---- */

static uint32_t table_word(uint32_t index)
{
    uint32_t word = 0;

    for (uint32_t i = 0; i <= index; i++)
        word = word * 69069 + 1;
    return word;
}

/* Answers the open read with `byte`; returns the word that the guest then writes. */
static uint32_t ask(struct vx32_instance *guest, struct vx32_exit *exit, uint8_t byte)
{
    uint32_t word = 0;

    CHECK(exit->reason == VX32_EXIT_NEED_INPUT);
    *(uint8_t *)exit->data = byte;
    CHECK(vx32_complete(guest, 1) == VX32_OK);
    vx32_run(guest, exit);
    CHECK(exit->reason == VX32_EXIT_HAVE_OUTPUT && exit->nbytes == 4);
    for (int i = 0; i < 4; i++)
        word |= (uint32_t)((const uint8_t *)exit->data)[i] << 8 * i;
    CHECK(vx32_complete(guest, 4) == VX32_OK);
    vx32_run(guest, exit);
    return word;
}

static void a_prepared_guest_serves_many_times_from_its_first_question(enum vx32_engine engine)
{
    struct vx32_instance *guest = begin_server(engine);
    struct vx32_statistics before, after;
    struct vx32_exit exit;

    vx32_run(guest, &exit);
    CHECK(vx32_snapshot(guest) == VX32_OK);
    CHECK_EQ_U64(ask(guest, &exit, 9), table_word(9) + 1);
    vx32_statistics_get(guest, &before);
    for (unsigned i = 0; i < RESET_COUNT; i++) {
        uint8_t byte = (uint8_t)(7 * i);

        CHECK(vx32_reset(guest) == VX32_OK);
        vx32_run(guest, &exit);
        vx32_statistics_get(guest, &after);
        CHECK_EQ_U64(after.instruction_count, 0);
        CHECK_EQ_U64(ask(guest, &exit, byte), table_word(byte) + 1);
        CHECK_EQ_U64(ask(guest, &exit, byte), table_word(byte) + 2);
    }
    vx32_statistics_get(guest, &after);
    CHECK_EQ_U64(after.block_count, before.block_count);
    vx32_instance_free(guest);
}

static void a_call_that_was_open_is_open_again(enum vx32_engine engine)
{
    struct vx32_instance *guest = begin_server(engine);
    struct vx32_exit asked, exit;

    vx32_run(guest, &asked);
    CHECK(vx32_snapshot(guest) == VX32_OK);
    (void)ask(guest, &asked, 1);
    *(uint8_t *)asked.data = 2;
    CHECK(vx32_complete(guest, 1) == VX32_OK);
    vx32_run(guest, &exit);
    CHECK(exit.reason == VX32_EXIT_HAVE_OUTPUT);
    CHECK(vx32_reset(guest) == VX32_OK);
    vx32_run(guest, &exit);
    CHECK(exit.reason == VX32_EXIT_NEED_INPUT && exit.nbytes == 1 && exit.data == asked.data);
    CHECK(vx32_complete(guest, 4) == VX32_INVALID_ARGUMENT);
    CHECK_EQ_U64(ask(guest, &exit, 2), table_word(2) + 1);
    vx32_fuel_set(guest, 0);
    *(uint8_t *)exit.data = 3;
    CHECK(vx32_complete(guest, 1) == VX32_OK);
    vx32_run(guest, &exit);
    CHECK(exit.reason == VX32_EXIT_OUT_OF_FUEL); /* no call is open now */
    CHECK(vx32_reset(guest) == VX32_OK);
    vx32_run(guest, &exit);
    CHECK_EQ_U64(ask(guest, &exit, 3), table_word(3) + 1);
    vx32_instance_free(guest);
}

static void a_snapshot_without_an_open_call_goes_on_by_itself(enum vx32_engine engine)
{
    struct vx32_instance *guest = begin_server(engine);
    struct vx32_exit exit;

    vx32_fuel_set(guest, 100);
    vx32_run(guest, &exit);
    CHECK(exit.reason == VX32_EXIT_OUT_OF_FUEL);
    vx32_fuel_set(guest, VX32_FUEL_UNLIMITED);
    CHECK(vx32_snapshot(guest) == VX32_OK);
    for (int i = 0; i < 3; i++) {
        vx32_run(guest, &exit);
        CHECK_EQ_U64(ask(guest, &exit, 200), table_word(200) + 1);
        CHECK(vx32_reset(guest) == VX32_OK);
    }
    vx32_instance_free(guest);
}

static void without_a_snapshot_a_reset_begins_at_the_beginning(enum vx32_engine engine)
{
    struct vx32_instance *guest = begin_server(engine);
    struct vx32_statistics statistics;
    struct vx32_exit exit;

    vx32_run(guest, &exit);
    CHECK(vx32_reset(guest) == VX32_OK);
    vx32_run(guest, &exit);
    vx32_statistics_get(guest, &statistics);
    CHECK(statistics.instruction_count > 6000);
    vx32_instance_free(guest);
}

static void a_later_snapshot_takes_the_place_of_the_first(enum vx32_engine engine)
{
    struct vx32_instance *guest = begin_server(engine);
    struct vx32_exit exit;

    vx32_run(guest, &exit);
    CHECK(vx32_snapshot(guest) == VX32_OK);
    CHECK_EQ_U64(ask(guest, &exit, 1), table_word(1) + 1);
    CHECK_EQ_U64(ask(guest, &exit, 1), table_word(1) + 2);
    CHECK(vx32_snapshot(guest) == VX32_OK);
    CHECK_EQ_U64(ask(guest, &exit, 1), table_word(1) + 3);
    for (int i = 0; i < 3; i++) {
        CHECK(vx32_reset(guest) == VX32_OK);
        vx32_run(guest, &exit);
        CHECK_EQ_U64(ask(guest, &exit, 1), table_word(1) + 3);
    }
    vx32_instance_free(guest);
}

static void the_fuel_is_that_of_the_snapshot(enum vx32_engine engine)
{
    struct vx32_instance *guest = begin_server(engine);
    struct vx32_exit exit;
    uint64_t left;

    vx32_run(guest, &exit);
    left = vx32_fuel_left(guest);
    CHECK(left < 1000000);
    CHECK(vx32_snapshot(guest) == VX32_OK);
    (void)ask(guest, &exit, 1);
    CHECK(vx32_fuel_left(guest) < left);
    vx32_fuel_set(guest, VX32_FUEL_UNLIMITED);
    CHECK(vx32_reset(guest) == VX32_OK);
    CHECK_EQ_U64(vx32_fuel_left(guest), left);
    vx32_instance_free(guest);
}

/* ---- memory ---- */

static void what_is_mapped_after_the_snapshot_is_gone(enum vx32_engine engine)
{
    struct vx32_instance *guest = begin(engine);
    uint32_t mapped, heap_end = CALLER_BREAK_ADDR + 4 * PAGE;

    CHECK(vx32_snapshot(guest) == VX32_OK);
    for (int i = 0; i < 3; i++) {
        mapped = (uint32_t)caller_call(guest, VX32_SYS_MMAP2, 0, 2 * PAGE, R | W, ANONYMOUS);
        CHECK_EQ_U64(mapped, CALLER_MAPPING_END - 2 * PAGE);
        CHECK(caller_call(guest, VX32_SYS_BRK, heap_end) == heap_end);
        CHECK(poke(guest, mapped, 1) && poke(guest, heap_end - 1, 1));
        CHECK(vx32_reset(guest) == VX32_OK);
        CHECK(peek(guest, mapped) == 0xee && peek(guest, heap_end - 1) == 0xee);
        CHECK(caller_call(guest, VX32_SYS_BRK, 0) == CALLER_BREAK_ADDR);
    }
    vx32_instance_free(guest);
}

static void what_is_unmapped_after_the_snapshot_is_back_with_its_bytes(enum vx32_engine engine)
{
    struct vx32_instance *guest = begin(engine);
    uint32_t mapped = (uint32_t)caller_call(guest, VX32_SYS_MMAP2, 0, 3 * PAGE, R | W, ANONYMOUS);

    CHECK(poke(guest, mapped + PAGE, 5) && poke(guest, mapped + 3 * PAGE - 1, 6));
    CHECK(vx32_snapshot(guest) == VX32_OK);
    for (int i = 0; i < 3; i++) {
        CHECK(caller_call(guest, VX32_SYS_MUNMAP, mapped, 3 * PAGE) == 0);
        CHECK(peek(guest, mapped) == 0xee);
        CHECK(vx32_reset(guest) == VX32_OK);
        CHECK_EQ_U64(peek(guest, mapped), 0);
        CHECK_EQ_U64(peek(guest, mapped + PAGE), 5);
        CHECK_EQ_U64(peek(guest, mapped + 3 * PAGE - 1), 6);
    }
    vx32_instance_free(guest);
}

static void permissions_are_those_of_the_snapshot(enum vx32_engine engine)
{
    struct vx32_instance *guest = begin(engine);
    uint32_t mapped = (uint32_t)caller_call(guest, VX32_SYS_MMAP2, 0, 3 * PAGE, R | W, ANONYMOUS);

    CHECK(poke(guest, mapped, 5));
    CHECK(caller_call(guest, SYS_MPROTECT, mapped + PAGE, PAGE, R) == 0);
    CHECK(vx32_snapshot(guest) == VX32_OK);
    for (int i = 0; i < 3; i++) {
        CHECK(caller_call(guest, SYS_MPROTECT, mapped, PAGE, R) == 0);
        CHECK(caller_call(guest, SYS_MPROTECT, mapped + PAGE, PAGE, R | W) == 0);
        CHECK(!poke(guest, mapped, 7) && poke(guest, mapped + PAGE, 7));
        CHECK(vx32_reset(guest) == VX32_OK);
        CHECK_EQ_U64(peek(guest, mapped), 5);
        CHECK_EQ_U64(peek(guest, mapped + PAGE), 0);
        CHECK(poke(guest, mapped, 8) && !poke(guest, mapped + PAGE, 8));
    }
    vx32_instance_free(guest);
}

static void pages_without_access_keep_their_bytes(enum vx32_engine engine)
{
    struct vx32_instance *guest = begin(engine);
    uint32_t mapped = (uint32_t)caller_call(guest, VX32_SYS_MMAP2, 0, 2 * PAGE, R | W, ANONYMOUS);

    CHECK(poke(guest, mapped + 3, 5));
    CHECK(caller_call(guest, SYS_MPROTECT, mapped, 2 * PAGE, 0) == 0);
    CHECK(vx32_snapshot(guest) == VX32_OK);
    CHECK(peek(guest, mapped + 3) == 0xee);
    for (int i = 0; i < 3; i++) {
        CHECK(caller_call(guest, SYS_MPROTECT, mapped, 2 * PAGE, R | W) == 0);
        CHECK_EQ_U64(peek(guest, mapped + 3), 5);
        CHECK(poke(guest, mapped + 3, 6) && poke(guest, mapped + PAGE, 7));
        CHECK(vx32_reset(guest) == VX32_OK);
        CHECK(peek(guest, mapped + 3) == 0xee && peek(guest, mapped + PAGE) == 0xee);
    }
    CHECK(caller_call(guest, SYS_MPROTECT, mapped, 2 * PAGE, R) == 0);
    CHECK_EQ_U64(peek(guest, mapped + 3), 5);
    CHECK_EQ_U64(peek(guest, mapped + PAGE), 0);
    vx32_instance_free(guest);
}

static void zeroes_written_to_later_are_zero_again(enum vx32_engine engine)
{
    struct vx32_instance *guest = begin(engine);

    CHECK(poke(guest, DATA, 1));
    CHECK(vx32_snapshot(guest) == VX32_OK);
    CHECK(poke(guest, DATA, 2) && poke(guest, DATA + PAGE, 2) && poke(guest, DATA + 1, 2));
    CHECK(vx32_reset(guest) == VX32_OK);
    CHECK_EQ_U64(peek(guest, DATA), 1);
    CHECK_EQ_U64(peek(guest, DATA + 1), 0);
    CHECK_EQ_U64(peek(guest, DATA + PAGE), 0);
    vx32_instance_free(guest);
}

static void only_pages_that_are_not_zero_are_copied(enum vx32_engine engine)
{
    struct vx32_instance *guest = begin(engine);
    uint32_t mapped = (uint32_t)caller_call(guest, VX32_SYS_MMAP2, 0, 64 * PAGE, R | W, ANONYMOUS);
    size_t before_nbytes;

    CHECK(vx32_snapshot(guest) == VX32_OK);
    before_nbytes = guest->snapshot->copy_nbytes;
    CHECK(before_nbytes < 4 * PAGE); /* code, the stack's last page */
    CHECK(poke(guest, mapped + 7 * PAGE, 1) && poke(guest, mapped + 9 * PAGE - 1, 1));
    CHECK(poke(guest, mapped + 50 * PAGE + 5, 1));
    CHECK(vx32_snapshot(guest) == VX32_OK);
    CHECK_EQ_U64(guest->snapshot->copy_nbytes, before_nbytes + 3 * PAGE);
    vx32_instance_free(guest);
}

/* ---- code ---- */

/* Runs one instruction at `addr` and returns what ecx is then. */
static uint32_t step_at(struct vx32_instance *guest, vx32_addr addr)
{
    struct vx32_registers registers;
    struct vx32_exit exit;

    vx32_registers_get(guest, &registers);
    registers.eip = addr;
    registers.general[VX32_ECX] = 100;
    vx32_registers_set(guest, &registers);
    vx32_fuel_set(guest, 1);
    vx32_run(guest, &exit);
    CHECK(exit.reason == VX32_EXIT_OUT_OF_FUEL);
    vx32_registers_get(guest, &registers);
    return registers.general[VX32_ECX];
}

static void code_that_was_changed_is_the_old_code_again(enum vx32_engine engine)
{
    enum { INC_ECX = 0x41, DEC_ECX = 0x49 };
    struct vx32_instance *guest = begin(engine);
    uint64_t generation;

    CHECK(poke(guest, DATA, INC_ECX));
    CHECK(caller_call(guest, SYS_MPROTECT, DATA, PAGE, R | X) == 0);
    CHECK_EQ_U64(step_at(guest, DATA), 101);
    CHECK(vx32_snapshot(guest) == VX32_OK);
    generation = guest->mem.code_generation;
    CHECK(vx32_reset(guest) == VX32_OK);
    CHECK_EQ_U64(guest->mem.code_generation, generation); /* the engine keeps what it made */
    for (int i = 0; i < 3; i++) {
        CHECK(caller_call(guest, SYS_MPROTECT, DATA, PAGE, R | W) == 0);
        CHECK(poke(guest, DATA, DEC_ECX));
        CHECK(caller_call(guest, SYS_MPROTECT, DATA, PAGE, R | X) == 0);
        CHECK_EQ_U64(step_at(guest, DATA), 99);
        CHECK(vx32_reset(guest) == VX32_OK);
        CHECK_EQ_U64(step_at(guest, DATA), 101);
        CHECK(vx32_reset(guest) == VX32_OK);
        CHECK_EQ_U64(step_at(guest, DATA), 101);
    }
    vx32_instance_free(guest);
}

/* ---- registers and process ---- */

static void registers_are_those_of_the_snapshot(enum vx32_engine engine)
{
    struct vx32_instance *guest = begin(engine);
    struct vx32_registers saved, other, now;

    vx32_registers_get(guest, &saved);
    for (int i = 0; i < 8; i++) {
        saved.general[i] ^= 0x01010101u * (unsigned)i;
        memset(saved.xmm[i], 0x10 + i, sizeof saved.xmm[i]);
        memset(saved.st[i], 0x40 + i, sizeof saved.st[i]);
    }
    saved.eflags |= 0xc1;
    saved.x87_control = 0x27f;
    saved.x87_status = 0x1801;
    saved.x87_tag = 0;
    saved.mxcsr = 0x1fc0;
    vx32_registers_set(guest, &saved);
    vx32_registers_get(guest, &saved);
    CHECK(vx32_snapshot(guest) == VX32_OK);
    memset(&other, 0x55, sizeof other);
    vx32_registers_set(guest, &other);
    CHECK(vx32_reset(guest) == VX32_OK);
    vx32_registers_get(guest, &now);
    CHECK(memcmp(&now, &saved, sizeof now) == 0);
    vx32_instance_free(guest);
}

static uint32_t random_word(struct vx32_instance *guest)
{
    CHECK(caller_call(guest, SYS_GETRANDOM, DATA, 4, 0) == 4);
    return caller_get32(guest, 0);
}

static void what_a_kernel_remembers_is_that_of_the_snapshot(enum vx32_engine engine)
{
    struct vx32_instance *guest = begin(engine);
    uint32_t first = random_word(guest), second;
    struct vx32_exit exit;

    CHECK(caller_call(guest, 6, 2) == 0); /* close */
    caller_put32(guest, 0, UINT32_MAX);
    caller_put32(guest, 4, DATA);
    CHECK(caller_call(guest, SYS_SET_THREAD_AREA, DATA) == 0);
    CHECK(vx32_snapshot(guest) == VX32_OK);
    second = random_word(guest);
    CHECK(first != second);
    caller_put32(guest, 0, UINT32_MAX);
    caller_put32(guest, 4, 0);
    CHECK(caller_call(guest, SYS_SET_THREAD_AREA, DATA) == 0);
    CHECK(caller_call(guest, 41, 1) == 2); /* dup */
    CHECK(vx32_reset(guest) == VX32_OK);
    CHECK_EQ_U64(random_word(guest), second);
    CHECK(caller_start(guest, 4, (uint32_t[6]){2, DATA, 1}, &exit) == VX32_EXIT_OUT_OF_FUEL);
    CHECK(guest->cpu.gs_valid && guest->cpu.gs_base == DATA);
    vx32_instance_free(guest);
}

static void a_guest_that_is_over_can_be_reset_but_not_be_snapshotted(enum vx32_engine engine)
{
    struct vx32_instance *guest = begin(engine);
    struct vx32_exit exit;

    CHECK(poke(guest, DATA, 1));
    CHECK(vx32_snapshot(guest) == VX32_OK);
    CHECK(caller_start(guest, VX32_SYS_EXIT, (uint32_t[6]){3}, &exit) == VX32_EXIT_EXITED);
    CHECK(vx32_snapshot(guest) == VX32_INVALID_ARGUMENT);
    CHECK(vx32_reset(guest) == VX32_OK);
    CHECK_EQ_U64(peek(guest, DATA), 1);
    CHECK(caller_start(guest, VX32_SYS_EXIT, (uint32_t[6]){4}, &exit) == VX32_EXIT_EXITED);
    CHECK_EQ_U64(exit.code, 4);
    vx32_instance_free(guest);
}

static void run_each(const char *name, void (*test)(enum vx32_engine engine))
{
    static const enum vx32_engine engines[] = {VX32_ENGINE_INTERPRET, VX32_ENGINE_STRICT,
                                               VX32_ENGINE_EMBEDDED, VX32_ENGINE_AUTO};

    test_begin(name);
    for (size_t i = 0; i < sizeof engines / sizeof engines[0]; i++) {
        if (vx32_engine_available(engines[i]))
            test(engines[i]);
    }
}

#define RUN_EACH(test) run_each(#test, test)

int main(void)
{
    RUN_EACH(a_prepared_guest_serves_many_times_from_its_first_question);
    RUN_EACH(a_call_that_was_open_is_open_again);
    RUN_EACH(a_snapshot_without_an_open_call_goes_on_by_itself);
    RUN_EACH(without_a_snapshot_a_reset_begins_at_the_beginning);
    RUN_EACH(a_later_snapshot_takes_the_place_of_the_first);
    RUN_EACH(the_fuel_is_that_of_the_snapshot);
    RUN_EACH(what_is_mapped_after_the_snapshot_is_gone);
    RUN_EACH(what_is_unmapped_after_the_snapshot_is_back_with_its_bytes);
    RUN_EACH(permissions_are_those_of_the_snapshot);
    RUN_EACH(pages_without_access_keep_their_bytes);
    RUN_EACH(zeroes_written_to_later_are_zero_again);
    RUN_EACH(only_pages_that_are_not_zero_are_copied);
    RUN_EACH(code_that_was_changed_is_the_old_code_again);
    RUN_EACH(registers_are_those_of_the_snapshot);
    RUN_EACH(what_a_kernel_remembers_is_that_of_the_snapshot);
    RUN_EACH(a_guest_that_is_over_can_be_reset_but_not_be_snapshotted);
    return test_report();
}

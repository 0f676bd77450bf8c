/* SPDX-License-Identifier: MIT */
/* The calls of the archive profile, as Linux answers them, with every error. */
#include "support/caller.h"
#include "support/elf_builder.h"
#include "support/test.h"

#include <stdlib.h>
#include <string.h>

enum {
    PAGE = VX32_PAGE_NBYTES,
    DATA = CALLER_DATA_ADDR,
    DATA_END = CALLER_DATA_ADDR + CALLER_DATA_NBYTES,
    NOWHERE = 0x900000,
    R = VX32_PROT_READ,
    W = VX32_PROT_WRITE,
    X = VX32_PROT_EXEC,
    ANONYMOUS = VX32_MAP_PRIVATE | VX32_MAP_ANONYMOUS,
    FIXED = VX32_MAP_PRIVATE | VX32_MAP_ANONYMOUS | VX32_MAP_FIXED,
};

static struct vx32_instance *begin(void)
{
    struct vx32_instance *guest = caller_new(VX32_PROFILE_ARCHIVE);

    if (guest == NULL)
        abort();
    return guest;
}

static bool readable(const struct vx32_instance *guest, vx32_addr addr)
{
    uint8_t byte;

    return vx32_read(guest, addr, &byte, 1) == VX32_OK;
}

/* ---- which calls there are ---- */

static void other_calls_do_not_exist(void)
{
    struct vx32_instance *guest = begin();

    for (uint32_t number = 0; number < 512; number++) {
        if (number == 1 || number == 3 || number == 4 || number == 45 || number == 91 ||
            number == 192 || number == 252)
            continue;
        CHECK(caller_call(guest, number, 0) == -VX32_ENOSYS);
    }
    CHECK(caller_call(guest, UINT32_MAX, 0) == -VX32_ENOSYS);
    vx32_instance_free(guest);
}

static void exit_status_is_the_low_byte(void)
{
    static const uint32_t numbers[] = {VX32_SYS_EXIT, VX32_SYS_EXIT_GROUP};

    for (int i = 0; i < 2; i++) {
        struct vx32_instance *guest = begin();
        struct vx32_exit exit;

        CHECK(caller_start(guest, numbers[i], (uint32_t[6]){0xabcd12}, &exit) == VX32_EXIT_EXITED);
        CHECK_EQ_U64(exit.code, 0x12);
        CHECK_EQ_U64(exit.eip, ELF_CODE_ADDR + 2);
        vx32_instance_free(guest);
    }
}

/* ---- read and write ---- */

static void read_offers_the_guests_own_memory(void)
{
    struct vx32_instance *guest = begin();
    struct vx32_exit exit;

    CHECK(caller_start(guest, VX32_SYS_READ, (uint32_t[6]){0, DATA, 4}, &exit) ==
          VX32_EXIT_NEED_INPUT);
    CHECK_EQ_U64(exit.fd, 0);
    CHECK_EQ_U64(exit.nbytes, 4);
    memcpy(exit.data, "abcd", 4);
    CHECK(vx32_complete(guest, 4) == VX32_OK);
    CHECK(caller_result(guest) == 4);
    CHECK(caller_get32(guest, 0) == 0x64636261);
    vx32_instance_free(guest);
}

static void write_offers_both_outputs(void)
{
    for (uint32_t fd = 1; fd <= 2; fd++) {
        struct vx32_instance *guest = begin();
        struct vx32_exit exit;

        caller_put32(guest, 0, 0x64636261);
        CHECK(caller_start(guest, VX32_SYS_WRITE, (uint32_t[6]){fd, DATA, 4}, &exit) ==
              VX32_EXIT_HAVE_OUTPUT);
        CHECK_EQ_U64(exit.fd, fd);
        CHECK_EQ_U64(exit.nbytes, 4);
        CHECK(memcmp(exit.data, "abcd", 4) == 0);
        CHECK(vx32_complete(guest, 4) == VX32_OK);
        CHECK(caller_result(guest) == 4);
        vx32_instance_free(guest);
    }
}

static void each_descriptor_has_one_direction(void)
{
    struct vx32_instance *guest = begin();
    static const uint32_t unreadable[] = {1, 2, 3, 15, 16, INT32_MAX, UINT32_MAX};
    static const uint32_t unwritable[] = {0, 3, 15, 16, INT32_MAX, UINT32_MAX};

    for (size_t i = 0; i < sizeof unreadable / sizeof *unreadable; i++) {
        CHECK(caller_call(guest, VX32_SYS_READ, unreadable[i], DATA, 1) == -VX32_EBADF);
        CHECK(caller_call(guest, VX32_SYS_READ, unreadable[i], DATA, 0) == -VX32_EBADF);
    }
    for (size_t i = 0; i < sizeof unwritable / sizeof *unwritable; i++) {
        CHECK(caller_call(guest, VX32_SYS_WRITE, unwritable[i], DATA, 1) == -VX32_EBADF);
        CHECK(caller_call(guest, VX32_SYS_WRITE, unwritable[i], DATA, 0) == -VX32_EBADF);
    }
    vx32_instance_free(guest);
}

static void nothing_transferred_is_zero_wherever_it_points(void)
{
    struct vx32_instance *guest = begin();

    CHECK(caller_call(guest, VX32_SYS_READ, 0, NOWHERE, 0) == 0);
    CHECK(caller_call(guest, VX32_SYS_WRITE, 1, NOWHERE, 0) == 0);
    vx32_instance_free(guest);
}

static void bad_pointers_fault(void)
{
    struct vx32_instance *guest = begin();
    static const uint32_t addresses[] = {0, 0xffff, NOWHERE, CALLER_MEMORY_NBYTES, UINT32_MAX};

    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
        CHECK(caller_call(guest, VX32_SYS_READ, 0, addresses[i], 1) == -VX32_EFAULT);
        CHECK(caller_call(guest, VX32_SYS_WRITE, 1, addresses[i], 1) == -VX32_EFAULT);
        CHECK(caller_call(guest, VX32_SYS_WRITE, 1, addresses[i], UINT32_MAX) == -VX32_EFAULT);
    }
    CHECK(caller_call(guest, VX32_SYS_READ, 0, ELF_CODE_ADDR, 1) == -VX32_EFAULT);
    vx32_instance_free(guest);
}

static void counts_are_cut_at_the_end_of_what_is_accessible(void)
{
    struct vx32_instance *guest = begin();
    static const uint32_t numbers[] = {VX32_SYS_READ, VX32_SYS_WRITE};

    for (uint32_t fd = 0; fd < 2; fd++) {
        struct vx32_exit exit;
        uint32_t argument[6] = {fd, DATA_END - 3, UINT32_MAX};

        (void)caller_start(guest, numbers[fd], argument, &exit);
        CHECK_EQ_U64(exit.nbytes, 3);
        CHECK(vx32_complete(guest, 3) == VX32_OK);
        CHECK(caller_result(guest) == 3);
    }
    vx32_instance_free(guest);
}

static void code_can_be_written_out_but_not_read_over(void)
{
    struct vx32_instance *guest = begin();
    struct vx32_exit exit;

    CHECK(caller_start(guest, VX32_SYS_WRITE, (uint32_t[6]){1, ELF_CODE_ADDR, 4}, &exit) ==
          VX32_EXIT_HAVE_OUTPUT);
    CHECK(vx32_complete(guest, 4) == VX32_OK);
    CHECK(caller_call(guest, VX32_SYS_READ, 0, ELF_CODE_ADDR, 4) == -VX32_EFAULT);
    vx32_instance_free(guest);
}

static void the_hosts_answer_reaches_the_guest(void)
{
    static const int64_t answers[] = {0, 1, 7, 8, -1, -5, -4095};
    struct vx32_instance *guest = begin();

    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        struct vx32_exit exit;

        (void)caller_start(guest, VX32_SYS_READ, (uint32_t[6]){0, DATA, 8}, &exit);
        CHECK(vx32_complete(guest, answers[i]) == VX32_OK);
        CHECK(caller_result(guest) == answers[i]);
    }
    vx32_instance_free(guest);
}

/* ---- brk ---- */

static int64_t set_break(struct vx32_instance *guest, uint32_t addr)
{
    return caller_call(guest, VX32_SYS_BRK, addr);
}

static void the_heap_begins_behind_the_program(void)
{
    struct vx32_instance *guest = begin();

    CHECK(set_break(guest, 0) == CALLER_BREAK_ADDR);
    CHECK(set_break(guest, CALLER_BREAK_ADDR - 1) == CALLER_BREAK_ADDR);
    CHECK(set_break(guest, CALLER_BREAK_ADDR) == CALLER_BREAK_ADDR);
    CHECK(!readable(guest, CALLER_BREAK_ADDR));
    vx32_instance_free(guest);
}

static void the_heap_grows_by_bytes_and_is_mapped_by_pages(void)
{
    struct vx32_instance *guest = begin();

    CHECK(set_break(guest, CALLER_BREAK_ADDR + 1) == CALLER_BREAK_ADDR + 1);
    CHECK(readable(guest, CALLER_BREAK_ADDR + PAGE - 1));
    CHECK(!readable(guest, CALLER_BREAK_ADDR + PAGE));
    CHECK(set_break(guest, CALLER_BREAK_ADDR + PAGE) == CALLER_BREAK_ADDR + PAGE);
    CHECK(!readable(guest, CALLER_BREAK_ADDR + PAGE));
    vx32_instance_free(guest);
}

static void a_heap_that_grows_again_is_zero(void)
{
    struct vx32_instance *guest = begin();
    uint8_t byte = 0xa5;

    CHECK(set_break(guest, CALLER_BREAK_ADDR + 2 * PAGE) == CALLER_BREAK_ADDR + 2 * PAGE);
    CHECK(vx32_write(guest, CALLER_BREAK_ADDR, &byte, 1) == VX32_OK);
    CHECK(vx32_write(guest, CALLER_BREAK_ADDR + PAGE, &byte, 1) == VX32_OK);
    CHECK(set_break(guest, CALLER_BREAK_ADDR + 1) == CALLER_BREAK_ADDR + 1);
    CHECK(!readable(guest, CALLER_BREAK_ADDR + PAGE));
    CHECK(set_break(guest, CALLER_BREAK_ADDR + 2 * PAGE) == CALLER_BREAK_ADDR + 2 * PAGE);
    CHECK(vx32_read(guest, CALLER_BREAK_ADDR, &byte, 1) == VX32_OK);
    CHECK_EQ_U64(byte, 0xa5); /* its page stayed */
    CHECK(vx32_read(guest, CALLER_BREAK_ADDR + PAGE, &byte, 1) == VX32_OK);
    CHECK_EQ_U64(byte, 0);
    vx32_instance_free(guest);
}

static void the_heap_ends_where_something_else_begins(void)
{
    struct vx32_instance *guest = begin();
    uint32_t wall = CALLER_BREAK_ADDR + 4 * PAGE;

    CHECK(set_break(guest, UINT32_MAX) == CALLER_BREAK_ADDR);
    CHECK(set_break(guest, CALLER_MAPPING_END + 1) == CALLER_BREAK_ADDR);
    CHECK(caller_call(guest, VX32_SYS_MMAP2, wall, PAGE, R, FIXED) == wall);
    CHECK(set_break(guest, wall + 1) == CALLER_BREAK_ADDR);
    CHECK(set_break(guest, wall) == wall);
    CHECK(set_break(guest, wall + 1) == wall);
    vx32_instance_free(guest);
}

static void the_heap_can_fill_all_there_is(void)
{
    struct vx32_instance *guest = begin();

    CHECK(set_break(guest, CALLER_MAPPING_END) == CALLER_MAPPING_END);
    CHECK(caller_call(guest, VX32_SYS_MMAP2, 0, PAGE, R, ANONYMOUS) == -VX32_ENOMEM);
    vx32_instance_free(guest);
}

/* ---- mmap2 and munmap ---- */

static int64_t map(struct vx32_instance *guest, uint32_t addr, uint32_t nbytes, uint32_t protection,
                   uint32_t flags)
{
    return caller_call(guest, VX32_SYS_MMAP2, addr, nbytes, protection, flags, UINT32_MAX, 0);
}

static int64_t unmap(struct vx32_instance *guest, uint32_t addr, uint32_t nbytes)
{
    return caller_call(guest, VX32_SYS_MUNMAP, addr, nbytes);
}

static void mappings_are_placed_from_the_top_down(void)
{
    struct vx32_instance *guest = begin();
    uint32_t first = CALLER_MAPPING_END - PAGE, second = first - 2 * PAGE;

    CHECK(map(guest, 0, 1, R | W, ANONYMOUS) == first);
    CHECK(map(guest, 0, PAGE + 1, R | W, ANONYMOUS) == second);
    CHECK(unmap(guest, first, PAGE) == 0);
    CHECK(map(guest, 0, 2 * PAGE, R | W, ANONYMOUS) == second - 2 * PAGE);
    CHECK(map(guest, 0, PAGE, R | W, ANONYMOUS) == first);
    vx32_instance_free(guest);
}

static void a_hint_is_ignored(void)
{
    struct vx32_instance *guest = begin();

    CHECK(map(guest, NOWHERE, PAGE, R, ANONYMOUS) == CALLER_MAPPING_END - PAGE);
    CHECK(map(guest, 1, PAGE, R, ANONYMOUS) == CALLER_MAPPING_END - 2 * PAGE);
    vx32_instance_free(guest);
}

static void a_mapping_is_zero_and_as_protected_as_asked(void)
{
    struct vx32_instance *guest = begin();
    uint32_t none = (uint32_t)map(guest, 0, PAGE, 0, ANONYMOUS);
    uint32_t only = (uint32_t)map(guest, 0, PAGE, R, ANONYMOUS);
    uint32_t both = (uint32_t)map(guest, 0, PAGE, W, ANONYMOUS);
    uint8_t byte = 1;

    CHECK(!readable(guest, none));
    CHECK(readable(guest, only));
    CHECK(vx32_write(guest, only, &byte, 1) == VX32_INVALID_ARGUMENT);
    CHECK(vx32_read(guest, both, &byte, 1) == VX32_OK);
    CHECK_EQ_U64(byte, 0);
    CHECK(vx32_write(guest, both, &byte, 1) == VX32_OK);
    CHECK(only != none && both != only);
    vx32_instance_free(guest);
}

static void memory_comes_back_zeroed(void)
{
    struct vx32_instance *guest = begin();
    uint32_t addr = (uint32_t)map(guest, 0, PAGE, R | W, ANONYMOUS);
    uint8_t byte = 0xa5;

    CHECK(vx32_write(guest, addr, &byte, 1) == VX32_OK);
    CHECK(unmap(guest, addr, PAGE) == 0);
    CHECK(!readable(guest, addr));
    CHECK(map(guest, 0, PAGE, R | W, ANONYMOUS) == addr);
    CHECK(vx32_read(guest, addr, &byte, 1) == VX32_OK);
    CHECK_EQ_U64(byte, 0);
    vx32_instance_free(guest);
}

static void a_fixed_mapping_replaces_what_was_there(void)
{
    struct vx32_instance *guest = begin();

    caller_put32(guest, 0, 1);
    caller_put32(guest, PAGE, 2);
    CHECK(map(guest, DATA, PAGE, R | W, FIXED) == DATA);
    CHECK_EQ_U64(caller_get32(guest, 0), 0);
    CHECK_EQ_U64(caller_get32(guest, PAGE), 2);
    CHECK(map(guest, VX32_LOWEST_ADDR, PAGE, R | X, FIXED) == VX32_LOWEST_ADDR);
    vx32_instance_free(guest);
}

static void a_fixed_mapping_stays_within_bounds(void)
{
    struct vx32_instance *guest = begin();

    CHECK(map(guest, NOWHERE + 1, PAGE, R, FIXED) == -VX32_EINVAL);
    CHECK(map(guest, 0, PAGE, R, FIXED) == -VX32_EINVAL);
    CHECK(map(guest, VX32_LOWEST_ADDR - PAGE, PAGE, R, FIXED) == -VX32_EINVAL);
    CHECK(map(guest, CALLER_MEMORY_NBYTES, PAGE, R, FIXED) == -VX32_ENOMEM);
    CHECK(map(guest, CALLER_MEMORY_NBYTES - PAGE, PAGE + 1, R, FIXED) == -VX32_ENOMEM);
    CHECK(map(guest, 0xfffff000, PAGE, R, FIXED) == -VX32_ENOMEM);
    CHECK(map(guest, 0xfffff000, 0xfffff000, R, FIXED) == -VX32_ENOMEM);
    CHECK(map(guest, NOWHERE, UINT32_MAX, R, FIXED) == -VX32_ENOMEM);
    CHECK(map(guest, CALLER_MEMORY_NBYTES - PAGE, PAGE, R | W, FIXED) ==
          CALLER_MEMORY_NBYTES - PAGE);
    vx32_instance_free(guest);
}

static void wrong_mappings_are_refused(void)
{
    struct vx32_instance *guest = begin();

    CHECK(map(guest, 0, 0, R, ANONYMOUS) == -VX32_EINVAL);
    CHECK(map(guest, 0, PAGE, R, VX32_MAP_PRIVATE) == -VX32_EINVAL); /* of a file */
    CHECK(map(guest, 0, PAGE, R, VX32_MAP_ANONYMOUS) == -VX32_EINVAL);
    CHECK(map(guest, 0, PAGE, R, VX32_MAP_ANONYMOUS | 1) == -VX32_EINVAL); /* shared */
    CHECK(map(guest, 0, PAGE, W | X, ANONYMOUS) == -VX32_EINVAL);
    CHECK(map(guest, 0, PAGE, R | W | X, ANONYMOUS) == -VX32_EINVAL);
    CHECK(map(guest, 0, PAGE, 8, ANONYMOUS) == -VX32_EINVAL);
    CHECK(map(guest, 0, CALLER_MEMORY_NBYTES, R, ANONYMOUS) == -VX32_ENOMEM);
    CHECK(map(guest, 0, UINT32_MAX, R, ANONYMOUS) == -VX32_ENOMEM);
    vx32_instance_free(guest);
}

static void a_mapping_can_have_all_that_is_free(void)
{
    struct vx32_instance *guest = begin();
    uint32_t nbytes = CALLER_MAPPING_END - CALLER_BREAK_ADDR;

    CHECK(map(guest, 0, nbytes + 1, R, ANONYMOUS) == -VX32_ENOMEM);
    CHECK(map(guest, 0, nbytes, R, ANONYMOUS) == CALLER_BREAK_ADDR);
    CHECK(set_break(guest, CALLER_BREAK_ADDR + 1) == CALLER_BREAK_ADDR);
    vx32_instance_free(guest);
}

static void unmapping_checks_its_range(void)
{
    struct vx32_instance *guest = begin();

    CHECK(unmap(guest, DATA + 1, PAGE) == -VX32_EINVAL);
    CHECK(unmap(guest, DATA, 0) == -VX32_EINVAL);
    CHECK(unmap(guest, CALLER_MEMORY_NBYTES, PAGE) == -VX32_EINVAL);
    CHECK(unmap(guest, 0xfffff000, PAGE) == -VX32_EINVAL);
    CHECK(unmap(guest, 0xfffff000, 0xfffff000) == -VX32_EINVAL);
    CHECK(unmap(guest, NOWHERE, PAGE) == 0); /* nothing there is no error */
    CHECK(unmap(guest, DATA, 1) == 0);
    CHECK(!readable(guest, DATA));
    CHECK(readable(guest, DATA + PAGE));
    vx32_instance_free(guest);
}

static void unmapped_code_faults_on_the_next_fetch(void)
{
    struct vx32_instance *guest = begin();
    struct vx32_exit exit;

    CHECK(unmap(guest, ELF_CODE_ADDR, PAGE) == 0);
    vx32_fuel_set(guest, 1);
    vx32_run(guest, &exit);
    CHECK(exit.reason == VX32_EXIT_TRAP);
    CHECK(exit.trap == VX32_TRAP_PAGE_FAULT);
    CHECK(exit.access == VX32_ACCESS_EXECUTE);
    CHECK_EQ_U64(exit.fault_addr, ELF_CODE_ADDR + 2);
    vx32_instance_free(guest);
}

int main(void)
{
    RUN(other_calls_do_not_exist);
    RUN(exit_status_is_the_low_byte);
    RUN(read_offers_the_guests_own_memory);
    RUN(write_offers_both_outputs);
    RUN(each_descriptor_has_one_direction);
    RUN(nothing_transferred_is_zero_wherever_it_points);
    RUN(bad_pointers_fault);
    RUN(counts_are_cut_at_the_end_of_what_is_accessible);
    RUN(code_can_be_written_out_but_not_read_over);
    RUN(the_hosts_answer_reaches_the_guest);
    RUN(the_heap_begins_behind_the_program);
    RUN(the_heap_grows_by_bytes_and_is_mapped_by_pages);
    RUN(a_heap_that_grows_again_is_zero);
    RUN(the_heap_ends_where_something_else_begins);
    RUN(the_heap_can_fill_all_there_is);
    RUN(mappings_are_placed_from_the_top_down);
    RUN(a_hint_is_ignored);
    RUN(a_mapping_is_zero_and_as_protected_as_asked);
    RUN(memory_comes_back_zeroed);
    RUN(a_fixed_mapping_replaces_what_was_there);
    RUN(a_fixed_mapping_stays_within_bounds);
    RUN(wrong_mappings_are_refused);
    RUN(a_mapping_can_have_all_that_is_free);
    RUN(unmapping_checks_its_range);
    RUN(unmapped_code_faults_on_the_next_fetch);
    return test_report();
}

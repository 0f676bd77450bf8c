/* SPDX-License-Identifier: MIT */
/* The further calls of the linux-filter profile: fixed answers, and transfers of several pieces. */
#include "support/caller.h"
#include "support/elf_builder.h"
#include "support/test.h"

#include <stdlib.h>
#include <string.h>

enum {
    PAGE = VX32_PAGE_NBYTES,
    DATA = CALLER_DATA_ADDR,
    NOWHERE = 0x900000,
    R = VX32_PROT_READ,
    W = VX32_PROT_WRITE,
    X = VX32_PROT_EXEC,
    ANONYMOUS = VX32_MAP_PRIVATE | VX32_MAP_ANONYMOUS,
    FIXED = VX32_MAP_PRIVATE | VX32_MAP_ANONYMOUS | VX32_MAP_FIXED,

    EPERM = 1,
    ENOENT = 2,
    EAGAIN = 11,
    EMFILE = 24,
    ENOTTY = 25,
    ESPIPE = 29,
    EDEADLK = 35,

    INSTANT = 946684800,
};

static struct vx32_instance *begin(void)
{
    struct vx32_instance *guest = caller_new(VX32_PROFILE_LINUX_FILTER);

    if (guest == NULL)
        abort();
    return guest;
}

/* ---- descriptors ---- */

static void descriptors_close_and_double(void)
{
    struct vx32_instance *guest = begin();
    struct vx32_exit exit;

    CHECK(caller_call(guest, 41, 1) == 3); /* dup */
    CHECK(caller_start(guest, 4, (uint32_t[6]){3, DATA, 1}, &exit) == VX32_EXIT_HAVE_OUTPUT);
    CHECK_EQ_U64(exit.fd, 1);
    CHECK(vx32_complete(guest, 1) == VX32_OK);
    CHECK(caller_call(guest, 6, 3) == 0); /* close */
    CHECK(caller_call(guest, 6, 3) == -VX32_EBADF);
    CHECK(caller_call(guest, 4, 3, DATA, 1) == -VX32_EBADF);
    CHECK(caller_call(guest, 63, 2, 1) == 1); /* dup2: messages in place of output */
    CHECK(caller_start(guest, 4, (uint32_t[6]){1, DATA, 1}, &exit) == VX32_EXIT_HAVE_OUTPUT);
    CHECK_EQ_U64(exit.fd, 2);
    CHECK(vx32_complete(guest, 1) == VX32_OK);
    CHECK(caller_call(guest, 63, 0, 16) == -VX32_EBADF);
    CHECK(caller_call(guest, 63, 9, 1) == -VX32_EBADF);
    CHECK(caller_call(guest, 63, 0, 0) == 0);
    for (int fd = 3; fd < 16; fd++)
        CHECK(caller_call(guest, 41, 0) == fd);
    CHECK(caller_call(guest, 41, 0) == -EMFILE);
    CHECK(caller_call(guest, 41, 16) == -VX32_EBADF);
    CHECK(vx32_reset(guest) == VX32_OK);
    CHECK(caller_call(guest, 6, 3) == -VX32_EBADF);
    vx32_instance_free(guest);
}

static void descriptors_are_pipes(void)
{
    struct vx32_instance *guest = begin();

    for (uint32_t fd = 0; fd <= 2; fd++) {
        CHECK(caller_call(guest, 54, fd, 0x5401, DATA) == -ENOTTY);   /* ioctl */
        CHECK(caller_call(guest, 140, fd, 0, 0, DATA, 0) == -ESPIPE); /* _llseek */
        CHECK(caller_call(guest, 197, fd, DATA) == 0);                /* fstat64 */
        CHECK_EQ_U64(caller_get32(guest, 16) & 0170000, 0010000);
    }
    CHECK(caller_call(guest, 54, 3, 0, 0) == -VX32_EBADF);
    CHECK(caller_call(guest, 140, 3, 0, 0, DATA, 0) == -VX32_EBADF);
    CHECK(caller_call(guest, 197, 3, DATA) == -VX32_EBADF);
    CHECK(caller_call(guest, 197, 0, NOWHERE) == -VX32_EFAULT);
    vx32_instance_free(guest);
}

static void statx_knows_descriptors_only(void)
{
    struct vx32_instance *guest = begin();
    enum { AT_EMPTY = 0x1000 };

    CHECK(caller_call(guest, 383, 1, DATA + PAGE, AT_EMPTY, 0x7ff, DATA) == 0);
    CHECK_EQ_U64(caller_get32(guest, 28) & 0170000, 0010000);
    CHECK(caller_call(guest, 383, 7, DATA + PAGE, AT_EMPTY, 0x7ff, DATA) == -VX32_EBADF);
    CHECK(caller_call(guest, 383, 1, DATA + PAGE, 0, 0x7ff, DATA) == -ENOENT);
    CHECK(caller_call(guest, 383, 1, NOWHERE, AT_EMPTY, 0x7ff, DATA) == -VX32_EFAULT);
    CHECK(caller_call(guest, 383, 1, DATA + PAGE, AT_EMPTY, 0x7ff, NOWHERE) == -VX32_EFAULT);
    caller_put32(guest, PAGE, 'x');
    CHECK(caller_call(guest, 383, 1, DATA + PAGE, AT_EMPTY, 0x7ff, DATA) == -ENOENT);
    vx32_instance_free(guest);
}

static void there_are_no_files(void)
{
    struct vx32_instance *guest = begin();

    CHECK(caller_call(guest, 5, DATA, 0) == -ENOENT);
    CHECK(caller_call(guest, 5, NOWHERE, 0) == -VX32_EFAULT);
    CHECK(caller_call(guest, 295, UINT32_MAX, DATA, 0) == -ENOENT);
    CHECK(caller_call(guest, 85, DATA, DATA, 10) == -ENOENT);
    vx32_instance_free(guest);
}

static void poll_finds_everything_ready(void)
{
    struct vx32_instance *guest = begin();

    caller_put32(guest, 0, 0);
    caller_put32(guest, 4, 1 | 4);
    caller_put32(guest, 8, 1);
    caller_put32(guest, 12, 1 | 4);
    caller_put32(guest, 16, 9);
    caller_put32(guest, 20, 1);
    caller_put32(guest, 24, UINT32_MAX);
    caller_put32(guest, 28, 0xffff0001);
    CHECK(caller_call(guest, 168, DATA, 4, 0) == 3);
    CHECK_EQ_U64(caller_get32(guest, 4) >> 16, 1);
    CHECK_EQ_U64(caller_get32(guest, 12) >> 16, 4);
    CHECK_EQ_U64(caller_get32(guest, 20) >> 16, 32);
    CHECK_EQ_U64(caller_get32(guest, 28) >> 16, 0);
    CHECK(caller_call(guest, 168, NOWHERE, 1, 0) == -VX32_EFAULT);
    CHECK(caller_call(guest, 168, DATA, 17, 0) == -VX32_EINVAL);
    CHECK(caller_call(guest, 168, NOWHERE, 0, 0) == 0);
    vx32_instance_free(guest);
}

/* ---- vectors ---- */

/* Vectors at DATA: addresses and lengths of pieces. */
static void put_vector(struct vx32_instance *guest, uint32_t index, uint32_t addr, uint32_t nbytes)
{
    caller_put32(guest, 8 * index, addr);
    caller_put32(guest, 8 * index + 4, nbytes);
}

static void writev_gives_all_pieces_in_order(void)
{
    struct vx32_instance *guest = begin();
    struct vx32_exit exit;

    caller_put32(guest, 0x100, 0x64636261);
    put_vector(guest, 0, DATA + 0x100, 2);
    put_vector(guest, 1, NOWHERE, 0);
    put_vector(guest, 2, DATA + 0x102, 2);
    put_vector(guest, 3, NOWHERE, 0);
    CHECK(caller_start(guest, 146, (uint32_t[6]){1, DATA, 4}, &exit) == VX32_EXIT_HAVE_OUTPUT);
    CHECK_EQ_U64(exit.nbytes, 2);
    CHECK(memcmp(exit.data, "ab", 2) == 0);
    CHECK(vx32_complete(guest, 2) == VX32_OK);
    vx32_run(guest, &exit);
    CHECK(exit.reason == VX32_EXIT_HAVE_OUTPUT);
    CHECK_EQ_U64(exit.fd, 1);
    CHECK(memcmp(exit.data, "cd", 2) == 0);
    CHECK(vx32_complete(guest, 2) == VX32_OK);
    CHECK(caller_result(guest) == 4);
    CHECK(vx32_complete(guest, 0) == VX32_INVALID_ARGUMENT);
    vx32_instance_free(guest);
}

static void writev_reports_what_was_written_before_a_failure(void)
{
    struct vx32_instance *guest = begin();
    struct vx32_exit exit;

    put_vector(guest, 0, DATA + 0x100, 2);
    put_vector(guest, 1, DATA + 0x100, 3);
    CHECK(caller_start(guest, 146, (uint32_t[6]){1, DATA, 2}, &exit) == VX32_EXIT_HAVE_OUTPUT);
    CHECK(vx32_complete(guest, 2) == VX32_OK);
    CHECK(vx32_complete(guest, -5) == VX32_OK);
    CHECK(caller_result(guest) == 2);

    put_vector(guest, 1, NOWHERE, 3);
    CHECK(caller_start(guest, 146, (uint32_t[6]){1, DATA, 2}, &exit) == VX32_EXIT_HAVE_OUTPUT);
    CHECK(vx32_complete(guest, 2) == VX32_OK);
    CHECK(caller_result(guest) == 2);

    CHECK(caller_start(guest, 146, (uint32_t[6]){1, DATA, 2}, &exit) == VX32_EXIT_HAVE_OUTPUT);
    CHECK(vx32_complete(guest, 1) == VX32_OK); /* the host took less: the rest is not offered */
    CHECK(caller_result(guest) == 1);

    CHECK(caller_start(guest, 146, (uint32_t[6]){1, DATA, 2}, &exit) == VX32_EXIT_HAVE_OUTPUT);
    CHECK(vx32_complete(guest, -5) == VX32_OK);
    CHECK(caller_result(guest) == -5);
    vx32_instance_free(guest);
}

static void a_piece_that_is_cut_is_the_last(void)
{
    struct vx32_instance *guest = begin();
    struct vx32_exit exit;

    put_vector(guest, 0, DATA + CALLER_DATA_NBYTES - 2, 4);
    put_vector(guest, 1, DATA, 4);
    CHECK(caller_start(guest, 146, (uint32_t[6]){1, DATA, 2}, &exit) == VX32_EXIT_HAVE_OUTPUT);
    CHECK_EQ_U64(exit.nbytes, 2);
    CHECK(vx32_complete(guest, 2) == VX32_OK);
    CHECK(caller_result(guest) == 2);
    CHECK(vx32_complete(guest, 4) == VX32_INVALID_ARGUMENT);
    vx32_instance_free(guest);
}

static void vectors_are_checked(void)
{
    struct vx32_instance *guest = begin();
    static const uint32_t numbers[] = {145, 146};

    for (uint32_t fd = 0; fd < 2; fd++) {
        uint32_t number = numbers[fd];

        CHECK(caller_call(guest, number, 9, DATA, 1) == -VX32_EBADF);
        CHECK(caller_call(guest, number, !fd, DATA, 1) == -VX32_EBADF);
        CHECK(caller_call(guest, number, fd, NOWHERE, 0) == 0);
        CHECK(caller_call(guest, number, fd, NOWHERE, 1) == -VX32_EFAULT);
        CHECK(caller_call(guest, number, fd, DATA, 1025) == -VX32_EINVAL);
        CHECK(caller_call(guest, number, fd, DATA + 0x1ffc, 1) == -VX32_EFAULT);
        put_vector(guest, 0, NOWHERE, 1);
        CHECK(caller_call(guest, number, fd, DATA, 1) == -VX32_EFAULT);
        put_vector(guest, 0, DATA, 0x80000000);
        CHECK(caller_call(guest, number, fd, DATA, 1) == -VX32_EINVAL);
        put_vector(guest, 0, DATA, 0x7fffffff);
        put_vector(guest, 1, DATA, 1);
        CHECK(caller_call(guest, number, fd, DATA, 2) == -VX32_EINVAL);
        put_vector(guest, 0, DATA, 0);
        CHECK(caller_call(guest, number, fd, DATA, 1) == 0);
    }
    vx32_instance_free(guest);
}

static void readv_fills_the_first_piece(void)
{
    struct vx32_instance *guest = begin();
    struct vx32_exit exit;

    put_vector(guest, 0, NOWHERE, 0);
    put_vector(guest, 1, DATA + 0x100, 4);
    put_vector(guest, 2, DATA + 0x104, 4);
    CHECK(caller_start(guest, 145, (uint32_t[6]){0, DATA, 3}, &exit) == VX32_EXIT_NEED_INPUT);
    CHECK_EQ_U64(exit.nbytes, 4);
    memcpy(exit.data, "abcd", 4);
    CHECK(vx32_complete(guest, 4) == VX32_OK);
    CHECK(caller_result(guest) == 4);
    CHECK(caller_get32(guest, 0x100) == 0x64636261);
    vx32_instance_free(guest);
}

/* ---- memory ---- */

static void protection_changes_whole_mapped_ranges(void)
{
    struct vx32_instance *guest = begin();
    uint8_t byte = 0;

    CHECK(caller_call(guest, 125, DATA, 1, R) == 0);
    CHECK(vx32_write(guest, DATA, &byte, 1) == VX32_INVALID_ARGUMENT);
    CHECK(vx32_write(guest, DATA + PAGE, &byte, 1) == VX32_OK);
    CHECK(caller_call(guest, 125, DATA, PAGE, 0) == 0);
    CHECK(vx32_read(guest, DATA, &byte, 1) == VX32_INVALID_ARGUMENT);
    CHECK(caller_call(guest, 125, DATA, PAGE, R | X) == 0);
    CHECK(caller_call(guest, 125, DATA, PAGE, W) == 0);
    CHECK(vx32_write(guest, DATA, &byte, 1) == VX32_OK);
    CHECK(caller_call(guest, 125, DATA, 0, R) == 0);
    CHECK(caller_call(guest, 125, DATA + 1, PAGE, R) == -VX32_EINVAL);
    CHECK(caller_call(guest, 125, DATA, PAGE, W | X) == -VX32_EINVAL);
    CHECK(caller_call(guest, 125, DATA, 3 * PAGE, R) == -VX32_ENOMEM);
    CHECK(vx32_write(guest, DATA, &byte, 1) == VX32_OK);
    CHECK(caller_call(guest, 125, 0xfffff000, 2 * PAGE, R) == -VX32_ENOMEM);
    CHECK(caller_call(guest, 125, 0xfffff000, UINT32_MAX, R) == -VX32_ENOMEM);
    vx32_instance_free(guest);
}

/* Runs one instruction at `addr`. */
static struct vx32_exit run_at(struct vx32_instance *guest, vx32_addr addr)
{
    struct vx32_registers registers;
    struct vx32_exit exit;

    vx32_registers_get(guest, &registers);
    registers.eip = addr;
    vx32_registers_set(guest, &registers);
    vx32_fuel_set(guest, 1);
    vx32_run(guest, &exit);
    return exit;
}

static void code_made_by_the_guest_runs_only_while_it_is_executable(void)
{
    struct vx32_instance *guest = begin();
    struct vx32_registers registers;
    struct vx32_exit exit;

    caller_put32(guest, 0, 0x90909041); /* inc ecx; nop */
    CHECK(caller_call(guest, 125, DATA, PAGE, R | X) == 0);
    CHECK(run_at(guest, DATA).reason == VX32_EXIT_OUT_OF_FUEL);
    vx32_registers_get(guest, &registers);
    CHECK_EQ_U64(registers.general[VX32_ECX], PAGE + 1);
    CHECK(caller_call(guest, 125, DATA, PAGE, R | W) == 0);
    caller_put32(guest, 0, 0x90909049); /* dec ecx; nop */
    CHECK(caller_call(guest, 125, DATA, PAGE, R | X) == 0);
    CHECK(run_at(guest, DATA).reason == VX32_EXIT_OUT_OF_FUEL);
    vx32_registers_get(guest, &registers);
    CHECK_EQ_U64(registers.general[VX32_ECX], PAGE - 1);
    CHECK(caller_call(guest, 125, DATA, PAGE, R | W) == 0);
    exit = run_at(guest, DATA);
    CHECK(exit.reason == VX32_EXIT_TRAP);
    CHECK(exit.trap == VX32_TRAP_PAGE_FAULT);
    CHECK(exit.access == VX32_ACCESS_EXECUTE);
    vx32_instance_free(guest);
}

static void remapping_grows_in_place_moves_and_shrinks(void)
{
    struct vx32_instance *guest = begin();
    enum { MAY_MOVE = 1 };
    uint8_t byte = 0xa5;
    uint32_t top = (uint32_t)caller_call(guest, 192, 0, PAGE, R | W, ANONYMOUS);
    uint32_t low = (uint32_t)caller_call(guest, 192, NOWHERE, PAGE, R | W, FIXED);

    CHECK(caller_call(guest, 163, low, PAGE, 2 * PAGE, 0) == low);
    CHECK(vx32_write(guest, low + PAGE, &byte, 1) == VX32_OK);
    CHECK(caller_call(guest, 163, low, 2 * PAGE, PAGE, 0) == low);
    CHECK(vx32_read(guest, low + PAGE, &byte, 1) == VX32_INVALID_ARGUMENT);

    CHECK(vx32_write(guest, low, &byte, 1) == VX32_OK);
    CHECK(caller_call(guest, 192, low + PAGE, PAGE, R, FIXED) == low + PAGE);
    CHECK(caller_call(guest, 163, low, PAGE, 2 * PAGE, 0) == -VX32_ENOMEM);
    CHECK(caller_call(guest, 163, low, PAGE, 2 * PAGE, MAY_MOVE) == top - 2 * PAGE);
    CHECK(vx32_read(guest, low, &byte, 1) == VX32_INVALID_ARGUMENT);
    byte = 0;
    CHECK(vx32_read(guest, top - 2 * PAGE, &byte, 1) == VX32_OK);
    CHECK_EQ_U64(byte, 0xa5);
    CHECK(vx32_write(guest, top - PAGE, &byte, 1) == VX32_OK);
    vx32_instance_free(guest);
}

static void remapping_checks_its_range(void)
{
    struct vx32_instance *guest = begin();

    CHECK(caller_call(guest, 163, DATA + 1, PAGE, PAGE, 1) == -VX32_EINVAL);
    CHECK(caller_call(guest, 163, DATA, PAGE, 0, 1) == -VX32_EINVAL);
    CHECK(caller_call(guest, 163, DATA, 0, PAGE, 1) == -VX32_EINVAL);
    CHECK(caller_call(guest, 163, DATA, PAGE, PAGE, 2) == -VX32_EINVAL);
    CHECK(caller_call(guest, 163, NOWHERE, PAGE, 2 * PAGE, 1) == -VX32_EFAULT);
    CHECK(caller_call(guest, 163, DATA, 3 * PAGE, PAGE, 1) == -VX32_EFAULT);
    CHECK(caller_call(guest, 163, DATA, PAGE, UINT32_MAX, 1) == -VX32_ENOMEM);
    CHECK(caller_call(guest, 163, 0xfffff000, PAGE, 2 * PAGE, 1) == -VX32_EINVAL);
    CHECK_EQ_U64(caller_get32(guest, 0), 0);
    vx32_instance_free(guest);
}

/* ---- fixed answers ---- */

static void identity_is_fixed(void)
{
    struct vx32_instance *guest = begin();
    static const uint32_t ids[] = {24, 47, 49, 50, 199, 200, 201, 202};

    CHECK(caller_call(guest, 20, 0) == 1);
    CHECK(caller_call(guest, 224, 0) == 1);
    CHECK(caller_call(guest, 258, DATA) == 1);
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        CHECK(caller_call(guest, ids[i], 0) == 0);
    CHECK(caller_call(guest, 60, 0) == 022);
    vx32_instance_free(guest);
}

static void uname_is_linux_on_i686(void)
{
    struct vx32_instance *guest = begin();
    char machine[65];

    CHECK(caller_call(guest, 122, DATA) == 0);
    CHECK(caller_get32(guest, 0) == 0x756e694c);
    CHECK(vx32_read(guest, DATA + 4 * 65, machine, sizeof machine) == VX32_OK);
    CHECK(strcmp(machine, "i686") == 0);
    CHECK(caller_call(guest, 122, NOWHERE) == -VX32_EFAULT);
    vx32_instance_free(guest);
}

static void the_clock_stands_still(void)
{
    struct vx32_instance *guest = begin();

    CHECK(caller_call(guest, 13, 0) == INSTANT);
    CHECK(caller_call(guest, 13, DATA) == INSTANT);
    CHECK_EQ_U64(caller_get32(guest, 0), INSTANT);
    CHECK(caller_call(guest, 78, DATA + 16, 0) == 0);
    CHECK_EQ_U64(caller_get32(guest, 16), INSTANT);
    CHECK(caller_call(guest, 265, 0, DATA + 32) == 0);
    CHECK_EQ_U64(caller_get32(guest, 32), INSTANT);
    caller_put32(guest, 52, 7);
    CHECK(caller_call(guest, 403, 1, DATA + 48) == 0);
    CHECK_EQ_U64(caller_get32(guest, 48), INSTANT);
    CHECK_EQ_U64(caller_get32(guest, 52), 0);
    CHECK(caller_call(guest, 265, 99, DATA) == -VX32_EINVAL);
    CHECK(caller_call(guest, 403, 99, DATA) == -VX32_EINVAL);
    CHECK(caller_call(guest, 13, NOWHERE) == -VX32_EFAULT);
    CHECK(caller_call(guest, 78, NOWHERE, 0) == -VX32_EFAULT);
    CHECK(caller_call(guest, 265, 0, NOWHERE) == -VX32_EFAULT);
    vx32_instance_free(guest);
}

static void randomness_is_the_same_after_a_reset(void)
{
    struct vx32_instance *guest = begin();
    uint32_t first, second;

    CHECK(caller_call(guest, 355, DATA, 4, 0) == 4);
    first = caller_get32(guest, 0);
    CHECK(caller_call(guest, 355, DATA, 4, 0) == 4);
    second = caller_get32(guest, 0);
    CHECK(first != second);
    CHECK(vx32_reset(guest) == VX32_OK);
    CHECK(caller_call(guest, 355, DATA, 4, 0) == 4);
    CHECK_EQ_U64(caller_get32(guest, 0), first);
    CHECK(caller_call(guest, 355, DATA, 4, 8) == -VX32_EINVAL);
    CHECK(caller_call(guest, 355, NOWHERE, 4, 0) == -VX32_EFAULT);
    CHECK(caller_call(guest, 355, NOWHERE, 0, 0) == 0);
    CHECK(caller_call(guest, 355, DATA, UINT32_MAX, 0) == 2 * PAGE);
    vx32_instance_free(guest);
}

static void limits_and_totals_are_those_of_the_guest(void)
{
    struct vx32_instance *guest = begin();

    CHECK(caller_call(guest, 340, 0, 3, 0, DATA) == 0);
    CHECK_EQ_U64(caller_get32(guest, 0), CALLER_STACK_NBYTES);
    CHECK(caller_call(guest, 340, 0, 0, 0, DATA) == 0);
    CHECK_EQ_U64(caller_get32(guest, 4), UINT32_MAX);
    CHECK(caller_call(guest, 340, 0, 3, DATA, 0) == -EPERM);
    CHECK(caller_call(guest, 340, 0, 16, 0, DATA) == -VX32_EINVAL);
    CHECK(caller_call(guest, 340, 0, 3, 0, NOWHERE) == -VX32_EFAULT);
    CHECK(caller_call(guest, 116, DATA) == 0);
    CHECK_EQ_U64(caller_get32(guest, 16), CALLER_MEMORY_NBYTES);
    CHECK_EQ_U64(caller_get32(guest, 52), 1);
    vx32_instance_free(guest);
}

static void signals_are_accepted(void)
{
    struct vx32_instance *guest = begin();

    caller_put32(guest, 0, 1);
    CHECK(caller_call(guest, 174, 11, DATA + 64, DATA, 8) == 0);
    CHECK_EQ_U64(caller_get32(guest, 0), 0);
    CHECK(caller_call(guest, 174, 9, DATA + 64, 0, 8) == -VX32_EINVAL);
    CHECK(caller_call(guest, 174, 9, 0, DATA, 8) == 0);
    CHECK(caller_call(guest, 174, 0, 0, 0, 8) == -VX32_EINVAL);
    CHECK(caller_call(guest, 174, 65, 0, 0, 8) == -VX32_EINVAL);
    CHECK(caller_call(guest, 174, 11, 0, 0, 4) == -VX32_EINVAL);
    CHECK(caller_call(guest, 175, 0, 0, DATA, 8) == 0);
    CHECK(caller_call(guest, 175, 0, 0, DATA, 4) == -VX32_EINVAL);
    CHECK(caller_call(guest, 175, 0, 0, NOWHERE, 8) == -VX32_EFAULT);
    vx32_instance_free(guest);
}

static void waiting_for_another_thread_is_a_deadlock(void)
{
    struct vx32_instance *guest = begin();

    caller_put32(guest, 0, 5);
    CHECK(caller_call(guest, 240, DATA, 0, 4) == -EAGAIN);
    CHECK(caller_call(guest, 240, DATA, 128, 5) == -EDEADLK);
    CHECK(caller_call(guest, 240, DATA, 9, 5) == -EDEADLK);
    CHECK(caller_call(guest, 240, DATA, 1, 1) == 0);
    CHECK(caller_call(guest, 240, DATA, 3, 1) == -VX32_ENOSYS);
    CHECK(caller_call(guest, 240, NOWHERE, 0, 5) == -VX32_EFAULT);
    vx32_instance_free(guest);
}

static void the_thread_area_gets_its_entry(void)
{
    struct vx32_instance *guest = begin();

    caller_put32(guest, 0, UINT32_MAX);
    caller_put32(guest, 4, DATA + 0x100);
    CHECK(caller_call(guest, 243, DATA) == 0);
    CHECK_EQ_U64(caller_get32(guest, 0), 12);
    CHECK(caller_call(guest, 243, DATA) == 0);
    caller_put32(guest, 0, 7);
    CHECK(caller_call(guest, 243, DATA) == -VX32_EINVAL);
    CHECK(caller_call(guest, 243, NOWHERE) == -VX32_EFAULT);
    vx32_instance_free(guest);
}

/* ---- fuel ---- */

/* What a call costs beyond its instruction. The program goes on until its fuel is spent. */
static uint64_t cost_of(struct vx32_instance *guest, uint32_t number, const uint32_t argument[6])
{
    enum { FUEL = 100000 };
    struct vx32_statistics before, after;
    struct vx32_exit exit;

    caller_load(guest, number, argument);
    vx32_statistics_get(guest, &before);
    vx32_fuel_set(guest, FUEL);
    for (vx32_run(guest, &exit); exit.reason == VX32_EXIT_HAVE_OUTPUT; vx32_run(guest, &exit))
        CHECK(vx32_complete(guest, (int64_t)exit.nbytes) == VX32_OK);
    CHECK(exit.reason == VX32_EXIT_OUT_OF_FUEL);
    vx32_statistics_get(guest, &after);
    return FUEL - (after.instruction_count - before.instruction_count);
}

static void getrandom_costs_by_the_page(void)
{
    struct vx32_instance *guest = begin();
    int64_t addr = caller_call(guest, 192, 0, 16 * PAGE, R | W, ANONYMOUS, -1u, 0);

    CHECK_EQ_U64(cost_of(guest, 355, (uint32_t[6]){(uint32_t)addr, 16 * PAGE, 0}), 16);
    CHECK_EQ_U64(cost_of(guest, 355, (uint32_t[6]){(uint32_t)addr + PAGE, 16 * PAGE, 0}), 15);
    CHECK_EQ_U64(cost_of(guest, 355, (uint32_t[6]){(uint32_t)addr, PAGE - 1, 0}), 0);
    vx32_instance_free(guest);
}

/* Two large pieces and two small ones: three pages and four vectors. */
static void writev_costs_by_the_vector_and_by_the_page(void)
{
    const uint32_t vectors[8] = {DATA, 2 * PAGE, DATA, PAGE, DATA, PAGE - 1, DATA, 1};
    struct vx32_instance *guest = begin();

    for (uint32_t i = 0; i < 8; i++)
        caller_put32(guest, 4 * i, vectors[i]);
    CHECK_EQ_U64(cost_of(guest, 146, (uint32_t[6]){1, DATA, 4}), 7);
    CHECK_EQ_U64(cost_of(guest, 146, (uint32_t[6]){9, DATA, 4}), 0);
    CHECK_EQ_U64(cost_of(guest, 4, (uint32_t[6]){1, DATA, 2 * PAGE}), 2);
    vx32_instance_free(guest);
}

int main(void)
{
    RUN(descriptors_close_and_double);
    RUN(descriptors_are_pipes);
    RUN(statx_knows_descriptors_only);
    RUN(there_are_no_files);
    RUN(poll_finds_everything_ready);
    RUN(writev_gives_all_pieces_in_order);
    RUN(writev_reports_what_was_written_before_a_failure);
    RUN(a_piece_that_is_cut_is_the_last);
    RUN(vectors_are_checked);
    RUN(readv_fills_the_first_piece);
    RUN(protection_changes_whole_mapped_ranges);
    RUN(code_made_by_the_guest_runs_only_while_it_is_executable);
    RUN(remapping_grows_in_place_moves_and_shrinks);
    RUN(remapping_checks_its_range);
    RUN(identity_is_fixed);
    RUN(uname_is_linux_on_i686);
    RUN(the_clock_stands_still);
    RUN(randomness_is_the_same_after_a_reset);
    RUN(limits_and_totals_are_those_of_the_guest);
    RUN(signals_are_accepted);
    RUN(waiting_for_another_thread_is_a_deadlock);
    RUN(the_thread_area_gets_its_entry);
    RUN(getrandom_costs_by_the_page);
    RUN(writev_costs_by_the_vector_and_by_the_page);
    return test_report();
}

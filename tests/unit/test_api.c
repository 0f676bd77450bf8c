/* SPDX-License-Identifier: MIT */
/* The promises of vx32.h: exits, answers, fuel, interrupts, resets, ownership and looking in. */
#include "support/elf_builder.h"
#include "support/test.h"

#include "vx32.h"
#include "vx32_abi.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { CODE = ELF_CODE_ADDR, DATA = 0x20000, NOWHERE = 0x900000 };

/* mov eax, 1; mov ebx, 42; int 80h */
static const uint8_t exit_code[] = {0xb8, 1, 0, 0, 0, 0xbb, 42, 0, 0, 0, 0xcd, 0x80};

/* sub esp, 4096; inc dword [esp]; exit([esp]) */
static const uint8_t count_up[] = {0x81, 0xec, 0,    0x10, 0, 0, 0xff, 0x04, 0x24, 0x8b,
                                   0x1c, 0x24, 0xb8, 1,    0, 0, 0,    0xcd, 0x80};

/* again: jmp again */
static const uint8_t loop_code[] = {0xeb, 0xfe};

/* again: inc dword [DATA]; inc ecx; jmp again */
static const uint8_t count_code[] = {0xff, 0x05, 0, 0, 2, 0, 0x41, 0xeb, 0xf7};

/* nop; mov [NOWHERE], eax */
static const uint8_t fault_code[] = {0x90, 0xa3, 0, 0, 0x90, 0};

/* Copies input to output in pieces of 16 bytes, and exits 0. */
static const uint8_t copy_code[] = {
    0x31, 0xdb,          /*       xor ebx, ebx  */
    0xb9, 0,    0, 2, 0, /*       mov ecx, DATA */
    0xba, 16,   0, 0, 0, /* read: mov edx, 16   */
    0xb8, 3,    0, 0, 0, /*       mov eax, 3    */
    0xcd, 0x80,          /*       int 80h       */
    0x85, 0xc0,          /*       test eax, eax */
    0x7e, 0x0d,          /*       jle done      */
    0x89, 0xc2,          /*       mov edx, eax  */
    0x43,                /*       inc ebx       */
    0xb8, 4,    0, 0, 0, /*       mov eax, 4    */
    0xcd, 0x80,          /*       int 80h       */
    0x4b,                /*       dec ebx       */
    0xeb, 0xe3,          /*       jmp read      */
    0xb8, 1,    0, 0, 0, /* done: mov eax, 1    */
    0xcd, 0x80,          /*       int 80h       */
};

static struct vx32_image *image_of(const uint8_t *code, uint32_t nbytes)
{
    static struct elf_builder elf;
    struct vx32_image *image = NULL;

    elf_program(&elf, code, nbytes);
    elf_add(&elf, DATA, "\0", 1, 0x1000, ELF_FLAG_R | ELF_FLAG_W);
    if (vx32_image_parse(elf.file, elf_finish(&elf), &image, NULL) != VX32_OK)
        abort();
    return image;
}

static struct vx32_instance *guest_with(const uint8_t *code, uint32_t nbytes,
                                        const struct vx32_options *options)
{
    struct vx32_image *image = image_of(code, nbytes);
    struct vx32_instance *guest = NULL;

    if (vx32_instance_new(image, options, &guest) != VX32_OK)
        abort();
    vx32_image_free(image);
    return guest;
}

#define GUEST(code) guest_with((code), sizeof(code), NULL)

/* One whose instructions are counted. */
static struct vx32_instance *counted_guest(const uint8_t *code, uint32_t nbytes)
{
    const struct vx32_options options = {.struct_nbytes = sizeof options,
                                         .fuel = VX32_FUEL_COUNTED};

    return guest_with(code, nbytes, &options);
}

#define COUNTED_GUEST(code) counted_guest((code), sizeof(code))

static struct vx32_exit run(struct vx32_instance *guest)
{
    struct vx32_exit exit;

    vx32_run(guest, &exit);
    return exit;
}

static bool same_exit(const struct vx32_exit *a, const struct vx32_exit *b)
{
    return a->reason == b->reason && a->fd == b->fd && a->data == b->data &&
           a->nbytes == b->nbytes && a->code == b->code && a->trap == b->trap && a->eip == b->eip &&
           a->fault_addr == b->fault_addr && a->access == b->access;
}

static uint64_t instruction_count(const struct vx32_instance *guest)
{
    struct vx32_statistics statistics;

    vx32_statistics_get(guest, &statistics);
    return statistics.instruction_count;
}

/* ---- exits ---- */

static void an_exit_repeats_until_reset(void)
{
    struct vx32_instance *guest = COUNTED_GUEST(exit_code);
    struct vx32_exit first = run(guest), second = run(guest);

    CHECK(first.reason == VX32_EXIT_EXITED);
    CHECK_EQ_U64(first.code, 42);
    CHECK(same_exit(&first, &second));
    CHECK_EQ_U64(instruction_count(guest), 3);
    CHECK(vx32_complete(guest, 0) == VX32_INVALID_ARGUMENT);
    CHECK(vx32_reset(guest) == VX32_OK);
    CHECK_EQ_U64(instruction_count(guest), 0);
    second = run(guest);
    CHECK(same_exit(&first, &second));
    vx32_instance_free(guest);
}

static void a_trap_says_where_and_why_and_repeats(void)
{
    struct vx32_instance *guest = COUNTED_GUEST(fault_code);
    struct vx32_exit first = run(guest), second = run(guest);

    CHECK(first.reason == VX32_EXIT_TRAP);
    CHECK(first.trap == VX32_TRAP_PAGE_FAULT);
    CHECK_EQ_U64(first.eip, CODE + 1);
    CHECK_EQ_U64(first.fault_addr, NOWHERE);
    CHECK(first.access == VX32_ACCESS_WRITE);
    CHECK(same_exit(&first, &second));
    CHECK_EQ_U64(instruction_count(guest), 1);
    vx32_instance_free(guest);
}

static void a_filter_copies_its_input(void)
{
    static const char input[] = "The guest sees this in two pieces.";
    struct vx32_instance *guest = GUEST(copy_code);
    char output[64] = "";
    size_t taken = 0, given = 0;

    for (;;) {
        struct vx32_exit exit = run(guest);

        if (exit.reason == VX32_EXIT_NEED_INPUT) {
            size_t nbytes = sizeof input - taken < exit.nbytes ? sizeof input - taken : exit.nbytes;

            memcpy(exit.data, input + taken, nbytes);
            taken += nbytes;
            CHECK(vx32_complete(guest, (int64_t)nbytes) == VX32_OK);
        } else if (exit.reason == VX32_EXIT_HAVE_OUTPUT && given + exit.nbytes <= sizeof output) {
            memcpy(output + given, exit.data, exit.nbytes);
            given += exit.nbytes;
            CHECK(vx32_complete(guest, (int64_t)exit.nbytes) == VX32_OK);
        } else {
            CHECK(exit.reason == VX32_EXIT_EXITED);
            CHECK_EQ_U64(exit.code, 0);
            break;
        }
    }
    CHECK_EQ_U64(given, sizeof input);
    CHECK(memcmp(input, output, sizeof input) == 0);
    vx32_instance_free(guest);
}

/* ---- answers ---- */

static void an_open_call_is_repeated_until_it_is_answered(void)
{
    struct vx32_instance *guest = GUEST(copy_code);
    struct vx32_exit first, second;

    CHECK(vx32_complete(guest, 0) == VX32_INVALID_ARGUMENT);
    first = run(guest);
    second = run(guest);
    CHECK(first.reason == VX32_EXIT_NEED_INPUT);
    CHECK(same_exit(&first, &second));
    CHECK(vx32_complete(guest, 17) == VX32_INVALID_ARGUMENT);
    CHECK(vx32_complete(guest, -4096) == VX32_INVALID_ARGUMENT);
    CHECK(vx32_complete(guest, INT64_MAX) == VX32_INVALID_ARGUMENT);
    CHECK(vx32_complete(guest, INT64_MIN) == VX32_INVALID_ARGUMENT);
    CHECK(vx32_complete(guest, 16) == VX32_OK);
    CHECK(vx32_complete(guest, 16) == VX32_INVALID_ARGUMENT);
    vx32_instance_free(guest);
}

static void a_reset_forgets_an_open_call(void)
{
    struct vx32_instance *guest = GUEST(copy_code);

    CHECK(run(guest).reason == VX32_EXIT_NEED_INPUT);
    CHECK(vx32_reset(guest) == VX32_OK);
    CHECK(vx32_complete(guest, 0) == VX32_INVALID_ARGUMENT);
    CHECK(run(guest).reason == VX32_EXIT_NEED_INPUT);
    vx32_instance_free(guest);
}

/* ---- fuel ---- */

static void fuel_is_exact(void)
{
    struct vx32_instance *guest = GUEST(count_code);

    for (uint64_t fuel = 0; fuel < 50; fuel++) {
        struct vx32_registers registers;

        CHECK(vx32_reset(guest) == VX32_OK);
        vx32_fuel_set(guest, fuel);
        CHECK(run(guest).reason == VX32_EXIT_OUT_OF_FUEL);
        CHECK_EQ_U64(vx32_fuel_left(guest), 0);
        CHECK_EQ_U64(instruction_count(guest), fuel);
        vx32_registers_get(guest, &registers);
        CHECK_EQ_U64(registers.general[VX32_ECX], (fuel + 1) / 3);
        CHECK(run(guest).reason == VX32_EXIT_OUT_OF_FUEL);
        CHECK_EQ_U64(instruction_count(guest), fuel);
    }
    vx32_instance_free(guest);
}

static void fuel_larger_than_a_slice_is_exact(void)
{
    struct vx32_instance *guest = GUEST(count_code);
    const uint64_t fuel = 3000001;

    vx32_fuel_set(guest, fuel);
    CHECK(run(guest).reason == VX32_EXIT_OUT_OF_FUEL);
    CHECK_EQ_U64(instruction_count(guest), fuel);
    vx32_instance_free(guest);
}

static void the_last_unit_of_fuel_still_exits(void)
{
    struct vx32_options options = {.struct_nbytes = sizeof options, .fuel = 3};
    struct vx32_instance *guest = guest_with(exit_code, sizeof exit_code, &options);

    CHECK(run(guest).reason == VX32_EXIT_EXITED);
    CHECK_EQ_U64(vx32_fuel_left(guest), 0);
    CHECK(vx32_reset(guest) == VX32_OK);
    CHECK_EQ_U64(vx32_fuel_left(guest), 3);
    vx32_fuel_set(guest, 2);
    CHECK(run(guest).reason == VX32_EXIT_OUT_OF_FUEL);
    vx32_fuel_set(guest, 1);
    CHECK(run(guest).reason == VX32_EXIT_EXITED);
    vx32_instance_free(guest);
}

static void a_trap_costs_no_fuel(void)
{
    struct vx32_options options = {.struct_nbytes = sizeof options, .fuel = 2};
    struct vx32_instance *guest = guest_with(fault_code, sizeof fault_code, &options);

    CHECK(run(guest).reason == VX32_EXIT_TRAP);
    CHECK_EQ_U64(vx32_fuel_left(guest), 1);
    vx32_instance_free(guest);
}

static void unlimited_fuel_stays_unlimited(void)
{
    struct vx32_instance *guest = GUEST(exit_code);

    CHECK(vx32_fuel_left(guest) == VX32_FUEL_UNLIMITED);
    CHECK(run(guest).reason == VX32_EXIT_EXITED);
    CHECK(vx32_fuel_left(guest) == VX32_FUEL_UNLIMITED);
    vx32_instance_free(guest);
}

/* ---- interrupts ---- */

static void an_interrupt_before_a_run_stops_it_once(void)
{
    struct vx32_instance *guest = GUEST(exit_code);

    vx32_interrupt(guest);
    CHECK(run(guest).reason == VX32_EXIT_INTERRUPTED);
    CHECK_EQ_U64(instruction_count(guest), 0);
    CHECK(run(guest).reason == VX32_EXIT_EXITED);
    vx32_instance_free(guest);
}

static void an_interrupt_outlives_a_reset(void)
{
    struct vx32_instance *guest = GUEST(exit_code);

    vx32_interrupt(guest);
    CHECK(vx32_reset(guest) == VX32_OK);
    CHECK(run(guest).reason == VX32_EXIT_INTERRUPTED);
    CHECK(run(guest).reason == VX32_EXIT_EXITED);
    vx32_instance_free(guest);
}

static void *interrupt_from_thread(void *guest)
{
    vx32_interrupt(guest);
    return NULL;
}

static void another_thread_stops_an_endless_loop(void)
{
    struct vx32_instance *guest = GUEST(loop_code);
    pthread_t thread;

    CHECK(pthread_create(&thread, NULL, interrupt_from_thread, guest) == 0);
    CHECK(run(guest).reason == VX32_EXIT_INTERRUPTED);
    CHECK(pthread_join(thread, NULL) == 0);
    vx32_instance_free(guest);
}

/* ---- reset ---- */

static void a_reset_guest_cannot_be_told_from_a_new_one(void)
{
    struct vx32_instance *used = GUEST(count_code), *fresh = GUEST(count_code);
    struct vx32_registers of_used, of_fresh;
    struct vx32_statistics statistics;
    uint8_t bytes_of_used[0x1000], bytes_of_fresh[0x1000];
    vx32_addr stack = VX32_DEFAULT_MEMORY_NBYTES - 0x1000;

    vx32_fuel_set(used, 1000);
    CHECK(run(used).reason == VX32_EXIT_OUT_OF_FUEL);
    CHECK(vx32_write(used, DATA + 0x800, "left behind", 11) == VX32_OK);
    CHECK(vx32_write(used, stack, "left behind", 11) == VX32_OK);
    CHECK(vx32_reset(used) == VX32_OK);

    memset(&of_used, 0, sizeof of_used);
    memset(&of_fresh, 0, sizeof of_fresh);
    vx32_registers_get(used, &of_used);
    vx32_registers_get(fresh, &of_fresh);
    CHECK(memcmp(&of_used, &of_fresh, sizeof of_used) == 0);
    CHECK(vx32_read(used, DATA, bytes_of_used, 0x1000) == VX32_OK);
    CHECK(vx32_read(fresh, DATA, bytes_of_fresh, 0x1000) == VX32_OK);
    CHECK(memcmp(bytes_of_used, bytes_of_fresh, 0x1000) == 0);
    CHECK(vx32_read(used, stack, bytes_of_used, 0x1000) == VX32_OK);
    CHECK(vx32_read(fresh, stack, bytes_of_fresh, 0x1000) == VX32_OK);
    CHECK(memcmp(bytes_of_used, bytes_of_fresh, 0x1000) == 0);
    CHECK(vx32_fuel_left(used) == vx32_fuel_left(fresh));
    vx32_statistics_get(used, &statistics);
    CHECK_EQ_U64(statistics.system_call_count, 0);
    vx32_instance_free(used);
    vx32_instance_free(fresh);
}

/* mmap2(CODE, 4096, READ | WRITE, PRIVATE | FIXED | ANONYMOUS): its own code is gone */
static const uint8_t suicide_code[] = {
    0xb8, 192,  0, 0, 0, 0xbb, 0,    0,    1, 0, 0xb9, 0,    16,   0,
    0,    0xba, 3, 0, 0, 0,    0xbe, 0x32, 0, 0, 0,    0xcd, 0x80,
};

static void code_that_was_replaced_is_back_after_a_reset(void)
{
    struct vx32_instance *guest = COUNTED_GUEST(suicide_code);

    for (int i = 0; i < 3; i++) {
        struct vx32_exit exit = run(guest);

        CHECK(exit.reason == VX32_EXIT_TRAP);
        CHECK(exit.trap == VX32_TRAP_PAGE_FAULT);
        CHECK_EQ_U64(exit.eip, CODE + sizeof suicide_code);
        CHECK_EQ_U64(instruction_count(guest), 6);
        CHECK(vx32_reset(guest) == VX32_OK);
    }
    vx32_instance_free(guest);
}

static void a_reset_keeps_what_the_engine_knows_of_the_code(void)
{
    struct vx32_instance *guest = GUEST(exit_code);
    struct vx32_statistics first, second;

    CHECK(run(guest).reason == VX32_EXIT_EXITED);
    vx32_statistics_get(guest, &first);
    CHECK(vx32_reset(guest) == VX32_OK);
    CHECK(run(guest).reason == VX32_EXIT_EXITED);
    vx32_statistics_get(guest, &second);
    CHECK(first.block_count > 0);
    CHECK_EQ_U64(second.block_count, first.block_count);
    vx32_instance_free(guest);
}

/* ---- ownership ---- */

static void an_image_serves_many_guests_and_may_go_first(void)
{
    struct vx32_image *image = image_of(exit_code, sizeof exit_code);
    struct vx32_instance *guests[4];

    for (int i = 0; i < 4; i++)
        CHECK(vx32_instance_new(image, NULL, &guests[i]) == VX32_OK);
    vx32_image_free(image);
    for (int i = 0; i < 4; i++) {
        CHECK(run(guests[i]).code == 42);
        CHECK(vx32_reset(guests[i]) == VX32_OK);
        vx32_instance_free(guests[i]);
    }
    vx32_instance_free(NULL);
}

static void *use_image(void *image)
{
    for (int i = 0; i < 20; i++) {
        struct vx32_instance *guest;

        if (vx32_instance_new(image, NULL, &guest) != VX32_OK)
            return image;
        if (run(guest).code != 42)
            return image;
        vx32_instance_free(guest);
    }
    return NULL;
}

static void an_image_is_shared_between_threads(void)
{
    struct vx32_image *image = image_of(exit_code, sizeof exit_code);
    pthread_t threads[4];

    for (int i = 0; i < 4; i++)
        CHECK(pthread_create(&threads[i], NULL, use_image, image) == 0);
    for (int i = 0; i < 4; i++) {
        void *failed;

        CHECK(pthread_join(threads[i], &failed) == 0);
        CHECK(failed == NULL);
    }
    vx32_image_free(image);
}

static void wrong_options_are_refused(void)
{
    struct vx32_image *image = image_of(exit_code, sizeof exit_code);
    const struct vx32_options good = {.struct_nbytes = sizeof good};
    struct vx32_options bad;
    struct vx32_instance *guest;
    static const char *const hole[] = {"a", NULL};

#define REFUSED(change)                                                                            \
    do {                                                                                           \
        bad = good;                                                                                \
        change;                                                                                    \
        CHECK(vx32_instance_new(image, &bad, &guest) == VX32_INVALID_ARGUMENT);                    \
        CHECK(guest == NULL);                                                                      \
    } while (0)
    REFUSED(bad.struct_nbytes = 0);
    REFUSED(bad.struct_nbytes--);
    REFUSED(bad.struct_nbytes++);
    REFUSED(bad.memory_nbytes = 0xffff1000);
    REFUSED(bad.memory_nbytes = UINT64_MAX - 4095);
    REFUSED(bad.memory_nbytes = 0x1000001);
    REFUSED(bad.stack_nbytes = 1);
    REFUSED(bad.argc = -1);
    REFUSED(bad.argc = 1);
    REFUSED((bad.argc = 2, bad.argv = hole));
    REFUSED(bad.profile = (enum vx32_profile)7);
#undef REFUSED
    CHECK(vx32_instance_new(image, &good, NULL) == VX32_INVALID_ARGUMENT);
    bad = good;
    bad.memory_nbytes = 0xffff0000;
    CHECK(vx32_instance_new(image, &bad, &guest) == VX32_OK);
    CHECK(run(guest).code == 42);
    vx32_instance_free(guest);
    vx32_image_free(image);
}

/* Programs take turns in one instance; each finds it as if it were new. */
static void a_program_can_be_loaded_into_an_instance(void)
{
    static const char *const hole[] = {"guest", NULL};
    struct vx32_image *image = image_of(exit_code, sizeof exit_code);
    struct vx32_image *other = image_of(count_up, sizeof count_up);
    struct vx32_instance *guest;

    CHECK(vx32_instance_new(NULL, NULL, &guest) == VX32_OK);
    CHECK(run(guest).reason == VX32_EXIT_TRAP);
    CHECK(vx32_reset(guest) == VX32_INVALID_ARGUMENT);
    CHECK(vx32_load(guest, NULL, 0, NULL) == VX32_INVALID_ARGUMENT);
    for (int i = 0; i < 3; i++) {
        CHECK(vx32_load(guest, image, 0, NULL) == VX32_OK);
        CHECK_EQ_U64(run(guest).code, 42);
        CHECK(vx32_load(guest, other, 0, NULL) == VX32_OK);
        CHECK_EQ_U64(run(guest).code, 1);
        CHECK(vx32_load(guest, image, -1, NULL) == VX32_INVALID_ARGUMENT);
        CHECK(vx32_load(guest, image, 2, hole) == VX32_INVALID_ARGUMENT);
        CHECK(vx32_reset(guest) == VX32_OK);
        CHECK_EQ_U64(run(guest).code, 1);
        CHECK(vx32_snapshot(guest) == VX32_INVALID_ARGUMENT);
    }
    vx32_image_free(image);
    vx32_image_free(other);
    CHECK(vx32_reset(guest) == VX32_OK);
    CHECK_EQ_U64(run(guest).code, 1);
    vx32_instance_free(guest);
}

static void engines_that_are_not_there_are_unsupported(void)
{
    struct vx32_image *image = image_of(exit_code, sizeof exit_code);
    struct vx32_options options = {.struct_nbytes = sizeof options};

    CHECK(vx32_engine_available(VX32_ENGINE_AUTO));
    CHECK(vx32_engine_available(VX32_ENGINE_INTERPRET));
    CHECK(!vx32_engine_available((enum vx32_engine)99));
    for (int i = VX32_ENGINE_AUTO; i <= VX32_ENGINE_STRICT; i++) {
        enum vx32_engine engine = (enum vx32_engine)i;
        struct vx32_instance *guest;
        enum vx32_status status;

        options.engine = engine;
        status = vx32_instance_new(image, &options, &guest);
        CHECK(status == (vx32_engine_available(engine) ? VX32_OK : VX32_UNSUPPORTED));
        if (status != VX32_OK)
            continue;
        CHECK(vx32_instance_engine(guest) != VX32_ENGINE_AUTO);
        CHECK(vx32_instance_engine(guest) != VX32_ENGINE_TRANSLATE);
        CHECK(engine == VX32_ENGINE_AUTO || engine == VX32_ENGINE_TRANSLATE ||
              vx32_instance_engine(guest) == engine);
        CHECK(run(guest).code == 42);
        vx32_instance_free(guest);
    }
    vx32_image_free(image);
}

/* ---- looking in ---- */

static void copies_are_all_or_nothing(void)
{
    struct vx32_instance *guest = GUEST(exit_code);
    uint8_t bytes[8] = {1, 2, 3, 4, 5, 6, 7, 8}, seen[8] = {0};

    CHECK(vx32_write(guest, DATA + 0xffc, bytes, 8) == VX32_INVALID_ARGUMENT);
    CHECK(vx32_read(guest, DATA + 0xffc, seen, 4) == VX32_OK);
    CHECK(seen[0] == 0 && seen[3] == 0);
    CHECK(vx32_write(guest, DATA + 0xff8, bytes, 8) == VX32_OK);
    CHECK(vx32_read(guest, DATA + 0xff8, seen, 8) == VX32_OK);
    CHECK(memcmp(seen, bytes, 8) == 0);
    CHECK(vx32_read(guest, DATA + 0xffc, seen, 8) == VX32_INVALID_ARGUMENT);
    CHECK(vx32_read(guest, UINT32_MAX, seen, 8) == VX32_INVALID_ARGUMENT);
    CHECK(vx32_read(guest, DATA, seen, SIZE_MAX) == VX32_INVALID_ARGUMENT);
    CHECK(vx32_write(guest, CODE, bytes, 1) == VX32_INVALID_ARGUMENT);
    CHECK(vx32_read(guest, NOWHERE, NULL, 0) == VX32_OK);
    CHECK(vx32_write(guest, NOWHERE, NULL, 0) == VX32_OK);
    vx32_instance_free(guest);
}

static void registers_can_be_set_and_are_used(void)
{
    struct vx32_instance *guest = GUEST(exit_code);
    struct vx32_registers registers;

    vx32_fuel_set(guest, 2);
    CHECK(run(guest).reason == VX32_EXIT_OUT_OF_FUEL);
    vx32_registers_get(guest, &registers);
    CHECK_EQ_U64(registers.eip, CODE + 10);
    CHECK_EQ_U64(registers.general[VX32_EBX], 42);
    registers.general[VX32_EBX] = 43;
    vx32_registers_set(guest, &registers);
    vx32_fuel_set(guest, VX32_FUEL_UNLIMITED);
    CHECK(run(guest).code == 43);
    vx32_instance_free(guest);
}

static void disassembly_is_text_or_says_why_not(void)
{
    static const uint8_t bad_code[] = {0x90, 0x0f, 0x0b, 0xf0, 0x90};
    struct vx32_instance *guest = GUEST(bad_code);
    char text[96];

    CHECK_EQ_U64(vx32_disassemble(guest, CODE, text, sizeof text), 1);
    CHECK(strcmp(text, "nop") == 0);
    CHECK_EQ_U64(vx32_disassemble(guest, CODE + 3, text, sizeof text), 0);
    CHECK(strcmp(text, "(bad)") == 0);
    CHECK_EQ_U64(vx32_disassemble(guest, NOWHERE, text, sizeof text), 0);
    CHECK(strcmp(text, "(unmapped)") == 0);
    CHECK_EQ_U64(vx32_disassemble(guest, UINT32_MAX, text, sizeof text), 0);
    memset(text, 'x', sizeof text);
    (void)vx32_disassemble(guest, NOWHERE, text, 4);
    CHECK(memcmp(text, "(un\0x", 5) == 0);
    (void)vx32_disassemble(guest, CODE, text, 2);
    CHECK(memcmp(text, "n\0", 2) == 0);
    (void)vx32_disassemble(guest, CODE, NULL, 0);
    (void)vx32_disassemble(guest, NOWHERE, NULL, 0);
    vx32_instance_free(guest);
}

static void statistics_count(void)
{
    struct vx32_instance *guest = COUNTED_GUEST(copy_code);
    struct vx32_statistics statistics;

    CHECK(run(guest).reason == VX32_EXIT_NEED_INPUT);
    CHECK(vx32_complete(guest, 1) == VX32_OK);
    CHECK(run(guest).reason == VX32_EXIT_HAVE_OUTPUT);
    vx32_statistics_get(guest, &statistics);
    CHECK_EQ_U64(statistics.system_call_count, 2);
    CHECK_EQ_U64(statistics.instruction_count, 11);
    CHECK_EQ_U64(statistics.memory_peak_nbytes, VX32_DEFAULT_STACK_NBYTES + 0x2000);
    CHECK(statistics.block_count > 0);
    vx32_instance_free(guest);
}

/* ---- texts ---- */

static void every_status_and_trap_has_its_own_text(void)
{
    static const enum vx32_trap traps[] = {
        VX32_TRAP_DIVIDE_ERROR,       VX32_TRAP_DEBUG,      VX32_TRAP_BREAKPOINT,
        VX32_TRAP_OVERFLOW,           VX32_TRAP_BOUND,      VX32_TRAP_INVALID_OPCODE,
        VX32_TRAP_GENERAL_PROTECTION, VX32_TRAP_PAGE_FAULT, VX32_TRAP_X87,
        VX32_TRAP_ALIGNMENT,          VX32_TRAP_SIMD,
    };

    for (int i = VX32_OK; i <= VX32_HOST_FAILURE; i++) {
        for (int j = VX32_OK; j < i; j++)
            CHECK(strcmp(vx32_status_text((enum vx32_status)i),
                         vx32_status_text((enum vx32_status)j)) != 0);
    }
    for (size_t i = 0; i < sizeof traps / sizeof *traps; i++) {
        CHECK(vx32_trap_text(traps[i])[0] == '#');
        for (size_t j = 0; j < i; j++)
            CHECK(strcmp(vx32_trap_text(traps[i]), vx32_trap_text(traps[j])) != 0);
    }
    CHECK(vx32_status_text((enum vx32_status)99) != NULL);
    CHECK(vx32_trap_text((enum vx32_trap)99) != NULL);
}

int main(void)
{
    RUN(an_exit_repeats_until_reset);
    RUN(a_trap_says_where_and_why_and_repeats);
    RUN(a_filter_copies_its_input);
    RUN(an_open_call_is_repeated_until_it_is_answered);
    RUN(a_reset_forgets_an_open_call);
    RUN(fuel_is_exact);
    RUN(fuel_larger_than_a_slice_is_exact);
    RUN(the_last_unit_of_fuel_still_exits);
    RUN(a_trap_costs_no_fuel);
    RUN(unlimited_fuel_stays_unlimited);
    RUN(an_interrupt_before_a_run_stops_it_once);
    RUN(an_interrupt_outlives_a_reset);
    RUN(another_thread_stops_an_endless_loop);
    RUN(a_reset_guest_cannot_be_told_from_a_new_one);
    RUN(code_that_was_replaced_is_back_after_a_reset);
    RUN(a_reset_keeps_what_the_engine_knows_of_the_code);
    RUN(an_image_serves_many_guests_and_may_go_first);
    RUN(an_image_is_shared_between_threads);
    RUN(wrong_options_are_refused);
    RUN(a_program_can_be_loaded_into_an_instance);
    RUN(engines_that_are_not_there_are_unsupported);
    RUN(copies_are_all_or_nothing);
    RUN(registers_can_be_set_and_are_used);
    RUN(disassembly_is_text_or_says_why_not);
    RUN(statistics_count);
    RUN(every_status_and_trap_has_its_own_text);
    return test_report();
}

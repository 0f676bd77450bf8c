/* SPDX-License-Identifier: MIT */
/* The state of memory and registers at a program's first instruction. */
#include "support/elf_builder.h"
#include "support/test.h"

#include "vx32.h"
#include "vx32_abi.h"

#include <string.h>

enum { DATA_ADDR = 0x20000, MEMORY_NBYTES = 0x1000000, R = 4, W = 2, X = 1 };

static const uint8_t code[] = {0x90, 0x90};

static struct vx32_image *image_of(struct elf_builder *elf)
{
    struct vx32_image *image = NULL;

    CHECK(vx32_image_parse(elf->file, elf_finish(elf), &image, NULL) == VX32_OK);
    return image;
}

static struct vx32_options small_options(void)
{
    return (struct vx32_options){
        .struct_nbytes = sizeof(struct vx32_options),
        .memory_nbytes = MEMORY_NBYTES,
    };
}

static struct vx32_instance *load(struct elf_builder *elf, const struct vx32_options *options)
{
    struct vx32_image *image = image_of(elf);
    struct vx32_instance *guest = NULL;

    CHECK(vx32_instance_new(image, options, &guest) == VX32_OK);
    vx32_image_free(image);
    return guest;
}

static uint32_t word(const struct vx32_instance *guest, vx32_addr addr)
{
    uint8_t bytes[4] = {0};

    CHECK(vx32_read(guest, addr, bytes, 4) == VX32_OK);
    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static vx32_addr stack_pointer(const struct vx32_instance *guest)
{
    struct vx32_registers registers;

    vx32_registers_get(guest, &registers);
    return registers.general[VX32_ESP];
}

static void string_at(const struct vx32_instance *guest, vx32_addr addr, char *text, size_t most)
{
    for (size_t i = 0; i < most; i++) {
        CHECK(vx32_read(guest, addr + (vx32_addr)i, text + i, 1) == VX32_OK);
        if (text[i] == '\0')
            return;
    }
    text[most - 1] = '\0';
}

/* The value of an auxiliary vector entry; `*found` counts how often it is there. */
static uint32_t auxiliary(const struct vx32_instance *guest, uint32_t type, int *found)
{
    vx32_addr at = stack_pointer(guest);
    uint32_t value = 0;

    *found = 0;
    at += 4 * (word(guest, at) + 3);
    for (; word(guest, at) != 0; at += 8) {
        if (word(guest, at) == type) {
            value = word(guest, at + 4);
            ++*found;
        }
    }
    return value;
}

static void check_auxiliary(const struct vx32_instance *guest, uint32_t type, uint32_t expected)
{
    int found;
    uint32_t value = auxiliary(guest, type, &found);

    CHECK_EQ_U64(found, 1);
    CHECK_EQ_U64(value, expected);
}

static void registers_start_as_on_linux(void)
{
    static struct elf_builder elf;
    struct vx32_options options = small_options();
    struct vx32_registers registers;
    struct vx32_instance *guest;

    elf_program(&elf, code, sizeof code);
    elf.entry++;
    guest = load(&elf, &options);
    vx32_registers_get(guest, &registers);
    CHECK_EQ_U64(registers.eip, ELF_CODE_ADDR + 1);
    for (int i = 0; i < 8; i++)
        CHECK(i == VX32_ESP || registers.general[i] == 0);
    CHECK_EQ_U64(registers.general[VX32_ESP] % 16, 0);
    CHECK_EQ_U64(registers.eflags, 0x202);
    CHECK_EQ_U64(registers.x87_control, 0x37f);
    CHECK_EQ_U64(registers.mxcsr, 0x1f80);
    vx32_instance_free(guest);
}

static void arguments_are_on_the_stack_and_the_environment_is_empty(void)
{
    static struct elf_builder elf;
    static const char *const argv[] = {"zlib", "", "-9 x"};
    struct vx32_options options = small_options();
    struct vx32_instance *guest;
    vx32_addr esp;
    char text[16];

    options.argc = 3;
    options.argv = argv;
    elf_program(&elf, code, sizeof code);
    guest = load(&elf, &options);
    esp = stack_pointer(guest);
    CHECK_EQ_U64(word(guest, esp), 3);
    for (uint32_t i = 0; i < 3; i++) {
        string_at(guest, word(guest, esp + 4 + 4 * i), text, sizeof text);
        CHECK(strcmp(text, argv[i]) == 0);
    }
    CHECK_EQ_U64(word(guest, esp + 16), 0);
    CHECK_EQ_U64(word(guest, esp + 20), 0);
    CHECK_EQ_U64(word(guest, MEMORY_NBYTES - 4), 0);
    vx32_instance_free(guest);
}

static void the_stack_pointer_is_aligned_for_every_argument_count(void)
{
    static struct elf_builder elf;
    static const char *const argv[] = {"a", "bc", "def", "ghij", "k", "l", "m", "n"};
    struct vx32_options options = small_options();

    elf_program(&elf, code, sizeof code);
    options.argv = argv;
    for (options.argc = 1; options.argc <= 8; options.argc++) {
        struct vx32_instance *guest = load(&elf, &options);

        CHECK_EQ_U64(stack_pointer(guest) % 16, 0);
        CHECK_EQ_U64(word(guest, stack_pointer(guest)), options.argc);
        vx32_instance_free(guest);
    }
}

static void without_arguments_the_name_is_guest(void)
{
    static struct elf_builder elf;
    struct vx32_instance *guest;
    char text[8];

    elf_program(&elf, code, sizeof code);
    guest = load(&elf, NULL);
    CHECK_EQ_U64(word(guest, stack_pointer(guest)), 1);
    string_at(guest, word(guest, stack_pointer(guest) + 4), text, sizeof text);
    CHECK(strcmp(text, "guest") == 0);
    vx32_instance_free(guest);
}

static void the_auxiliary_vector_tells_what_programs_ask(void)
{
    static struct elf_builder elf;
    struct vx32_options options = small_options();
    struct vx32_instance *guest;
    uint8_t random[16];
    int found;

    elf_program(&elf, code, sizeof code);
    elf_add(&elf, DATA_ADDR, "data", 4, 4, R | W);
    guest = load(&elf, &options);
    check_auxiliary(guest, 3, 0); /* the table lies in no segment */
    check_auxiliary(guest, 4, 32);
    check_auxiliary(guest, 5, 2);
    check_auxiliary(guest, 6, 4096);
    check_auxiliary(guest, 9, ELF_CODE_ADDR);
    for (uint32_t type = 11; type <= 14; type++)
        check_auxiliary(guest, type, 0);
    check_auxiliary(guest, 17, 100);
    check_auxiliary(guest, 23, 0);
    CHECK(vx32_read(guest, auxiliary(guest, 25, &found), random, 16) == VX32_OK);
    CHECK_EQ_U64(found, 1);
    (void)auxiliary(guest, 32, &found);
    CHECK_EQ_U64(found, 0); /* no AT_SYSINFO: calls are made by int 80h */
    vx32_instance_free(guest);
}

static void the_hardware_is_what_cpuid_says(void)
{
    static const uint8_t cpuid_code[] = {0xb8, 1, 0, 0, 0, 0x0f, 0xa2}; /* mov eax, 1; cpuid */
    static struct elf_builder elf;
    struct vx32_options options = small_options();
    struct vx32_registers registers;
    struct vx32_instance *guest;
    struct vx32_exit exit;
    int found;

    elf_program(&elf, cpuid_code, sizeof cpuid_code);
    guest = load(&elf, &options);
    vx32_fuel_set(guest, 2);
    vx32_run(guest, &exit);
    CHECK(exit.reason == VX32_EXIT_OUT_OF_FUEL);
    vx32_registers_get(guest, &registers);
    CHECK_EQ_U64(registers.general[VX32_EDX], auxiliary(guest, 16, &found));
    CHECK_EQ_U64(found, 1);
    vx32_instance_free(guest);
}

/* The first segment of the linkers' programs begins at the file's start. */
static void program_headers_in_a_segment_are_found(void)
{
    static struct elf_builder elf;
    struct vx32_options options = small_options();
    struct vx32_instance *guest;

    elf_program(&elf, code, sizeof code);
    elf.segments[0].offset = 0;
    elf.segments[0].filesz = elf.segments[0].memsz = 0x200;
    guest = load(&elf, &options);
    check_auxiliary(guest, 3, ELF_CODE_ADDR + 52);
    CHECK_EQ_U64(word(guest, ELF_CODE_ADDR + 52), ELF_SEGMENT_LOAD);
    vx32_instance_free(guest);
}

static void segments_have_their_bytes_zeroes_and_permissions(void)
{
    static struct elf_builder elf;
    struct vx32_options options = small_options();
    struct vx32_instance *guest;

    elf_program(&elf, code, sizeof code);
    elf_add(&elf, DATA_ADDR + 0x10, "data", 4, 0x2000, R | W);
    elf_add(&elf, DATA_ADDR + 0x8000, "only", 4, 4, R);
    guest = load(&elf, &options);
    CHECK_EQ_U64(word(guest, DATA_ADDR + 0x0c), 0);
    CHECK(word(guest, DATA_ADDR + 0x10) == 0x61746164);
    CHECK_EQ_U64(word(guest, DATA_ADDR + 0x14), 0);
    CHECK_EQ_U64(word(guest, DATA_ADDR + 0x2ffc), 0);
    CHECK(vx32_read(guest, DATA_ADDR + 0x3000, &options, 1) == VX32_INVALID_ARGUMENT);
    CHECK(vx32_write(guest, DATA_ADDR, "x", 1) == VX32_OK);
    CHECK(vx32_write(guest, DATA_ADDR + 0x8000, "x", 1) == VX32_INVALID_ARGUMENT);
    CHECK(vx32_write(guest, ELF_CODE_ADDR, "x", 1) == VX32_INVALID_ARGUMENT);
    vx32_instance_free(guest);
}

static void a_segment_without_access_cannot_be_read(void)
{
    static struct elf_builder elf;
    struct vx32_options options = small_options();
    struct vx32_instance *guest;
    uint8_t byte;

    elf_program(&elf, code, sizeof code);
    elf_add(&elf, DATA_ADDR, "data", 4, 4, 0);
    guest = load(&elf, &options);
    CHECK(vx32_read(guest, DATA_ADDR, &byte, 1) == VX32_INVALID_ARGUMENT);
    vx32_instance_free(guest);
}

static void segments_that_share_a_page_keep_both_contents(void)
{
    static struct elf_builder elf;
    struct vx32_options options = small_options();
    struct vx32_instance *guest;

    elf_program(&elf, code, sizeof code);
    elf_add(&elf, DATA_ADDR, "only", 4, 4, R);
    elf_add(&elf, DATA_ADDR + 0x800, "data", 4, 0x1000, R | W);
    guest = load(&elf, &options);
    CHECK(word(guest, DATA_ADDR) == 0x796c6e6f);
    CHECK(word(guest, DATA_ADDR + 0x800) == 0x61746164);
    CHECK(vx32_write(guest, DATA_ADDR, "x", 1) == VX32_OK); /* the page has the union */
    CHECK_EQ_U64(word(guest, DATA_ADDR + 0x17fc), 0);
    vx32_instance_free(guest);
}

static void the_stack_is_mapped_below_the_limit_only(void)
{
    static struct elf_builder elf;
    struct vx32_options options = small_options();
    struct vx32_instance *guest;
    uint8_t byte = 1;

    options.stack_nbytes = 0x4000;
    elf_program(&elf, code, sizeof code);
    guest = load(&elf, &options);
    CHECK(vx32_read(guest, MEMORY_NBYTES - 0x4000, &byte, 1) == VX32_OK);
    CHECK_EQ_U64(byte, 0);
    CHECK(vx32_read(guest, MEMORY_NBYTES - 0x4001, &byte, 1) == VX32_INVALID_ARGUMENT);
    CHECK(vx32_write(guest, MEMORY_NBYTES - 1, &byte, 1) == VX32_OK);
    CHECK(vx32_write(guest, MEMORY_NBYTES, &byte, 1) == VX32_INVALID_ARGUMENT);
    vx32_instance_free(guest);
}

static void a_limit_is_exact(void)
{
    static struct elf_builder elf;
    struct vx32_options options = small_options();
    struct vx32_instance *guest;
    struct vx32_image *image;

    elf_program(&elf, code, sizeof code);
    image = image_of(&elf);
    options.stack_nbytes = 0x4000;
    options.memory_nbytes = ELF_CODE_ADDR + 0x1000 + 0x4000;
    CHECK(vx32_instance_new(image, &options, &guest) == VX32_OK);
    vx32_instance_free(guest);
    options.memory_nbytes -= 0x1000;
    CHECK(vx32_instance_new(image, &options, &guest) == VX32_LIMIT);
    CHECK(guest == NULL);
    options.memory_nbytes = 0x1000;
    CHECK(vx32_instance_new(image, &options, &guest) == VX32_LIMIT);
    vx32_image_free(image);
}

static void too_many_arguments_are_refused(void)
{
    static struct elf_builder elf;
    static char longest[0x1000];
    const char *argv[] = {longest};
    struct vx32_options options = small_options();
    struct vx32_instance *guest;
    struct vx32_image *image;

    memset(longest, 'a', sizeof longest - 1);
    options.argc = 1;
    options.argv = argv;
    options.stack_nbytes = 0x4000;
    elf_program(&elf, code, sizeof code);
    image = image_of(&elf);
    CHECK(vx32_instance_new(image, &options, &guest) == VX32_INVALID_ARGUMENT);
    longest[sizeof longest - 5] = '\0'; /* with its pointer exactly a quarter */
    CHECK(vx32_instance_new(image, &options, &guest) == VX32_OK);
    vx32_instance_free(guest);
    vx32_image_free(image);
}

int main(void)
{
    RUN(registers_start_as_on_linux);
    RUN(arguments_are_on_the_stack_and_the_environment_is_empty);
    RUN(the_stack_pointer_is_aligned_for_every_argument_count);
    RUN(without_arguments_the_name_is_guest);
    RUN(the_auxiliary_vector_tells_what_programs_ask);
    RUN(the_hardware_is_what_cpuid_says);
    RUN(program_headers_in_a_segment_are_found);
    RUN(segments_have_their_bytes_zeroes_and_permissions);
    RUN(a_segment_without_access_cannot_be_read);
    RUN(segments_that_share_a_page_keep_both_contents);
    RUN(the_stack_is_mapped_below_the_limit_only);
    RUN(a_limit_is_exact);
    RUN(too_many_arguments_are_refused);
    return test_report();
}

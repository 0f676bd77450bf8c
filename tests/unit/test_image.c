/* SPDX-License-Identifier: MIT */
/* Which ELF files are accepted, and which fault is named for those that are not. */
#include "support/elf_builder.h"
#include "support/test.h"

#include "vx32.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t code[] = {0xb8, 1, 0, 0, 0, 0xcd, 0x80};

enum {
    CODE_ADDR = ELF_CODE_ADDR,
    DATA_ADDR = 0x20000,
    R = ELF_FLAG_R,
    W = ELF_FLAG_W,
    X = ELF_FLAG_X,
};

/* Two segments, code and data with zeroes behind it: what the linkers make. */
static void good(struct elf_builder *elf)
{
    elf_program(elf, code, sizeof code);
    elf_add(elf, DATA_ADDR, "data", 4, 0x3000, R | W);
}

/* The fault found in what `elf` describes, or "" if it is accepted. */
static const char *fault_in_file(const uint8_t *file, size_t nbytes)
{
    struct vx32_image *image;
    const char *problem = "?";
    /* An exact copy on the heap, so that sanitizers see a byte read behind it. */
    uint8_t *copy = malloc(nbytes > 0 ? nbytes : 1);
    enum vx32_status status;

    memcpy(copy, file, nbytes);
    status = vx32_image_parse(copy, nbytes, &image, &problem);
    free(copy);
    if (status == VX32_BAD_IMAGE)
        return image == NULL ? problem : "an image in spite of a fault";
    if (status != VX32_OK)
        return vx32_status_text(status);
    vx32_image_free(image);
    return problem == NULL ? "" : "a problem in spite of acceptance";
}

static const char *fault_of(struct elf_builder *elf)
{
    size_t nbytes = elf_finish(elf);

    return fault_in_file(elf->file, nbytes);
}

/* ---- one change, one fault ---- */

#define CHANGE(name, statement)                                                                    \
    static void name(struct elf_builder *elf)                                                      \
    {                                                                                              \
        struct elf_segment *text = &elf->segments[0], *data = &elf->segments[1];                   \
                                                                                                   \
        (void)text;                                                                                \
        (void)data;                                                                                \
        statement;                                                                                 \
    }

/* clang-format off */
CHANGE(nothing, (void)elf)
CHANGE(magic_wrong, elf->ident[3] = 'f')
CHANGE(class_none, elf->ident[4] = 0)
CHANGE(class_64, elf->ident[4] = 2)
CHANGE(class_most, elf->ident[4] = 255)
CHANGE(data_none, elf->ident[5] = 0)
CHANGE(data_big_endian, elf->ident[5] = 2)
CHANGE(data_most, elf->ident[5] = 255)
CHANGE(ident_version_0, elf->ident[6] = 0)
CHANGE(ident_version_most, elf->ident[6] = 255)
CHANGE(osabi_linux, elf->ident[7] = 3)
CHANGE(osabi_freebsd, elf->ident[7] = 9)
CHANGE(osabi_most, elf->ident[7] = 255)
CHANGE(padding_set, memset(elf->ident + 8, 0xff, 8))
CHANGE(type_none, elf->type = 0)
CHANGE(type_relocatable, elf->type = 1)
CHANGE(type_shared, elf->type = 3)
CHANGE(type_core, elf->type = 4)
CHANGE(type_most, elf->type = 0xffff)
CHANGE(machine_none, elf->machine = 0)
CHANGE(machine_x86_64, elf->machine = 62)
CHANGE(machine_most, elf->machine = 0xffff)
CHANGE(version_0, elf->version = 0)
CHANGE(version_most, elf->version = UINT32_MAX)
CHANGE(flags_most, elf->flags = UINT32_MAX)
CHANGE(section_offset_most, elf->shoff = UINT32_MAX)
CHANGE(section_count_most, elf->shnum = 0xffff; elf->shentsize = 40)
CHANGE(section_table_hostile, elf->shoff = 52; elf->shnum = 0; elf->shentsize = 40)
CHANGE(section_names_most, elf->shstrndx = 0xffff)
CHANGE(section_entry_size_most, elf->shentsize = 0xffff)
CHANGE(header_size_0, elf->ehsize = 0)
CHANGE(header_size_odd, elf->ehsize = 53)
CHANGE(header_size_most, elf->ehsize = 0xffff)
CHANGE(table_entry_size_0, elf->phentsize = 0)
CHANGE(table_entry_size_of_64_bit, elf->phentsize = 56)
CHANGE(table_entry_size_most, elf->phentsize = 0xffff)
CHANGE(table_empty, elf->phnum = 0)
CHANGE(table_count_65, elf->phnum = 65)
CHANGE(table_count_most, elf->phnum = 0xffff)
CHANGE(table_offset_at_end, elf->phoff = (uint32_t)elf->file_nbytes)
CHANGE(table_offset_one_entry_short, elf->phoff = (uint32_t)elf->file_nbytes - 63)
CHANGE(table_offset_most, elf->phoff = UINT32_MAX)
CHANGE(table_offset_wraps, elf->phoff = UINT32_MAX - 63)
CHANGE(table_offset_unaligned, elf->phoff = 54)
CHANGE(entry_0, elf->entry = 0)
CHANGE(entry_below_text, elf->entry = CODE_ADDR - 1)
CHANGE(entry_behind_text, elf->entry = CODE_ADDR + sizeof code)
CHANGE(entry_last_byte, elf->entry = CODE_ADDR + sizeof code - 1)
CHANGE(entry_in_data, elf->entry = DATA_ADDR)
CHANGE(entry_most, elf->entry = UINT32_MAX)
CHANGE(interpreter, data->type = 3)
CHANGE(dynamic, data->type = 2)
CHANGE(note, data->type = 4)
CHANGE(thread_local, data->type = 7)
CHANGE(executable_stack, data->type = 0x6474e551; data->flags = R | W | X)
CHANGE(type_of_segment_most, data->type = UINT32_MAX)
CHANGE(no_load, text->type = 4; data->type = 4)
CHANGE(offset_at_end, data->offset = (uint32_t)elf->file_nbytes & ~4095u; data->filesz = 4096; data->memsz = 4096)
CHANGE(offset_most, data->offset = 0xfffff000)
CHANGE(offset_wraps, data->offset = 0xfffff000; data->filesz = 0x1000; data->memsz = 0x1000)
CHANGE(file_size_most, data->filesz = UINT32_MAX; data->memsz = UINT32_MAX)
CHANGE(file_size_one_too_many, data->filesz = 5)
CHANGE(file_larger_than_memory, data->memsz = 3)
CHANGE(memory_size_0, data->filesz = 0; data->memsz = 0)
CHANGE(memory_size_most, data->memsz = UINT32_MAX)
CHANGE(memory_wraps, data->vaddr = 0xfffe0000; data->memsz = 0x30000)
CHANGE(memory_to_the_end, data->vaddr = 0xfffe0000; data->memsz = 0x20000)
CHANGE(memory_to_the_highest, data->vaddr = 0xfffe0000; data->memsz = 0x10000)
CHANGE(memory_one_beyond_the_highest, data->vaddr = 0xfffe0000; data->memsz = 0x10001)
CHANGE(address_0, text->vaddr = 0; elf->entry = 0)
CHANGE(address_below_lowest, text->vaddr = 0xf000; elf->entry = 0xf000)
CHANGE(address_reaches_up_from_below, text->vaddr = 0xf000; text->memsz = 0x2000; elf->entry = 0x10000)
CHANGE(address_most, data->vaddr = 0xfffff000)
CHANGE(physical_address_most, data->paddr = UINT32_MAX)
CHANGE(incongruent, data->vaddr += 4)
CHANGE(alignment_0, data->align = 0)
CHANGE(alignment_1, data->align = 1)
CHANGE(alignment_3, data->align = 3)
CHANGE(alignment_most, data->align = UINT32_MAX)
CHANGE(alignment_top_bit, data->align = 0x80000000)
CHANGE(writable_code, text->flags = R | W | X)
CHANGE(write_execute_without_read, text->flags = W | X)
CHANGE(code_not_executable, text->flags = R)
CHANGE(code_without_read, text->flags = X)
CHANGE(data_without_access, data->flags = 0)
CHANGE(data_flags_most_but_execute, data->flags = UINT32_MAX & ~1u)
CHANGE(order_reversed, struct elf_segment first = *text; *text = *data; *data = first)
CHANGE(overlap_equal, *data = *text)
CHANGE(overlap_by_one_byte, text->memsz = DATA_ADDR - CODE_ADDR + 1)
CHANGE(touching, text->memsz = DATA_ADDR - CODE_ADDR)
CHANGE(overlap_contained, text->memsz = 0x100000)
/* clang-format on */

struct change {
    const char *name;
    void (*apply)(struct elf_builder *elf);
    const char *fault; /* "" for an acceptable file */
};

#define TOO_LARGE_IN_FILE "a segment larger in the file than in memory"
#define OUTSIDE           "a segment outside the file"
#define WRAPS             "a segment that wraps around the address space"
#define NO_ENTRY          "entry point outside all segments"
#define ENTRY_NOT_CODE    "entry point in a segment that is not executable"

static const struct change changes[] = {
    {"nothing", nothing, ""},
    {"magic_wrong", magic_wrong, "not an ELF file"},
    {"class_none", class_none, "not a 32-bit ELF file"},
    {"class_64", class_64, "not a 32-bit ELF file"},
    {"class_most", class_most, "not a 32-bit ELF file"},
    {"data_none", data_none, "not a little-endian ELF file"},
    {"data_big_endian", data_big_endian, "not a little-endian ELF file"},
    {"data_most", data_most, "not a little-endian ELF file"},
    {"ident_version_0", ident_version_0, "unknown version of ELF in the identification"},
    {"ident_version_most", ident_version_most, "unknown version of ELF in the identification"},
    {"osabi_linux", osabi_linux, ""},
    {"osabi_freebsd", osabi_freebsd, "made for another operating system"},
    {"osabi_most", osabi_most, "made for another operating system"},
    {"padding_set", padding_set, ""},
    {"type_none", type_none, "not an executable program"},
    {"type_relocatable", type_relocatable, "not an executable program"},
    {"type_shared", type_shared,
     "a shared object or position-independent program, not a static one"},
    {"type_core", type_core, "not an executable program"},
    {"type_most", type_most, "not an executable program"},
    {"machine_none", machine_none, "not for the i386 processor"},
    {"machine_x86_64", machine_x86_64, "not for the i386 processor"},
    {"machine_most", machine_most, "not for the i386 processor"},
    {"version_0", version_0, "unknown version of ELF in the header"},
    {"version_most", version_most, "unknown version of ELF in the header"},
    {"flags_most", flags_most, ""},
    {"section_offset_most", section_offset_most, ""},
    {"section_count_most", section_count_most, ""},
    {"section_table_hostile", section_table_hostile, ""},
    {"section_names_most", section_names_most, ""},
    {"section_entry_size_most", section_entry_size_most, ""},
    {"header_size_0", header_size_0, "wrong size of the ELF header"},
    {"header_size_odd", header_size_odd, "wrong size of the ELF header"},
    {"header_size_most", header_size_most, "wrong size of the ELF header"},
    {"table_entry_size_0", table_entry_size_0, "wrong size of a program header"},
    {"table_entry_size_of_64_bit", table_entry_size_of_64_bit, "wrong size of a program header"},
    {"table_entry_size_most", table_entry_size_most, "wrong size of a program header"},
    {"table_empty", table_empty, "no program headers"},
    {"table_count_65", table_count_65, "too many program headers"},
    {"table_count_most", table_count_most, "too many program headers"},
    {"table_offset_at_end", table_offset_at_end, "program headers outside the file"},
    {"table_offset_one_entry_short", table_offset_one_entry_short,
     "program headers outside the file"},
    {"table_offset_most", table_offset_most, "program headers outside the file"},
    {"table_offset_wraps", table_offset_wraps, "program headers outside the file"},
    {"table_offset_unaligned", table_offset_unaligned, "program headers not aligned"},
    {"entry_0", entry_0, NO_ENTRY},
    {"entry_below_text", entry_below_text, NO_ENTRY},
    {"entry_behind_text", entry_behind_text, NO_ENTRY},
    {"entry_last_byte", entry_last_byte, ""},
    {"entry_in_data", entry_in_data, ENTRY_NOT_CODE},
    {"entry_most", entry_most, NO_ENTRY},
    {"interpreter", interpreter, "a program that needs an interpreter (a dynamic linker)"},
    {"dynamic", dynamic, "a dynamically linked program"},
    {"note", note, ""},
    {"thread_local", thread_local, ""},
    {"executable_stack", executable_stack, ""},
    {"type_of_segment_most", type_of_segment_most, ""},
    {"no_load", no_load, NO_ENTRY},
    {"offset_at_end", offset_at_end, OUTSIDE},
    {"offset_most", offset_most, OUTSIDE},
    {"offset_wraps", offset_wraps, OUTSIDE},
    {"file_size_most", file_size_most, OUTSIDE},
    {"file_size_one_too_many", file_size_one_too_many, OUTSIDE},
    {"file_larger_than_memory", file_larger_than_memory, TOO_LARGE_IN_FILE},
    {"memory_size_0", memory_size_0, ""},
    {"memory_size_most", memory_size_most, WRAPS},
    {"memory_wraps", memory_wraps, WRAPS},
    {"memory_to_the_end", memory_to_the_end, "a segment above the highest address"},
    {"memory_to_the_highest", memory_to_the_highest, ""},
    {"memory_one_beyond_the_highest", memory_one_beyond_the_highest,
     "a segment above the highest address"},
    {"address_0", address_0, "a segment below the lowest address"},
    {"address_below_lowest", address_below_lowest, "a segment below the lowest address"},
    {"address_reaches_up_from_below", address_reaches_up_from_below,
     "a segment below the lowest address"},
    {"address_most", address_most, WRAPS},
    {"physical_address_most", physical_address_most, ""},
    {"incongruent", incongruent, "a segment's address and file offset disagree within a page"},
    {"alignment_0", alignment_0, ""},
    {"alignment_1", alignment_1, ""},
    {"alignment_3", alignment_3, "alignment of a segment is not a power of two"},
    {"alignment_most", alignment_most, "alignment of a segment is not a power of two"},
    {"alignment_top_bit", alignment_top_bit, ""},
    {"writable_code", writable_code, "a segment both writable and executable"},
    {"write_execute_without_read", write_execute_without_read,
     "a segment both writable and executable"},
    {"code_not_executable", code_not_executable, ENTRY_NOT_CODE},
    {"code_without_read", code_without_read, ""},
    {"data_without_access", data_without_access, ""},
    {"data_flags_most_but_execute", data_flags_most_but_execute, ""},
    {"order_reversed", order_reversed, "segments not in ascending order"},
    {"overlap_equal", overlap_equal, "segments that overlap"},
    {"overlap_by_one_byte", overlap_by_one_byte, "segments that overlap"},
    {"touching", touching, ""},
    {"overlap_contained", overlap_contained, "segments that overlap"},
};

static void each_fault_is_named(void)
{
    static struct elf_builder elf;

    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        const char *fault;

        good(&elf);
        changes[i].apply(&elf);
        fault = fault_of(&elf);
        if (strcmp(fault, changes[i].fault) != 0)
            printf("  %s: got \"%s\"\n", changes[i].name, fault);
        CHECK(strcmp(fault, changes[i].fault) == 0);
    }
}

/* ---- pages that segments share ---- */

static void one_page_is_never_writable_and_executable(void)
{
    static struct elf_builder elf;

    elf_program(&elf, code, sizeof code);
    elf_add(&elf, CODE_ADDR + 0x800, "data", 4, 4, R | W);
    CHECK(strcmp(fault_of(&elf), "a page both writable and executable") == 0);
}

static void three_segments_of_one_page_are_seen_together(void)
{
    static struct elf_builder elf;

    elf_program(&elf, code, sizeof code);
    elf_add(&elf, CODE_ADDR + 0x400, "only", 4, 4, R);
    elf_add(&elf, CODE_ADDR + 0x800, "data", 4, 4, R | W);
    CHECK(strcmp(fault_of(&elf), "a page both writable and executable") == 0);
}

static void code_and_constants_may_share_a_page(void)
{
    static struct elf_builder elf;

    elf_program(&elf, code, sizeof code);
    elf_add(&elf, CODE_ADDR + 0x800, "only", 4, 4, R);
    CHECK(strcmp(fault_of(&elf), "") == 0);
}

static void an_empty_segment_takes_no_page(void)
{
    static struct elf_builder elf;

    elf_program(&elf, code, sizeof code);
    elf_add(&elf, CODE_ADDR + 0x800, "", 0, 0, R | W);
    CHECK(strcmp(fault_of(&elf), "") == 0);
}

static void sixty_four_headers_are_accepted(void)
{
    static struct elf_builder elf;

    elf_program(&elf, code, sizeof code);
    for (uint32_t i = 1; i < 64; i++)
        elf_add(&elf, CODE_ADDR + i * 0x1000, "x", 1, 1, R);
    CHECK(strcmp(fault_of(&elf), "") == 0);
    elf_add(&elf, CODE_ADDR + 64 * 0x1000, "x", 1, 1, R);
    CHECK(strcmp(fault_of(&elf), "too many program headers") == 0);
}

/* ---- sizes of the file ---- */

static void every_truncation_is_refused(void)
{
    static struct elf_builder elf;
    size_t nbytes;

    good(&elf);
    nbytes = elf_finish(&elf);
    for (size_t shorter = 0; shorter < nbytes; shorter++)
        CHECK(strcmp(fault_in_file(elf.file, shorter), "") != 0);
    CHECK(strcmp(fault_in_file(elf.file, 0), "too short for an ELF file") == 0);
    CHECK(strcmp(fault_in_file(elf.file, 51), "too short for an ELF file") == 0);
    CHECK(strcmp(fault_in_file(elf.file, 52), "program headers outside the file") == 0);
}

static void a_null_file_is_an_invalid_argument(void)
{
    struct vx32_image *image;

    CHECK(vx32_image_parse(NULL, 1, &image, NULL) == VX32_INVALID_ARGUMENT);
    CHECK(vx32_image_parse(NULL, 0, &image, NULL) == VX32_BAD_IMAGE);
    CHECK(vx32_image_parse(code, sizeof code, NULL, NULL) == VX32_INVALID_ARGUMENT);
}

static void the_entry_is_reported(void)
{
    static struct elf_builder elf;
    struct vx32_image *image;

    good(&elf);
    elf.entry = CODE_ADDR + 5;
    CHECK(vx32_image_parse(elf.file, elf_finish(&elf), &image, NULL) == VX32_OK);
    CHECK_EQ_U64(vx32_image_entry(image), CODE_ADDR + 5);
    vx32_image_free(image);
    vx32_image_free(NULL);
}

static void unaligned_bytes_are_read(void)
{
    static struct elf_builder elf;
    static uint8_t shifted[ELF_MAX_FILE_NBYTES + 1];
    struct vx32_image *image;
    size_t nbytes;

    good(&elf);
    nbytes = elf_finish(&elf);
    memcpy(shifted + 1, elf.file, nbytes);
    CHECK(vx32_image_parse(shifted + 1, nbytes, &image, NULL) == VX32_OK);
    vx32_image_free(image);
}

int main(void)
{
    RUN(each_fault_is_named);
    RUN(one_page_is_never_writable_and_executable);
    RUN(three_segments_of_one_page_are_seen_together);
    RUN(code_and_constants_may_share_a_page);
    RUN(an_empty_segment_takes_no_page);
    RUN(sixty_four_headers_are_accepted);
    RUN(every_truncation_is_refused);
    RUN(a_null_file_is_an_invalid_argument);
    RUN(the_entry_is_reported);
    RUN(unaligned_bytes_are_read);
    return test_report();
}

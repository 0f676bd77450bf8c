/* SPDX-License-Identifier: MIT */
/* Builds small ELF files in memory, good ones and ones with any field wrong. */
#ifndef TESTS_ELF_BUILDER_H
#define TESTS_ELF_BUILDER_H

#include <stddef.h>
#include <stdint.h>

enum {
    ELF_HEADER_NBYTES = 52,
    ELF_PROGRAM_HEADER_NBYTES = 32,
    ELF_MAX_SEGMENTS = 72,
    ELF_MAX_FILE_NBYTES = 1 << 19,

    ELF_TYPE_EXEC = 2,
    ELF_MACHINE_386 = 3,
    ELF_SEGMENT_LOAD = 1,
    ELF_FLAG_X = 1,
    ELF_FLAG_W = 2,
    ELF_FLAG_R = 4,
};

/* A program header, in the order of its fields. */
struct elf_segment {
    uint32_t type, offset, vaddr, paddr, filesz, memsz, flags, align;
};

/*
 * Every field may be changed until elf_finish(), which writes them as they are: the contents were
 * placed when they were added.
 */
struct elf_builder {
    uint8_t ident[16];
    uint16_t type, machine;
    uint32_t version, entry, phoff, shoff, flags;
    uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
    struct elf_segment segments[ELF_MAX_SEGMENTS];
    uint32_t segment_count;
    size_t file_nbytes;
    uint8_t file[ELF_MAX_FILE_NBYTES];
};

/* An acceptable header, and nothing behind it. */
void elf_start(struct elf_builder *elf);

/*
 * Adds a PT_LOAD segment of `nbytes` contents and `memory_nbytes` in memory, with its contents at a
 * fitting place of the file, and counts it in phnum.
 */
struct elf_segment *elf_add(struct elf_builder *elf, uint32_t vaddr, const void *bytes,
                            uint32_t nbytes, uint32_t memory_nbytes, uint32_t flags);

/* Writes header and program headers into elf->file; returns the file's size. */
size_t elf_finish(struct elf_builder *elf);

/* A program of one executable segment at ELF_CODE_ADDR, entered at its first byte. */
#define ELF_CODE_ADDR 0x10000u
void elf_program(struct elf_builder *elf, const void *code, uint32_t nbytes);

#endif

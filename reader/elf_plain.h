/* SPDX-License-Identifier: MIT */
/* As much of libelf's interface as the sandbox uses, for hosts without that library. */
#ifndef VXA_READER_ELF_PLAIN_H
#define VXA_READER_ELF_PLAIN_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

typedef uint32_t Elf32_Word;
typedef struct {
    uint8_t e_ident[16];
    uint16_t e_type, e_machine;
    uint32_t e_version, e_entry, e_phoff, e_shoff, e_flags;
    uint16_t e_ehsize, e_phentsize, e_phnum, e_shentsize, e_shnum, e_shstrndx;
} Elf32_Ehdr;
typedef struct {
    uint32_t p_type, p_offset, p_vaddr, p_paddr, p_filesz, p_memsz, p_flags, p_align;
} Elf32_Phdr;
typedef struct elf_plain Elf;

#define ELFMAG "\177ELF"
enum { SELFMAG = 4, EI_CLASS = 4, EI_DATA = 5, EI_VERSION = 6, EI_OSABI = 7 };
enum { ELFCLASS32 = 1, ELFDATA2LSB = 1, EV_NONE = 0, EV_CURRENT = 1 };
enum { ELFOSABI_NONE = 0, ELFOSABI_LINUX = 3, EM_386 = 3, ET_EXEC = 2, ET_DYN = 3 };
enum { PT_LOAD = 1, PT_DYNAMIC = 2, PT_INTERP = 3, PF_X = 1, PF_W = 2, PF_R = 4 };

unsigned elf_version(unsigned version);
Elf *elf_memory(char *file, size_t nbytes);
int elf_end(Elf *elf);
Elf32_Ehdr *elf32_getehdr(Elf *elf);
Elf32_Phdr *elf32_getphdr(Elf *elf);

#endif

/* SPDX-License-Identifier: MIT */
/* Reads the header and the program headers of little-endian 32-bit ELF files, on any host. */
#include "elf_plain.h"

#include <string.h>

struct elf_plain {
    const uint8_t *file;
    size_t nbytes;
    Elf32_Ehdr header;
    Elf32_Phdr *table;
};

static uint16_t half_at(const uint8_t *p)
{
    return (uint16_t)(p[0] | p[1] << 8);
}

static uint32_t word_at(const uint8_t *p)
{
    return (uint32_t)half_at(p) | (uint32_t)half_at(p + 2) << 16;
}

unsigned elf_version(unsigned version)
{
    return version;
}

/* The caller has seen that there is a whole header, and its identification. */
Elf *elf_memory(char *file, size_t nbytes)
{
    const uint8_t *p = (const uint8_t *)file;
    Elf *elf = calloc(1, sizeof *elf);

    if (elf == NULL || nbytes < sizeof elf->header) {
        free(elf);
        return NULL;
    }
    elf->file = p;
    elf->nbytes = nbytes;
    memcpy(elf->header.e_ident, p, sizeof elf->header.e_ident);
    elf->header.e_type = half_at(p + 16);
    elf->header.e_machine = half_at(p + 18);
    elf->header.e_version = word_at(p + 20);
    elf->header.e_entry = word_at(p + 24);
    elf->header.e_phoff = word_at(p + 28);
    elf->header.e_ehsize = half_at(p + 40);
    elf->header.e_phentsize = half_at(p + 42);
    elf->header.e_phnum = half_at(p + 44);
    return elf;
}

int elf_end(Elf *elf)
{
    free(elf->table);
    free(elf);
    return 0;
}

Elf32_Ehdr *elf32_getehdr(Elf *elf)
{
    return &elf->header;
}

/* NULL: they do not lie in the file, or there is no memory. */
Elf32_Phdr *elf32_getphdr(Elf *elf)
{
    size_t count = elf->header.e_phnum, off = elf->header.e_phoff;

    if (off > elf->nbytes || count * sizeof(Elf32_Phdr) > elf->nbytes - off)
        return NULL;
    if (elf->table == NULL)
        elf->table = calloc(count + 1, sizeof *elf->table);
    for (size_t i = 0; elf->table != NULL && i < count; i++) {
        const uint8_t *p = elf->file + off + i * sizeof(Elf32_Phdr);
        Elf32_Phdr *header = &elf->table[i];

        header->p_type = word_at(p);
        header->p_offset = word_at(p + 4);
        header->p_vaddr = word_at(p + 8);
        header->p_paddr = word_at(p + 12);
        header->p_filesz = word_at(p + 16);
        header->p_memsz = word_at(p + 20);
        header->p_flags = word_at(p + 24);
        header->p_align = word_at(p + 28);
    }
    return elf->table;
}

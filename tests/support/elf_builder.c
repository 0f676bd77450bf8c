/* SPDX-License-Identifier: MIT */
/* Knows where the fields of ELF32 lie. */
#include "elf_builder.h"

#include <stdlib.h>
#include <string.h>

enum { PAGE_NBYTES = 4096, TABLE_OFF = ELF_HEADER_NBYTES };

static uint8_t *put16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)value;
    at[1] = (uint8_t)(value >> 8);
    return at + 2;
}

static uint8_t *put32(uint8_t *at, uint32_t value)
{
    return put16(put16(at, (uint16_t)value), (uint16_t)(value >> 16));
}

void elf_start(struct elf_builder *elf)
{
    static const uint8_t ident[16] = {0x7f, 'E', 'L', 'F', 1, 1, 1};

    memset(elf, 0, sizeof *elf);
    memcpy(elf->ident, ident, sizeof ident);
    elf->type = ELF_TYPE_EXEC;
    elf->machine = ELF_MACHINE_386;
    elf->version = 1;
    elf->phoff = TABLE_OFF;
    elf->ehsize = ELF_HEADER_NBYTES;
    elf->phentsize = ELF_PROGRAM_HEADER_NBYTES;
    elf->file_nbytes = TABLE_OFF + ELF_MAX_SEGMENTS * ELF_PROGRAM_HEADER_NBYTES;
}

struct elf_segment *elf_add(struct elf_builder *elf, uint32_t vaddr, const void *bytes,
                            uint32_t nbytes, uint32_t memory_nbytes, uint32_t flags)
{
    size_t off = elf->file_nbytes + (vaddr - elf->file_nbytes) % PAGE_NBYTES;
    struct elf_segment *segment = &elf->segments[elf->segment_count];

    if (elf->segment_count >= ELF_MAX_SEGMENTS || off + nbytes > ELF_MAX_FILE_NBYTES)
        abort();
    *segment = (struct elf_segment){
        .type = ELF_SEGMENT_LOAD,
        .offset = (uint32_t)off,
        .vaddr = vaddr,
        .paddr = vaddr,
        .filesz = nbytes,
        .memsz = memory_nbytes,
        .flags = flags,
        .align = PAGE_NBYTES,
    };
    if (nbytes > 0)
        memcpy(elf->file + off, bytes, nbytes);
    elf->file_nbytes = off + nbytes;
    elf->segment_count++;
    elf->phnum++;
    return segment;
}

size_t elf_finish(struct elf_builder *elf)
{
    uint8_t *at = elf->file;

    memcpy(at, elf->ident, sizeof elf->ident);
    at = put16(put16(at + sizeof elf->ident, elf->type), elf->machine);
    at = put32(put32(put32(at, elf->version), elf->entry), elf->phoff);
    at = put32(put32(at, elf->shoff), elf->flags);
    at = put16(put16(put16(at, elf->ehsize), elf->phentsize), elf->phnum);
    at = put16(put16(put16(at, elf->shentsize), elf->shnum), elf->shstrndx);
    for (uint32_t i = 0; i < elf->segment_count; i++) {
        const struct elf_segment *segment = &elf->segments[i];

        at = put32(put32(at, segment->type), segment->offset);
        at = put32(put32(at, segment->vaddr), segment->paddr);
        at = put32(put32(at, segment->filesz), segment->memsz);
        at = put32(put32(at, segment->flags), segment->align);
    }
    return elf->file_nbytes;
}

void elf_program(struct elf_builder *elf, const void *code, uint32_t nbytes)
{
    elf_start(elf);
    elf_add(elf, ELF_CODE_ADDR, code, nbytes, nbytes, ELF_FLAG_R | ELF_FLAG_X);
    elf->entry = ELF_CODE_ADDR;
}

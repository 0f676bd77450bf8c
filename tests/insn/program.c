/* SPDX-License-Identifier: MIT */
/* Lays out the cases as a static i386 program. */
#include "machine.h"

#include <elf.h>
#include <endian.h>
#include <stdlib.h>
#include <string.h>

enum { SEGMENT_COUNT = 4, GS_SETUP_OFFSET = 64, CALL_OFFSET = 128, TOO_LONG_OFFSET = 192 };

/* mov eax, 243; mov ebx, DATA_ADDR; int 80h; mov eax, 63h; mov gs, ax; int3 */
static const uint8_t gs_setup[] = {0xb8, 0xf3, 0,    0,    0, 0xbb, 0, 0,    0,    9,
                                   0xcd, 0x80, 0xb8, 0x63, 0, 0,    0, 0x8e, 0xe8, 0xcc};

uint32_t program_gs_setup_addr(void)
{
    return TEXT_ADDR + GS_SETUP_OFFSET;
}

uint32_t program_call_addr(void)
{
    return TEXT_ADDR + CALL_OFFSET;
}

void program_put_thread_area(uint8_t *data)
{
    /* entry -1: any; base; limit in pages; a usable 32-bit data segment */
    const uint32_t words[4] = {UINT32_MAX, GS_BASE_ADDR, 0xfffff, 0x51};

    for (size_t i = 0; i < 16; i++)
        data[i] = (uint8_t)(words[i / 4] >> i % 4 * 8);
}

const char *fault_text(enum fault fault)
{
    static const char *const texts[] = {"completed", "#DE", "#UD", "#GP, #OF or #BR",
                                        "#PF",       "#MF", "#XM", "another fault"};

    return texts[fault];
}

static size_t text_nbytes(const struct program *program)
{
    size_t nbytes = PAGE_NBYTES + program->case_count * CASE_SLOT_NBYTES;

    return (nbytes + PAGE_NBYTES - 1) / PAGE_NBYTES * PAGE_NBYTES;
}

uint32_t program_text_end(const struct program *program)
{
    return (uint32_t)(TEXT_ADDR + text_nbytes(program));
}

uint32_t program_unfetchable_addr(const struct program *program, unsigned n, enum fault *fault,
                                  uint32_t *fault_addr)
{
    uint32_t end = program_text_end(program);
    const uint32_t addrs[] = {end - 2, end, DATA_ADDR + 0x100, CONST_ADDR + 0x100,
                              TEXT_ADDR + TOO_LONG_OFFSET};
    const uint32_t fault_addrs[] = {end, end, DATA_ADDR + 0x100, CONST_ADDR + 0x100, 0};

    if (n >= sizeof addrs / sizeof addrs[0])
        return 0;
    *fault = n == 4 ? FAULT_GENERAL : FAULT_PAGE;
    *fault_addr = fault_addrs[n];
    return addrs[n];
}

static void put_header(uint8_t *elf, const Elf32_Phdr *segments)
{
    Elf32_Ehdr header = {
        .e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS32, ELFDATA2LSB, EV_CURRENT},
        .e_type = htole16(ET_EXEC),
        .e_machine = htole16(EM_386),
        .e_version = htole32(EV_CURRENT),
        .e_entry = htole32(TEXT_ADDR),
        .e_phoff = htole32(sizeof header),
        .e_ehsize = htole16(sizeof header),
        .e_phentsize = htole16(sizeof(Elf32_Phdr)),
        .e_phnum = htole16(SEGMENT_COUNT),
    };

    memcpy(elf, &header, sizeof header);
    memcpy(elf + sizeof header, segments, SEGMENT_COUNT * sizeof *segments);
}

static Elf32_Phdr segment(size_t offset, uint32_t addr, size_t nbytes, uint32_t flags)
{
    return (Elf32_Phdr){
        .p_type = htole32(PT_LOAD),
        .p_offset = htole32((uint32_t)offset),
        .p_vaddr = htole32(addr),
        .p_paddr = htole32(addr),
        .p_filesz = htole32((uint32_t)nbytes),
        .p_memsz = htole32((uint32_t)nbytes),
        .p_flags = htole32(flags),
        .p_align = htole32(PAGE_NBYTES),
    };
}

static void put_text(const struct program *program, uint8_t *text)
{
    memset(text, BREAKPOINT, text_nbytes(program));
    memcpy(text + GS_SETUP_OFFSET, gs_setup, sizeof gs_setup);
    memset(text + TOO_LONG_OFFSET, 0x66, VX_INSN_MAX_NBYTES);
    memcpy(text + text_nbytes(program) - 2, (const uint8_t[]){0xb8, 0x01}, 2); /* mov eax, ... */
    memcpy(text + CALL_OFFSET, (const uint8_t[]){0xcd, 0x80}, 2);
    for (size_t i = 0; i < program->case_count; i++) {
        const struct test_case *c = &program->cases[i];

        memcpy(text + (c->insn.addr - TEXT_ADDR), c->bytes, c->insn.nbytes);
    }
}

bool program_link(struct program *program)
{
    size_t text_off = PAGE_NBYTES, data_off = text_off + text_nbytes(program);
    size_t const_off = data_off + DATA_NBYTES;
    const Elf32_Phdr segments[SEGMENT_COUNT] = {
        segment(text_off, TEXT_ADDR, text_nbytes(program), PF_R | PF_X),
        segment(data_off, DATA_ADDR, DATA_NBYTES, PF_R | PF_W),
        segment(const_off, CONST_ADDR, CONST_NBYTES, PF_R),
        {.p_type = htole32(PT_GNU_STACK),
         .p_flags = htole32(PF_R | PF_W)}, /* else all memory is executable */
    };

    program->elf_nbytes = const_off + CONST_NBYTES;
    program->elf = calloc(1, program->elf_nbytes);
    if (program->elf == NULL || text_nbytes(program) > TEXT_MAX_NBYTES)
        return false;
    put_header(program->elf, segments);
    put_text(program, program->elf + text_off);
    for (uint32_t i = 0; i < CONST_NBYTES; i++)
        program->elf[const_off + i] = const_byte(i);
    return true;
}

void program_free(struct program *program)
{
    free(program->cases);
    free(program->elf);
    *program = (struct program){.cases = NULL};
}

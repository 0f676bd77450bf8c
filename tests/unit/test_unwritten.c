/* SPDX-License-Identifier: MIT */
/* That the strict engine stops, if asked, at reads of stack or heap that was never written to. */
#include "support/elf_builder.h"
#include "support/test.h"

#include "vx32.h"
#include "vx32_abi.h"

#include <stdlib.h>
#include <string.h>

enum { CODE_MAX_NBYTES = 64, BODY_MAX_NBYTES = 48 };

/* Programs; where they stop, as an offset of eip and, relative to esp, the address. */
struct sample {
    const char *name;
    uint8_t nbytes, code[BODY_MAX_NBYTES];
    uint8_t eip_off;
    int addr_off;
};

#define SAMPLE(name, eip_off, addr_off, ...)                                                       \
    {                                                                                              \
        name, sizeof((uint8_t[]){__VA_ARGS__}), {__VA_ARGS__}, eip_off, addr_off                   \
    }

static const struct sample stopped[] = {
    SAMPLE("mov eax, [esp-8]", 0, -8, 0x8b, 0x44, 0x24, 0xf8),
    SAMPLE("mov byte [esp-8], 1; mov eax, [esp-8]", 5, -7, 0xc6, 0x44, 0x24, 0xf8, 1, 0x8b, 0x44,
           0x24, 0xf8),
    SAMPLE("mov [esp-5000], eax; mov al, [esp-4996]", 7, -4996, 0x89, 0x84, 0x24, 0x78, 0xec, 0xff,
           0xff, 0x8a, 0x84, 0x24, 0x7c, 0xec, 0xff, 0xff),
    SAMPLE("movzx eax, byte [esp-8]", 0, -8, 0x0f, 0xb6, 0x44, 0x24, 0xf8),
    SAMPLE("cmp byte [esp-8], 0", 0, -8, 0x80, 0x7c, 0x24, 0xf8, 0x00),
    SAMPLE("add [esp-8], eax", 0, -8, 0x01, 0x44, 0x24, 0xf8),
    SAMPLE("xchg [esp-8], eax", 0, -8, 0x87, 0x44, 0x24, 0xf8),
    SAMPLE("cmove eax, [esp-8]", 0, -8, 0x0f, 0x44, 0x44, 0x24, 0xf8),
    SAMPLE("bt dword [esp-8], 3", 0, -8, 0x0f, 0xba, 0x64, 0x24, 0xf8, 0x03),
    SAMPLE("mov [esp-8], eax; bound eax, [esp-8]", 4, -4, 0x89, 0x44, 0x24, 0xf8, 0x62, 0x44, 0x24,
           0xf8),
    SAMPLE("jmp [esp-8]", 0, -8, 0xff, 0x64, 0x24, 0xf8),
    SAMPLE("push dword [esp-8]", 0, -8, 0xff, 0x74, 0x24, 0xf8),
    SAMPLE("sub esp, 8; pop eax", 3, -8, 0x83, 0xec, 0x08, 0x58),
    SAMPLE("sub esp, 8; popf", 3, -8, 0x83, 0xec, 0x08, 0x9d),
    SAMPLE("mov [esp-32], eax; sub esp, 32; popa", 7, -28, 0x89, 0x44, 0x24, 0xe0, 0x83, 0xec, 0x20,
           0x61),
    SAMPLE("sub esp, 4; ret", 3, -4, 0x83, 0xec, 0x04, 0xc3),
    SAMPLE("lea ebp, [esp-16]; leave", 4, -16, 0x8d, 0x6c, 0x24, 0xf0, 0xc9),
    SAMPLE("enter 16, 0; mov eax, [ebp-4]", 4, -8, 0xc8, 0x10, 0x00, 0x00, 0x8b, 0x45, 0xfc),
    SAMPLE("lea esi, [esp-8]; lodsb", 4, -8, 0x8d, 0x74, 0x24, 0xf8, 0xac),
    SAMPLE("lea edi, [esp-8]; scasb", 4, -8, 0x8d, 0x7c, 0x24, 0xf8, 0xae),
    SAMPLE("mov esi, esp; lea edi, [esp-8]; cmpsb", 6, -8, 0x89, 0xe6, 0x8d, 0x7c, 0x24, 0xf8,
           0xa6),
    SAMPLE("lea esi, [esp-8]; mov edi, esp; cmpsb", 6, -8, 0x8d, 0x74, 0x24, 0xf8, 0x89, 0xe7,
           0xa6),
    SAMPLE("lea ebx, [esp-8]; mov al, 2; xlat", 6, -6, 0x8d, 0x5c, 0x24, 0xf8, 0xb0, 0x02, 0xd7),
    SAMPLE("fld dword [esp-8]", 0, -8, 0xd9, 0x44, 0x24, 0xf8),
    SAMPLE("fldcw [esp-8]", 0, -8, 0xd9, 0x6c, 0x24, 0xf8),
    SAMPLE("addss xmm0, [esp-8]", 0, -8, 0xf3, 0x0f, 0x58, 0x44, 0x24, 0xf8),
    SAMPLE("paddd xmm0, [esp-32]", 0, -32, 0x66, 0x0f, 0xfe, 0x44, 0x24, 0xe0),
    SAMPLE("write(1, esp-8, 4)", 16, -8, 0xb8, 4, 0, 0, 0, 0x31, 0xdb, 0x43, 0x8d, 0x4c, 0x24, 0xf8,
           0x6a, 0x04, 0x5a, 0x90, 0xcd, 0x80),
    /* moved, but not yet read: from esp-16, which was never written to, to esp */
    SAMPLE("lea esi, [esp-16]; mov edi, esp; mov [esi-32], eax; lea edi, [esi-32]; movsb; "
           "mov al, [esi-33]",
           13, -48, 0x8d, 0x74, 0x24, 0xf0, 0x89, 0xe7, 0x89, 0x46, 0xe0, 0x8d, 0x7e, 0xe0, 0xa4,
           0x8a, 0x46, 0xdf),
};

static const struct sample passed[] = {
    SAMPLE("mov eax, [esp]", 0, 0, 0x8b, 0x04, 0x24),
    SAMPLE("mov [esp-8], eax; mov eax, [esp-8]", 0, 0, 0x89, 0x44, 0x24, 0xf8, 0x8b, 0x44, 0x24,
           0xf8),
    SAMPLE("push eax; pop ebx", 0, 0, 0x50, 0x5b),
    SAMPLE("push dword [esp]; pop dword [esp-8]; mov eax, [esp-8]", 0, 0, 0xff, 0x34, 0x24, 0x8f,
           0x44, 0x24, 0xf8, 0x8b, 0x44, 0x24, 0xf8),
    SAMPLE("pusha; popa", 0, 0, 0x60, 0x61),
    SAMPLE("pushf; popf", 0, 0, 0x9c, 0x9d),
    SAMPLE("call next; pop eax", 0, 0, 0xe8, 0, 0, 0, 0, 0x58),
    SAMPLE("enter 16, 0; leave", 0, 0, 0xc8, 0x10, 0x00, 0x00, 0xc9),
    SAMPLE("lea eax, [esp-8]", 0, 0, 0x8d, 0x44, 0x24, 0xf8),
    SAMPLE("nop [esp-8]", 0, 0, 0x0f, 0x1f, 0x44, 0x24, 0xf8),
    SAMPLE("prefetcht0 [esp-8]", 0, 0, 0x0f, 0x18, 0x4c, 0x24, 0xf8),
    SAMPLE("sete [esp-8]; cmp byte [esp-8], 0", 0, 0, 0x0f, 0x94, 0x44, 0x24, 0xf8, 0x80, 0x7c,
           0x24, 0xf8, 0x00),
    SAMPLE("fldz; fstp qword [esp-8]; fld qword [esp-8]", 0, 0, 0xd9, 0xee, 0xdd, 0x5c, 0x24, 0xf8,
           0xdd, 0x44, 0x24, 0xf8),
    SAMPLE("fnstcw [esp-8]; fldcw [esp-8]", 0, 0, 0xd9, 0x7c, 0x24, 0xf8, 0xd9, 0x6c, 0x24, 0xf8),
    SAMPLE("movups [esp-40], xmm0; mov eax, [esp-28]", 0, 0, 0x0f, 0x11, 0x44, 0x24, 0xd8, 0x8b,
           0x44, 0x24, 0xe4),
    SAMPLE("movups xmm0, [esp-40]", 0, 0, 0x0f, 0x10, 0x44, 0x24, 0xd8),
    SAMPLE("lea edi, [esp-8]; stosd; mov eax, [esp-8]", 0, 0, 0x8d, 0x7c, 0x24, 0xf8, 0xab, 0x8b,
           0x44, 0x24, 0xf8),
    SAMPLE("mov ecx, 5; lea edi, [esp-8]; rep stosb; mov al, [esp-4]", 0, 0, 0xb9, 5, 0, 0, 0, 0x8d,
           0x7c, 0x24, 0xf8, 0xf3, 0xaa, 0x8a, 0x44, 0x24, 0xfc),
    SAMPLE("lea esi, [esp-8]; xor ecx, ecx; rep lodsb", 0, 0, 0x8d, 0x74, 0x24, 0xf8, 0x31, 0xc9,
           0xf3, 0xac),
    SAMPLE("mov esi, esp; lea edi, [esp-8]; movsd; mov eax, [esp-8]", 0, 0, 0x89, 0xe6, 0x8d, 0x7c,
           0x24, 0xf8, 0xa5, 0x8b, 0x44, 0x24, 0xf8),
    SAMPLE("bts [esp-8], eax, a bit string", 0, 0, 0x0f, 0xab, 0x44, 0x24, 0xf8),
    /* brk up by a page; mmap2 of that page with MAP_FIXED; mov eax, [eax] */
    SAMPLE("what is mapped over the heap is zero", 0, 0, 0x6a, 45, 0x58, 0x31, 0xdb, 0xcd, 0x80,
           0x89, 0xc6, 0x8d, 0x98, 0, 16, 0, 0, 0x6a, 45, 0x58, 0xcd, 0x80, 0x89, 0xf3, 0xb9, 0, 16,
           0, 0, 0x6a, 3, 0x5a, 0x6a, 0x32, 0x5e, 0xb8, 192, 0, 0, 0, 0xcd, 0x80, 0x8b, 0x00),
    /* mmap2(0, 4096, read and write, private and anonymous); mov eax, [eax] */
    SAMPLE("what is mapped is zero", 0, 0, 0xb8, 192, 0, 0, 0, 0x31, 0xdb, 0xb9, 0, 16, 0, 0, 0x6a,
           3, 0x5a, 0x6a, 34, 0x5e, 0xcd, 0x80, 0x8b, 0x00),
};

/* mov eax, 1; xor ebx, ebx; int 80h */
static const uint8_t epilogue[] = {0xb8, 1, 0, 0, 0, 0x31, 0xdb, 0xcd, 0x80};

static struct vx32_instance *guest_of(const uint8_t *body, size_t nbytes, bool trap_unwritten)
{
    static struct elf_builder elf;
    const struct vx32_options options = {.struct_nbytes = sizeof options,
                                         .engine = VX32_ENGINE_STRICT,
                                         .trap_unwritten = trap_unwritten};
    uint8_t code[CODE_MAX_NBYTES];
    struct vx32_image *image = NULL;
    struct vx32_instance *guest = NULL;

    memcpy(code, body, nbytes);
    memcpy(code + nbytes, epilogue, sizeof epilogue);
    elf_program(&elf, code, (uint32_t)(nbytes + sizeof epilogue));
    CHECK(vx32_image_parse(elf.file, elf_finish(&elf), &image, NULL) == VX32_OK);
    CHECK(vx32_instance_new(image, &options, &guest) == VX32_OK);
    vx32_image_free(image);
    if (guest == NULL)
        abort();
    return guest;
}

static vx32_addr esp_of(const struct vx32_instance *guest)
{
    struct vx32_registers registers;

    vx32_registers_get(guest, &registers);
    return registers.general[VX32_ESP];
}

static bool is_trap(const struct vx32_exit *exit)
{
    return exit->reason == VX32_EXIT_TRAP && exit->trap == VX32_TRAP_UNWRITTEN_MEMORY;
}

static void check_stopped(const struct sample *sample)
{
    struct vx32_instance *guest = guest_of(sample->code, sample->nbytes, true);
    vx32_addr addr = esp_of(guest) + (vx32_addr)sample->addr_off;
    struct vx32_exit exit;
    bool good;

    vx32_run(guest, &exit);
    good = is_trap(&exit) && exit.eip == ELF_CODE_ADDR + sample->eip_off &&
           exit.fault_addr == addr && exit.access == VX32_ACCESS_READ;
    if (!good)
        printf("%s: reason %d, trap %d at %x, address %x and not %x\n", sample->name,
               (int)exit.reason, (int)exit.trap, (unsigned)exit.eip, (unsigned)exit.fault_addr,
               (unsigned)addr);
    CHECK(good);
    vx32_instance_free(guest);
}

static void every_kind_of_read_stops_with_its_instruction_and_its_byte(void)
{
    for (size_t i = 0; i < sizeof stopped / sizeof stopped[0]; i++)
        check_stopped(&stopped[i]);
}

static void what_was_written_or_is_only_moved_passes(void)
{
    for (size_t i = 0; i < sizeof passed / sizeof passed[0]; i++) {
        struct vx32_instance *guest = guest_of(passed[i].code, passed[i].nbytes, true);
        struct vx32_exit exit;

        vx32_run(guest, &exit);
        if (exit.reason != VX32_EXIT_EXITED)
            printf("%s: trap %d at %x\n", passed[i].name, (int)exit.trap, (unsigned)exit.eip);
        CHECK(exit.reason == VX32_EXIT_EXITED);
        vx32_instance_free(guest);
    }
}

static void nothing_stops_unless_it_is_asked_for(void)
{
    struct vx32_instance *guest = guest_of(stopped[0].code, stopped[0].nbytes, false);
    struct vx32_exit exit;

    vx32_run(guest, &exit);
    CHECK(exit.reason == VX32_EXIT_EXITED);
    vx32_instance_free(guest);
}

static void other_engines_cannot_be_asked(void)
{
    static struct elf_builder elf;
    const struct vx32_options options = {
        .struct_nbytes = sizeof options, .engine = VX32_ENGINE_AUTO, .trap_unwritten = true};
    struct vx32_image *image = NULL;
    struct vx32_instance *guest = NULL;

    elf_program(&elf, epilogue, sizeof epilogue);
    CHECK(vx32_image_parse(elf.file, elf_finish(&elf), &image, NULL) == VX32_OK);
    CHECK(vx32_instance_new(image, &options, &guest) == VX32_INVALID_ARGUMENT);
    vx32_image_free(image);
}

/*
 * The break is asked for, moved up by a page, one byte is written, moved down and up again:
 *   mov eax, 45; xor ebx, ebx; int 80h; mov esi, eax; lea ebx, [eax+4096]; mov al, 45 ...
 */
static void the_heap_is_unwritten_when_it_is_new_and_when_it_is_new_again(void)
{
    static const uint8_t code[] = {
        0xb8, 45,   0,    0,    0,    0x31, 0xdb, 0xcd, 0x80, /* brk(0) */
        0x89, 0xc6, 0x8d, 0x98, 0,    0x10, 0,    0,          /* esi = it, ebx = it + 4096 */
        0x6a, 45,   0x58, 0xcd, 0x80, 0x88, 0x06,             /* brk(ebx), mov [esi], al */
        0x8a, 0x06, 0x87, 0xf3, 0x6a, 45,   0x58, 0xcd, 0x80, /* mov al, [esi]; brk(esi) */
        0x87, 0xf3, 0x6a, 45,   0x58, 0xcd, 0x80, 0x8a, 0x06, /* brk up again; mov al, [esi] */
    };
    struct vx32_instance *guest = guest_of(code, sizeof code, true);
    struct vx32_exit exit;

    vx32_run(guest, &exit);
    CHECK(is_trap(&exit));
    CHECK_EQ_U64(exit.eip, ELF_CODE_ADDR + sizeof code - 2);
    CHECK_EQ_U64(exit.fault_addr, ELF_CODE_ADDR + VX32_PAGE_NBYTES);
    vx32_instance_free(guest);
}

/* read(0, esp-8, 4), of which the host gives two; movzx eax, word [esp-8]; mov eax, [esp-8] */
static void input_counts_as_written_as_far_as_it_goes(void)
{
    static const uint8_t code[] = {0xb8, 3,    0,    0,    0,    0x31, 0xdb, 0x8d, 0x4c,
                                   0x24, 0xf8, 0x6a, 0x04, 0x5a, 0xcd, 0x80, 0x0f, 0xb7,
                                   0x44, 0x24, 0xf8, 0x8b, 0x44, 0x24, 0xf8};
    struct vx32_instance *guest = guest_of(code, sizeof code, true);
    vx32_addr esp = esp_of(guest);
    struct vx32_exit exit;

    vx32_run(guest, &exit);
    CHECK(exit.reason == VX32_EXIT_NEED_INPUT);
    CHECK(vx32_complete(guest, 2) == VX32_OK);
    vx32_run(guest, &exit);
    CHECK(is_trap(&exit));
    CHECK_EQ_U64(exit.eip, ELF_CODE_ADDR + sizeof code - 4);
    /* push left a word at esp - 4 to esp - 1 */
    CHECK_EQ_U64(exit.fault_addr, esp - 6);
    vx32_instance_free(guest);
}

static void what_the_host_writes_counts_until_a_reset(void)
{
    struct vx32_instance *guest = guest_of(stopped[0].code, stopped[0].nbytes, true);
    vx32_addr esp = esp_of(guest);
    struct vx32_exit exit;

    for (int round = 0; round < 3; round++) {
        CHECK(vx32_write(guest, esp - 8, "four", 4) == VX32_OK);
        vx32_run(guest, &exit);
        CHECK(exit.reason == VX32_EXIT_EXITED);
        CHECK(vx32_reset(guest) == VX32_OK);
        vx32_run(guest, &exit);
        CHECK(is_trap(&exit));
        CHECK(vx32_reset(guest) == VX32_OK);
    }
    vx32_instance_free(guest);
}

static void what_is_not_mapped_faults_as_elsewhere(void)
{
    static const uint8_t code[] = {0xa1, 0, 0, 0, 0}; /* mov eax, [0] */
    struct vx32_instance *guest = guest_of(code, sizeof code, true);
    struct vx32_exit exit;

    vx32_run(guest, &exit);
    CHECK(exit.reason == VX32_EXIT_TRAP && exit.trap == VX32_TRAP_PAGE_FAULT);
    vx32_instance_free(guest);
}

int main(void)
{
    RUN(every_kind_of_read_stops_with_its_instruction_and_its_byte);
    RUN(what_was_written_or_is_only_moved_passes);
    RUN(nothing_stops_unless_it_is_asked_for);
    RUN(other_engines_cannot_be_asked);
    RUN(the_heap_is_unwritten_when_it_is_new_and_when_it_is_new_again);
    RUN(input_counts_as_written_as_far_as_it_goes);
    RUN(what_the_host_writes_counts_until_a_reset);
    RUN(what_is_not_mapped_faults_as_elsewhere);
    return test_report();
}

/* SPDX-License-Identifier: MIT */
/* Knows how a call stands in registers, and that one instruction of fuel makes one call. */
#include "caller.h"

#include "elf_builder.h"

static const uint8_t code[] = {0xcd, 0x80, 0xeb, 0xfc}; /* again: int 80h; jmp again */

struct vx32_instance *caller_new(enum vx32_profile profile)
{
    return caller_new_on(profile, VX32_ENGINE_AUTO);
}

struct vx32_instance *caller_new_on(enum vx32_profile profile, enum vx32_engine engine)
{
    static struct elf_builder elf;
    const struct vx32_options options = {
        .struct_nbytes = sizeof options,
        .engine = engine,
        .profile = profile,
        .memory_nbytes = CALLER_MEMORY_NBYTES,
        .stack_nbytes = CALLER_STACK_NBYTES,
    };
    struct vx32_instance *guest = NULL;
    struct vx32_image *image;

    elf_program(&elf, code, sizeof code);
    elf_add(&elf, CALLER_DATA_ADDR, "", 1, CALLER_DATA_NBYTES, ELF_FLAG_R | ELF_FLAG_W);
    if (vx32_image_parse(elf.file, elf_finish(&elf), &image, NULL) != VX32_OK)
        return NULL;
    if (vx32_instance_new(image, &options, &guest) != VX32_OK)
        guest = NULL;
    vx32_image_free(image);
    return guest;
}

void caller_load(struct vx32_instance *guest, uint32_t number, const uint32_t argument[6])
{
    static const int places[6] = {VX32_EBX, VX32_ECX, VX32_EDX, VX32_ESI, VX32_EDI, VX32_EBP};
    struct vx32_registers registers;

    vx32_registers_get(guest, &registers);
    registers.general[VX32_EAX] = number;
    for (int i = 0; i < 6; i++)
        registers.general[places[i]] = argument[i];
    registers.eip = ELF_CODE_ADDR;
    vx32_registers_set(guest, &registers);
}

enum vx32_exit_reason caller_start(struct vx32_instance *guest, uint32_t number,
                                   const uint32_t argument[6], struct vx32_exit *exit)
{
    caller_load(guest, number, argument);
    vx32_fuel_set(guest, 1);
    vx32_run(guest, exit);
    return exit->reason;
}

int64_t caller_result(const struct vx32_instance *guest)
{
    struct vx32_registers registers;
    uint32_t eax;

    vx32_registers_get(guest, &registers);
    eax = registers.general[VX32_EAX];
    return eax >= 0xfffff001 ? (int64_t)eax - INT64_C(0x100000000) : (int64_t)eax;
}

int64_t caller_answer(struct vx32_instance *guest, uint32_t number, const uint32_t argument[6])
{
    struct vx32_exit exit;

    if (caller_start(guest, number, argument, &exit) != VX32_EXIT_OUT_OF_FUEL)
        return INT64_MIN;
    return caller_result(guest);
}

void caller_put32(struct vx32_instance *guest, uint32_t offset, uint32_t value)
{
    uint8_t bytes[4];

    for (unsigned i = 0; i < 4; i++)
        bytes[i] = (uint8_t)(value >> (8 * i));
    (void)!vx32_write(guest, CALLER_DATA_ADDR + offset, bytes, 4);
}

uint32_t caller_get32(const struct vx32_instance *guest, uint32_t offset)
{
    uint8_t bytes[4] = {0};

    (void)!vx32_read(guest, CALLER_DATA_ADDR + offset, bytes, 4);
    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

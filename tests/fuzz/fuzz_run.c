/* SPDX-License-Identifier: MIT */
/* Fuzz target: any bytes as a program run within their budget, and again with the same end. */
#include "support/elf_builder.h"
#include "vx32.h"

#include <stdlib.h>
#include <string.h>

/*
 * The first byte chooses profile and budget, the second how the host answers; the rest is code, and
 * once more data that some registers point to.
 */
enum {
    HEAD_NBYTES = 2,
    CODE_MAX_NBYTES = 1 << 14,
    DATA_ADDR = 0x40000,
    DATA_NBYTES = 1 << 16,
    MEMORY_NBYTES = 1 << 22,
    STACK_NBYTES = 1 << 16,
    BUDGET = 100000,
    SMALL_BUDGET = 97,
};

struct answer {
    const uint8_t *data;
    size_t nbytes;
    unsigned how; /* low bits: a part of what is asked for, an error, the end */
    size_t read_off;
    unsigned transfer_count;
    uint8_t sum; /* of the output, so that each byte is really read */
};

/* How a run ended, as far as a guest can influence it. */
struct ending {
    struct vx32_exit exit;
    struct vx32_registers registers;
    uint64_t instruction_count, system_call_count;
    uint8_t sum;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t nbytes);

static void demand(bool is_true)
{
    if (!is_true)
        abort();
}

static struct vx32_image *make_image(const uint8_t *code, size_t nbytes)
{
    struct elf_builder *elf = malloc(sizeof *elf);
    struct vx32_image *image = NULL;
    size_t file_nbytes;

    demand(elf != NULL);
    elf_program(elf, code, (uint32_t)nbytes);
    elf_add(elf, DATA_ADDR, code, (uint32_t)nbytes, DATA_NBYTES, ELF_FLAG_R | ELF_FLAG_W);
    file_nbytes = elf_finish(elf);
    demand(vx32_image_parse(elf->file, file_nbytes, &image, NULL) == VX32_OK);
    free(elf);
    return image;
}

static void set_registers(struct vx32_instance *guest, const uint8_t *code, size_t nbytes)
{
    struct vx32_registers registers;

    vx32_registers_get(guest, &registers);
    registers.general[VX32_ESI] = DATA_ADDR;
    registers.general[VX32_EDI] = DATA_ADDR + DATA_NBYTES / 2;
    registers.general[VX32_EBX] = DATA_ADDR + 16;
    registers.general[VX32_EBP] = registers.general[VX32_ESP];
    registers.general[VX32_ECX] = (uint32_t)nbytes;
    memcpy(registers.xmm, code, nbytes < sizeof registers.xmm ? nbytes : sizeof registers.xmm);
    vx32_registers_set(guest, &registers);
}

/* How many of the bytes are taken or given; sometimes none, or an error. */
static int64_t amount(const struct answer *answer, size_t nbytes)
{
    switch ((answer->how + answer->transfer_count) & 7) {
    case 0: return 0;
    case 1: return -5;
    case 2: return (int64_t)(nbytes - nbytes / 2);
    default: return (int64_t)nbytes;
    }
}

static int64_t fill(struct answer *answer, const struct vx32_exit *exit)
{
    int64_t count = amount(answer, exit->nbytes);

    for (int64_t i = 0; i < count; i++)
        ((uint8_t *)exit->data)[i] = answer->data[answer->read_off++ % answer->nbytes];
    return count;
}

static int64_t consume(struct answer *answer, const struct vx32_exit *exit)
{
    for (size_t i = 0; i < exit->nbytes; i++)
        answer->sum = (uint8_t)(answer->sum * 31 + ((const uint8_t *)exit->data)[i]);
    return amount(answer, exit->nbytes);
}

/* Until the guest is over or its budget is; what the header promises of each exit is demanded. */
static void run_to_end(struct vx32_instance *guest, struct answer *answer, struct vx32_exit *exit)
{
    for (;;) {
        int64_t result;

        vx32_run(guest, exit);
        if (exit->reason != VX32_EXIT_NEED_INPUT && exit->reason != VX32_EXIT_HAVE_OUTPUT)
            return;
        demand(exit->nbytes >= 1 && exit->nbytes <= MEMORY_NBYTES);
        demand(exit->fd >= 0 && exit->fd <= 2);
        result = exit->reason == VX32_EXIT_NEED_INPUT ? fill(answer, exit) : consume(answer, exit);
        answer->transfer_count++;
        demand(vx32_complete(guest, result) == VX32_OK);
    }
}

static void check_ending(const struct vx32_instance *guest, const struct ending *ending,
                         uint64_t budget)
{
    /* System calls cost more than an instruction, by the page. */
    uint64_t spent = budget - vx32_fuel_left(guest);
    char text[96];

    demand(ending->exit.reason != VX32_EXIT_INTERRUPTED);
    demand(spent >= ending->instruction_count);
    demand(spent == ending->instruction_count || ending->system_call_count > 0);
    demand(ending->exit.reason != VX32_EXIT_OUT_OF_FUEL || vx32_fuel_left(guest) == 0);
    demand(ending->exit.code >= 0 && ending->exit.code <= 255);
    (void)vx32_disassemble(guest, ending->registers.eip, text, sizeof text);
}

static struct ending run_once(struct vx32_instance *guest, const uint8_t *data, size_t nbytes,
                              uint64_t budget)
{
    struct answer answer = {.data = data, .nbytes = nbytes, .how = data[1]};
    struct vx32_statistics statistics;
    struct ending ending;

    memset(&ending, 0, sizeof ending);
    set_registers(guest, data + HEAD_NBYTES, nbytes - HEAD_NBYTES);
    run_to_end(guest, &answer, &ending.exit);
    vx32_registers_get(guest, &ending.registers);
    vx32_statistics_get(guest, &statistics);
    ending.instruction_count = statistics.instruction_count;
    ending.system_call_count = statistics.system_call_count;
    ending.sum = answer.sum;
    check_ending(guest, &ending, budget);
    return ending;
}

static bool same_ending(const struct ending *a, const struct ending *b)
{
    return a->exit.reason == b->exit.reason && a->exit.code == b->exit.code &&
           a->exit.trap == b->exit.trap && a->exit.eip == b->exit.eip &&
           a->exit.fault_addr == b->exit.fault_addr && a->exit.access == b->exit.access &&
           memcmp(a->registers.general, b->registers.general, sizeof a->registers.general) == 0 &&
           a->registers.eip == b->registers.eip && a->registers.eflags == b->registers.eflags &&
           memcmp(a->registers.xmm, b->registers.xmm, sizeof a->registers.xmm) == 0 &&
           memcmp(a->registers.st, b->registers.st, sizeof a->registers.st) == 0 &&
           a->instruction_count == b->instruction_count &&
           a->system_call_count == b->system_call_count && a->sum == b->sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t nbytes)
{
    struct vx32_options options = {
        .struct_nbytes = sizeof options,
        .memory_nbytes = MEMORY_NBYTES,
        .stack_nbytes = STACK_NBYTES,
    };
    struct vx32_instance *guest = NULL;
    struct vx32_image *image;
    struct ending first, second;

    if (nbytes <= HEAD_NBYTES || nbytes > CODE_MAX_NBYTES)
        return 0;
    options.profile = data[0] & 1 ? VX32_PROFILE_LINUX_FILTER : VX32_PROFILE_ARCHIVE;
    options.fuel = data[0] & 2 ? SMALL_BUDGET : BUDGET;
    image = make_image(data + HEAD_NBYTES, nbytes - HEAD_NBYTES);
    demand(vx32_instance_new(image, &options, &guest) == VX32_OK);
    vx32_image_free(image);
    first = run_once(guest, data, nbytes, options.fuel);
    demand(vx32_reset(guest) == VX32_OK);
    second = run_once(guest, data, nbytes, options.fuel);
    demand(same_ending(&first, &second));
    vx32_instance_free(guest);
    return 0;
}

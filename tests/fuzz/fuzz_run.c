/* SPDX-License-Identifier: MIT */
/* Fuzz target: any program ends alike on each engine, again, in pieces, and from a snapshot. */
#include "instance.h"
#include "support/elf_builder.h"
#include "vx32.h"

#include <stdlib.h>
#include <string.h>

/*
 * The first byte chooses profile, budget and engine, the second how the host answers; the rest is
 * code, and once more data that some registers point to.
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
    uint64_t data_sum; /* of the data's memory */
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

static uint64_t sum_of_data(const struct vx32_instance *guest)
{
    uint8_t page[VX32_PAGE_NBYTES];
    uint64_t sum = 0;

    for (vx32_addr addr = DATA_ADDR; addr < DATA_ADDR + DATA_NBYTES; addr += sizeof page) {
        if (vx32_read(guest, addr, page, sizeof page) != VX32_OK)
            continue;
        for (size_t i = 0; i < sizeof page; i += sizeof sum) {
            uint64_t word;

            memcpy(&word, page + i, sizeof word);
            sum = (sum ^ word) * UINT64_C(0x9e3779b97f4a7c15);
        }
    }
    return sum;
}

static void take_down(const struct vx32_instance *guest, struct ending *ending)
{
    struct vx32_statistics statistics;

    vx32_registers_get(guest, &ending->registers);
    vx32_statistics_get(guest, &statistics);
    ending->instruction_count = statistics.instruction_count;
    ending->system_call_count = statistics.system_call_count;
    ending->data_sum = sum_of_data(guest);
}

static struct ending run_once(struct vx32_instance *guest, const uint8_t *data, size_t nbytes,
                              uint64_t budget)
{
    struct answer answer = {.data = data, .nbytes = nbytes, .how = data[1]};
    struct ending ending;

    memset(&ending, 0, sizeof ending);
    set_registers(guest, data + HEAD_NBYTES, nbytes - HEAD_NBYTES);
    run_to_end(guest, &answer, &ending.exit);
    take_down(guest, &ending);
    ending.sum = answer.sum;
    check_ending(guest, &ending, budget);
    return ending;
}

static uint64_t next_number(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/*
 * As far as `whole` came, with the fuel given in pieces. What a system call takes off a piece may
 * be less than it takes off a budget, so the instructions are what is counted.
 */
static struct ending run_in_pieces(struct vx32_instance *guest, const uint8_t *data, size_t nbytes,
                                   const struct ending *whole)
{
    struct answer answer = {.data = data, .nbytes = nbytes, .how = data[1]};
    bool is_over = whole->exit.reason != VX32_EXIT_OUT_OF_FUEL;
    uint64_t goal = whole->instruction_count + is_over; /* a trap is met with fuel left */
    uint64_t state = nbytes << 16 | (uint64_t)data[1] << 8 | data[0] | 1;
    struct ending ending;

    memset(&ending, 0, sizeof ending);
    set_registers(guest, data + HEAD_NBYTES, nbytes - HEAD_NBYTES);
    do {
        uint64_t left = goal - ending.instruction_count;
        uint64_t piece = 1 + next_number(&state) % (UINT64_C(1) << next_number(&state) % 14);
        struct vx32_statistics statistics;

        vx32_fuel_set(guest, piece < left ? piece : left);
        run_to_end(guest, &answer, &ending.exit);
        vx32_statistics_get(guest, &statistics);
        ending.instruction_count = statistics.instruction_count;
    } while (ending.exit.reason == VX32_EXIT_OUT_OF_FUEL && ending.instruction_count < goal);
    take_down(guest, &ending);
    ending.sum = answer.sum;
    return ending;
}

/* Alike in all but `free_flags`. */
static bool same_ending(const struct ending *a, const struct ending *b, uint32_t free_flags)
{
    return a->exit.reason == b->exit.reason && a->exit.code == b->exit.code &&
           a->exit.trap == b->exit.trap && a->exit.eip == b->exit.eip &&
           a->exit.fault_addr == b->exit.fault_addr && a->exit.access == b->exit.access &&
           memcmp(a->registers.general, b->registers.general, sizeof a->registers.general) == 0 &&
           a->registers.eip == b->registers.eip &&
           ((a->registers.eflags ^ b->registers.eflags) & ~free_flags) == 0 &&
           memcmp(a->registers.xmm, b->registers.xmm, sizeof a->registers.xmm) == 0 &&
           memcmp(a->registers.st, b->registers.st, sizeof a->registers.st) == 0 &&
           a->instruction_count == b->instruction_count &&
           a->system_call_count == b->system_call_count && a->sum == b->sum &&
           a->data_sum == b->data_sum;
}

/* Snapshotted on its way, the guest comes to the same end from there, and after a reset again. */
static void run_from_snapshot(struct vx32_instance *guest, const uint8_t *data, size_t nbytes,
                              const struct ending *whole)
{
    struct answer answer = {.data = data, .nbytes = nbytes, .how = data[1]}, saved;
    uint64_t state = nbytes << 16 | (uint64_t)data[0] << 8 | data[1] | 1;
    struct vx32_statistics before;
    struct ending endings[2];

    memset(endings, 0, sizeof endings);
    set_registers(guest, data + HEAD_NBYTES, nbytes - HEAD_NBYTES);
    vx32_fuel_set(guest, 1 + next_number(&state) % (whole->instruction_count + 1));
    run_to_end(guest, &answer, &endings[0].exit);
    if (endings[0].exit.reason != VX32_EXIT_OUT_OF_FUEL)
        return;
    vx32_fuel_set(guest, whole->instruction_count);
    demand(vx32_snapshot(guest) == VX32_OK);
    saved = answer;
    vx32_statistics_get(guest, &before);
    for (int round = 0; round < 2; round++) {
        answer = saved;
        run_to_end(guest, &answer, &endings[round].exit);
        take_down(guest, &endings[round]);
        endings[round].sum = answer.sum;
        demand(vx32_reset(guest) == VX32_OK);
    }
    endings[0].instruction_count -= before.instruction_count;
    endings[0].system_call_count -= before.system_call_count;
    demand(same_ending(&endings[0], &endings[1], VX_STATUS_FLAGS));
}

static struct vx32_instance *make_guest(struct vx32_image *image, const uint8_t *data,
                                        enum vx32_engine engine)
{
    struct vx32_options options = {
        .struct_nbytes = sizeof options,
        .engine = engine,
        .profile = data[0] & 1 ? VX32_PROFILE_LINUX_FILTER : VX32_PROFILE_ARCHIVE,
        .memory_nbytes = MEMORY_NBYTES,
        .stack_nbytes = STACK_NBYTES,
        .fuel = data[0] & 2 ? SMALL_BUDGET : BUDGET,
    };
    struct vx32_instance *guest = NULL;

    demand(vx32_instance_new(image, &options, &guest) == VX32_OK);
    return guest;
}

/* The interpreter where the host or the build has no other. */
static enum vx32_engine choose_engine(const uint8_t *data)
{
    static const enum vx32_engine engines[4] = {VX32_ENGINE_INTERPRET, VX32_ENGINE_AUTO,
                                                VX32_ENGINE_EMBEDDED, VX32_ENGINE_AUTO};
    enum vx32_engine engine = engines[data[0] >> 2 & 3];

    return vx32_engine_available(engine) ? engine : VX32_ENGINE_INTERPRET;
}

/*
 * What the strict engine says: the ending, and the flags that are undefined there. Where the guest
 * is stopped all are: an engine need not know a flag that the next instruction overwrites.
 */
static struct ending run_strictly(struct vx32_image *image, const uint8_t *data, size_t nbytes,
                                  uint32_t *undefined_flags)
{
    struct vx32_instance *guest = make_guest(image, data, VX32_ENGINE_STRICT);
    struct ending ending = run_once(guest, data, nbytes, vx32_fuel_left(guest));

    *undefined_flags = guest->cpu.undefined_flags;
    if (ending.exit.reason != VX32_EXIT_EXITED)
        *undefined_flags = VX_STATUS_FLAGS;
    vx32_instance_free(guest);
    return ending;
}

/*
 * A guest that reads what is undefined may end otherwise on another engine, or where its fuel is
 * given in pieces; but the same in each run.
 */
static void compare_runs(struct vx32_image *image, const uint8_t *data, size_t nbytes)
{
    enum vx32_engine engine = choose_engine(data);
    struct vx32_instance *guest = make_guest(image, data, engine);
    uint64_t budget = vx32_fuel_left(guest);
    uint32_t undefined_flags;
    struct ending reference = run_strictly(image, data, nbytes, &undefined_flags);
    struct ending whole = run_once(guest, data, nbytes, budget);
    struct ending again, pieces;

    demand(vx32_reset(guest) == VX32_OK);
    again = run_once(guest, data, nbytes, budget);
    demand(same_ending(&whole, &again, 0));
    if (reference.exit.reason != VX32_EXIT_TRAP ||
        reference.exit.trap != VX32_TRAP_UNDEFINED_FLAG) {
        demand(same_ending(&reference, &whole, undefined_flags));
        demand(vx32_reset(guest) == VX32_OK);
        pieces = run_in_pieces(guest, data, nbytes, &whole);
        demand(same_ending(&whole, &pieces, undefined_flags));
        demand(vx32_reset(guest) == VX32_OK);
        run_from_snapshot(guest, data, nbytes, &whole);
    }
    vx32_instance_free(guest);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t nbytes)
{
    struct vx32_image *image;

    if (nbytes <= HEAD_NBYTES || nbytes > CODE_MAX_NBYTES)
        return 0;
    image = make_image(data + HEAD_NBYTES, nbytes - HEAD_NBYTES);
    compare_runs(image, data, nbytes);
    vx32_image_free(image);
    return 0;
}

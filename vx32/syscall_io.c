/* SPDX-License-Identifier: MIT */
/* Answers the calls on descriptors: transfers become exits, for the rest each is a pipe. */
#include "syscall.h"

#include "strict/shadow.h"

enum {
    MAX_TRANSFER_NBYTES = 0x7ffff000, /* as Linux clips it */
    MAX_VECTOR_COUNT = 1024,
    VECTOR_NBYTES = 8,
};

int vx_descriptor(const struct vx_process *process, uint32_t fd)
{
    return fd < VX_DESCRIPTOR_COUNT ? process->descriptors[fd] : VX_DESCRIPTOR_CLOSED;
}

/* ---- read and write ---- */

/* Opens a transfer of what is accessible at the start of the range. */
static int64_t offer(struct vx32_instance *instance, int fd, vx32_addr addr, uint32_t nbytes)
{
    bool writes = fd != VX32_FD_INPUT;
    size_t usable;

    if (nbytes == 0)
        return 0;
    if (nbytes > MAX_TRANSFER_NBYTES)
        nbytes = MAX_TRANSFER_NBYTES;
    usable = vx_mem_accessible(&instance->mem, addr, nbytes,
                               writes ? VX32_ACCESS_READ : VX32_ACCESS_WRITE);
    vx_spend_pages(instance, usable);
    if (usable == 0)
        return -VX32_EFAULT;
    instance->exit = (struct vx32_exit){
        .reason = writes ? VX32_EXIT_HAVE_OUTPUT : VX32_EXIT_NEED_INPUT,
        .fd = fd,
        .data = instance->mem.base + addr,
        .nbytes = usable,
        .eip = instance->cpu.eip,
    };
    instance->pending = (struct vx_pending){.open = true};
    return VX_CALL_SUSPENDED;
}

static bool can_read(int fd)
{
    return fd == VX32_FD_INPUT;
}

static bool can_write(int fd)
{
    return fd == VX32_FD_OUTPUT || fd == VX32_FD_MESSAGES;
}

int64_t vx_call_read(struct vx32_instance *instance, const uint32_t *argument)
{
    int fd = vx_descriptor(&instance->process, argument[0]);

    return can_read(fd) ? offer(instance, fd, argument[1], argument[2]) : -VX32_EBADF;
}

int64_t vx_call_write(struct vx32_instance *instance, const uint32_t *argument)
{
    int fd = vx_descriptor(&instance->process, argument[0]);

    return can_write(fd) ? offer(instance, fd, argument[1], argument[2]) : -VX32_EBADF;
}

/* ---- vectors ---- */

/* Whether `count` vectors lie at `addr` and their lengths add up to what Linux allows. */
static int64_t check_vectors(const struct vx_mem *mem, vx32_addr addr, uint32_t count)
{
    uint64_t total = 0;

    if (count > MAX_VECTOR_COUNT)
        return -VX32_EINVAL;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t nbytes;

        if (!vx_fetch32(mem, addr + i * VECTOR_NBYTES + 4, &nbytes))
            return -VX32_EFAULT;
        total += nbytes;
        if (total > INT32_MAX)
            return -VX32_EINVAL;
    }
    return 0;
}

/* Opens a transfer of the first vector that is not empty; the ones behind it stay for later. */
static int64_t offer_vectors(struct vx32_instance *instance, int fd, vx32_addr addr, uint32_t count)
{
    for (; count > 0; addr += VECTOR_NBYTES, count--) {
        uint32_t start, nbytes;
        int64_t result;

        if (!vx_fetch32(&instance->mem, addr, &start) ||
            !vx_fetch32(&instance->mem, addr + 4, &nbytes))
            return -VX32_EFAULT;
        if (nbytes == 0)
            continue;
        result = offer(instance, fd, start, nbytes);
        if (result == VX_CALL_SUSPENDED && instance->exit.nbytes == nbytes) {
            instance->pending.vector_addr = addr + VECTOR_NBYTES;
            instance->pending.vector_count = count - 1;
        }
        return result;
    }
    return 0;
}

/* Each vector costs a unit, beside what its transfer costs: it may be another one for the host. */
static int64_t start_vectors(struct vx32_instance *instance, int fd, const uint32_t *argument)
{
    int64_t problem = check_vectors(&instance->mem, argument[1], argument[2]);

    if (problem == 0)
        vx_spend_units(instance, argument[2]);
    return problem != 0 ? problem : offer_vectors(instance, fd, argument[1], argument[2]);
}

/* Fills one vector only: a read may be short, and waiting for more could block the guest's peer. */
int64_t vx_call_readv(struct vx32_instance *instance, const uint32_t *argument)
{
    int fd = vx_descriptor(&instance->process, argument[0]);
    int64_t result;

    if (!can_read(fd))
        return -VX32_EBADF;
    result = start_vectors(instance, fd, argument);
    instance->pending.vector_count = 0;
    return result;
}

int64_t vx_call_writev(struct vx32_instance *instance, const uint32_t *argument)
{
    int fd = vx_descriptor(&instance->process, argument[0]);

    return can_write(fd) ? start_vectors(instance, fd, argument) : -VX32_EBADF;
}

static void note_input(struct vx32_instance *instance, uint32_t nbytes)
{
    const uint8_t *start = instance->exit.data;
    vx32_addr addr = (vx32_addr)((uintptr_t)start - (uintptr_t)instance->mem.base);

    vx_shadow_write(instance->mem.shadow, addr, nbytes);
}

void vx_transfer_complete(struct vx32_instance *instance, int64_t result)
{
    struct vx_pending pending = instance->pending;
    bool whole = result == (int64_t)instance->exit.nbytes;

    if (instance->exit.reason == VX32_EXIT_NEED_INPUT && result > 0)
        note_input(instance, (uint32_t)result);

    instance->pending.open = false;
    if (result > 0)
        pending.done_nbytes += (uint32_t)result;
    if (whole && pending.vector_count > 0 &&
        offer_vectors(instance, instance->exit.fd, pending.vector_addr, pending.vector_count) ==
            VX_CALL_SUSPENDED) {
        instance->pending.done_nbytes = pending.done_nbytes;
        return;
    }
    if (pending.done_nbytes > 0)
        result = pending.done_nbytes;
    instance->cpu.general[VX32_EAX] = (uint32_t)result;
}

/* ---- the descriptors themselves ---- */

int64_t vx_call_close(struct vx32_instance *instance, const uint32_t *argument)
{
    if (vx_descriptor(&instance->process, argument[0]) == VX_DESCRIPTOR_CLOSED)
        return -VX32_EBADF;
    instance->process.descriptors[argument[0]] = VX_DESCRIPTOR_CLOSED;
    return 0;
}

int64_t vx_call_dup(struct vx32_instance *instance, const uint32_t *argument)
{
    struct vx_process *process = &instance->process;
    int fd = vx_descriptor(process, argument[0]);

    if (fd == VX_DESCRIPTOR_CLOSED)
        return -VX32_EBADF;
    for (int i = 0; i < VX_DESCRIPTOR_COUNT; i++) {
        if (process->descriptors[i] == VX_DESCRIPTOR_CLOSED) {
            process->descriptors[i] = (int8_t)fd;
            return i;
        }
    }
    return -VX_EMFILE;
}

int64_t vx_call_dup2(struct vx32_instance *instance, const uint32_t *argument)
{
    int fd = vx_descriptor(&instance->process, argument[0]);

    if (fd == VX_DESCRIPTOR_CLOSED || argument[1] >= VX_DESCRIPTOR_COUNT)
        return -VX32_EBADF;
    instance->process.descriptors[argument[1]] = (int8_t)fd;
    return argument[1];
}

/* The error `value` for a call on an open descriptor. */
static int64_t fail_if_open(const struct vx32_instance *instance, uint32_t fd, int value)
{
    return vx_descriptor(&instance->process, fd) == VX_DESCRIPTOR_CLOSED ? -VX32_EBADF : -value;
}

int64_t vx_call_ioctl(struct vx32_instance *instance, const uint32_t *argument)
{
    return fail_if_open(instance, argument[0], VX_ENOTTY);
}

int64_t vx_call_llseek(struct vx32_instance *instance, const uint32_t *argument)
{
    return fail_if_open(instance, argument[0], VX_ESPIPE);
}

enum {
    POLL_VECTOR_NBYTES = 8,
    POLL_IN = 1,
    POLL_OUT = 4,
    POLL_INVALID = 32,
};

/* What is ready of `events`: everything that the descriptor can do, always. */
static uint32_t poll_one(const struct vx_process *process, uint32_t fd, uint32_t events)
{
    int open_as = vx_descriptor(process, fd);

    if (fd > INT32_MAX)
        return 0;
    if (open_as == VX_DESCRIPTOR_CLOSED)
        return POLL_INVALID;
    return events & (can_read(open_as) ? POLL_IN : POLL_OUT);
}

int64_t vx_call_poll(struct vx32_instance *instance, const uint32_t *argument)
{
    struct vx_mem *mem = &instance->mem;
    int64_t ready_count = 0;

    if (argument[1] > VX_DESCRIPTOR_COUNT)
        return -VX32_EINVAL;
    for (uint32_t i = 0; i < argument[1]; i++) {
        vx32_addr addr = argument[0] + i * POLL_VECTOR_NBYTES;
        uint32_t fd, events, ready;
        uint8_t result[2];

        if (!vx_fetch32(mem, addr, &fd) || !vx_fetch32(mem, addr + 4, &events))
            return -VX32_EFAULT;
        ready = poll_one(&instance->process, fd, events);
        result[0] = (uint8_t)ready;
        result[1] = 0;
        if (!vx_store(mem, addr + 6, result, sizeof result))
            return -VX32_EFAULT;
        ready_count += ready != 0;
    }
    return ready_count;
}

/* ---- what a descriptor is: a pipe ---- */

enum {
    MODE_PIPE = 0010600,
    BLOCK_NBYTES = 1 << 16,
    STAT64_NBYTES = 96,
    STATX_NBYTES = 256,
    STATX_BASIC = 0x7ff,
    AT_EMPTY = 0x1000,
};

int64_t vx_call_fstat64(struct vx32_instance *instance, const uint32_t *argument)
{
    uint8_t stat[STAT64_NBYTES] = {0};

    if (vx_descriptor(&instance->process, argument[0]) == VX_DESCRIPTOR_CLOSED)
        return -VX32_EBADF;
    vx_put32(stat + 16, MODE_PIPE);
    vx_put32(stat + 20, 1); /* links */
    vx_put32(stat + 52, BLOCK_NBYTES);
    return vx_store(&instance->mem, argument[1], stat, sizeof stat) ? 0 : -VX32_EFAULT;
}

int64_t vx_call_statx(struct vx32_instance *instance, const uint32_t *argument)
{
    uint8_t stat[STATX_NBYTES] = {0};
    uint8_t first;

    if (!vx_fetch(&instance->mem, argument[1], &first, 1))
        return -VX32_EFAULT;
    if (first != 0 || (argument[2] & AT_EMPTY) == 0)
        return -VX_ENOENT;
    if (vx_descriptor(&instance->process, argument[0]) == VX_DESCRIPTOR_CLOSED)
        return -VX32_EBADF;
    vx_put32(stat, STATX_BASIC);
    vx_put32(stat + 4, BLOCK_NBYTES);
    vx_put32(stat + 16, 1); /* links */
    vx_put32(stat + 28, MODE_PIPE);
    return vx_store(&instance->mem, argument[4], stat, sizeof stat) ? 0 : -VX32_EFAULT;
}

/* ---- file names: there are no files ---- */

static int64_t no_such_file(const struct vx32_instance *instance, vx32_addr name_addr)
{
    uint8_t first;

    return vx_fetch(&instance->mem, name_addr, &first, 1) ? -VX_ENOENT : -VX32_EFAULT;
}

int64_t vx_call_open(struct vx32_instance *instance, const uint32_t *argument)
{
    return no_such_file(instance, argument[0]);
}

int64_t vx_call_openat(struct vx32_instance *instance, const uint32_t *argument)
{
    return no_such_file(instance, argument[1]);
}

int64_t vx_call_readlink(struct vx32_instance *instance, const uint32_t *argument)
{
    return no_such_file(instance, argument[0]);
}

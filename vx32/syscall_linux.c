/* SPDX-License-Identifier: MIT */
/* Answers the calls that existing static Linux programs make at their start, with fixed values. */
#include "syscall.h"

#include "strict/shadow.h"

#include <string.h>

/* Nothing here depends on the host: the same program sees the same world in every run. */

enum {
    FIXED_TIME_SECONDS = 946684800, /* 2000-01-01 00:00:00 UTC */
    CLOCK_COUNT = 12,
    UMASK = 022,
};

static int64_t store_or_fault(struct vx32_instance *instance, vx32_addr addr, const void *bytes,
                              size_t nbytes)
{
    return vx_store(&instance->mem, addr, bytes, nbytes) ? 0 : -VX32_EFAULT;
}

/* As above, for results that the guest need not want. */
static int64_t store_unless_null(struct vx32_instance *instance, vx32_addr addr, const void *bytes,
                                 size_t nbytes)
{
    return addr == 0 ? 0 : store_or_fault(instance, addr, bytes, nbytes);
}

/* ---- who ---- */

int64_t vx_call_getpid(struct vx32_instance *instance, const uint32_t *argument)
{
    (void)instance;
    (void)argument;
    return VX_PROCESS_ID;
}

int64_t vx_call_getuid(struct vx32_instance *instance, const uint32_t *argument)
{
    (void)instance;
    (void)argument;
    return 0;
}

int64_t vx_call_umask(struct vx32_instance *instance, const uint32_t *argument)
{
    (void)instance;
    (void)argument;
    return UMASK;
}

/* ---- where ---- */

int64_t vx_call_uname(struct vx32_instance *instance, const uint32_t *argument)
{
    enum { FIELD_NBYTES = 65, FIELD_COUNT = 6 };
    static const char fields[FIELD_COUNT][FIELD_NBYTES] = {
        "Linux", "vx32", "6.1.0", "vx32", "i686", "(none)",
    };

    return store_or_fault(instance, argument[0], fields, sizeof fields);
}

int64_t vx_call_sysinfo(struct vx32_instance *instance, const uint32_t *argument)
{
    uint8_t info[64] = {0};

    vx_put32(info + 16, (uint32_t)instance->mem.limit_nbytes); /* total memory */
    vx_put32(info + 20, (uint32_t)(instance->mem.limit_nbytes - instance->mem.mapped_nbytes));
    info[40] = 1;           /* processes */
    vx_put32(info + 52, 1); /* unit of memory */
    return store_or_fault(instance, argument[0], info, sizeof info);
}

int64_t vx_call_prlimit64(struct vx32_instance *instance, const uint32_t *argument)
{
    enum { LIMIT_COUNT = 16, LIMIT_STACK = 3, LIMIT_DESCRIPTORS = 7 };
    uint64_t limit = UINT64_MAX;
    uint8_t pair[16];

    if (argument[1] >= LIMIT_COUNT)
        return -VX32_EINVAL;
    if (argument[2] != 0)
        return -VX_EPERM;
    if (argument[1] == LIMIT_STACK)
        limit = instance->settings.stack_nbytes;
    if (argument[1] == LIMIT_DESCRIPTORS)
        limit = VX_DESCRIPTOR_COUNT;
    vx_put64(pair, limit);
    vx_put64(pair + 8, limit);
    return store_unless_null(instance, argument[3], pair, sizeof pair);
}

/* ---- time and chance ---- */

int64_t vx_call_time(struct vx32_instance *instance, const uint32_t *argument)
{
    uint8_t seconds[4];

    vx_put32(seconds, FIXED_TIME_SECONDS);
    if (store_unless_null(instance, argument[0], seconds, sizeof seconds) != 0)
        return -VX32_EFAULT;
    return FIXED_TIME_SECONDS;
}

int64_t vx_call_gettimeofday(struct vx32_instance *instance, const uint32_t *argument)
{
    uint8_t now[8] = {0}, zone[8] = {0};

    vx_put32(now, FIXED_TIME_SECONDS);
    if (store_unless_null(instance, argument[0], now, sizeof now) != 0)
        return -VX32_EFAULT;
    return store_unless_null(instance, argument[1], zone, sizeof zone);
}

int64_t vx_call_clock_gettime(struct vx32_instance *instance, const uint32_t *argument)
{
    uint8_t now[8] = {0};

    if (argument[0] >= CLOCK_COUNT)
        return -VX32_EINVAL;
    vx_put32(now, FIXED_TIME_SECONDS);
    return store_or_fault(instance, argument[1], now, sizeof now);
}

int64_t vx_call_clock_gettime64(struct vx32_instance *instance, const uint32_t *argument)
{
    uint8_t now[16] = {0};

    if (argument[0] >= CLOCK_COUNT)
        return -VX32_EINVAL;
    vx_put64(now, FIXED_TIME_SECONDS);
    return store_or_fault(instance, argument[1], now, sizeof now);
}

/* The next byte of a fixed sequence: the top byte of a 64-bit linear congruential generator. */
static uint8_t next_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint8_t)(*state >> 56);
}

int64_t vx_call_getrandom(struct vx32_instance *instance, const uint32_t *argument)
{
    enum { MAX_NBYTES = 1 << 16, KNOWN_FLAGS = 7 };
    uint32_t wanted = argument[1] < MAX_NBYTES ? argument[1] : MAX_NBYTES;
    size_t nbytes = vx_mem_accessible(&instance->mem, argument[0], wanted, VX32_ACCESS_WRITE);

    if ((argument[2] & ~(uint32_t)KNOWN_FLAGS) != 0)
        return -VX32_EINVAL;
    if (nbytes == 0 && wanted > 0)
        return -VX32_EFAULT;
    vx_spend_pages(instance, nbytes);
    for (size_t i = 0; i < nbytes; i++)
        instance->mem.base[argument[0] + i] = next_random(&instance->process.random_state);
    vx_shadow_write(instance->mem.shadow, argument[0], (uint32_t)nbytes);
    return (int64_t)nbytes;
}

/* ---- signals ---- */

enum { SIGNAL_SET_NBYTES = 8, SIGNAL_COUNT = 64, SIGNAL_KILL = 9, SIGNAL_STOP = 19 };

int64_t vx_call_rt_sigaction(struct vx32_instance *instance, const uint32_t *argument)
{
    const uint8_t default_action[20] = {0};
    uint32_t number = argument[0];

    if (argument[3] != SIGNAL_SET_NBYTES || number == 0 || number > SIGNAL_COUNT)
        return -VX32_EINVAL;
    if ((number == SIGNAL_KILL || number == SIGNAL_STOP) && argument[1] != 0)
        return -VX32_EINVAL;
    return store_unless_null(instance, argument[2], default_action, sizeof default_action);
}

int64_t vx_call_rt_sigprocmask(struct vx32_instance *instance, const uint32_t *argument)
{
    const uint8_t empty_set[SIGNAL_SET_NBYTES] = {0};

    if (argument[3] != SIGNAL_SET_NBYTES)
        return -VX32_EINVAL;
    return store_unless_null(instance, argument[2], empty_set, sizeof empty_set);
}

/* ---- the one thread ---- */

/* Waiting for a word that no other thread can change would last for ever: a deadlock. */
int64_t vx_call_futex(struct vx32_instance *instance, const uint32_t *argument)
{
    enum { WAIT = 0, WAKE = 1, WAIT_BITSET = 9, WAKE_BITSET = 10, COMMAND_MASK = 127 };
    uint32_t value;

    switch (argument[1] & COMMAND_MASK) {
    case WAIT:
    case WAIT_BITSET:
        if (!vx_fetch32(&instance->mem, argument[0], &value))
            return -VX32_EFAULT;
        return value == argument[2] ? -VX_EDEADLK : -VX_EAGAIN;
    case WAKE:
    case WAKE_BITSET: return 0;
    default: return -VX32_ENOSYS;
    }
}

/* struct user_desc: entry number, base, limit, flags. */
int64_t vx_call_set_thread_area(struct vx32_instance *instance, const uint32_t *argument)
{
    enum { ANY_ENTRY = -1 };
    uint32_t entry, base;
    uint8_t chosen[4];

    if (!vx_fetch32(&instance->mem, argument[0], &entry) ||
        !vx_fetch32(&instance->mem, argument[0] + 4, &base))
        return -VX32_EFAULT;
    if (entry != (uint32_t)ANY_ENTRY && entry != VX_GS_ENTRY)
        return -VX32_EINVAL;
    vx_put32(chosen, VX_GS_ENTRY);
    if (!vx_store(&instance->mem, argument[0], chosen, sizeof chosen))
        return -VX32_EFAULT;
    instance->cpu.gs_base = base;
    instance->cpu.gs_valid = true;
    return 0;
}

int64_t vx_call_set_tid_address(struct vx32_instance *instance, const uint32_t *argument)
{
    (void)instance;
    (void)argument;
    return VX_PROCESS_ID;
}

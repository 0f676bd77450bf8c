/* SPDX-License-Identifier: MIT */
/* How two processes that share memory wait for each other without missing a wake-up. */
#include "channel.h"

#include <errno.h>
#include <stddef.h>
#include <time.h>

#ifdef __linux__
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Sleeps while the word is 1. */
static bool sleep_at(_Atomic uint32_t *word, const struct timespec *timeout)
{
    return syscall(SYS_futex, word, FUTEX_WAIT, 1, timeout, NULL, 0) == 0 || errno != ETIMEDOUT;
}

static void wake_at(_Atomic uint32_t *word)
{
    (void)syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0);
}

#else

/* Here are no workers. */
static bool sleep_at(_Atomic uint32_t *word, const struct timespec *timeout)
{
    (void)word;
    (void)timeout;
    return true;
}

static void wake_at(_Atomic uint32_t *word)
{
    (void)word;
}

#endif

struct vxa_channel vxa_channel_open(struct vxa_channel_memory *memory, enum vxa_side side)
{
    struct vxa_ring requests = {.memory = &memory->requests};
    struct vxa_ring replies = {.memory = &memory->replies};
    bool is_host = side == VXA_HOST;

    return (struct vxa_channel){memory, side, is_host ? replies : requests,
                                is_host ? requests : replies};
}

static _Atomic uint32_t *waits(const struct vxa_channel *channel, enum vxa_side side)
{
    return side == VXA_HOST ? &channel->memory->host_waits : &channel->memory->worker_waits;
}

static _Atomic uint32_t *other_waits(const struct vxa_channel *channel)
{
    return waits(channel, channel->side == VXA_HOST ? VXA_WORKER : VXA_HOST);
}

void vxa_channel_wake(struct vxa_channel *channel)
{
    atomic_store(other_waits(channel), 0);
    wake_at(other_waits(channel));
}

void vxa_channel_nudge(struct vxa_channel *channel)
{
    _Atomic uint32_t *other = other_waits(channel);

    /* What was written to the ring is visible before the word is looked at. */
    atomic_thread_fence(memory_order_seq_cst);
    if (atomic_load_explicit(other, memory_order_relaxed) && atomic_exchange(other, 0))
        wake_at(other);
}

void vxa_channel_announce(struct vxa_channel *channel)
{
    atomic_store(waits(channel, channel->side), 1);
    atomic_thread_fence(memory_order_seq_cst);
}

void vxa_channel_go_on(struct vxa_channel *channel)
{
    atomic_store(waits(channel, channel->side), 0);
}

bool vxa_channel_wait(struct vxa_channel *channel, int timeout_milliseconds)
{
    struct timespec timeout = {timeout_milliseconds / 1000, timeout_milliseconds % 1000 * 1000000L};

    return sleep_at(waits(channel, channel->side), timeout_milliseconds < 0 ? NULL : &timeout);
}

/* SPDX-License-Identifier: MIT */
/* Finds the function that answers a system call, and moves structures in and out of the guest. */
#include "syscall.h"

#include "strict/shadow.h"

#include <string.h>

struct system_call {
    uint32_t number;
    enum vx32_profile profile;
    int64_t (*answer)(struct vx32_instance *instance, const uint32_t *argument);
};

static const struct system_call system_calls[] = {
#define SYSTEM_CALL(number, profile, function) {number, VX32_PROFILE_##profile, vx_call_##function},
#include "syscalls.def"
#undef SYSTEM_CALL
};

static const struct system_call *find_call(enum vx32_profile profile, uint32_t number)
{
    for (size_t i = 0; i < sizeof system_calls / sizeof *system_calls; i++) {
        if (system_calls[i].number == number)
            return system_calls[i].profile <= profile ? &system_calls[i] : NULL;
    }
    return NULL;
}

bool vx_system_call(struct vx32_instance *instance)
{
    uint32_t *general = instance->cpu.general;
    const uint32_t argument[6] = {
        general[VX32_EBX], general[VX32_ECX], general[VX32_EDX],
        general[VX32_ESI], general[VX32_EDI], general[VX32_EBP],
    };
    const struct system_call *call = find_call(instance->settings.profile, general[VX32_EAX]);
    int64_t result = call == NULL ? -VX32_ENOSYS : call->answer(instance, argument);

    instance->system_call_count++;
    if (result == VX_CALL_SUSPENDED)
        return true;
    general[VX32_EAX] = (uint32_t)result;
    return false;
}

void vx_spend_units(struct vx32_instance *instance, uint64_t count)
{
    if (instance->fuel == VX32_FUEL_UNLIMITED)
        return;
    instance->fuel -= count < instance->fuel ? count : instance->fuel;
}

void vx_spend_pages(struct vx32_instance *instance, uint64_t nbytes)
{
    vx_spend_units(instance, nbytes / VX32_PAGE_NBYTES);
}

int64_t vx_call_exit(struct vx32_instance *instance, const uint32_t *argument)
{
    instance->over = true;
    instance->exit = (struct vx32_exit){
        .reason = VX32_EXIT_EXITED,
        .code = (int)(argument[0] & 0xff),
        .eip = instance->cpu.eip,
    };
    return VX_CALL_SUSPENDED;
}

bool vx_fetch(const struct vx_mem *mem, vx32_addr addr, void *bytes, size_t nbytes)
{
    if (vx_mem_accessible(mem, addr, nbytes, VX32_ACCESS_READ) != nbytes)
        return false;
    memcpy(bytes, mem->base + addr, nbytes);
    return true;
}

bool vx_store(struct vx_mem *mem, vx32_addr addr, const void *bytes, size_t nbytes)
{
    if (vx_mem_accessible(mem, addr, nbytes, VX32_ACCESS_WRITE) != nbytes)
        return false;
    memcpy(mem->base + addr, bytes, nbytes);
    vx_shadow_write(mem->shadow, addr, (uint32_t)nbytes);
    return true;
}

bool vx_fetch32(const struct vx_mem *mem, vx32_addr addr, uint32_t *value)
{
    uint8_t bytes[4];

    if (!vx_fetch(mem, addr, bytes, sizeof bytes))
        return false;
    *value = (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
             (uint32_t)bytes[3] << 24;
    return true;
}

void vx_put32(uint8_t *bytes, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        bytes[i] = (uint8_t)(value >> (8 * i));
}

void vx_put64(uint8_t *bytes, uint64_t value)
{
    vx_put32(bytes, (uint32_t)value);
    vx_put32(bytes + 4, (uint32_t)(value >> 32));
}

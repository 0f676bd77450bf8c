/* SPDX-License-Identifier: MIT */
/* Lays out a fresh process: segments, stack and registers as the i386 System V ABI says. */
#include "load.h"

#include "strict/shadow.h"

#include <string.h>

/* Types of the auxiliary vector, with Linux's numbers. */
enum auxiliary_type {
    AUX_NULL = 0,
    AUX_HEADERS = 3,
    AUX_HEADER_NBYTES = 4,
    AUX_HEADER_COUNT = 5,
    AUX_PAGE_NBYTES = 6,
    AUX_BASE = 7,
    AUX_FLAGS = 8,
    AUX_ENTRY = 9,
    AUX_UID = 11,
    AUX_EUID = 12,
    AUX_GID = 13,
    AUX_EGID = 14,
    AUX_HARDWARE = 16,
    AUX_CLOCK_TICKS = 17,
    AUX_SECURE = 23,
    AUX_RANDOM = 25,
};

struct auxiliary {
    uint32_t type, value;
};

enum {
    PROGRAM_HEADER_NBYTES = 32,
    RANDOM_NBYTES = 16,
    CLOCK_TICKS = 100,
    STACK_ALIGNMENT = 16,
    /* FPU, CX8, CMOV, CLFLUSH, MMX, FXSR, SSE, SSE2: what CPUID leaf 1 has in edx. */
    HARDWARE = 1 << 0 | 1 << 8 | 1 << 15 | 1 << 19 | 1 << 23 | 1 << 24 | 1 << 25 | 1 << 26,
};

/* What a C library seeds its stack guard with: the same in every run, as everything is. */
static const uint8_t random_bytes[RANDOM_NBYTES] = "vx32 fixed seed";

static void put32(struct vx_mem *mem, vx32_addr addr, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        mem->base[addr + i] = (uint8_t)(value >> (8 * i));
}

/* ---- segments ---- */

/* Maps the pages of a segment; its first one may be an earlier segment's last. */
static bool map_pages(struct vx_mem *mem, const struct vx_segment *segment)
{
    uint32_t start = segment->addr & ~(uint32_t)(VX32_PAGE_NBYTES - 1);
    uint32_t end = (segment->addr + segment->nbytes + VX32_PAGE_NBYTES - 1) &
                   ~(uint32_t)(VX32_PAGE_NBYTES - 1);
    unsigned before = mem->permissions[start >> VX_PAGE_SHIFT];

    if (before != 0) {
        vx_mem_protect(mem, start, VX32_PAGE_NBYTES, before | segment->permissions);
        start += VX32_PAGE_NBYTES;
    }
    return vx_mem_map(mem, start, end - start, segment->permissions);
}

static enum vx32_status load_segments(struct vx_mem *mem, const struct vx32_image *image)
{
    for (uint32_t i = 0; i < image->segment_count; i++) {
        const struct vx_segment *segment = &image->segments[i];

        if (!map_pages(mem, segment))
            return VX32_NO_MEMORY;
        if (!vx_mem_fill(mem, segment->addr, segment->bytes, segment->file_nbytes))
            return VX32_NO_MEMORY;
    }
    return VX32_OK;
}

/* ---- stack ---- */

/* Copies `nbytes` below `top` and returns where they begin. */
static vx32_addr push_bytes(struct vx_mem *mem, vx32_addr top, const void *bytes, size_t nbytes)
{
    top -= (vx32_addr)nbytes;
    memcpy(mem->base + top, bytes, nbytes);
    return top;
}

/* Writes argc, argv, an empty environment and the auxiliary vector from `addr` upwards. */
static void put_vectors(struct vx_mem *mem, vx32_addr addr, vx32_addr strings_addr,
                        const struct vx_settings *settings, const struct auxiliary *auxiliary,
                        size_t auxiliary_count)
{
    const char *string = settings->arguments;

    put32(mem, addr, settings->argc);
    addr += 4;
    for (uint32_t i = 0; i < settings->argc; i++, addr += 4) {
        put32(mem, addr, strings_addr + (uint32_t)(string - settings->arguments));
        string += strlen(string) + 1;
    }
    put32(mem, addr, 0);
    put32(mem, addr + 4, 0);
    addr += 8;
    for (size_t i = 0; i < auxiliary_count; i++, addr += 8) {
        put32(mem, addr, auxiliary[i].type);
        put32(mem, addr + 4, auxiliary[i].value);
    }
}

/* Returns the initial stack pointer. */
static vx32_addr fill_stack(struct vx_mem *mem, const struct vx32_image *image,
                            const struct vx_settings *settings)
{
    vx32_addr top = (vx32_addr)settings->memory_nbytes - 4; /* a zero word ends the stack */
    vx32_addr strings = push_bytes(mem, top, settings->arguments, settings->arguments_nbytes);
    vx32_addr random = push_bytes(mem, strings, random_bytes, RANDOM_NBYTES);
    const struct auxiliary auxiliary[] = {
        {AUX_HARDWARE, HARDWARE},
        {AUX_PAGE_NBYTES, VX32_PAGE_NBYTES},
        {AUX_CLOCK_TICKS, CLOCK_TICKS},
        {AUX_HEADERS, image->header_addr},
        {AUX_HEADER_NBYTES, PROGRAM_HEADER_NBYTES},
        {AUX_HEADER_COUNT, image->header_count},
        {AUX_BASE, 0},
        {AUX_FLAGS, 0},
        {AUX_ENTRY, image->entry},
        {AUX_UID, 0},
        {AUX_EUID, 0},
        {AUX_GID, 0},
        {AUX_EGID, 0},
        {AUX_SECURE, 0},
        {AUX_RANDOM, random},
        {AUX_NULL, 0},
    };
    uint32_t vectors_nbytes = 4 * (settings->argc + 3) + (uint32_t)sizeof auxiliary;
    vx32_addr esp = (random - vectors_nbytes) & ~(vx32_addr)(STACK_ALIGNMENT - 1);

    put_vectors(mem, esp, strings, settings, auxiliary, sizeof auxiliary / sizeof *auxiliary);
    return esp;
}

static bool arguments_fit(const struct vx_settings *settings)
{
    uint64_t nbytes = settings->arguments_nbytes + UINT64_C(4) * settings->argc;

    return nbytes <= settings->stack_nbytes / 4;
}

/* ---- the whole ---- */

static void start_process(struct vx32_instance *instance, vx32_addr stack_addr)
{
    struct vx_process *process = &instance->process;

    memset(process, 0, sizeof *process);
    process->break_start = process->break_addr = instance->image->end;
    process->mapping_end = stack_addr - VX_STACK_GUARD_NBYTES;
    for (int8_t fd = 0; fd < VX_DESCRIPTOR_COUNT; fd++)
        process->descriptors[fd] = fd <= VX32_FD_MESSAGES ? fd : VX_DESCRIPTOR_CLOSED;
}

static void start_processor(struct vx32_instance *instance, vx32_addr esp)
{
    vx_cpu_init(&instance->cpu, &instance->mem);
    instance->cpu.general[VX32_ESP] = esp;
    instance->cpu.eip = instance->image->entry;
}

/* Of the stack the program finds written what lies at esp and above. */
static void track_stack(const struct vx32_instance *instance, vx32_addr stack_addr)
{
    struct vx_shadow *shadow = instance->mem.shadow;
    vx32_addr esp = instance->cpu.general[VX32_ESP];
    uint32_t end = (esp + VX32_PAGE_NBYTES - 1) >> VX_PAGE_SHIFT;

    if (shadow == NULL)
        return;
    vx_shadow_track(shadow, stack_addr >> VX_PAGE_SHIFT, end);
    vx_shadow_write(shadow, esp, (end << VX_PAGE_SHIFT) - esp);
}

enum vx32_status vx_load(struct vx32_instance *instance)
{
    const struct vx_settings *settings = &instance->settings;
    struct vx_mem *mem = &instance->mem;
    enum vx32_status status;
    vx32_addr stack_addr;

    if (settings->memory_nbytes < (uint64_t)instance->image->end + settings->stack_nbytes)
        return VX32_LIMIT;
    if (!arguments_fit(settings))
        return VX32_INVALID_ARGUMENT;
    stack_addr = (vx32_addr)(settings->memory_nbytes - settings->stack_nbytes);
    status = load_segments(mem, instance->image);
    if (status != VX32_OK)
        return status;
    if (!vx_mem_map(mem, stack_addr, settings->stack_nbytes, VX32_ACCESS_READ | VX32_ACCESS_WRITE))
        return VX32_NO_MEMORY;
    start_process(instance, stack_addr);
    start_processor(instance, fill_stack(mem, instance->image, settings));
    track_stack(instance, stack_addr);
    instance->loaded_generation = mem->code_generation;
    vx_mem_mark(mem);
    return VX32_OK;
}

/* ---- once more ---- */

static uint32_t first_page_addr(const struct vx_segment *segment)
{
    return segment->addr & ~(uint32_t)(VX32_PAGE_NBYTES - 1);
}

static uint32_t page_end_addr(const struct vx_segment *segment)
{
    return (segment->addr + segment->nbytes + VX32_PAGE_NBYTES - 1) &
           ~(uint32_t)(VX32_PAGE_NBYTES - 1);
}

static bool writable(const struct vx_mem *mem, vx32_addr addr)
{
    return (mem->permissions[addr >> VX_PAGE_SHIFT] & VX32_ACCESS_WRITE) != 0;
}

static void zero_writable(struct vx_mem *mem, const struct vx_segment *segment)
{
    vx32_addr addr = first_page_addr(segment), end = page_end_addr(segment);

    while (addr < end && !writable(mem, addr))
        addr += VX32_PAGE_NBYTES;
    while (end > addr && !writable(mem, end - VX32_PAGE_NBYTES))
        end -= VX32_PAGE_NBYTES;
    vx_mem_zero(mem, addr, end - addr);
}

/* Two segments can share a page: what is read only may have been zeroed with what is not. */
static bool any_writable(const struct vx_mem *mem, const struct vx_segment *segment)
{
    return segment->nbytes != 0 &&
           (writable(mem, segment->addr) || writable(mem, segment->addr + (segment->nbytes - 1)));
}

static bool fill_writable(struct vx_mem *mem, const struct vx32_image *image)
{
    for (uint32_t i = 0; i < image->segment_count; i++)
        zero_writable(mem, &image->segments[i]);
    for (uint32_t i = 0; i < image->segment_count; i++) {
        const struct vx_segment *segment = &image->segments[i];

        if (any_writable(mem, segment) &&
            !vx_mem_fill(mem, segment->addr, segment->bytes, segment->file_nbytes))
            return false;
    }
    return true;
}

bool vx_reload(struct vx32_instance *instance)
{
    const struct vx_settings *settings = &instance->settings;
    struct vx_mem *mem = &instance->mem;
    vx32_addr stack_addr = (vx32_addr)(settings->memory_nbytes - settings->stack_nbytes);

    if (mem->code_generation != instance->loaded_generation ||
        !vx_mem_rewind(mem, instance->image->end, stack_addr))
        return false;
    vx_mem_zero(mem, stack_addr, settings->stack_nbytes);
    if (!fill_writable(mem, instance->image))
        return false;
    start_process(instance, stack_addr);
    start_processor(instance, fill_stack(mem, instance->image, settings));
    return true;
}

/* SPDX-License-Identifier: MIT */
/* Makes, resets and ends guests, and lets the host look into one. */
#include "instance.h"

#include "load.h"
#include "print.h"
#include "snapshot.h"
#include "strict/shadow.h"
#include "syscall.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_CANDIDATES = 4 };

static const char *const default_arguments[] = {"guest"};

/* ---- what the caller asks for ---- */

static uint64_t or_default(uint64_t value, uint64_t fallback)
{
    return value != 0 ? value : fallback;
}

static enum vx32_status copy_arguments(struct vx_settings *settings, int argc,
                                       const char *const *argv)
{
    size_t nbytes = 0;
    char *next;

    for (int i = 0; i < argc; i++) {
        if (argv[i] == NULL)
            return VX32_INVALID_ARGUMENT;
        nbytes += strlen(argv[i]) + 1;
    }
    settings->arguments = malloc(nbytes);
    if (settings->arguments == NULL)
        return VX32_NO_MEMORY;
    next = settings->arguments;
    for (int i = 0; i < argc; i++) {
        size_t length = strlen(argv[i]) + 1;

        memcpy(next, argv[i], length);
        next += length;
    }
    settings->argc = (uint32_t)argc;
    settings->arguments_nbytes = nbytes;
    return VX32_OK;
}

static bool options_valid(const struct vx32_options *options)
{
    return options->struct_nbytes == sizeof *options && options->argc >= 0 &&
           (options->argc == 0 || options->argv != NULL) &&
           options->memory_nbytes <= VX_HIGHEST_END_ADDR &&
           options->memory_nbytes % VX32_PAGE_NBYTES == 0 &&
           options->stack_nbytes % VX32_PAGE_NBYTES == 0 &&
           (!options->trap_unwritten || options->engine == VX32_ENGINE_STRICT) &&
           (options->profile == VX32_PROFILE_ARCHIVE ||
            options->profile == VX32_PROFILE_LINUX_FILTER);
}

static enum vx32_status settle(struct vx_settings *settings, const struct vx32_options *options)
{
    bool named = options->argc > 0;

    settings->profile = options->profile;
    settings->memory_nbytes = or_default(options->memory_nbytes, VX32_DEFAULT_MEMORY_NBYTES);
    settings->stack_nbytes = (uint32_t)or_default(options->stack_nbytes, VX32_DEFAULT_STACK_NBYTES);
    settings->trap_unwritten = options->trap_unwritten;
    settings->fuel = or_default(options->fuel, VX32_FUEL_UNLIMITED);
    return copy_arguments(settings, named ? options->argc : 1,
                          named ? options->argv : default_arguments);
}

/* ---- life ---- */

static void start_counters(struct vx32_instance *instance)
{
    instance->pending = (struct vx_pending){.open = false};
    instance->over = false;
    instance->fuel = instance->settings.fuel;
    instance->instruction_count = 0;
    instance->system_call_count = 0;
}

static enum vx32_status start(struct vx32_instance *instance)
{
    start_counters(instance);
    return vx_load(instance);
}

/* Without its program in memory a guest cannot execute its first instruction. */
static void mark_unloaded(struct vx32_instance *instance)
{
    vx32_addr entry = instance->image != NULL ? instance->image->entry : 0;

    instance->over = true;
    instance->exit = (struct vx32_exit){
        .reason = VX32_EXIT_TRAP,
        .trap = VX32_TRAP_PAGE_FAULT,
        .eip = entry,
        .fault_addr = entry,
        .access = VX32_ACCESS_EXECUTE,
    };
}

/* Tries one engine; what it took is given back if it cannot be had here. */
static enum vx32_status prepare(struct vx32_instance *instance, const struct vx_engine *engine)
{
    enum vx32_status status =
        vx_mem_init(&instance->mem, instance->settings.memory_nbytes, engine->placement);

    if (status != VX32_OK)
        return status;
    instance->engine = engine;
    instance->engine_state = engine->create();
    if (instance->engine_state != NULL)
        return VX32_OK;
    vx_mem_destroy(&instance->mem);
    return VX32_NO_MEMORY;
}

static enum vx32_status build(struct vx32_instance *instance, const struct vx32_options *options)
{
    const struct vx_engine *engines[MAX_CANDIDATES];
    unsigned count = vx_engine_candidates(options->engine, engines, MAX_CANDIDATES);
    enum vx32_status status = VX32_UNSUPPORTED;
    enum vx32_status settled = settle(&instance->settings, options);

    if (settled != VX32_OK)
        return settled;
    for (unsigned i = 0; i < count && status != VX32_OK; i++)
        status = prepare(instance, engines[i]);
    if (status != VX32_OK)
        return status;
    if (instance->settings.trap_unwritten) {
        instance->mem.shadow = vx_shadow_new();
        if (instance->mem.shadow == NULL)
            return VX32_NO_MEMORY;
    }
    if (instance->image != NULL)
        return start(instance);
    mark_unloaded(instance);
    return VX32_OK;
}

/* The registers' alignment can be more than malloc's. */
static struct vx32_instance *allocate(void)
{
    struct vx32_instance *instance =
        aligned_alloc(_Alignof(struct vx32_instance), sizeof *instance);

    if (instance != NULL) {
        memset(instance, 0, sizeof *instance);
        atomic_init(&instance->interrupted, 0);
    }
    return instance;
}

enum vx32_status vx32_instance_new(struct vx32_image *image, const struct vx32_options *options,
                                   struct vx32_instance **instance)
{
    const struct vx32_options defaults = {.struct_nbytes = sizeof defaults};
    struct vx32_instance *made;
    enum vx32_status status;

    if (instance == NULL)
        return VX32_INVALID_ARGUMENT;
    *instance = NULL;
    if (options == NULL)
        options = &defaults;
    if (!options_valid(options))
        return VX32_INVALID_ARGUMENT;
    made = allocate();
    if (made == NULL)
        return VX32_NO_MEMORY;
    if (image != NULL)
        made->image = vx_image_share(image);
    status = build(made, options);
    if (status == VX32_OK)
        *instance = made;
    else
        vx32_instance_free(made);
    return status;
}

void vx32_instance_free(struct vx32_instance *instance)
{
    if (instance == NULL)
        return;
    if (instance->engine_state != NULL)
        instance->engine->destroy(instance->engine_state);
    vx_mem_destroy(&instance->mem);
    vx_snapshot_free(instance->snapshot);
    vx32_image_free(instance->image);
    free(instance->settings.arguments);
    free(instance);
}

/* Nothing is left of the program before, nor of what it did. */
static enum vx32_status change_program(struct vx32_instance *instance, struct vx32_image *image)
{
    enum vx32_status status;

    (void)vx_image_share(image);
    vx32_image_free(instance->image);
    instance->image = image;
    vx_snapshot_free(instance->snapshot);
    instance->snapshot = NULL;
    vx_mem_clear(&instance->mem);
    status = start(instance);
    if (status != VX32_OK)
        mark_unloaded(instance);
    return status;
}

enum vx32_status vx32_load(struct vx32_instance *instance, struct vx32_image *image, int argc,
                           const char *const *argv)
{
    struct vx_settings settings = instance->settings;
    enum vx32_status status;

    if (image == NULL || argc < 0 || (argc > 0 && argv == NULL))
        return VX32_INVALID_ARGUMENT;
    status = copy_arguments(&settings, argc > 0 ? argc : 1, argc > 0 ? argv : default_arguments);
    if (status != VX32_OK)
        return status;
    free(instance->settings.arguments);
    instance->settings = settings;
    return change_program(instance, image);
}

/*
 * A page is never writable and executable, so code that the guest did not map or protect anew is
 * still what was loaded, or what was there when the snapshot was taken: then the engine may keep
 * what it made of it. An interrupt that was asked for and not yet seen stays: it is the host's and
 * not the guest's.
 */
enum vx32_status vx32_reset(struct vx32_instance *instance)
{
    uint64_t generation = instance->loaded_generation;
    bool same_code = instance->mem.code_generation == generation;
    enum vx32_status status;

    if (instance->image == NULL)
        return VX32_INVALID_ARGUMENT;
    if (instance->snapshot == NULL && vx_reload(instance)) {
        start_counters(instance);
        return VX32_OK;
    }
    vx_mem_clear(&instance->mem);
    status = instance->snapshot != NULL ? vx_snapshot_restore(instance) : start(instance);
    if (status != VX32_OK) {
        mark_unloaded(instance);
        return status;
    }
    if (same_code)
        instance->loaded_generation = instance->mem.code_generation = generation;
    return VX32_OK;
}

/* ---- engines ---- */

bool vx32_engine_available(enum vx32_engine engine)
{
    const struct vx_engine *first;

    return vx_engine_candidates(engine, &first, 1) != 0;
}

enum vx32_engine vx32_instance_engine(const struct vx32_instance *instance)
{
    return instance->engine->kind;
}

/* ---- looking in ---- */

enum vx32_status vx32_read(const struct vx32_instance *instance, vx32_addr addr, void *destination,
                           size_t nbytes)
{
    if (nbytes == 0)
        return VX32_OK;
    return vx_fetch(&instance->mem, addr, destination, nbytes) ? VX32_OK : VX32_INVALID_ARGUMENT;
}

enum vx32_status vx32_write(struct vx32_instance *instance, vx32_addr addr, const void *source,
                            size_t nbytes)
{
    if (nbytes == 0)
        return VX32_OK;
    return vx_store(&instance->mem, addr, source, nbytes) ? VX32_OK : VX32_INVALID_ARGUMENT;
}

void vx32_registers_get(const struct vx32_instance *instance, struct vx32_registers *registers)
{
    vx_cpu_get(&instance->cpu, registers);
}

void vx32_registers_set(struct vx32_instance *instance, const struct vx32_registers *registers)
{
    vx_cpu_set(&instance->cpu, registers);
}

static void set_text(char *text, size_t text_nbytes, const char *value)
{
    size_t length = strlen(value);

    if (text_nbytes == 0)
        return;
    if (length >= text_nbytes)
        length = text_nbytes - 1;
    memcpy(text, value, length);
    text[length] = '\0';
}

size_t vx32_disassemble(const struct vx32_instance *instance, vx32_addr addr, char *text,
                        size_t text_nbytes)
{
    enum { MAX_INSTRUCTION_NBYTES = 15 };
    const struct vx_mem *mem = &instance->mem;
    size_t nbytes = vx_mem_accessible(mem, addr, MAX_INSTRUCTION_NBYTES, VX32_ACCESS_READ);

    if (nbytes == 0) {
        set_text(text, text_nbytes, "(unmapped)");
        return 0;
    }
    return vx_disassemble(mem->base + addr, nbytes, addr, text, text_nbytes);
}

static uint64_t refused_block_count(const struct vx32_instance *instance)
{
    const struct vx_engine *engine = instance->engine;

    return engine->refused_block_count != NULL ? engine->refused_block_count(instance->engine_state)
                                               : 0;
}

void vx32_statistics_get(const struct vx32_instance *instance, struct vx32_statistics *statistics)
{
    *statistics = (struct vx32_statistics){
        .instruction_count = instance->instruction_count,
        .system_call_count = instance->system_call_count,
        .block_count = instance->engine->block_count(instance->engine_state),
        .refused_block_count = refused_block_count(instance),
        .memory_peak_nbytes = instance->mem.mapped_peak_nbytes,
    };
}

/* SPDX-License-Identifier: MIT */
/* The one place where the archiver meets vx32: streams in and out of a guest, limits, messages. */
#include "sandbox.h"

#include "vx32.h"
#include "vx32_abi.h"
#include "watch.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { MESSAGE_NBYTES = 201 };

/* More than any run can take, and far from the end of time_t. */
#define MAX_CPU_SECONDS UINT64_C(1000000000)
/* The largest guest that vx32 has. */
#define MAX_MEMORY_NBYTES UINT64_C(0xffff0000)

/* By convention of the decoders, what exit status says that memory did not suffice. */
enum { EXIT_NO_MEMORY = 3 };

struct vxa_sandbox {
    struct vx32_instance *guest;
    struct vxa_sandbox_limits limits;
    struct vxa_watch *watch; /* of a time limit, from its first run on */
    struct timespec deadline;
    atomic_bool stop; /* the run is to end */
    bool has_message; /* its first line is complete */
    size_t message_nbytes;
    char message[MESSAGE_NBYTES];
};

static enum vx32_engine engine_of(enum vxa_engine engine)
{
    switch (engine) {
    case VXA_ENGINE_INTERPRET: return VX32_ENGINE_INTERPRET;
    case VXA_ENGINE_TRANSLATE: return VX32_ENGINE_TRANSLATE;
    case VXA_ENGINE_AUTO: break;
    }
    return VX32_ENGINE_AUTO;
}

bool vxa_sandbox_engine_available(enum vxa_engine engine)
{
    return vx32_engine_available(engine_of(engine));
}

/* ---- opening ---- */

static enum vxa_failure_kind kind_of(enum vx32_status status)
{
    switch (status) {
    case VX32_NO_MEMORY: return VXA_FAILURE_MEMORY;
    case VX32_LIMIT: return VXA_FAILURE_LIMIT;
    case VX32_UNSUPPORTED: return VXA_FAILURE_UNSUPPORTED;
    case VX32_HOST_FAILURE: return VXA_FAILURE_IO;
    case VX32_OK:
    case VX32_BAD_IMAGE:
    case VX32_INVALID_ARGUMENT: break;
    }
    return VXA_FAILURE_DECODER;
}

static bool fail_status(struct vxa_failure *failure, const char *what, enum vx32_status status)
{
    return vxa_fail(failure, kind_of(status), "%s: %s", what, vx32_status_text(status));
}

static bool start_guest(struct vx32_image *image, const struct vx32_options *options,
                        struct vxa_sandbox *sandbox, struct vxa_failure *failure)
{
    enum vx32_status status = vx32_instance_new(image, options, &sandbox->guest);

    return status == VX32_OK || fail_status(failure, "cannot start the decoder", status);
}

/* The argument vector with the name in front; the caller frees it. */
static const char **make_argv(const char *name, const char *const *arguments, int count)
{
    const char **argv = calloc((size_t)count + 1, sizeof *argv);

    if (!argv)
        return NULL;
    argv[0] = name;
    for (int i = 0; i < count; i++)
        argv[i + 1] = arguments[i];
    return argv;
}

static bool open_image(const void *elf, size_t elf_nbytes, struct vx32_image **image,
                       struct vxa_failure *failure)
{
    const char *problem = NULL;
    enum vx32_status status = vx32_image_parse(elf, elf_nbytes, image, &problem);

    if (status == VX32_OK)
        return true;
    return vxa_fail(failure, kind_of(status), "its decoder cannot be used: %s",
                    problem ? problem : vx32_status_text(status));
}

/* Whole pages, as vx32 wants it, and no less than one: 0 would be the default. */
static struct vxa_sandbox_limits fitting_limits(const struct vxa_sandbox_limits *limits)
{
    struct vxa_sandbox_limits fitting = *limits;

    if (fitting.memory_nbytes > MAX_MEMORY_NBYTES)
        fitting.memory_nbytes = MAX_MEMORY_NBYTES;
    else if (fitting.memory_nbytes > 0 && fitting.memory_nbytes < VX32_PAGE_NBYTES)
        fitting.memory_nbytes = VX32_PAGE_NBYTES;
    fitting.memory_nbytes -= fitting.memory_nbytes % VX32_PAGE_NBYTES;
    if (fitting.cpu_seconds > MAX_CPU_SECONDS)
        fitting.cpu_seconds = MAX_CPU_SECONDS;
    return fitting;
}

bool vxa_sandbox_open(const void *elf, size_t elf_nbytes, const char *name,
                      const char *const *arguments, int argument_count, enum vxa_engine engine,
                      const struct vxa_sandbox_limits *limits, struct vxa_sandbox **sandbox,
                      struct vxa_failure *failure)
{
    struct vxa_sandbox *s = calloc(1, sizeof *s);
    const char **argv = make_argv(name, arguments, argument_count);
    struct vx32_image *image = NULL;
    bool ok = s && argv;

    if (!ok)
        (void)vxa_fail(failure, VXA_FAILURE_MEMORY, "out of memory");
    if (ok && limits)
        s->limits = fitting_limits(limits);
    ok = ok && open_image(elf, elf_nbytes, &image, failure);
    ok = ok && start_guest(image,
                           &(struct vx32_options){
                               .struct_nbytes = sizeof(struct vx32_options),
                               .engine = engine_of(engine),
                               .memory_nbytes = s->limits.memory_nbytes,
                               .argc = argument_count + 1,
                               .argv = argv,
                           },
                           s, failure);
    vx32_image_free(image);
    free(argv);
    if (!ok) {
        free(s);
        return false;
    }
    *sandbox = s;
    return true;
}

void vxa_sandbox_close(struct vxa_sandbox *sandbox)
{
    if (!sandbox)
        return;
    vxa_watch_free(sandbox->watch);
    vx32_instance_free(sandbox->guest);
    free(sandbox);
}

void vxa_sandbox_interrupt(struct vxa_sandbox *sandbox)
{
    atomic_store(&sandbox->stop, true);
    vx32_interrupt(sandbox->guest);
}

/* ---- limits ---- */

/* The guest stops, and step() finds out why. */
static void on_late(void *context)
{
    vx32_interrupt(context);
}

/* Without a limit of instructions they are not counted: decoders run at full speed. */
static bool start_limits(struct vxa_sandbox *s, struct vxa_failure *failure)
{
    vx32_fuel_set(s->guest, s->limits.fuel ? s->limits.fuel : VX32_FUEL_UNLIMITED);
    s->has_message = false;
    s->message_nbytes = 0;
    if (!s->limits.cpu_seconds)
        return true;
    if (!s->watch)
        s->watch = vxa_watch_new(on_late, s->guest);
    if (!s->watch)
        return vxa_fail(failure, VXA_FAILURE_MEMORY, "cannot watch the time of its decoder");
    s->deadline = vxa_watch_now();
    s->deadline.tv_sec += (time_t)s->limits.cpu_seconds;
    vxa_watch_begin(s->watch, s->deadline);
    return true;
}

static void end_limits(struct vxa_sandbox *s)
{
    if (s->watch)
        vxa_watch_end(s->watch);
}

static bool fail_fuel(const struct vxa_sandbox *s, struct vxa_failure *failure)
{
    return vxa_fail(failure, VXA_FAILURE_LIMIT,
                    "its decoder executed more than the %" PRIu64 " instructions allowed",
                    s->limits.fuel);
}

/* The run was interrupted: true if it may go on, for the reason was an earlier run's. */
static bool check_interrupt(struct vxa_sandbox *s, struct vxa_failure *failure)
{
    if (atomic_exchange(&s->stop, false))
        return vxa_fail(failure, VXA_FAILURE_INTERRUPTED, "interrupted");
    if (s->limits.cpu_seconds && vxa_watch_is_late(s->deadline))
        return vxa_fail(failure, VXA_FAILURE_LIMIT,
                        "its decoder used more than the %" PRIu64 " CPU seconds allowed",
                        s->limits.cpu_seconds);
    return true;
}

/* ---- what the guest asks for ---- */

/* Keeps the first line of what the decoder says, as far as it is printable. */
static void keep_message(struct vxa_sandbox *s, const uint8_t *data, size_t nbytes)
{
    for (size_t i = 0; i < nbytes && !s->has_message; i++) {
        if (data[i] == '\n')
            s->has_message = s->message_nbytes > 0;
        else if (s->message_nbytes == MESSAGE_NBYTES - 1)
            s->has_message = true;
        else
            s->message[s->message_nbytes++] =
                data[i] >= 0x20 && data[i] < 0x7f ? (char)data[i] : '?';
    }
}

static bool feed(struct vxa_sandbox *s, const struct vx32_exit *exit, struct vxa_source source,
                 struct vxa_failure *failure)
{
    ptrdiff_t count = source.read(source.context, exit->data, exit->nbytes);

    if (count < 0 || vx32_complete(s->guest, count) != VX32_OK)
        return vxa_fail(failure, VXA_FAILURE_IO, "%s", "");
    return true;
}

static bool drain(struct vxa_sandbox *s, const struct vx32_exit *exit, struct vxa_sink sink,
                  struct vxa_failure *failure)
{
    if (exit->fd == VX32_FD_OUTPUT && !sink.write(sink.context, exit->data, exit->nbytes))
        return vxa_fail(failure, VXA_FAILURE_IO, "%s", "");
    if (exit->fd == VX32_FD_MESSAGES)
        keep_message(s, exit->data, exit->nbytes);
    if (vx32_complete(s->guest, (int64_t)exit->nbytes) != VX32_OK)
        return vxa_fail(failure, VXA_FAILURE_IO, "%s", "");
    return true;
}

/* ---- how it ended ---- */

static bool describe_exit(struct vxa_sandbox *s, int code, struct vxa_failure *failure)
{
    uint64_t memory_nbytes =
        s->limits.memory_nbytes ? s->limits.memory_nbytes : VX32_DEFAULT_MEMORY_NBYTES;

    if (code == 0)
        return true;
    if (code == EXIT_NO_MEMORY)
        return vxa_fail(failure, VXA_FAILURE_LIMIT,
                        "its decoder needs more than the %" PRIu64 " MiB of memory allowed",
                        memory_nbytes >> 20);
    s->message[s->message_nbytes] = '\0';
    return vxa_fail(failure, VXA_FAILURE_DATA, "its decoder reports an error (status %d)%s%s", code,
                    s->message_nbytes ? ": " : "", s->message);
}

static const char *access_text(enum vx32_access access)
{
    switch (access) {
    case VX32_ACCESS_READ: return "reading";
    case VX32_ACCESS_WRITE: return "writing";
    case VX32_ACCESS_EXECUTE: return "executing";
    }
    return "touching";
}

static bool describe_trap(const struct vxa_sandbox *s, const struct vx32_exit *exit,
                          struct vxa_failure *failure)
{
    char text[96];

    vx32_disassemble(s->guest, exit->eip, text, sizeof text);
    if (exit->trap == VX32_TRAP_PAGE_FAULT)
        return vxa_fail(failure, VXA_FAILURE_DECODER,
                        "its decoder trapped: %s at eip 0x%08" PRIx32
                        ", `%s`, %s address 0x%08" PRIx32,
                        vx32_trap_text(exit->trap), exit->eip, text, access_text(exit->access),
                        exit->fault_addr);
    return vxa_fail(failure, VXA_FAILURE_DECODER,
                    "its decoder trapped: %s at eip 0x%08" PRIx32 ", `%s`",
                    vx32_trap_text(exit->trap), exit->eip, text);
}

enum step { STEP_ON, STEP_GOOD, STEP_BAD };

static enum step step(struct vxa_sandbox *s, struct vxa_source source, struct vxa_sink sink,
                      struct vxa_failure *failure)
{
    struct vx32_exit exit;

    vx32_run(s->guest, &exit);
    switch (exit.reason) {
    case VX32_EXIT_NEED_INPUT: return feed(s, &exit, source, failure) ? STEP_ON : STEP_BAD;
    case VX32_EXIT_HAVE_OUTPUT: return drain(s, &exit, sink, failure) ? STEP_ON : STEP_BAD;
    case VX32_EXIT_OUT_OF_FUEL: fail_fuel(s, failure); return STEP_BAD;
    case VX32_EXIT_EXITED: return describe_exit(s, exit.code, failure) ? STEP_GOOD : STEP_BAD;
    case VX32_EXIT_TRAP: describe_trap(s, &exit, failure); return STEP_BAD;
    case VX32_EXIT_INTERRUPTED: break;
    }
    return check_interrupt(s, failure) ? STEP_ON : STEP_BAD;
}

bool vxa_sandbox_run(struct vxa_sandbox *sandbox, struct vxa_source source, struct vxa_sink sink,
                     struct vxa_failure *failure)
{
    enum vx32_status status = vx32_reset(sandbox->guest);
    enum step next = STEP_ON;

    if (status != VX32_OK)
        return fail_status(failure, "cannot start the decoder again", status);
    if (!start_limits(sandbox, failure))
        return false;
    while (next == STEP_ON)
        next = step(sandbox, source, sink, failure);
    end_limits(sandbox);
    return next == STEP_GOOD;
}

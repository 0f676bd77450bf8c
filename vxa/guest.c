/* SPDX-License-Identifier: MIT */
/* The one place where the archiver meets vx32: streams in and out of a guest, limits, messages. */
#include "guest.h"

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

struct vxa_guest {
    struct vx32_instance *instance;
    struct vxa_sandbox_limits limits;
    uint64_t fuel, consumed_nbytes; /* of the present run */
    struct vxa_watch *watch;        /* of a time limit, from its first run on */
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

bool vxa_guest_engine_available(enum vxa_engine engine)
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

struct vxa_guest *vxa_guest_new(enum vxa_engine engine, const struct vxa_sandbox_limits *limits,
                                struct vxa_failure *failure)
{
    struct vxa_guest *guest = calloc(1, sizeof *guest);
    enum vx32_status status;

    if (!guest) {
        (void)vxa_fail(failure, VXA_FAILURE_MEMORY, "out of memory");
        return NULL;
    }
    if (limits)
        guest->limits = fitting_limits(limits);
    status = vx32_instance_new(NULL,
                               &(struct vx32_options){
                                   .struct_nbytes = sizeof(struct vx32_options),
                                   .engine = engine_of(engine),
                                   .memory_nbytes = guest->limits.memory_nbytes,
                               },
                               &guest->instance);
    if (status == VX32_OK)
        return guest;
    (void)fail_status(failure, "cannot make a sandbox", status);
    free(guest);
    return NULL;
}

bool vxa_guest_load(struct vxa_guest *guest, const void *elf, size_t elf_nbytes, const char *name,
                    const char *const *arguments, int argument_count, struct vxa_failure *failure)
{
    const char **argv = make_argv(name, arguments, argument_count);
    struct vx32_image *image = NULL;
    bool ok = argv != NULL;

    if (!ok)
        (void)vxa_fail(failure, VXA_FAILURE_MEMORY, "out of memory");
    ok = ok && open_image(elf, elf_nbytes, &image, failure);
    if (ok) {
        enum vx32_status status = vx32_load(guest->instance, image, argument_count + 1, argv);

        ok = status == VX32_OK || fail_status(failure, "cannot start the decoder", status);
    }
    vx32_image_free(image);
    free(argv);
    return ok;
}

void vxa_guest_free(struct vxa_guest *guest)
{
    if (!guest)
        return;
    vxa_watch_free(guest->watch);
    vx32_instance_free(guest->instance);
    free(guest);
}

void vxa_guest_interrupt(struct vxa_guest *guest)
{
    atomic_store(&guest->stop, true);
    vx32_interrupt(guest->instance);
}

/* ---- limits ---- */

/* The guest stops, and step() finds out why. */
static void on_late(void *context)
{
    vx32_interrupt(context);
}

/* Without a limit of instructions they are not counted: decoders run at full speed. */
static bool start_limits(struct vxa_guest *guest, struct vxa_failure *failure)
{
    vx32_fuel_set(guest->instance, guest->fuel ? guest->fuel : VX32_FUEL_UNLIMITED);
    guest->has_message = false;
    guest->message_nbytes = 0;
    if (!guest->limits.cpu_seconds)
        return true;
    if (!guest->watch)
        guest->watch = vxa_watch_new(on_late, guest->instance);
    if (!guest->watch)
        return vxa_fail(failure, VXA_FAILURE_MEMORY, "cannot watch the time of its decoder");
    guest->deadline = vxa_watch_now();
    guest->deadline.tv_sec += (time_t)guest->limits.cpu_seconds;
    vxa_watch_begin(guest->watch, guest->deadline);
    return true;
}

static void end_limits(struct vxa_guest *guest)
{
    if (guest->watch)
        vxa_watch_end(guest->watch);
}

static bool fail_fuel(const struct vxa_guest *guest, struct vxa_failure *failure)
{
    return vxa_fail(failure, VXA_FAILURE_LIMIT,
                    "its decoder executed more than the %" PRIu64 " instructions allowed",
                    guest->fuel);
}

/* The run was interrupted: true if it may go on, for the reason was an earlier run's. */
static bool check_interrupt(struct vxa_guest *guest, struct vxa_failure *failure)
{
    if (atomic_exchange(&guest->stop, false))
        return vxa_fail(failure, VXA_FAILURE_INTERRUPTED, "interrupted");
    if (guest->limits.cpu_seconds && vxa_watch_is_late(guest->deadline))
        return vxa_fail(failure, VXA_FAILURE_LIMIT,
                        "its decoder used more than the %" PRIu64 " CPU seconds allowed",
                        guest->limits.cpu_seconds);
    return true;
}

/* ---- what the guest asks for ---- */

/* Keeps the first line of what the decoder says, as far as it is printable. */
static void keep_message(struct vxa_guest *guest, const uint8_t *data, size_t nbytes)
{
    for (size_t i = 0; i < nbytes && !guest->has_message; i++) {
        if (data[i] == '\n')
            guest->has_message = guest->message_nbytes > 0;
        else if (guest->message_nbytes == MESSAGE_NBYTES - 1)
            guest->has_message = true;
        else
            guest->message[guest->message_nbytes++] =
                data[i] >= 0x20 && data[i] < 0x7f ? (char)data[i] : '?';
    }
}

/* All that it asks for, if there is so much: what it executes must not depend on how its input came
 * in pieces. */
static bool feed(struct vxa_guest *guest, const struct vx32_exit *exit, struct vxa_source source,
                 struct vxa_failure *failure)
{
    size_t nbytes = 0;
    ptrdiff_t count = 1;

    while (count > 0 && nbytes < exit->nbytes) {
        count = source.read(source.context, (uint8_t *)exit->data + nbytes, exit->nbytes - nbytes);
        nbytes += count > 0 ? (size_t)count : 0;
    }
    if (count < 0 || vx32_complete(guest->instance, (int64_t)nbytes) != VX32_OK)
        return vxa_fail(failure, VXA_FAILURE_IO, "%s", "");
    guest->consumed_nbytes += nbytes;
    return true;
}

static bool drain(struct vxa_guest *guest, const struct vx32_exit *exit, struct vxa_sink sink,
                  struct vxa_failure *failure)
{
    if (exit->fd == VX32_FD_OUTPUT && !sink.write(sink.context, exit->data, exit->nbytes))
        return vxa_fail(failure, VXA_FAILURE_IO, "%s", "");
    if (exit->fd == VX32_FD_MESSAGES)
        keep_message(guest, exit->data, exit->nbytes);
    if (vx32_complete(guest->instance, (int64_t)exit->nbytes) != VX32_OK)
        return vxa_fail(failure, VXA_FAILURE_IO, "%s", "");
    return true;
}

/* ---- how it ended ---- */

static bool describe_exit(struct vxa_guest *guest, int code, struct vxa_failure *failure)
{
    uint64_t memory_nbytes =
        guest->limits.memory_nbytes ? guest->limits.memory_nbytes : VX32_DEFAULT_MEMORY_NBYTES;

    if (code == 0)
        return true;
    if (code == EXIT_NO_MEMORY)
        return vxa_fail(failure, VXA_FAILURE_LIMIT,
                        "its decoder needs more than the %" PRIu64 " MiB of memory allowed",
                        memory_nbytes >> 20);
    guest->message[guest->message_nbytes] = '\0';
    return vxa_fail(failure, VXA_FAILURE_DATA, "its decoder reports an error (status %d)%s%s", code,
                    guest->message_nbytes ? ": " : "", guest->message);
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

static bool describe_trap(const struct vxa_guest *guest, const struct vx32_exit *exit,
                          struct vxa_failure *failure)
{
    char text[96];

    vx32_disassemble(guest->instance, exit->eip, text, sizeof text);
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

static enum step step(struct vxa_guest *guest, struct vxa_source source, struct vxa_sink sink,
                      struct vxa_failure *failure)
{
    struct vx32_exit exit;

    vx32_run(guest->instance, &exit);
    switch (exit.reason) {
    case VX32_EXIT_NEED_INPUT: return feed(guest, &exit, source, failure) ? STEP_ON : STEP_BAD;
    case VX32_EXIT_HAVE_OUTPUT: return drain(guest, &exit, sink, failure) ? STEP_ON : STEP_BAD;
    case VX32_EXIT_OUT_OF_FUEL: fail_fuel(guest, failure); return STEP_BAD;
    case VX32_EXIT_EXITED: return describe_exit(guest, exit.code, failure) ? STEP_GOOD : STEP_BAD;
    case VX32_EXIT_TRAP: describe_trap(guest, &exit, failure); return STEP_BAD;
    case VX32_EXIT_INTERRUPTED: break;
    }
    return check_interrupt(guest, failure) ? STEP_ON : STEP_BAD;
}

static void take_outcome(const struct vxa_guest *guest, struct vxa_sandbox_outcome *outcome)
{
    struct vx32_statistics statistics;

    vx32_statistics_get(guest->instance, &statistics);
    *outcome = (struct vxa_sandbox_outcome){
        .consumed_nbytes = guest->consumed_nbytes,
        .instruction_count = guest->fuel ? guest->fuel - vx32_fuel_left(guest->instance) : 0,
        .memory_peak_nbytes = statistics.memory_peak_nbytes,
    };
}

bool vxa_guest_run(struct vxa_guest *guest, uint64_t fuel, struct vxa_source source,
                   struct vxa_sink sink, struct vxa_sandbox_outcome *outcome,
                   struct vxa_failure *failure)
{
    enum vx32_status status = vx32_reset(guest->instance);
    enum step next = STEP_ON;

    *outcome = (struct vxa_sandbox_outcome){0};
    if (status != VX32_OK)
        return fail_status(failure, "cannot start the decoder again", status);
    guest->fuel = fuel;
    guest->consumed_nbytes = 0;
    if (!start_limits(guest, failure))
        return false;
    while (next == STEP_ON)
        next = step(guest, source, sink, failure);
    end_limits(guest);
    take_outcome(guest, outcome);
    return next == STEP_GOOD;
}

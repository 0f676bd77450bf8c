/* SPDX-License-Identifier: MIT */
/* The host's side of a worker: what it is sent, what of its answers is believed, and its end. */
#include "sandbox.h"
#include "interrupt.h"
#include "worker.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

enum {
    LOOK_MILLISECONDS = 50, /* at the clock and the interrupt, while waiting */
    STALL_LOOK_COUNT = 200, /* without an answer and without a use of the processor */
    START_SECONDS = 2,      /* for a worker that gets ready; some milliseconds are usual */
    FEED_NBYTES = 2 * VXA_FRAME_MAX_NBYTES,
};

/* More than any run can take, and far from the end of time_t. */
#define MAX_CPU_SECONDS UINT64_C(1000000000)

struct vxa_sandbox {
    struct vxa_sandbox_limits limits;
    struct vxa_guest *guest; /* in this process; or: */
    struct vxa_worker_process process;
    clockid_t clock; /* the worker's use of the processor */
    bool has_clock, alive;
    struct vxa_sandbox_outcome outcome; /* of the last run */
    unsigned walls;
    uint8_t chunk[VXA_FRAME_MAX_NBYTES];
};

/* One request that is under way. */
struct exchange {
    struct vxa_sandbox *sandbox;
    struct vxa_source source;
    struct vxa_sink sink;
    bool source_ended, is_over, good;
    struct timespec start;               /* by the host's clock */
    struct timespec start_use, last_use; /* by the worker's clock */
    uint64_t seconds;
    unsigned stall_count;
    enum vxa_reply final_reply;
    struct vxa_failure *failure;
};

bool vxa_sandbox_engine_available(enum vxa_engine engine)
{
    return vxa_guest_engine_available(engine);
}

/* ---- the end of a worker ---- */

static bool is_interrupted(const struct vxa_sandbox *sandbox)
{
    return sandbox->limits.interrupt && sandbox->limits.interrupt->raised;
}

/* Returns its status as waitpid() does. */
static int end_worker(struct vxa_sandbox *sandbox)
{
    sandbox->alive = false;
    return vxa_worker_end(sandbox->limits.spawner, &sandbox->process);
}

/* It ended by itself, which it never should. */
static bool fail_gone(struct exchange *exchange)
{
    int status = end_worker(exchange->sandbox);

    if (status != -1 && WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
        return vxa_fail(exchange->failure, VXA_FAILURE_DECODER,
                        "its decoder's process asked for what it may not have, and was ended");
    if (status != -1 && WIFSIGNALED(status))
        return vxa_fail(exchange->failure, VXA_FAILURE_DECODER,
                        "its decoder's process was ended by signal %d (%s)", WTERMSIG(status),
                        strsignal(WTERMSIG(status)));
    return vxa_fail(exchange->failure, VXA_FAILURE_DECODER, "its decoder's process ended early");
}

static bool fail_and_end(struct exchange *exchange, enum vxa_failure_kind kind, const char *text)
{
    (void)end_worker(exchange->sandbox);
    return vxa_fail(exchange->failure, kind, "%s", text);
}

static bool fail_protocol(struct exchange *exchange)
{
    return fail_and_end(exchange, VXA_FAILURE_DECODER,
                        "its decoder's process gave an answer that makes no sense");
}

/* ---- time ---- */

static struct timespec used_time(const struct vxa_sandbox *sandbox)
{
    struct timespec used = {0};

    if (sandbox->has_clock)
        (void)clock_gettime(sandbox->clock, &used);
    return used;
}

static int64_t milliseconds_between(struct timespec from, struct timespec to)
{
    return ((int64_t)to.tv_sec - from.tv_sec) * 1000 + (to.tv_nsec - from.tv_nsec) / 1000000;
}

/* Of its time, in milliseconds, what the worker has left. It has one thread: it cannot have used
 * more than has passed, which is quicker to find out. */
static int64_t left_milliseconds(const struct exchange *exchange)
{
    int64_t limit = (int64_t)exchange->seconds * 1000;
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    int64_t left = limit - milliseconds_between(exchange->start, now);

    return left > 0
               ? left
               : limit - milliseconds_between(exchange->start_use, used_time(exchange->sandbox));
}

static bool check_time(struct exchange *exchange)
{
    if (exchange->seconds == 0 || left_milliseconds(exchange) > 0)
        return true;
    (void)end_worker(exchange->sandbox);
    return vxa_fail(exchange->failure, VXA_FAILURE_LIMIT,
                    "its decoder used more than the %" PRIu64 " CPU seconds allowed",
                    exchange->seconds);
}

static int timeout_of(const struct exchange *exchange)
{
    int64_t left = exchange->seconds ? left_milliseconds(exchange) : LOOK_MILLISECONDS;

    return left >= LOOK_MILLISECONDS ? LOOK_MILLISECONDS : left < 1 ? 1 : (int)left;
}

/* A worker that is stopped, or waits for what nobody will give, uses no time at all. */
static bool check_stall(struct exchange *exchange)
{
    struct timespec used = used_time(exchange->sandbox), *last = &exchange->last_use;

    if (used.tv_sec != last->tv_sec || used.tv_nsec != last->tv_nsec)
        exchange->stall_count = 0;
    *last = used;
    return !exchange->sandbox->has_clock || ++exchange->stall_count < STALL_LOOK_COUNT ||
           fail_and_end(exchange, VXA_FAILURE_DECODER, "its decoder's process does not go on");
}

/* ---- requests ---- */

static bool can_feed(const struct exchange *exchange)
{
    struct vxa_channel *channel = &exchange->sandbox->process.channel;

    return !exchange->source_ended && vxa_ring_free_nbytes(&channel->out) >= FEED_NBYTES;
}

static bool feed(struct exchange *exchange)
{
    struct vxa_channel *channel = &exchange->sandbox->process.channel;
    size_t room = 0;
    uint8_t *place = vxa_ring_place(&channel->out, &room);
    ptrdiff_t count = place ? exchange->source.read(exchange->source.context, place, room) : -1;

    if (count < 0)
        return fail_and_end(exchange, VXA_FAILURE_IO, "");
    vxa_ring_put(&channel->out, count > 0 ? VXA_REQUEST_DATA : VXA_REQUEST_END, (size_t)count);
    exchange->source_ended = count == 0;
    return true;
}

/* ---- replies ---- */

/* Nothing else is for a worker to say. */
static enum vxa_failure_kind believable(uint32_t kind)
{
    switch (kind) {
    case VXA_FAILURE_UNSUPPORTED:
    case VXA_FAILURE_DATA:
    case VXA_FAILURE_LIMIT:
    case VXA_FAILURE_MEMORY: return (enum vxa_failure_kind)kind;
    default: return VXA_FAILURE_DECODER;
    }
}

static bool take_report(struct exchange *exchange, const struct vxa_frame *frame)
{
    struct vxa_report report = {0};
    size_t nbytes = frame->nbytes < sizeof report - 1 ? frame->nbytes : sizeof report - 1;

    memcpy(&report, frame->content, nbytes);
    exchange->sandbox->outcome = report.outcome;
    exchange->sandbox->walls = report.walls;
    exchange->is_over = true;
    exchange->good = report.good == 1;
    return exchange->good ||
           vxa_fail(exchange->failure, believable(report.kind), "%s",
                    report.text[0] != '\0' ? report.text : "its decoder failed without a word");
}

/* The bytes are copied first: whoever checks them must see what the next one writes. */
static bool take_data(struct exchange *exchange, const struct vxa_frame *frame)
{
    uint8_t *chunk = exchange->sandbox->chunk;

    memcpy(chunk, frame->content, frame->nbytes);
    return exchange->sink.write(exchange->sink.context, chunk, frame->nbytes) ||
           fail_and_end(exchange, VXA_FAILURE_IO, "");
}

static bool take_frame(struct exchange *exchange, const struct vxa_frame *frame)
{
    struct vxa_channel *channel = &exchange->sandbox->process.channel;

    if (frame->kind == exchange->final_reply) {
        bool ok = take_report(exchange, frame);

        vxa_ring_pass(&channel->in, frame);
        return ok;
    }
    if (frame->kind != VXA_REPLY_DATA || !exchange->sink.write)
        return fail_protocol(exchange);
    if (!take_data(exchange, frame))
        return false;
    vxa_ring_pass(&channel->in, frame);
    if (VXA_RING_NBYTES - vxa_ring_filled_nbytes(&channel->in) >= VXA_RING_NBYTES / 2)
        vxa_channel_nudge(channel);
    return check_time(exchange);
}

/* ---- the exchange ---- */

static bool wait_for_worker(struct exchange *exchange)
{
    struct vxa_sandbox *sandbox = exchange->sandbox;
    struct vxa_channel *channel = &sandbox->process.channel;

    vxa_channel_announce(channel);
    if (vxa_ring_filled_nbytes(&channel->in) > 0 || can_feed(exchange)) {
        vxa_channel_go_on(channel);
        return true;
    }
    vxa_channel_nudge(channel);
    bool woken = vxa_channel_wait(channel, timeout_of(exchange));

    if (is_interrupted(sandbox))
        return fail_and_end(exchange, VXA_FAILURE_INTERRUPTED, "interrupted");
    if (woken || vxa_ring_filled_nbytes(&channel->in) > 0)
        return true;
    if (vxa_worker_is_gone(&sandbox->process))
        return vxa_ring_filled_nbytes(&channel->in) > 0 || fail_gone(exchange);
    vxa_channel_wake(channel);
    return check_time(exchange) && check_stall(exchange);
}

static bool go_on(struct exchange *exchange)
{
    struct vxa_channel *channel = &exchange->sandbox->process.channel;
    bool fed = can_feed(exchange), took;
    struct vxa_frame frame;

    if (fed && !feed(exchange))
        return false;
    /* What is short is sent whole before anybody is woken. */
    if (fed && (exchange->source_ended ||
                VXA_RING_NBYTES - vxa_ring_free_nbytes(&channel->out) >= VXA_FRAME_MAX_NBYTES))
        vxa_channel_nudge(channel);
    took = vxa_ring_look(&channel->in, &frame);
    if (took && !take_frame(exchange, &frame))
        return false;
    if (channel->in.broken || channel->out.broken)
        return fail_protocol(exchange);
    return fed || took || wait_for_worker(exchange);
}

/* The worker skips what it has of the source up to its end. */
static bool finish(struct exchange *exchange)
{
    struct vxa_sandbox *sandbox = exchange->sandbox;

    if (!sandbox->alive || exchange->source_ended ||
        vxa_ring_send(&sandbox->process.channel.out, VXA_REQUEST_END, NULL, 0))
        return exchange->good;
    /* There is no room yet: it is simpler to have a new worker than to wait. */
    (void)end_worker(sandbox);
    return exchange->good;
}

static bool exchange_all(struct exchange *exchange)
{
    struct vxa_sandbox *sandbox = exchange->sandbox;
    uint64_t seconds = sandbox->limits.cpu_seconds;

    clock_gettime(CLOCK_MONOTONIC, &exchange->start);
    exchange->start_use = used_time(sandbox);
    if (exchange->seconds == 0)
        exchange->seconds = seconds < MAX_CPU_SECONDS ? seconds : MAX_CPU_SECONDS;
    exchange->failure->kind = VXA_FAILURE_NONE;
    while (!exchange->is_over) {
        if (!go_on(exchange) && !exchange->is_over)
            return false;
    }
    return finish(exchange);
}

/* ---- opening ---- */

static void find_clock(struct vxa_sandbox *sandbox)
{
    sandbox->has_clock = clock_getcpuclockid(sandbox->process.pid, &sandbox->clock) == 0;
}

static bool start_worker(struct vxa_sandbox *sandbox, enum vxa_engine engine,
                         struct vxa_failure *failure)
{
    struct vxa_worker_setup setup = {.engine = (int)engine,
                                     .memory_nbytes = sandbox->limits.memory_nbytes};
    struct exchange exchange = {.sandbox = sandbox,
                                .source_ended = true,
                                .final_reply = VXA_REPLY_READY,
                                .seconds = START_SECONDS,
                                .failure = failure};

    if (!vxa_spawn(sandbox->limits.spawner, &setup, &sandbox->process, failure))
        return false;
    sandbox->alive = true;
    find_clock(sandbox);
    return exchange_all(&exchange);
}

/* What a worker is loaded with, as a source: the texts, then the ELF file. */
struct load_source {
    const uint8_t *parts[2];
    size_t nbytes[2];
};

static ptrdiff_t read_load(void *context, void *buffer, size_t nbytes)
{
    struct load_source *load = context;
    int part = load->nbytes[0] == 0;

    if (nbytes > load->nbytes[part])
        nbytes = load->nbytes[part];
    if (nbytes > 0)
        memcpy(buffer, load->parts[part], nbytes);
    load->parts[part] += nbytes;
    load->nbytes[part] -= nbytes;
    return (ptrdiff_t)nbytes;
}

static bool send_load(struct vxa_sandbox *sandbox, struct load_source *source,
                      struct vxa_failure *failure)
{
    struct vxa_load load = {(uint32_t)source->nbytes[0], (uint32_t)source->nbytes[1]};
    struct exchange exchange = {.sandbox = sandbox,
                                .source = {read_load, source},
                                .final_reply = VXA_REPLY_DONE,
                                .failure = failure};

    return vxa_ring_send(&sandbox->process.channel.out, VXA_REQUEST_LOAD, &load, sizeof load)
               ? exchange_all(&exchange)
               : fail_protocol(&exchange);
}

static size_t append_text(char *texts, size_t used, const char *text)
{
    size_t nbytes = strlen(text) + 1;

    if (texts)
        memcpy(texts + used, text, nbytes);
    return used + nbytes;
}

/* The name and the arguments, one behind the other; NULL texts only count. */
static size_t join_texts(char *texts, const char *name, const char *const *arguments, int count)
{
    size_t used = append_text(texts, 0, name);

    for (int i = 0; i < count; i++)
        used = append_text(texts, used, arguments[i]);
    return used;
}

static bool load_worker(struct vxa_sandbox *sandbox, const void *elf, size_t elf_nbytes,
                        const char *name, const char *const *arguments, int argument_count,
                        struct vxa_failure *failure)
{
    size_t texts_nbytes = join_texts(NULL, name, arguments, argument_count);
    char *texts = malloc(texts_nbytes);

    if (!texts)
        return vxa_fail(failure, VXA_FAILURE_MEMORY, "out of memory");
    if (texts_nbytes > VXA_TEXTS_MAX_NBYTES || elf_nbytes > VXA_ELF_MAX_NBYTES) {
        free(texts);
        return vxa_fail(failure, VXA_FAILURE_LIMIT, "its decoder or its arguments are too large");
    }
    (void)join_texts(texts, name, arguments, argument_count);
    struct load_source source = {{(const uint8_t *)texts, elf}, {texts_nbytes, elf_nbytes}};
    bool ok = send_load(sandbox, &source, failure);

    free(texts);
    return ok;
}

static bool open_here(struct vxa_sandbox *sandbox, const void *elf, size_t elf_nbytes,
                      const char *name, const char *const *arguments, int argument_count,
                      enum vxa_engine engine, struct vxa_failure *failure)
{
    sandbox->guest = vxa_guest_new(engine, &sandbox->limits, failure);
    sandbox->alive = true;
    return sandbox->guest && vxa_guest_load(sandbox->guest, elf, elf_nbytes, name, arguments,
                                            argument_count, failure);
}

bool vxa_sandbox_open(const void *elf, size_t elf_nbytes, const char *name,
                      const char *const *arguments, int argument_count, enum vxa_engine engine,
                      const struct vxa_sandbox_limits *limits, struct vxa_sandbox **sandbox,
                      struct vxa_failure *failure)
{
    struct vxa_sandbox *s = calloc(1, sizeof *s);

    if (!s)
        return vxa_fail(failure, VXA_FAILURE_MEMORY, "out of memory");
    if (limits)
        s->limits = *limits;
    bool ok = s->limits.spawner
                  ? start_worker(s, engine, failure) &&
                        load_worker(s, elf, elf_nbytes, name, arguments, argument_count, failure)
                  : open_here(s, elf, elf_nbytes, name, arguments, argument_count, engine, failure);

    if (!ok) {
        vxa_sandbox_close(s);
        return false;
    }
    *sandbox = s;
    return true;
}

void vxa_sandbox_close(struct vxa_sandbox *sandbox)
{
    if (!sandbox)
        return;
    if (sandbox->limits.spawner && sandbox->alive)
        (void)end_worker(sandbox);
    vxa_guest_free(sandbox->guest);
    free(sandbox);
}

bool vxa_sandbox_is_alive(const struct vxa_sandbox *sandbox)
{
    return sandbox->alive;
}

bool vxa_sandbox_probe(const struct vxa_sandbox_limits *limits, unsigned *walls,
                       struct vxa_failure *failure)
{
    struct vxa_sandbox *sandbox = calloc(1, sizeof *sandbox);

    *walls = 0;
    if (!sandbox)
        return vxa_fail(failure, VXA_FAILURE_MEMORY, "out of memory");
    sandbox->limits = *limits;
    bool ok = !limits->spawner || start_worker(sandbox, VXA_ENGINE_INTERPRET, failure);

    *walls = sandbox->walls;
    vxa_sandbox_close(sandbox);
    return ok;
}

/* ---- running ---- */

static bool run_here(struct vxa_sandbox *sandbox, struct vxa_source source, struct vxa_sink sink,
                     struct vxa_failure *failure)
{
    struct vxa_interrupt *interrupt = sandbox->limits.interrupt;

    if (interrupt)
        interrupt->running = sandbox->guest;
    bool ok = vxa_guest_run(sandbox->guest, sandbox->limits.fuel, source, sink, &sandbox->outcome,
                            failure);

    if (interrupt)
        interrupt->running = NULL;
    return ok;
}

bool vxa_sandbox_run(struct vxa_sandbox *sandbox, struct vxa_source source, struct vxa_sink sink,
                     struct vxa_failure *failure)
{
    struct exchange exchange = {.sandbox = sandbox,
                                .source = source,
                                .sink = sink,
                                .final_reply = VXA_REPLY_DONE,
                                .failure = failure};

    if (sandbox->guest)
        return run_here(sandbox, source, sink, failure);
    if (!sandbox->alive)
        return vxa_fail(failure, VXA_FAILURE_DECODER, "its decoder's process is gone");
    return vxa_ring_send(&sandbox->process.channel.out, VXA_REQUEST_RUN, &sandbox->limits.fuel,
                         sizeof sandbox->limits.fuel)
               ? exchange_all(&exchange)
               : fail_protocol(&exchange);
}

struct vxa_sandbox_outcome vxa_sandbox_outcome(const struct vxa_sandbox *sandbox)
{
    return sandbox->outcome;
}

void vxa_sandbox_set_fuel(struct vxa_sandbox *sandbox, uint64_t fuel)
{
    sandbox->limits.fuel = fuel;
}

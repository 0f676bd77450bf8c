/* SPDX-License-Identifier: MIT */
/* The worker: makes its guest, locks itself up, and only then looks at what it is given. */
#include "worker.h"
#include "isolation.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    WAKE_NBYTES = VXA_RING_NBYTES / 2, /* of output: the host is not woken for less */
    /* What the worker needs beside the guest's memory: tables of the translator, most of all. */
    OWN_NBYTES = 1 << 30,
};

struct worker {
    struct vxa_channel channel;
    struct vxa_guest *guest;
    /* The piece of the source that is being handed out. */
    struct vxa_frame frame;
    size_t frame_off;
    bool has_frame, source_ended;
};

/* ---- waiting ---- */

static bool has_input(struct worker *worker)
{
    return vxa_ring_filled_nbytes(&worker->channel.in) > 0;
}

static bool has_room(struct worker *worker)
{
    return vxa_ring_free_nbytes(&worker->channel.out) >= 2 * sizeof(struct vxa_report) + 64;
}

/* Whoever breaks the rules gets no more answers. */
static void wait_until(struct worker *worker, bool (*ready)(struct worker *))
{
    struct vxa_channel *channel = &worker->channel;

    while (!ready(worker)) {
        if (channel->in.broken || channel->out.broken)
            _exit(1);
        vxa_channel_announce(channel);
        if (ready(worker)) {
            vxa_channel_go_on(channel);
            return;
        }
        vxa_channel_nudge(channel);
        (void)vxa_channel_wait(channel, -1);
    }
}

/* ---- requests ---- */

static struct vxa_frame next_request(struct worker *worker)
{
    struct vxa_frame frame;

    while (!vxa_ring_look(&worker->channel.in, &frame)) {
        if (worker->channel.in.broken)
            _exit(1);
        wait_until(worker, has_input);
    }
    return frame;
}

/* Passes a frame; a host that waits for room is woken when there is enough. */
static void pass(struct worker *worker, const struct vxa_frame *frame)
{
    struct vxa_ring *in = &worker->channel.in;
    bool was_full = vxa_ring_filled_nbytes(in) > VXA_RING_NBYTES / 2;

    vxa_ring_pass(in, frame);
    if (was_full && vxa_ring_filled_nbytes(in) <= VXA_RING_NBYTES / 2)
        vxa_channel_nudge(&worker->channel);
}

/* The source, as the guest sees it. */
static ptrdiff_t read_source(void *context, void *buffer, size_t nbytes)
{
    struct worker *worker = context;

    if (worker->source_ended)
        return 0;
    if (!worker->has_frame) {
        worker->frame = next_request(worker);
        worker->frame_off = 0;
        worker->has_frame = worker->frame.kind == VXA_REQUEST_DATA;
        worker->source_ended = !worker->has_frame;
        if (worker->source_ended) {
            pass(worker, &worker->frame);
            return 0;
        }
    }
    size_t rest = worker->frame.nbytes - worker->frame_off;

    if (nbytes > rest)
        nbytes = rest;
    memcpy(buffer, worker->frame.content + worker->frame_off, nbytes);
    worker->frame_off += nbytes;
    if (worker->frame_off == worker->frame.nbytes) {
        pass(worker, &worker->frame);
        worker->has_frame = false;
    }
    return (ptrdiff_t)nbytes;
}

/* What the guest did not want. */
static void skip_source(struct worker *worker)
{
    if (worker->has_frame)
        pass(worker, &worker->frame);
    worker->has_frame = false;
    while (!worker->source_ended) {
        struct vxa_frame frame = next_request(worker);

        worker->source_ended = frame.kind != VXA_REQUEST_DATA;
        pass(worker, &frame);
    }
}

/* ---- replies ---- */

static bool write_sink(void *context, const void *buffer, size_t nbytes)
{
    struct worker *worker = context;
    struct vxa_ring *out = &worker->channel.out;
    const uint8_t *bytes = buffer;

    while (nbytes > 0) {
        size_t room;

        wait_until(worker, has_room);
        uint8_t *place = vxa_ring_place(out, &room);

        if (!place)
            _exit(1);
        if (room > nbytes)
            room = nbytes;
        memcpy(place, bytes, room);
        vxa_ring_put(out, VXA_REPLY_DATA, room);
        bytes += room;
        nbytes -= room;
    }
    if (VXA_RING_NBYTES - vxa_ring_free_nbytes(out) >= WAKE_NBYTES)
        vxa_channel_nudge(&worker->channel);
    return true;
}

static void reply(struct worker *worker, enum vxa_reply kind, bool good,
                  const struct vxa_sandbox_outcome *outcome, const struct vxa_failure *failure,
                  unsigned walls)
{
    struct vxa_report report = {.good = good, .walls = walls};

    if (outcome)
        report.outcome = *outcome;
    if (!good) {
        report.kind = failure->kind;
        memcpy(report.text, failure->text, sizeof report.text);
    }
    wait_until(worker, has_room);
    if (!vxa_ring_send(&worker->channel.out, kind, &report,
                       offsetof(struct vxa_report, text) + strlen(report.text)))
        _exit(1);
    vxa_channel_nudge(&worker->channel);
}

/* ---- what can be asked for ---- */

static bool read_all(struct worker *worker, uint8_t *buffer, size_t nbytes)
{
    while (nbytes > 0) {
        ptrdiff_t count = read_source(worker, buffer, nbytes);

        if (count <= 0)
            return false;
        buffer += count;
        nbytes -= (size_t)count;
    }
    return true;
}

/* The vector points into `texts`, which ends with a NUL. */
static int split(const char *texts, size_t nbytes, const char **vector)
{
    int count = 0;

    for (size_t off = 0; off < nbytes; off += strlen(texts + off) + 1)
        vector[count++] = texts + off;
    return count;
}

static bool load_bytes(struct worker *worker, const struct vxa_load *load, uint8_t *bytes,
                       struct vxa_failure *failure)
{
    const char **vector = calloc(load->texts_nbytes + 1, sizeof *vector);
    const char *texts = (const char *)bytes;
    bool ok = vector && load->texts_nbytes > 0 &&
              read_all(worker, bytes, (size_t)load->texts_nbytes + load->elf_nbytes) &&
              texts[load->texts_nbytes - 1] == '\0';

    if (!ok) {
        (void)vxa_fail(failure, VXA_FAILURE_DECODER, "its decoder did not arrive");
    } else {
        int count = split(texts, load->texts_nbytes, vector);

        ok = vxa_guest_load(worker->guest, bytes + load->texts_nbytes, load->elf_nbytes, vector[0],
                            vector + 1, count - 1, failure);
    }
    free(vector);
    return ok;
}

static void load(struct worker *worker, const struct vxa_frame *frame)
{
    struct vxa_failure failure = {.kind = VXA_FAILURE_MEMORY, .text = "out of memory"};
    struct vxa_load load = {0};
    uint8_t *bytes = NULL;

    if (frame->nbytes == sizeof load)
        memcpy(&load, frame->content, sizeof load);
    pass(worker, frame);
    if (load.texts_nbytes <= VXA_TEXTS_MAX_NBYTES && load.elf_nbytes <= VXA_ELF_MAX_NBYTES)
        bytes = malloc((size_t)load.texts_nbytes + load.elf_nbytes + 1);
    bool ok = bytes && load_bytes(worker, &load, bytes, &failure);

    free(bytes);
    reply(worker, VXA_REPLY_DONE, ok, NULL, &failure, 0);
}

static void run(struct worker *worker, const struct vxa_frame *frame)
{
    struct vxa_sandbox_outcome outcome;
    struct vxa_failure failure = {.kind = VXA_FAILURE_NONE};
    uint64_t fuel = 0;

    if (frame->nbytes == sizeof fuel)
        memcpy(&fuel, frame->content, sizeof fuel);
    pass(worker, frame);
    bool ok = vxa_guest_run(worker->guest, fuel, (struct vxa_source){read_source, worker},
                            (struct vxa_sink){write_sink, worker}, &outcome, &failure);

    reply(worker, VXA_REPLY_DONE, ok, &outcome, &failure, 0);
}

static void serve(struct worker *worker)
{
    for (;;) {
        struct vxa_frame frame = next_request(worker);

        worker->source_ended = false;
        switch ((enum vxa_request)frame.kind) {
        case VXA_REQUEST_LOAD: load(worker, &frame); break;
        case VXA_REQUEST_RUN: run(worker, &frame); break;
        default: _exit(1);
        }
        skip_source(worker);
    }
}

void vxa_work(const struct vxa_worker_setup *setup, struct vxa_channel_memory *memory)
{
    struct worker worker = {.channel = vxa_channel_open(memory, VXA_WORKER)};
    struct vxa_sandbox_limits limits = {.memory_nbytes = setup->memory_nbytes};
    struct vxa_failure failure = {.kind = VXA_FAILURE_NONE};
    uint64_t guest_nbytes = setup->memory_nbytes ? setup->memory_nbytes : UINT64_C(1) << 32;
    unsigned walls;

    worker.guest = vxa_guest_new((enum vxa_engine)setup->engine, &limits, &failure);
    walls = vxa_isolate(guest_nbytes + OWN_NBYTES);
    reply(&worker, VXA_REPLY_READY, worker.guest != NULL, NULL, &failure, walls);
    if (worker.guest)
        serve(&worker);
    _exit(0);
}

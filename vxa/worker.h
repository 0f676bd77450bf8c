/* SPDX-License-Identifier: MIT */
/* What a worker is asked and answers, and the worker itself: a guest behind the second wall. */
#ifndef VXA_WORKER_H
#define VXA_WORKER_H

#include "failure.h"
#include "guest.h"
#include "spawner.h"

/* Kinds of frames. */
enum vxa_request {
    VXA_REQUEST_LOAD = 1, /* a struct vxa_load; then, as data, the texts and the ELF file */
    VXA_REQUEST_RUN,      /* the fuel, 8 bytes; then, as data, the source */
    VXA_REQUEST_DATA,
    VXA_REQUEST_END, /* of the data */
};

enum vxa_reply {
    VXA_REPLY_READY = 1, /* once, at the start: a struct vxa_report */
    VXA_REPLY_DATA,
    VXA_REPLY_DONE, /* with what was asked for: a struct vxa_report, its text not to the full */
};

enum { VXA_TEXTS_MAX_NBYTES = 8192, VXA_ELF_MAX_NBYTES = 16 << 20 };

struct vxa_load {
    uint32_t texts_nbytes; /* the name and the arguments, each with its NUL */
    uint32_t elf_nbytes;
};

struct vxa_report {
    uint32_t good, kind, walls;
    struct vxa_sandbox_outcome outcome;
    char text[VXA_FAILURE_TEXT_NBYTES];
};

/* A vxa_worker_main(). */
void vxa_work(const struct vxa_worker_setup *setup, struct vxa_channel_memory *memory);

#endif

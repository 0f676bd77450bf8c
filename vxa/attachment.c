/* SPDX-License-Identifier: MIT */
/* One run of the decoder, with nothing kept but size, CRC-32 and the first bytes. */
#include "attachment.h"

#include <string.h>
#include <zlib.h>

/* The extractor's own limits: what it would refuse by default is not promised. */
enum { RATIO_MAX = 2000 };
#define FREE_NBYTES ((uint64_t)1 << 30)

struct count {
    const struct vxa_interrupt *interrupt;
    uint64_t nbytes, max_nbytes;
    uint32_t crc32;
    uint8_t head[16];
};

static bool take(void *context, const void *buffer, size_t nbytes)
{
    struct count *count = context;

    if (count->interrupt->raised || nbytes > count->max_nbytes - count->nbytes)
        return false;
    if (count->nbytes < sizeof(count->head)) {
        size_t room_nbytes = sizeof(count->head) - (size_t)count->nbytes;

        memcpy(count->head + count->nbytes, buffer, nbytes < room_nbytes ? nbytes : room_nbytes);
    }
    count->crc32 = (uint32_t)crc32_z(count->crc32, buffer, nbytes);
    count->nbytes += nbytes;
    return true;
}

bool vxa_attach(struct vxa_sandbox *sandbox, const struct vxa_recogniser *recogniser,
                const char *name, struct vxa_spool_range coded, struct vxa_interrupt *interrupt,
                struct vxa_attachment *attachment, struct vxa_failure *failure)
{
    uint64_t coded_nbytes = coded.end_off - coded.off;
    struct count count = {.interrupt = interrupt, .max_nbytes = FREE_NBYTES};
    struct vxa_sink sink = {take, &count};

    if (coded_nbytes > FREE_NBYTES / RATIO_MAX)
        count.max_nbytes =
            coded_nbytes > UINT64_MAX / RATIO_MAX ? UINT64_MAX : coded_nbytes * RATIO_MAX;
    bool ok = vxa_sandbox_run(sandbox, vxa_spool_source(&coded), sink, failure);

    if (interrupt->raised)
        return vxa_fail(failure, VXA_FAILURE_INTERRUPTED, "interrupted");
    if (!ok && failure->text[0] == '\0')
        return vxa_fail(failure, VXA_FAILURE_LIMIT, "it decodes to more than 2000 times its size");
    /* A decoder that has stopped reading has not proved the rest. */
    if (ok && vxa_sandbox_outcome(sandbox).consumed_nbytes != coded_nbytes)
        return vxa_fail(failure, VXA_FAILURE_DATA, "its decoder does not read it to the end");
    if (!ok)
        return false;
    *attachment = (struct vxa_attachment){recogniser, count.nbytes, count.crc32, ""};
    vxa_decoded_suffix(recogniser, name, count.head,
                       count.nbytes < sizeof(count.head) ? (size_t)count.nbytes
                                                         : sizeof(count.head),
                       attachment->decoded_suffix);
    return true;
}

/* SPDX-License-Identifier: MIT */
/* How members are brought together with the decoders that they name. */
#include "mention.h"

#include <stdlib.h>
#include <string.h>

/* By decoder; each decoder's own member in front of those that name it. */
static int compare_mentions(const void *a, const void *b)
{
    const struct vxa_mention *one = a;
    const struct vxa_mention *other = b;
    int order = memcmp(one->sha256, other->sha256, VXA_HASH_NBYTES);

    if (order != 0)
        return order;
    if (one->is_decoder != other->is_decoder)
        return one->is_decoder ? -1 : 1;
    return one->index < other->index ? -1 : 1;
}

size_t vxa_mentions_collect(const struct zip_archive *archive, struct vxa_mention *mentions)
{
    struct vxa_block block;
    size_t count = 0;

    for (size_t i = 0; i < zip_member_count(archive); i++) {
        const struct zip_member *member = zip_member_at(archive, i);

        if (member->block_result != VXA_BLOCK_OK || !zip_member_block(member, &block))
            continue;
        memcpy(mentions[count].sha256, block.decoder_sha256, VXA_HASH_NBYTES);
        mentions[count].is_decoder = block.kind == VXA_BLOCK_DECODER;
        mentions[count++].index = i;
    }
    if (count > 0)
        qsort(mentions, count, sizeof(*mentions), compare_mentions);
    return count;
}

size_t vxa_mentions_end(const struct vxa_mention *mentions, size_t begin, size_t count)
{
    size_t end = begin + 1;

    while (end < count &&
           memcmp(mentions[begin].sha256, mentions[end].sha256, VXA_HASH_NBYTES) == 0)
        end++;
    return end;
}

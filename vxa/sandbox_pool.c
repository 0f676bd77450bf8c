/* SPDX-License-Identifier: MIT */
/* A few slots; the one that was not asked for longest makes room. */
#include "sandbox_pool.h"

#include <stdlib.h>
#include <string.h>

/* Archives have few decoders; an open sandbox costs address space and some megabytes. */
enum { SLOT_COUNT = 8 };

/* What tells sandboxes apart. */
struct key {
    uint8_t sha256[VXA_HASH_NBYTES];
    enum vxa_engine engine;
    size_t arguments_nbytes;
    const char *arguments;
};

struct slot {
    struct vxa_sandbox *sandbox; /* NULL: empty */
    struct key key;              /* its arguments are the slot's own */
    uint64_t last_use;
};

struct vxa_sandbox_pool {
    struct vxa_sandbox_limits limits;
    uint64_t use_count;
    struct slot slots[SLOT_COUNT];
};

struct vxa_sandbox_pool *vxa_sandbox_pool_new(const struct vxa_sandbox_limits *limits)
{
    struct vxa_sandbox_pool *pool = calloc(1, sizeof(*pool));

    if (pool)
        pool->limits = *limits;
    return pool;
}

static void empty(struct slot *slot)
{
    vxa_sandbox_close(slot->sandbox);
    free((void *)slot->key.arguments);
    *slot = (struct slot){0};
}

void vxa_sandbox_pool_free(struct vxa_sandbox_pool *pool)
{
    if (!pool)
        return;
    for (size_t i = 0; i < SLOT_COUNT; i++) {
        if (pool->slots[i].sandbox)
            empty(&pool->slots[i]);
    }
    free(pool);
}

static bool same(const struct key *a, const struct key *b)
{
    return a->engine == b->engine && memcmp(a->sha256, b->sha256, VXA_HASH_NBYTES) == 0 &&
           a->arguments_nbytes == b->arguments_nbytes &&
           (a->arguments_nbytes == 0 ||
            memcmp(a->arguments, b->arguments, a->arguments_nbytes) == 0);
}

/* The slot with this key; else an empty one; else the one that was used longest ago. */
static struct slot *find_slot(struct vxa_sandbox_pool *pool, const struct key *key)
{
    struct slot *best = &pool->slots[0];

    for (size_t i = 0; i < SLOT_COUNT; i++) {
        struct slot *slot = &pool->slots[i];

        if (slot->sandbox && same(&slot->key, key))
            return slot;
        if (slot->last_use < best->last_use)
            best = slot;
    }
    return best;
}

/* The argument vector points into `text`, which ends with a NUL. */
static int split(const char *text, size_t nbytes, const char **arguments)
{
    int count = 0;

    for (size_t off = 0; off < nbytes; off += strlen(text + off) + 1)
        arguments[count++] = text + off;
    return count;
}

static bool open_slot(const struct vxa_sandbox_pool *pool, struct slot *slot, const struct key *key,
                      const struct vxa_decoder *decoder, struct vxa_failure *failure)
{
    char *text = calloc(1, key->arguments_nbytes + 1);
    const char **arguments = calloc(key->arguments_nbytes + 1, sizeof(*arguments));
    bool ok = text && arguments;

    if (ok) {
        if (key->arguments_nbytes > 0)
            memcpy(text, key->arguments, key->arguments_nbytes);
        ok = vxa_sandbox_open(decoder->elf, decoder->elf_nbytes, decoder->name, arguments,
                              split(text, key->arguments_nbytes, arguments), key->engine,
                              &pool->limits, &slot->sandbox, failure);
    } else {
        (void)vxa_fail(failure, VXA_FAILURE_MEMORY, "out of memory");
    }
    free(arguments);
    if (!ok) {
        free(text);
        slot->sandbox = NULL;
        return false;
    }
    slot->key = *key;
    slot->key.arguments = text;
    return true;
}

struct vxa_sandbox *vxa_sandbox_pool_get(struct vxa_sandbox_pool *pool,
                                         const struct vxa_decoder *decoder,
                                         const struct vxa_block *block, enum vxa_engine engine,
                                         struct vxa_failure *failure)
{
    struct key key = {.engine = engine};

    memcpy(key.sha256, decoder->sha256, VXA_HASH_NBYTES);
    if (block) {
        key.arguments_nbytes = block->arguments_nbytes;
        key.arguments = block->arguments;
    }
    struct slot *slot = find_slot(pool, &key);

    if (!slot->sandbox || !same(&slot->key, &key) || !vxa_sandbox_is_alive(slot->sandbox)) {
        if (slot->sandbox)
            empty(slot);
        if (!open_slot(pool, slot, &key, decoder, failure))
            return NULL;
    }
    slot->last_use = ++pool->use_count;
    return slot->sandbox;
}

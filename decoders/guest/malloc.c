/* SPDX-License-Identifier: 0BSD */
/* Knows where memory comes from: a heap that grows by brk, and own mappings for large blocks. */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "syscall.h"

/*
 * The heap is a row of chunks without gaps. Every chunk knows the length of the one below it, so
 * that a freed chunk merges with free neighbours at once; two free chunks never touch. A used
 * chunk of length zero ends the row. Payloads begin 8 bytes into a chunk and are 16-byte aligned.
 */
struct chunk {
    size_t below_nbytes; /* length of the chunk below; for a mapped chunk: offset in its mapping */
    size_t nbytes_and_flags; /* whole length, a multiple of 16 */
    struct chunk *next;      /* only in free chunks: the ring of its bin */
    struct chunk *previous;
};

enum {
    ALIGNMENT = 16,
    HEAD_NBYTES = 2 * sizeof(size_t),
    SMALLEST_NBYTES = sizeof(struct chunk),
    USED = 1,
    MAPPED = 2,
    FLAGS = ALIGNMENT - 1,
    BIN_COUNT = 128,
    BIN_SEARCH_COUNT = 8,
    GROWTH_NBYTES = 128 * 1024,
    TRIM_NBYTES = 1024 * 1024,
    MAPPED_FROM_NBYTES = 512 * 1024,
};

struct heap {
    uintptr_t start_addr; /* the first chunk; 0 before the first use */
    uintptr_t end_addr;   /* the program break */
    uint32_t bins_in_use[BIN_COUNT / 32];
    struct chunk *bins[BIN_COUNT]; /* first chunk of each ring, or NULL */
};

static struct heap the_heap;

static size_t chunk_nbytes(const struct chunk *chunk)
{
    return chunk->nbytes_and_flags & ~(size_t)FLAGS;
}

static bool is_used(const struct chunk *chunk)
{
    return chunk->nbytes_and_flags & USED;
}

static struct chunk *at_addr(uintptr_t addr)
{
    return (struct chunk *)addr;
}

static struct chunk *above(const struct chunk *chunk)
{
    return at_addr((uintptr_t)chunk + chunk_nbytes(chunk));
}

static struct chunk *below(const struct chunk *chunk)
{
    return at_addr((uintptr_t)chunk - chunk->below_nbytes);
}

static void *payload_of(struct chunk *chunk)
{
    return (unsigned char *)chunk + HEAD_NBYTES;
}

static struct chunk *chunk_of(void *payload)
{
    return at_addr((uintptr_t)payload - HEAD_NBYTES);
}

static void set_chunk(struct chunk *chunk, size_t nbytes, size_t flags)
{
    chunk->nbytes_and_flags = nbytes | flags;
    above(chunk)->below_nbytes = nbytes;
}

/* Four bins for each power of two: the bin holds lengths from its own up to the next bin's. */
static unsigned bin_of(size_t nbytes)
{
    unsigned log2 = 31U - (unsigned)__builtin_clz(nbytes);
    return log2 * 4 + (nbytes >> (log2 - 2) & 3);
}

static void put_in_bin(struct heap *heap, struct chunk *chunk)
{
    unsigned bin = bin_of(chunk_nbytes(chunk));
    struct chunk *first = heap->bins[bin];
    if (first) {
        chunk->next = first;
        chunk->previous = first->previous;
        first->previous->next = chunk;
        first->previous = chunk;
    } else {
        chunk->next = chunk->previous = chunk;
    }
    heap->bins[bin] = chunk;
    heap->bins_in_use[bin / 32] |= 1U << bin % 32;
}

static void take_from_bin(struct heap *heap, struct chunk *chunk)
{
    unsigned bin = bin_of(chunk_nbytes(chunk));
    if (chunk->next == chunk) {
        heap->bins[bin] = NULL;
        heap->bins_in_use[bin / 32] &= ~(1U << bin % 32);
        return;
    }
    chunk->next->previous = chunk->previous;
    chunk->previous->next = chunk->next;
    if (heap->bins[bin] == chunk)
        heap->bins[bin] = chunk->next;
}

/* The first chunk of the lowest bin from `bin` on that is not empty. */
static struct chunk *first_from_bin(const struct heap *heap, unsigned bin)
{
    uint32_t mask = ~0U << bin % 32;
    for (unsigned word = bin / 32; word < BIN_COUNT / 32; word++) {
        uint32_t found = heap->bins_in_use[word] & mask;
        if (found)
            return heap->bins[word * 32 + (unsigned)__builtin_ctz(found)];
        mask = ~0U;
    }
    return NULL;
}

/* In its own bin a chunk may be too short, so a few are looked at; in higher ones each fits. */
static struct chunk *find_free(const struct heap *heap, size_t nbytes)
{
    unsigned bin = bin_of(nbytes);
    struct chunk *chunk = heap->bins[bin];
    for (int i = 0; chunk && i < BIN_SEARCH_COUNT; i++, chunk = chunk->next) {
        if (chunk_nbytes(chunk) >= nbytes)
            return chunk;
    }
    return first_from_bin(heap, bin + 1);
}

static bool set_break(struct heap *heap, uintptr_t addr)
{
    if ((uintptr_t)guest_call1(VX32_SYS_BRK, (long)addr) != addr)
        return false;
    heap->end_addr = addr;
    return true;
}

/* Merges a chunk that is in no bin with its free neighbours and puts the result into its bin. */
static struct chunk *release(struct heap *heap, struct chunk *chunk)
{
    size_t nbytes = chunk_nbytes(chunk);
    struct chunk *next = above(chunk);
    if (!is_used(next)) {
        take_from_bin(heap, next);
        nbytes += chunk_nbytes(next);
    }
    if (chunk->below_nbytes && !is_used(below(chunk))) {
        chunk = below(chunk);
        take_from_bin(heap, chunk);
        nbytes += chunk_nbytes(chunk);
    }
    set_chunk(chunk, nbytes, 0);
    put_in_bin(heap, chunk);
    return chunk;
}

/* An empty heap: only the ending chunk, placed so that payloads come out aligned. */
static bool start_heap(struct heap *heap)
{
    uintptr_t break_addr = (uintptr_t)guest_call1(VX32_SYS_BRK, 0);
    uintptr_t start_addr = (break_addr + ALIGNMENT - 1) & ~(uintptr_t)(ALIGNMENT - 1);
    start_addr += ALIGNMENT - HEAD_NBYTES;
    if (!set_break(heap, start_addr + HEAD_NBYTES))
        return false;
    heap->start_addr = start_addr;
    at_addr(start_addr)->below_nbytes = 0;
    at_addr(start_addr)->nbytes_and_flags = USED;
    return true;
}

/* Adds a free chunk of at least `nbytes` at the end; the old ending chunk becomes its head. */
static struct chunk *grow_heap(struct heap *heap, size_t nbytes)
{
    if (!heap->start_addr && !start_heap(heap))
        return NULL;
    struct chunk *chunk = at_addr(heap->end_addr - HEAD_NBYTES);
    size_t more_nbytes = nbytes > GROWTH_NBYTES ? nbytes : GROWTH_NBYTES;
    if (heap->end_addr + more_nbytes < heap->end_addr)
        return NULL;
    if (!set_break(heap, heap->end_addr + more_nbytes)) {
        more_nbytes = nbytes;
        if (!set_break(heap, heap->end_addr + more_nbytes))
            return NULL;
    }
    at_addr(heap->end_addr - HEAD_NBYTES)->nbytes_and_flags = USED;
    set_chunk(chunk, more_nbytes, USED);
    return release(heap, chunk);
}

/* Gives the end of the heap back when much of it is free. */
static void trim_heap(struct heap *heap, struct chunk *chunk)
{
    size_t nbytes = chunk_nbytes(chunk);
    if (nbytes < TRIM_NBYTES || (uintptr_t)above(chunk) + HEAD_NBYTES != heap->end_addr)
        return;
    uintptr_t end_addr = (uintptr_t)chunk + GROWTH_NBYTES + HEAD_NBYTES;
    take_from_bin(heap, chunk);
    if (set_break(heap, end_addr)) {
        nbytes = GROWTH_NBYTES;
        at_addr(end_addr - HEAD_NBYTES)->nbytes_and_flags = USED;
    }
    set_chunk(chunk, nbytes, 0);
    put_in_bin(heap, chunk);
}

/* Marks the chunk used and frees what it has beyond `nbytes`. */
static void use_chunk(struct heap *heap, struct chunk *chunk, size_t nbytes)
{
    size_t rest_nbytes = chunk_nbytes(chunk) - nbytes;
    if (rest_nbytes < SMALLEST_NBYTES) {
        chunk->nbytes_and_flags |= USED;
        return;
    }
    set_chunk(chunk, nbytes, USED);
    struct chunk *rest = above(chunk);
    set_chunk(rest, rest_nbytes, USED);
    release(heap, rest);
}

static void *heap_alloc(struct heap *heap, size_t nbytes)
{
    struct chunk *chunk = find_free(heap, nbytes);
    if (!chunk)
        chunk = grow_heap(heap, nbytes);
    if (!chunk)
        return NULL;
    take_from_bin(heap, chunk);
    use_chunk(heap, chunk, nbytes);
    return payload_of(chunk);
}

/* A block of its own pages; the payload begins at the alignment, its head before it. */
static void *map_alloc(size_t nbytes, size_t alignment)
{
    size_t page_mask = VX32_PAGE_NBYTES - 1;
    size_t total_nbytes = (nbytes + alignment + page_mask) & ~page_mask;
    if (total_nbytes < nbytes)
        return NULL;
    long map_addr = guest_map(total_nbytes);
    if (GUEST_IS_ERROR(map_addr))
        return NULL;
    uintptr_t payload_addr = ((uintptr_t)map_addr + HEAD_NBYTES + alignment - 1) & ~(alignment - 1);
    struct chunk *chunk = at_addr(payload_addr - HEAD_NBYTES);
    chunk->below_nbytes = (uintptr_t)chunk - (uintptr_t)map_addr;
    chunk->nbytes_and_flags = total_nbytes | MAPPED | USED;
    return payload_of(chunk);
}

/* The chunk length for a payload, or 0 when there can be no such block. */
static size_t chunk_nbytes_for(size_t payload_nbytes)
{
    if (payload_nbytes > PTRDIFF_MAX)
        return 0;
    size_t nbytes = (payload_nbytes + HEAD_NBYTES + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    return nbytes < SMALLEST_NBYTES ? SMALLEST_NBYTES : nbytes;
}

static void *out_of_memory(void)
{
    errno = ENOMEM;
    return NULL;
}

void *malloc(size_t nbytes)
{
    size_t needed_nbytes = chunk_nbytes_for(nbytes);
    void *block = NULL;
    if (!needed_nbytes)
        return out_of_memory();
    if (needed_nbytes >= MAPPED_FROM_NBYTES)
        block = map_alloc(needed_nbytes, ALIGNMENT);
    if (!block)
        block = heap_alloc(&the_heap, needed_nbytes);
    if (!block && needed_nbytes < MAPPED_FROM_NBYTES)
        block = map_alloc(needed_nbytes, ALIGNMENT);
    return block ? block : out_of_memory();
}

void free(void *block)
{
    if (!block)
        return;
    struct chunk *chunk = chunk_of(block);
    if (!is_used(chunk))
        abort();
    if (chunk->nbytes_and_flags & MAPPED)
        (void)guest_call2(VX32_SYS_MUNMAP, (long)below(chunk), (long)chunk_nbytes(chunk));
    else
        trim_heap(&the_heap, release(&the_heap, chunk));
}

void *calloc(size_t count, size_t item_nbytes)
{
    size_t nbytes;
    if (__builtin_mul_overflow(count, item_nbytes, &nbytes))
        return out_of_memory();
    void *block = malloc(nbytes);
    if (block && !(chunk_of(block)->nbytes_and_flags & MAPPED))
        memset(block, 0, nbytes);
    return block;
}

static size_t payload_nbytes(const struct chunk *chunk)
{
    size_t skipped_nbytes = chunk->nbytes_and_flags & MAPPED ? chunk->below_nbytes : 0;
    return chunk_nbytes(chunk) - skipped_nbytes - HEAD_NBYTES;
}

/* Makes a heap chunk `nbytes` long where it stands, if the chunk above leaves room. */
static bool resize_in_place(struct heap *heap, struct chunk *chunk, size_t nbytes)
{
    struct chunk *next = above(chunk);
    if (chunk_nbytes(chunk) < nbytes) {
        if (is_used(next) || chunk_nbytes(chunk) + chunk_nbytes(next) < nbytes)
            return false;
        take_from_bin(heap, next);
        set_chunk(chunk, chunk_nbytes(chunk) + chunk_nbytes(next), USED);
    }
    use_chunk(heap, chunk, nbytes);
    return true;
}

void *realloc(void *block, size_t nbytes)
{
    if (!block)
        return malloc(nbytes);
    struct chunk *chunk = chunk_of(block);
    size_t needed_nbytes = chunk_nbytes_for(nbytes);
    if (!needed_nbytes)
        return out_of_memory();
    size_t old_nbytes = payload_nbytes(chunk);
    if (chunk->nbytes_and_flags & MAPPED) {
        if (nbytes <= old_nbytes && nbytes >= old_nbytes / 2)
            return block;
    } else if (resize_in_place(&the_heap, chunk, needed_nbytes)) {
        return block;
    }
    void *moved = malloc(nbytes);
    if (!moved)
        return NULL;
    memcpy(moved, block, nbytes < old_nbytes ? nbytes : old_nbytes);
    free(block);
    return moved;
}

/* Frees the part of a fresh heap chunk that lies before the first aligned payload. */
static void *align_in_heap(struct heap *heap, struct chunk *chunk, size_t alignment, size_t nbytes)
{
    uintptr_t payload_addr = ((uintptr_t)payload_of(chunk) + alignment - 1) & ~(alignment - 1);
    struct chunk *aligned = chunk_of((void *)payload_addr);
    size_t gap_nbytes = (uintptr_t)aligned - (uintptr_t)chunk;
    if (gap_nbytes) {
        size_t rest_nbytes = chunk_nbytes(chunk) - gap_nbytes;
        set_chunk(chunk, gap_nbytes, USED);
        set_chunk(aligned, rest_nbytes, USED);
        release(heap, chunk);
    }
    use_chunk(heap, aligned, nbytes);
    return payload_of(aligned);
}

void *aligned_alloc(size_t alignment, size_t nbytes)
{
    size_t needed_nbytes = chunk_nbytes_for(nbytes);
    if (!alignment || alignment & (alignment - 1)) {
        errno = EINVAL;
        return NULL;
    }
    if (alignment <= ALIGNMENT)
        return malloc(nbytes);
    if (!needed_nbytes || alignment > PTRDIFF_MAX - needed_nbytes)
        return out_of_memory();
    void *block;
    if (needed_nbytes + alignment >= MAPPED_FROM_NBYTES) {
        block = map_alloc(needed_nbytes, alignment);
    } else {
        block = heap_alloc(&the_heap, needed_nbytes + alignment);
        if (block)
            block = align_in_heap(&the_heap, chunk_of(block), alignment, needed_nbytes);
    }
    return block ? block : out_of_memory();
}

int posix_memalign(void **block, size_t alignment, size_t nbytes)
{
    if (alignment < sizeof(void *) || alignment & (alignment - 1))
        return EINVAL;
    *block = aligned_alloc(alignment, nbytes);
    return *block ? 0 : ENOMEM;
}

/* SPDX-License-Identifier: 0BSD */
/* Knows sorting and the small integer functions of the C library. */
#include <stdlib.h>

struct sort {
    unsigned char *items;
    size_t item_nbytes;
    int (*compare)(const void *left, const void *right);
};

static void swap_items(const struct sort *sort, size_t left, size_t right)
{
    unsigned char *a = sort->items + left * sort->item_nbytes;
    unsigned char *b = sort->items + right * sort->item_nbytes;
    for (size_t i = 0; i < sort->item_nbytes; i++) {
        unsigned char byte = a[i];
        a[i] = b[i];
        b[i] = byte;
    }
}

static int is_less(const struct sort *sort, size_t left, size_t right)
{
    return sort->compare(sort->items + left * sort->item_nbytes,
                         sort->items + right * sort->item_nbytes) < 0;
}

/* Restores the heap (largest item first) below `parent` among the first `count` items. */
static void sift_down(const struct sort *sort, size_t parent, size_t count)
{
    while (parent < count / 2) {
        size_t child = 2 * parent + 1;
        if (child + 1 < count && is_less(sort, child, child + 1))
            child++;
        if (!is_less(sort, parent, child))
            return;
        swap_items(sort, parent, child);
        parent = child;
    }
}

/* Heap sort: no recursion, no memory, and no input that makes it slow. */
void qsort(void *items, size_t count, size_t item_nbytes,
           int (*compare)(const void *left, const void *right))
{
    struct sort sort = {items, item_nbytes, compare};
    for (size_t i = count / 2; i > 0; i--)
        sift_down(&sort, i - 1, count);
    for (size_t last = count; last > 1; last--) {
        swap_items(&sort, 0, last - 1);
        sift_down(&sort, 0, last - 1);
    }
}

int abs(int value)
{
    return value < 0 ? -value : value;
}

long labs(long value)
{
    return value < 0 ? -value : value;
}

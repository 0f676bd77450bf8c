/* SPDX-License-Identifier: MIT */
/* Quicksort with a comparison function that the caller gives. */
#include "start.h"

enum { COUNT = 200000, ROUNDS = 40 };

typedef int comparison(const int *a, const int *b);

static int values[COUNT];

__attribute__((noinline)) static int compare(const int *a, const int *b)
{
    return *a < *b ? -1 : *a > *b;
}

static comparison *volatile chosen = compare;

static int partition(int *a, int low, int high, comparison *c)
{
    int pivot = a[low + (high - low) / 2], i = low - 1, j = high + 1;

    for (;;) {
        do
            i++;
        while (c(&a[i], &pivot) < 0);
        do
            j--;
        while (c(&a[j], &pivot) > 0);
        if (i >= j)
            return j;
        int swapped = a[i];
        a[i] = a[j];
        a[j] = swapped;
    }
}

static void sort(int *a, int low, int high, comparison *c)
{
    while (low < high) {
        int middle = partition(a, low, high, c);

        sort(a, low, middle, c);
        low = middle + 1;
    }
}

int run(void)
{
    unsigned random = 1;
    int sum = 0;

    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < COUNT; i++) {
            random = random * 1103515245 + 12345;
            values[i] = (int)(random >> 3);
        }
        sort(values, 0, COUNT - 1, chosen);
        sum += values[100];
    }
    return sum;
}

/* SPDX-License-Identifier: MIT */
/* A bytecode interpreter with a function for each operation, called through a table. */
#include "start.h"

struct machine {
    int stack[16];
    unsigned top;
    const unsigned char *next;
};

static void op_push(struct machine *m)
{
    m->stack[m->top++ & 15] = *m->next++;
}

static void op_add(struct machine *m)
{
    m->top--;
    m->stack[(m->top - 1) & 15] += m->stack[m->top & 15];
}

static void op_xor(struct machine *m)
{
    m->top--;
    m->stack[(m->top - 1) & 15] ^= m->stack[m->top & 15] << 1;
}

static void op_copy(struct machine *m)
{
    m->stack[m->top & 15] = m->stack[(m->top - 1) & 15];
    m->top++;
}

static void (*volatile const operations[4])(struct machine *) = {op_push, op_add, op_xor, op_copy};

static const unsigned char program[] = {0, 7, 1, 3, 2, 3, 1, 0, 9, 2, 3, 3, 1, 2};

int run(void)
{
    struct machine m = {.top = 1};

    for (int round = 0; round < 25000000; round++) {
        m.next = program;
        while (m.next < program + sizeof program)
            operations[*m.next++](&m);
    }
    return m.stack[0];
}

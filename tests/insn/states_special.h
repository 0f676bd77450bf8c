/* SPDX-License-Identifier: MIT */
/* What operations with operands of their own want from a state. */
#ifndef TESTS_INSN_STATES_SPECIAL_H
#define TESTS_INSN_STATES_SPECIAL_H

#include "machine.h"
#include "values.h"

/* Before the memory operand's address is chosen: registers that are not free. */
void special_registers(const struct test_case *c, unsigned number, struct random *r,
                       struct state *state);

/* After that: memory contents, and registers that go with them. `addr` is the memory operand's. */
void special_contents(const struct test_case *c, uint32_t addr, struct random *r,
                      struct state *state);

/* Whether [addr, addr + nbytes) lies in the data. */
static inline bool in_data(uint32_t addr, uint32_t nbytes)
{
    return addr >= DATA_ADDR && addr - DATA_ADDR <= DATA_NBYTES - nbytes;
}

/* A random mixture of unmasked exceptions, flags, rounding and precision. */
uint16_t random_x87_control(struct random *r);
uint32_t random_mxcsr(struct random *r);

#endif

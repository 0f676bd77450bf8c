/* SPDX-License-Identifier: MIT */
/* String instructions with and without repetition: the plain forms. */
#include "operand.h"

/*
 * A repeated instruction is the single one done ecx times: esi, edi and ecx are up to date after
 * every element, so a fault in the middle shows how far it came, as on the processor. Each
 * repetition costs a unit of fuel; where the slice ends, the instruction is left in the middle.
 */

static bool repeats(const struct vx_uop *uop)
{
    return uop->prefixes & (VX_PREFIX_REPE | VX_PREFIX_REPNE);
}

/* esi, edi and ecx are 16 bits wide under the address-size prefix. */
static unsigned address_nbytes(const struct vx_uop *uop)
{
    return uop->prefixes & VX_PREFIX_ADDRESS16 ? 2 : 4;
}

static unsigned element_nbytes(const struct vx_uop *uop)
{
    return vx_nbytes_of(uop, 0);
}

static vx32_addr pointer(const struct vx_cpu *cpu, const struct vx_uop *uop, unsigned number)
{
    return vx_reg(cpu, number, address_nbytes(uop));
}

static void advance(struct vx_cpu *cpu, const struct vx_uop *uop, unsigned number)
{
    uint32_t nbytes = element_nbytes(uop);
    uint32_t step = cpu->eflags & VX_DF ? 0 - nbytes : nbytes;

    vx_set_reg(cpu, number, address_nbytes(uop), cpu->general[number] + step);
}

static uint32_t load_at(struct vx_cpu *cpu, const struct vx_uop *uop, unsigned number)
{
    return vx_load(cpu, uop, pointer(cpu, uop, number), element_nbytes(uop));
}

static void move_element(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    uint32_t value = load_at(cpu, uop, VX32_ESI);

    vx_store(cpu, uop, pointer(cpu, uop, VX32_EDI), element_nbytes(uop), value);
    advance(cpu, uop, VX32_ESI);
    advance(cpu, uop, VX32_EDI);
}

static void store_element(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    vx_store(cpu, uop, pointer(cpu, uop, VX32_EDI), element_nbytes(uop), cpu->general[VX32_EAX]);
    advance(cpu, uop, VX32_EDI);
}

static void load_element(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    vx_set_reg(cpu, VX32_EAX, element_nbytes(uop), load_at(cpu, uop, VX32_ESI));
    advance(cpu, uop, VX32_ESI);
}

static void compare_element(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    uint32_t b = load_at(cpu, uop, VX32_EDI); /* the first to fault, as on the processor */
    uint32_t a = load_at(cpu, uop, VX32_ESI);

    vx_sub(&cpu->flags, a, b, 0, element_nbytes(uop));
    advance(cpu, uop, VX32_ESI);
    advance(cpu, uop, VX32_EDI);
}

static void scan_element(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    uint32_t b = load_at(cpu, uop, VX32_EDI);

    vx_sub(&cpu->flags, vx_reg(cpu, VX32_EAX, element_nbytes(uop)), b, 0, element_nbytes(uop));
    advance(cpu, uop, VX32_EDI);
}

static uint32_t count_left(const struct vx_cpu *cpu, const struct vx_uop *uop)
{
    return vx_reg(cpu, VX32_ECX, address_nbytes(uop));
}

/* The elements that the slice still pays for: the block was charged one for each instruction. */
static uint32_t affordable(const struct vx_cpu *cpu, const struct vx_uop *uop)
{
    int64_t budget = cpu->slice + uop->left;

    return budget > UINT32_MAX ? UINT32_MAX : budget < 0 ? 0 : (uint32_t)budget;
}

static void count_down(struct vx_cpu *cpu, const struct vx_uop *uop, uint32_t done)
{
    vx_set_reg(cpu, VX32_ECX, address_nbytes(uop), cpu->general[VX32_ECX] - done);
    cpu->slice -= done;
}

/* At the end: the block has paid for one already, whether it was done or there was none. */
static void finish_repeating(struct vx_cpu *cpu, bool any)
{
    if (any)
        cpu->slice++;
}

typedef void element_function(struct vx_cpu *cpu, const struct vx_uop *uop);

static void repeat(struct vx_cpu *cpu, const struct vx_uop *uop, element_function *element)
{
    bool any = count_left(cpu, uop) != 0;

    if (!repeats(uop)) {
        element(cpu, uop);
        return;
    }
    while (count_left(cpu, uop)) {
        if (affordable(cpu, uop) == 0)
            vx_yield(cpu, uop);
        element(cpu, uop);
        count_down(cpu, uop, 1);
    }
    finish_repeating(cpu, any);
}

/*
 * REPE and REPNE: ends also when ZF tells that the elements differ, or that they are equal. The
 * flags of the last comparison appear only at the end: a fault shows those from before.
 */
static void repeat_while(struct vx_cpu *cpu, const struct vx_uop *uop, element_function *element)
{
    const struct vx_flags before = cpu->flags;
    struct vx_flags after = before;
    bool wanted = uop->prefixes & VX_PREFIX_REPE, any = count_left(cpu, uop) != 0, go_on = true;

    if (!repeats(uop)) {
        element(cpu, uop);
        return;
    }
    while (go_on && count_left(cpu, uop)) {
        if (affordable(cpu, uop) == 0)
            vx_yield(cpu, uop);
        element(cpu, uop);
        count_down(cpu, uop, 1);
        after = cpu->flags;
        cpu->flags = before;
        go_on = vx_zf(&after) == wanted;
    }
    cpu->flags = after;
    finish_repeating(cpu, any);
}

/*
 * Upwards with 32-bit addresses, whole pages go at once: the number of elements that lie in one
 * page at `addr`, at most `count`.
 */
static uint32_t elements_in_page(vx32_addr addr, uint32_t count, uint32_t nbytes)
{
    uint32_t room = (VX32_PAGE_NBYTES - (addr & (VX32_PAGE_NBYTES - 1))) / nbytes;

    return room < count ? room : count;
}

static uint32_t payable(const struct vx_cpu *cpu, const struct vx_uop *uop)
{
    uint32_t count = cpu->general[VX32_ECX], most = affordable(cpu, uop);

    return count < most ? count : most;
}

static bool goes_by_pages(const struct vx_cpu *cpu, const struct vx_uop *uop)
{
    return repeats(uop) && !(cpu->eflags & VX_DF) && address_nbytes(uop) == 4;
}

/* Copies what lies in one page of the source and one of the destination; 0 if the ranges overlap
 * so that each element must be seen before the next is read, or an element crosses a page. */
static uint32_t move_page(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    uint32_t nbytes = element_nbytes(uop), esi = cpu->general[VX32_ESI];
    uint32_t edi = cpu->general[VX32_EDI];
    uint32_t n = elements_in_page(edi, elements_in_page(esi, payable(cpu, uop), nbytes), nbytes);

    if (n == 0 || edi - esi < n * nbytes)
        return 0;
    vx_check(cpu, uop, esi, n * nbytes, VX32_ACCESS_READ);
    vx_check(cpu, uop, edi, n * nbytes, VX32_ACCESS_WRITE);
    memmove(vx_host(cpu, edi), vx_host(cpu, esi), n * nbytes);
    cpu->general[VX32_ESI] += n * nbytes;
    cpu->general[VX32_EDI] += n * nbytes;
    count_down(cpu, uop, n);
    return n;
}

static uint32_t store_page(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    uint32_t nbytes = element_nbytes(uop), edi = cpu->general[VX32_EDI];
    uint32_t n = elements_in_page(edi, payable(cpu, uop), nbytes);

    if (n == 0)
        return 0;
    vx_check(cpu, uop, edi, n * nbytes, VX32_ACCESS_WRITE);
    for (uint32_t i = 0; i < n; i++)
        vx_store_checked(cpu, edi + i * nbytes, nbytes, cpu->general[VX32_EAX]);
    cpu->general[VX32_EDI] += n * nbytes;
    count_down(cpu, uop, n);
    return n;
}

typedef uint32_t page_function(struct vx_cpu *cpu, const struct vx_uop *uop);

static void repeat_by_pages(struct vx_cpu *cpu, const struct vx_uop *uop, page_function *page,
                            element_function *element)
{
    bool any = count_left(cpu, uop) != 0;

    while (count_left(cpu, uop)) {
        if (affordable(cpu, uop) == 0)
            vx_yield(cpu, uop);
        if (page(cpu, uop) == 0) {
            element(cpu, uop);
            count_down(cpu, uop, 1);
        }
    }
    finish_repeating(cpu, any);
}

void vx_do_MOVS(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    if (goes_by_pages(cpu, uop))
        repeat_by_pages(cpu, uop, move_page, move_element);
    else
        repeat(cpu, uop, move_element);
}

void vx_do_STOS(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    if (goes_by_pages(cpu, uop))
        repeat_by_pages(cpu, uop, store_page, store_element);
    else
        repeat(cpu, uop, store_element);
}

void vx_do_LODS(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    repeat(cpu, uop, load_element);
}

void vx_do_CMPS(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    repeat_while(cpu, uop, compare_element);
}

void vx_do_SCAS(struct vx_cpu *cpu, const struct vx_uop *uop)
{
    repeat_while(cpu, uop, scan_element);
}

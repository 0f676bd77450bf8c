/* SPDX-License-Identifier: MIT */
/* What the guest's address space guarantees: zeroed pages, exact permissions, exact counts. */
#include "support/test.h"

#include "mem.h"

#include <string.h>

enum {
    PAGE = VX32_PAGE_NBYTES,
    START = 0x10000,
    LIMIT = 0x100000,
    R = VX32_ACCESS_READ,
    W = VX32_ACCESS_WRITE,
    X = VX32_ACCESS_EXECUTE,
};

static bool all_zero(const struct vx_mem *mem, vx32_addr addr, size_t nbytes)
{
    for (size_t i = 0; i < nbytes; i++) {
        if (mem->base[addr + i] != 0)
            return false;
    }
    return true;
}

static void begin(struct vx_mem *mem)
{
    CHECK(vx_mem_init(mem, LIMIT, VX_PLACE_ANYWHERE) == VX32_OK);
}

static void nothing_is_mapped_at_first(void)
{
    struct vx_mem mem;

    begin(&mem);
    for (uint32_t page = 0; page < VX_PAGE_COUNT; page++)
        CHECK(mem.permissions[page] == 0);
    CHECK_EQ_U64(mem.mapped_nbytes, 0);
    vx_mem_destroy(&mem);
}

static void mapping_gives_zeroes_also_over_old_contents(void)
{
    struct vx_mem mem;

    begin(&mem);
    CHECK(vx_mem_map(&mem, START, 3 * PAGE, R | W));
    CHECK(all_zero(&mem, START, 3 * PAGE));
    memset(mem.base + START, 0xa5, 3 * PAGE);
    CHECK(vx_mem_map(&mem, START + PAGE, PAGE, R | W));
    CHECK(mem.base[START + PAGE - 1] == 0xa5);
    CHECK(all_zero(&mem, START + PAGE, PAGE));
    CHECK(mem.base[START + 2 * PAGE] == 0xa5);
    vx_mem_destroy(&mem);
}

static void unmapped_and_cleared_memory_comes_back_zeroed(void)
{
    struct vx_mem mem;

    begin(&mem);
    CHECK(vx_mem_map(&mem, START, 2 * PAGE, R | W));
    memset(mem.base + START, 0xa5, 2 * PAGE);
    vx_mem_unmap(&mem, START, PAGE);
    CHECK(vx_mem_map(&mem, START, PAGE, R | W));
    CHECK(all_zero(&mem, START, PAGE));
    memset(mem.base + START, 0xa5, 2 * PAGE);
    vx_mem_clear(&mem);
    CHECK(vx_mem_map(&mem, START, 2 * PAGE, R | W));
    CHECK(all_zero(&mem, START, 2 * PAGE));
    vx_mem_destroy(&mem);
}

static void mapped_bytes_are_counted_once_and_their_peak_kept(void)
{
    struct vx_mem mem;

    begin(&mem);
    CHECK(vx_mem_map(&mem, START, 4 * PAGE, R));
    CHECK(vx_mem_map(&mem, START + 2 * PAGE, 4 * PAGE, R));
    CHECK_EQ_U64(mem.mapped_nbytes, 6 * PAGE);
    vx_mem_unmap(&mem, START + PAGE, 2 * PAGE);
    vx_mem_unmap(&mem, START, 2 * PAGE);
    CHECK_EQ_U64(mem.mapped_nbytes, 3 * PAGE);
    CHECK_EQ_U64(mem.mapped_peak_nbytes, 6 * PAGE);
    CHECK(vx_mem_map(&mem, START, PAGE, 0));
    CHECK_EQ_U64(mem.mapped_nbytes, 4 * PAGE);
    CHECK_EQ_U64(mem.mapped_peak_nbytes, 6 * PAGE);
    vx_mem_clear(&mem);
    CHECK_EQ_U64(mem.mapped_nbytes, 0);
    CHECK_EQ_U64(mem.mapped_peak_nbytes, 0);
    vx_mem_destroy(&mem);
}

static void a_page_without_access_is_mapped(void)
{
    struct vx_mem mem;

    begin(&mem);
    CHECK(vx_mem_map(&mem, START, PAGE, 0));
    CHECK(mem.permissions[START / PAGE] != 0);
    CHECK(!vx_mem_allows(&mem, START, 1, R));
    vx_mem_protect(&mem, START, PAGE, R);
    CHECK(vx_mem_allows(&mem, START, 1, R));
    CHECK(!vx_mem_allows(&mem, START, 1, W));
    vx_mem_destroy(&mem);
}

static void protection_leaves_holes_unmapped(void)
{
    struct vx_mem mem;

    begin(&mem);
    CHECK(vx_mem_map(&mem, START, PAGE, R));
    vx_mem_protect(&mem, START, 2 * PAGE, R | W);
    CHECK(vx_mem_allows(&mem, START, PAGE, R | W));
    CHECK(mem.permissions[START / PAGE + 1] == 0);
    vx_mem_destroy(&mem);
}

static void accessible_counts_from_the_start(void)
{
    struct vx_mem mem;

    begin(&mem);
    CHECK(vx_mem_map(&mem, START, 2 * PAGE, R | W));
    CHECK(vx_mem_map(&mem, START + 2 * PAGE, PAGE, R));
    CHECK(vx_mem_map(&mem, LIMIT - PAGE, PAGE, R));
    CHECK_EQ_U64(vx_mem_accessible(&mem, START, 10, R), 10);
    CHECK_EQ_U64(vx_mem_accessible(&mem, START + 5, 3 * PAGE, R), 3 * PAGE - 5);
    CHECK_EQ_U64(vx_mem_accessible(&mem, START + 5, 3 * PAGE, W), 2 * PAGE - 5);
    CHECK_EQ_U64(vx_mem_accessible(&mem, START + 2 * PAGE, 1, W), 0);
    CHECK_EQ_U64(vx_mem_accessible(&mem, START - 1, 2, R), 0);
    CHECK_EQ_U64(vx_mem_accessible(&mem, START, 0, R), 0);
    CHECK_EQ_U64(vx_mem_accessible(&mem, START, SIZE_MAX, R), 3 * PAGE);
    CHECK_EQ_U64(vx_mem_accessible(&mem, LIMIT - 1, 2, R), 1);
    CHECK_EQ_U64(vx_mem_accessible(&mem, LIMIT, 1, R), 0);
    CHECK_EQ_U64(vx_mem_accessible(&mem, UINT32_MAX, SIZE_MAX, R), 0);
    vx_mem_destroy(&mem);
}

static void an_access_across_pages_needs_both(void)
{
    struct vx_mem mem;

    begin(&mem);
    CHECK(vx_mem_map(&mem, START, PAGE, R | W));
    CHECK(vx_mem_map(&mem, START + PAGE, PAGE, R));
    CHECK(vx_mem_allows(&mem, START + PAGE - 2, 4, R));
    CHECK(!vx_mem_allows(&mem, START + PAGE - 2, 4, W));
    CHECK(vx_mem_allows(&mem, START + PAGE - 4, 4, W));
    CHECK(!vx_mem_allows(&mem, START + 2 * PAGE - 1, 2, R));
    CHECK(!vx_mem_allows(&mem, UINT32_MAX, 2, R));
    vx_mem_destroy(&mem);
}

static void the_code_generation_changes_with_executable_pages_only(void)
{
    struct vx_mem mem;
    uint64_t generation;

    begin(&mem);
    generation = mem.code_generation;
    CHECK(vx_mem_map(&mem, START, PAGE, R | W));
    vx_mem_protect(&mem, START, PAGE, R);
    vx_mem_unmap(&mem, START, PAGE);
    CHECK_EQ_U64(mem.code_generation, generation);

    CHECK(vx_mem_map(&mem, START, PAGE, R | X));
    CHECK(mem.code_generation != generation);
    generation = mem.code_generation;
    vx_mem_protect(&mem, START, PAGE, R | W);
    CHECK(mem.code_generation != generation);
    generation = mem.code_generation;
    vx_mem_protect(&mem, START, PAGE, R | X);
    CHECK(mem.code_generation != generation);
    generation = mem.code_generation;
    vx_mem_unmap(&mem, START, PAGE);
    CHECK(mem.code_generation != generation);
    vx_mem_destroy(&mem);
}

static void clearing_changes_the_code_generation(void)
{
    struct vx_mem mem;
    uint64_t generation;

    begin(&mem);
    CHECK(vx_mem_map(&mem, START, PAGE, R | X));
    generation = mem.code_generation;
    vx_mem_clear(&mem);
    CHECK(mem.code_generation != generation);
    vx_mem_destroy(&mem);
}

static void the_largest_space_can_be_had(void)
{
    struct vx_mem mem;

    CHECK(vx_mem_init(&mem, 0xffff0000, VX_PLACE_ANYWHERE) == VX32_OK);
    CHECK(vx_mem_map(&mem, 0xfffef000, PAGE, R | W));
    mem.base[0xfffeffff] = 1;
    CHECK_EQ_U64(vx_mem_accessible(&mem, 0xfffef000, SIZE_MAX, W), PAGE);
    vx_mem_destroy(&mem);
    vx_mem_destroy(&mem);
}

int main(void)
{
    RUN(nothing_is_mapped_at_first);
    RUN(mapping_gives_zeroes_also_over_old_contents);
    RUN(unmapped_and_cleared_memory_comes_back_zeroed);
    RUN(mapped_bytes_are_counted_once_and_their_peak_kept);
    RUN(a_page_without_access_is_mapped);
    RUN(protection_leaves_holes_unmapped);
    RUN(accessible_counts_from_the_start);
    RUN(an_access_across_pages_needs_both);
    RUN(the_code_generation_changes_with_executable_pages_only);
    RUN(clearing_changes_the_code_generation);
    RUN(the_largest_space_can_be_had);
    return test_report();
}

/* SPDX-License-Identifier: MIT */
/* The texts of the public vocabularies: statuses and traps. */
#include "vx32.h"

const char *vx32_status_text(enum vx32_status status)
{
    switch (status) {
#define STATUS_CASE(name, text)                                                                    \
    case name: return text;
        VX32_STATUS_LIST(STATUS_CASE)
#undef STATUS_CASE
    }
    return "unknown status";
}

const char *vx32_trap_text(enum vx32_trap trap)
{
    switch (trap) {
    case VX32_TRAP_DIVIDE_ERROR: return "#DE divide error";
    case VX32_TRAP_DEBUG: return "#DB debug";
    case VX32_TRAP_BREAKPOINT: return "#BP breakpoint";
    case VX32_TRAP_OVERFLOW: return "#OF overflow";
    case VX32_TRAP_BOUND: return "#BR bound range exceeded";
    case VX32_TRAP_INVALID_OPCODE: return "#UD invalid opcode";
    case VX32_TRAP_GENERAL_PROTECTION: return "#GP general protection";
    case VX32_TRAP_PAGE_FAULT: return "#PF page fault";
    case VX32_TRAP_X87: return "#MF x87 floating-point error";
    case VX32_TRAP_ALIGNMENT: return "#AC alignment check";
    case VX32_TRAP_SIMD: return "#XM SIMD floating-point error";
    case VX32_TRAP_UNDEFINED_FLAG: return "a flag was read that Intel leaves undefined";
    case VX32_TRAP_UNWRITTEN_MEMORY: return "memory was read that was never written to";
    }
    return "unknown trap";
}

/* SPDX-License-Identifier: MIT */
/* Crossing between C and guest code: knows which host register holds what. */
#include "gate.h"

/*
 * In guest code: eax ecx edx ebx ebp esi edi and xmm0-7 are the guest's own, r14d is its esp, the
 * host's flags and MXCSR are its own. r15 points behind the gate, r13 and r11 at the tables of entry points
 * for jumps and calls, r12 is the slice, rsp the shadow stack of host return addresses. r8 and r9
 * are scratch. r10 is the target of the last indirect call, or, since C ran, no 32-bit number.
 */
        .intel_syntax noprefix
        .text

/* Puts the guest's registers away; leaves r10 = cpu, the shadow stack saved, rsp the host's. */
.macro save_guest
        mov     r10, [r15 + VX_GATE_CPU]
        mov     [r10 + VX_CPU_GENERAL + 0], eax
        mov     [r10 + VX_CPU_GENERAL + 4], ecx
        mov     [r10 + VX_CPU_GENERAL + 8], edx
        mov     [r10 + VX_CPU_GENERAL + 12], ebx
        mov     [r10 + VX_CPU_GENERAL + 16], r14d
        mov     [r10 + VX_CPU_GENERAL + 20], ebp
        mov     [r10 + VX_CPU_GENERAL + 24], esi
        mov     [r10 + VX_CPU_GENERAL + 28], edi
        mov     [r10 + VX_CPU_SLICE], r12
        mov     [r15 + VX_GATE_SHADOW_RSP], rsp
        mov     rsp, [r15 + VX_GATE_HOST_RSP]
        pushfq
        pop     qword ptr [r15 + VX_GATE_FLAGS]
        cld
        movaps  [r10 + VX_CPU_XMM + 0], xmm0
        movaps  [r10 + VX_CPU_XMM + 16], xmm1
        movaps  [r10 + VX_CPU_XMM + 32], xmm2
        movaps  [r10 + VX_CPU_XMM + 48], xmm3
        movaps  [r10 + VX_CPU_XMM + 64], xmm4
        movaps  [r10 + VX_CPU_XMM + 80], xmm5
        movaps  [r10 + VX_CPU_XMM + 96], xmm6
        movaps  [r10 + VX_CPU_XMM + 112], xmm7
.endm

/* The reverse; needs r15 and the host's stack. */
.macro load_guest
        mov     r10, [r15 + VX_GATE_CPU]
        mov     r13, [r15 + VX_GATE_JUMPS]
        mov     r11, [r15 + VX_GATE_CALLS]
        movaps  xmm0, [r10 + VX_CPU_XMM + 0]
        movaps  xmm1, [r10 + VX_CPU_XMM + 16]
        movaps  xmm2, [r10 + VX_CPU_XMM + 32]
        movaps  xmm3, [r10 + VX_CPU_XMM + 48]
        movaps  xmm4, [r10 + VX_CPU_XMM + 64]
        movaps  xmm5, [r10 + VX_CPU_XMM + 80]
        movaps  xmm6, [r10 + VX_CPU_XMM + 96]
        movaps  xmm7, [r10 + VX_CPU_XMM + 112]
        mov     ecx, [r10 + VX_CPU_GENERAL + 4]
        mov     edx, [r10 + VX_CPU_GENERAL + 8]
        mov     ebx, [r10 + VX_CPU_GENERAL + 12]
        mov     r14d, [r10 + VX_CPU_GENERAL + 16]
        mov     ebp, [r10 + VX_CPU_GENERAL + 20]
        mov     esi, [r10 + VX_CPU_GENERAL + 24]
        mov     edi, [r10 + VX_CPU_GENERAL + 28]
        mov     r12, [r10 + VX_CPU_SLICE]
        /* The status flags without popf, which is slow: overflow from an addition, the rest by
         * sahf. The direction flag is hardly ever set. */
        mov     rax, [r15 + VX_GATE_FLAGS]
        test    eax, 0x400
        jz      8f
        std
8:      mov     r9d, eax
        shr     r9d, 11
        and     r9d, 1
        shl     eax, 8
        or      eax, r9d
        add     al, 0x7f
        sahf
        mov     eax, [r10 + VX_CPU_GENERAL + 0]
        mov     r10, -1
        mov     rsp, [r15 + VX_GATE_SHADOW_RSP]
.endm

        .globl  vx_x64_enter
        .hidden vx_x64_enter
        .type   vx_x64_enter, @function
vx_x64_enter:
        push    rbx
        push    rbp
        push    r12
        push    r13
        push    r14
        push    r15
        sub     rsp, 8
        lea     r15, [rdi + VX_GATE_NBYTES]
        mov     [r15 + VX_GATE_HOST_RSP], rsp
        mov     r8, rsi
        load_guest
        jmp     r8

        .globl  vx_x64_leave
        .hidden vx_x64_leave
        .type   vx_x64_leave, @function
vx_x64_leave:
        save_guest
        mov     [r10 + VX_CPU_EIP], r8d
        mov     [r15 + VX_GATE_REASON], r9d
back_to_c:
        add     rsp, 8
        pop     r15
        pop     r14
        pop     r13
        pop     r12
        pop     rbp
        pop     rbx
        ret

        .globl  vx_x64_leave_after_fault
        .hidden vx_x64_leave_after_fault
        .type   vx_x64_leave_after_fault, @function
vx_x64_leave_after_fault:
        cld
        jmp     back_to_c

/* r8 = the uop of an instruction that guest code leaves to the interpreter's operation. */
        .globl  vx_x64_call_operation
        .hidden vx_x64_call_operation
        .type   vx_x64_call_operation, @function
vx_x64_call_operation:
        save_guest
        lea     rdi, [r15 - VX_GATE_NBYTES]
        mov     rsi, r8
        call    [r15 + VX_GATE_RUN_OPERATION]
        load_guest
        ret

        .section .note.GNU-stack, "", @progbits

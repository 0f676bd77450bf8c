/* SPDX-License-Identifier: 0BSD */
/* Knows the first instructions of a guest: from the kernel's stack to main(argc, argv) and exit. */
        .intel_syntax noprefix
        .text
        .globl  _start
        .type   _start, @function
_start:
        xor     ebp, ebp                /* the outermost frame */
        mov     eax, [esp]              /* argc */
        lea     edx, [esp + 4]          /* argv */
        and     esp, -16
        sub     esp, 8                  /* with two arguments: 16-byte aligned at the call */
        push    edx
        push    eax
        call    main
        mov     [esp], eax              /* still aligned */
        call    exit
        ud2
        .size   _start, . - _start
        .section .note.GNU-stack, "", @progbits

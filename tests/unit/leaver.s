# SPDX-License-Identifier: MIT
# A guest that, asked with 'S', writes down all that it finds, and with 'E', 'R' or 'T' leaves all that it can.
.intel_syntax noprefix
.globl _start
.data
.balign 4096
data:
 .space 0x2000
.text
.balign 4096
_start:
 pushfd
 pushad
 lea edi, [data + 0x800]
 mov ecx, 9
copy_regs:
 pop dword ptr [edi]
 add edi, 4
 loop copy_regs
 # read(0, 0x20000, 1)
 mov eax, 3
 xor ebx, ebx
 lea ecx, [data]
 mov edx, 1
 int 0x80
 cmp byte ptr [data + 0x000], 'S'
 jne leave
show:
 fnsave [data + 0x900]
 stmxcsr [data + 0x980]
 movups [data + 0xa00], xmm0
 movups [data + 0xa10], xmm1
 movups [data + 0xa20], xmm2
 movups [data + 0xa30], xmm3
 movups [data + 0xa40], xmm4
 movups [data + 0xa50], xmm5
 movups [data + 0xa60], xmm6
 movups [data + 0xa70], xmm7
 # brk(0), brk(+3 pages)
 mov eax, 45
 xor ebx, ebx
 int 0x80
 mov [data + 0xa80], eax
 lea ebx, [eax + 0x3000]
 mov eax, 45
 int 0x80
 mov [data + 0xa84], eax
 # mmap2(0, 0x10000, RW, private anonymous, -1, 0)
 mov eax, 192
 xor ebx, ebx
 mov ecx, 0x10000
 mov edx, 3
 mov esi, 0x22
 mov edi, -1
 xor ebp, ebp
 int 0x80
 mov [data + 0xa88], eax
 mov ebp, eax
 # written: data, heap, mapping, stack below, code
 lea ecx, [data]
 mov edx, 0x2000
 call put
 mov ecx, [data + 0xa80]
 mov edx, 0x3000
 call put
 mov ecx, ebp
 mov edx, 0x10000
 call put
 lea ecx, [esp - 0x8000]
 mov edx, 0x7f00
 call put
 lea ecx, [_start]
 mov edx, 0x1000
 call put
 xor ebx, ebx
quit:
 mov eax, 1
 int 0x80
put:
 mov eax, 4
 mov ebx, 1
 int 0x80
 ret
leave:
 # heap
 mov eax, 45
 xor ebx, ebx
 int 0x80
 mov esi, eax
 lea ebx, [eax + 0x40000]
 mov eax, 45
 int 0x80
 mov edi, esi
 mov ecx, 0x10000
 mov eax, 0xabababab
 rep stosd
 # mapping
 mov eax, 192
 xor ebx, ebx
 mov ecx, 0x40000
 mov edx, 3
 mov esi, 0x22
 mov edi, -1
 xor ebp, ebp
 int 0x80
 mov edi, eax
 mov ecx, 0x10000
 mov eax, 0xcdcdcdcd
 rep stosd
 # code, but for small letters: made writable, changed, made executable again
 test byte ptr [data], 0x20
 jnz same_code
 mov eax, 125
 lea ebx, [_start]
 mov ecx, 0x1000
 mov edx, 3
 call protect
same_code:
 # data and stack
 lea edi, [data + 4]
 mov ecx, 0x7ff
 mov eax, 0xefefefef
 rep stosd
 lea edi, [esp - 0x8000]
 mov ecx, 0x1f00
 rep stosd
 # floating point
 fninit
 fldpi
 fld1
 fldl2e
 fld1
 fldz
 fdivp
 mov dword ptr [data + 0x100], 0x0c40
 fldcw [data + 0x100]
 mov dword ptr [data + 0x100], 0xff80
 ldmxcsr [data + 0x100]
 movups xmm0, [data + 0x200]
 movups xmm1, [data + 0x200]
 movups xmm2, [data + 0x200]
 movups xmm3, [data + 0x200]
 movups xmm4, [data + 0x200]
 movups xmm5, [data + 0x200]
 movups xmm6, [data + 0x200]
 movups xmm7, [data + 0x200]
 mov bl, [data]
 and bl, 0xdf
 mov eax, 0x11111111
 mov ecx, 0x22222222
 mov edx, 0x33333333
 mov esi, 0x44444444
 mov edi, 0x55555555
 mov ebp, 0x66666666
 std
 cmp bl, 'E'
 je end_exit
 cmp bl, 'R'
 je end_read
 mov dword ptr [0x10], eax
end_exit:
 mov ebx, 7
 jmp quit
end_read:
 mov eax, 3
 xor ebx, ebx
 lea ecx, [data]
 mov edx, 0x800
 int 0x80
 jmp end_read
protect:
 # on a page of its own, since the one here is what is changed
 jmp protect_body
.balign 4096
protect_body:
 int 0x80
 mov dword ptr [_start + 0x100], 0xdeadbeef
 mov eax, 125
 mov edx, 5
 int 0x80
 ret

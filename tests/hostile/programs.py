# SPDX-License-Identifier: MIT
"""Decoders that misbehave: the smallest i386 ELF files around a few hand-assembled instructions."""
import struct

BASE_ADDR = 0x08048000
ELF_NBYTES, SEGMENT_NBYTES = 52, 32
ENTRY_ADDR = BASE_ADDR + ELF_NBYTES + SEGMENT_NBYTES


def elf(code, machine=3):
    """One segment, readable and executable, with the headers in front of the code."""
    nbytes = ELF_NBYTES + SEGMENT_NBYTES + len(code)
    header = b"\x7fELF\1\1\1" + bytes(9) + struct.pack(
        "<HHIIIIIHHHHHH", 2, machine, 1, ENTRY_ADDR, ELF_NBYTES, 0, 0, ELF_NBYTES, SEGMENT_NBYTES,
        1, 0, 0, 0)
    segment = struct.pack("<8I", 1, 0, BASE_ADDR, BASE_ADDR, nbytes, nbytes, 5, 0x1000)
    return header + segment + code


def call(number, ebx):
    """mov eax, number; mov ebx, ebx; int 80h"""
    return b"\xb8" + struct.pack("<I", number) + b"\xbb" + struct.pack("<I", ebx) + b"\xcd\x80"


def jump_back(code):
    """The code, and a jump to its start."""
    return code + b"\xe9" + struct.pack("<i", -len(code) - 5)


def write(fd, addr, nbytes):
    """mov ecx, addr; mov edx, nbytes; then the system call"""
    return b"\xb9" + struct.pack("<I", addr) + b"\xba" + struct.pack("<I", nbytes) + call(4, fd)


def says(text, status):
    """Writes the text to descriptor 2 and exits; the text stands behind the code."""
    code_nbytes = len(write(2, 0, 0)) + len(call(1, 0))
    return elf(write(2, ENTRY_ADDR + code_nbytes, len(text)) + call(1, status) + text)


def map_memory(nbytes):
    """mmap2 of private anonymous memory; its address comes in eax."""
    return (b"\xb9" + struct.pack("<I", nbytes) + b"\xba\3\0\0\0\xbe\x22\0\0\0"
            b"\xbf\xff\xff\xff\xff\x31\xed" + call(192, 0))


COPIES = elf(
    b"\x81\xec\0\x10\0\0"                           # sub esp, 1000h
    b"\x89\xe1\xba\0\x10\0\0" + call(3, 0) +        # mov ecx, esp; mov edx, 1000h; read
    b"\x85\xc0\x7e\x12\x89\xc2\x89\xe1" +           # test eax, eax; jle +18; mov edx, eax
    call(4, 1) + b"\xeb\xd7" + call(1, 0))          # write; jmp to "mov ecx, esp"; exit
EXITS_AT_ONCE = elf(call(1, 0))
EXECUTES_NONSENSE = elf(b"\x0f\x0b")                # ud2
READS_NOWHERE = elf(b"\xa1\x10\0\0\0")              # mov eax, [10h]
WRITES_ITS_CODE = elf(b"\xa3" + struct.pack("<I", ENTRY_ADDR))
DIVIDES_BY_ZERO = elf(b"\x31\xc9\xf7\xf1")          # xor ecx, ecx; div ecx
EXECUTES_ITS_STACK = elf(                           # mov eax, 0ffff000h; mov [eax], 90h; jmp eax
    b"\xb8\0\xf0\xff\x0f\xc6\0\x90\xff\xe0")
RUNS_OFF_ITS_END = elf(b"\x90" * (0x1000 - ELF_NBYTES - SEGMENT_NBYTES))
RECURSES_FOR_EVER = elf(b"\xe8\xfb\xff\xff\xff")    # call itself
LOOPS_FOR_EVER = elf(b"\xeb\xfe")
WRITES_FOR_EVER = elf(jump_back(write(1, BASE_ADDR, 0x54)))
TALKS_FOR_EVER = elf(jump_back(write(2, BASE_ADDR, 0x54)))
FILLS_MEMORY_FOR_EVER = elf(                        # mov esi, eax; then rep stosd of 32 MiB
    map_memory(32 << 20) + b"\x89\xc6" + jump_back(b"\x89\xf7\xb9\0\0\x80\0\xf3\xab"))
MAPS_ALL_MEMORY = elf(                              # until eax is an error number: test; jns back
    map_memory(1 << 20) + b"\x85\xc0\x0f\x89" +
    struct.pack("<i", -len(map_memory(0)) - 8) + call(1, 7))
ASKS_FOR_FILES = elf(call(5, BASE_ADDR) + b"\x83\xf8\xda\x74\x0c" + call(1, 9) + call(1, 4))
WRITES_FROM_NOWHERE = elf(write(1, 0, 16) + b"\x89\xc3\xf7\xdb\xb8\1\0\0\0\xcd\x80")


def over_and_over(code):
    """The code again and again, with 64 MiB of memory at ebp."""
    return elf(map_memory(64 << 20) + b"\x89\xc5" + jump_back(code))


AT_EBP = b"\x89\xe9\xba" + struct.pack("<I", 64 << 20)      # mov ecx, ebp; mov edx, 64 MiB
UNMAP = b"\x89\xc3\xb9" + struct.pack("<I", 64 << 20) + b"\xb8\x5b\0\0\0\xcd\x80"
MAPS_AND_UNMAPS_FOR_EVER = elf(jump_back(map_memory(64 << 20) + UNMAP))
MAPS_USES_AND_UNMAPS_FOR_EVER = elf(jump_back(map_memory(64 << 20) + b"\x89\0" + UNMAP))
MOVES_ITS_BREAK_FOR_EVER = elf(jump_back(call(45, 0x0C000000) + call(45, 0x08050000)))
READS_MUCH_FOR_EVER = over_and_over(AT_EBP + call(3, 0))
SAYS_MUCH_FOR_EVER = over_and_over(AT_EBP + call(4, 2))

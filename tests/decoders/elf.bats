#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Proves that the decoders are the kind of program that the sandbox accepts: by their headers and their instructions.

setup() {
  load support
  need readelf objdump python3
  shopt -s nullglob
  ELFS=("$DECODERS"/*.elf)
  [ "${#ELFS[@]}" -ge 2 ]
}

# Disassembly without addresses, one instruction a line.
instructions() {
  objdump -d --no-show-raw-insn "$1" | sed -n 's/^ *[0-9a-f]*:\t//p'
}

# No line of the disassembly matches the pattern: has_no PATTERN ELF
has_no() {
  local found
  found=$(instructions "$2" | grep -E "$1" | head -n 3) || true
  [ -z "$found" ] || { echo "$2: $found"; return 1; }
}

@test "every decoder is a static i386 executable without interpreter or dynamic section" {
  local elf
  for elf in "${ELFS[@]}"; do
    readelf -hW "$elf" | grep -q 'Class: *ELF32'
    readelf -hW "$elf" | grep -q 'Type: *EXEC'
    readelf -hW "$elf" | grep -q 'Machine: *Intel 80386'
    run readelf -lW "$elf"
    [[ $output != *INTERP* && $output != *DYNAMIC* && $output != *TLS* && $output != *RELRO* ]]
  done
}

@test "segments are for reading, executing or writing, and share no page" {
  local elf
  for elf in "${ELFS[@]}"; do
    readelf -lW "$elf" | python3 -c '
import sys
pages, flags = {}, []
for line in sys.stdin:
    fields = line.split()
    if fields[:1] == ["GNU_STACK"]:
        assert "E" not in fields[6:-1], line
    if fields[:1] != ["LOAD"]:
        continue
    addr, size, access = int(fields[2], 16), int(fields[5], 16), "".join(fields[6:-1])
    assert addr >= 0x10000, line
    flags.append(access)
    for page in range(addr >> 12, addr + size + 0xfff >> 12):
        assert pages.setdefault(page, access) == access, line
assert sorted(flags) == ["R", "RE", "RW"], flags'
  done
}

@test "no symbol, comment or name of the building machine is left" {
  local elf
  for elf in "${ELFS[@]}"; do
    run readelf -SW "$elf"
    [[ $output != *.symtab* && $output != *.comment* && $output != *.note* && $output != *.debug* ]]
    run grep -c -a -F -e "$BUILD" -e "$PROJECT" -e clang -e LLD "$elf"
    [ "$output" = 0 ]
  done
}

@test "every system call has a constant number of the archive profile" {
  local elf
  for elf in "${ELFS[@]}"; do
    instructions "$elf" | python3 -c '
import re, sys
profile = {1, 3, 4, 45, 91, 192, 252}
number, calls = None, 0
for line in sys.stdin:
    if re.match(r"int +", line):
        assert re.match(r"int +\$0x80$", line), line
        assert number in profile, number
        calls += 1
        number = None
    elif found := re.match(r"mov +\$0x([0-9a-f]+),%eax$", line):
        number = int(found[1], 16)
    elif re.search(r",%[re]?a[xlh]$", line) or re.match(r"(call|ret|jmp|mul|div|xchg)", line):
        number = None
assert calls > 0'
  done
}

@test "no decoder holds instructions outside the guest's set" {
  local elf
  for elf in "${ELFS[@]}"; do
    has_no '%[fg]s|,%[cdes]s$' "$elf"
    has_no '%ymm|%zmm|%mm[0-7]' "$elf"
    has_no '^(rep[a-z]* |lock )?(cpuid|rdtsc|rdtscp|rdpmc|rdrand|rdseed|xgetbv|sysenter|syscall)' "$elf"
    has_no '^(in|out|ins|outs|hlt|cli|sti|lcall|ljmp|lret|iret)[bwl]?( |$)' "$elf"
    has_no '^(popcnt|lzcnt|tzcnt|pshufb|crc32|movbe|pabs|palignr|ptest|pinsrd|pextrd|lddqu|v[a-z])' "$elf"
    has_no '^(f2xm1|fyl2x|fyl2xp1|fptan|fpatan|fsin|fcos|fsincos)' "$elf"
  done
}

@test "deflated, no decoder is larger than its limit, and the table of decoders tells all sizes" {
  python3 - "$DECODERS" "$PROJECT/decoders/README.md" <<'PY'
import os, re, sys, zlib
folder, readme = sys.argv[1:]
rows = {}
for line in open(readme):
    if found := re.match(r"\| (\w+) \|.*\| (\d+), (\d+) \| (\d+) \|$", line):
        rows[found[1]] = [int(number) for number in found.groups()[1:]]
names = sorted(name[:-4] for name in os.listdir(folder) if name.endswith(".elf"))
assert names == sorted(rows), (names, sorted(rows))
for name in names:
    encoder = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = open(f"{folder}/{name}.elf", "rb").read()
    size = len(encoder.compress(data) + encoder.flush())
    told_nbytes, told_deflated_nbytes, limit_nbytes = rows[name]
    print(name, len(data), size)
    assert size <= limit_nbytes, "the limit"
    # another version of clang or zlib may differ a little
    assert abs(len(data) / told_nbytes - 1) < 0.02 and abs(size / told_deflated_nbytes - 1) < 0.02
PY
}

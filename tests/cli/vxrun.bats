# SPDX-License-Identifier: MIT
# Knows what vxrun does with a program, its three descriptors, its options, its limits and its traps.

load ../support/helper
need nasm ld.lld

setup() {
  cd "$BATS_TEST_TMPDIR"
}

# Assembles a program from standard input: assemble NAME
assemble() {
  { echo 'bits 32'; echo 'global _start'; echo 'section .text'; echo '_start:'; cat; } >"$1.asm"
  nasm -f elf32 -o "$1.o" "$1.asm"
  ld.lld -m elf_i386 -z noexecstack -o "$1" "$1.o"
}

assemble_exit() {
  assemble exit <<<'mov eax, 1
    mov ebx, 42
    int 80h'
}

# Copies its input to its output in odd pieces and exits 0.
assemble_copy() {
  assemble copy <<'END'
again:  mov eax, 3
        xor ebx, ebx
        mov ecx, buffer
        mov edx, 1021
        int 80h
        test eax, eax
        jle done
        mov edx, eax
        mov eax, 4
        mov ebx, 1
        int 80h
        jmp again
done:   mov ebx, eax
        neg ebx
        mov eax, 1
        int 80h
section .bss
buffer: resb 1021
END
}

assemble_loop() {
  assemble loop <<<'jmp _start'
}

# Writes argv[1] to the descriptor of its own number of arguments, and exits 0.
assemble_argument() {
  assemble argument <<'END'
        mov ecx, [esp + 8]
        xor edx, edx
count:  cmp byte [ecx + edx], 0
        je found
        inc edx
        jmp count
found:  mov ebx, [esp]
        dec ebx
        mov eax, 4
        int 80h
        mov eax, 1
        xor ebx, ebx
        int 80h
END
}

@test "the exit status is the guest's" {
  assemble_exit
  ends 42 "$VXRUN" exit
  [ -z "$output" ]
}

@test "a filter copies megabytes unchanged" {
  assemble_copy
  head -c 3000000 /dev/zero | tr '\0' 'x' >in
  date >>in
  "$VXRUN" copy <in >out
  cmp in out
}

@test "input may come in small pieces and be empty" {
  assemble_copy
  { printf a; sleep 0.1; printf b; } | "$VXRUN" copy >out
  [ "$(cat out)" = ab ]
  "$VXRUN" copy </dev/null >out
  [ ! -s out ]
}

@test "arguments behind the program are the guest's, also if they look like options" {
  assemble_argument
  [ "$("$VXRUN" argument --help)" = --help ]
  [ "$("$VXRUN" -- argument --fuel=0)" = --fuel=0 ]
  "$VXRUN" argument two 2>messages >out three
  [ "$(cat messages)" = two ]
  [ ! -s out ]
}

@test "--help and --version print and succeed" {
  ends 0 "$VXRUN" --help
  says 'Usage: vxrun' --engine --profile --memory --fuel --time --stats --trace 152
  ends 0 "$VXRUN" --version
  says 'vxrun 0.'
}

@test "wrong usage ends with 125 and one line that names the mistake" {
  local arguments
  assemble_exit
  for arguments in '' --nothing --fuel --fuel= --fuel=x --fuel=-1 --fuel=99999999999999999999 --memory=0 \
    --memory=1T --memory=1MB --memory=5G --memory=100 --memory=16777216G --memory= --time=0 --time=-1 --time=x \
    --time=inf --time=nan --engine= --engine=fast --profile=all --stats=yes -x; do
    # shellcheck disable=SC2086
    ends 125 "$VXRUN" $arguments exit_is_not_reached_without_a_program
    [ "${#lines[@]}" -eq 1 ]
    says vxrun:
  done
  ends 125 "$VXRUN"
  says 'no program given'
}

@test "a program that cannot be read ends with 125 and the reason" {
  ends 125 "$VXRUN" missing
  says 'missing: No such file or directory'
  mkdir folder
  ends 125 "$VXRUN" folder
  says 'folder: Is a directory'
}

@test "a file that is not an acceptable program ends with 126 and its fault" {
  : >empty
  ends 126 "$VXRUN" empty
  says 'empty: too short for an ELF file'
  head -c 100 /dev/zero >zeros
  ends 126 "$VXRUN" zeros
  says 'zeros: not an ELF file'
  ends 126 "$VXRUN" "$VXRUN"
  says 'not a 32-bit ELF file'
}

@test "a memory limit smaller than the program ends with 126" {
  assemble_exit
  ends 126 "$VXRUN" --memory=4M exit
  says 'memory limit'
  ends 42 "$VXRUN" --memory=4194240K exit
  ends 42 "$VXRUN" --memory=16M exit
}

@test "fuel is exact" {
  assemble_exit
  ends 152 "$VXRUN" --fuel=2 exit
  says 'fuel of 2 instructions'
  ends 42 "$VXRUN" --fuel=3 exit
  ends 152 "$VXRUN" --fuel=0 exit
}

@test "fuel and time stop an endless loop" {
  assemble_loop
  ends 152 "$VXRUN" --fuel=12345678 loop
  ends 152 "$VXRUN" --time=0.2 loop
  says 'CPU time of 0.2 seconds'
}

@test "time spent waiting for input is not CPU time" {
  assemble_copy
  { sleep 1; echo late; } | "$VXRUN" --time=0.5 copy >out
  [ "$(cat out)" = late ]
}

@test "statistics are told on standard error" {
  assemble_exit
  ends 42 "$VXRUN" --engine=interpret --stats exit
  says 'engine        interpret' 'instructions  3' 'system calls  1' 'peak memory   8200 KiB' 'CPU time' 'blocks'
}

@test "a trace has one line for each instruction" {
  assemble_exit
  ends 42 "$VXRUN" --trace exit
  [ "${#lines[@]}" -eq 3 ]
  [[ ${lines[0]} == *"  b801000000 "*"mov eax, "* ]]
  [[ ${lines[2]} == *"  cd80 "*"int "* ]]
  ends 152 "$VXRUN" --trace --fuel=2 exit
  [ "${#lines[@]}" -eq 3 ]
}

@test "a trap tells vector, place, instruction, access and registers" {
  assemble fault <<<'mov ebx, 12345678h
    mov [0deadbee0h], eax'
  ends 139 "$VXRUN" fault
  says '#PF page fault (vector 14)' 'tried to write to deadbee0' 'a3e0beadde' 'mov' 'ebx 12345678' 'eip 0040' \
    'eflags' 'st0' 'xmm7' 'mxcsr 00001f80'
}

@test "each kind of trap ends with the status of Linux's signal" {
  local row
  for row in '136 #DE div ecx' '133 #BP int3' '132 #UD ud2' '139 #GP hlt' '139 #PF mov eax, [0]' \
    '139 #GP int 81h' '132 #UD db 0x0f, 0xff, 0xc0' '139 #PF jmp 20h'; do
    assemble trap <<<"xor ecx, ecx
      ${row#* * }"
    ends "${row%% *}" "$VXRUN" trap
    says "$(cut -d' ' -f2 <<<"$row")"
  done
}

@test "the archive profile refuses calls that linux-filter has" {
  assemble pid <<<'mov eax, 20
    int 80h
    mov ebx, eax
    mov eax, 1
    int 80h'
  ends 218 "$VXRUN" pid # -ENOSYS, the low byte
  ends 1 "$VXRUN" --profile=linux-filter pid
}

@test "the engine can be chosen where there is one" {
  assemble_exit
  ends 42 "$VXRUN" --engine=auto exit
  ends 42 "$VXRUN" --engine=interpret exit
}

@test "output that cannot be written ends with 125 and its reason once" {
  assemble_copy
  run bash -c '"$0" copy </dev/zero >/dev/full' "$VXRUN"
  [ "$status" -eq 125 ]
  [ "$output" = 'vxrun: cannot write standard output: No space left on device' ]
  run bash -c '"$0" --help >/dev/full' "$VXRUN"
  [ "$status" -eq 125 ]
}

@test "input that cannot be read ends with 125 and its reason" {
  assemble_copy
  run bash -c '"$0" copy <.' "$VXRUN"
  [ "$status" -eq 125 ]
  [ "$output" = 'vxrun: cannot read standard input: Is a directory' ]
}

@test "when nobody reads the output vxrun ends quietly with 141" {
  assemble_copy
  run bash -c '"$0" copy </dev/zero 2>messages | head -c 10 >/dev/null; exit ${PIPESTATUS[0]}' "$VXRUN"
  [ "$status" -eq 141 ]
  [ ! -s messages ]
}

@test "an interrupted vxrun ends with 130" {
  assemble_loop
  run timeout --foreground --preserve-status -s INT 0.3 "$VXRUN" loop
  [ "$status" -eq 130 ]
}

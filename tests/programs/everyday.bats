#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Proves that programs built with glibc and with musl do the same in the sandbox and natively.

load support

# One program with both libraries: gcc and the x87 unit, clang and SSE.
setup_file() {
  load support
  packages musl-dev
  cd "$BATS_FILE_TMPDIR"
  i686-linux-gnu-gcc -O2 -static -o glibc "$BATS_TEST_DIRNAME/everyday.c" -lm
  local musl=$PACKAGES/musl-dev/usr headers
  headers=$(clang -print-resource-dir)/include
  clang --target=i386-linux-musl -march=pentium4 -O2 -nostdinc -c -o everyday.o \
    -isystem "$musl/include/i386-linux-musl" -isystem "$headers" "$BATS_TEST_DIRNAME/everyday.c"
  musl=$musl/lib/i386-linux-musl
  ld.lld -m elf_i386 -static -z noexecstack -o musl "$musl/crt1.o" "$musl/crti.o" everyday.o \
    "$musl/libc.a" "$(i686-linux-gnu-gcc -print-libgcc-file-name)" "$musl/crtn.o"
  echo "# engines: $(engines)" >&3
}

setup() {
  cd "$BATS_TEST_TMPDIR"
}

# Each SUBJECT of the program is alike with both libraries: subjects NAME...
subjects() {
  local library
  for library in glibc musl; do
    alike "$BATS_FILE_TMPDIR/$library" "$@"
    grep -q 'status 17' interpret.out || { cat interpret.*; return 1; }
  done
}

@test "text is printed, scanned and read by the line alike" {
  cp "$BATS_TEST_DIRNAME/everyday.c" input
  subjects formats scans lines
}

@test "memory is given out, grown and taken back alike" {
  subjects memory big
}

@test "sorting and searching are alike" {
  subjects sorting
}

@test "longjmp comes back from a thousand calls alike" {
  subjects jumps
}

@test "thread-local variables are alike" {
  subjects tls
}

@test "floating point is computed, printed and read alike" {
  subjects doubles arithmetic
}

@test "64-bit integers are divided alike" {
  subjects integers
}

@test "writev, getrandom, clocks and missing files answer alike" {
  subjects vectors chance clocks files
}

#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Proves the C library that the decoders are linked with, by a guest of its own made from the same objects.

setup() {
  load support
  need clang ld.lld
  cd "$BATS_TEST_TMPDIR"
}

@test "the guests' C library copies, compares, divides, sorts and allocates as the standard says" {
  local guest=$PROJECT/decoders/guest
  clang --target=i686-unknown-linux-gnu -march=pentium4 -std=c11 -O1 -fno-builtin -fno-pic \
    -fno-omit-frame-pointer -fno-stack-protector -fno-asynchronous-unwind-tables -nostdinc \
    -isystem "$guest/include" -c "$BATS_TEST_DIRNAME/guest_library.c" -o guest_library.o
  ld.lld -m elf_i386 -static --gc-sections -T "$guest/guest.ld" \
    "$DECODERS"/objects/guest/*.o guest_library.o -o guest_library.elf
  status=0
  (
    ulimit -v 65536
    exec ./guest_library.elf first ''
  ) || status=$?
  [ "$status" -eq 42 ]
}

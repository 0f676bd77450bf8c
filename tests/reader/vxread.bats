#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Proves that vxread.c is built by every compiler, and extracts every codec's archive on every kind of host.

load ../support/helper
load ../support/golden

setup() {
  cd "$BATS_TEST_TMPDIR"
  cp "$BUILD/reader/vxread.c" .
}

@test "gcc and clang build vxread.c as C99 without a warning, and what they build reads every codec" {
  need gcc clang
  local options
  for options in -O0 -O2; do
    gcc -std=c99 -Wall -Wextra -Werror $options vxread.c -o vxread
    reads_golden "$EVERY_CODEC" ./vxread
    clang -std=c99 -Wall -Wextra -Wno-unused-function -Werror $options vxread.c -o vxread
    reads_golden "$EVERY_CODEC" ./vxread
  done
}

@test "tcc builds vxread.c, and what it builds reads every codec" {
  need tcc
  tcc vxread.c -o vxread
  reads_golden "$EVERY_CODEC" ./vxread
  tcc -O2 vxread.c -o vxread
  reads_golden "$EVERY_CODEC" ./vxread
}

@test "a big-endian host, s390x, reads every codec" {
  need s390x-linux-gnu-gcc qemu-s390x
  local options
  for options in -O0 -O2; do
    s390x-linux-gnu-gcc -std=c99 $options -static vxread.c -o vxread
    reads_golden "$EVERY_CODEC" qemu-s390x ./vxread
  done
}

@test "a 32-bit host whose char is unsigned, armhf, reads every codec" {
  need arm-linux-gnueabihf-gcc qemu-arm
  arm-linux-gnueabihf-gcc -std=c99 -O1 -static vxread.c -o vxread
  reads_golden "$EVERY_CODEC" qemu-arm ./vxread
}

@test "with musl, it reads every codec" {
  need musl-gcc
  musl-gcc -std=c99 -O1 -static vxread.c -o vxread
  reads_golden "$EVERY_CODEC" ./vxread
}

@test "nothing that C leaves undefined happens, char signed or not" {
  need gcc
  local sign
  for sign in signed unsigned; do
    gcc -std=c99 -O1 -f$sign-char -fsanitize=undefined,address -fno-sanitize-recover=all vxread.c -o vxread
    reads_golden "$EVERY_CODEC" ./vxread
  done
}

# node's own threads at times crash while it exits.
@test "as WebAssembly in node, it reads every codec" {
  need clang wasm-ld node
  clang --target=wasm32-wasi -O1 vxread.c -o vxread.wasm
  reads_golden "$EVERY_CODEC" node --no-warnings --single-threaded "$BATS_TEST_DIRNAME/wasi.mjs" vxread.wasm
}

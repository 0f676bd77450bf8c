#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Proves that the same sources give the same decoders wherever they are built.

setup() {
  load support
  need cmake ninja make cmp
  cd "$BATS_TEST_TMPDIR"
}

# Builds a copy of the decoders' tree: build_copy FOLDER GENERATOR
build_copy() {
  mkdir -p "$1/vx32"
  cp -r "$PROJECT/decoders" "$1/"
  cp -r "$PROJECT/vx32/include" "$1/vx32/"
  cmake -G "$2" -S "$1/decoders" -B "$1/build" -D VXA_SOURCES="$DECODERS/sources/archives"
  cmake --build "$1/build" --parallel 2
}

@test "two builds in different folders and by different build tools give identical decoders" {
  local elf
  unset VXA_SOURCES
  build_copy "$PWD/one" Ninja
  build_copy "$PWD/another/folder with a longer name" "Unix Makefiles"
  for elf in one/build/decoders/*.elf; do
    cmp "$elf" "another/folder with a longer name/build/decoders/${elf##*/}"
  done
  [ -f one/build/decoders/deflate.elf ]
  [ -f one/build/decoders/zstd.elf ]
}

@test "a second build has nothing to do, and a changed header compiles again" {
  build_copy "$PWD/copy" Ninja
  run ninja -C copy/build
  [[ $output == *"no work to do"* ]]
  touch copy/decoders/guest/include/filter.h
  run ninja -C copy/build
  [[ $output == *"deflate/main.c.o"* && $output == *"Linking decoder zstd.elf"* ]]
}

#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Proves that brotli.elf decodes what brotli writes and refuses what is no stream, natively and in the sandbox.

setup() {
  load support
  need python3 brotli cmp
  cd "$BATS_TEST_TMPDIR"
}

@test "streams of 0, 1, 65537, 262144 and 3000000 bytes decode to the original at each quality" {
  local size quality
  for size in 0 1 65537 262144 3000000; do
    make_data $size data
    for quality in 0 5 9; do
      brotli -c -q $quality <data >encoded
      decodes brotli encoded data
    done
  done
}

@test "text that the built-in dictionary knows decodes to the original" {
  cat "$PROJECT"/*.md "$PROJECT"/docs/*.md >data
  brotli -c -q 11 <data >encoded
  decodes brotli encoded data
}

@test "large windows are decoded" {
  make_data 2000000 data
  brotli -c -q 5 --large_window=26 <data >encoded
  decodes brotli encoded data
}

@test "the sandbox gives the same bytes" {
  make_data 300000 data
  brotli -c <data >encoded
  decodes_sandboxed brotli encoded data
}

@test "empty inputs, following bytes, unknown arguments and failing writes are errors" {
  make_data 1000 data
  brotli -c <data >encoded
  keeps_the_rules brotli encoded
}

@test "every proper prefix of a stream is refused as truncated" {
  make_data 20000 data
  brotli -c <data >encoded
  refuses_prefixes brotli encoded "the input ends within the stream"
}

@test "random damage never crashes the decoder" {
  make_data 20000 data
  brotli -c <data >encoded
  survives_damage brotli encoded data unchecked
}

@test "a stream with impossible codes is refused" {
  printf '\377\377\377\377\377\377\377\377' >data
  refuses brotli data 1 "damaged stream"
}

@test "too little memory ends with the status for memory" {
  make_data 3000000 data
  brotli -c -q 5 -w 24 <data >encoded
  (
    ulimit -v 3000
    refuses brotli encoded 3 "out of memory"
  )
}

#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Proves that bzip2.elf decodes what bzip2 writes and refuses everything else, natively and in the sandbox.

setup() {
  load support
  need python3 bzip2 cmp
  cd "$BATS_TEST_TMPDIR"
}

@test "streams of 0, 1, 65537, 262144 and 5000000 bytes decode to the original at each block size" {
  local size level
  for size in 0 1 65537 262144 5000000; do
    make_data $size data
    for level in 1 9; do
      bzip2 -$level <data >encoded
      decodes bzip2 encoded data
    done
  done
}

@test "long runs of one byte decode to the original" {
  head -c 3000000 /dev/zero >data
  bzip2 <data >encoded
  decodes bzip2 encoded data
}

@test "the sandbox gives the same bytes" {
  make_data 300000 data
  bzip2 <data >encoded
  decodes_sandboxed bzip2 encoded data
}

@test "streams in a row are decoded with --concatenated and refused without" {
  make_data 400000 data
  { head -c 150000 data | bzip2; bzip2 </dev/null; tail -c +150001 data | bzip2; } >encoded
  decodes bzip2 encoded data --concatenated
  refuses bzip2 encoded 1 "bytes follow the end of the stream"
}

@test "empty inputs, following bytes, unknown arguments and failing writes are errors" {
  make_data 1000 data
  bzip2 <data >encoded
  keeps_the_rules bzip2 encoded
}

@test "with --concatenated, bytes after the streams that are no stream are refused" {
  make_data 1000 data
  { bzip2 <data; printf noise; } >encoded
  refuses bzip2 encoded 1 "not a bzip2 stream" --concatenated
  { bzip2 <data; printf BZh; } >encoded
  refuses bzip2 encoded 1 "the input ends within the stream" --concatenated
}

@test "every proper prefix of a stream is refused as truncated" {
  make_data 20000 data
  bzip2 <data >encoded
  refuses_prefixes bzip2 encoded "the input ends within the stream"
}

@test "damage is found by the checksum, and never crashes the decoder" {
  make_data 20000 data
  bzip2 <data >encoded
  survives_damage bzip2 encoded data checked
}

@test "what is not bzip2 is refused with the reason" {
  make_data 1000 data
  refuses bzip2 data 1 "not a bzip2 stream"
  printf 'BZh9garbage' >data
  refuses bzip2 data 1 "damaged stream"
}

@test "too little memory ends with the status for memory" {
  make_data 1000 data
  bzip2 <data >encoded
  (
    ulimit -v 3000
    refuses bzip2 encoded 3 "out of memory"
  )
}

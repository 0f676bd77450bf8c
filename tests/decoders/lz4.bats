#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Proves that lz4.elf decodes LZ4 frames and refuses everything else, natively and in the sandbox.

setup() {
  load support
  need python3 lz4 cmp
  cd "$BATS_TEST_TMPDIR"
}

@test "frames of 0, 1, 65537, 262144 and 5000000 bytes decode to the original at each level" {
  local size level
  for size in 0 1 65537 262144 5000000; do
    make_data $size data
    for level in 1 9; do
      lz4 -$level -c <data >encoded
      decodes lz4 encoded data
    done
  done
}

@test "each block size, linked blocks, and block and content checksums decode to the original" {
  make_data 5000000 data
  local option
  for option in -B4 -B5 -B6 -B7 -BD -BX --content-size --no-frame-crc --favor-decSpeed; do
    lz4 -q -f -9 "$option" data encoded
    decodes lz4 encoded data
  done
}

@test "a wrong checksum of the content is refused" {
  make_data 100000 data
  lz4 -c <data >encoded
  python3 -c 'd = bytearray(open("encoded", "rb").read()); d[-1] ^= 1; open("bad", "wb").write(d)'
  refuses lz4 bad 1 "contentChecksum"
}

@test "the sandbox gives the same bytes" {
  make_data 300000 data
  lz4 -c -BD <data >encoded
  decodes_sandboxed lz4 encoded data
}

@test "frames in a row are decoded with --concatenated and refused without" {
  make_data 400000 data
  { head -c 150000 data | lz4 -c; printf '\120\052\115\030\001\000\000\000x'
    tail -c +150001 data | lz4 -c; } >encoded
  decodes lz4 encoded data --concatenated
  refuses lz4 encoded 1 "bytes follow the end of the frame"
}

@test "a skippable frame is not taken for a frame of nothing" {
  printf '\120\052\115\030\001\000\000\000x' >encoded
  refuses lz4 encoded 1 "skippable frame"
}

@test "empty inputs, following bytes, unknown arguments and failing writes are errors" {
  make_data 1000 data
  lz4 -c <data >encoded
  keeps_the_rules lz4 encoded
}

@test "every proper prefix of a frame is refused as truncated" {
  make_data 20000 data
  lz4 -c <data >encoded
  refuses_prefixes lz4 encoded "the input ends within the frame"
}

@test "damage is found by the checksum, and never crashes the decoder" {
  make_data 20000 data
  lz4 -c <data >encoded
  survives_damage lz4 encoded data checked
}

@test "what is not LZ4 is refused with the reason" {
  make_data 1000 data
  refuses lz4 data 1 "frameType_unknown"
}

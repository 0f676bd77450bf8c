#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Proves that deflate.elf decodes good streams exactly and refuses everything else; it runs on the host's kernel.

setup() {
  load support
  need python3 gzip cmp
  cd "$BATS_TEST_TMPDIR"
}

# encode LEVEL WINDOW_BITS FROM TO: window bits 15 are a zlib wrapper, -15 a raw stream
encode() {
  python3 -c '
import sys, zlib
encoder = zlib.compressobj(int(sys.argv[1]), zlib.DEFLATED, int(sys.argv[2]))
data = open(sys.argv[3], "rb").read()
open(sys.argv[4], "wb").write(encoder.compress(data) + encoder.flush())' "$@"
}

# A raw stream of NBYTES in stored blocks: stored_stream NBYTES TO
stored_stream() {
  python3 -c '
import struct, sys
left, out = int(sys.argv[1]), b""
while left:
    size = min(left, 60000)
    if 0 < left - size < 6: size -= 6
    left -= size
    out += struct.pack("<BHH", left == 0, size - 5, size - 5 ^ 0xffff) + b"x" * (size - 5)
open(sys.argv[2], "wb").write(out)' "$@"
}

@test "raw streams of 0, 1, 65537, 262144 and 5000000 bytes decode to the original at each level" {
  local size level
  for size in 0 1 65537 262144 5000000; do
    make_data $size data
    for level in 0 1 6 9; do
      encode $level -15 data encoded
      decodes deflate encoded data
    done
  done
}

@test "--zlib decodes a zlib wrapper and checks its Adler-32" {
  make_data 300000 data
  encode 6 15 data encoded
  decodes deflate encoded data --zlib
  python3 -c 'd = bytearray(open("encoded", "rb").read()); d[-1] ^= 1; open("bad", "wb").write(d)'
  refuses deflate bad 1 "incorrect data check" --zlib
}

@test "--gzip decodes what gzip writes and checks its CRC-32" {
  make_data 300000 data
  gzip -n <data >encoded
  decodes deflate encoded data --gzip
  python3 -c 'd = bytearray(open("encoded", "rb").read()); d[-8] ^= 1; open("bad", "wb").write(d)'
  refuses deflate bad 1 "incorrect data check" --gzip
}

@test "gzip members in a row are decoded with --concatenated and refused without" {
  make_data 600000 data
  { head -c 400000 data | gzip; gzip </dev/null; tail -c +400001 data | gzip; } >encoded
  decodes deflate encoded data --gzip --concatenated
  refuses deflate encoded 1 "bytes follow the end of the stream" --gzip
  { gzip <data; printf 'noise'; } >encoded
  refuses deflate encoded 1 "incorrect header check" --gzip --concatenated
}

@test "streams that shrink to a thousandth decode to the original" {
  head -c 30000000 /dev/zero >data
  encode 9 -15 data encoded
  decodes deflate encoded data
}

@test "streams too large for memory are decoded piece by piece: of 17 MB, and of 3 MB in 2 MB" {
  make_data 17500000 data
  encode 0 -15 data encoded
  decodes deflate encoded data
  make_data 3000000 data
  encode 1 -15 data encoded
  (
    ulimit -v 2048
    decode deflate encoded out
    [ "$status" -eq 0 ]
  )
  cmp out data
}

@test "damage behind megabytes of good data is refused" {
  make_data 3000000 data
  encode 6 -15 data encoded
  python3 -c '
d = bytearray(open("encoded", "rb").read())
d[-1000:] = b"\xff" * 1000
open("bad", "wb").write(d)'
  decode deflate bad out
  [ "$status" -eq 1 ]
  [[ $message == "deflate: "* ]]
}

@test "the sandbox gives the same bytes" {
  make_data 300000 data
  encode 6 -15 data encoded
  decodes_sandboxed deflate encoded data
  gzip <data >encoded
  decodes_sandboxed deflate encoded data --gzip
}

@test "an empty input is refused" {
  refuses deflate /dev/null 1 "the input is empty"
}

@test "every proper prefix of a stream is refused as truncated" {
  make_data 900 data
  encode 9 -15 data encoded
  local size whole
  whole=$(stat -c %s encoded)
  [ "$whole" -gt 300 ]
  for ((size = 1; size < whole; size += 3)); do
    cut_file $size encoded part
    refuses deflate part 1 "ends within the stream"
  done
  cut_file $((whole - 1)) encoded part
  refuses deflate part 1 "ends within the stream"
}

@test "a stream cut where the input buffer ends is refused as truncated" {
  make_data 1000000 data
  encode 0 -15 data encoded
  cut_file 262144 encoded part
  refuses deflate part 1 "ends within the stream"
}

@test "bytes after the stream are refused, also right behind a full input buffer" {
  local size
  for size in 1000 262144; do
    stored_stream $size encoded
    [ "$(stat -c %s encoded)" -eq $size ]
    decode deflate encoded out
    [ "$status" -eq 0 ]
    printf 'x' >>encoded
    refuses deflate encoded 1 "bytes follow the end of the stream"
  done
}

@test "damaged streams are refused with the reason" {
  printf '\007' >type
  refuses deflate type 1 "invalid block type"
  printf '\001\005\000\005\000hello' >length
  refuses deflate length 1 "invalid stored block lengths"
  # A fixed block: a literal, then a match that reaches back before the first byte.
  printf '\113\004\042\000' >distance
  refuses deflate distance 1 "invalid distance"
}

@test "random damage never crashes the decoder" {
  make_data 20000 data
  encode 9 -15 data encoded
  damage 100 encoded bad
  for bad in bad.*; do
    decode deflate "$bad" out
    [ "$status" -eq 0 ] || [ "$status" -eq 1 ]
    [ "$status" -eq 0 ] || [ -n "$message" ]
  done
}

@test "an unknown argument is refused as wrong usage" {
  refuses deflate /dev/null 2 "usage:" --frob
  refuses deflate /dev/null 2 "usage:" --zlib --gzip
  refuses deflate /dev/null 2 "usage:" --concatenated
}

@test "a failing write is an error" {
  make_data 1000 data
  encode 6 -15 data encoded
  decode deflate encoded /dev/full
  [ "$status" -eq 4 ]
  [[ $message == *"cannot write the output"* ]]
}

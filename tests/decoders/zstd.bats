#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Proves that zstd.elf decodes one good frame exactly and refuses everything else; it runs on the host's kernel.

setup() {
  load support
  need python3 zstd cmp
  cd "$BATS_TEST_TMPDIR"
}

# A frame by hand, with a window of 2^LOG bytes and one raw block of 5 bytes: window_frame LOG TO
window_frame() {
  python3 -c '
import sys
window = int(sys.argv[1]) - 10 << 3
block = (5 << 3 | 1).to_bytes(3, "little") + b"hello"
open(sys.argv[2], "wb").write(bytes.fromhex("28b52ffd00") + bytes([window]) + block)' "$@"
}

@test "frames of 0, 1, 65537, 262144 and 5000000 bytes decode to the original at each level" {
  local size level
  for size in 0 1 65537 262144 5000000; do
    make_data $size data
    for level in 1 3 19; do
      zstd -q -f -$level data -o encoded
      decodes zstd encoded data
      zstd -q -f --no-check -$level <data >encoded
      decodes zstd encoded data
    done
  done
}

@test "matches across a window of several MiB decode to the original" {
  make_data 3000000 data
  cat data data data >thrice
  zstd -q -f --long=23 thrice -o encoded
  [ "$(stat -c %s encoded)" -lt 3000000 ]
  decodes zstd encoded thrice
}

@test "a window of 128 MiB is accepted and a larger one refused" {
  printf hello >data
  window_frame 27 encoded
  decodes zstd encoded data
  window_frame 28 encoded
  refuses zstd encoded 1 "too much memory"
}

@test "a window beyond the memory there is ends with the status for memory" {
  window_frame 27 encoded
  (
    ulimit -v 65536
    refuses zstd encoded 3 "out of memory"
  )
}

@test "a wrong checksum is refused unless --no-checksum is given" {
  make_data 100000 data
  zstd -q -f --check data -o encoded
  python3 -c 'd = bytearray(open("encoded", "rb").read()); d[-1] ^= 1; open("bad", "wb").write(d)'
  refuses zstd bad 1 "checksum"
  decodes zstd bad data --no-checksum
}

@test "an empty input is refused" {
  refuses zstd /dev/null 1 "the input is empty"
}

@test "every proper prefix of a frame is refused as truncated" {
  make_data 900 data
  zstd -q -f -19 data -o encoded
  local size whole
  whole=$(stat -c %s encoded)
  [ "$whole" -gt 300 ]
  for ((size = 1; size < whole; size += 3)); do
    cut_file $size encoded part
    refuses zstd part 1 "ends within the frame"
  done
  cut_file $((whole - 1)) encoded part
  refuses zstd part 1 "ends within the frame"
}

@test "bytes after the frame are refused: noise, a second frame, a skippable frame" {
  make_data 1000 data
  zstd -q -f data -o frame
  for tail in 'x' "$(printf '\050\265')"; do
    { cat frame; printf '%s' "$tail"; } >encoded
    refuses zstd encoded 1 "bytes follow the end of the frame"
  done
  cat frame frame >encoded
  refuses zstd encoded 1 "bytes follow the end of the frame"
  { cat frame; printf '\120\052\115\030\001\000\000\000x'; } >encoded
  refuses zstd encoded 1 "bytes follow the end of the frame"
}

@test "frames in a row, skippable ones too, are decoded with --concatenated" {
  make_data 400000 data
  { head -c 150000 data | zstd -q -c; printf '\120\052\115\030\001\000\000\000x'
    tail -c +150001 data | zstd -q -c; } >encoded
  decodes zstd encoded data --concatenated
  decodes zstd encoded data --no-checksum --concatenated
  { cat encoded; printf 'noise'; } >longer
  refuses zstd longer 1 "Unknown frame descriptor" --concatenated
  printf '\120\052\115\030\005\000\000\000x' >encoded
  refuses zstd encoded 1 "ends within the frame" --concatenated
}

@test "the sandbox gives the same bytes" {
  make_data 300000 data
  zstd -q -f data -o encoded
  decodes_sandboxed zstd encoded data
}

@test "a skippable frame is not taken for a stream of nothing" {
  printf '\120\052\115\030\001\000\000\000x' >encoded
  refuses zstd encoded 1 "skippable frame"
}

@test "what is not zstd is refused with the reason" {
  make_data 1000 data
  refuses zstd data 1 "Unknown frame descriptor"
}

@test "random damage to a frame without checksum never crashes the decoder" {
  make_data 20000 data
  zstd -q -f -19 --no-check data -o encoded
  damage 100 encoded bad
  for bad in bad.*; do
    decode zstd "$bad" out
    [ "$status" -eq 0 ] || [ "$status" -eq 1 ] || [ "$status" -eq 3 ]
    [ "$status" -eq 0 ] || [ -n "$message" ]
  done
}

@test "an unknown argument is refused as wrong usage" {
  refuses zstd /dev/null 2 "usage:" --frob
}

@test "a failing write is an error" {
  make_data 1000 data
  zstd -q -f data -o encoded
  decode zstd encoded /dev/full
  [ "$status" -eq 4 ]
  [[ $message == *"cannot write the output"* ]]
}

#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Proves that xz.elf decodes .xz and .lzma streams and refuses everything else, natively and in the sandbox.

setup() {
  load support
  need python3 xz cmp
  cd "$BATS_TEST_TMPDIR"
}

@test "streams of 0, 1, 65537, 262144 and 5000000 bytes decode to the original in both formats" {
  local size format level
  for size in 0 1 65537 262144 5000000; do
    make_data $size data
    for format in xz lzma; do
      for level in 0 6; do
        xz -T1 --format=$format -$level <data >encoded
        decodes xz encoded data
      done
    done
  done
}

@test "each kind of checksum is verified" {
  make_data 100000 data
  local check
  for check in crc32 crc64 sha256; do
    xz --check=$check <data >encoded
    decodes xz encoded data
    # The checksum ends 32 bytes before the end: index and footer follow it.
    python3 -c '
d = bytearray(open("encoded", "rb").read())
backward = (int.from_bytes(d[-8:-4], "little") + 1) * 4
d[-12 - backward - 1] ^= 1
open("bad", "wb").write(d)'
    refuses xz bad 1 "damaged stream"
  done
  xz --check=none <data >encoded
  decodes xz encoded data
}

@test "the filters for machine code and for tables decode to the original" {
  cat "$DECODERS"/*.elf >data
  local filter
  for filter in x86 arm armthumb arm64 powerpc ia64 sparc delta=dist=4; do
    xz --"$filter" --lzma2=preset=1 <data >encoded
    decodes xz encoded data
  done
}

@test "streams of many blocks decode to the original" {
  make_data 1000000 data
  xz -0 --block-size=50000 <data >encoded
  decodes xz encoded data
}

@test "the sandbox gives the same bytes" {
  make_data 300000 data
  xz <data >encoded
  decodes_sandboxed xz encoded data
}

@test "streams in a row, padded or not, are decoded with --concatenated and refused without" {
  make_data 400000 data
  { head -c 150000 data | xz; printf '\0\0\0\0'; tail -c +150001 data | xz; } >encoded
  decodes xz encoded data --concatenated
  refuses xz encoded 1 "bytes follow the end of the stream"
  { xz <data; printf '\0\0\0'; } >encoded
  refuses xz encoded 1 "damaged stream" --concatenated
}

@test "empty inputs, following bytes, unknown arguments and failing writes are errors" {
  make_data 1000 data
  xz <data >encoded
  keeps_the_rules xz encoded
  xz --format=lzma <data >encoded
  keeps_the_rules xz encoded
}

@test "every proper prefix of a stream is refused as truncated" {
  make_data 20000 data
  xz <data >encoded
  refuses_prefixes xz encoded "the input ends within the stream"
  xz --format=lzma <data >encoded
  refuses_prefixes xz encoded "the input ends within the stream"
}

@test "damage is found by the checksum, and never crashes the decoder" {
  make_data 20000 data
  xz <data >encoded
  survives_damage xz encoded data checked
  xz --format=lzma <data >encoded
  survives_damage xz encoded data unchecked
}

@test "what is neither .xz nor .lzma is refused with the reason" {
  printf '\377 is not the first byte of either' >data
  refuses xz data 1 "neither a .xz nor a .lzma stream"
}

@test "a dictionary beyond the memory there is ends with the status for memory" {
  make_data 1000 data
  xz --lzma2=dict=64MiB <data >encoded
  (
    ulimit -v 32768
    refuses xz encoded 3 "out of memory"
  )
}

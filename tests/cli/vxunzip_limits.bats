# SPDX-License-Identifier: MIT
# Knows the limits: total output, ratio, members, memory and time of decoders.

load ../support/helper

setup() {
  cd "$BATS_TEST_TMPDIR"
}

@test "--max-total refuses members beyond it, and takes smaller ones" {
  forge a.zip 'member("a", b"1" * 600)' 'member("b", b"2" * 600, method=8)' 'member("c", b"3" * 400)'
  ends 2 "$VXUNZIP" --max-total=1000 -d out a.zip
  says "b: with it the output would be more than the 1000 bytes of --max-total"
  [ "$(ls out | tr '\n' ' ')" = "a c " ]
  ends 0 "$VXUNZIP" -q --max-total=2K -d two a.zip
  ends 2 "$VXUNZIP" -t --max-total=1000 a.zip
  ends 2 "$VXUNZIP" -p --max-total=1000 a.zip
}

@test "--max-ratio refuses what is declared to blow up beyond 1 GiB, before any output" {
  forge a.zip 'member("bomb", b"", method=8, coded=b"x" * 1000, size=1 << 31)' 'member("f", b"1")'
  ends 2 "$VXUNZIP" -d out a.zip
  says "bomb: with it the output would be more than 2000 times the coded bytes; see --max-ratio"
  [ "$(ls out)" = f ]
  ends 2 "$VXUNZIP" -o -d out --max-ratio=0 a.zip
  silent_about "--max-ratio"
}

@test "the ratio counts over all members together" {
  forge a.zip 'member("a", size=1 << 29, method=8)' 'member("b", size=1 << 29, method=8)' \
    'member("c", size=1 << 29, method=8)'
  ends 2 "$VXUNZIP" -d out a.zip
  says "c: with it the output would be more than 2000 times"
  silent_about "a: with it" "b: with it"
}

@test "what was read before counts, too" {
  forge a.zip 'member("a", b"1" * 700000)' \
    'member("b", method=8, coded=b"\xff" * 10, size=1200000000)'
  ends 2 "$VXUNZIP" -d out a.zip
  says "b: "
  silent_about "--max-ratio"
}

@test "with --decode the decoded size counts" {
  forge a.zip "jpeg('f', b'1' * 2000, '$BUILD/decoders/deflate.elf')"
  ends 0 "$VXUNZIP" -q --max-total=1000 -d out a.zip
  ends 2 "$VXUNZIP" --max-total=1000 --decode -d out a.zip
  says "--max-total"
  ends 2 "$VXUNZIP" --max-total=1000 -t a.zip
}

@test "--max-members refuses the whole archive: status 3" {
  forge a.zip 'member("a")' 'member("b")'
  ends 3 "$VXUNZIP" --max-members=1 a.zip
  absent a b
  ends 0 "$VXUNZIP" -q --max-members=2 a.zip
}

@test "--memory refuses a decoder that needs more" {
  seq 100000 >f
  "$VXZIP" -m zstd -q a.zip f
  ends 2 "$VXUNZIP" -t --memory=64K a.zip f
  ends 0 "$VXUNZIP" -tq --memory=256M a.zip
}

@test "--time ends a decoder that runs on" {
  forge a.zip 'program("forever")' 'coded("f", "forever", b"1")'
  SECONDS=0
  ends 2 "$VXUNZIP" --time=1 -d out a.zip
  [ "$SECONDS" -lt 20 ]
  absent out/f
}

#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Proves that png.elf gives netpbm's pixels and refuses what is no whole PNG, natively and in the sandbox.

setup() {
  load support
  need python3 pngtopam pnmtopng cmp
  cd "$BATS_TEST_TMPDIR"
}

# make_png WIDTH HEIGHT COLOUR_TYPE DEPTH INTERLACED TRANSPARENT TO
make_png() {
  echo "seed $SEED"
  python3 "$BATS_TEST_DIRNAME/pictures.py" png $SEED "${@:1:6}" >"$7"
}

# png.elf must give the pixels that pngtopam gives, or those of a PAM file: like_netpbm FILE [PAM]
like_netpbm() {
  if [ $# -eq 2 ]; then
    cp "$2" expected.pam
  else
    pngtopam -alphapam "$1" >expected.pam 2>/dev/null
  fi
  decode png "$1" decoded
  [ "$status" -eq 0 ] || { echo "status $status: $message"; return 1; }
  python3 "$BATS_TEST_DIRNAME/pictures.py" same decoded expected.pam
}

# Every kind that the standard has: for_each_kind COMMAND, called with COLOUR_TYPE DEPTH
for_each_kind() {
  local kind
  for kind in "0 1" "0 2" "0 4" "0 8" "0 16" "2 8" "2 16" "3 1" "3 2" "3 4" "3 8" "4 8" "4 16" "6 8" "6 16"; do
    "$@" $kind || { echo "colour type and depth $kind"; return 1; }
  done
}

check_kind() {
  local interlaced
  for interlaced in 0 1; do
    make_png 37 29 "$1" "$2" $interlaced 0 picture
    like_netpbm picture || { echo "interlaced $interlaced"; return 1; }
    if [ "$1" -eq 2 ]; then
      # pngtopam does not see a transparent colour.
      make_png 37 29 2 "$2" $interlaced 1 picture
      python3 "$BATS_TEST_DIRNAME/pictures.py" keyed $SEED 37 29 "$2" >keyed.pam
      like_netpbm picture keyed.pam || { echo "interlaced $interlaced, transparent"; return 1; }
    elif [ "$1" -lt 4 ]; then
      make_png 37 29 "$1" "$2" $interlaced 1 picture
      like_netpbm picture || { echo "interlaced $interlaced, transparent"; return 1; }
    fi
  done
}

@test "every colour type and depth, interlaced or not, transparent or not, decodes to netpbm's pixels" {
  for_each_kind check_kind
}

@test "every width and height to 9 decodes to netpbm's pixels" {
  local width height
  for width in 1 2 3 4 5 6 7 8 9; do
    for height in 1 3 4 5 9; do
      make_png $width $height 2 8 1 0 picture
      like_netpbm picture || { echo "$width x $height"; return 1; }
      make_png $width $height 0 1 0 0 picture
      like_netpbm picture || { echo "$width x $height"; return 1; }
    done
  done
}

@test "a picture as pnmtopng writes it decodes to its pixels" {
  python3 "$BATS_TEST_DIRNAME/pictures.py" pnm $SEED 301 157 >picture
  pnmtopng picture >encoded
  like_netpbm encoded
  cmp <(pngtopam encoded) picture
}

@test "samples of 16 bits are kept whole, in PNM and PAM" {
  make_png 21 13 2 16 0 0 picture
  decode png picture decoded
  [ "$(head -c 2 decoded)" = P6 ]
  [ "$(stat -c %s decoded)" -eq $((21 * 13 * 6 + 15)) ]
  make_png 21 13 4 16 0 0 picture
  decode png picture decoded
  grep -a -q 'TUPLTYPE GRAYSCALE_ALPHA' decoded
}

@test "pixels per metre are kept" {
  make_png 20 10 2 8 0 0 picture
  python3 -c '
import struct, zlib
data = open("picture", "rb").read()
body = b"pHYs" + struct.pack(">IIB", 11800, 5900, 1)
data = data[:33] + struct.pack(">I", 9) + body + struct.pack(">I", zlib.crc32(body)) + data[33:]
open("dense", "wb").write(data)'
  like_netpbm dense
  [ "$(od -An -tu4 -j38 -N8 decoded | tr -s ' ')" = " 11800 5900" ]
}

@test "the sandbox gives the same bytes" {
  local kind
  for kind in "0 1" "2 8" "3 4" "6 8" "6 16"; do
    make_png 50 31 $kind 1 0 picture
    decode png picture expected
    [ "$status" -eq 0 ]
    decodes_sandboxed png picture expected
  done
}

@test "empty inputs, following bytes, unknown arguments and failing writes are errors" {
  make_png 20 10 2 8 0 0 picture
  keeps_the_rules png picture
}

@test "every proper prefix is refused" {
  make_png 33 21 2 8 1 0 picture
  refuses_prefixes png picture "the input ends within the picture"
}

@test "damage is refused: every chunk has a checksum" {
  make_png 33 21 3 8 0 1 picture
  decode png picture good
  survives_damage png picture good checked
}

@test "an animation is told as unsupported" {
  make_png 20 10 2 8 0 0 picture
  python3 -c '
import struct, zlib
data = open("picture", "rb").read()
body = b"acTL" + struct.pack(">II", 2, 0)
data = data[:33] + struct.pack(">I", 8) + body + struct.pack(">I", zlib.crc32(body)) + data[33:]
open("moving", "wb").write(data)'
  refuses png moving 1 "unsupported: an animation"
}

@test "a picture beyond the memory there is ends with the status for memory" {
  python3 -c '
import struct, zlib
def chunk(name, body):
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
for name, side in ("large", 16384), ("huge", 1000000):
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    open(name, "wb").write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")))'
  (
    ulimit -v 262144
    refuses png large 3 "out of memory"
  )
  refuses png huge 3 "too large"
}

@test "what is no PNG is refused with the reason" {
  make_data 1000 data
  refuses png data 1 "Not a PNG file"
}

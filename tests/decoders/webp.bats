#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Proves that webp.elf gives dwebp's pixels and refuses what is no whole WebP, natively and in the sandbox.

setup() {
  load support
  need python3 cwebp dwebp pamtopng pnmtopng pngtopam
  cd "$BATS_TEST_TMPDIR"
}

# A picture as PNG: make_picture WIDTH HEIGHT CHANNELS TO
make_picture() {
  echo "seed $SEED"
  python3 "$BATS_TEST_DIRNAME/pictures.py" pnm $SEED "$1" "$2" "$3" >picture.pam
  if [ "$3" -eq 4 ]; then
    pamtopng picture.pam >"$4"
  else
    pnmtopng picture.pam >"$4" 2>/dev/null
  fi
}

# webp.elf must give the pixels that dwebp gives: like_dwebp FILE
like_dwebp() {
  dwebp -quiet -nodither -pam "$1" -o expected.pam
  decode webp "$1" decoded
  [ "$status" -eq 0 ] || { echo "status $status: $message"; return 1; }
  python3 "$BATS_TEST_DIRNAME/pictures.py" same decoded expected.pam
}

@test "lossy and lossless pictures, with and without opacity, decode to dwebp's pixels" {
  local channels options
  for channels in 3 4; do
    make_picture 203 157 $channels picture
    for options in "-q 10" "-q 75" "-q 100 -m 6" "-q 60 -segments 1 -sharpness 5" "-q 50 -f 80 -strong" \
      "-q 50 -f 60 -nostrong" "-lossless" "-lossless -m 0 -q 0" "-near_lossless 40" "-alpha_q 20 -q 40"; do
      cwebp -quiet $options picture -o encoded
      like_dwebp encoded || { echo "cwebp $options, $channels channels"; return 1; }
    done
  done
}

@test "lossless pictures of few colours decode to their pixels" {
  local depth
  for depth in 1 2 4 8; do
    python3 "$BATS_TEST_DIRNAME/pictures.py" png $SEED 67 45 3 $depth >picture
    cwebp -quiet -lossless picture -o encoded
    like_dwebp encoded || { echo "depth $depth"; return 1; }
    pngtopam picture >expected.pam
    python3 "$BATS_TEST_DIRNAME/pictures.py" same decoded expected.pam
  done
}

@test "pictures of every width to 20 and some heights decode to dwebp's pixels" {
  local width
  for ((width = 1; width <= 20; width++)); do
    make_picture $width $((width * 7 % 19 + 1)) 3 picture
    cwebp -quiet picture -o encoded
    like_dwebp encoded || { echo "lossy, width $width"; return 1; }
    cwebp -quiet -lossless picture -o encoded
    like_dwebp encoded || { echo "lossless, width $width"; return 1; }
  done
}

@test "the sandbox gives the same bytes" {
  local options
  make_picture 90 61 4 picture
  for options in "-q 75" -lossless; do
    cwebp -quiet $options picture -o encoded
    decode webp encoded expected
    [ "$status" -eq 0 ]
    decodes_sandboxed webp encoded expected
  done
}

@test "empty inputs, following bytes, unknown arguments and failing writes are errors" {
  make_picture 40 30 3 picture
  cwebp -quiet picture -o encoded
  keeps_the_rules webp encoded
}

@test "every proper prefix is refused, lossy and lossless" {
  make_picture 60 40 4 picture
  cwebp -quiet picture -o encoded
  refuses_prefixes webp encoded "the input ends within the picture"
  cwebp -quiet -lossless picture -o encoded
  refuses_prefixes webp encoded "the input ends within the picture"
}

@test "a picture whose coded data ends too early is refused, whatever its header says" {
  local options
  make_picture 60 40 3 picture
  for options in "-q 80" -lossless; do
    cwebp -quiet $options picture -o encoded
    python3 -c '
import struct
data = open("encoded", "rb").read()[:-40]
data = data[:4] + struct.pack("<I", len(data) - 8) + data[8:]
open("cut", "wb").write(data)
data = data[:16] + struct.pack("<I", len(data) - 20) + data[20:]
open("cut.inside", "wb").write(data)'
    refuses webp cut 1 ""
    refuses webp cut.inside 1 ""
  done
}

@test "random damage never crashes the decoder" {
  make_picture 60 40 4 picture
  cwebp -quiet picture -o encoded
  survives_damage webp encoded picture unchecked
  cwebp -quiet -lossless picture -o encoded
  survives_damage webp encoded picture unchecked
}

@test "an animation is told as unsupported" {
  python3 -c '
import struct
def chunk(name, body):
    return name + struct.pack("<I", len(body)) + body
body = b"WEBP" + chunk(b"VP8X", b"\2\0\0\0" + b"\7\0\0" * 2) + chunk(b"ANIM", bytes(6))
open("moving", "wb").write(b"RIFF" + struct.pack("<I", len(body)) + body)'
  refuses webp moving 1 "unsupported: an animation"
}

@test "a picture beyond the memory there is ends with the status for memory" {
  make_picture 40 30 3 picture
  cwebp -quiet picture -o encoded
  python3 -c '
data = bytearray(open("encoded", "rb").read())
start = data.index(b"\x9d\x01\x2a")
data[start + 3:start + 7] = b"\xff\x3f\xff\x3f"
open("large", "wb").write(data)'
  (
    ulimit -v 262144
    refuses webp large 3 "out of memory"
  )
}

@test "what is no WebP is refused with the reason" {
  make_data 1000 data
  refuses webp data 1 "not a WebP file"
}

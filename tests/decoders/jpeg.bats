#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Proves that jpeg.elf gives the file that djpeg gives and refuses what is no whole JPEG, natively and in the sandbox.

setup() {
  load support
  need python3 cjpeg djpeg cmp
  cd "$BATS_TEST_TMPDIR"
}

# A colour picture of no round size: make_picture WIDTH HEIGHT TO
make_picture() {
  echo "seed $SEED"
  python3 "$BATS_TEST_DIRNAME/pictures.py" pnm $SEED "$1" "$2" >"$3"
}

# jpeg.elf must give djpeg's file, byte for byte: like_djpeg FILE
like_djpeg() {
  djpeg -bmp "$1" >expected.bmp
  decodes jpeg "$1" expected.bmp
}

@test "baseline, progressive, arithmetic, restarted, RGB and grey pictures decode to djpeg's file" {
  local options
  make_picture 203 157 picture
  for options in "-quality 30" "-quality 98" -progressive -arithmetic "-progressive -arithmetic" \
    "-restart 1" -rgb -grayscale "-grayscale -progressive" -optimize "-quality 5 -baseline"; do
    cjpeg $options picture >encoded
    like_djpeg encoded || { echo "cjpeg $options"; return 1; }
  done
}

@test "every sampling decodes to djpeg's file" {
  local sampling
  make_picture 133 75 picture
  for sampling in 1x1 2x1 1x2 2x2 4x1 1x4 4x2 3x1 1x3 2x2,1x2,1x1 1x1,2x2,2x2 2x1,1x1,2x1; do
    cjpeg -sample $sampling picture >encoded
    like_djpeg encoded || { echo "cjpeg -sample $sampling"; return 1; }
  done
}

@test "pictures of every width to 40 and of one row decode to djpeg's file" {
  local width
  for ((width = 1; width <= 40; width++)); do
    make_picture $width 1 picture
    cjpeg picture >encoded
    like_djpeg encoded || { echo "width $width"; return 1; }
    make_picture $width 9 picture
    cjpeg picture >encoded
    like_djpeg encoded || { echo "width $width"; return 1; }
  done
}

@test "inks decode to djpeg's file, as CMYK and as YCCK" {
  local transform
  for transform in 0 2; do
    python3 "$BATS_TEST_DIRNAME/pictures.py" inks $transform >encoded
    like_djpeg encoded
  done
}

@test "dots per centimetre become the file's pixels per metre" {
  make_picture 20 10 picture
  cjpeg picture >encoded
  python3 -c '
data = bytearray(open("encoded", "rb").read())
assert data[6:11] == b"JFIF\0"
data[13:18] = bytes([2, 0, 118, 0, 59])
open("dense", "wb").write(data)'
  like_djpeg dense
  [ "$(od -An -tu4 -j38 -N8 "$BATS_TEST_TMPDIR/decoded" | tr -s ' ')" = " 11800 5900" ]
}

@test "the sandbox gives the same bytes" {
  make_picture 150 90 picture
  for options in "-quality 90" -progressive -arithmetic -grayscale; do
    cjpeg $options picture >encoded
    djpeg -bmp encoded >expected.bmp
    decodes_sandboxed jpeg encoded expected.bmp
  done
}

@test "empty inputs, following bytes, unknown arguments and failing writes are errors" {
  make_picture 40 30 picture
  cjpeg picture >encoded
  keeps_the_rules jpeg encoded
}

@test "a second picture after the first is refused" {
  make_picture 40 30 picture
  cjpeg picture >encoded
  cat encoded encoded >twice
  refuses jpeg twice 1 "bytes follow the end"
}

@test "every proper prefix is refused, baseline and progressive" {
  make_picture 90 60 picture
  cjpeg picture >encoded
  refuses_prefixes jpeg encoded "the input ends within the picture"
  cjpeg -progressive picture >encoded
  refuses_prefixes jpeg encoded "the input ends within the picture"
}

@test "random damage never crashes the decoder" {
  make_picture 90 60 picture
  cjpeg picture >encoded
  survives_damage jpeg encoded picture unchecked
  cjpeg -progressive -restart 2 picture >encoded
  survives_damage jpeg encoded picture unchecked
}

@test "damage that djpeg only warns of is refused" {
  make_picture 90 60 picture
  cjpeg -restart 1 picture >encoded
  python3 -c '
data = open("encoded", "rb").read()
open("damaged", "wb").write(data.replace(b"\xff\xd1", b"\xff\xd5", 1))'
  run djpeg -bmp -outfile warned.bmp damaged
  [ "$status" -eq 2 ]
  refuses jpeg damaged 1 ""
}

@test "12 bits per sample and lossless coding are told as unsupported" {
  make_picture 40 30 picture
  cjpeg -baseline picture >encoded
  python3 -c '
data = bytearray(open("encoded", "rb").read())
frame = data.index(b"\xff\xc0")
data[frame + 4] = 12
open("deep", "wb").write(data)
data[frame + 4], data[frame + 1] = 8, 0xc3
open("lossless", "wb").write(data)'
  refuses jpeg deep 1 "unsupported: 12 bits per sample, not 8"
  refuses jpeg lossless 1 "Unsupported JPEG process"
}

@test "a picture beyond the memory there is ends with the status for memory" {
  make_picture 40 30 picture
  cjpeg -baseline picture >encoded
  python3 -c '
data = bytearray(open("encoded", "rb").read())
frame = data.index(b"\xff\xc0")
data[frame + 5:frame + 9] = b"\x40\x00\x40\x00"
open("large", "wb").write(data)
data[frame + 5:frame + 9] = b"\xff\x00\xff\x00"
open("huge", "wb").write(data)'
  (
    ulimit -v 262144
    refuses jpeg large 3 "out of memory"
  )
  refuses jpeg huge 3 "too large"
}

@test "what is no JPEG is refused with the reason" {
  make_data 1000 data
  refuses jpeg data 1 "Not a JPEG file"
}

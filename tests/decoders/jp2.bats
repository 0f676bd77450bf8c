#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Proves that jp2.elf gives the pixels that opj_decompress gives and refuses what is no whole JPEG 2000 picture, natively and in the sandbox.

setup() {
  load support
  need python3 opj_compress opj_decompress
  cd "$BATS_TEST_TMPDIR"
}

# A PGM (1 channel) or PPM (3 channels) file: make_picture WIDTH HEIGHT CHANNELS TO [LARGEST]
make_picture() {
  echo "seed $SEED"
  python3 "$BATS_TEST_DIRNAME/pictures.py" pnm $SEED "$1" "$2" "$3" "${5:-255}" >"$4"
}

# encode FROM TO [OPTION...]
encode() {
  local from=$1 to=$2
  shift 2
  opj_compress -i "$from" -o "$to" "$@" >log 2>&1 || { cat log; return 1; }
}

# jp2.elf must give the pixels that opj_decompress gives: like_opj FILE SUFFIX
like_opj() {
  opj_decompress -i "$1" -o "expected.$2" >log 2>&1 || { cat log; return 1; }
  decode jp2 "$1" decoded
  [ "$status" -eq 0 ] || { echo "status $status: $message"; return 1; }
  python3 "$BATS_TEST_DIRNAME/pictures.py" same decoded "expected.$2"
}

@test "lossless and lossy, tiled and layered pictures in all orders decode to opj_decompress's pixels" {
  local options kind
  make_picture 203 157 3 picture.ppm
  for kind in jp2 j2k; do
    for options in "" "-r 20" "-r 40,20,10" "-I -r 8" "-t 64,48" "-n 1" "-b 16,32 -c [128,64]" \
      "-p RLCP" "-p RPCL" "-p PCRL -t 100,100" "-p CPRL -I" "-SOP -EPH" "-M 63" "-d 13,7" "-T 5,9 -t 90,80 -d 20,10"; do
      encode picture.ppm encoded.$kind $options
      like_opj encoded.$kind ppm || { echo "opj_compress $options, $kind"; return 1; }
    done
  done
}

@test "grey pictures decode to opj_decompress's pixels" {
  make_picture 61 77 1 picture.pgm
  encode picture.pgm encoded.jp2
  like_opj encoded.jp2 pgm
  encode picture.pgm encoded.j2k -r 10
  like_opj encoded.j2k pgm
}

@test "pictures of more than 8 bits become PGM and PPM files of the same samples" {
  local largest
  for largest in 1023 4095 65535; do
    make_picture 70 51 3 picture.ppm $largest
    encode picture.ppm encoded.jp2
    like_opj encoded.jp2 ppm || { echo "largest $largest"; return 1; }
    make_picture 70 51 1 picture.pgm $largest
    encode picture.pgm encoded.jp2 -r 5
    like_opj encoded.jp2 pgm || { echo "grey, largest $largest"; return 1; }
  done
}

@test "pictures of every width to 20 and some heights decode to opj_decompress's pixels" {
  local width
  for ((width = 1; width <= 20; width++)); do
    make_picture $width $((width * 7 % 19 + 1)) 3 picture.ppm
    encode picture.ppm encoded.jp2 -n 1
    like_opj encoded.jp2 ppm || { echo "width $width"; return 1; }
  done
}

# Raw planes of 8 bits with coarser second and third ones: encode_planes SAMPLING TO
encode_planes() {
  echo "seed $SEED"
  python3 -c '
import random, sys
rng = random.Random(int(sys.argv[1]))
width, height = 48, 40
for step in sys.argv[2].split(":"):
    dx, dy = map(int, step.split("x"))
    sys.stdout.buffer.write(bytes(min(255, (x * dx * 3 + y * dy * 2 + rng.randrange(9)) % 256)
                                  for y in range(height // dy) for x in range(width // dx)))
' $SEED "$1" >planes.raw
  encode planes.raw "$2" -F "48,40,3,8,u@$1" -mct 0
}

@test "coarser second and third components are taken as differences of colour, as opj_decompress does" {
  local sampling
  for sampling in 1x1:2x1:2x1 1x1:2x2:2x2; do
    encode_planes $sampling encoded.jp2
    like_opj encoded.jp2 ppm || { echo "sampling $sampling"; return 1; }
  done
}

@test "the sandbox gives the same bytes" {
  local options
  make_picture 90 61 3 picture.ppm
  for options in "" "-I -r 8"; do
    encode picture.ppm encoded.jp2 $options
    decode jp2 encoded.jp2 expected
    [ "$status" -eq 0 ]
    decodes_sandboxed jp2 encoded.jp2 expected
  done
}

@test "empty inputs, following bytes, unknown arguments and failing writes are errors" {
  make_picture 40 30 3 picture.ppm
  encode picture.ppm encoded.jp2 -n 3
  keeps_the_rules jp2 encoded.jp2
}

@test "every proper prefix is refused, with and without boxes" {
  make_picture 60 40 3 picture.ppm
  encode picture.ppm encoded.jp2 -n 3 -r 8
  refuses_prefixes jp2 encoded.jp2 ""
  encode picture.ppm encoded.j2k -n 3 -r 8
  refuses_prefixes jp2 encoded.j2k ""
}

@test "random damage never crashes the decoder" {
  make_picture 60 40 3 picture.ppm
  encode picture.ppm encoded.jp2 -n 3 -r 4
  survives_damage jp2 encoded.jp2 picture.ppm unchecked
  encode picture.ppm encoded.j2k -n 3 -I -r 8
  survives_damage jp2 encoded.j2k picture.ppm unchecked
}

@test "a picture beyond the memory there is ends with the status for memory" {
  make_picture 40 30 3 picture.ppm
  encode picture.ppm encoded.j2k -n 3
  python3 -c '
import struct
data = bytearray(open("encoded.j2k", "rb").read())
at = data.index(b"\xff\x51") + 6
data[at:at + 8] = struct.pack(">II", 20000, 20000)      # the picture
data[at + 16:at + 24] = struct.pack(">II", 20000, 20000)  # its one tile
open("large", "wb").write(data)'
  (
    ulimit -v 262144
    refuses jp2 large 3 ""
  )
}

@test "what is no JPEG 2000 picture is refused with the reason" {
  make_data 1000 data
  refuses jp2 data 1 "not a JPEG 2000 picture"
}

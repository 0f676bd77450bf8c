#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Proves that jp2.elf gives opj_decompress's pixels and refuses what is no whole JPEG 2000 picture, natively and in the sandbox.

setup() {
  load support
  need python3 opj_compress opj_decompress
  cd "$BATS_TEST_TMPDIR"
}

# A picture as PNM or PAM: make_picture WIDTH HEIGHT CHANNELS LARGEST TO
make_picture() {
  echo "seed $SEED"
  python3 "$BATS_TEST_DIRNAME/pictures.py" pnm $SEED "$1" "$2" "$3" "$4" >"$5"
}

# opj_compress with OPTIONS, which are words: encode FROM TO [OPTION...]
encode() {
  local from=$1 to=$2
  shift 2
  opj_compress -i "$from" -o "$to" "$@" >log 2>&1 || { cat log; return 1; }
}

# What opj_decompress makes of a picture, by its tool for the kind of TO: opj FROM TO
opj() {
  opj_decompress -quiet -i "$1" -o "$2" >log 2>&1 || { cat log; return 1; }
}

# jp2.elf must give opj_decompress's pixels: like_opj FILE KIND (pgm, ppm or pnm)
like_opj() {
  opj "$1" "expected.$2"
  decode jp2 "$1" decoded
  [ "$status" -eq 0 ] || { echo "status $status: $message"; return 1; }
  python3 "$BATS_TEST_DIRNAME/pictures.py" same decoded "expected.$2"
}

@test "reversible and irreversible pictures of all modes decode to opj_decompress's pixels" {
  local options
  make_picture 203 157 3 255 picture.ppm
  for options in "-r 1" "-r 20" "-I -r 10" "-r 40,20,10,1" "-I -q 30,40,50" "-mct 0" "-n 1" "-n 3 -I" \
    "-t 64,48" "-t 50,50 -I -r 8 -n 2" "-b 16,16" "-b 4,256" "-p RLCP" "-p RPCL -c [64,64],[32,32]" \
    "-p PCRL -t 100,100" "-p CPRL" "-SOP -EPH" "-PLT -TLM -t 64,64" "-M 1" "-M 2" "-M 4" "-M 8" "-M 16" \
    "-M 32" "-M 63" "-TP R -t 80,80" "-d 17,5" "-d 17,5 -T 3,2 -t 64,64" "-ROI c=0,U=5"; do
    # shellcheck disable=SC2086 # several options
    encode picture.ppm encoded.j2k $options
    like_opj encoded.j2k ppm || { echo "opj_compress $options"; return 1; }
  done
}

@test "greys, colours and opacity decode to opj_decompress's pixels, in files and as bare codestreams" {
  local channels kind form
  for channels in 1 3 4; do
    kind=$(printf '%s\n' - pgm - ppm pnm | sed -n "$((channels + 1))p")
    make_picture 77 60 $channels 255 picture.$kind
    for form in j2k jp2; do
      encode picture.$kind encoded.$form
      like_opj encoded.$form $kind || { echo "$channels channels, $form"; return 1; }
    done
  done
}

@test "grey with opacity becomes colours with opacity" {
  make_picture 77 60 2 255 picture.pam
  encode picture.pam encoded.jp2
  decode jp2 encoded.jp2 decoded
  [ "$status" -eq 0 ]
  python3 "$BATS_TEST_DIRNAME/pictures.py" same decoded picture.pam
}

@test "10, 12 and 16 bits per sample are kept" {
  local largest channels kind
  for largest in 1023 4095 65535; do
    for channels in 1 3 4; do
      kind=$(printf '%s\n' - pgm - ppm pnm | sed -n "$((channels + 1))p")
      make_picture 61 43 $channels $largest picture.$kind
      encode picture.$kind encoded.jp2
      like_opj encoded.jp2 $kind || { echo "largest $largest, $channels channels"; return 1; }
      python3 "$BATS_TEST_DIRNAME/pictures.py" same decoded picture.$kind
    done
  done
}

@test "signed samples, and 2 to 12 bits per sample, decode to opj_decompress's" {
  local depth sign
  echo "seed $SEED"
  for depth in 2 4 8 12; do
    for sign in u s; do
      python3 -c '
import random, sys
seed, depth = map(int, sys.argv[1:])
rng = random.Random(seed)
samples = [rng.randrange(1 << depth) for _ in range(61 * 43)]
size = 1 if depth <= 8 else 2
sys.stdout.buffer.write(b"".join(sample.to_bytes(size, "big") for sample in samples))' \
        $SEED $depth >picture.raw
      encode picture.raw encoded.j2k -F 61,43,1,$depth,$sign@1x1
      like_opj encoded.j2k pgm || { echo "$depth bits, $sign"; return 1; }
    done
  done
}

@test "luminance with coarser colours becomes opj_decompress's colours" {
  local sampling width height
  width=62 height=44
  echo "seed $SEED"
  for sampling in 1x1:1x1:1x1 1x1:2x1:2x1 1x1:2x2:2x2; do
    python3 -c '
import random, sys
seed, width, height, sampling = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
rng = random.Random(seed)
for step in sampling.split(":"):
    dx, dy = map(int, step.split("x"))
    for y in range(0, height, dy):
        row = [(x * 5 + y * 3 + rng.randrange(40)) % 256 for x in range(0, width, dx)]
        sys.stdout.buffer.write(bytes(row))' $SEED $width $height $sampling >picture.raw
    encode picture.raw encoded.jp2 -F $width,$height,3,8,u@$sampling -mct 0
    [ $sampling = 1x1:1x1:1x1 ] || like_opj encoded.jp2 ppm || { echo "$sampling as colours"; return 1; }
    # 18 says luminance and differences of colours where opj_compress says 16, colours
    python3 -c '
data = open("encoded.jp2", "rb").read()
at = data.index(b"colr") + 7
open("encoded.jp2", "wb").write(data[:at] + (18).to_bytes(4, "big") + data[at + 4:])'
    like_opj encoded.jp2 ppm || { echo "$sampling"; return 1; }
  done
}

@test "pictures of every width to 20 and some heights decode to their pixels" {
  local width
  for ((width = 1; width <= 20; width++)); do
    make_picture $width $((width * 7 % 19 + 1)) 3 255 picture.ppm
    encode picture.ppm encoded.jp2 -n 1
    like_opj encoded.jp2 ppm || { echo "width $width"; return 1; }
    python3 "$BATS_TEST_DIRNAME/pictures.py" same decoded picture.ppm
  done
}

@test "the sandbox gives the same bytes" {
  local options
  make_picture 90 61 3 255 picture.ppm
  for options in "-r 1" "-I -r 10" "-M 63 -t 40,40"; do
    # shellcheck disable=SC2086 # several options
    encode picture.ppm encoded.jp2 $options
    decode jp2 encoded.jp2 expected
    [ "$status" -eq 0 ]
    decodes_sandboxed jp2 encoded.jp2 expected
  done
}

@test "empty inputs, following bytes, unknown arguments and failing writes are errors" {
  make_picture 48 36 3 255 picture.ppm
  encode picture.ppm encoded.jp2
  keeps_the_rules jp2 encoded.jp2
}

@test "bytes after a bare codestream are refused" {
  make_picture 48 36 3 255 picture.ppm
  encode picture.ppm encoded.j2k
  cat encoded.j2k encoded.j2k >twice
  refuses jp2 twice 1 "bytes follow the end"
  { cat encoded.j2k; printf x; } >longer
  refuses jp2 longer 1 "bytes follow the end"
}

@test "every proper prefix is refused, in a file and as a bare codestream" {
  make_picture 60 40 3 255 picture.ppm
  encode picture.ppm encoded.jp2 -r 10
  refuses_prefixes jp2 encoded.jp2 "the input ends within the picture"
  encode picture.ppm encoded.j2k -r 10
  refuses_prefixes jp2 encoded.j2k ""
}

@test "a picture whose coded data ends too early is refused, whatever its ends say" {
  make_picture 60 40 3 255 picture.ppm
  encode picture.ppm encoded.j2k
  python3 -c '
data = bytearray(open("encoded.j2k", "rb").read()[:-200] + b"\xff\xd9")
part = data.index(b"\xff\x90") + 6
data[part:part + 4] = (len(data) - 2 - part + 6).to_bytes(4, "big")
open("cut.j2k", "wb").write(data)'
  refuses jp2 cut.j2k 1 ""
}

@test "random damage never crashes the decoder" {
  make_picture 60 40 3 255 picture.ppm
  encode picture.ppm encoded.jp2
  survives_damage jp2 encoded.jp2 picture.ppm unchecked
  encode picture.ppm encoded.j2k -I -r 10 -t 32,32 -SOP -EPH
  survives_damage jp2 encoded.j2k picture.ppm unchecked
}

@test "a picture beyond the memory there is ends with the status for memory" {
  make_picture 48 36 3 255 picture.ppm
  encode picture.ppm encoded.j2k
  python3 -c '
data = bytearray(open("encoded.j2k", "rb").read())
size = data.index(b"\xff\x51") + 6
data[size:size + 8] = b"\0\0\x40\0\0\0\x40\0"
data[size + 16:size + 24] = b"\0\0\x40\0\0\0\x40\0"
open("large.j2k", "wb").write(data)'
  (
    ulimit -v 262144
    refuses jp2 large.j2k 3 ""
  )
}

@test "what is no JPEG 2000 picture is refused with the reason" {
  make_data 1000 data
  refuses jp2 data 1 "not a JPEG 2000 picture"
}

#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Proves that gif.elf gives giftopnm's pixels and refuses what is no whole GIF picture, natively and in the sandbox.

setup() {
  load support
  need python3 pamtogif giftopnm
  cd "$BATS_TEST_TMPDIR"
}

# A GIF of random runs: make_gif WIDTH HEIGHT COLOURS TO [OPTION OF pamtogif...]
make_gif() {
  local width=$1 height=$2 colours=$3 to=$4
  shift 4
  echo "seed $SEED"
  python3 -c '
import random, sys
seed, width, height, colours = map(int, sys.argv[1:])
rng = random.Random(seed)
palette = [bytes([255, 0, 255])] + [rng.randbytes(3) for _ in range(colours - 1)]
pixels = []
while len(pixels) < width * height:
    pixels += [rng.randrange(colours)] * rng.choice([1, 1, 2, 3, 17, 90])
sys.stdout.buffer.write(b"P6\n%d %d\n255\n" % (width, height))
sys.stdout.buffer.write(b"".join(palette[i] for i in pixels[:width * height]))' \
    $SEED "$width" "$height" "$colours" >picture.ppm
  pamtogif "$@" picture.ppm >"$to" 2>log || { cat log; return 1; }
}

# A GIF block by block: forge CODE > FILE; screen(), control(), picture() and END are there.
forge() {
  python3 -c '
import struct, sys
def screen(width, height, palette=b"\0\0\0\xff\xff\xff"):
    flags = 0x80 | (len(palette) // 3).bit_length() - 2 if palette else 0
    return b"GIF89a" + struct.pack("<HHBBB", width, height, flags, 0, 0) + palette
def control(transparent):
    return b"\x21\xf9\4" + bytes([1, 0, 0, transparent]) + b"\0"
def blocks(data, size=255):
    return b"".join(bytes([len(data[i:i + size])]) + data[i:i + size]
                    for i in range(0, len(data), size)) + b"\0"
def codes(values, literal_bits=2, end=True):
    bits = ""  # a clear code before every pixel keeps the codes short
    for value in values:
        bits = f"{value:0{literal_bits + 1}b}{1 << literal_bits:0{literal_bits + 1}b}" + bits
    if end:
        bits = f"{(1 << literal_bits) + 1:0{literal_bits + 1}b}" + bits
    return bytes([literal_bits]) + blocks(int(bits, 2).to_bytes(-(-len(bits) // 8), "little"))
def picture(left, top, width, height, values, **more):
    return b"\x2c" + struct.pack("<HHHHB", left, top, width, height, 0) + codes(values, **more)
END = b"\x3b"
sys.stdout.buffer.write(eval(sys.argv[1]))' "$1"
}

# gif.elf must give giftopnm's pixels: like_giftopnm FILE
like_giftopnm() {
  giftopnm "$1" >expected.ppm 2>log || { cat log; return 1; }
  decode gif "$1" decoded
  [ "$status" -eq 0 ] || { echo "status $status: $message"; return 1; }
  python3 "$BATS_TEST_DIRNAME/pictures.py" same decoded expected.ppm
}

@test "pictures of 2 to 256 colours decode to giftopnm's pixels, interlaced and not" {
  local colours options
  for colours in 2 3 4 7 16 100 256; do
    for options in "" -interlace -nolzw; do
      # shellcheck disable=SC2086 # no word or one
      make_gif 203 157 $colours encoded.gif $options
      like_giftopnm encoded.gif || { echo "$colours colours, $options"; return 1; }
    done
  done
}

@test "pictures of every size to 20 decode to giftopnm's pixels, interlaced and not" {
  local size
  for ((size = 1; size <= 20; size++)); do
    make_gif $size $((size * 7 % 19 + 1)) 8 encoded.gif
    like_giftopnm encoded.gif || { echo "width $size"; return 1; }
    make_gif 3 $size 8 encoded.gif -interlace
    like_giftopnm encoded.gif || { echo "height $size, interlaced"; return 1; }
  done
}

@test "long runs, whose strings end with their own beginning, decode" {
  python3 -c 'print("P6\n300 200\n255"); print("abc" * 60000, end="")' >picture.ppm
  pamtogif picture.ppm >encoded.gif 2>log
  like_giftopnm encoded.gif
}

@test "a transparent colour becomes opacity" {
  make_gif 60 40 30 encoded.gif -transparent=rgb:ff/00/ff
  decode gif encoded.gif decoded
  [ "$status" -eq 0 ]
  python3 -c '
colours = open("picture.ppm", "rb").read()[-3 * 60 * 40:]
pixels = [colours[i:i + 3] for i in range(0, len(colours), 3)]
free = bytes([255, 0, 255])
assert 0 < pixels.count(free) < len(pixels)
open("expected.pam", "wb").write(
    b"P7\nWIDTH 60\nHEIGHT 40\nDEPTH 4\nMAXVAL 255\nTUPLTYPE RGB_ALPHA\nENDHDR\n"
    + b"".join(pixel + bytes([0 if pixel == free else 255]) for pixel in pixels))'
  python3 "$BATS_TEST_DIRNAME/pictures.py" same decoded expected.pam
}

@test "what a picture leaves free of its screen has no opacity, and a screen too small is larger" {
  forge 'screen(3, 2) + picture(1, 1, 2, 1, [1, 0]) + END' >inside.gif
  forge 'screen(1, 1) + picture(1, 1, 2, 1, [1, 0]) + END' >outside.gif
  python3 -c '
clear, white, black = bytes(4), b"\xff" * 4, b"\0\0\0\xff"
open("expected.pam", "wb").write(
    b"P7\nWIDTH 3\nHEIGHT 2\nDEPTH 4\nMAXVAL 255\nTUPLTYPE RGB_ALPHA\nENDHDR\n"
    + clear * 4 + white + black)'
  for file in inside outside; do
    decode gif $file.gif decoded
    [ "$status" -eq 0 ] || { echo "$message"; return 1; }
    python3 "$BATS_TEST_DIRNAME/pictures.py" same decoded expected.pam
  done
}

@test "codes without an end code are enough when all pixels are there" {
  forge 'screen(2, 1) + picture(0, 0, 2, 1, [1, 0]) + END' >whole.gif
  forge 'screen(2, 1) + picture(0, 0, 2, 1, [1, 0], end=False) + END' >encoded.gif
  decode gif whole.gif expected
  [ "$status" -eq 0 ]
  decodes gif encoded.gif expected
}

@test "the sandbox gives the same bytes" {
  local options
  for options in "" -interlace; do
    # shellcheck disable=SC2086 # no word or one
    make_gif 90 61 100 encoded.gif $options
    decode gif encoded.gif expected
    [ "$status" -eq 0 ]
    decodes_sandboxed gif encoded.gif expected
  done
}

@test "empty inputs, following bytes, unknown arguments and failing writes are errors" {
  make_gif 40 30 16 encoded.gif
  keeps_the_rules gif encoded.gif
}

@test "every proper prefix is refused" {
  make_gif 60 40 64 encoded.gif
  refuses_prefixes gif encoded.gif "the input ends within the picture"
}

@test "random damage never crashes the decoder" {
  make_gif 60 40 64 encoded.gif
  survives_damage gif encoded.gif picture.ppm unchecked
  make_gif 60 40 64 encoded.gif -interlace
  survives_damage gif encoded.gif picture.ppm unchecked
}

@test "too few and too many pixels, unknown codes, colours and blocks, and no picture are refused" {
  forge 'screen(2, 2) + picture(0, 0, 2, 2, [1, 0, 1]) + END' >few.gif
  refuses gif few.gif 1 "too few pixels"
  forge 'screen(2, 1) + picture(0, 0, 2, 1, [1, 0, 1]) + END' >many.gif
  refuses gif many.gif 1 "too many pixels"
  forge 'screen(2, 1) + picture(0, 0, 2, 1, [1, 7]) + END' >unknown.gif
  refuses gif unknown.gif 1 "a code stands for nothing"
  forge 'screen(2, 1) + picture(0, 0, 2, 1, [1, 3]) + END' >colour.gif
  refuses gif colour.gif 1 "not in the palette"
  forge 'screen(2, 1, b"") + picture(0, 0, 2, 1, [1, 0]) + END' >bare.gif
  refuses gif bare.gif 1 "not in the palette"
  forge 'screen(2, 1) + b"\x55" + END' >block.gif
  refuses gif block.gif 1 "a block of an unknown kind"
  forge 'screen(2, 1) + END' >none.gif
  refuses gif none.gif 1 "no picture"
  forge 'screen(2, 1) + picture(0, 0, 0, 1, []) + END' >flat.gif
  refuses gif flat.gif 1 "no pixels"
}

@test "an animation is told as unsupported" {
  forge 'screen(2, 1) + picture(0, 0, 2, 1, [1, 0]) * 2 + END' >moving.gif
  refuses gif moving.gif 1 "unsupported: an animation"
}

@test "a picture beyond the memory there is ends with the status for memory" {
  forge 'screen(1, 1) + picture(0, 0, 65535, 65535, [1]) + END' >large.gif
  (
    ulimit -v 262144
    refuses gif large.gif 3 "out of memory"
  )
}

@test "what is no GIF is refused with the reason" {
  make_data 1000 data
  refuses gif data 1 "not a GIF file"
}

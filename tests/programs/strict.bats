#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Proves that the decoders read nothing undefined, and that a program which does is told where.

load support
need nasm ld.lld python3 zstd bzip2 xz brotli lz4 flac oggenc opusenc lame wavpack \
  cjpeg cwebp pnmtopng pamtogif pnmquant opj_compress

setup() {
  cd "$BATS_TEST_TMPDIR"
}

# Real data of several kinds: sources, a program, what does not compress, and nothing.
samples() {
  cat "$BATS_TEST_DIRNAME"/../../vx32/*.c | head -c 80000 >text
  head -c 100000 "$VXRUN" >program
  python3 -c 'import random; random.seed(5); open("noise", "wb").write(random.randbytes(40000))'
  : >nothing
  echo text program noise nothing
}

# Neither flags nor memory: what the decoders are held against.
STRICTLY="--engine=strict --trap-unwritten"

# The decoder gives FILE back from its encoded form on standard input: decodes NAME FILE [ARGUMENT...]
decodes() {
  local decoder=$1 file=$2
  shift 2
  # shellcheck disable=SC2086 # several options
  timeout 300 "$VXRUN" $STRICTLY "$BUILD/decoders/$decoder.elf" "$@" | cmp - "$file"
}

@test "the deflate decoder passes on streams of all levels" {
  local file level
  for file in $(samples); do
    for level in 0 1 6 9; do
      python3 -c 'import sys, zlib
c = zlib.compressobj(int(sys.argv[1]), 8, -15)
sys.stdout.buffer.write(c.compress(sys.stdin.buffer.read()) + c.flush())' $level <"$file" |
        decodes deflate "$file"
    done
    gzip -c "$file" | decodes deflate "$file" --gzip
  done
}

@test "the zstd decoder passes on frames of low, middle and high levels" {
  local file level
  for file in $(samples); do
    for level in --fast=5 -1 -9 -19; do
      zstd -q --no-check $level -c "$file" |
        decodes zstd "$file"
    done
    zstd -q --check -c "$file" | decodes zstd "$file"
  done
}

@test "the bzip2 decoder passes on small and large blocks" {
  local file level
  for file in $(samples); do
    for level in -1 -3; do
      bzip2 -c $level "$file" | decodes bzip2 "$file"
    done
  done
}

@test "the xz decoder passes on .xz with filters and on .lzma" {
  local file options
  for file in $(samples); do
    for options in -0 "--format=lzma -0" "--x86 --lzma2=preset=1" "--delta=dist=4 --lzma2=preset=0"; do
      # shellcheck disable=SC2086 # several options
      xz -c $options "$file" | decodes xz "$file"
    done
  done
}

@test "the lz4 decoder passes on frames of both levels, linked and independent blocks" {
  local file options
  for file in $(samples); do
    for options in -1 -9 "-BD -B4" --content-size; do
      # shellcheck disable=SC2086 # several options
      lz4 -q -c $options "$file" | decodes lz4 "$file"
    done
  done
}

# It sets bit fields in new memory: the words around them are read before they are written.
@test "the brotli decoder reads no undefined flag" {
  local file level
  STRICTLY=--engine=strict
  for file in $(samples); do
    for level in 1 5 11; do
      brotli -c -q $level "$file" | decodes brotli "$file"
    done
  done
}

# The decoder gives in strict mode what it gives natively, which is more than nothing: same_strictly NAME FILE
same_strictly() {
  local decoder=$1 file=$2
  "$BUILD/decoders/$decoder.elf" <"$file" >native
  [ "$(stat -c %s native)" -gt 1000 ]
  # shellcheck disable=SC2086 # several options
  timeout 300 "$VXRUN" $STRICTLY "$BUILD/decoders/$decoder.elf" <"$file" | cmp - native
}

@test "the decoders of sound pass" {
  python3 - <<'PY'
import math, random, wave
rng = random.Random(5)
with wave.open("s.wav", "wb") as out:
    out.setparams((2, 2, 44100, 0, "NONE", ""))
    out.writeframes(b"".join(
        int(9000 * math.sin(i * (1 + i % 2) / 30) + rng.gauss(0, 90)).to_bytes(2, "little", signed=True)
        for i in range(40000)))
PY
  flac -s -8 -o s.flac s.wav
  oggenc -Q -q 4 -o s.vorbis s.wav
  opusenc --quiet s.wav s.opus
  lame --quiet s.wav s.mp3
  wavpack -q -h s.wav -o s.wv
  mv s.wv s.wavpack
  local name
  for name in flac vorbis opus mp3 wavpack; do
    same_strictly $name s.$name || { echo $name; false; }
  done
}

@test "the decoders of pictures pass" {
  python3 -c '
import random
rng = random.Random(5)
open("p.ppm", "wb").write(b"P6\n100 80\n255\n" + bytes(
    (x * 2 + y + rng.randrange(20)) % 256 for y in range(80) for x in range(300)))'
  cjpeg p.ppm >p.jpeg
  cjpeg -progressive -arithmetic p.ppm >progressive.jpeg
  cwebp -quiet p.ppm -o p.webp
  cwebp -quiet -lossless p.ppm -o lossless.webp
  pnmtopng p.ppm >p.png 2>log
  pnmtopng -interlace p.ppm >interlaced.png 2>log
  pnmquant 64 p.ppm 2>log | pamtogif >p.gif 2>log
  local file
  for file in *.jpeg *.webp *.png *.gif; do
    same_strictly ${file##*.} $file || { echo $file; false; }
  done
}

# It keeps the two bytes behind a coded segment, whatever they are, and puts them back.
@test "the JPEG 2000 decoder reads no undefined flag" {
  STRICTLY=--engine=strict
  python3 -c 'open("p.ppm", "wb").write(b"P6\n100 80\n255\n" + bytes(range(240)) * 100)'
  opj_compress -i p.ppm -o p.jp2 >log
  opj_compress -i p.ppm -o lossy.jp2 -I -r 10 >log
  same_strictly jp2 p.jp2
  same_strictly jp2 lossy.jp2
}

@test "the decoders pass on damaged input as well" {
  local file=text i
  samples
  zstd -q -c text >input.zst
  gzip -c text >input.gz
  for i in 20 999 12345; do
    for file in input.zst input.gz; do
      cp $file damaged
      printf 'x' | dd of=damaged bs=1 seek=$i conv=notrunc status=none
      # shellcheck disable=SC2086 # several options
      case $file in
      *.zst) ends 1 "$VXRUN" $STRICTLY "$BUILD/decoders/zstd.elf" <damaged ;;
      *.gz) ends 1 "$VXRUN" $STRICTLY "$BUILD/decoders/deflate.elf" --gzip <damaged ;;
      esac
    done
  done
}

@test "a program that reads an undefined flag is stopped there, with a reason" {
  cat >careless.asm <<'END'
bits 32
global _start
section .text
_start: mov ecx, 3
        mul ecx
        jz careful
careful: mov eax, 1
        mov ebx, 42
        int 80h
END
  nasm -f elf32 -o careless.o careless.asm
  ld.lld -m elf_i386 -z noexecstack -o careless careless.o
  ends 42 "$VXRUN" --engine=interpret careless
  ends 132 "$VXRUN" --engine=strict careless
  says 'the program trapped: a flag was read that Intel leaves undefined' 'je 0x'
  ends 132 "$VXRUN" --engine=strict --trace careless
}

@test "a program that reads memory it never wrote to is stopped there, if that is asked for" {
  cat >careless.asm <<'ASM'
bits 32
global _start
section .text
_start: mov ebx, [esp - 64]
        mov eax, 1
        int 80h
ASM
  nasm -f elf32 -o careless.o careless.asm
  ld.lld -m elf_i386 -z noexecstack -o careless careless.o
  ends 0 "$VXRUN" --engine=strict careless
  ends 139 "$VXRUN" --engine=strict --trap-unwritten careless
  says 'memory was read that was never written to' 'tried to read from 3ffff' 'mov ebx'
  ends 125 "$VXRUN" --engine=interpret --trap-unwritten careless
}

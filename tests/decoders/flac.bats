#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Proves that flac.elf decodes FLAC bit by bit and refuses everything else, natively and in the sandbox.

setup() {
  load support
  need python3 flac metaflac cmp
  cd "$BATS_TEST_TMPDIR"
}

# A WAV file of 8-bit samples, odd in number, with chunks before and after them.
make_odd_wav() {
  python3 -c '
import struct
form = struct.pack("<HHIIHH", 1, 1, 8000, 8000, 1, 8)
samples = bytes(128 + i * i % 100 for i in range(3001))
body = b"WAVE" + b"LIST\5\0\0\0hello\0" + b"fmt \x10\0\0\0" + form
body += b"junk\2\0\0\0ab" + b"data" + struct.pack("<I", len(samples)) + samples + b"\0"
body += b"cue \4\0\0\0\0\0\0\0"
open("odd.wav", "wb").write(b"RIFF" + struct.pack("<I", len(body)) + body)'
}

# An AIFF file of stereo samples with a chunk before and one after them: make_aiff BITS
make_aiff() {
  python3 -c '
import struct, sys
bits = int(sys.argv[1])
size = (bits + 7) // 8
samples = b"".join((i * i * 31 % (1 << bits)).to_bytes(size, "big") for i in range(2 * 2500))
rate = bytes.fromhex("400eac44000000000000")
body = b"AIFF" + b"NAME\0\0\0\3abc\0"
body += b"COMM\0\0\0\x12" + struct.pack(">HIH", 2, 2500, bits) + rate
body += b"SSND" + struct.pack(">III", len(samples) + 8, 0, 0) + samples
body += b"ANNO\0\0\0\4text"
open("tone.aiff", "wb").write(b"FORM" + struct.pack(">I", len(body)) + body)' "$1"
}

@test "1 to 8 channels of 8, 16, 24 and 32 bits decode to the file that was encoded" {
  local channels bits
  for channels in 1 2 3 4 5 6 7 8; do
    for bits in 8 16 24 32; do
      make_wav $channels $bits 5000 tone.wav
      flac -s -f tone.wav -o tone.flac
      decodes flac tone.flac tone.wav
    done
  done
}

@test "odd widths, rates and levels decode to what flac decodes" {
  local bits level
  for bits in 4 12 20; do
    make_wav 2 $bits 5000 tone.wav
    flac -s -f --lax tone.wav -o tone.flac
    flac -s -d -c tone.flac >expected.wav
    decodes flac tone.flac expected.wav
  done
  make_wav 2 16 50000 tone.wav 192000
  for level in 0 3 5 8; do
    flac -s -f -$level tone.wav -o tone.flac
    decodes flac tone.flac tone.wav
  done
}

@test "a stream without frames decodes to a WAV file without samples" {
  make_wav 2 16 1 tone.wav
  flac -s -f tone.wav -o tone.flac
  python3 -c '
info = bytearray(open("tone.flac", "rb").read()[8:42])
info[13] &= 0xf0
info[14:34] = bytes(20)
open("none.flac", "wb").write(b"fLaC\x80\0\0\x22" + info)'
  make_wav 2 16 0 none.wav
  decodes flac none.flac none.wav
}

@test "sounds of 1, 4095 to 4097 and 500001 frames decode to the file that was encoded" {
  local count
  for count in 1 4095 4096 4097 500001; do
    make_wav 1 16 $count tone.wav
    flac -s -f tone.wav -o tone.flac
    decodes flac tone.flac tone.wav
  done
}

@test "a stream that does not tell its length decodes to the same file" {
  make_wav 2 16 300000 tone.wav
  flac -s -c - <tone.wav >tone.flac
  [ "$(metaflac --show-total-samples - <tone.flac 2>/dev/null || echo 0)" = 0 ]
  decodes flac tone.flac tone.wav
}

@test "the loudspeakers come from the comment that names them" {
  make_wav 2 16 1000 tone.wav
  flac -s -f -T WAVEFORMATEXTENSIBLE_CHANNEL_MASK=0x0030 tone.wav -o tone.flac
  flac -s -d -c tone.flac >expected.wav
  decodes flac tone.flac expected.wav
  [ "$(od -An -tx4 -j40 -N4 expected.wav)" = " 00000030" ]
}

@test "--original gives back WAV and AIFF files with all their chunks" {
  make_odd_wav
  flac -s -f --keep-foreign-metadata odd.wav -o odd.flac
  decodes flac odd.flac odd.wav --original
  local bits
  for bits in 8 16 24; do
    make_aiff $bits
    flac -s -f --keep-foreign-metadata tone.aiff -o tone.flac
    decodes flac tone.flac tone.aiff --original
  done
}

@test "--original is refused where the chunks are not kept" {
  make_odd_wav
  flac -s -f odd.wav -o odd.flac
  refuses flac odd.flac 1 "does not hold its original's chunks" --original
}

@test "the sandbox gives the same bytes" {
  make_wav 2 16 20000 tone.wav
  flac -s -f -8 tone.wav -o tone.flac
  decodes_sandboxed flac tone.flac tone.wav
  make_wav 1 24 20000 tone.wav
  flac -s -f -8 tone.wav -o tone.flac
  decodes_sandboxed flac tone.flac tone.wav
}

@test "empty inputs, following bytes, unknown arguments and failing writes are errors" {
  make_wav 2 16 20000 tone.wav
  flac -s -f tone.wav -o tone.flac
  keeps_the_rules flac tone.flac
}

@test "every proper prefix of a stream is refused" {
  make_wav 1 16 20000 tone.wav
  flac -s -f --no-padding tone.wav -o tone.flac
  refuses_prefixes flac tone.flac ""
  flac -s -c --no-padding - <tone.wav >tone.flac
  refuses_prefixes flac tone.flac ""
}

@test "damage is found by the checksums, and never crashes the decoder" {
  make_wav 1 16 20000 tone.wav
  flac -s -f --no-padding --no-seektable tone.wav -o tone.flac
  damage 100 tone.flac bad
  local bad
  for bad in bad.*; do
    decode flac "$bad" out
    [ "$status" -le 1 ] || { echo "$bad: status $status"; false; }
    [ "$status" -eq 1 ] || tail -c 40000 out | cmp - <(tail -c 40000 tone.wav)
  done
}

@test "a wrong MD5 of the samples is refused" {
  make_wav 1 16 1000 tone.wav
  flac -s -f tone.wav -o tone.flac
  python3 -c 'd = bytearray(open("tone.flac", "rb").read()); d[41] ^= 1; open("bad", "wb").write(d)'
  refuses flac bad 1 "MD5"
}

@test "what is not FLAC is refused with the reason" {
  make_data 1000 data
  refuses flac data 1 "not a FLAC stream"
}

#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Proves that wavpack.elf gives back the WAV file that was encoded and refuses what is no whole WavPack file, natively and in the sandbox.

setup() {
  load support
  need python3 wavpack wvunpack cmp
  cd "$BATS_TEST_TMPDIR"
}

# encode FROM [OPTION...]: makes encoded.wv
encode() {
  local from=$1
  shift
  wavpack -q -y "$@" "$from" -o encoded.wv >log 2>&1 || { cat log; return 1; }
}

@test "1 to 8 channels of 8, 16, 24 and 32 bits decode to the file that was encoded" {
  local channels bits
  for channels in 1 2 3 4 5 6 7 8; do
    for bits in 8 16 24 32; do
      make_wav $channels $bits 3001 tone.wav
      encode tone.wav
      decodes wavpack encoded.wv tone.wav || { echo "$channels channels, $bits bits"; return 1; }
    done
  done
}

@test "all modes decode to the file that was encoded" {
  local options
  make_wav 2 16 60000 tone.wav
  for options in -f "" -h -hh -x -hx4 -j0 -m; do
    # shellcheck disable=SC2086 # no word or one
    encode tone.wav $options
    decodes wavpack encoded.wv tone.wav || { echo "wavpack $options"; return 1; }
  done
}

@test "lossy files decode to what wvunpack decodes" {
  local options
  make_wav 2 16 60000 tone.wav
  for options in -b200 -b320 "-b400 -x3" "-b4.5 -hh"; do
    # shellcheck disable=SC2086 # several options
    encode tone.wav $options
    wvunpack -q -y encoded.wv -o expected.wav
    decodes wavpack encoded.wv expected.wav || { echo "wavpack $options"; return 1; }
  done
}

@test "chunks before and behind the samples, and floating-point samples, come back" {
  python3 -c '
import random, struct
rng = random.Random(7)
def wav(code, bits, samples):
    form = struct.pack("<HHIIHH", code, 1, 8000, 8000 * bits // 8, bits // 8, bits)
    body = b"WAVE" + b"LIST\4\0\0\0test" + b"fmt \x10\0\0\0" + form
    body += b"data" + struct.pack("<I", len(samples)) + samples + b"cue \4\0\0\0\0\0\0\0"
    return b"RIFF" + struct.pack("<I", len(body)) + body
open("odd.wav", "wb").write(wav(1, 16, struct.pack("<3000h", *(i % 700 for i in range(3000)))))
open("float.wav", "wb").write(wav(3, 32, struct.pack("<3000f", *(rng.uniform(-1, 1) for _ in range(3000)))))'
  local name
  for name in odd float; do
    encode $name.wav
    decodes wavpack encoded.wv $name.wav || { echo $name; return 1; }
  done
}

@test "an AIFF file becomes the WAV file of the same samples" {
  make_wav 2 16 3000 tone.wav
  python3 -c '
import struct
samples = bytearray(open("tone.wav", "rb").read()[44:])
samples[0::2], samples[1::2] = samples[1::2], samples[0::2]
body = b"AIFFCOMM\0\0\0\x12" + struct.pack(">HIH", 2, 3000, 16) + bytes.fromhex("400eac44000000000000")
body += b"SSND" + struct.pack(">III", len(samples) + 8, 0, 0) + samples
open("tone.aif", "wb").write(b"FORM" + struct.pack(">I", len(body)) + body)'
  encode tone.aif
  decodes wavpack encoded.wv tone.wav
}

@test "tags behind the stream are left out" {
  make_wav 2 16 3000 tone.wav
  encode tone.wav -w "Title=a tone"
  grep -q APETAGEX encoded.wv
  decodes wavpack encoded.wv tone.wav
}

@test "the sandbox gives the same bytes" {
  make_wav 2 16 20000 tone.wav
  encode tone.wav -hh
  decodes_sandboxed wavpack encoded.wv tone.wav
  encode tone.wav -b300
  wvunpack -q -y encoded.wv -o expected.wav
  decodes_sandboxed wavpack encoded.wv expected.wav
}

@test "empty inputs, following bytes, unknown arguments and failing writes are errors" {
  make_wav 1 16 3000 tone.wav
  encode tone.wav
  keeps_the_rules wavpack encoded.wv
}

@test "every proper prefix is refused" {
  make_wav 2 16 60000 tone.wav
  encode tone.wav
  refuses_prefixes wavpack encoded.wv "the input ends within the stream"
}

@test "random damage is found by the checksums" {
  make_wav 2 16 3000 tone.wav
  encode tone.wav
  survives_damage wavpack encoded.wv tone.wav unchecked
}

@test "a stream without its last blocks is refused" {
  make_wav 2 16 200000 tone.wav
  encode tone.wav
  python3 -c '
data = open("encoded.wv", "rb").read()
starts, at = [], 0
while data[at:at + 4] == b"wvpk":
    starts.append(at)
    at += 8 + int.from_bytes(data[at + 4:at + 8], "little")
assert len(starts) > 4
open("cut.wv", "wb").write(data[:starts[3]])'
  refuses wavpack cut.wv 1 "damaged stream"
}

@test "what is no WavPack file is refused with the reason" {
  make_data 1000 data
  refuses wavpack data 1 "not a WavPack file"
}

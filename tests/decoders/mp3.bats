#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Proves that mp3.elf decodes like mpg123 and refuses everything else, natively and in the sandbox.

setup() {
  load support
  need python3 lame twolame mpg123 cmp
  cd "$BATS_TEST_TMPDIR"
}

# As mpg123 decodes it: decodes_like_mpg123 FILE
decodes_like_mpg123() {
  rm -f expected.wav
  mpg123 -q -w expected.wav "$1"
  decode mp3 "$1" out.wav
  [ "$status" -eq 0 ] || { echo "status $status: $message"; return 1; }
  cmp <(head -c 44 out.wav) <(head -c 44 expected.wav)
  near 1 out.wav expected.wav
}

@test "each rate of mono and stereo decodes to what mpg123 decodes, but for rounding" {
  local channels rate
  for channels in 1 2; do
    for rate in 8000 11025 12000 16000 22050 24000 32000 44100 48000; do
      make_wav $channels 16 12000 tone.wav $rate
      lame --quiet tone.wav tone.mp3
      decodes_like_mpg123 tone.mp3
    done
  done
}

@test "each way of coding decodes to what mpg123 decodes" {
  make_wav 2 16 30000 tone.wav
  local options
  for options in "-b 32" "-b 320" "-V 0" "-V 9" "--abr 100" "-m s" "-m j" "-m f" "-p" "-q 0"; do
    # shellcheck disable=SC2086 # a list of options
    lame --quiet $options tone.wav tone.mp3
    decodes_like_mpg123 tone.mp3
  done
}

@test "layer II decodes to what mpg123 decodes" {
  local channels rate
  for channels in 1 2; do
    for rate in 24000 44100; do
      make_wav $channels 16 20000 tone.wav $rate
      twolame --quiet tone.wav tone.mp2
      decodes_like_mpg123 tone.mp2
    done
  done
}

@test "the encoder's delay and padding are taken off: the sound is as long as it was" {
  local count
  for count in 1 100 1152 50001; do
    make_wav 2 16 $count tone.wav
    lame --quiet tone.wav tone.mp3
    decode mp3 tone.mp3 out.wav
    [ "$status" -eq 0 ]
    [ "$(stat -c %s out.wav)" -eq $((44 + 4 * count)) ]
  done
}

@test "a file without the encoder's frame decodes to all its frames, as with mpg123" {
  make_wav 2 16 30000 tone.wav
  lame --quiet -t tone.wav tone.mp3
  decodes_like_mpg123 tone.mp3
}

@test "tags before and after the frames are left out" {
  make_wav 1 16 20000 tone.wav
  lame --quiet tone.wav plain.mp3
  lame --quiet --tt title --add-id3v2 tone.wav tagged.mp3
  decode mp3 plain.mp3 expected.wav
  [ "$status" -eq 0 ]
  [ "$(head -c 3 tagged.mp3)" = ID3 ]
  [ "$(tail -c 128 tagged.mp3 | head -c 3)" = TAG ]
  decodes mp3 tagged.mp3 expected.wav
  python3 -c '
item = b"\1\0\0\0\0\0\0\0Title\0x"
def edge(flags):
    size = (len(item) + 32).to_bytes(4, "little")
    return b"APETAGEX" + (2000).to_bytes(4, "little") + size + b"\1\0\0\0" + flags + bytes(8)
tag = edge(b"\0\0\0\xa0") + item + edge(b"\0\0\0\x80")
open("ape.mp3", "wb").write(open("plain.mp3", "rb").read() + tag)'
  decodes mp3 ape.mp3 expected.wav
}

@test "the sandbox gives the same bytes" {
  make_wav 2 16 12000 tone.wav
  lame --quiet tone.wav tone.mp3
  decode mp3 tone.mp3 out.wav
  [ "$status" -eq 0 ]
  decodes_sandboxed mp3 tone.mp3 out.wav
}

@test "empty inputs, following bytes, unknown arguments and failing writes are errors" {
  make_wav 1 16 12000 tone.wav
  lame --quiet tone.wav tone.mp3
  refuses mp3 /dev/null 1 "the input is empty"
  refuses mp3 /dev/null 2 "usage: mp3" --frob
  { cat tone.mp3; printf 'noise'; } >longer
  refuses mp3 longer 1 "bytes follow the end of the stream"
  decode mp3 tone.mp3 /dev/full
  [ "$status" -eq 4 ]
}

@test "a file that ends within a frame is refused, and one without its first frames is not" {
  make_wav 1 16 30000 tone.wav
  lame --quiet -t tone.wav tone.mp3
  local whole nbytes
  whole=$(stat -c %s tone.mp3)
  for nbytes in 1 3 4 100; do
    cut_file $((whole - nbytes)) tone.mp3 part
    refuses mp3 part 1 "the input ends within a frame"
  done
  python3 -c '
data = open("tone.mp3", "rb").read()
starts = [i for i in range(len(data) - 3) if data[i:i + 2] == data[:2]]
open("part", "wb").write(data[starts[5]:])'
  decode mp3 part out.wav
  [ "$status" -eq 0 ]
}

@test "damage never crashes the decoder" {
  make_wav 2 16 12000 tone.wav
  lame --quiet tone.wav tone.mp3
  survives_damage mp3 tone.mp3 tone.wav unchecked
  twolame --quiet tone.wav tone.mp2
  survives_damage mp3 tone.mp2 tone.wav unchecked
}

@test "a change of the kind of sound, and what is no MPEG audio, are refused with the reason" {
  make_wav 2 16 3000 tone.wav 44100
  lame --quiet -t tone.wav one.mp3
  make_wav 1 16 3000 tone.wav 44100
  lame --quiet -t tone.wav two.mp3
  cat one.mp3 two.mp3 >both.mp3
  refuses mp3 both.mp3 1 "the kind of sound changes"
  make_data 1000 data
  refuses mp3 data 1 "not an MPEG audio stream"
}

#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Proves that opus.elf decodes like opusdec and refuses everything else, natively and in the sandbox.

setup() {
  load support
  need python3 opusenc opusdec cmp
  cd "$BATS_TEST_TMPDIR"
}

# As opusdec decodes it: decodes_like_opusdec FILE
decodes_like_opusdec() {
  opusdec --quiet --rate 48000 --no-dither --force-wav "$1" expected.wav
  decode opus "$1" out.wav
  [ "$status" -eq 0 ] || { echo "status $status: $message"; return 1; }
  cmp <(head -c 44 out.wav) <(head -c 44 expected.wav)
  near 1 out.wav expected.wav
}

@test "speech, mixed and music coding of mono and stereo decode to what opusdec decodes, but for rounding" {
  local channels rate bitrate
  for channels in 1 2; do
    for rate in 8000 24000 44100 48000; do
      make_wav $channels 16 20000 tone.wav $rate
      for bitrate in 8 20 32 96 256; do
        opusenc --quiet --bitrate $bitrate tone.wav tone.opus
        decodes_like_opusdec tone.opus
      done
    done
  done
}

@test "each length of frames, and constant rates, decode to what opusdec decodes" {
  make_wav 2 16 30000 tone.wav 48000
  local size
  for size in 2.5 5 10 20 40 60; do
    opusenc --quiet --framesize $size --bitrate 40 tone.wav tone.opus
    decodes_like_opusdec tone.opus
  done
  opusenc --quiet --hard-cbr --bitrate 64 tone.wav tone.opus
  decodes_like_opusdec tone.opus
}

@test "sounds of 1, 100, 961 and 300001 frames decode to the length that was encoded" {
  local count
  for count in 1 100 961 300001; do
    make_wav 1 16 $count tone.wav 48000
    opusenc --quiet tone.wav tone.opus
    decodes_like_opusdec tone.opus
    [ "$(stat -c %s out.wav)" -eq $((44 + 2 * count)) ]
  done
}

@test "3 to 8 channels come out at the loudspeakers they were for" {
  local channels
  for channels in 3 4 5 6 7 8; do
    make_wav $channels 16 10000 tone.wav 48000
    opusenc --quiet --bitrate 600 tone.wav tone.opus
    decode opus tone.opus out.wav
    [ "$status" -eq 0 ]
    same_places tone.wav out.wav
  done
}

@test "the gain in the header is obeyed" {
  make_wav 1 16 20000 tone.wav 48000
  opusenc --quiet tone.wav tone.opus
  change_page first tone.opus gain.opus 'page[28 + 16:28 + 18] = (-1000).to_bytes(2, "little", signed=True)'
  decodes_like_opusdec gain.opus
  run near 1000 out.wav <(opusdec --quiet --rate 48000 --no-dither --force-wav tone.opus -)
  [ "$status" -ne 0 ]
}

@test "the sandbox gives the same bytes" {
  make_wav 2 16 20000 tone.wav 48000
  local bitrate
  for bitrate in 16 96; do
    opusenc --quiet --bitrate $bitrate tone.wav tone.opus
    decode opus tone.opus out.wav
    [ "$status" -eq 0 ]
    decodes_sandboxed opus tone.opus out.wav
  done
}

@test "empty inputs, following bytes, unknown arguments and failing writes are errors" {
  make_wav 1 16 20000 tone.wav 48000
  opusenc --quiet tone.wav tone.opus
  keeps_the_rules opus tone.opus
}

@test "every proper prefix of a file is refused" {
  make_wav 1 16 20000 tone.wav 48000
  opusenc --quiet tone.wav tone.opus
  refuses_prefixes opus tone.opus ""
}

@test "damage is found by the pages' checksums" {
  make_wav 1 16 20000 tone.wav 48000
  opusenc --quiet tone.wav tone.opus
  decode opus tone.opus out.wav
  survives_damage opus tone.opus out.wav checked
}

@test "damage below good checksums never crashes the decoder" {
  make_wav 1 16 20000 tone.wav 48000
  opusenc --quiet tone.wav tone.opus
  local seed page
  echo "seeds 1 to 60"
  for seed in {1..60}; do
    for page in first last; do
      change_page $page tone.opus bad.opus "
import random
rng = random.Random($seed)
for _ in range(3):
    page[rng.randrange(27 + page[26], len(page))] = rng.randrange(256)"
      decode opus bad.opus out.wav
      [ "$status" -le 1 ] || { echo "seed $seed: status $status"; false; }
    done
  done
}

@test "what is not Opus for loudspeakers is refused with the reason" {
  make_data 1000 data
  refuses opus data 1 "not an Ogg file"
  make_wav 1 16 1000 tone.wav
  oggenc -Q tone.wav -o tone.ogg
  refuses opus tone.ogg 1 "not an Opus stream"
  opusenc --quiet tone.wav tone.opus
  change_page first tone.opus bad.opus 'page[28 + 18] = 255'
  refuses opus bad.opus 1 "not for loudspeakers"
  change_page first tone.opus bad.opus 'page[28 + 9] = 3'
  refuses opus bad.opus 1 "headers are damaged"
}

@test "too little memory ends with the status for memory" {
  make_wav 8 16 1000 tone.wav 48000
  opusenc --quiet tone.wav tone.opus
  (
    ulimit -v 1900
    refuses opus tone.opus 3 "out of memory"
  )
}

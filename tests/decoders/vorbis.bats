#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Proves that vorbis.elf decodes like oggdec and refuses everything else, natively and in the sandbox.

setup() {
  load support
  need python3 oggenc oggdec cmp
  cd "$BATS_TEST_TMPDIR"
}

@test "each quality, rate and length of mono and stereo decodes to what oggdec decodes, but for rounding" {
  local channels rate quality count
  for channels in 1 2; do
    for rate in 8000 22050 44100 48000; do
      make_wav $channels 16 20000 tone.wav $rate
      for quality in 0 6; do
        oggenc -Q -q $quality tone.wav -o tone.ogg
        oggdec -Q tone.ogg -o expected.wav
        decode vorbis tone.ogg out.wav
        [ "$status" -eq 0 ]
        cmp <(head -c 44 out.wav) <(head -c 44 expected.wav)
        near 1 out.wav expected.wav
      done
    done
  done
  for count in 1 100 1000 300001; do
    make_wav 1 16 $count tone.wav
    oggenc -Q tone.wav -o tone.ogg
    oggdec -Q tone.ogg -o expected.wav
    decode vorbis tone.ogg out.wav
    [ "$status" -eq 0 ]
    cmp <(head -c 44 out.wav) <(head -c 44 expected.wav)
    near 1 out.wav expected.wav
  done
}

@test "3 to 8 channels come out at the loudspeakers they were for" {
  local channels
  for channels in 3 4 5 6 7 8; do
    make_wav $channels 16 5000 tone.wav
    oggenc -Q -q 6 tone.wav -o tone.ogg
    decode vorbis tone.ogg out.wav
    [ "$status" -eq 0 ]
    same_places tone.wav out.wav
  done
}

@test "the sandbox gives the same bytes" {
  make_wav 2 16 20000 tone.wav
  oggenc -Q -q 6 tone.wav -o tone.ogg
  decode vorbis tone.ogg out.wav
  [ "$status" -eq 0 ]
  decodes_sandboxed vorbis tone.ogg out.wav
}

@test "packets over several pages decode to what oggdec decodes" {
  make_wav 2 16 20000 tone.wav
  oggenc -Q -q 6 -c "COMMENT=$(head -c 100000 /dev/zero | tr '\0' x)" tone.wav -o tone.ogg
  oggdec -Q tone.ogg -o expected.wav
  decode vorbis tone.ogg out.wav
  [ "$status" -eq 0 ]
  near 1 out.wav expected.wav
}

@test "empty inputs, following bytes, unknown arguments and failing writes are errors" {
  make_wav 1 16 20000 tone.wav
  oggenc -Q tone.wav -o tone.ogg
  keeps_the_rules vorbis tone.ogg
}

@test "every proper prefix of a file is refused" {
  make_wav 1 16 20000 tone.wav
  oggenc -Q tone.wav -o tone.ogg
  refuses_prefixes vorbis tone.ogg ""
}

@test "damage is found by the pages' checksums" {
  make_wav 1 16 20000 tone.wav
  oggenc -Q tone.wav -o tone.ogg
  decode vorbis tone.ogg out.wav
  survives_damage vorbis tone.ogg out.wav checked
}

@test "damage below good checksums never crashes the decoder" {
  make_wav 1 16 20000 tone.wav
  oggenc -Q tone.wav -o tone.ogg
  local seed
  echo "seeds 1 to 60"
  for seed in {1..60}; do
    change_page last tone.ogg bad.ogg "
import random
rng = random.Random($seed)
for _ in range(3):
    page[rng.randrange(27 + page[26], len(page))] = rng.randrange(256)"
    decode vorbis bad.ogg out.wav
    [ "$status" -le 1 ] || { echo "seed $seed: status $status"; false; }
  done
}

@test "missing pages, other streams and wrong ends are refused with the reason" {
  make_wav 1 16 100000 tone.wav
  oggenc -Q -s 7 tone.wav -o tone.ogg
  change_page last tone.ogg bad.ogg 'page[18] += 1'
  refuses vorbis bad.ogg 1 "a page of the stream is missing"
  change_page last tone.ogg bad.ogg 'page[14] += 1'
  refuses vorbis bad.ogg 1 "more than one stream"
  change_page last tone.ogg bad.ogg 'page[5] = 0'
  refuses vorbis bad.ogg 1 "the input ends within the stream"
  cat tone.ogg tone.ogg >twice.ogg
  refuses vorbis twice.ogg 1 "bytes follow the end of the stream"
}

@test "what is not Vorbis in Ogg is refused with the reason" {
  make_data 1000 data
  refuses vorbis data 1 "not an Ogg file"
  make_wav 1 16 1000 tone.wav
  flac -s --ogg tone.wav -o tone.oga
  refuses vorbis tone.oga 1 "not a Vorbis stream"
}

@test "too little memory ends with the status for memory" {
  make_wav 8 16 5000 tone.wav
  oggenc -Q tone.wav -o tone.ogg
  (
    ulimit -v 2000
    refuses vorbis tone.ogg 3 "out of memory"
  )
}

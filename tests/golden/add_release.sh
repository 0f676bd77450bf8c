#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Makes this version's archive of every codec and adds it, with what its members decode to.
#   VXA_BUILD=build/release tests/golden/add_release.sh [NAME]      default: the version
# Once added, an archive and its manifest never change.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
bin=$(cd "${VXA_BUILD:?name the build folder in VXA_BUILD}/bin" && pwd)
version=$("$bin/vxzip" --version | grep -oE '[0-9]+\.[0-9]+\.[0-9]+' | head -n 1)
target=$here/${1:-$version}
[ ! -e "$target" ] || { echo "add_release: $target exists already" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir in

python3 - <<'PY'
import math, random, struct
rng = random.Random(2026)
words = ["guest", "host", "image", "engine", "archive", "decoder", "member", "trap", "\n"]
open("text", "w").write(" ".join(rng.choice(words) for _ in range(3000)))
count, rate = 6000, 44100
frames = b"".join(struct.pack("<hh", int(9000 * math.sin(i / 20)) + rng.randrange(-400, 400),
                              int(7000 * math.sin(i / 33))) for i in range(count))
head = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + len(frames), b"WAVE", b"fmt ", 16, 1, 2, rate,
                   4 * rate, 4, 16, b"data", len(frames))
open("tone.wav", "wb").write(head + frames)
width, height = 64, 48
pixels = bytes((x * 3 + c * 40 + y * (c + 1) + rng.randrange(8)) % 256
               for y in range(height) for x in range(width) for c in range(3))
open("picture.ppm", "wb").write(b"P6\n%d %d\n255\n" % (width, height) + pixels)
PY

# Files that are coded already: each gets its decoder.
cp tone.wav in/sound.wav
lz4 -qc text >in/text.lz4
oggenc -Q -o in/sound.ogg tone.wav
opusenc --quiet tone.wav in/sound.opus
lame --quiet tone.wav in/sound.mp3
flac --silent -o in/sound.flac tone.wav
cjpeg -quality 80 -outfile in/picture.jpg picture.ppm
opj_compress -i picture.ppm -o in/picture.jp2 >log 2>&1 || { cat log >&2; exit 1; }
cwebp -quiet -o in/picture.webp picture.ppm
pnmtopng -quiet picture.ppm >in/picture.png

cd in
archive=../every-codec.zip
for method in zstd deflate xz bzip2 brotli; do
  cp ../text "text-$method"
  "$bin/vxzip" -q -m $method $archive "text-$method"
done
"$bin/vxzip" -q -m flac $archive sound.wav
rm sound.wav text-*
"$bin/vxzip" -q $archive ./*
cd ..

# What comes out: the members as they are, and the decoded form of those that were coded before.
"$bin/vxunzip" -q -d plain every-codec.zip
"$bin/vxunzip" -q --decode -d decoded every-codec.zip
for folder in plain decoded; do
  (cd $folder && find . -type f | LC_ALL=C sort | sed 's|^\./||' | xargs sha256sum) |
    sed "s|  |  $folder/|"
done >manifest
(sha256sum every-codec.zip) >>manifest

mkdir "$target"
cp every-codec.zip manifest "$target"
echo "add_release: $target"

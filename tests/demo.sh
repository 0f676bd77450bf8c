#!/bin/sh
# SPDX-License-Identifier: MIT
# The main job on real files of this machine: build, archive, list, extract in the sandbox, compare.
#   tests/demo.sh
set -eu
cd "$(dirname "$0")/.."

say() {
  printf '\n== %s\n' "$*"
}

# Runs a command and says how long it took.
timed() {
  start=$(date +%s%N)
  "$@"
  echo "$((($(date +%s%N) - start) / 1000000)) ms"
}

say "Installing what the build needs (only what is missing)"
sh tests/setup.sh

say "Building the programs and the i386 decoders"
cmake --preset release
cmake --build --preset release
bin=$PWD/build/release/bin

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

say "Collecting real files: C headers, documents, images and sounds of this system"
mkdir "$work/files"
cp -RP /usr/include/linux "$work/files/headers"
find /usr/share/doc -type f -name 'changelog*' 2>/dev/null | head -n 100 |
  while read -r file; do cp "$file" "$work/files/$(echo "$file" | tr / _)"; done
find /usr/share -type f \( -name '*.png' -o -name '*.jpg' -o -name '*.wav' -o -name '*.oga' \
  -o -name '*.ogg' \) -size -1000k 2>/dev/null | head -n 30 |
  while read -r file; do cp "$file" "$work/files/$(echo "$file" | tr / _)"; done
ln -s headers "$work/files/link-to-headers"
: >"$work/files/empty"
du -sh "$work/files" | sed 's/\t.*//'

cd "$work"
say "vxzip -r -q -y files.zip files"
timed "$bin/vxzip" -r -q -y files.zip files
ls -l files.zip | awk '{ print $5 " bytes" }'

say "vxunzip -l files.zip (its first and last lines)"
"$bin/vxunzip" -l files.zip >listing
head -n 8 listing
echo ...
tail -n 3 listing

say "vxunzip --decoders files.zip"
"$bin/vxunzip" --decoders files.zip

say "vxunzip -t -q files.zip: every member decoded by the archive's own decoder in the sandbox"
timed "$bin/vxunzip" -t -q files.zip

say "vxunzip -q -d out files.zip, then compared with the originals"
"$bin/vxunzip" -q -d out files.zip
diff -r --no-dereference files out/files
echo "identical"

say "The decoder is an ordinary member and an ordinary i386 program: vxunzip or unzip takes it out"
"$bin/vxunzip" -q -d decoder files.zip '.vxa/*'
ls -l decoder/.vxa | awk 'NR > 1 { print $5, $NF }'

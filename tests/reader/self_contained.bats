#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Proves that with an archive made by `vxzip --self-contained` and a C compiler its files can be had.

load ../support/helper

setup() {
  cd "$BATS_TEST_TMPDIR"
  for i in $(seq 500); do echo "line $i of a text"; done >text
}

@test "what unzip takes out of the archive is compiled, and extracts the rest" {
  need cc
  "$VXZIP" -q --self-contained -m xz a.zip text
  unzip -q a.zip '.vxa/*' -d taken
  cc -O1 taken/.vxa/vxread.c -o vxread
  ends 0 ./vxread a.zip out
  cmp text out/text
  grep -q "vxread.c" taken/.vxa/README.txt
}

@test "reader, specifications and test vectors are at most 400 KB, and ASCII" {
  "$VXZIP" -q --self-contained -m store a.zip text
  unzip -q a.zip '.vxa/*' -d taken
  local name
  for name in README.txt format.txt guest.txt vectors.txt vxread.c; do
    [ -s "taken/.vxa/$name" ]
    ! LC_ALL=C grep -qP '[^\x00-\x7F]' "taken/.vxa/$name"
  done
  python3 - <<'PY'
import zipfile
assert sum(i.compress_size for i in zipfile.ZipFile("a.zip").infolist() if i.filename.startswith(".vxa/")) <= 400_000
PY
}

@test "the same files give the same archive" {
  "$VXZIP" -q --self-contained -m xz a.zip text
  "$VXZIP" -q --self-contained -m xz b.zip text
  cmp a.zip b.zip
}

@test "an update keeps the archive self-contained, with one copy of each text" {
  "$VXZIP" -q --self-contained -m xz a.zip text
  cp text more
  "$VXZIP" -q -m xz a.zip more
  [ "$(unzip -Z1 a.zip | sort | uniq -d | wc -l)" -eq 0 ]
  unzip -Z1 a.zip >names
  grep -qx '.vxa/vxread.c' names
  grep -qx '.vxa/guest.txt' names
  ends 0 "$VXUNZIP" -t a.zip
}

@test "without the option nothing of that is in the archive, and vxunzip extracts none of it unasked" {
  "$VXZIP" -q -m xz a.zip text
  unzip -Z1 a.zip >names
  ! grep -q 'vxread.c\|guest.txt' names
  "$VXZIP" -q --self-contained -m xz b.zip text
  ends 0 "$VXUNZIP" -q -d out b.zip
  [ "$(ls -A out)" = text ]
}

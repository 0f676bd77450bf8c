#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Proves that vxread inflates what deflate can say, and refuses what is damaged or unsafe.

load ../support/helper

setup_file() {
  export READER_FOLDER=$BATS_FILE_TMPDIR
  gcc -std=c99 -O1 -g -fsanitize=undefined,address -fno-sanitize-recover=all "$BUILD/reader/vxread.c" \
    -o "$READER_FOLDER/vxread"
}

setup() {
  cd "$BATS_TEST_TMPDIR"
  VXREAD=$READER_FOLDER/vxread
}

@test "every kind of deflate block, at every level and strategy, is inflated" {
  python3 - <<'PY'
import random, zipfile, zlib, struct
rng = random.Random(1951)
print("seed 1951")
contents = [b"", b"a", b"a" * 100000, rng.randbytes(70000),
            b" ".join(rng.choice([b"guest", b"host", b"trap"]) for _ in range(20000)),
            bytes(min(255, int(rng.expovariate(0.05))) for _ in range(80000))]
number = 0
with zipfile.ZipFile("a.zip", "w") as archive:
    for content in contents:
        for level in (0, 1, 6, 9):
            for strategy in (zlib.Z_DEFAULT_STRATEGY, zlib.Z_FILTERED, zlib.Z_HUFFMAN_ONLY, zlib.Z_RLE, zlib.Z_FIXED):
                real = zlib.compressobj
                zlib.compressobj = lambda *a: real(level, zlib.DEFLATED, -15, 8, strategy)
                archive.writestr(zipfile.ZipInfo(f"{number}"), content, zipfile.ZIP_DEFLATED)
                zlib.compressobj = real
                number += 1
PY
  ends 0 "$VXREAD" a.zip out
  says "120 members, 0 failed"
  unzip -q a.zip -d expected
  diff -r expected out
}

@test "a changed byte in the data of a member is noticed, and no file is left" {
  printf 'some text, some text, some text' >t
  "$VXZIP" -q -m deflate a.zip t
  python3 - <<'PY'
import zipfile
data = bytearray(open("a.zip", "rb").read())
info = zipfile.ZipFile("a.zip").getinfo("t")
start = info.header_offset + 30 + data[info.header_offset + 26] + data[info.header_offset + 28] + 256 * data[info.header_offset + 29]
for i in range(info.compress_size):
    copy = bytearray(data)
    copy[start + i] ^= 0x41
    open(f"{i}.zip", "wb").write(copy)
PY
  local archive
  for archive in [0-9]*.zip; do
    ends 1 "$VXREAD" "$archive" out
    absent out/t
  done
}

@test "an archive that is cut anywhere is refused" {
  printf 'text' >t
  "$VXZIP" -q -m store a.zip t
  local size
  size=$(stat -c %s a.zip)
  for ((i = 0; i < size; i++)); do
    head -c "$i" a.zip >cut.zip
    ends 1 "$VXREAD" -t cut.zip
  done
}

@test "names that lead out of the folder are refused" {
  python3 - <<'PY'
import zipfile
with zipfile.ZipFile("a.zip", "w") as archive:
    for name in ("../a", "/b", "c/../../d", "e/..", "f\\g", "h:i", "..", "j\nk"):
        archive.writestr(name, "x")
    archive.writestr("good/l", "x")
PY
  mkdir deep
  ends 1 "$VXREAD" a.zip deep/out
  says "9 members, 8 failed"
  [ "$(find . -type f ! -name a.zip)" = ./deep/out/good/l ]
}

@test "a file that exists is not replaced" {
  printf 'new' >t
  "$VXZIP" -q -m store a.zip t
  mkdir out
  printf 'old' >out/t
  ends 1 "$VXREAD" a.zip out
  says "is there already"
  [ "$(cat out/t)" = old ]
}

@test "a decoder that was changed does not run" {
  head -c 20000 /dev/zero >t
  "$VXZIP" -q -m xz a.zip t
  python3 - <<'PY'
import zipfile, zlib
old = zipfile.ZipFile("a.zip")
with zipfile.ZipFile("b.zip", "w") as new:
    for info in old.infolist():
        data = open("a.zip", "rb").read()[info.header_offset:]
        if info.filename.endswith(".elf"):
            elf = bytearray(old.read(info))
            elf[-1] ^= 1
            info.compress_type = zipfile.ZIP_STORED
            new.writestr(info, bytes(elf))
        elif info.filename != "t":
            new.writestr(info, old.read(info))
    start = 30 + len("t") + data[28] + 256 * data[29] if info.filename == "t" else 0
    info = old.getinfo("t")
    data = open("a.zip", "rb").read()[info.header_offset:]
    start = 30 + data[26] + data[28] + 256 * data[29]
    coded = data[start:start + info.compress_size]
    info.compress_type = zipfile.ZIP_STORED
    new.writestr(info, coded)
data = bytearray(open("b.zip", "rb").read())
info = zipfile.ZipFile("b.zip").getinfo("t")
place = data.rindex(b"PK\1\2")
for off in (info.header_offset + 8, place + 10):
    data[off:off + 2] = (95).to_bytes(2, "little")
open("b.zip", "wb").write(data)
PY
  ends 1 "$VXREAD" b.zip out
  says "the decoder has another SHA-256"
  absent out/t
}

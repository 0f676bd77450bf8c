# SPDX-License-Identifier: MIT
# Knows which files are taken for already coded ones, and what is done with these.

load ../support/helper
load vxzip_support

setup() {
  cd "$BATS_TEST_TMPDIR"
  need gzip bzip2 xz zstd brotli lz4 flac
  python3 - <<'PY'
import random
rng = random.Random(1958)
print("seed 1958")
words = ["guest", "host", "image", "engine", "archive", "decoder", "member", "\n"]
open("text", "w").write(" ".join(rng.choice(words) for _ in range(9000)))
PY
}

# A member was stored as it is, with this decoder: attached LOG MEMBER DECODER
attached() {
  grep -qF "adding: $2 (stored 0%, $3 decoder)" "$1" || { cat "$1"; return 1; }
}

@test "files of the general codecs are stored untouched, and --decode gives their content" {
  mkdir in
  gzip -c text >in/t.txt.gz
  bzip2 -c text >in/t.txt.bz2
  xz -c text >in/t.txt.xz
  xz --format=lzma -c text >in/t.txt.lzma
  zstd -qc text >in/t.txt.zst
  brotli -c text >in/t.txt.br
  lz4 -qc text >in/t.txt.lz4
  python3 -c 'import zlib; open("in/t.txt.zlib", "wb").write(zlib.compress(open("text", "rb").read()))'
  "$VXZIP" -r a.zip in >log
  for pair in gz:deflate zlib:deflate bz2:bzip2 xz:xz lzma:xz zst:zstd br:brotli lz4:lz4; do
    attached log in/t.txt.${pair%:*} ${pair#*:}
    [ "$(attribute a.zip in/t.txt.${pair%:*} compress_type)" -eq 0 ]
  done
  ends 0 "$VXUNZIP" -t a.zip
  ends 0 "$VXUNZIP" -q -d plain a.zip
  diff -r in plain/in
  ends 0 "$VXUNZIP" -q --decode -d decoded a.zip
  for ending in gz zlib bz2 xz lzma zst br lz4; do
    cmp text decoded/in/t.txt.$ending.txt
  done
  unzip -q a.zip 'in/*' -d unzipped
  diff -r in unzipped/in
}

@test "the content tells, whatever the name says" {
  gzip -c text >picture.jpg
  bzip2 -c text >no-ending
  "$VXZIP" a.zip picture.jpg no-ending >log
  attached log picture.jpg deflate
  attached log no-ending bzip2
  ends 0 "$VXUNZIP" -q --decode -d out a.zip
  cmp text out/no-ending.decoded
}

@test "a suffix that stands in front of the ending is that of the decoded form" {
  tar -cf - text | gzip -c >t.tar.gz
  cp t.tar.gz t.tgz
  "$VXZIP" -q a.zip t.tar.gz t.tgz
  ends 0 "$VXUNZIP" -q --decode -d out a.zip
  [ -f out/t.tar.gz.tar ] && [ -f out/t.tgz.tar ]
}

@test "concatenated .bz2 and .xz files are one file to their decoders" {
  for tool in bzip2 xz; do
    { $tool -c text; $tool -c text; } >two.$tool
    "$VXZIP" $tool.zip two.$tool >log
    attached log two.$tool $tool
    ends 0 "$VXUNZIP" -p --decode $tool.zip
    [ "$output" = "$(cat text text)" ]
  done
}

@test "a WavPack file decodes to the WAV file that it was made from" {
  need wavpack
  python3 -c '
import wave
with wave.open("s.wav", "wb") as out:
    out.setparams((1, 2, 8000, 0, "NONE", ""))
    out.writeframes(bytes(i * i // 50 % 256 for i in range(20000)))'
  wavpack -q s.wav -o s.wv
  "$VXZIP" a.zip s.wv >log
  attached log s.wv wavpack
  ends 0 "$VXUNZIP" -q --decode -d out a.zip
  cmp s.wav out/s.wv.wav
}

@test "pictures of each kind decode to what their decoder makes of them" {
  need pamtogif cjpeg cwebp pnmtopng opj_compress
  local kind
  python3 -c 'open("p.ppm", "wb").write(b"P6\n40 36\n255\n" + bytes(range(240)) * 18)'
  pamtogif p.ppm >p.gif 2>/dev/null
  cjpeg p.ppm >p.jpeg
  cwebp -quiet p.ppm -o p.webp
  pnmtopng p.ppm >p.png 2>/dev/null
  opj_compress -i p.ppm -o p.jp2 >/dev/null
  "$VXZIP" a.zip p.gif p.jpeg p.webp p.png p.jp2 >log
  ends 0 "$VXUNZIP" -q --decode -d out a.zip
  for kind in gif jpeg webp png jp2; do
    attached log p.$kind $kind
    "$BUILD/decoders/$kind.elf" <p.$kind | cmp - out/p.$kind.bmp
  done
}

@test "a FLAC file decodes to the WAV file that flac makes of it" {
  python3 - <<'PY'
import math, wave
w = wave.open("s.wav", "wb")
w.setparams((2, 2, 44100, 0, "NONE", ""))
w.writeframes(b"".join(int(9000 * math.sin(i / 9)).to_bytes(2, "little", signed=True) for i in range(8000)))
w.close()
PY
  flac -s -o s.flac s.wav
  "$VXZIP" a.zip s.flac >log
  attached log s.flac flac
  ends 0 "$VXUNZIP" -q --decode -d out a.zip
  cmp s.wav out/s.flac.wav
}

@test "damaged, cut and lying files are packed like any other, and told of with -v" {
  gzip -c text >good.gz
  head -c -5 good.gz >cut.gz
  { cat good.gz; echo tail; } >long.gz
  printf 'BZh91AY&SYnonsense-nonsense' >lie.bz2
  "$VXZIP" a.zip cut.gz long.gz lie.bz2 >log 2>&1
  ! grep -E ' decoder' log
  "$VXZIP" -v b.zip cut.gz long.gz lie.bz2 >log 2>&1
  for name in cut.gz long.gz; do grep -q "$name: no deflate decoder attached: " log; done
  grep -q "lie.bz2: no bzip2 decoder attached: " log
  ends 0 "$VXUNZIP" -q -d out b.zip
  for name in cut.gz long.gz lie.bz2; do cmp $name out/$name; done
}

@test "a method that is asked for, and -0, attach nothing" {
  gzip -c text >t.gz
  for option in --method=zstd --method=deflate -0; do
    rm -f a.zip
    "$VXZIP" $option a.zip t.gz >log
    ! grep -q ' decoder' log
  done
}

@test "--portable attaches, too, and stays readable for all" {
  gzip -c text >t.gz
  "$VXZIP" --portable a.zip t.gz text >log
  attached log t.gz deflate
  unzip -tq a.zip
}

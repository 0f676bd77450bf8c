# SPDX-License-Identifier: MIT
# Knows what each codec packs, and which one is chosen for which file.

load ../support/helper
load vxzip_support

setup() {
  cd "$BATS_TEST_TMPDIR"
  sample tree
}

# What vxzip says that it did with a member: chosen ARCHIVE-LOG MEMBER
chosen() {
  sed -n "s|^  adding: $2 (\([a-z0-9]*\) .*|\1|p" "$1"
}

# A WAV or AIFF file of seeded sound: sound FILE CHANNELS BITS FRAMES [TAIL-IN-HEX]
sound() {
  python3 - "$@" <<'PY'
import math, random, struct, sys
name, channels, bits, frames = sys.argv[1], *map(int, sys.argv[2:5])
tail = bytes.fromhex(sys.argv[5]) if len(sys.argv) > 5 else b""
rng = random.Random(1877)
print("seed 1877")
nbytes, big = bits // 8, name.endswith(".aiff")
data = bytearray()
for i in range(frames):
    for channel in range(channels):
        value = int((2 ** (bits - 1) - 9) * math.sin(i * 0.013 * (channel + 1))) + rng.randrange(8)
        if bits == 8 and not big:
            data.append(value + 128)
        else:
            data += value.to_bytes(nbytes, "big" if big else "little", signed=True)
if big:
    comm = struct.pack(">HIH", channels, frames, bits) + bytes.fromhex("400eac44000000000000")
    body = b"AIFFCOMM" + struct.pack(">I", 18) + comm + b"NAME\0\0\0\3abc\0"
    body += b"SSND" + struct.pack(">III", len(data) + 8, 0, 0) + data + tail
    open(name, "wb").write(b"FORM" + struct.pack(">I", len(body)) + body)
else:
    body = b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, channels, 44100, 44100 * channels * nbytes,
                                     channels * nbytes, bits)
    body += b"bext\5\0\0\0hello\0data" + struct.pack("<I", len(data)) + data + tail
    open(name, "wb").write(b"RIFF" + struct.pack("<I", len(body)) + body)
PY
}

@test "every codec gives the files back, and attaches its decoder only" {
  for method in deflate bzip2 xz zstd brotli; do
    "$VXZIP" -qr -T --method=$method $method.zip tree
    [ "$(own_members $method.zip)" = ".vxa/$method.elf"$'\n.vxa/README.txt' ]
    unpack $method.zip out-$method
    diff -r tree out-$method/tree
    ends 0 "$VXUNZIP" -q -d x-$method $method.zip
    diff -r tree x-$method/tree
  done
}

@test "bzip2, xz and zstd have the method numbers that other programs know, and these extract them" {
  need 7z bsdtar
  for pair in bzip2:12 zstd:93 xz:95; do
    local method=${pair%:*}
    "$VXZIP" -qr --method=$method $method.zip tree
    [ "$(attribute $method.zip tree/a.txt compress_type)" -eq "${pair#*:}" ]
    mkdir 7z-$method bsdtar-$method
    7z x -o7z-$method $method.zip >log || { cat log; return 1; }
    bsdtar -xpf $method.zip -C bsdtar-$method
    diff -r tree 7z-$method/tree
    diff -r tree bsdtar-$method/tree
  done
  unzip -tq bzip2.zip
  python3 -c 'import zipfile; assert zipfile.ZipFile("bzip2.zip").testzip() is None'
}

@test "an x86 program in an xz member is read by 7z and bsdtar, too" {
  need 7z bsdtar
  cp "$BUILD/bin/vxrun" program
  "$VXZIP" -q --method=xz a.zip program
  mkdir 7z bsdtar
  7z x -o7z a.zip program >log || { cat log; return 1; }
  bsdtar -xf a.zip -C bsdtar program
  cmp program 7z/program
  cmp program bsdtar/program
}

@test "brotli members have method 5856h, flagged as known to the decoder alone; unzip takes the rest" {
  "$VXZIP" -qr --method=brotli a.zip tree
  [ "$(attribute a.zip tree/a.txt compress_type)" -eq $((0x5856)) ]
  python3 - <<'PY'
import zipfile
extra = zipfile.ZipFile("a.zip").getinfo("tree/a.txt").extra
at = extra.index(b"VXA1")
assert extra[at + 4:at + 6] == b"\1\1", extra
PY
  run unzip -q a.zip -d out
  [ "$status" -eq 81 ]
  cmp tree/noise out/tree/noise
}

@test "WAV and AIFF files of every width come back bit for bit from FLAC, with all their chunks" {
  local count=0
  for bits in 8 16 24 32; do
    for channels in 1 2 6; do
      sound $bits-$channels.wav $channels $bits 4999 || return 1
      sound $bits-$channels.aiff $channels $bits 5000 4c495354 || return 1
      count=$((count + 2))
    done
  done
  for tail in 00 616263 004c49535406000000616263646566 ffffffffffffffff; do
    sound tail-$tail.wav 1 8 4001 $tail
    count=$((count + 1))
  done
  "$VXZIP" a.zip ./*.wav ./*.aiff >log
  [ "$(grep -c '(flac ' log)" -eq $count ] || { cat log; return 1; }
  ends 0 "$VXUNZIP" -q -d out a.zip
  for file in *.wav *.aiff; do cmp $file out/$file; done
  unpack a.zip python
  for file in *.wav *.aiff; do cmp $file python/$file; done
}

@test "sound that FLAC cannot hold goes to a general codec" {
  sound whole.wav 2 16 3000
  python3 - <<'PY'
data = open("whole.wav", "rb").read()
open("float.wav", "wb").write(data.replace(b"\x10\0\0\0\1\0", b"\x10\0\0\0\3\0", 1))
open("wide.wav", "wb").write(data.replace(b"\1\0\2\0\x44", b"\1\0\x09\0\x44", 1))
open("short.wav", "wb").write(data[:40])
open("end.wav", "wb").write(data[:62])
PY
  "$VXZIP" a.zip ./*.wav >log
  [ "$(chosen log whole.wav)" = flac ] || { cat log; return 1; }
  for file in float wide short end; do
    [ "$(chosen log $file.wav)" != flac ] || { cat log; return 1; }
  done
  ends 0 "$VXUNZIP" -q -d out a.zip
  for file in *.wav; do cmp $file out/$file; done
}

@test "a WAV file that is cut off within its samples is packed with FLAC as it is" {
  sound whole.wav 2 16 3000
  head -c 9999 whole.wav >cut.wav
  "$VXZIP" a.zip cut.wav >log
  [ "$(chosen log cut.wav)" = flac ]
  ends 0 "$VXUNZIP" -q -d out a.zip
  cmp cut.wav out/cut.wav
}

# So much more that every codec's decoder is worth its size: make_much FILE
make_much() {
  python3 -c 'print("as much as is wanted\n" * 110000)' >"$1"
}

@test "by itself it takes brotli for small texts, zstd or xz for programs, FLAC for sound, and stores noise" {
  cp "$BUILD/bin/vxrun" program
  make_much much
  sound a.wav 2 16 20000
  head -c 200000 /dev/urandom >noise
  "$VXZIP" a.zip program a.wav noise tree/deep/b.txt much >log
  [ "$(chosen log program)" = zstd ]
  [ "$(chosen log a.wav)" = flac ]
  [ "$(chosen log noise)" = stored ]
  [ "$(chosen log tree/deep/b.txt)" = brotli ]
  "$VXZIP" -7 c.zip program tree/deep/b.txt much >log
  [ "$(chosen log program)" = xz ]
  "$VXZIP" -1 b.zip program tree/deep/b.txt much >log
  [ "$(chosen log program)" = zstd ]
  [ "$(chosen log tree/deep/b.txt)" = zstd ]
}

@test "little input is packed with deflate, whose decoder is small" {
  "$VXZIP" a.zip tree/deep/b.txt >log
  [ "$(chosen log tree/deep/b.txt)" = deflate ]
  [ "$(own_members a.zip)" = $'.vxa/deflate.elf\n.vxa/README.txt' ]
}

@test "-9 is not larger than any single method at -9" {
  cp "$BUILD/bin/vxrun" tree/program
  make_much much
  "$VXZIP" -qr -9 auto.zip tree much
  for file in tree/program tree/a.txt tree/deep/b.txt tree/deep/c.log; do
    local best
    best=$(attribute auto.zip $file compress_size)
    for method in deflate zstd xz bzip2 brotli; do
      "$VXZIP" -q -9 --method=$method $method.zip $file
      local other
      other=$(attribute $method.zip $file compress_size)
      [ "$best" -le "$other" ] || { echo "$file: $best, but $method $other"; return 1; }
    done
  done
}

@test "a codec whose decoder does not give the file back gives way to the next, told with -v" {
  mkdir dir
  liar dir/brotli.elf 5
  make_much much
  "$VXZIP" --decoder-dir dir a.zip tree/a.txt much >log 2>&1
  ! grep brotli log
  [ "$(chosen log tree/a.txt)" = zstd ]
  "$VXZIP" -v --decoder-dir dir b.zip tree/a.txt much >log 2>&1
  grep -q 'tree/a.txt: not packed with brotli: the decoder does not give the file back' log
  for name in xz zstd deflate bzip2; do liar dir/$name.elf 5; done
  "$VXZIP" --decoder-dir dir c.zip tree/a.txt much >log 2>&1
  [ "$(chosen log tree/a.txt)" = stored ]
  [ -z "$(own_members c.zip)" ]
  cmp tree/a.txt <(unzip -p c.zip tree/a.txt)
}

@test "the archive tells what its decoders are made of, and under which terms" {
  "$VXZIP" -qr --method=xz a.zip tree
  ends 0 unzip -p a.zip .vxa/decoders.txt
  says "decoder: .vxa/xz-" "sha256: $(sha256sum "$BUILD/decoders/xz.elf" | cut -d ' ' -f 1)" \
    "size: $(stat -c %s "$BUILD/decoders/xz.elf")" "package: xz " "licence: " "source: xz" \
    "source-sha256: " "compiler: " "licence-text: .vxa/xz-"
  cmp <(unzip -p a.zip '.vxa/xz-*.licence') "$BUILD/decoders/xz.licence"
  ends 0 "$VXUNZIP" --decoders a.zip
  says "SHA-256   $(sha256sum "$BUILD/decoders/xz.elf" | cut -d ' ' -f 1)" "licence" \
    "source-sha256 " "compiler " "used by   3 members"
  ends 0 "$VXUNZIP" -t a.zip
  ends 0 "$VXUNZIP" -q -d out a.zip
  absent out/.vxa
}

@test "an update keeps what was said of old decoders, and adds what is new" {
  mkdir dir
  cp "$BUILD/decoders/zstd.elf" dir/
  printf more >>dir/zstd.elf
  echo "package: of old" >dir/zstd.provenance
  echo "old terms" >dir/zstd.licence
  "$VXZIP" -q --method=zstd --decoder-dir dir a.zip tree/a.txt
  rm -r dir
  "$VXZIP" -q --method=zstd a.zip tree/deep/b.txt
  "$VXZIP" -q --method=xz a.zip tree/deep/c.log
  [ "$(unzip -p a.zip .vxa/decoders.txt | grep -c '^decoder: ')" -eq 3 ]
  [ "$(unzip -p a.zip .vxa/decoders.txt | grep -c '^package: of old$')" -eq 1 ]
  [ "$(unzip -Z1 a.zip | grep -c 'licence$')" -eq 3 ]
  unzip -p a.zip '.vxa/zstd-*.licence' | grep -q '^old terms$'
  ends 0 "$VXUNZIP" --decoders a.zip
  says "package   of old"
}

@test "a decoder without such texts is attached without them" {
  mkdir dir
  cp "$BUILD/decoders/zstd.elf" dir/
  printf more >>dir/zstd.elf
  "$VXZIP" -q --method=zstd --decoder-dir dir a.zip tree/a.txt
  [ "$(unzip -Z1 a.zip | grep -c 'licence$')" -eq 0 ]
  ends 0 "$VXUNZIP" --decoders a.zip
  silent_about compiler
}

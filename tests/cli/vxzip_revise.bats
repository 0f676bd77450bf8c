# SPDX-License-Identifier: MIT
# Knows how an archive is brought up to date (-u, -f), shortened (-d), and given decoders (--attach).

load ../support/helper
load vxzip_support
need zip cjpeg gzip
bats_require_minimum_version 1.5.0

setup() {
  cd "$BATS_TEST_TMPDIR"
  sample tree
}

# A member's compressed bytes, as a hash: raw ARCHIVE NAME
raw() {
  python3 - "$1" "$2" <<'PY'
import hashlib, struct, sys, zipfile
info = zipfile.ZipFile(sys.argv[1]).getinfo(sys.argv[2])
file = open(sys.argv[1], "rb")
file.seek(info.header_offset)
header = file.read(30)
file.seek(sum(struct.unpack_from("<HH", header, 26)), 1)
print(hashlib.sha256(file.read(info.compress_size)).hexdigest(), info.compress_type, info.CRC)
PY
}

@test "-u replaces only what is newer, and adds what is new" {
  touch -d '2020-01-01 00:00:00' tree/a.txt tree/noise
  "$VXZIP" -q a.zip tree/a.txt tree/noise
  echo older >tree/a.txt
  touch -d '2019-12-31 23:59:59' tree/a.txt
  echo newer >tree/noise
  touch -d '2020-01-01 00:00:01' tree/noise
  ends 0 "$VXZIP" -u a.zip tree/a.txt tree/noise tree/deep/b.txt
  [[ $output == "updating: tree/noise (stored 0%)"*"  adding: tree/deep/b.txt ("*"2 members" ]]
  silent_about tree/a.txt
  [ "$(members a.zip)" = $'tree/a.txt\ntree/noise\ntree/deep/b.txt' ]
  [ "$("$VXUNZIP" -p a.zip tree/noise)" = newer ]
  [ "$("$VXUNZIP" -p a.zip tree/a.txt | head -1)" != older ]
  ends 12 "$VXZIP" -u a.zip tree/a.txt tree/noise
  says "no file is newer"
}

@test "-u makes an archive that does not exist" {
  ends 0 "$VXZIP" -uq a.zip tree/a.txt
  [ "$(members a.zip)" = tree/a.txt ]
}

@test "-f replaces what is newer and adds nothing, named or not" {
  touch -d '2020-01-01' tree/a.txt tree/noise
  "$VXZIP" -q a.zip tree/a.txt tree/noise
  echo new >tree/a.txt
  echo new >tree/noise
  ends 0 "$VXZIP" -fq a.zip tree/a.txt tree/deep/b.txt
  [ "$(members a.zip)" = $'tree/a.txt\ntree/noise' ]
  [ "$("$VXUNZIP" -p a.zip tree/a.txt)" = new ]
  [ "$("$VXUNZIP" -p a.zip tree/noise | wc -c)" -eq 4000 ]
  ends 0 "$VXZIP" -f a.zip
  says "updating: tree/noise"
  silent_about tree/a.txt
  [ "$("$VXUNZIP" -p a.zip tree/noise)" = new ]
  ends 12 "$VXZIP" -f a.zip
  ends 12 "$VXZIP" -f nosuch.zip tree/a.txt
  absent nosuch.zip
}

@test "-u knows a member without an exact time by its DOS time, to two seconds" {
  touch -d '2020-01-01 00:00:01' tree/a.txt
  zip -qX a.zip tree/a.txt
  ends 12 "$VXZIP" -u a.zip tree/a.txt
  touch -d '2020-01-01 00:00:04' tree/a.txt
  ends 0 "$VXZIP" -u a.zip tree/a.txt
}

@test "-d deletes by patterns; the others keep their bytes, and decoders that nobody needs go" {
  "$VXZIP" -q -m zstd a.zip tree/a.txt tree/noise
  "$VXZIP" -q --portable a.zip tree/deep/b.txt
  local text
  text=$(raw a.zip tree/a.txt)
  ends 0 "$VXZIP" -d a.zip 'tree/deep/*' tree/noise nosuch
  says "deleting: tree/noise" "deleting: tree/deep/b.txt" "nosuch: no member matches"
  [ "$(members a.zip)" = tree/a.txt ]
  [ "$(raw a.zip tree/a.txt)" = "$text" ]
  [ "$(own_members a.zip)" = $'.vxa/zstd.elf\n.vxa/README.txt' ]
  ends 12 "$VXZIP" -d a.zip nosuch
  ends 12 "$VXZIP" -d nosuch.zip tree/a.txt
  ends 0 "$VXZIP" -d a.zip '*'
  [ -z "$(members a.zip)$(own_members a.zip)" ]
}

@test "--attach gives an ordinary archive its decoders, and leaves the data as it is" {
  python3 -c 'print("P6 40 30 255"); print("abc" * 1200)' | head -c 3613 | cjpeg >tree/photo.jpg
  gzip -k tree/a.txt
  zip -qr -n .jpg:.gz a.zip tree
  zip -qr -Z bzip2 a.zip tree/deep
  cp a.zip before.zip
  ends 0 "$VXZIP" --attach a.zip
  says "attached: tree/a.txt (deflate decoder)" "attached: tree/deep/b.txt (bzip2 decoder)" \
    "attached: tree/photo.jpg (jpeg decoder)" "attached: tree/a.txt.gz (deflate decoder)"
  silent_about tree/noise tree/empty
  [ "$(own_members a.zip)" = $'.vxa/deflate.elf\n.vxa/jpeg.elf\n.vxa/bzip2.elf\n.vxa/README.txt' ] ||
    { own_members a.zip; false; }
  local name
  for name in tree/a.txt tree/deep/b.txt tree/photo.jpg tree/noise; do
    [ "$(raw a.zip $name)" = "$(raw before.zip $name)" ]
  done
  unzip -tqq a.zip
  # Nothing but what the archive carries decodes it, and both forms are right.
  mkdir -p elsewhere/bin
  cp "$VXUNZIP" elsewhere/bin/
  elsewhere/bin/vxunzip -tq a.zip
  elsewhere/bin/vxunzip -q --decode -d out a.zip
  cmp out/tree/a.txt tree/a.txt
  ends 12 "$VXZIP" --attach a.zip
  says "no member needs a decoder"
}

@test "--attach keeps a member whose decoder does not give what its headers say, and tells" {
  zip -q a.zip tree/a.txt tree/deep/b.txt
  python3 - <<'PY'
data = bytearray(open("a.zip", "rb").read())
for at in (data.find(b"PK\3\4") + 14, data.find(b"PK\1\2") + 16):
    data[at] ^= 1  # the CRC-32 of the first member
open("a.zip", "wb").write(data)
PY
  ends 0 "$VXZIP" --attach a.zip
  says "tree/a.txt" "CRC" "attached: tree/deep/b.txt"
  ends 12 "$VXZIP" --attach a.zip
}

@test "--attach changes nothing where there is nothing to attach" {
  zip -q0 a.zip tree/noise
  cp a.zip before.zip
  ends 12 "$VXZIP" --attach a.zip
  cmp a.zip before.zip
  ends 12 "$VXZIP" --attach nosuch.zip
}

@test "a folder without -r gets a hint, and is packed alone" {
  run --separate-stderr "$VXZIP" a.zip tree
  [ "$status" -eq 0 ]
  [[ $stderr == *"tree: only the folder itself is packed; -r takes what is in it"* ]]
  [ "$(members a.zip)" = tree/ ]
  run --separate-stderr "$VXZIP" -q b.zip tree
  [ -z "$stderr" ]
  run --separate-stderr bash -c 'find tree | "$VXZIP" -@ c.zip'
  [ -z "$stderr" ]
}

# SPDX-License-Identifier: MIT
# Knows what happens to an archive that exists: members are added, replaced or kept untouched.

load ../support/helper
load vxzip_support

setup() {
  cd "$BATS_TEST_TMPDIR"
  sample tree
}

# A member's raw bytes with both headers' extra fields, as one hash.
fingerprint() {
  python3 - "$1" "$2" <<'PY'
import hashlib, struct, sys, zipfile
info = zipfile.ZipFile(sys.argv[1]).getinfo(sys.argv[2])
data = open(sys.argv[1], "rb").read()
at = info.header_offset
name, extra = struct.unpack_from("<HH", data, at + 26)
local = data[at + 30 + name:at + 30 + name + extra]
start = at + 30 + name + extra
fields = (local, info.extra, data[start:start + info.compress_size], info.comment, info.CRC,
          info.file_size, info.external_attr, info.date_time, info.create_system,
          info.create_version, info.extract_version, info.compress_type, info.flag_bits & ~8)
print(hashlib.sha256(repr(fields).encode()).hexdigest())
PY
}

@test "new files are added behind the old members, which stay as they are" {
  "$VXZIP" -m zstd -q a.zip tree/a.txt tree/noise
  local text noise
  text=$(fingerprint a.zip tree/a.txt)
  noise=$(fingerprint a.zip tree/noise)
  "$VXZIP" -m zstd -q a.zip tree/deep/b.txt
  [ "$(members a.zip)" = $'tree/a.txt\ntree/noise\ntree/deep/b.txt' ]
  [ "$(fingerprint a.zip tree/a.txt)" = "$text" ]
  [ "$(fingerprint a.zip tree/noise)" = "$noise" ]
  [ "$(own_members a.zip)" = $'.vxa/zstd.elf\n.vxa/README.txt' ]
  unpack a.zip out
  cmp tree/deep/b.txt out/tree/deep/b.txt
}

@test "a member that is named again is replaced at its place" {
  "$VXZIP" -m zstd -q a.zip tree/a.txt tree/noise tree/deep/b.txt
  echo changed >tree/noise
  run "$VXZIP" -m zstd a.zip tree/noise
  [[ $output == *"updating: tree/noise (stored 0%)"* ]]
  [ "$(members a.zip)" = $'tree/a.txt\ntree/noise\ntree/deep/b.txt' ]
  [ "$(unzip -p a.zip tree/noise)" = changed ]
}

@test "members of several methods keep a decoder each" {
  "$VXZIP" -m zstd -q a.zip tree/a.txt
  "$VXZIP" -q --portable a.zip tree/deep/b.txt
  [ "$(own_members a.zip)" = $'.vxa/zstd.elf\n.vxa/deflate.elf\n.vxa/README.txt' ]
  [ "$(unzip -Z1 a.zip | grep -vE "^\.vxa/.*(licence|txt)$" | sed "s/-[0-9a-f]*//")" = \
    $'.vxa/zstd.elf\n.vxa/deflate.elf\ntree/a.txt\ntree/deep/b.txt' ]
  unpack a.zip out
  cmp tree/a.txt out/tree/a.txt
  cmp tree/deep/b.txt out/tree/deep/b.txt
}

@test "all decoders stand first, also those of members behind the replaced one" {
  "$VXZIP" -m zstd -q a.zip tree/a.txt tree/deep/b.txt
  "$VXZIP" -q --portable a.zip tree/a.txt
  [ "$(own_members a.zip)" = $'.vxa/zstd.elf\n.vxa/deflate.elf\n.vxa/README.txt' ]
  [ "$(unzip -Z1 a.zip | grep -vE "^\.vxa/.*(licence|txt)$" | sed "s/-[0-9a-f]*//")" = \
    $'.vxa/zstd.elf\n.vxa/deflate.elf\ntree/a.txt\ntree/deep/b.txt' ]
  unpack a.zip out
  cmp tree/deep/b.txt out/tree/deep/b.txt
}

@test "a decoder that is kept is copied as it is, whoever compressed it" {
  "$VXZIP" -m zstd -q a.zip tree/a.txt
  python3 - a.zip b.zip <<'PY'
import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as old, zipfile.ZipFile(sys.argv[2], "w") as new:
    info = old.infolist()[0]
    new.writestr(info, old.read(info), 8, 1)
PY
  local decoder before
  decoder=$(unzip -Z1 b.zip)
  before=$(fingerprint b.zip "$decoder")
  [ "$(fingerprint a.zip "$decoder")" != "$before" ]
  "$VXZIP" -m zstd -q b.zip tree/a.txt
  [ "$(own_members b.zip | grep -c elf)" -eq 1 ]
  [ "$(fingerprint b.zip "$decoder")" = "$before" ]
}

@test "a decoder that nothing refers to any more is dropped" {
  "$VXZIP" -m zstd -q a.zip tree/a.txt tree/noise
  "$VXZIP" -q --portable a.zip tree/a.txt
  [ "$(own_members a.zip)" = $'.vxa/deflate.elf\n.vxa/README.txt' ]
  "$VXZIP" -q -0 a.zip tree/a.txt
  [ -z "$(own_members a.zip)" ]
  unpack a.zip out
  cmp tree/a.txt out/tree/a.txt
}

@test "an old decoder stays with the members that it was packed with" {
  mkdir dir
  cp "$VXA_BUILD/decoders/zstd.elf" dir/
  printf 'older' >>dir/zstd.elf
  "$VXZIP" -m zstd -q --decoder-dir dir a.zip tree/a.txt
  local old
  old=$(fingerprint a.zip "$(unzip -Z1 a.zip | head -1)")
  "$VXZIP" -m zstd -q a.zip tree/deep/b.txt
  [ "$(own_members a.zip)" = $'.vxa/zstd.elf\n.vxa/zstd.elf\n.vxa/README.txt' ]
  [ "$(fingerprint a.zip "$(unzip -Z1 a.zip | head -1)")" = "$old" ]
  unpack a.zip out
  cmp tree/a.txt out/tree/a.txt
}

@test "a decoder that was deleted from the archive comes back when it is installed" {
  "$VXZIP" -m zstd -q a.zip tree/a.txt
  zip -qd a.zip '.vxa/*'
  [ -z "$(own_members a.zip)" ]
  "$VXZIP" -m zstd -qT a.zip tree/noise
  [ "$(own_members a.zip)" = $'.vxa/zstd.elf\n.vxa/README.txt' ]
  unpack a.zip out
  cmp tree/a.txt out/tree/a.txt
}

@test "a decoder that is lost altogether is reported, and its member kept" {
  mkdir dir
  cp "$VXA_BUILD/decoders/zstd.elf" dir/
  printf 'older' >>dir/zstd.elf
  "$VXZIP" -m zstd -q --decoder-dir dir a.zip tree/a.txt
  local before
  before=$(fingerprint a.zip tree/a.txt)
  zip -qd a.zip '.vxa/*'
  run "$VXZIP" -m zstd -T a.zip tree/noise
  echo "$output"
  [ "$status" -eq 0 ]
  [[ $output == *"a.zip: tree/a.txt: not tested"*"1 in all"* ]]
  [ "$(fingerprint a.zip tree/a.txt)" = "$before" ]
}

@test "an archive of Info-ZIP is taken over with its extra fields, comments and modes" {
  chmod 640 tree/a.txt
  ln -s a.txt tree/link
  (cd tree && zip -qry ../a.zip . && printf 'the comment\n.\n' | zip -qz ../a.zip)
  local before after
  before=$(for name in $(members a.zip); do fingerprint a.zip "$name"; done)
  echo new >new
  "$VXZIP" -m zstd -q a.zip new
  after=$(for name in $(members a.zip | grep -v '^new$'); do fingerprint a.zip "$name"; done)
  [ "$before" = "$after" ]
  [ "$(unzip -z a.zip | tail -1)" = "the comment" ]
  unzip -tq a.zip
}

@test "members with data descriptors and zip64 fields are taken over" {
  python3 - a.zip <<'PY'
import sys, zipfile
class Pipe:
    def __init__(self, file): self.file = file
    def write(self, data): return self.file.write(data)
    def flush(self): self.file.flush()
with open(sys.argv[1], "wb") as file, zipfile.ZipFile(Pipe(file), "w", 8) as archive:
    with archive.open("piped", "w", force_zip64=True) as member:
        member.write(b"through a pipe " * 100)
    archive.getinfo("piped").comment = b"why"
PY
  echo new >new
  "$VXZIP" -m zstd -q a.zip new
  [ $(($(attribute a.zip piped flag_bits) & 8)) -eq 0 ]
  [ "$(attribute a.zip piped comment)" = "b'why'" ]
  # The sizes are known and small now: no zip64 field is left in the local header.
  python3 -c 'import sys; assert open("a.zip", "rb").read()[28:30] == bytes(2)'
  unzip -tq a.zip
  7z t a.zip >log || { cat log; return 1; }
  [ "$(unzip -p a.zip piped | wc -c)" -eq 1500 ]
}

@test "a member of an odd name is replaced, not doubled" {
  echo one >$'odd\xff'
  "$VXZIP" -m zstd -q a.zip $'odd\xff'
  echo two >$'odd\xff'
  "$VXZIP" -m zstd -q a.zip $'odd\xff'
  [ "$(unzip -Z1 a.zip | wc -l)" -eq 1 ]
  [ "$(unzip -p a.zip)" = two ]
}

@test "a name that the archive has twice is there once when it is replaced" {
  python3 -W ignore - a.zip <<'PY'
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w") as archive:
    for text in "one", "two":
        archive.writestr("twice", text)
PY
  echo three >twice
  "$VXZIP" -m zstd -q a.zip twice
  [ "$(members a.zip)" = twice ]
  [ "$(unzip -p a.zip)" = three ]
}

@test "a member stays when the file of its name may not be read" {
  "$VXZIP" -m zstd -q a.zip tree/a.txt tree/noise
  local before
  before=$(fingerprint a.zip tree/a.txt)
  echo changed >tree/a.txt
  chmod 0 tree/a.txt
  chmod 777 .
  few_rights vxzip
  run "${FEW_RIGHTS[@]}" a.zip tree/a.txt tree/deep/c.log
  [ "$status" -eq 18 ]
  [[ $output == *tree/a.txt*"Permission denied"* ]]
  [ "$(members a.zip)" = $'tree/a.txt\ntree/noise\ntree/deep/c.log' ]
  [ "$(fingerprint a.zip tree/a.txt)" = "$before" ]
}

@test "a member stays when the file of its name is gone" {
  "$VXZIP" -m zstd -q a.zip tree/a.txt tree/deep/b.txt
  local before
  before=$(sha256sum a.zip)
  rm tree/a.txt
  run "$VXZIP" -m zstd a.zip tree/a.txt
  [ "$status" -eq 18 ]
  [ "$(sha256sum a.zip)" = "$before" ]
  run "$VXZIP" -m zstd a.zip tree/a.txt tree/noise
  [ "$status" -eq 18 ]
  [ "$(members a.zip)" = $'tree/a.txt\ntree/deep/b.txt\ntree/noise' ]
}

@test "an archive keeps its permissions, and a link to it stays a link" {
  "$VXZIP" -m zstd -q a.zip tree/noise
  chmod 604 a.zip
  ln -s a.zip link.zip
  "$VXZIP" -m zstd -q link.zip tree/a.txt
  [ "$(stat -c %a a.zip)" = 604 ]
  [ -L link.zip ]
  [ "$(members a.zip)" = $'tree/noise\ntree/a.txt' ]
}

@test "what is no archive, or damaged, or has a stub in front is not touched: status 3" {
  echo "no archive" >text.zip
  : >empty.zip
  "$VXZIP" -m zstd -q good.zip tree/a.txt tree/noise
  head -c -10 good.zip >short.zip
  (echo stub && cat good.zip) >stub.zip
  (cat good.zip && echo more) >more.zip
  for name in text empty short stub more; do
    sha256sum $name.zip >before
    run "$VXZIP" -m zstd $name.zip tree/deep/b.txt
    echo "$name: $status: $output"
    [ "$status" -eq 3 ]
    [[ $output == *$name.zip* ]]
    sha256sum --status -c before
  done
  no_leftovers
}

@test "a member whose header is damaged cannot be kept: status 3, nothing touched" {
  "$VXZIP" -m zstd -q a.zip tree/noise tree/a.txt
  python3 - a.zip <<'PY'
import sys, zipfile
at = zipfile.ZipFile(sys.argv[1]).getinfo("tree/a.txt").header_offset
with open(sys.argv[1], "r+b") as file:
    file.seek(at + 8)
    file.write(b"\x00\x00")
PY
  sha256sum a.zip >before
  run "$VXZIP" -m zstd a.zip tree/deep/b.txt
  [ "$status" -eq 3 ]
  [[ $output == *tree/a.txt* ]]
  sha256sum --status -c before
  no_leftovers
}

@test "-T finds damaged data of a member that was kept: status 8, nothing touched" {
  "$VXZIP" -q -0 a.zip tree/noise
  python3 - a.zip <<'PY'
import sys
with open(sys.argv[1], "r+b") as file:
    file.seek(100)
    byte = file.read(1)[0]
    file.seek(100)
    file.write(bytes([byte ^ 1]))
PY
  sha256sum a.zip >before
  run "$VXZIP" -m zstd -T a.zip tree/a.txt
  [ "$status" -eq 8 ]
  [[ $output == *tree/noise* ]]
  sha256sum --status -c before
  no_leftovers
}

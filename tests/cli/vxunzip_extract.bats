# SPDX-License-Identifier: MIT
# Knows what extraction makes of members: contents, names, modes, times, links, folders.

load ../support/helper

setup() {
  cd "$BATS_TEST_TMPDIR"
}

tree() {
  mkdir -p tree/deep/empty
  head -c 100000 /dev/zero | tr '\0' 'x' >tree/deep/long
  printf 'hello\n' >tree/a.txt
  : >tree/nothing
  ln -s a.txt tree/link
  ln -s /nowhere/at/all tree/absolute
  chmod 750 tree/a.txt
  chmod 700 tree/deep
  touch -d '2001-02-03 04:05:06 UTC' tree/a.txt tree/deep
}

@test "an archive of zip comes out whole, deflated or stored" {
  tree
  for level in 0 9; do
    zip -qry -$level a$level.zip tree
    ends 0 "$VXUNZIP" -d out$level a$level
    diff -r --no-dereference tree out$level/tree
  done
}

@test "an archive of Python's zipfile comes out whole, streamed ones too" {
  tree
  python3 - <<'PY'
import sys, zipfile
class Pipe:
    def __init__(self, file): self.file = file
    def write(self, data): return self.file.write(data)
    def flush(self): self.file.flush()
with zipfile.ZipFile(Pipe(open("a.zip", "wb")), "w", zipfile.ZIP_DEFLATED) as archive:
    archive.write("tree/deep/long")
    archive.writestr("data", b"some data\n" * 1000)
PY
  ends 0 "$VXUNZIP" -q -d out a.zip
  cmp tree/deep/long out/tree/deep/long
  [ "$(wc -l <out/data)" -eq 1000 ]
}

@test "an archive of vxzip comes out whole without its own members" {
  tree
  "$VXZIP" -m zstd -qry a.zip tree
  ends 0 "$VXUNZIP" -q -d out a.zip
  diff -r --no-dereference tree out/tree
  [ "$(ls -A out)" = tree ]
}

@test "a pattern takes the archive's own members, too" {
  tree
  "$VXZIP" -m zstd -qr a.zip tree/deep/long
  ends 0 "$VXUNZIP" -q -d out a.zip '.vxa/*'
  [ -s out/.vxa/README.txt ]
  cmp out/.vxa/zstd-*.elf "$BUILD/decoders/zstd.elf"
  absent out/tree
}

@test "a file .vxa/README.txt of an archive without decoders is a file like any other" {
  forge a.zip 'member(".vxa/README.txt", b"mine")'
  ends 0 "$VXUNZIP" -q a.zip
  [ "$(cat .vxa/README.txt)" = mine ]
}

@test "modes and times are those of the members, set when all is written" {
  tree
  chmod 555 tree/deep/empty
  zip -qry a.zip tree
  ends 0 "$VXUNZIP" -q -d out a.zip
  [ "$(stat -c %a out/tree/a.txt)" = 750 ]
  [ "$(stat -c %a out/tree/deep)" = 700 ]
  [ "$(stat -c %a out/tree/deep/empty)" = 555 ]
  [ "$(stat -c %Y out/tree/a.txt)" -eq 981173106 ]
  [ "$(stat -c %Y out/tree/deep)" -eq 981173106 ]
}

@test "a folder that forbids writing, in front of its files, does not hinder them" {
  chmod 777 .
  forge a.zip 'member("d/", mode=0o40400)' 'member("d/e/", mode=0o40111)' \
    'member("d/e/f", b"1")' 'member("d/g", b"2")'
  few_rights vxunzip
  ends 0 "${FEW_RIGHTS[@]}" -q -d out a.zip
  [ "$(stat -c %a out/d)" = 400 ]
  chmod 755 out/d
  [ "$(stat -c %a out/d/e)" = 111 ]
  [ "$(cat out/d/e/f out/d/g)" = 12 ]
}

@test "an existing folder keeps its mode, unless -o is given" {
  forge a.zip 'member("d/", mode=0o40700)' 'member("d/f", b"1")'
  mkdir -m 755 d
  ends 0 "$VXUNZIP" -q a.zip
  [ "$(stat -c %a d)" = 755 ]
  ends 0 "$VXUNZIP" -qo a.zip
  [ "$(stat -c %a d)" = 700 ]
}

@test "a member without a Unix mode gets a usual one" {
  forge a.zip 'member("f", b"1", host=0, mode=0x20)' 'member("d/", host=0, mode=0x10)'
  ends 0 "$VXUNZIP" -q a.zip
  [ "$(stat -c %a f)" = 644 ]
  [ "$(stat -c %a d)" = 755 ]
}

@test "setuid, setgid and sticky bits are not restored" {
  forge a.zip 'member("f", b"1", mode=0o106755)' 'member("d/", mode=0o43777)'
  ends 0 "$VXUNZIP" -q a.zip
  [ "$(stat -c %a f)" = 755 ]
  [ "$(stat -c %a d)" = 777 ]
}

@test "devices, pipes and sockets are refused, and the others are done" {
  forge a.zip 'member("pipe", mode=0o010644)' 'member("device", mode=0o020644)' \
    'member("f", b"1")'
  ends 81 "$VXUNZIP" a.zip
  says "pipe: devices, pipes and sockets are not made"
  absent pipe device
  [ "$(cat f)" = 1 ]
}

@test "patterns choose members, and * matches a slash" {
  tree
  zip -qry a.zip tree
  ends 0 "$VXUNZIP" -q -d out a.zip '*long' 'tree/a.*'
  [ "$(cd out && find . -type f | sort | tr '\n' ' ')" = "./tree/a.txt ./tree/deep/long " ]
}

@test "-x leaves out, up to the next option or @" {
  tree
  zip -qry a.zip tree
  ends 0 "$VXUNZIP" -q a.zip -x '*long' '*link' '*absolute' -d one
  ends 0 "$VXUNZIP" -q -d two -x '*long' '*link' '*absolute' @ a.zip
  for name in one two; do
    [ "$(cd $name && find . ! -type d | sort | tr '\n' ' ')" = "./tree/a.txt ./tree/nothing " ]
  done
}

@test "a pattern without a member is status 11, and the others are done" {
  forge a.zip 'member("f", b"1")' 'member("g", b"2")'
  ends 11 "$VXUNZIP" a.zip f none
  says "none: no member matches"
  [ -f f ]
  absent g
}

@test "-j puts files side by side" {
  forge a.zip 'member("d/")' 'member("d/e/f", b"1")' 'member("g", b"2")'
  ends 0 "$VXUNZIP" -qj -d out a.zip
  [ "$(ls out | tr '\n' ' ')" = "f g " ]
}

@test "-d makes its folder and those above, and follows the user's own links" {
  forge a.zip 'member("f", b"1")'
  ends 0 "$VXUNZIP" -q a.zip -d one/two
  [ -f one/two/f ]
  mkdir real
  ln -s real way
  ends 0 "$VXUNZIP" -q a.zip -dway
  [ -f real/f ]
}

@test "-q is silent, and without it each member has a line" {
  forge a.zip 'member("d/")' 'member("d/f", b"1")' 'member("g", b"2" * 100, method=8)' \
    'member("l", b"g", mode=0o120777)'
  ends 0 "$VXUNZIP" -d one a.zip
  [[ $output == $'    creating: d/\n  extracting: d/f\n    decoding: g\n     linking: l\n4 members: '* ]]
  ends 0 "$VXUNZIP" -o -d one a.zip
  silent_about "creating"
  ends 0 "$VXUNZIP" -q -d two a.zip
  [ -z "$output" ]
}

@test ".zip is added to the archive's name only if there is no such file" {
  forge a.zip 'member("one")'
  forge a 'member("two")'
  ends 0 "$VXUNZIP" -q a -d out
  [ "$(ls out)" = two ]
  rm a
  ends 0 "$VXUNZIP" -q a -d out
  [ -e out/one ]
}

@test "names that are no UTF-8 come out with their bytes, and long names come out" {
  local long
  long=$(printf 'n%.0s' $(seq 255))
  forge a.zip "member('$long', b'1')" 'member(("d" * 200 + "/") * 15 + "f", b"2")' \
    'member(b"\xff\xfe", b"3", flags=0x800)'
  ends 0 "$VXUNZIP" -q -d out a.zip
  [ "$(cat out/"$long")" = 1 ]
  [ "$(find out -name f -exec cat {} +)" = 2 ]
  [ "$(cat out/$'\xff\xfe')" = 3 ]
}

@test "a name that is too long for the file system is refused, and the others are done" {
  forge a.zip 'member("n" * 256, b"1")' 'member("n" * 256 + "/f", b"1")' 'member("f", b"2")'
  ends 2 "$VXUNZIP" -q a.zip
  says "longer than 255 bytes"
  [ "$(cat f)" = 2 ]
}

@test "control characters in names are escaped in lines and messages" {
  forge a.zip 'member("a\x1b[31mb\nc", b"1")' 'member("bad\x07", b"2", crc=1)'
  ends 2 "$VXUNZIP" -d out a.zip
  says 'a\033[31mb\nc' 'bad\a: bad CRC-32'
  [ -f out/$'a\e[31mb\nc' ]
}

@test "an archive with bytes after its end is extracted with a warning: status 1" {
  forge a.zip 'member("f", b"1")'
  echo more >>a.zip
  ends 1 "$VXUNZIP" -q a.zip
  says "5 bytes after"
  [ -f f ]
}

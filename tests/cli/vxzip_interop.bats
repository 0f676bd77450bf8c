# SPDX-License-Identifier: MIT
# Knows that other ZIP programs read these archives, and that members still decode after they have changed them.

load ../support/helper
load vxzip_support

setup() {
  cd "$BATS_TEST_TMPDIR"
  sample tree
  echo umlaut >tree/$'gr\xc3\xbcn'
  chmod 750 tree/a.txt
  ln -s a.txt tree/link
}

python_test() {
  python3 -c 'import sys, zipfile; assert zipfile.ZipFile(sys.argv[1]).testzip() is None' "$1"
}

@test "unzip, zip, 7z, bsdtar and Python agree that a portable archive is good" {
  "$VXZIP" -qry --portable a.zip tree
  unzip -tq a.zip
  zip -T a.zip
  7z t a.zip
  bsdtar -tf a.zip
  bsdtar -tf - <a.zip
  python_test a.zip
}

@test "each of them extracts a portable archive to the files that went in" {
  "$VXZIP" -qry --portable a.zip tree
  mkdir unzip 7z bsdtar python
  unzip -q a.zip -d unzip
  7z x -o7z a.zip >log || { cat log; return 1; }
  bsdtar -xpf a.zip -C bsdtar
  python3 -c 'import zipfile; zipfile.ZipFile("a.zip").extractall("python")'
  for tool in unzip 7z bsdtar; do
    diff -r --no-dereference tree $tool/tree
    [ "$(stat -c %a $tool/tree/a.txt)" = 750 ]
    [ "$(stat -c %Y $tool/tree/a.txt)" = "$(stat -c %Y tree/a.txt)" ]
    [ "$(readlink $tool/tree/link)" = a.txt ]
  done
  cmp tree/deep/b.txt python/tree/deep/b.txt
}

@test "7z and bsdtar extract zstd members, too" {
  "$VXZIP" -m zstd -qry a.zip tree
  mkdir 7z bsdtar
  7z x -o7z a.zip >log || { cat log; return 1; }
  bsdtar -xpf a.zip -C bsdtar
  diff -r --no-dereference tree 7z/tree
  diff -r --no-dereference tree bsdtar/tree
}

@test "unzip skips zstd members, says so, and extracts the rest" {
  "$VXZIP" -m zstd -qr a.zip tree
  run unzip a.zip -d out
  [ "$status" -eq 81 ]
  [[ $output == *"skipping: tree/a.txt"* ]]
  cmp tree/noise out/tree/noise
  [ -s out/.vxa/README.txt ]
}

@test "the steps of .vxa/README.txt decode a member without any program of ours" {
  "$VXZIP" -m zstd -q a.zip tree/a.txt
  unzip -q a.zip '.vxa/*'
  chmod +x .vxa/zstd-*.elf
  python3 - <<'PY'
import struct, zipfile
info = zipfile.ZipFile("a.zip").getinfo("tree/a.txt")
data = open("a.zip", "rb").read()
start = info.header_offset + 30 + sum(struct.unpack_from("<HH", data, info.header_offset + 26))
open("raw-bytes", "wb").write(data[start:start + info.compress_size])
PY
  .vxa/zstd-*.elf <raw-bytes >file
  cmp file tree/a.txt
  LC_ALL=C grep -q '[^ -~]' .vxa/README.txt && return 1
  grep -q 'qemu-i386' .vxa/README.txt
}

@test "after zip -d, zip -u and 7z d the other members still decode" {
  "$VXZIP" -qr --portable a.zip tree
  "$VXZIP" -m zstd -qr z.zip tree
  cp a.zip b.zip
  cp a.zip c.zip
  zip -qd a.zip tree/noise
  echo more >>tree/deep/c.log
  touch -d '10 seconds' tree/deep/c.log
  zip -qu b.zip tree/deep/c.log
  7z d c.zip tree/noise >log || { cat log; return 1; }
  7z d z.zip tree/noise >log || { cat log; return 1; }
  for name in a b c z; do
    unpack $name.zip out-$name
    cmp tree/deep/b.txt out-$name/tree/deep/b.txt
    [ "$(own_members $name.zip | grep -c elf)" -eq 1 ]
  done
  [ ! -e out-a/tree/noise ] && [ ! -e out-c/tree/noise ] && [ ! -e out-z/tree/noise ]
  cmp tree/deep/c.log out-b/tree/deep/c.log
  zip -qd z.zip tree/a.txt
  unpack z.zip out-zz
  cmp tree/deep/b.txt out-zz/tree/deep/b.txt
}

@test "vxunzip takes these archives out whole" {
  "$VXZIP" -m zstd -qry a.zip tree
  "$VXUNZIP" -q a.zip -d out
  diff -r --no-dereference tree out/tree
}

@test "more than 65,535 members are read by all of them" {
  mkdir many
  python3 - <<'PY'
for i in range(66000):
    open(f"many/{i:05}", "w").close()
PY
  "$VXZIP" -qr0 a.zip many
  [ "$(unzip -Z1 a.zip | wc -l)" -eq 66001 ]
  unzip -tq a.zip
  7z t a.zip >log || { cat log; return 1; }
  [ "$(bsdtar -tf a.zip | wc -l)" -eq 66001 ]
  python_test a.zip
  echo new >new
  "$VXZIP" -m zstd -q a.zip new
  [ "$(unzip -Z1 a.zip | tail -1)" = new ]
}

# SPDX-License-Identifier: MIT
# Knows that archives go on beyond 65,535 members, 4 GiB a member and 4 GiB in all, as other programs see it.

load ../support/helper
need unzip 7z bsdtar python3 zip zstd

setup() {
  cd "$BATS_TEST_TMPDIR" || return 1
  seq 100 >small
}

# Lines "SIZE NAME" of an archive, as each of four programs and ours list it: listed_by PROGRAM ARCHIVE
listed_by() {
  case $1 in
    vxunzip) "$VXUNZIP" -l "$2" | awk '$2 ~ /^[0-9]+-[0-9]+-[0-9]+$/ { print $1, $4 }' ;;
    unzip) unzip -l "$2" | awk '$2 ~ /^[0-9]+-[0-9]+-[0-9]+$/ { print $1, $4 }' ;;
    7z) 7z l -slt "$2" | awk '/^Path = / { path = $3 } /^Size = / { print $3, path }' ;;
    bsdtar) bsdtar -tvf "$2" | awk '{ print $5, $9 }' ;;
    python) python3 -c 'import sys, zipfile
for i in zipfile.ZipFile(sys.argv[1]).infolist(): print(i.file_size, i.filename)' "$2" ;;
  esac
}

# All list the same, which is written to the file "list".
all_agree() {
  local program
  listed_by vxunzip "$1" >list
  for program in unzip 7z bsdtar python; do
    listed_by $program "$1" | cmp list - || { echo "$program lists $1 differently"; return 1; }
  done
}

@test "members of one byte less than 4 GiB, and of 4 GiB, come back" {
  truncate -s 4294967295 f
  truncate -s 4294967296 g
  "$VXZIP" -q -m zstd a.zip f g small
  all_agree a.zip
  grep -qx '4294967295 f' list
  grep -qx '4294967296 g' list
  "$VXUNZIP" -tq --max-ratio=0 a.zip
  "$VXUNZIP" -p --max-ratio=0 a.zip f | cmp - f
  # The member's own stream, with another program.
  python3 - <<'PY' | zstd -dc | cmp - g
import struct, sys, zipfile
info = zipfile.ZipFile("a.zip").getinfo("g")
file = open("a.zip", "rb")
file.seek(info.header_offset)
header = file.read(30)
file.seek(sum(struct.unpack_from("<HH", header, 26)), 1)
sys.stdout.buffer.write(file.read(info.compress_size))
PY
}

@test "members behind 4 GiB are found, also after an update" {
  truncate -s 4294967296 g
  "$VXZIP" -q -0 a.zip g small
  [ "$(stat -c %s a.zip)" -gt 4294967296 ]
  echo more >more
  "$VXZIP" -q -0 a.zip more
  all_agree a.zip
  [ "$(wc -l <list)" -eq 3 ]
  unzip -tq a.zip
  "$VXUNZIP" -p a.zip small | cmp - small
  python3 -c 'import zipfile; assert zipfile.ZipFile("a.zip").read("more") == b"more\n"'
  bsdtar -xOf a.zip small | cmp - small
  7z x -so a.zip small | cmp - small
}

# In front of the second member, or of the directory, stand this many bytes: a header of 40, and the file f.
first_of() {
  truncate -s $(($1 - 40)) f
}

@test "a header and a directory at exactly 4 GiB less one and two bytes are found" {
  local off
  for off in 4294967294 4294967295; do
    rm -f a.zip
    first_of $off
    "$VXZIP" -q -0 --no-verify a.zip f
    python3 -c "import zipfile; assert zipfile.ZipFile('a.zip').start_dir == $off"
    all_agree a.zip
    "$VXZIP" -q -0 a.zip small # what was there is copied
    python3 -c "import zipfile; assert zipfile.ZipFile('a.zip').getinfo('small').header_offset == $off"
    all_agree a.zip
    unzip -p a.zip small | cmp - small
    7z x -so a.zip small | cmp - small
    bsdtar -xOf a.zip small | cmp - small
    "$VXUNZIP" -p a.zip small | cmp - small
  done
}

@test "65,534 to 65,537 members, and what other programs add to them" {
  mkdir many
  (cd many && seq -f 'f%05g' 65537 | xargs touch)
  local count
  for count in 65534 65535 65536 65537; do
    rm -f a.zip
    find many -type f | sort | head -n "$count" | "$VXZIP" -q -@ a.zip
    all_agree a.zip
    [ "$(wc -l <list)" -eq "$count" ]
  done
  "$VXUNZIP" -tq a.zip
  unzip -tqq a.zip
  zip -q a.zip small
  all_agree a.zip
  [ "$(wc -l <list)" -eq 65538 ]
  "$VXUNZIP" -q -d out a.zip
  [ "$(find out -type f | wc -l)" -eq 65538 ]
  cmp small out/small
}

@test "a list of 200,000 members takes at most 300 bytes of memory a member" {
  python3 - <<'PY'
import struct
count, name_form = 200000, "folder%03d/sub%03d/file-%07d.txt"
local, directory = bytearray(), bytearray()
for i in range(count):
    name = (name_form % (i % 1000, i // 1000, i)).encode()
    extra = b"UT\x05\x00\x01" + struct.pack("<I", 1600000000 + i)
    fields = struct.pack("<HHHHHIIIHH", 20, 0, 0, 0, 0x5021, 0, 0, 0, len(name), len(extra))
    directory += b"PK\1\2\x3f\3" + fields + struct.pack("<HHHII", 0, 0, 0, 0o100644 << 16, len(local))
    directory += name + extra
    local += b"PK\3\4" + fields + name + extra
end = len(local) + len(directory)
with open("a.zip", "wb") as out:
    out.write(local + directory)
    out.write(b"PK\6\6" + struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, count, count, len(directory), len(local)))
    out.write(b"PK\6\7" + struct.pack("<IQI", 0, end, 1))
    out.write(b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 65535, 65535, len(directory), len(local), 0))
PY
  cat >measure.py <<'PY'
import resource, subprocess, sys
with open("out", "w") as out:
    subprocess.run(sys.argv[1:], check=True, stdout=out)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
PY
  zip -q one.zip small
  local one many
  one=$(python3 measure.py "$VXUNZIP" -l one.zip)
  many=$(python3 measure.py "$VXUNZIP" -l a.zip)
  [ "$(wc -l <out)" -eq 200005 ]
  echo "$((one)) KiB for one member, $many KiB for 200,000"
  [ $(((many - one) * 1024 / 200000)) -le 300 ]
}

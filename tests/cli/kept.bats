# SPDX-License-Identifier: MIT
# Knows what of a file comes back beside its content: by default, and when it is asked for.

load ../support/helper
need setfattr getfattr 7z bsdtar zip

setup() {
  cd "$BATS_TEST_TMPDIR"
  mkdir -p tree/folder
  seq 100 >tree/file
  ln -s file tree/link
}

times() {
  stat -c "$1" "${@:2}"
}

@test "mode and time of files, folders and links come back; owner, access and attributes do not" {
  chmod 640 tree/file
  chmod 710 tree/folder
  touch -h -d '2011-12-13 14:15:16.123456789' tree/link
  touch -d '2001-02-03 04:05:06.789' tree/file
  touch -d '2002-02-03 04:05:07' tree/folder
  setfattr -n user.colour -v red tree/file
  "$VXZIP" -qry a.zip tree
  "$VXUNZIP" -q -d out --times --xattrs a.zip
  [ "$(times '%a %Y %n' tree/file tree/folder tree/link)" = \
    "$(cd out && times '%a %Y %n' tree/file tree/folder tree/link)" ]
  [ -z "$(getfattr -d --absolute-names out/tree/file)" ]
  [ "$(times %X out/tree/file)" -gt 1500000000 ]
}

@test "--times keeps 100 nanoseconds and the last access" {
  touch -m -d '2001-02-03 04:05:06.123456700' tree/file
  touch -a -d '1999-02-03 04:05:06.765432100' tree/file
  touch -h -d '2040-12-13 14:15:16.123456700' tree/link
  touch -m -d '1960-02-03 04:05:06.900000000' tree/folder
  "$VXZIP" -qry --times a.zip tree
  "$VXUNZIP" -q -d out a.zip
  [ "$(times '%.7Y %n' tree/file tree/link tree/folder)" = \
    "$(cd out && times '%.7Y %n' tree/file tree/link tree/folder)" ]
  [ "$(times %X out/tree/file)" -gt 1500000000 ]
  "$VXUNZIP" -q --times -d all a.zip
  [ "$(times '%.7X' all/tree/file)" = 918014706.7654321 ]
  # Others read the same field.
  7z l -slt a.zip tree/file | grep -q 'Modified = 2001-02-03 04:05:06'
  unzip -tqq a.zip || [ $? -eq 81 ]
}

@test "a changed UT field outweighs a fine time that was left behind" {
  touch -m -d '2001-02-03 04:05:06.1234567' tree/file
  "$VXZIP" -q -0 --times a.zip tree/file
  python3 - <<'PY'
import struct
data = bytearray(open("a.zip", "rb").read())
at = -1
while (at := data.find(b"UT\5\0", at + 1)) >= 0:
    struct.pack_into("<I", data, at + 5, 1000000000)
open("a.zip", "wb").write(data)
PY
  "$VXUNZIP" -q -d out a.zip
  [ "$(times %.7Y out/tree/file)" = 1000000000.0000000 ]
}

@test "--owner keeps user and group; without it, or without the right, they are the extractor's" {
  [ "$(id -u)" -eq 0 ] || { echo "this test needs the superuser"; return 1; }
  chown 1234:5678 tree/file
  chown -h 1235:5679 tree/link
  chown 1236:5680 tree/folder
  chmod 4755 tree/file
  "$VXZIP" -qry --owner a.zip tree
  "$VXUNZIP" -q -d out a.zip
  [ "$(times '%u %g' out/tree/file)" = "0 0" ]
  "$VXUNZIP" -q -X -d owned a.zip
  [ "$(times '%u %g %a' owned/tree/file)" = "1234 5678 755" ]
  [ "$(times '%u %g' owned/tree/link owned/tree/folder)" = $'1235 5679\n1236 5680' ]
  # Info-ZIP's field, both ways.
  zip -qy b.zip tree/file
  "$VXUNZIP" -q -X -d other b.zip
  [ "$(times '%u %g' other/tree/file)" = "1234 5678" ]
  few_rights vxunzip
  mkdir mine
  chmod 777 mine
  chmod a+rx .
  chmod a+r a.zip
  ends 1 "${FEW_RIGHTS[@]}" -q -X -d mine a.zip
  says "tree/file: its owner cannot be set: Operation not permitted"
  cmp mine/tree/file tree/file
}

@test "--xattrs keeps attributes of users, on files and folders, of any bytes; others are left alone" {
  setfattr -n user.colour -v red tree/file
  setfattr -n user.bytes -v 0x00ff0a0d tree/file
  setfattr -n user.empty tree/file
  setfattr -n user.place -v here tree/folder
  "$VXZIP" -qry --xattrs a.zip tree
  "$VXUNZIP" -q --xattrs -d out a.zip
  [ "$(getfattr -d -e hex tree/file tree/folder)" = "$(cd out && getfattr -d -e hex tree/file tree/folder)" ]
  unzip -tqq a.zip || [ $? -eq 81 ]
  # A name beyond "user." in the archive is not set, whoever asks.
  sed 's/user\.colour/trustd.clr0/; s/trustd\.clr0/trusted.clr/' a.zip >b.zip
  "$VXUNZIP" -q --xattrs -d out2 b.zip
  [ -z "$(getfattr -d -m 'trusted' out2/tree/file)" ]
  [ "$(getfattr --only-values -n user.colour out2/tree/file 2>/dev/null)" = "" ]
}

@test "damaged attributes are no attributes, and too many are told" {
  setfattr -n user.colour -v red tree/file
  "$VXZIP" -q -0 --xattrs a.zip tree/file
  python3 - <<'PY'
data = bytearray(open("a.zip", "rb").read())
at = -1
while (at := data.find(b"AX", at + 1)) >= 0:
    data[at + 6] = 200  # the size of the value
open("a.zip", "wb").write(data)
PY
  ends 0 "$VXUNZIP" -q --xattrs -d out a.zip
  [ -z "$(getfattr -d out/tree/file)" ]
  local i
  for i in $(seq 20); do
    setfattr -n user.n$i -v "$(head -c 1900 /dev/zero | tr '\0' x)" tree/file 2>/dev/null || break
  done
  if [ "$i" -eq 20 ]; then
    ends 0 "$VXZIP" -q -0 --xattrs b.zip tree/file
    says "tree/file: extended attributes are left out"
  fi
}

@test "hard links are copies, and -v tells which" {
  ln tree/file tree/other
  ends 0 "$VXZIP" -rv a.zip tree
  says "tree/other: the same file as tree/file, packed as a copy"
  "$VXUNZIP" -q -d out a.zip
  cmp out/tree/other tree/file
  [ "$(times %h out/tree/file)" -eq 1 ]
  ends 0 "$VXZIP" -r b.zip tree
  silent_about "the same file"
}

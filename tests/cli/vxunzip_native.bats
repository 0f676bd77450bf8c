# SPDX-License-Identifier: MIT
# Knows --native: members of well-known methods decoded by the host's libraries.

load ../support/helper
load vxzip_support

setup() {
  cd "$BATS_TEST_TMPDIR"
  sample tree
  mkdir dir
  for method in deflate bzip2 xz zstd; do
    cp "$BUILD/decoders/$method.elf" dir/
  done
}

@test "--native decodes deflate, bzip2, xz and zstd without any decoder" {
  for method in deflate bzip2 xz zstd; do
    # A decoder that is wrong, to see that it is not used.
    liar dir/$method.elf 5
    "$VXZIP" -qr --no-verify --method=$method --decoder-dir dir $method.zip tree
    ends 2 "$VXUNZIP" -q -d sandbox-$method $method.zip
    ends 0 "$VXUNZIP" -q --native -d native-$method $method.zip
    diff -r tree native-$method/tree
    ends 0 "$VXUNZIP" -p --native $method.zip tree/a.txt
    [ "$output" = "$(cat tree/a.txt)" ]
  done
}

@test "-t and --engine=all use the archive's decoders all the same" {
  liar dir/zstd.elf 5
  "$VXZIP" -qr --no-verify --method=zstd --decoder-dir dir a.zip tree
  ends 2 "$VXUNZIP" -t --native a.zip
  ends 2 "$VXUNZIP" -q --native --engine=all -d out a.zip
}

@test "what has no method of its own is decoded in the sandbox" {
  "$VXZIP" -qr --method=brotli a.zip tree
  ends 0 "$VXUNZIP" -q --native -d out a.zip
  diff -r tree out/tree
}

@test "damaged, cut and lengthened members are refused, and leave no file" {
  for method in deflate bzip2 xz zstd; do
    "$VXZIP" -q --method=$method a.zip tree/deep/b.txt
    python3 - <<'PY'
import struct, zipfile
info = zipfile.ZipFile("a.zip").getinfo("tree/deep/b.txt")
data = bytearray(open("a.zip", "rb").read())
at = info.header_offset
start = at + 30 + sum(struct.unpack_from("<HH", data, at + 26))
open("bad.zip", "wb").write(data[:start + 60] + bytes(b ^ 85 for b in data[start + 60:start + 70])
                            + data[start + 70:])
coded = bytes(data[start:start + info.compress_size])
for name, change in (("cut", coded[:-3]), ("long", coded + b"end")):
    header = bytearray(data[at:start])
    header[18:22] = struct.pack("<I", len(change))
    header[28:30] = b"\0\0"
    body = bytes(header[:30 + len(info.filename)]) + change
    entry = (b"PK\1\2\x3f\3" + bytes(header[4:30]) + bytes(6) + struct.pack("<II", 0o100644 << 16, 0)
             + info.filename.encode())
    end = b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(entry), len(body), 0)
    open(name + ".zip", "wb").write(body + entry + end)
PY
    for fault in bad cut long; do
      ends 2 "$VXUNZIP" -q --native -d out $fault.zip
      says tree/deep/b.txt
      absent out/tree/deep/b.txt
    done
    rm a.zip
  done
}

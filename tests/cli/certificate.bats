# SPDX-License-Identifier: MIT
# Knows that an archive can certify what decoding costs, and that --certified holds decoders to it exactly.

load ../support/helper

setup() {
  cd "$BATS_TEST_TMPDIR"
  seq 20000 >text
  head -c 5000 /dev/zero >zeros
  seq 3000 >small
}

# Changes the number of item $2 of the first VXA block of $1 by $3, in both of its headers: lie ARCHIVE ITEM BY
lie() {
  python3 - "$@" <<'PY'
import struct, sys
path, item, by = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
data = bytearray(open(path, "rb").read())
mark = bytes([item, 8, 0])
at = data.find(b"VXA1\x01")
count = 0
while at >= 0:
    length = struct.unpack_from("<H", data, at - 2)[0]
    found = data.find(mark, at + 40, at + length)
    assert found >= 0
    number = struct.unpack_from("<Q", data, found + 3)[0] + by
    struct.pack_into("<Q", data, found + 3, number)
    count += 1
    at = data.find(b"VXA1\x01", at + 4)
assert count == 2, count
open(path, "wb").write(data)
PY
}

@test "what --certify writes down, --certified finds to be exact, for every codec and on every engine" {
  for method in deflate zstd bzip2 xz brotli; do
    rm -f a.zip
    "$VXZIP" -q --certify -m $method a.zip text zeros small
    for engine in interpret translate; do
      ends 0 "$VXUNZIP" --certified --engine=$engine -t a.zip
    done
    rm -rf out
    ends 0 "$VXUNZIP" --certified -q -d out a.zip
    cmp text out/text
    ends 0 unzip -tq a.zip || [ $method != deflate ]
  done
}

@test "certificates do not depend on the engine, nor on the number of jobs" {
  "$VXZIP" -q --certify --engine=interpret -m deflate a.zip text zeros
  "$VXZIP" -q --certify --engine=translate -m deflate b.zip text zeros
  cmp a.zip b.zip
}

@test "one instruction less is refused, and one more" {
  "$VXZIP" -q --certify -m deflate good.zip text
  for by in -1 1; do
    cp good.zip a.zip
    lie a.zip 9 $by
    for engine in interpret translate; do
      ends 2 "$VXUNZIP" --certified --engine=$engine -d out a.zip
      says "text: its decoder executed "
      absent out/text
    done
    ends 0 "$VXUNZIP" -tq a.zip
  done
}

@test "another need of memory is refused" {
  "$VXZIP" -q --certify -m zstd a.zip text
  lie a.zip 8 4096
  ends 2 "$VXUNZIP" --certified -d out a.zip
  says "bytes of memory, but certified are"
  absent out/text
  ends 0 "$VXUNZIP" -tq a.zip
}

@test "without a certificate --certified refuses coded members, and takes stored ones" {
  "$VXZIP" -q -m deflate a.zip text
  "$VXZIP" -q -0 b.zip text
  ends 2 "$VXUNZIP" --certified -d out a.zip
  says "text: it does not certify what its decoding costs: refused because of --certified"
  absent out/text
  ends 2 "$VXUNZIP" --certified --native -d out a.zip
  ends 0 "$VXUNZIP" --certified -q -d out b.zip
}

@test "a file that was coded before is certified for its decoded form" {
  gzip -9 <text >text.gz
  "$VXZIP" -q --certify a.zip text.gz
  ends 0 "$VXUNZIP" --certified -q -d out a.zip
  cmp text.gz out/text.gz
  ends 0 "$VXUNZIP" --certified -t a.zip
}

@test "--certify needs verification" {
  ends 16 "$VXZIP" --certify --no-verify a.zip text
  absent a.zip
}

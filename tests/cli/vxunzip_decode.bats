# SPDX-License-Identifier: MIT
# Knows --decode: already coded files come out decoded, under their name with a suffix.

load ../support/helper

setup() {
  cd "$BATS_TEST_TMPDIR"
  decoder=$BUILD/decoders/deflate.elf
}

@test "without --decode the coded file comes out as it went in, with it the decoded form" {
  forge a.zip "decoder('$decoder', 'deflate')" "jpeg('d/f.jpg', b'decoded' * 50, '$decoder')" \
    'member("g", b"plain")'
  ends 0 "$VXUNZIP" -q -d one a.zip
  [ "$(python3 -c 'import sys, zlib; sys.stdout.buffer.write(zlib.decompress(open("one/d/f.jpg", "rb").read(), -15))')" = "$(printf 'decoded%.0s' $(seq 50))" ]
  ends 0 "$VXUNZIP" -q --decode -d two a.zip
  [ "$(cat two/d/f.jpg.txt)" = "$(printf 'decoded%.0s' $(seq 50))" ]
  [ "$(cat two/g)" = plain ]
  absent two/d/f.jpg
}

@test "size and CRC-32 of the decoded form are checked" {
  forge a.zip "jpeg('crc', b'decoded', '$decoder', crc=7)" \
    "jpeg('short', b'decoded', '$decoder', size=8)" "jpeg('long', b'decoded', '$decoder', size=3)" \
    "jpeg('good', b'decoded', '$decoder')"
  ends 2 "$VXUNZIP" --decode -d out a.zip
  says "crc: bad CRC-32" "short: it decodes to 7 bytes instead of 8" \
    "long: it decodes to more than its 3 bytes"
  [ "$(ls -A out)" = good.txt ]
  ends 0 "$VXUNZIP" -q -d plain a.zip
}

@test "a block that does not give them is refused for --decode only" {
  forge a.zip "jpeg('f', b'decoded', '$decoder', items=b'')"
  ends 2 "$VXUNZIP" --decode -d out a.zip
  says "f: size and CRC-32 of its decoded form are not given"
  absent out/f out/f.decoded
  ends 0 "$VXUNZIP" -q -d out a.zip
}

@test "-p --decode writes the decoded form" {
  forge a.zip "jpeg('f', b'decoded', '$decoder')"
  ends 0 "$VXUNZIP" -p --decode a.zip
  [ "$output" = decoded ]
}

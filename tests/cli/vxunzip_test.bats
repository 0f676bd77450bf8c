# SPDX-License-Identifier: MIT
# Knows what -t checks: every member, every decoder, in the sandbox, and that it writes nothing.

load ../support/helper

setup() {
  cd "$BATS_TEST_TMPDIR"
}

@test "a good archive is good, and nothing is written" {
  seq 1000 >f
  "$VXZIP" -m zstd -q a.zip f
  mkdir here
  cd here
  ends 0 "$VXUNZIP" -t ../a.zip
  says "testing: .vxa/zstd-" "testing: .vxa/README.txt  OK" "testing: f  OK" \
    "No errors in ../a.zip: 5 members tested."
  [ -z "$(ls -A)" ]
}

@test "-q leaves the result alone, -qq says nothing" {
  forge a.zip 'member("f")'
  ends 0 "$VXUNZIP" -tq a.zip
  [ "$output" = "No errors in a.zip: 1 member tested." ]
  ends 0 "$VXUNZIP" -tqq a.zip
  [ -z "$output" ]
}

@test "damage is found and counted" {
  forge a.zip 'member("f", b"1", crc=7)' 'member("g", b"1", method=8, crc=7)' 'member("h", b"1")'
  ends 2 "$VXUNZIP" -t a.zip
  says "f: bad CRC-32" "g: bad CRC-32" "testing: h  OK" "2 failed in a.zip: 3 members tested."
}

@test "a decoder that nobody uses is tested, too: its bytes, its CRC-32 and its hash" {
  forge a.zip 'decoder(None, elf_bytes=PROGRAMS["exit3"], sha256=b"?" * 32)' 'member("f", b"1")'
  ends 2 "$VXUNZIP" -t a.zip
  says "its SHA-256 is not the one that it states"
  forge a.zip 'decoder(None, elf_bytes=PROGRAMS["exit3"], coded=b"\xff\xff")'
  ends 2 "$VXUNZIP" -t a.zip
  says "its deflate stream is damaged"
  forge a.zip 'decoder(None, elf_bytes=PROGRAMS["exit3"], coded=raw_deflate(PROGRAMS["exit3"]) + b"more")'
  ends 2 "$VXUNZIP" -t a.zip
  says "its deflate stream is damaged"
  forge a.zip 'decoder(None, elf_bytes=PROGRAMS["exit3"], coded=raw_deflate(PROGRAMS["exit3"]) + b"more" * 99999)'
  ends 2 "$VXUNZIP" -t a.zip
}

@test "a decoder that would need a decoder is an error" {
  forge a.zip 'member("d", PROGRAMS["exit3"], method=93, extra=block(hashlib.sha256(PROGRAMS["exit3"]).digest(), kind=2))'
  ends 2 "$VXUNZIP" -t a.zip
  says "d: a decoder must be deflated or stored"
}

@test "names that extraction would refuse are errors" {
  forge a.zip 'member("../f", b"1")'
  ends 2 "$VXUNZIP" -t a.zip
  says "../f: "
}

@test "both forms of an already coded file are tested" {
  decoder=$BUILD/decoders/deflate.elf
  forge a.zip "jpeg('f', b'data', '$decoder')"
  ends 0 "$VXUNZIP" -t a.zip
  forge a.zip "jpeg('f', b'data', '$decoder', crc=7)"
  ends 2 "$VXUNZIP" -t a.zip
  says "f: bad CRC-32"
}

@test "patterns choose what is tested" {
  forge a.zip 'member("f", b"1", crc=7)' 'member("g", b"1")'
  ends 0 "$VXUNZIP" -t a.zip g
  says "1 member tested"
}

@test "every engine that can be named gives the same" {
  seq 10000 >f
  "$VXZIP" -m zstd -q a.zip f
  ends 0 "$VXUNZIP" -tq --engine=interpret a.zip
  ends 0 "$VXUNZIP" -tq --engine=auto a.zip
  ends 0 "$VXUNZIP" -tq --engine=all a.zip
}

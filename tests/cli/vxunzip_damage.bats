# SPDX-License-Identifier: MIT
# Knows that damaged members and misbehaving decoders cost only themselves, and leave no file behind.

load ../support/helper

setup() {
  cd "$BATS_TEST_TMPDIR"
}

# Extraction ends with STATUS and says TEXT of "bad", which is not there afterwards; "good" is.
spoils_only_itself() {
  ends "$1" "$VXUNZIP" --time=1 -d out a.zip
  says "bad: $2"
  absent out/bad
  [ "$(cat out/good)" = good ]
  (cd out && no_partial_files)
}

@test "a wrong CRC-32 is found, stored or deflated" {
  forge a.zip 'member("bad", b"bad", crc=7)' 'member("good", b"good")'
  spoils_only_itself 2 "bad CRC-32: 822b39fb instead of 00000007"
  rm -r out
  forge a.zip 'member("bad", b"bad", method=8, crc=7)' 'member("good", b"good")'
  spoils_only_itself 2 "bad CRC-32"
}

@test "content that is shorter than declared is found" {
  forge a.zip 'member("bad", b"bad", method=8, size=4)' 'member("good", b"good")'
  spoils_only_itself 2 "it decodes to 3 bytes instead of 4"
}

@test "output stops at the declared size" {
  forge a.zip 'member("bad", b"x" * 1000000, method=8, size=4)' 'member("good", b"good")'
  spoils_only_itself 2 "it decodes to more than its 4 bytes"
}

@test "a stream that ends early or is garbled is found" {
  forge a.zip 'member("bad", b"bad" * 1000, method=8, coded=raw_deflate(b"bad" * 1000)[:-4])' \
    'member("good", b"good")'
  spoils_only_itself 2 ""
  rm -r out
  forge a.zip 'member("bad", b"bad" * 1000, method=8, coded=b"\xff" * 20)' \
    'member("good", b"good")'
  spoils_only_itself 2 ""
}

@test "bytes after the end of the coded stream are found" {
  forge a.zip 'member("bad", b"bad", method=8, coded=raw_deflate(b"bad") + b"more")' \
    'member("good", b"good")'
  spoils_only_itself 2 ""
  rm -r out
  forge a.zip 'member("bad", b"bad", method=8, coded=raw_deflate(b"bad") + b"more" * 100000)' \
    'member("good", b"good")'
  spoils_only_itself 2 ""
}

@test "a decoder that does not read its input to the end is found" {
  forge a.zip 'program("deaf")' 'coded("bad", "deaf", PROGRAMS["deaf"][:16])' \
    'member("good", b"good")'
  spoils_only_itself 2 "its coded bytes go on after their end"
}

@test "a decoder that runs forever is stopped by --time" {
  forge a.zip 'program("forever")' 'coded("bad", "forever", b"1")' 'member("good", b"good")'
  spoils_only_itself 2 ""
}

@test "a decoder that traps, or exits with a status, is reported" {
  forge a.zip 'program("privileged")' 'coded("bad", "privileged", b"1")' 'member("good", b"good")'
  spoils_only_itself 2 ""
  rm -r out
  forge a.zip 'program("exit3")' 'coded("bad", "exit3", b"1")' 'member("good", b"good")'
  spoils_only_itself 2 ""
}

@test "a decoder that writes without end is stopped at the declared size" {
  forge a.zip 'program("spout")' 'coded("bad", "spout", b"1" * 100)' 'member("good", b"good")'
  spoils_only_itself 2 "it decodes to more than its 100 bytes"
}

@test "a missing decoder is status 81, and is named" {
  forge a.zip 'coded("bad", "forever", b"1")' 'member("good", b"good")'
  spoils_only_itself 81 "its decoder is missing: codec not named, SHA-256 "
}

@test "a decoder whose bytes do not have its hash is not run" {
  forge a.zip 'decoder(None, elf_bytes=PROGRAMS["spout"], sha256=hashlib.sha256(PROGRAMS["exit3"]).digest())' \
    'coded("bad", "exit3", b"1")' 'member("good", b"good")'
  spoils_only_itself 2 ""
  [[ ${output,,} == *sha-256* || ${output,,} == *hash* ]]
}

@test "an unknown method is status 81, and is named" {
  forge a.zip 'member("bad", b"1", method=14, coded=b"1")' 'member("good", b"good")'
  spoils_only_itself 81 "no decoder for compression method 14 (LZMA)"
  forge a.zip 'member("bad", b"1", method=4321, coded=b"1")' 'member("good", b"good")'
  rm -r out
  spoils_only_itself 81 "no decoder for compression method 4321"
}

@test "an encrypted member is status 81" {
  forge a.zip 'member("bad", b"1", flags=1)' 'member("good", b"good")'
  spoils_only_itself 81 ""
}

@test "damage is graver than a missing decoder" {
  forge a.zip 'member("a", b"1", crc=7)' 'member("b", b"1", method=14)'
  ends 2 "$VXUNZIP" a.zip
}

@test "a standard member whose own decoder is missing is decoded by the installed one: status 1" {
  forge a.zip 'member("f", b"hello" * 10, method=8, extra=block(b"?" * 32))'
  ends 1 "$VXUNZIP" -d out a.zip
  says "f: its own decoder is missing; decoded by the installed one for deflate"
  [ "$(cat out/f)" = "$(printf 'hello%.0s' $(seq 10))" ]
  ends 81 "$VXUNZIP" -t a.zip
}

@test "no other decoder is taken where the block forbids it" {
  forge a.zip 'member("bad", b"1" * 9, method=8, extra=block(b"?" * 32, flags=1))' \
    'member("good", b"good")'
  spoils_only_itself 81 "its decoder is missing"
}

@test "what is no archive is status 9, and one with a broken directory is status 3" {
  echo text >text
  ends 9 "$VXUNZIP" text
  ends 9 "$VXUNZIP" missing
  says "missing"
  : >empty
  ends 9 "$VXUNZIP" empty
  forge a.zip 'member("f", b"1")'
  python3 - <<'PY'
data = bytearray(open("a.zip", "rb").read())
data[data.index(b"PK\1\2")] = 0
open("a.zip", "wb").write(data)
PY
  ends 3 "$VXUNZIP" a.zip
  says "directory"
}

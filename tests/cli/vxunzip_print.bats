# SPDX-License-Identifier: MIT
# Knows that -p writes contents to standard output and nothing else.

load ../support/helper

setup() {
  cd "$BATS_TEST_TMPDIR"
}

@test "-p writes the contents of the members, one after the other, and nothing else" {
  forge a.zip 'member("d/")' 'member("d/f", b"one\n")' 'member("g", b"two\n", method=8)' \
    'member("l", b"three", mode=0o120777)'
  ends 0 "$VXUNZIP" -p a.zip
  [ "$output" = $'one\ntwo\nthree' ]
  ends 0 "$VXUNZIP" -p a.zip g
  [ "$output" = two ]
  [ "$(ls -A)" = a.zip ]
}

@test "-p writes binary contents as they are" {
  head -c 300000 /dev/urandom >f
  zip -q a.zip f
  "$VXUNZIP" -p a.zip f | cmp - f
}

@test "-p leaves out the archive's own members, unless they are named" {
  seq 1000 >f
  "$VXZIP" -m zstd -q a.zip f
  "$VXUNZIP" -p a.zip | cmp - f
  "$VXUNZIP" -p a.zip '*.elf' | cmp - "$BUILD/decoders/zstd.elf"
}

@test "-p names a damaged member on standard error" {
  forge a.zip 'member("f", b"1", crc=7)'
  ends 2 sh -c '"$VXUNZIP" -p a.zip >content'
  says "f: bad CRC-32"
}

@test "a reader that goes away ends -p quietly" {
  head -c 3000000 /dev/zero >f
  zip -q a.zip f
  zip -q0 b.zip f
  for name in a b; do
    set +e
    "$VXUNZIP" -p $name.zip f 2>message | head -c 1 >first
    local statuses="${PIPESTATUS[*]}"
    set -e
    [ "$statuses" = "141 0" ]
    [ ! -s message ]
  done
}

@test "a full device is reported: status 50" {
  forge a.zip 'member("f", b"1")' 'member("g", b"1" * 9, method=8)'
  for name in f g; do
    ends 50 sh -c '"$VXUNZIP" -p a.zip '$name' >/dev/full'
    says "$name: cannot write to standard output: No space left on device"
  done
}

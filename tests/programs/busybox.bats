#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Proves that Debian's own i386 programs do in the sandbox what the host's tools do.

load support
need gzip bzip2 xz sha256sum sort awk sed tar

setup_file() {
  load support
  packages busybox-static
  echo "# engines: $(engines)" >&3
}

setup() {
  cd "$BATS_TEST_TMPDIR"
  BUSYBOX=$PACKAGES/busybox-static/bin/busybox
  # Text that is the same everywhere: numbers, words, blanks, and lines that are equal.
  awk 'BEGIN { for (i = 1; i <= 5000; i++) {
    n = (n * 69069 + 12345) % 4294967296
    printf "%d word%d %s\n", n, i % 97, substr("the quick brown fox jumps", 1 + i % 20, i % 7) } }' \
    >text
}

# APPLET with its arguments gives, from the file "input", the file "expected" on each engine.
gives() {
  local engine
  for engine in $(engines); do
    on "$engine" "$BUSYBOX" "$@" <input >"$engine.out"
    cmp "$engine.out" expected || { echo "$engine: $*"; return 1; }
  done
}

@test "gzip -dc unpacks what gzip packed" {
  gzip -c text >input
  mv text expected
  gives gzip -dc
}

@test "gzip -c packs what gzip unpacks" {
  mv text input
  gzip -t < <(on interpret "$BUSYBOX" gzip -c <input)
  on interpret "$BUSYBOX" gzip -c <input >expected
  gzip -dc <expected | cmp - input
  gives gzip -c
}

@test "bunzip2 -c unpacks what bzip2 packed" {
  bzip2 -c text >input
  mv text expected
  gives bunzip2 -c
}

@test "unxz -c unpacks what xz packed" {
  xz -c text >input
  mv text expected
  gives unxz -c
}

@test "tar -t lists what tar packed" {
  tar -cf input text
  echo text >expected
  gives tar -t
}

@test "sha256sum gives the same hash" {
  mv text input
  sha256sum <input >expected
  gives sha256sum
}

@test "sort gives the same order, by text and by number" {
  mv text input
  sort <input >expected
  gives sort
  sort -k 2,2 -k 1,1nr <input >expected
  gives sort -k 2,2 -k 1,1nr
}

@test "awk counts, computes and prints the same" {
  local program='{ sum[$2] += $1 / 7; n++ } /fox/ { fox++ }
    END { for (i = 0; i < 97; i++) printf "%s %.6f\n", i, sum["word" i]; print n, fox, n / 7 }'
  mv text input
  awk "$program" <input >expected
  gives awk "$program"
}

@test "sed edits the same" {
  mv text input
  sed -n -e 's/word\([0-9]*\)/<\1>/' -e '/<.*5>/p' -e '$=' <input >expected
  gives sed -n -e 's/word\([0-9]*\)/<\1>/' -e '/<.*5>/p' -e '$='
}

@test "od, wc, tr, uniq and md5sum say the same" {
  mv text input
  od -A d -t x1 <input >expected
  gives od -A d -t x1
  wc -l <input >expected
  gives wc -l
  tr a-z A-Z <input >expected
  gives tr a-z A-Z
  cut -d ' ' -f 3 <input | uniq -c >expected
  cut -d ' ' -f 3 <input >words
  mv words input
  gives uniq -c
  md5sum <input >expected
  gives md5sum
}

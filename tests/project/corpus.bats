#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The files that fuzzing starts from are those that the script writes, and each target has some.

setup() {
  set -u
  FUZZ=$(cd "$BATS_TEST_DIRNAME/../fuzz" && pwd)
}

@test "tests/fuzz/corpus is what make_corpus.py writes" {
  python3 "$FUZZ/make_corpus.py" "$BATS_TEST_TMPDIR/corpus"
  diff -r "$FUZZ/corpus" "$BATS_TEST_TMPDIR/corpus"
}

@test "each fuzz target has a corpus" {
  local target
  for target in "$FUZZ"/fuzz_*.c; do
    target=${target##*/fuzz_}
    [ -n "$(ls "$FUZZ/corpus/${target%.c}")" ]
  done
}

#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Proves that archives of former versions extract as they did, and were not changed since.

load ../support/helper
load ../support/golden

setup() {
  cd "$BATS_TEST_TMPDIR"
}

@test "every archive of a former version extracts to what its manifest says" {
  local archive count=0
  for archive in "$GOLDEN"/*/every-codec.zip; do
    (cd "${archive%/*}" && grep every-codec.zip manifest | sha256sum --check --quiet)
    rm -rf plain decoded
    ends 0 "$VXUNZIP" -q -t "$archive"
    ends 0 "$VXUNZIP" -q -d plain "$archive"
    ends 0 "$VXUNZIP" -q --decode -d decoded "$archive"
    golden_matches "$archive" plain plain
    golden_matches "$archive" decoded decoded
    count=$((count + 1))
  done
  [ "$count" -ge 1 ]
}

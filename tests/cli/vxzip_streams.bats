# SPDX-License-Identifier: MIT
# Knows archives that go to standard output, and names that come from standard input.

load ../support/helper
load vxzip_support

setup() {
  cd "$BATS_TEST_TMPDIR"
  sample tree
  mkdir temporary
  export TMPDIR=$PWD/temporary
}

@test "the archive - goes to standard output, what is told to standard error" {
  "$VXZIP" -r - tree 2>told | cat >a.zip
  [ "$(head -c 2 a.zip)" = PK ]
  grep -q "  adding: tree/a.txt" told
  "$VXZIP" -rq b.zip tree
  cmp a.zip b.zip
  [ -z "$(ls -A temporary)" ]
  "$VXZIP" -rqT - tree >c.zip
  cmp c.zip b.zip
  absent ./- -.zip
}

@test "names from standard input, the archive to standard output" {
  find tree -type f | "$VXZIP" -q -@ - >a.zip
  [ "$(members a.zip | sort)" = "$(find tree -type f | sort)" ]
}

@test "a reader that goes away ends it quietly, with nothing left behind" {
  head -c 3000000 /dev/urandom >big
  set +e
  "$VXZIP" -q - big 2>told | head -c 10 >/dev/null
  local statuses="${PIPESTATUS[*]}"
  set -e
  [ "$statuses" = "141 0" ]
  [ ! -s told ]
  [ -z "$(ls -A temporary)" ]
}

@test "a full device is status 14, and named" {
  ends 14 bash -c '"$VXZIP" -q - tree/a.txt >/dev/full'
  says "cannot write to standard output: No space left on device"
}

@test "an archive is not written to a terminal: status 16" {
  run script -qec "$VXZIP -q - tree/a.txt" /dev/null
  [ "$status" -eq 16 ]
  says "not written to a terminal"
}

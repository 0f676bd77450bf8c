# SPDX-License-Identifier: MIT
# Knows that whatever ends a run, the old archive stays whole and nothing half made takes its name.

load ../support/helper
load vxzip_support

setup() {
  cd "$BATS_TEST_TMPDIR"
  sample tree
  "$VXZIP" -qr a.zip tree
  sha256sum a.zip >before
  truncate -s 8G big
}

# Starts vxzip on a file that takes long, and waits until its temporary file is there.
start() {
  "$VXZIP" -q "$@" 2>message &
  pid=$!
  for _ in $(seq 500); do
    [ -z "$(find . -name '.vxzip-*')" ] || break
    sleep 0.01
  done
  sleep 0.2
  kill -0 $pid
}

@test "SIGINT, SIGTERM and SIGHUP end with status 9, and nothing is left behind" {
  # bash starts background jobs with SIGINT ignored unless job control is on.
  set -m
  for signal in INT TERM HUP; do
    start a.zip tree/a.txt big
    kill -$signal $pid
    status=0
    wait $pid || status=$?
    [ "$status" -eq 9 ]
    grep -q interrupted message
    no_leftovers
    sha256sum --status -c before
  done
}

@test "kill -9 leaves the old archive" {
  start a.zip tree/a.txt big
  kill -9 $pid
  wait $pid || true
  sha256sum --status -c before
  rm -f .vxzip-*
  "$VXZIP" -q a.zip tree/a.txt
  unpack a.zip out
}

@test "a new archive that was interrupted does not exist" {
  start b.zip big
  kill -TERM $pid
  wait $pid || true
  [ ! -e b.zip ]
  no_leftovers
}

@test "a limit on the size of files is status 14, and the old archive stays" {
  head -c 3000000 /dev/urandom >random
  run bash -c "ulimit -f 1000; '$VXZIP' a.zip random"
  [ "$status" -eq 14 ]
  [[ $output == *"too large"* ]]
  no_leftovers
  sha256sum --status -c before
}

@test "a full disk is status 14, and the old archive stays" {
  head -c 3000000 /dev/urandom >random
  mkdir small
  local own=--mount
  [ "$(id -u)" -eq 0 ] || own="--user --map-root-user --mount"
  # shellcheck disable=SC2086 # several words
  run unshare $own bash -c "
    set -e
    mount -t tmpfs -o size=2m tmpfs small
    cp a.zip small/
    status=0
    '$VXZIP' small/a.zip random || status=\$?
    cmp a.zip small/a.zip
    [ \"\$(ls -A small)\" = a.zip ]
    exit \$status"
  echo "$output"
  [ "$status" -eq 14 ]
  [[ $output == *"No space left"* ]]
}

@test "a closed standard output does not leave a temporary file" {
  "$VXZIP" -r b.zip tree >&- || true
  no_leftovers
  ("$VXZIP" -r c.zip tree; true) | head -c 1 >/dev/null
  no_leftovers
}

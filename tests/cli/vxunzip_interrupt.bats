# SPDX-License-Identifier: MIT
# Knows that whatever ends a run, finished files stay and no unfinished one does.

load ../support/helper

setup() {
  cd "$BATS_TEST_TMPDIR"
}

# Starts an extraction that does not end, and waits until it is at its last member.
start() {
  forge a.zip 'program("write-then-forever")' 'member("first", b"1")' \
    'coded("last", "write-then-forever", b"1" * 100)'
  "$VXUNZIP" -q -d out a.zip 2>message &
  pid=$!
  for _ in $(seq 500); do
    [ -z "$(find out -name '.vxa-*' -size +0 2>/dev/null)" ] || break
    sleep 0.01
  done
  kill -0 $pid
}

@test "SIGINT, SIGTERM and SIGHUP end with status 80, and leave only whole files" {
  # bash starts background jobs with SIGINT ignored unless job control is on.
  set -m
  for signal in INT TERM HUP; do
    rm -rf out
    start
    kill -$signal $pid
    status=0
    wait $pid || status=$?
    [ "$status" -eq 80 ] || { echo "status $status"; return 1; }
    [ "$(ls -A out)" = first ]
    grep -q "last: interrupted" message
  done
}

@test "an interrupted -p ends with status 80, even when its reader has fallen asleep" {
  set -m
  head -c 3000000 /dev/zero >f
  zip -q0 a.zip f
  mkfifo pipe
  sleep 60 <pipe &
  local reader=$!
  "$VXUNZIP" -p a.zip >pipe 2>message &
  pid=$!
  sleep 0.3
  kill -INT $pid
  status=0
  wait $pid || status=$?
  kill $reader
  [ "$status" -eq 80 ] || { echo "status $status"; return 1; }
  grep -q "f: interrupted" message
}

@test "an ignored signal stays ignored" {
  start
  kill -INT $pid
  sleep 0.3
  kill -0 $pid
  kill -TERM $pid
  wait $pid || [ $? -eq 80 ]
}

@test "a disk that is full ends the run with status 50, and leaves only whole files" {
  need unshare mount
  head -c 3000000 /dev/urandom >big
  echo 1 >small
  echo 2 >other
  zip -q a.zip small big other
  mkdir disk
  local own=-m
  [ "$(id -u)" -eq 0 ] || own=-rm
  ends 50 unshare $own sh -c '
    mount -t tmpfs -o size=1m none disk || exit 99
    "$VXUNZIP" -d disk a.zip
    status=$?
    ls -xA disk
    for file in disk/*; do cmp "$file" "${file#disk/}" || exit 98; done
    exit $status'
  says "big: cannot write it: No space left on device" "small"
  [[ ${lines[-1]} =~ ^(other\ +)?small$ ]] # another job may have written it by then
}

@test "a file size limit of the system costs only the member" {
  head -c 300000 /dev/urandom >big
  echo 1 >small
  zip -q a.zip big small
  ends 2 bash -c 'ulimit -f 100; "$VXUNZIP" -d out a.zip'
  says "big: cannot write it: File too large"
  [ "$(ls -A out)" = small ]
}

@test "standard output that nobody reads ends an extraction quietly, without unfinished files" {
  python3 -c 'import zipfile
with zipfile.ZipFile("a.zip", "w") as a:
    for i in range(5000): a.writestr(f"member{i}", b"content")'
  set +e
  "$VXUNZIP" -d out a.zip 2>message | head -n 1 >first
  local statuses="${PIPESTATUS[*]}"
  set -e
  [ "$statuses" = "141 0" ]
  [ ! -s message ]
  no_partial_files
  find out -type f ! -size 7c | grep . && return 1
  [ "$(find out -type f | wc -l)" -lt 5000 ]
}

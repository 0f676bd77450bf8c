# SPDX-License-Identifier: MIT
# Knows that the number of jobs changes neither what is extracted nor what is said, and in which order.

load ../support/helper

setup() {
  cd "$BATS_TEST_TMPDIR"
}

# Members of all sizes and kinds, good and bad, some of which meet at one name.
mixed_archive() {
  python3 - <<'PY'
import os, random
random.seed(11)
os.makedirs("in/sub/deep")
for i in range(300):
    size = random.choice([0, 1, 100, 1000, 5000, 70000])
    folder = random.choice(["in", "in/sub", "in/sub/deep"])
    words = b" ".join(random.choice([b"alpha", b"beta", b"gamma"]) for _ in range(size // 5))
    open(f"{folder}/f{i}", "wb").write(words[:size])
open("in/big", "wb").write(random.randbytes(200000) * 30)
PY
  ln -s big in/link
  "$VXZIP" -q -r -y good.zip in -m deflate
  forge bad.zip 'program("write-then-forever")' 'member("first", b"1" * 100)' \
    'member("crc", b"2" * 5000, crc=1)' 'member("a", b"file")' 'member("a/b", b"below a file")' \
    'member("twice", b"one")' 'member("twice", b"two")' 'member("../out", b"unsafe")' \
    'member("long", b"3" * 3000, method=8)' 'member("damaged", b"4", method=8, coded=b"\xff" * 100, size=1000)' \
    'member("d//e", b"5")' 'member("d/e", b"6")' 'member("last", b"7")'
}

@test "files and messages are the same with any number of jobs" {
  mixed_archive
  for archive in good bad; do
    for jobs in 1 2 3 16; do
      status=0
      "$VXUNZIP" --jobs=$jobs -d "$archive.$jobs" "$archive.zip" >"$archive.$jobs.out" 2>"$archive.$jobs.err" || status=$?
      "$VXUNZIP" --jobs=$jobs -t "$archive.zip" >"$archive.$jobs.test" 2>&1 || status=$status,$?
      echo "$status" >"$archive.$jobs.status"
      for what in out err test status; do
        cmp "$archive.1.$what" "$archive.$jobs.$what"
      done
      diff -r --no-dereference "$archive.1" "$archive.$jobs"
    done
  done
  [ "$(cat good.1.status)" = 0 ]
  [ "$(cat bad.1.status)" = 2,2 ]
  diff -r --no-dereference in good.1/in
}

@test "a member that takes long does not keep the others waiting" {
  forge a.zip 'program("write-then-forever")' \
    'coded("endless", "write-then-forever", b"1" * 100, size=1 << 20)' \
    'member("f", b"1" * 3000, method=8)' 'member("g", b"1" * 300000, method=8)'
  "$VXUNZIP" --jobs=2 -q -d out a.zip &
  local pid=$!
  for _ in $(seq 500); do
    [ ! -f out/g ] || break
    sleep 0.01
  done
  kill $pid
  wait $pid || true
  [ "$(ls out | tr '\n' ' ')" = "f g " ]
  no_partial_files
}

@test "jobs are more processes, at work at the same time" {
  forge a.zip 'program("write-then-forever")' 'coded("1", "write-then-forever", b"1" * 100)' \
    'coded("2", "write-then-forever", b"1" * 100, size=1 << 20)' 'coded("3", "write-then-forever", b"1" * 100, size=1 << 20)'
  "$VXUNZIP" --jobs=3 -q -d out a.zip &
  local pid=$! busy=0
  for _ in $(seq 500); do
    busy=0
    for child in $(cat /proc/$pid/task/*/children); do
      [ "$(awk '{ print $14 + $15 }' "/proc/$child/stat")" -lt 5 ] || busy=$((busy + 1))
    done
    [ $busy -lt 3 ] || break
    sleep 0.02
  done
  kill $pid
  wait $pid || true
  [ $busy -eq 3 ]
}

@test "an interrupt ends all jobs, and leaves no unfinished file" {
  forge a.zip 'program("write-then-forever")' 'coded("1", "write-then-forever", b"1" * 100)' \
    'coded("2", "write-then-forever", b"1" * 100, size=1 << 20)'
  set -m
  "$VXUNZIP" --jobs=2 -q -d out a.zip 2>message &
  local pid=$! status=0
  sleep 0.5
  kill -INT $pid
  wait $pid || status=$?
  [ "$status" -eq 80 ]
  [ "$(cat message)" = "vxunzip: a.zip: 1: interrupted" ]
  [ -z "$(ls -A out)" ]
}

# SPDX-License-Identifier: MIT
# Knows the workers that decoders run in: what they have, what is said where a wall is missing, and their end.

load ../support/helper

setup() {
  cd "$BATS_TEST_TMPDIR"
  seq 100000 >f
  "$VXZIP" -q -m deflate a.zip f
  forge forever.zip 'program("write-then-forever")' 'member("first", b"1")' \
    'coded("last", "write-then-forever", b"1" * 100)' 'member("next", b"2")'
}

# The process that decodes for $1, once it has run for a while: worker_of PID [BUT-NOT]
worker_of() {
  local pid
  for _ in $(seq 500); do
    for pid in $(cat "/proc/$1/task/$1/children"); do
      [ "$pid" != "${2:-}" ] || continue
      if [ "$(awk '{ print $14 + $15 }' "/proc/$pid/stat" 2>/dev/null || echo 0)" -gt 10 ]; then
        echo "$pid"
        return
      fi
    done
    sleep 0.01
  done
  return 1
}

@test "a decoder's process has seccomp, no capabilities, no descriptors and no core" {
  "$VXUNZIP" -q -d out forever.zip 2>message &
  local pid=$! worker
  worker=$(worker_of $pid)
  grep -E '^(Seccomp|NoNewPrivs|CapEff|CapPrm|Threads):' "/proc/$worker/status" | tr -s '\t\n' ' ' >status
  ls "/proc/$worker/fd" >descriptors
  grep -E '^Max (core|open files|processes|file size)' "/proc/$worker/limits" >limits
  kill $pid
  wait $pid || true
  cat status limits
  [ "$(cat status)" = "Threads: 1 CapPrm: 0000000000000000 CapEff: 0000000000000000 NoNewPrivs: 1 Seccomp: 2 " ]
  [ ! -s descriptors ]
  [ "$(grep -cE ' 0 +0 ' limits)" -eq 4 ]
}

@test "a decoder's process that is killed costs its member alone, with one message" {
  "$VXUNZIP" -q -d out forever.zip 2>message &
  local pid=$! status=0
  kill -9 "$(worker_of $pid)"
  wait $pid || status=$?
  [ "$status" -eq 2 ]
  [ "$(cat message)" = "vxunzip: forever.zip: last: its decoder's process was ended by signal 9 (Killed)" ]
  [ "$(ls -A out | tr '\n' ' ')" = "first next " ]
}

@test "after a decoder's process is gone the next member gets a new one" {
  forge b.zip 'program("write-then-forever")' 'coded("1", "write-then-forever", b"1" * 100)' \
    'coded("2", "write-then-forever", b"1" * 100)'
  "$VXUNZIP" -q -d out b.zip 2>message &
  local pid=$! first second status=0
  first=$(worker_of $pid)
  kill -9 "$first"
  second=$(worker_of $pid "$first")
  kill -9 "$second"
  wait $pid || status=$?
  [ "$status" -eq 2 ]
  [ "$(grep -c 'ended by signal 9' message)" -eq 2 ]
  [ -z "$(ls -A out)" ]
}

@test "no process is left when vxunzip is killed" {
  "$VXUNZIP" -q -d out forever.zip &
  local pid=$! children
  worker_of $pid
  children=$(cat "/proc/$pid/task/$pid/children")
  kill -9 $pid
  wait $pid || true
  for child in $children; do
    for _ in $(seq 100); do
      [ -d "/proc/$child" ] || break
      [ "$(awk '{ print $3 }' "/proc/$child/stat" 2>/dev/null)" != Z ] || break
      sleep 0.02
    done
    [ ! -d "/proc/$child" ] || [ "$(awk '{ print $3 }' "/proc/$child/stat")" = Z ]
  done
}

@test "where a wall is missing decoders run, and -v says so once" {
  ends 0 "$BUILD/bin/without" landlock "$VXUNZIP" -tv a.zip
  says "vxunzip: this system has no Landlock: the processes of decoders have seccomp only"
  [ "$(grep -c Landlock <<<"$output")" -eq 1 ]
  ends 0 "$BUILD/bin/without" seccomp "$VXUNZIP" -tv a.zip
  says "this system has no seccomp: the processes of decoders have Landlock only"
  ends 0 "$BUILD/bin/without" seccomp,landlock "$VXUNZIP" -tv a.zip
  says "this system has neither seccomp nor Landlock"
  ends 0 "$BUILD/bin/without" seccomp,landlock "$VXUNZIP" -t a.zip
  silent_about seccomp Landlock
  ends 0 "$BUILD/bin/without" seccomp,landlock "$VXZIP" -v b.zip f
  says "vxzip: this system has neither"
  ends 0 "$VXUNZIP" -tv a.zip
  silent_about Landlock seccomp
}

@test "--require-isolation refuses with status 83 where a wall is missing, and only there" {
  ends 83 "$BUILD/bin/without" landlock "$VXUNZIP" --require-isolation -d out a.zip
  says "no Landlock" "refused because of --require-isolation"
  absent out
  ends 83 "$BUILD/bin/without" seccomp "$VXZIP" --require-isolation b.zip f
  absent b.zip
  ends 0 "$VXUNZIP" --require-isolation -q -d out a.zip
  cmp f out/f
  ends 0 "$VXZIP" --require-isolation -q b.zip f
}

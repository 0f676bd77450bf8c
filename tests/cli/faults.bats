# SPDX-License-Identifier: MIT
# Knows that no fault of the machine costs an archive or leaves a file that is not whole under its name.

load ../support/helper

setup() {
  need strace python3
  export BUILD
  cd "$BATS_TEST_TMPDIR"
  python3 - <<'PY'
import os, random
random.seed(7)
os.makedirs("tree/sub")
for i in range(30):
    words = [random.choice(["alpha ", "beta ", "gamma\n"]) for _ in range(random.choice([10, 3000, 60000]))]
    open(f"tree/sub/{i}" if i % 3 else f"tree/{i}", "w").write("".join(words))
PY
  mkdir old && cp -r tree old/tree
  echo changed >old/tree/0
  rm old/tree/sub/1
  (cd old && "$VXZIP" -q -r -m deflate ../old.zip tree)
  "$VXZIP" -q -r -m deflate new.zip tree
}

faults() {
  python3 "$SUPPORT/faults.py" "$@" >&3 2>message || { cat message; return 1; }
}

@test "SIGKILL at any moment leaves the old archive or the new one, and whole files" {
  for scene in pack update extract; do
    faults $scene kill 100 20
  done
}

@test "no space, at any write: nothing half done, nothing left, one message" {
  for scene in pack update extract; do
    faults $scene write:error=ENOSPC 12 21
    faults $scene write:error=EIO 6 22
  done
}

@test "an error of reading, anywhere" {
  for scene in pack update extract; do
    faults $scene pread64:error=EIO 12 23
    faults $scene read:error=EIO 6 24
  done
}

@test "errors of opening, renaming and linking, and of what ends a file" {
  for scene in pack update extract; do
    faults $scene openat:error=EACCES 10 25
    faults $scene rename:error=EIO 4 26
    faults $scene close:error=EIO 8 27
  done
  faults extract linkat:error=EIO 4 28
  faults extract fchmod:error=EIO 4 29
}

@test "no memory, at any call that asks the system for it" {
  for scene in pack update extract; do
    faults $scene memory 25 30
    faults $scene mmap:error=ENOMEM 10 31
  done
}

@test "a process that cannot be had" {
  for program in "$VXZIP -q b.zip tree/0" "$VXUNZIP -q -d out new.zip"; do
    ends 83 strace -qq -o trace -e inject=clone,clone3,fork:error=EAGAIN $program
    says "cannot prepare workers: Resource temporarily unavailable"
    absent b.zip out
  done
}

@test "a signal that interrupts any call" {
  for scene in pack update extract; do
    faults $scene write:error=EINTR 8 33
    faults $scene pread64:error=EINTR 8 34
    faults $scene futex:error=EINTR 8 35
  done
}

@test "a disk that is full while packing costs neither the old archive nor the disk" {
  need unshare mount
  local own=-m
  [ "$(id -u)" -eq 0 ] || own=-rm
  head -c 3000000 /dev/urandom >tree/random
  mkdir disk
  ends 14 unshare $own sh -c '
    mount -t tmpfs -o size=1m none disk || exit 99
    cp old.zip disk/a.zip
    "$VXZIP" -q -r disk/a.zip tree
    status=$?
    cmp old.zip disk/a.zip || exit 98
    ls -xA disk
    exit $status'
  says "No space left on device"
  [ "${lines[-1]}" = a.zip ]
}

@test "an archive that is cut off while it is read costs the members behind, not the run" {
  python3 -c 'import random; open("big", "wb").write(random.Random(1).randbytes(8 << 20))'
  zip -q0 a.zip tree/0 big tree/3
  mkfifo pipe
  "$VXUNZIP" -p a.zip >pipe 2>message &
  local pid=$! status=0
  exec 4<pipe
  head -c 100000 <&4 >/dev/null
  truncate -s 1000000 a.zip
  cat <&4 >/dev/null
  exec 4<&-
  wait $pid || status=$?
  cat message
  [ "$status" -eq 2 ] || [ "$status" -eq 51 ] || [ "$status" -eq 3 ]
  grep -q "big: " message
}

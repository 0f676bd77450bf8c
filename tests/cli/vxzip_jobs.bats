# SPDX-License-Identifier: MIT
# Knows that the number of jobs changes neither a byte of an archive nor what is said, and in which order.

load ../support/helper

setup() {
  cd "$BATS_TEST_TMPDIR"
  python3 - <<'PY'
import os, random
random.seed(13)
os.makedirs("tree/sub/deep")
for i in range(120):
    size = random.choice([0, 1, 50, 400, 3000, 60000])
    folder = random.choice(["tree", "tree/sub", "tree/sub/deep"])
    words = b" ".join(random.choice([b"alpha", b"beta", b"gamma"]) for _ in range(size // 5))
    open(f"{folder}/f{i}", "wb").write(words[:size] if i % 4 else random.randbytes(size))
open("tree/big", "wb").write(b"".join(b"%d\n" % i for i in range(1200000)))
open("tree/noise", "wb").write(random.randbytes(9 << 20))
PY
  ln -s big tree/link
}

# Packs with several numbers of jobs; the archive and all that is said are the same: same ARGUMENT...
same() {
  local jobs status
  for jobs in 1 2 3 16; do
    cp old.zip "a$jobs.zip" 2>/dev/null || rm -f "a$jobs.zip"
    status=0
    "$VXZIP" -v --jobs=$jobs "a$jobs.zip" "$@" >"out$jobs" 2>"err$jobs" || status=$?
    echo "$status" >>"out$jobs"
    sed -i "s/a$jobs.zip/a.zip/" "out$jobs" "err$jobs"
    cmp a1.zip "a$jobs.zip"
    diff out1 "out$jobs"
    diff err1 "err$jobs"
  done
}

@test "a new archive is the same to the byte with any number of jobs" {
  same -r -y tree
  "$VXUNZIP" -q -d out a1.zip
  diff -r --no-dereference tree out/tree
}

@test "so is one with certificates, and one that only stores" {
  same -r -y --certify -m deflate tree
  "$VXUNZIP" --certified -q -d out a1.zip
  same -r -y -0 tree
}

@test "so is an archive that is updated" {
  "$VXZIP" -q -r -y old.zip tree
  for i in tree/f* tree/sub/f*; do echo changed >>"$i"; done
  echo new >tree/a-new-one
  same -r -y tree
  "$VXUNZIP" -q -d out a1.zip
  diff -r --no-dereference tree out/tree
}

@test "so is what is said of files that cannot be read" {
  local files=(tree/sub/f*)
  chmod 0 "${files[0]}" "${files[3]}"
  few_rights vxzip
  VXZIP=$BATS_TEST_TMPDIR/vxzip
  printf '#!/bin/sh\nexec %s "$@"\n' "${FEW_RIGHTS[*]}" >vxzip
  chmod -R a+rX . && chmod 0 "${files[0]}" "${files[3]}" && chmod a+rwx . vxzip
  same -r -y tree
  [ "$(grep -c 'Permission denied' err1)" -eq 2 ]
  [ "$(tail -1 out1)" = 18 ]
}

@test "an interrupt while several files are encoded leaves nothing" {
  for i in 1 2 3 4; do seq $((i * 1000000)) $((i * 1000000 + 3000000)) >"long$i"; done
  set -m
  "$VXZIP" -q -9 --jobs=3 b.zip long? 2>message &
  local pid=$! status=0
  sleep 0.7
  kill -INT $pid
  wait $pid || status=$?
  [ "$status" -eq 9 ]
  [ "$(wc -l <message)" -eq 1 ]
  grep -q interrupted message
  absent b.zip
  no_partial_files
}

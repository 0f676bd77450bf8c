# SPDX-License-Identifier: MIT
# Knows what becomes of files that exist: -o, -n, questions on a terminal, and nobody to ask.

load ../support/helper

setup() {
  cd "$BATS_TEST_TMPDIR"
  forge a.zip 'member("f", b"new f")' 'member("g", b"new g")' 'member("h", b"new h")'
  echo old >f
  echo old >g
}

contents() {
  [ "$(cat f)" = "$1" ] && [ "$(cat g)" = "$2" ] && [ "$(cat h)" = "new h" ]
}

@test "-o replaces" {
  ends 0 "$VXUNZIP" -qo a.zip
  contents "new f" "new g"
}

@test "-n keeps, silently" {
  ends 0 "$VXUNZIP" -n a.zip
  contents old old
  [[ $output == $'  extracting: h\n1 member: '* ]]
}

@test "with nobody to ask, the member is refused: status 2, the others are done" {
  ends 2 "$VXUNZIP" a.zip </dev/null
  says "f: the file exists; -o would replace it, -n keep it silently" "g: the file exists"
  contents old old
}

@test "y replaces one, n keeps one" {
  answers $'y\nn\n' "$VXUNZIP" a.zip
  [ "$status" -eq 0 ]
  says "replace f? [y]es, [n]o, [A]ll, [N]one, [r]ename: " "replace g?"
  contents "new f" old
}

@test "A replaces all, N keeps all" {
  answers $'A\n' "$VXUNZIP" a.zip
  [ "$status" -eq 0 ]
  silent_about "replace g?"
  contents "new f" "new g"
  echo old >f
  echo old >g
  rm h
  answers $'N\n' "$VXUNZIP" a.zip
  [ "$status" -eq 0 ]
  contents old old
}

@test "an unknown answer is asked for again, and the end of input keeps all" {
  answers $'x\n\ny\nn\n' "$VXUNZIP" a.zip
  [ "$status" -eq 0 ]
  contents "new f" old
  rm h
  echo old >f
  answers $'\x04' "$VXUNZIP" a.zip
  [ "$status" -eq 0 ]
  silent_about "replace g?"
  contents old old
}

@test "r takes another name, which must be as safe and as free" {
  mkdir out
  mv f g out
  answers $'r\ng\nr\nother\nn\n' "$VXUNZIP" -d out a.zip
  [ "$status" -eq 0 ]
  [ "$(cat out/other)" = "new f" ]
  rm out/other out/h
  answers $'r\n../escaped\nn\n' "$VXUNZIP" -d out a.zip
  [ "$status" -eq 2 ]
  absent escaped
  (cd out && contents old old)
}

@test "replacing keeps no link to the old file" {
  ln f other
  ends 0 "$VXUNZIP" -qo a.zip
  [ "$(cat other)" = old ]
}

@test "a damaged member does not cost the file that it would replace" {
  forge a.zip 'member("f", b"new", crc=7)'
  ends 2 "$VXUNZIP" -qo a.zip
  [ "$(cat f)" = old ]
  no_partial_files
}

@test "a link is replaced like a file" {
  forge a.zip 'member("f", b"target", mode=0o120777)'
  ends 2 "$VXUNZIP" a.zip </dev/null
  [ "$(cat f)" = old ]
  ends 0 "$VXUNZIP" -qo a.zip
  [ "$(readlink f)" = target ]
}

@test "a file that appears only after the decision is not replaced" {
  set -m
  # The link waits for the end, when its decision is long made.
  forge b.zip 'program("write-then-forever")' 'member("l", b"target", mode=0o120777)' \
    'coded("slow", "write-then-forever", b"1" * 100)'
  "$VXUNZIP" -q --time=2 b.zip >log 2>&1 </dev/null &
  local pid=$!
  for _ in $(seq 500); do
    [ -z "$(find . -name '.vxa-*')" ] || break
    sleep 0.01
  done
  echo mine >l
  status=0
  wait $pid || status=$?
  [ "$status" -eq 2 ]
  [ "$(cat l)" = mine ]
  grep -q "l: cannot make the link: File exists" log
}

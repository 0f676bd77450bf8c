# SPDX-License-Identifier: MIT
# Knows what the programs show on a terminal, and only there: a progress line, and colour.

load ../support/helper
need script

setup() {
  cd "$BATS_TEST_TMPDIR"
  export TERM=xterm
  unset NO_COLOR
}

# Runs a command line on a terminal of 80 columns; what it shows is in $output: shows STATUS COMMAND
shows() {
  run timeout 120 script -qec "stty cols 80; $2" /dev/null
  [ "$status" -eq "$1" ] || { echo "status $status: ${output: -300}"; return 1; }
}

# Files that take longer than the first half second.
large_files() {
  seq 3000000 >big1
  cp big1 big2
}

@test "packing and extracting show bytes, files, rate and time left, in a line that is taken away" {
  large_files
  shows 0 "$VXZIP --portable -9 a.zip big1 big2"
  [[ $output =~ [0-9]+%\ \ [0-9.]+\ MB\ of\ 45.8\ MB,\ [01]\ of\ 2\ files,\ [0-9.]+\ [kM]B/s,\ [0-9]+:[0-9][0-9]\ left ]]
  # The last thing done to the line is to clear it, and each line of text begins on a clear one.
  [[ ${output##*left} == $'\e[K'*$'\r\e[K'* ]]
  ! grep -q 'left.*adding' <(tr '\r' '\n' <<<"$output")
  local line
  while read -r line; do
    [ "${#line}" -le 83 ] # with the three characters that clear its rest
  done < <(tr '\r' '\n' <<<"$output")
  shows 0 "$VXUNZIP --engine=interpret -t a.zip"
  [[ $output == *"testing: big2"* ]]
}

@test "there is no progress line with -q, in a pipe, or where all is done at once" {
  large_files
  shows 0 "$VXZIP -q --portable -9 a.zip big1 big2"
  silent_about left
  rm a.zip
  "$VXZIP" --portable -9 a.zip big1 big2 >out 2>&1
  ! grep -q left out
  shows 0 "$VXUNZIP -l a.zip"
  silent_about left
  # What reads the pipe may have the terminal to itself; a file has not.
  shows 0 "$VXUNZIP --engine=interpret -p a.zip | cat >out"
  silent_about left
  shows 0 "$VXUNZIP --engine=interpret -p a.zip >out"
  says left
}

@test "messages are coloured on a terminal, unless NO_COLOR is set or the terminal is dumb" {
  forge a.zip 'member("good", b"1")' 'member("bad", b"1", crc=7)'
  shows 2 "$VXUNZIP -t a.zip"
  says $'\e[31m' $'\e[32m  OK\e[0m'
  NO_COLOR=1 shows 2 "$VXUNZIP -t a.zip"
  silent_about $'\e'
  NO_COLOR='' shows 2 "$VXUNZIP -t a.zip"
  says $'\e[31m'
  TERM=dumb shows 2 "$VXUNZIP -t a.zip"
  silent_about $'\e'
  ends 2 "$VXUNZIP" -t a.zip
  silent_about $'\e'
}

@test "the end tells how many members, from what to what size" {
  seq 10000 >text
  ends 0 "$VXZIP" -m zstd a.zip text
  [[ $output == *"total 48894 to "*" bytes ("??"%), 1 member" ]]
  ends 0 "$VXUNZIP" -d out a.zip
  [[ $output == *"1 member: 48894 bytes from "*" ("??"% saved)" ]]
  ends 0 "$VXUNZIP" -q -d out2 a.zip
  [ -z "$output" ]
}

@test "names beyond ASCII are right in every listing, of UTF-8 and of code page 437" {
  forge a.zip 'member("\u4e2d\u6587/\u00fc\u0301\U0001f600", b"1")'
  python3 - <<'PY'
import zipfile
with zipfile.ZipFile("b.zip", "w") as archive:
    info = zipfile.ZipInfo("gr?n")
    info.create_system = 0
    archive.writestr(info, b"1")
data = open("b.zip", "rb").read().replace(b"gr?n", b"gr\x81n")
open("b.zip", "wb").write(data)
PY
  local name=$'\u4e2d\u6587/\u00fc\u0301\U0001f600' form
  for form in -l -v -t "-l --json" "-d out"; do
    # shellcheck disable=SC2086
    LC_ALL=C ends 0 "$VXUNZIP" $form a.zip
    says "$name"
    # shellcheck disable=SC2086
    ends 0 "$VXUNZIP" $form b.zip
    says "grün"
  done
  [ -f "out/$name" ]
}

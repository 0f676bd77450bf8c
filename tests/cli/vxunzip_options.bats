# SPDX-License-Identifier: MIT
# Knows help, version, and which mistakes in the command line are told.

load ../support/helper

setup() {
  cd "$BATS_TEST_TMPDIR"
  forge a.zip 'member("f", b"1")'
}

@test "--help fits 80 columns and names every option" {
  ends 0 "$VXUNZIP" --help
  says -l -v -t -p -d -o -n -q -j -x --engine --decoders --decode --decoder-dir --max-total \
    --max-ratio --max-members --memory --time --version "Exit status"
  [ "$(echo "$output" | awk 'length > 80' | wc -l)" -eq 0 ]
  ends 0 "$VXUNZIP" -h
}

@test "--version names the program and a version" {
  ends 0 "$VXUNZIP" --version
  [[ $output =~ ^vxunzip\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
}

@test "mistakes are status 10, with one line that names them" {
  ends 10 "$VXUNZIP"
  ends 10 "$VXUNZIP" --nonsense a.zip
  says "vxunzip: --nonsense: no such option"
  ends 10 "$VXUNZIP" -Z a.zip
  says "-Z: no such option"
  ends 10 "$VXUNZIP" a.zip -d
  says "-d: an argument is missing"
  ends 10 "$VXUNZIP" --engine=fast a.zip
  says "no such engine" fast
  ends 10 "$VXUNZIP" -lt a.zip
  says "only one of"
  for size in 1X -1 "" x 99999999999999999999 18014398509481984K; do
    ends 10 "$VXUNZIP" --max-total="$size" a.zip
    says "not a number"
  done
  [ "${#lines[@]}" -eq 1 ]
  absent f
}

@test "an engine that this host does not have is status 81" {
  "$VXUNZIP" --engine=translate -tq a.zip || [ $? -eq 81 ]
}

@test "options may come after the archive, and -- ends them" {
  ends 0 "$VXUNZIP" a.zip -q -d out
  [ -f out/f ]
  forge ./-b.zip 'member("-x", b"1")'
  ends 0 "$VXUNZIP" -q -- -b.zip -x
  [ -f ./-x ]
}

@test "a decoder is also looked for in --decoder-dir" {
  forge b.zip 'coded("f", "exit3", b"1")'
  ends 81 "$VXUNZIP" b.zip
  mkdir decoders
  python3 -c 'import sys; sys.path.insert(0, sys.argv[1]); import forge; open("decoders/codec.elf", "wb").write(forge.PROGRAMS["exit3"])' "$SUPPORT"
  ends 2 "$VXUNZIP" --decoder-dir=decoders b.zip
}

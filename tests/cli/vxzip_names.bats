# SPDX-License-Identifier: MIT
# Knows how the names of files become the names of members.

load ../support/helper
load vxzip_support

setup() {
  cd "$BATS_TEST_TMPDIR"
}

@test "a name beyond ASCII is UTF-8 with its flag, an ASCII name has no flag" {
  echo 1 >$'gr\xc3\xbcn \xe2\x82\xac \xf0\x9f\x98\x80'
  echo 2 >plain
  "$VXZIP" -q a.zip plain $'gr\xc3\xbcn \xe2\x82\xac \xf0\x9f\x98\x80'
  [ "$(attribute a.zip plain flag_bits)" -eq 0 ]
  [ "$(attribute a.zip $'gr\xc3\xbcn \xe2\x82\xac \xf0\x9f\x98\x80' flag_bits)" -eq 2048 ]
}

@test "a name that is no UTF-8 is kept byte by byte, without the flag" {
  for name in $'\xff\xfe' $'\xc0\xaf' $'\xed\xa0\x80' $'\xf5\x80\x80\x80' $'\xe2\x82' \
    $'a\x80' $'\xe0\x80\x81' $'\xf4\x90\x80\x80'; do
    rm -f a.zip
    echo 1 >"$name"
    "$VXZIP" -q a.zip "$name"
    python3 - a.zip "$name" <<'PY'
import os, struct, sys
data = open(sys.argv[1], "rb").read()
name = os.fsencode(sys.argv[2])
assert struct.unpack_from("<H", data, 6)[0] & 0x800 == 0
assert data[30:30 + len(name)] == name, data[:60]
assert struct.unpack_from("<H", data, 26)[0] == len(name)
PY
    unpack a.zip out
    cmp "$name" "out/$name"
  done
}

@test "spaces, a leading dash, a newline, quotes and backslashes are ordinary bytes" {
  local -a names=("two words" "-dash" $'new\nline' "it's" 'back\slash' '*' $'tab\tstop')
  for name in "${names[@]}"; do echo "$name" >"./$name"; done
  "$VXZIP" -q a.zip -- "${names[@]}"
  unpack a.zip out
  for name in "${names[@]}"; do cmp -- "$name" "out/$name"; done
}

@test "control characters in a name do not reach the terminal" {
  echo 1 >$'esc\e[31mred'
  run "$VXZIP" a.zip $'esc\e[31mred'
  [ "$status" -eq 0 ]
  [[ $output != *$'\e'* ]]
}

@test "a leading slash, dots and doubled slashes are left out" {
  mkdir -p d/e
  echo 1 >d/e/f
  "$VXZIP" -q a.zip "$PWD/d/e/f"
  [ "$(members a.zip)" = "${PWD#/}/d/e/f" ]
  "$VXZIP" -q b.zip ./d/./e//f
  [ "$(members b.zip)" = d/e/f ]
  (cd d && "$VXZIP" -qr ../c.zip .)
  [ "$(members c.zip)" = $'e/\ne/f' ]
}

@test "everything up to the last .. is left out, with a warning" {
  mkdir -p d/e
  echo 1 >d/f
  cd d/e
  run "$VXZIP" a.zip ../f
  [ "$status" -eq 0 ]
  [[ $output == *"../f"*".."* ]]
  [ "$(members a.zip)" = f ]
  cd ..
  "$VXZIP" -m zstd -q b.zip e/../../d/f
  [ "$(members b.zip)" = d/f ]
}

@test "names below .vxa/ belong to the archive and are left out" {
  sample tree
  "$VXZIP" -m zstd -qr a.zip tree
  unzip -q a.zip '.vxa/*'
  echo mine >.vxa/mine
  run "$VXZIP" -m zstd -r b.zip .vxa tree/a.txt
  [ "$status" -eq 0 ]
  [[ $output == *.vxa/mine*"left out"* ]]
  [ "$(own_members b.zip)" = $'.vxa/zstd.elf\n.vxa/README.txt' ]
  [ "$(members b.zip)" = tree/a.txt ]
}

@test "the longest names that a file system has are packed" {
  local long
  long=$(printf 'n%.0s' {1..255})
  mkdir -p "$long/$long/$long"
  echo 1 >"$long/$long/$long/$long"
  "$VXZIP" -m zstd -qr a.zip "$long"
  unpack a.zip out
  cmp "$long/$long/$long/$long" "out/$long/$long/$long/$long"
  "$VXZIP" -q "${long:4}.zip" "$long"
  [ -s "${long:4}.zip" ]
}

@test "names in -@ may begin with a dash and hold spaces" {
  echo 1 >"-a b"
  printf -- '-a b\n' | "$VXZIP" -q -@ a.zip
  [ "$(members a.zip)" = "-a b" ]
}

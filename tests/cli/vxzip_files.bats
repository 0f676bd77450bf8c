# SPDX-License-Identifier: MIT
# Knows how modes, times, links, folders and special files are packed.

load ../support/helper
load vxzip_support

setup() {
  cd "$BATS_TEST_TMPDIR"
}

mode_of() {
  printf '%o' $(($(attribute "$1" "$2" external_attr) >> 16))
}

@test "permissions are those of the file, with its type, and the host is Unix" {
  mkdir -m 750 d
  for mode in 755 600 444 4711; do
    echo $mode >f$mode
    chmod $mode f$mode
  done
  "$VXZIP" -q a.zip d f755 f600 f444 f4711
  [ "$(mode_of a.zip d/)" = 40750 ]
  [ "$(mode_of a.zip f755)" = 100755 ]
  [ "$(mode_of a.zip f600)" = 100600 ]
  [ "$(mode_of a.zip f444)" = 100444 ]
  [ "$(mode_of a.zip f4711)" = 104711 ]
  [ "$(attribute a.zip f755 create_system)" -eq 3 ]
  [ $(($(attribute a.zip f444 external_attr) & 1)) -eq 1 ]
  [ $(($(attribute a.zip d/ external_attr) & 16)) -eq 16 ]
}

@test "the time of modification is exact to the second in both headers" {
  echo 1 >f
  for seconds in 1000000001 0 -1 2147483647; do
    rm -f a.zip
    touch -d "@$seconds" f
    "$VXZIP" -q a.zip f
    python3 - a.zip $seconds <<'PY'
import struct, sys
data = open(sys.argv[1], "rb").read()
local = data[31:31 + 9]
central = data[data.index(b"PK\1\2") + 47:][:9]
assert local == central == struct.pack("<HHBi", 0x5455, 5, 1, int(sys.argv[2])), (local, central)
PY
  done
  touch -d @1000000001 f
  "$VXZIP" -q a.zip f
  mkdir out && unzip -q a.zip -d out
  [ "$(stat -c %Y out/f)" -eq 1000000001 ]
}

@test "a time beyond 2038 stands in the DOS fields alone" {
  echo 1 >f
  touch -d '2050-06-07 08:09:10 UTC' f
  "$VXZIP" -q a.zip f
  [ "$(attribute a.zip f date_time)" = "(2050, 6, 7, 8, 9, 10)" ]
  [ "$(attribute a.zip f extra)" = "b''" ]
}

@test "links are followed, or with -y stored as links" {
  echo content >target
  ln -s target link
  ln -s nowhere broken
  ln -s . here
  "$VXZIP" -q a.zip link
  [ "$(unzip -p a.zip link)" = content ]
  [ "$(mode_of a.zip link)" = 100644 ]
  "$VXZIP" -qy b.zip link broken here
  [ "$(mode_of b.zip link)" = 120777 ]
  [ "$(unzip -p b.zip link)" = target ]
  mkdir out && unzip -q b.zip -d out
  [ "$(readlink out/link)" = target ] && [ "$(readlink out/broken)" = nowhere ]
}

@test "a link that leads nowhere is status 18, and the others are packed" {
  ln -s nowhere broken
  echo 1 >f
  run "$VXZIP" a.zip broken f
  [ "$status" -eq 18 ]
  [ "$(members a.zip)" = f ]
}

@test "a link to a folder that it lies in ends, and is reported" {
  mkdir -p d/e
  echo 1 >d/f
  ln -s .. d/e/up
  ln -s loop loop
  run "$VXZIP" -r a.zip d
  [ "$status" -eq 0 ]
  [[ $output == *d/e/up*"left out"* ]]
  [ "$(members a.zip)" = $'d/\nd/e/\nd/f' ]
  run "$VXZIP" b.zip loop
  [ "$status" -eq 18 ]
}

@test "a linked folder that is no loop is followed twice" {
  mkdir d
  echo 1 >d/f
  ln -s d one
  "$VXZIP" -qr a.zip d one
  [ "$(members a.zip)" = $'d/\nd/f\none/\none/f' ]
}

@test "pipes, sockets and devices are left out with a warning" {
  mkfifo pipe
  echo 1 >f
  run "$VXZIP" a.zip pipe f /dev/null
  [ "$status" -eq 0 ]
  [[ $output == *pipe*"left out"* && $output == *"/dev/null"*"left out"* ]]
  [ "$(members a.zip)" = f ]
}

@test "the archive is not packed into itself" {
  mkdir d
  echo 1 >d/f
  "$VXZIP" -qr d/a.zip d
  "$VXZIP" -qr d/a.zip d
  [ "$(members d/a.zip)" = $'d/\nd/f' ]
}

@test "an unreadable file is status 18, and the others are packed" {
  echo 1 >f
  echo 2 >secret
  chmod 0 secret
  chmod 777 .
  few_rights vxzip
  run "${FEW_RIGHTS[@]}" a.zip f secret
  [ "$status" -eq 18 ]
  [[ $output == *secret*"Permission denied"* ]]
  [ "$(members a.zip)" = f ]
}

@test "a file that grows while it is read is left out whole: status 18" {
  head -c 300000000 /dev/zero >grows
  echo 1 >f
  (while sleep 0.01; do printf x >>grows || exit; done) &
  local writer=$!
  run "$VXZIP" a.zip f grows
  kill $writer
  [ "$status" -eq 18 ]
  [[ $output == *grows*"changed while it was read"* ]]
  [ "$(members a.zip)" = f ]
}

@test "a file that is written to while it is read is left out, verified or not: status 18" {
  head -c 300000000 /dev/zero >written
  echo 1 >f
  for option in --no-verify -q; do
    rm -f a.zip
    (while sleep 0.01; do printf x | dd of=written conv=notrunc status=none || exit; done) &
    local writer=$!
    run "$VXZIP" $option a.zip f written
    kill $writer
    [ "$status" -eq 18 ]
    [[ $output == *written*"changed while it was read"* ]]
    [ "$(members a.zip)" = f ]
  done
}

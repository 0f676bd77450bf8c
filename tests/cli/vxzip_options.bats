# SPDX-License-Identifier: MIT
# Knows what each option of vxzip does, and which exit status goes with which mistake.

load ../support/helper
load vxzip_support

setup() {
  cd "$BATS_TEST_TMPDIR"
  sample tree
}

@test "the archive carries its decoder first" {
  "$VXZIP" -r --method=zstd a.zip tree
  [ "$(attribute a.zip tree/a.txt compress_type)" -eq 93 ]
  [ "$(own_members a.zip)" = $'.vxa/zstd.elf\n.vxa/README.txt' ]
  [[ $(unzip -Z1 a.zip | head -1) == .vxa/zstd-*.elf ]]
  unpack a.zip out
  diff -r tree out/tree
}

@test "--portable uses deflate and stored members only" {
  "$VXZIP" -r --portable a.zip tree
  unzip -Z a.zip | grep -q defN
  ! unzip -Z a.zip | grep -E ' u[0-9]{3} '
  [ "$(own_members a.zip)" = $'.vxa/deflate.elf\n.vxa/README.txt' ]
  unpack a.zip out
  diff -r tree out/tree
}

@test "-0 and --method=store make an archive without decoders" {
  for option in -0 --method=store "-m store"; do
    rm -f a.zip
    # shellcheck disable=SC2086
    "$VXZIP" -r $option a.zip tree
    [ -z "$(own_members a.zip)" ]
    [ "$(attribute a.zip tree/a.txt compress_type)" -eq 0 ]
    unzip -tq a.zip
  done
}

@test "an archive in which nothing shrinks carries no decoder" {
  "$VXZIP" a.zip tree/noise tree/nothing
  [ -z "$(own_members a.zip)" ]
  [ "$(attribute a.zip tree/noise compress_type)" -eq 0 ]
}

@test "stored members in front of the first coded one come after the decoder" {
  "$VXZIP" a.zip tree/noise tree/nothing tree/a.txt
  [ "$(unzip -Z1 a.zip | grep -vE "^\.vxa/.*(licence|txt)$" | sed "s/-[0-9a-f]*//")" = \
    $'.vxa/deflate.elf\ntree/noise\ntree/nothing\ntree/a.txt' ]
}

@test "every level packs, and the highest is the smallest" {
  for level in 1 2 3 4 5 6 7 8 9; do
    "$VXZIP" -qr -$level $level.zip tree
    "$VXZIP" -qr -$level --portable p$level.zip tree
  done
  [ "$(stat -c %s 9.zip)" -lt "$(stat -c %s 1.zip)" ]
  [ "$(stat -c %s p9.zip)" -lt "$(stat -c %s p1.zip)" ]
  unpack 9.zip out
  diff -r tree out/tree
}

@test "zstd members are one frame with its size, no checksum, and a window of 8 MiB at most" {
  python3 -c 'import sys; sys.stdout.write("".join(f"{i}: {i*i}\n" for i in range(9000)) * 70)' >big
  "$VXZIP" -q -9 --method=zstd a.zip big
  python3 - a.zip <<'PY'
import struct, sys, zipfile
path = sys.argv[1]
info = zipfile.ZipFile(path).getinfo("big")
assert info.file_size > 1 << 23, info.file_size
data = open(path, "rb").read()
at = info.header_offset
start = at + 30 + sum(struct.unpack_from("<HH", data, at + 26))
frame = data[start:start + info.compress_size]
assert frame[:4] == b"\x28\xb5\x2f\xfd", frame[:4]
descriptor = frame[4]
assert descriptor & 4 == 0, "checksum"
if descriptor & 0x20:
    size_at = 5
else:
    assert (frame[5] >> 3) + 10 <= 23, "window"
    size_at = 6
assert descriptor & 3 == 0, "dictionary"
code = descriptor >> 6
assert code == 2, code
assert struct.unpack_from("<I", frame, size_at)[0] == info.file_size
assert (1 << 23) >= info.file_size or not descriptor & 0x20, "single segment beyond 8 MiB"
PY
}

@test ".zip is added to a name without a suffix only" {
  "$VXZIP" -q a tree/a.txt
  "$VXZIP" -q b.jar tree/a.txt
  mkdir dir.d
  "$VXZIP" -q dir.d/c tree/a.txt
  [ -f a.zip ] && [ -f b.jar ] && [ -f dir.d/c.zip ]
}

@test "without -r a folder is one member; with -r all below it comes along, sorted" {
  "$VXZIP" -q a.zip tree
  [ "$(members a.zip)" = tree/ ]
  "$VXZIP" -qr b.zip tree
  [ "$(members b.zip)" = "$(printf '%s\n' tree/ tree/a.txt tree/deep/ tree/deep/b.txt \
    tree/deep/c.log tree/deep/empty/ tree/noise tree/nothing)" ]
}

@test "-j leaves the folders out" {
  "$VXZIP" -qrj a.zip tree
  [ "$(members a.zip)" = $'a.txt\nb.txt\nc.log\nnoise\nnothing' ]
}

@test "-j refuses two different files of one name" {
  cp tree/noise tree/deep/a.txt
  run "$VXZIP" -rj a.zip tree
  [ "$status" -eq 16 ]
  [[ $output == *"tree/a.txt"*"tree/deep/a.txt"* ]]
  [ ! -e a.zip ]
}

@test "a file that is named twice is packed once" {
  "$VXZIP" -q a.zip tree/a.txt ./tree/a.txt tree//a.txt
  [ "$(members a.zip)" = tree/a.txt ]
}

@test "-x leaves members out, -i takes no others" {
  "$VXZIP" -qr a.zip tree -x '*.txt' '*/deep/*'
  [ "$(members a.zip)" = $'tree/\ntree/noise\ntree/nothing' ]
  "$VXZIP" -qr b.zip tree -i '*.txt' '*.log' -x 'tree/a*'
  [ "$(members b.zip)" = $'tree/deep/b.txt\ntree/deep/c.log' ]
}

@test "-@ reads names from standard input" {
  printf '%s\n' tree/noise '' tree/deep/b.txt | "$VXZIP" -q -@ a.zip
  [ "$(members a.zip)" = $'tree/noise\ntree/deep/b.txt' ]
}

@test "-q says nothing, the default one line a member, -v the sizes and a total" {
  [ -z "$("$VXZIP" -qr a.zip tree 2>&1)" ]
  run "$VXZIP" -r -m zstd b.zip tree
  [[ $output == *"  adding: tree/a.txt (zstd "??"%)"* ]]
  [[ $output == *"  adding: tree/noise (stored 0%)"* ]]
  run "$VXZIP" -v c.zip tree/noise
  [[ $output == *"  adding: tree/noise (4000 to 4000 bytes) (stored 0%)"* ]]
  [[ $output == *"total 4000 to 4000 bytes (0%)"* ]]
}

@test "-T reports a good archive" {
  run "$VXZIP" -rT a.zip tree
  [ "$status" -eq 0 ]
  [[ $output == *"test of a.zip OK (12 members)"* ]]
}

@test "--help and --version answer, and --help explains the exit statuses" {
  run "$VXZIP" --help
  [ "$status" -eq 0 ]
  [[ $output == *vxzip*--portable*"18 a file could not be read"* ]]
  run "$VXZIP" -h
  [ "$status" -eq 0 ]
  run "$VXZIP" --version
  [ "$status" -eq 0 ]
  [[ $output =~ ^"vxzip "[0-9]+\.[0-9]+\.[0-9]+$ ]]
}

@test "wrong usage is status 16, with nothing made" {
  local -a calls=("" "a.zip" "--no-such a.zip tree" "-m nosuch a.zip tree"
    "--portable --method=zstd a.zip tree" "--engine=nosuch a.zip tree"
    "-u -d a.zip tree" "-f - tree" "--attach a.zip tree")
  for call in "${calls[@]}"; do
    # shellcheck disable=SC2086
    run "$VXZIP" $call
    echo "vxzip $call: $status: $output"
    [ "$status" -eq 16 ]
    [ -n "$output" ]
    [ ! -e a.zip ]
  done
}

@test "nothing to do is status 12" {
  run "$VXZIP" -r a.zip tree -i 'nosuch*'
  [ "$status" -eq 12 ]
  [ ! -e a.zip ]
}

@test "a file that is not there is status 18, and the others are packed" {
  run "$VXZIP" a.zip tree/a.txt nosuch
  [ "$status" -eq 18 ]
  [[ $output == *nosuch*"No such file"* ]]
  [ "$(members a.zip)" = tree/a.txt ]
  run "$VXZIP" b.zip nosuch
  [ "$status" -eq 18 ]
  [ ! -e b.zip ]
}

@test "an archive that cannot be made is status 15" {
  run "$VXZIP" nosuch/a.zip tree/a.txt
  [ "$status" -eq 15 ]
  mkdir folder.zip
  run "$VXZIP" folder.zip tree/a.txt
  [ "$status" -ne 0 ]
  [ -d folder.zip ]
}

@test "--engine=interpret gives the same archive" {
  "$VXZIP" -qr a.zip tree
  "$VXZIP" -qr --engine=interpret b.zip tree
  cmp a.zip b.zip
}

@test "--decoder-dir is looked into first, and its decoder is the one that is attached" {
  mkdir dir
  cp "$VXA_BUILD/decoders/zstd.elf" dir/
  printf 'more' >>dir/zstd.elf
  "$VXZIP" -qr -m zstd --decoder-dir dir a.zip tree
  unzip -Z1 a.zip | grep -q "zstd-$(sha256sum dir/zstd.elf | head -c 16).elf"
  unpack a.zip out
  diff -r tree out/tree
}

@test "a decoder that does not give the file back stops packing: status 8, no archive" {
  mkdir dir
  local nbytes
  nbytes=$(stat -c %s tree/a.txt)
  for count in 1 $((nbytes - 1)) $nbytes $((nbytes + 1)); do
    liar dir/zstd.elf $count
    run "$VXZIP" -m zstd --decoder-dir dir a.zip tree/a.txt
    echo "$count of $nbytes bytes: $status: $output"
    [ "$status" -eq 8 ]
    [[ $output == *tree/a.txt*"does not give the file back"* ]]
    [ ! -e a.zip ]
    no_leftovers
  done
}

@test "a decoder that fails stops packing: status 8, no archive" {
  mkdir dir
  cp "$VXA_BUILD/decoders/deflate.elf" dir/zstd.elf
  run "$VXZIP" -m zstd --decoder-dir dir a.zip tree/a.txt
  [ "$status" -eq 8 ]
  [[ $output == *tree/a.txt* ]]
  [ ! -e a.zip ]
  no_leftovers
}

@test "--no-verify trusts the decoder; -T finds it out" {
  mkdir dir
  local nbytes
  nbytes=$(stat -c %s tree/a.txt)
  for count in 1 $nbytes $((nbytes + 1)); do
    rm -f a.zip
    liar dir/zstd.elf $count
    "$VXZIP" -q --no-verify -m zstd --decoder-dir dir a.zip tree/a.txt
    [ -s a.zip ]
    run "$VXZIP" -T --no-verify -m zstd --decoder-dir dir b.zip tree/a.txt
    [ "$status" -eq 8 ]
    [[ $output == *tree/a.txt* ]]
    [ ! -e b.zip ]
    no_leftovers
  done
}

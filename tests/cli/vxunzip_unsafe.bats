# SPDX-License-Identifier: MIT
# Knows that no archive writes outside the target folder, through a link, or over what it may not.

load ../support/helper

setup() {
  cd "$BATS_TEST_TMPDIR"
  mkdir outside
  echo precious >outside/file
}

# Extraction into out ends with STATUS, and outside/ is as it was.
stays_inside() {
  local expected=$1
  shift
  ends "$expected" "$VXUNZIP" -o -d out a.zip "$@"
  [ "$(ls -A outside)" = file ]
  [ "$(cat outside/file)" = precious ]
  [ "$(ls -A | tr '\n' ' ')" = "a.zip out outside " ]
  no_partial_files
}

@test "names with .. are refused wherever the dots are" {
  forge a.zip 'member("../outside/new", b"1")' 'member("d/../../outside/new", b"1")' \
    'member("..", b"1")' 'member("d/..", b"1")' 'member("../", mode=0o40755)' 'member("good", b"2")'
  stays_inside 2
  [ "$(cat out/good)" = 2 ]
}

@test "absolute names are refused" {
  forge a.zip "member('$PWD/outside/new', b'1')" 'member("//etc/vxa-test", b"1")' \
    'member("good", b"2")'
  stays_inside 2
  absent /etc/vxa-test "out/$PWD/outside/new"
  [ "$(cat out/good)" = 2 ]
}

@test "a name with a NUL byte, or none at all, is refused" {
  forge a.zip 'member(b"f\0g", b"1")' 'member(b"", b"1")' 'member("good", b"2")'
  stays_inside 2
  [ "$(ls -A out)" = good ]
}

@test "a link and a file to be written through it: the file's folder wins, the link is refused" {
  forge a.zip 'member("way", b"../outside", mode=0o120777)' 'member("way/new", b"1")'
  stays_inside 2
  says "way: cannot make the link"
  [ "$(cat out/way/new)" = 1 ]
}

@test "a link and a file of the same name: neither is written through" {
  forge a.zip 'member("way", b"../outside/file", mode=0o120777)' 'member("way", b"1")'
  stays_inside 2
  says "way: cannot make the link: File exists"
  [ "$(cat out/way)" = 1 ]
  forge a.zip 'member("way", b"1")' 'member("way", b"../outside/file", mode=0o120777)'
  stays_inside 0
  [ -L out/way ]
  forge a.zip 'member("way", b"1")'
  stays_inside 0
  [ "$(cat out/way)" = 1 ]
}

@test "a link in the target folder is not followed, as a folder or as a file" {
  mkdir out
  ln -s ../outside out/way
  ln -s ../outside/file out/link
  forge a.zip 'member("way/new", b"1")' 'member("way/deep/new", b"1")' \
    'member("way/deeper/", mode=0o40755)' 'member("link", b"2")'
  stays_inside 2
  says 'way/new: "way" on its way is a link or a file, not a folder'
  [ -L out/way ] && [ ! -L out/link ] && [ "$(cat out/link)" = 2 ]
}

@test "a folder member over a link to a folder is refused, and the modes outside stay" {
  mkdir out
  ln -s ../outside out/way
  chmod 700 outside
  forge a.zip 'member("way/", mode=0o40777)'
  stays_inside 2
  [ "$(stat -c %a outside)" = 700 ]
}

@test "a folder that becomes a link while it is being filled leads nowhere" {
  set -m
  forge a.zip 'program("write-then-forever")' 'member("d/", mode=0o40755)' \
    'coded("d/slow", "write-then-forever", b"1" * 100)' 'member("d/new", b"1")'
  "$VXUNZIP" --jobs=1 -q --time=2 -d out a.zip >log 2>&1 &
  local pid=$!
  for _ in $(seq 500); do
    [ -z "$(find out -name '.vxa-*' 2>/dev/null)" ] || break
    sleep 0.01
  done
  mv out/d out/moved
  ln -s ../outside out/d
  status=0
  wait $pid || status=$?
  cat log
  [ "$status" -eq 2 ]
  grep -q 'd/new: "d" on its way is a link' log
  [ "$(ls -A outside)" = file ]
  [ -z "$(ls -A out/moved)" ]
}

@test "what is in the way of a folder is not removed" {
  mkdir out
  echo mine >out/d
  forge a.zip 'member("d/f", b"1")' 'member("d/", mode=0o40755)'
  stays_inside 2
  [ "$(cat out/d)" = mine ]
}

@test "a folder in the way of a file or link is not removed" {
  mkdir -p out/f out/l
  forge a.zip 'member("f", b"1")' 'member("l", b"x", mode=0o120777)'
  stays_inside 2
  says "f: a folder of this name exists" "l: a folder of this name exists"
  [ -d out/f ] && [ -d out/l ]
}

@test "links with an impossible text are refused" {
  forge a.zip 'member("empty", b"", mode=0o120777)' 'member("nul", b"a\0b", mode=0o120777)' \
    'member("long", b"x" * 5000, mode=0o120777)' 'member("good", b"2")'
  stays_inside 2
  says "empty: its content is no text" "nul: its content is no text" "long: the text of the link"
  [ "$(ls -A out)" = good ]
}

@test "a suffix of a decoded form cannot lead elsewhere" {
  forge a.zip 'jpeg("f", b"data", "'"$BUILD"'/decoders/deflate.elf", suffix=b"/../../outside/new")' \
    'jpeg("g", b"data", "'"$BUILD"'/decoders/deflate.elf", suffix=b".\x1b")'
  stays_inside 0 --decode
  [ "$(ls -A out | tr '\n' ' ')" = "f g " ]
}

@test "-j does not make a name of dots" {
  forge a.zip 'member("d/..", b"1")' 'member("good/.", b"1")' 'member("d/good", b"2")'
  ends 2 "$VXUNZIP" -qj -d out a.zip
  [ "$(ls -A out)" = good ]
}

@test "without permission to write, the message says so and nothing is left" {
  mkdir -m 555 out
  chmod 777 .
  forge a.zip 'member("f", b"1")' 'member("d/f", b"1")'
  few_rights vxunzip
  ends 2 "${FEW_RIGHTS[@]}" -d out a.zip
  says "f: cannot make a file in its folder: Permission denied" "d/f: cannot open the folder \"d\""
  [ -z "$(ls -A out)" ]
  echo 1 >file
  ends 2 "$VXUNZIP" -d file a.zip
  says "cannot open the target folder: Not a directory"
}

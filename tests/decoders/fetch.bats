#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Proves how source archives are found and checked; commands that would reach the network are stand-ins.

setup() {
  load support
  need sha256sum awk
  cd "$BATS_TEST_TMPDIR"
  unset VXA_SOURCES
  FETCH=$PROJECT/decoders/fetch.sh
  mkdir bin local
  local tool
  for tool in apt-get apt-cache curl wget; do
    stand_in $tool 'exit 7'
  done
  stand_in apt-config "echo \"main='$PWD/etc/sources.list'; parts='$PWD/etc/sources.list.d/'\""
  PATH=$PWD/bin:$PATH
  echo archive >local/good-1.tar
  HASH=$(sha256sum <local/good-1.tar | cut -d ' ' -f 1)
  table good-1.tar "$HASH" https://example.org/good-1.tar
}

# A command that leaves a line in the file "called": stand_in NAME BODY
stand_in() {
  printf '#!/bin/sh\necho "%s $*" >>"%s/called"\n%s\n' "$1" "$PWD" "$2" >bin/"$1"
  chmod +x bin/"$1"
}

# Rows of FILE, SHA-256 and ORIGIN for the package "good"
table() {
  while [ $# -gt 0 ]; do
    echo "good 1 MIT $1 $2 $3"
    shift 3
  done >table
}

fetch() {
  run sh "$FETCH" table "${PACKAGE:-good}" cache result "$@"
}

@test "an archive in the folder VXA_SOURCES is taken before anything else is tried" {
  export VXA_SOURCES=$PWD/local
  fetch
  [ "$status" -eq 0 ]
  cmp "$(<result)" local/good-1.tar
  [ ! -e called ]
}

@test "an archive in the folder of the build's setting is taken without the network" {
  fetch "$PWD/local"
  [ "$status" -eq 0 ]
  cmp "$(<result)" local/good-1.tar
  [ ! -e called ]
}

@test "an archive with a wrong hash is refused with both hashes" {
  echo evil >local/good-1.tar
  export VXA_SOURCES=$PWD/local
  fetch
  [ "$status" -ne 0 ]
  [[ $output == *"$PWD/local/good-1.tar: refused, wrong SHA-256 "*"(expected $HASH)"* ]]
  [ ! -e result ]
  [ ! -e cache/good-1.tar ]
}

@test "a download with a wrong hash is refused" {
  stand_in curl 'while [ "$1" != -o ]; do shift; done; echo evil >"$2"'
  fetch
  [ "$status" -ne 0 ]
  [[ $output == *"https://example.org/good-1.tar: refused, wrong SHA-256 "* ]]
  [ ! -e result ]
  [ ! -e cache/good-1.tar ]
}

@test "a download with the right hash is kept and used again without the network" {
  stand_in curl 'while [ "$1" != -o ]; do shift; done; echo archive >"$2"'
  fetch
  [ "$status" -eq 0 ]
  rm called result
  fetch
  [ "$status" -eq 0 ]
  [ "$(<result)" = "$PWD/cache/good-1.tar" ]
  [ ! -e called ]
}

@test "a damaged archive in the cache is fetched again" {
  export VXA_SOURCES=$PWD/local
  fetch
  echo damage >>cache/good-1.tar
  fetch
  [ "$status" -eq 0 ]
  cmp "$(<result)" local/good-1.tar
}

@test "when nothing works, every origin, its reason and the way out are named" {
  table good_1.orig.tar "$HASH" debian:goodsource good-1.tar "$HASH" https://example.org/good-1.tar
  stand_in curl 'echo "curl: no route" >&2; exit 7'
  export VXA_SOURCES=$PWD/missing
  fetch
  [ "$status" -ne 0 ]
  [[ $output == *"$PWD/missing: no such folder"* ]]
  [[ $output == *"source package goodsource: no version in the index"* ]]
  [[ $output == *"https://example.org/good-1.tar: curl: no route"* ]]
  [[ $output == *"VXA_SOURCES"*"good_1.orig.tar  SHA-256 $HASH"* ]]
}

@test "a package that the table does not have is an error" {
  PACKAGE=other fetch
  [ "$status" -ne 0 ]
  [[ $output == *"no package other"* ]]
}

@test "the version of a source package is chosen by the archive's hash" {
  table good_1.orig.tar "$HASH" debian:goodsource
  stand_in apt-cache "printf 'Package: goodsource\nVersion: 2\nChecksums-Sha256:\n %064d 1 a.tar\n\nPackage: goodsource\nVersion: 1-3\nChecksums-Sha256:\n $HASH 8 renamed.tar\n' 0"
  stand_in apt-get 'case $* in *goodsource=1-3) echo archive >renamed.tar ;; esac'
  fetch
  [ "$status" -eq 0 ]
  [ "$(<result)" = "$PWD/cache/good_1.orig.tar" ]
  grep -q 'apt-get .* source .*goodsource=1-3' called
}

@test "the system's package sources of both forms become source-package entries" {
  mkdir -p etc/sources.list.d
  cat >etc/sources.list <<'LIST'
# a comment
deb [signed-by=/key.asc] https://one.example/debian stable main
deb cdrom:[disc]/ stable main
LIST
  cat >etc/sources.list.d/two.list <<'LIST'
deb-src https://two.example/debian stable main
LIST
  cat >etc/sources.list.d/three.sources <<'LIST'
# a comment
Types: deb deb-src
URIs: https://three.example/debian
Suites: stable stable-updates
Components: main
Signed-By:
 -----BEGIN
 .
 -----END

Types: deb
Enabled: no
URIs: https://four.example/debian
Suites: stable
LIST
  table good_1.orig.tar "$HASH" debian:goodsource
  fetch
  [ "$(<cache/apt/sources.d/system.list)" = "deb-src [signed-by=/key.asc] https://one.example/debian stable main
deb-src https://two.example/debian stable main" ]
  cat >expected <<'LIST'
Types: deb-src
URIs: https://three.example/debian
Suites: stable stable-updates
Components: main
Signed-By:
 -----BEGIN
 .
 -----END

Types: deb-src
Enabled: no
URIs: https://four.example/debian
Suites: stable

LIST
  diff cache/apt/sources.d/system.sources expected
  grep -q "apt-get .*-c $PWD/cache/apt/apt.conf .*update" called
  grep -q "Dir::State::lists \"$PWD/cache/apt/lists\"" cache/apt/apt.conf
}

@test "two fetches at once do not disturb each other" {
  table good-1.tar "$HASH" debian:goodsource
  stand_in apt-cache "printf 'Version: 1\n $HASH 8 renamed.tar\n'"
  stand_in apt-get 'case $* in
    *update) mkdir "'$PWD'/busy" || exit 9; sleep 0.3; rmdir "'$PWD'/busy" ;;
    *) echo archive >renamed.tar ;; esac'
  sh "$FETCH" table good cache first &
  sh "$FETCH" table good cache second
  wait $!
  cmp "$(<first)" local/good-1.tar
  cmp "$(<second)" local/good-1.tar
  [ "$(grep -c update called)" -eq 1 ]
}

@test "the distribution's patches are asked for as such" {
  table good_1-3.debian.tar.xz "$HASH" debian:goodsource
  stand_in apt-cache "printf 'Version: 1-3\n $HASH 8 good_1-3.debian.tar.xz\n'"
  stand_in apt-get 'case $* in *--diff-only*goodsource=1-3) echo archive >renamed.tar ;; esac'
  fetch
  [ "$status" -eq 0 ]
  [ "$(<result)" = "$PWD/cache/good_1-3.debian.tar.xz" ]
}

# Unpacks an archive with a file "said", whose one line is "old", after the patches.
unpack() {
  mkdir -p top
  echo "$1" >top/said
  tar cf archive.tar top
  echo "$PWD/archive.tar" >result
  printf -- '--- a/said\n+++ b/said\n@@ -1 +1 @@\n-old\n+new\n' >mend.patch
  run cmake -D RESULT=result -D FOLDER="$PWD/unpacked" -D "PATCHES=$PWD/mend.patch" -D STAMP=stamp \
    -P "$PROJECT/decoders/unpack.cmake"
}

@test "patches are applied to what is unpacked, and one that does not fit fails" {
  unpack old
  [ "$status" -eq 0 ]
  [ "$(<unpacked/said)" = new ]
  [ -e stamp ]
  rm stamp
  unpack other
  [ "$status" -ne 0 ]
  [ ! -e stamp ]
}

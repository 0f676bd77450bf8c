# SPDX-License-Identifier: MIT
# Knows that whole trees of the system come back as they were: bytes, modes, times and links.

load ../support/helper

setup() {
  cd "$BATS_TEST_TMPDIR" || return 1
}

# What a tree is apart from the contents: type, mode, time in seconds, link target, a line each.
facts() {
  (cd "$1" && find . -printf '%P|%y|%m|%Ts|%l\n' | LC_ALL=C sort)
}

# Packs the tree at ./tree, extracts it, compares everything.
round_trip() {
  "$VXZIP" -r -y -q a.zip tree "$@"
  "$VXUNZIP" -q -d out a.zip
  diff -r --no-dereference tree out/tree
  diff <(facts tree) <(facts out/tree)
}

@test "the system's headers come back, also as a portable archive" {
  cp -a /usr/include tree
  round_trip
  rm -r out a.zip
  round_trip --portable
}

@test "the system's documents come back" {
  cp -a /usr/share/doc tree
  round_trip
}

@test "links, empty files and folders, odd names, modes and old times come back" {
  mkdir -p tree/sub/deep tree/empty-folder
  ln -s sub tree/link
  ln -s /nonexistent tree/dangling
  : >tree/empty
  printf x >tree/one
  printf a >"tree/with space"
  printf b >"tree/ünï"
  printf c >$'tree/odd\xff'
  printf d >$'tree/new\nline'
  printf e >tree/-dash
  chmod 755 tree/one
  chmod 600 tree/empty
  chmod 750 tree/sub
  touch -d '2001-02-03 04:05:06' tree/one tree/sub
  round_trip
}

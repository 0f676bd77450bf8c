# SPDX-License-Identifier: MIT
# Knows that the same files give the same archive, whenever, wherever and by whomever it is made.

load ../support/helper
load vxzip_support

setup() {
  cd "$BATS_TEST_TMPDIR"
  sample tree
  find tree -exec touch -h -d '2020-02-02 02:02:02 UTC' {} +
}

@test "two runs give the same bytes, for every method" {
  for options in "" --portable -0 -9; do
    # shellcheck disable=SC2086
    "$VXZIP" -qr $options a.zip tree
    sleep 1.1
    # shellcheck disable=SC2086
    "$VXZIP" -qr $options b.zip tree
    cmp a.zip b.zip
    rm a.zip b.zip
  done
}

@test "time zone, locale, place, user's mask and -v make no difference" {
  "$VXZIP" -qr a.zip tree
  TZ=Asia/Kathmandu LC_ALL=C "$VXZIP" -qr b.zip tree
  cmp a.zip b.zip
  (umask 077 && "$VXZIP" -rv c.zip tree)
  cmp a.zip c.zip
  mkdir elsewhere
  cp -a tree elsewhere/
  (cd elsewhere && "$VXZIP" -qr d.zip tree)
  cmp a.zip elsewhere/d.zip
}

@test "the order in which files were made makes no difference" {
  mkdir one two
  for name in a b c d e f; do echo $name >one/$name; done
  for name in f c a e b d; do echo $name >two/$name; done
  find one two -exec touch -d '2020-02-02 02:02:02 UTC' {} +
  (cd one && "$VXZIP" -qr ../one.zip .)
  (cd two && "$VXZIP" -qr ../two.zip .)
  cmp one.zip two.zip
}

@test "an update that replaces everything gives the same bytes as a new archive" {
  "$VXZIP" -qr a.zip tree
  cp a.zip b.zip
  "$VXZIP" -qr b.zip tree
  cmp a.zip b.zip
}

@test "the archive's own members carry no time of their own" {
  "$VXZIP" -qr a.zip tree
  [ "$(attribute a.zip .vxa/README.txt date_time)" = "(1980, 1, 1, 0, 0, 0)" ]
  [ "$(attribute a.zip "$(unzip -Z1 a.zip | head -1)" date_time)" = "(1980, 1, 1, 0, 0, 0)" ]
}

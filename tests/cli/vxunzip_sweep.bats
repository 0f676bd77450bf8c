# SPDX-License-Identifier: MIT
# Knows that no damage anywhere in an archive crashes vxunzip or leaves a wrong file under its name.

load ../support/helper

setup() {
  cd "$BATS_TEST_TMPDIR" || return 1
  echo "seed 20050412"
  python3 "$SUPPORT/sweep.py" make tree
  "$VXZIP" -m zstd -q -r a.zip tree
  "$VXZIP" -q -r -m deflate a.zip tree/deflated
}

@test "an archive that is cut off at every 64 KiB gives no wrong file" {
  python3 "$SUPPORT/sweep.py" cut "$VXUNZIP" a.zip tree
}

@test "an archive with one wrong byte, at 200 places, gives no wrong file" {
  python3 "$SUPPORT/sweep.py" flip "$VXUNZIP" a.zip tree
}

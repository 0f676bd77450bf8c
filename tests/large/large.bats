# SPDX-License-Identifier: MIT
# Knows that large files come back: too slow for builds with sanitizers, which leave this folder out.

load ../support/helper

setup() {
  cd "$BATS_TEST_TMPDIR" || return 1
}

@test "a file of 1 GiB comes back" {
  mkdir tree
  echo "seed 1974"
  python3 - <<'PY'
import random
rng = random.Random(1974)
blocks = [rng.randbytes(1 << 12) for _ in range(64)] + [bytes(1 << 12)] * 64
with open("tree/big", "wb") as out:
    for _ in range(1 << 10):
        out.write(b"".join(rng.choices(blocks, k=1 << 8)))
PY
  [ "$(stat -c %s tree/big)" -eq 1073741824 ]
  "$VXZIP" -r -q a.zip tree
  "$VXUNZIP" -q -d out a.zip
  cmp tree/big out/tree/big
}

# SPDX-License-Identifier: MIT
# Knows what the decoders' tests share: where things are, how test data is made, and a missing tool is a failure.

set -u
BUILD=${VXA_BUILD:?name the build folder in VXA_BUILD}
PROJECT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
DECODERS=$BUILD/decoders
SEED=20050412

need() {
  local tool
  for tool in "$@"; do
    command -v "$tool" >/dev/null || { echo "missing tool: $tool"; return 1; }
  done
}

# Writes text-like bytes with repetitions and noise: make_data NBYTES FILE
make_data() {
  echo "seed $SEED"
  python3 - "$SEED" "$1" >"$2" <<'PY'
import random, sys
seed, size = map(int, sys.argv[1:])
rng = random.Random(seed)
words = [rng.randbytes(rng.randrange(1, 12)) for _ in range(500)]
out = bytearray()
while len(out) < size:
    out += b"".join(rng.choices(words, k=200)) + rng.randbytes(rng.randrange(200))
sys.stdout.buffer.write(out[:size])
PY
}

# Runs a decoder on a file: decode NAME IN OUT [ARGUMENT...]; sets $status and $message.
decode() {
  local name=$1 in=$2 out=$3
  shift 3
  status=0
  "$DECODERS/$name.elf" "$@" <"$in" >"$out" 2>"$BATS_TEST_TMPDIR/message" || status=$?
  message=$(<"$BATS_TEST_TMPDIR/message")
}

# The decoder must give exactly this file, without a message: decodes NAME IN EXPECTED [ARGUMENT...]
decodes() {
  local name=$1 in=$2 expected=$3
  shift 3
  decode "$name" "$in" "$BATS_TEST_TMPDIR/decoded" "$@"
  [ "$status" -eq 0 ] || { echo "status $status: $message"; return 1; }
  [ -z "$message" ] || { echo "message: $message"; return 1; }
  cmp "$BATS_TEST_TMPDIR/decoded" "$expected"
}

# The decoder must end with STATUS and say WORDS: refuses NAME IN STATUS WORDS [ARGUMENT...]
refuses() {
  local name=$1 in=$2 expected=$3 words=$4
  shift 4
  decode "$name" "$in" "$BATS_TEST_TMPDIR/refused" "$@"
  [ "$status" -eq "$expected" ] || { echo "status $status, not $expected: $message"; return 1; }
  [[ $message == "$name: "*"$words"* ]] || { echo "message: $message"; return 1; }
}

# The first bytes of a file: cut_file NBYTES FROM TO
cut_file() {
  head -c "$1" "$2" >"$3"
}

# Copies of a file with three random bytes each changed, as TO.1 and so on: damage COUNT FROM TO
damage() {
  echo "seed $SEED"
  python3 - "$SEED" "$@" <<'PY'
import random, sys
seed, count, source, target = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4]
rng = random.Random(seed)
good = open(source, "rb").read()
for number in range(1, count + 1):
    bad = bytearray(good)
    for _ in range(3):
        bad[rng.randrange(len(bad))] = rng.randrange(256)
    open(f"{target}.{number}", "wb").write(bad)
PY
}

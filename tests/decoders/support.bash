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

# The same in the sandbox, translated and strict: decodes_sandboxed NAME IN EXPECTED [ARGUMENT...]
decodes_sandboxed() {
  local name=$1 in=$2 expected=$3 engine
  shift 3
  for engine in auto strict; do
    "$BUILD/bin/vxrun" --engine=$engine "$DECODERS/$name.elf" "$@" \
      <"$in" >"$BATS_TEST_TMPDIR/decoded" || { echo "$engine: status $?"; return 1; }
    cmp "$BATS_TEST_TMPDIR/decoded" "$expected" || { echo "engine $engine"; return 1; }
  done
}

# About 300 proper prefixes, and the longest one, must be refused: refuses_prefixes NAME IN WORDS [ARGUMENT...]
refuses_prefixes() {
  local name=$1 in=$2 words=$3 size whole step
  shift 3
  whole=$(stat -c %s "$in")
  [ "$whole" -gt 100 ] || { echo "only $whole bytes"; return 1; }
  step=$((whole / 300 + 1))
  for ((size = 1; size < whole; size += step)); do
    cut_file $size "$in" "$BATS_TEST_TMPDIR/part"
    refuses "$name" "$BATS_TEST_TMPDIR/part" 1 "$words" "$@" || { echo "prefix of $size"; return 1; }
  done
  cut_file $((whole - 1)) "$in" "$BATS_TEST_TMPDIR/part"
  refuses "$name" "$BATS_TEST_TMPDIR/part" 1 "$words" "$@"
}

# Damaged copies end with a status of the table, with a message unless it is 0, and where the coding
# has CHECKS ("checked") the bytes are then still right: survives_damage NAME IN EXPECTED CHECKS
survives_damage() {
  local name=$1 in=$2 expected=$3 checks=$4 bad
  damage 100 "$in" "$BATS_TEST_TMPDIR/bad"
  for bad in "$BATS_TEST_TMPDIR"/bad.*; do
    decode "$name" "$bad" "$BATS_TEST_TMPDIR/decoded"
    case $status in
    0) [ -z "$message" ] ;;
    1 | 3) [[ $message == "$name: "* ]] ;;
    *) false ;;
    esac || { echo "$bad: status $status: $message"; return 1; }
    if [ "$status" -eq 0 ] && [ "$checks" = checked ]; then
      cmp "$BATS_TEST_TMPDIR/decoded" "$expected" || { echo "$bad"; return 1; }
    fi
  done
}

# What every decoder of bytes does with the frame around its data: keeps_the_rules NAME GOOD [ARGUMENT...]
keeps_the_rules() {
  local name=$1 good=$2
  shift 2
  refuses "$name" /dev/null 1 "the input is empty" "$@"
  { cat "$good"; printf 'x'; } >"$BATS_TEST_TMPDIR/longer"
  refuses "$name" "$BATS_TEST_TMPDIR/longer" 1 "bytes follow the end" "$@"
  refuses "$name" /dev/null 2 "usage: $name" --frob
  refuses "$name" /dev/null 2 "usage: $name" "$@" --frob
  decode "$name" "$good" /dev/full "$@"
  [ "$status" -eq 4 ]
  [[ $message == "$name: cannot write the output" ]]
}

# A WAV file of tones and noise: make_wav CHANNELS BITS FRAMES FILE [RATE]
make_wav() {
  echo "seed $SEED"
  python3 - "$SEED" "$@" <<'PY'
import math, random, struct, sys
seed, channels, bits, frames = map(int, sys.argv[1:5])
rate = int(sys.argv[6]) if len(sys.argv) > 6 else 44100
rng = random.Random(seed)
size, top = (bits + 7) // 8, 1 << bits - 1
samples = bytearray()
for i in range(frames):
    for channel in range(channels):
        tone = math.sin(i * (channel + 3) / 40) * 0.5 + math.sin(i / (90 + channel)) * 0.25
        value = round((tone + rng.uniform(-0.05, 0.05)) * top) << size * 8 - bits
        samples += struct.pack("<i", value + (128 if size == 1 else 0))[:size]
plain = bits in (8, 16) and channels <= 2
mask = [0, 4, 3, 7, 0x33, 0x607, 0x60f, 0x70f, 0x63f][channels]
form = struct.pack("<HHIIHH", 1 if plain else 0xfffe, channels, rate, rate * channels * size,
                   channels * size, size * 8)
if not plain:
    form += struct.pack("<HHI", 22, bits, mask) + bytes.fromhex("0100000000001000800000aa00389b71")
body = b"WAVEfmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", len(samples))
body += samples + b"\0" * (len(samples) & 1)
open(sys.argv[5], "wb").write(b"RIFF" + struct.pack("<I", len(body)) + body)
PY
}

# The samples of two WAV files of 16 bits are as many, and differ by LIMIT at most: near LIMIT ONE OTHER
near() {
  python3 - "$@" <<'PY'
import array, sys
def samples(name):
    data = open(name, "rb").read()
    start = data.index(b"data", 12) + 8
    size = int.from_bytes(data[start - 4:start], "little")
    assert start + size <= len(data) or size == 0xffffffff, (name, size)
    return array.array("h", data[start:start + size & ~1])
limit, one, other = int(sys.argv[1]), samples(sys.argv[2]), samples(sys.argv[3])
assert len(one) == len(other), (len(one), len(other))
far = max((abs(a - b), i) for i, (a, b) in enumerate(zip(one, other))) if one else (0, 0)
assert far[0] <= limit, f"sample {far[1]} differs by {far[0]}"
PY
}

# Each channel of a WAV file is most like the same channel of the other one: same_places ONE OTHER
same_places() {
  python3 - "$@" <<'PY'
import array, sys
def channels(name):
    data = open(name, "rb").read()
    count = data[22]
    samples = array.array("h", data[data.index(b"data", 12) + 8:][:2 * count * 4000])
    return [samples[i::count] for i in range(count)]
one, other = channels(sys.argv[1]), channels(sys.argv[2])
def distance(a, b):
    return sum((x - y) ** 2 for x, y in zip(a, b))
for place, channel in enumerate(one):
    energy = distance(channel, [0] * len(channel))
    best = min(range(len(other)), key=lambda i: distance(channel, other[i]))
    low = distance(channel, other[best]) > energy / 4  # low frequencies only: nothing is like it
    assert len(one) == len(other) and (low and place == 3 or best == place), (place, best, low)
PY
}

# An Ogg file's first or last page changed by Python CODE, with the right checksum again:
# change_page first|last FROM TO CODE
change_page() {
  python3 - "$@" <<'PY'
import sys
data = bytearray(open(sys.argv[2], "rb").read())
start, end = data.rindex(b"OggS"), len(data)
if sys.argv[1] == "first":
    start, end = 0, data.index(b"OggS", 4)
page = data[start:end]
exec(sys.argv[4])
page[22:26] = bytes(4)
crc = 0
for byte in page:
    crc ^= byte << 24
    for _ in range(8):
        crc = (crc << 1 ^ (0x04c11db7 if crc >> 31 else 0)) & 0xffffffff
page[22:26] = crc.to_bytes(4, "little")
open(sys.argv[3], "wb").write(data[:start] + page + data[end:])
PY
}

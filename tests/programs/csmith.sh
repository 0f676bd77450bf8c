#!/bin/sh
# SPDX-License-Identifier: MIT
# Random C programs on the real processor and in the sandbox: output and status must be equal.
#   tests/programs/csmith.sh [COUNT [SEED]]      default: 20 programs from seed 1
# Needs csmith, libcsmith-dev, gcc-i686-linux-gnu, libc6-dev-i386-cross, and the release build.
set -eu

count=${1:-20}
seed=${2:-1}
project=$(cd "$(dirname "$0")/../.." && pwd)
vxrun=${VXA_BUILD:-$project/build/release}/bin/vxrun
work=$(mktemp -d)
kept=0
trap '[ "$kept" -gt 0 ] || rm -rf "$work"' EXIT

for tool in csmith i686-linux-gnu-gcc timeout "$vxrun"; do
  command -v "$tool" >/dev/null || { echo "csmith: missing: $tool" >&2; exit 1; }
done

# One program, built with the flags: both ways, compared. Prints equal, different or slow.
compare() {
  program=$1
  native=$(timeout 5 "$program" 2>&1) && native_status=0 || native_status=$?
  [ "$native_status" -ne 124 ] || { echo slow; return; }
  guest=$(timeout 300 "$vxrun" --profile=linux-filter "$program" 2>&1 </dev/null) &&
    guest_status=0 || guest_status=$?
  if [ "$native" = "$guest" ] && [ "$native_status" -eq "$guest_status" ]; then
    echo equal
  else
    echo different
  fi
}

equal=0 slow=0
last=$((seed + count - 1))
while [ "$seed" -le "$last" ]; do
  csmith --seed "$seed" --no-packed-struct -o "$work/p.c" >/dev/null 2>&1
  for flags in -O0 -O2 "-O3 -march=pentium4 -msse2 -mfpmath=sse" "-Os -march=pentium"; do
    # shellcheck disable=SC2086 # several flags
    i686-linux-gnu-gcc -w -static $flags -I/usr/include/csmith "$work/p.c" -o "$work/p.elf"
    case $(compare "$work/p.elf") in
    equal) equal=$((equal + 1)) ;;
    slow) slow=$((slow + 1)) ;;
    *)
      kept=$((kept + 1))
      cp "$work/p.elf" "$work/different-$seed-$kept.elf"
      echo "seed $seed, $flags: different; kept as $work/different-$seed-$kept.elf"
      ;;
    esac
  done
  seed=$((seed + 1))
done
echo "$equal equal, $kept different, $slow too slow on the real processor"
[ "$kept" -eq 0 ]

#!/bin/sh
# SPDX-License-Identifier: MIT
# Random C programs on the real processor and on each engine: output and status must be equal.
#   tests/programs/csmith.sh [COUNT [SEED]]      default: 20 programs from seed 1
# Builds each with gcc and clang at -O0, -O2 and -O3. Environment: VXA_BUILD, the build folder;
# VXA_ENGINES, the engines (default: all that the build has).
set -eu

count=${1:-20}
seed=${2:-1}
here=$(cd "$(dirname "$0")" && pwd)
build=${VXA_BUILD:-$here/../../build/release}
engines=$(sh "$here/engines.sh" "$build")
vxrun=$build/bin/vxrun
native_seconds=5
guest_seconds=600
work=$(mktemp -d)
equal=0 different=0 slow=0
trap '[ "$different" -gt 0 ] || rm -rf "$work"' EXIT

for tool in csmith i686-linux-gnu-gcc clang timeout "$vxrun"; do
  command -v "$tool" >/dev/null || { echo "csmith: missing: $tool" >&2; exit 1; }
done

# clang has no i386 C library of its own: gcc's serves both.
compile() {
  case $1 in
  clang) command="clang --target=i686-linux-gnu -isystem /usr/i686-linux-gnu/include" ;;
  *) command=i686-linux-gnu-gcc ;;
  esac
  shift
  # shellcheck disable=SC2086 # several words
  $command "$@" -w -c -I/usr/include/csmith -o "$work/p.o" "$work/p.c"
  i686-linux-gnu-gcc -static -o "$work/p.elf" "$work/p.o"
}

# Prints what a program printed, and its status.
result() {
  "$@" 2>&1 </dev/null && echo "status 0" || echo "status $?"
}

# The program that was built as WHAT, everywhere.
compare() {
  what=$1
  native=$(result timeout "$native_seconds" "$work/p.elf")
  case $native in
  *'status 124')
    slow=$((slow + 1))
    return
    ;;
  esac
  for engine in $engines; do
    guest=$(result timeout "$guest_seconds" \
      "$vxrun" --engine="$engine" --profile=linux-filter "$work/p.elf")
    if [ "$native" = "$guest" ]; then
      equal=$((equal + 1))
    else
      different=$((different + 1))
      cp "$work/p.elf" "$work/different-$different.elf"
      printf '%s, engine %s: DIFFERENT, kept as %s\nprocessor: %s\nsandbox:   %s\n' \
        "$what" "$engine" "$work/different-$different.elf" "$native" "$guest"
    fi
  done
}

last=$((seed + count - 1))
echo "csmith: seeds $seed to $last, engines: $engines"
while [ "$seed" -le "$last" ]; do
  (cd "$work" && csmith --seed "$seed" --no-packed-struct -o p.c) >/dev/null 2>&1 # leaves a file where it is
  for compiler in gcc clang; do
    for flags in -O0 -O2 "-O3 -march=pentium4 -mfpmath=sse"; do
      # shellcheck disable=SC2086 # several flags
      compile $compiler $flags
      compare "seed $seed, $compiler $flags"
    done
  done
  seed=$((seed + 1))
done
echo "csmith: $equal runs equal, $different different;" \
  "$slow programs left out: longer than $native_seconds s on the processor"
[ "$different" -eq 0 ] && [ "$equal" -gt 0 ]

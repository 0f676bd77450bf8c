#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds the programs for another kind of host and runs them under qemu: they must do what they do here.
#   VXA_BUILD=build/release tests/hosts/host.sh HOST [quick|full]
# HOST is one of arm64, armhf, riscv64, ppc64el, s390x. "full" adds every instruction and the slower tests.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
native=$(cd "${VXA_BUILD:?name the build folder in VXA_BUILD}" && pwd)
host=$1
how=${2:-quick}
build=$native/hosts/$host
case $host in
  arm64) qemu=qemu-aarch64 ;;
  armhf) qemu=qemu-arm ;;
  *) qemu=qemu-$host ;;
esac
[ "$host" != ppc64el ] || qemu=qemu-ppc64le

tests="test_float test_load test_image test_syscall test_fuel test_random"
# They make guests of 4 GiB, or several of 1 GiB, for which 32 bits have no room.
[ "$host" = armhf ] || tests="$tests test_api test_mem"
[ "$how" = quick ] ||
  tests="$tests test_vector test_insn test_syscall_linux test_snapshot test_unwritten test_print"

# Debian 12 has no libraries for riscv64: there vxread.c stands for the programs.
if [ "$host" = riscv64 ]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  cd "$work"
  riscv64-linux-gnu-gcc -std=c99 -O2 -static "$native/reader/vxread.c" -o vxread
  for archive in "$root"/tests/golden/*/every-codec.zip; do
    rm -rf plain decoded
    $qemu ./vxread "$archive" plain >log
    $qemu ./vxread -D "$archive" decoded >log
    grep -v every-codec.zip "${archive%/*}/manifest" | sha256sum --check --quiet
  done
  echo "hosts: $host: good (vxread.c)"
  exit 0
fi

command -v $qemu >/dev/null || { echo "hosts: missing tool: $qemu" >&2; exit 1; }
sh "$here/sysroot.sh" "$host" "$build-sysroot"
cmake -G Ninja -S "$root" -B "$build" --toolchain "$here/toolchain.cmake" -DVXA_HOST="$host" \
  -DVXA_SYSROOT="$build-sysroot" -DCMAKE_BUILD_TYPE=Release -DVXA_WERROR=ON -DVXA_DECODERS=OFF \
  >"$build.log" 2>&1 || { cat "$build.log"; exit 1; }
# shellcheck disable=SC2086 # a list of targets
cmake --build "$build" --target vxunzip vxrun $tests >"$build.log" 2>&1 || { tail -n 40 "$build.log"; exit 1; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

echo "hosts: $host: unit tests"
for test in $tests; do
  case $test in
    test_random) continue ;;
    test_insn) set -- --no-hardware ;; # compares its digest with that of a real processor
    *) set -- ;;
  esac
  $qemu "$build/bin/$test" "$@" >log 2>&1 || { tail -n 20 log; echo "hosts: $host: $test failed"; exit 1; }
done

echo "hosts: $host: random programs end as here, with the same registers, memory, fuel and traps"
count=300
[ "$how" = quick ] || count=5000
"$native/bin/test_random" --digest $count >here
$qemu "$build/bin/test_random" --digest $count >there
cat there
cmp here there

echo "hosts: $host: archives of every codec extract to what their manifests say"
# One process has all decoders here: 32 bits have no room for 1 GiB each.
[ "$host" = armhf ] && memory=64M || memory=1G
for archive in "$root"/tests/golden/*/every-codec.zip; do
  rm -rf plain decoded
  $qemu "$build/bin/vxunzip" -q --memory $memory -d plain "$archive"
  $qemu "$build/bin/vxunzip" -q --memory $memory --decode -d decoded "$archive"
  grep -v every-codec.zip "${archive%/*}/manifest" | sha256sum --check --quiet
done

echo "hosts: $host: decoders give the same bytes for the same fuel"
$qemu "$build/bin/vxunzip" -q -d own "$archive" '.vxa/*.elf'
for member in picture.jpg:jpeg sound.opus:opus sound.mp3:mp3 text.lz4:lz4 sound.flac:flac; do
  elf=$(echo own/.vxa/"${member#*:}"-*.elf)
  "$native/bin/vxrun" --engine=interpret --stats "$elf" <"plain/${member%:*}" >here 2>here.stats
  $qemu "$build/bin/vxrun" --engine=interpret --stats "$elf" <"plain/${member%:*}" >there 2>there.stats
  cmp here there
  grep "^instructions" here.stats >here.fuel
  grep "^instructions" there.stats >there.fuel
  diff here.fuel there.fuel
done
echo "hosts: $host: good"

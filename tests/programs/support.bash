# SPDX-License-Identifier: MIT
# Knows how whole programs are run natively and on each engine, and that all runs must be alike.

load ../support/helper
need dpkg-deb apt-get flock i686-linux-gnu-gcc clang ld.lld

PACKAGES=$BUILD/tests/programs

# Debian's packages for i386, unpacked below $PACKAGES: packages NAME...
packages() {
  sh "$BATS_TEST_DIRNAME/packages.sh" "$PACKAGES" "$@"
}

# The engines to be tested, a word each.
engines() {
  sh "$BATS_TEST_DIRNAME/engines.sh" "$BUILD"
}

# Whether the kernel runs i386 programs.
runs_natively() {
  "$BUILD/decoders/deflate.elf" </dev/null 2>/dev/null
  [ $? -eq 1 ]
}

# Runs PROGRAM on one engine as a Linux filter: on ENGINE PROGRAM [ARGUMENT...]
on() {
  local engine=$1
  shift
  timeout 120 "$VXRUN" --engine="$engine" --profile=linux-filter "$@"
}

# Runs with the file "input", and keeps output and status under a name: keep NAME COMMAND...
keep() {
  local name=$1 status=0
  shift
  "$@" <input >"$name.out" 2>"$name.err" || status=$?
  echo "status $status" >>"$name.out"
}

# The program's output, messages and status on each engine are those of the real processor; where
# that cannot run it, those of the first engine: alike PROGRAM [ARGUMENT...]
alike() {
  local engine reference
  [ -e input ] || : >input
  if runs_natively; then
    reference=native
    keep native "$@"
  fi
  for engine in $(engines); do
    keep "$engine" on "$engine" "$@"
    reference=${reference:-$engine}
    cmp "$reference.out" "$engine.out" && cmp "$reference.err" "$engine.err" || {
      echo "$reference and $engine differ: $*"
      tail -n 3 "$reference.out" "$reference.err" "$engine.out" "$engine.err"
      return 1
    }
  done
}

#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs what is missing, builds, and runs every test: the command that README and CI name.
#   tests/check.sh [PRESET...]   default: release and asan
set -eu
cd "$(dirname "$0")/.."

sh tests/setup.sh tests
[ $# -gt 0 ] || set -- release asan
for preset in "$@"; do
  echo "check: building and testing with preset $preset"
  cmake --preset "$preset"
  cmake --build --preset "$preset"
  ctest --preset "$preset" -j "$(nproc)"
done

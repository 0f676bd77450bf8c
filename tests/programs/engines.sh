#!/bin/sh
# SPDX-License-Identifier: MIT
# Prints the engines to be tested, on one line: VXA_ENGINES, or all that this build has on this host.
#   tests/programs/engines.sh BUILD
set -eu

if [ -n "${VXA_ENGINES-}" ]; then
  echo "$VXA_ENGINES"
  exit
fi
found=
for engine in interpret dedicated embedded strict; do
  message=$("$1/bin/vxrun" --engine=$engine "$1/decoders/deflate.elf" 2>&1 </dev/null) || true
  case $message in
  *'not supported by this build'*) ;;
  *) found="$found${found:+ }$engine" ;;
  esac
done
echo "$found"

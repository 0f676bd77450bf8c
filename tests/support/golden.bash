# SPDX-License-Identifier: MIT
# Knows the archives of former versions, and what must come out of them.

GOLDEN=$(cd "${BASH_SOURCE[0]%/*}/../golden" && pwd)
# The newest one.
EVERY_CODEC=$(find "$GOLDEN" -name every-codec.zip | sort -V | tail -n 1)

# What lies in FOLDER is what the manifest says of the form, plain or decoded: golden_matches ARCHIVE FORM FOLDER
golden_matches() {
  local manifest=${1%/*}/manifest
  [ "$(grep -c "  $2/" "$manifest")" -gt 10 ]
  (cd "$3" && sed -n "s|  $2/|  |p" "$manifest" | sha256sum --check --quiet)
}

# Both forms, by a reader with vxread's command line: reads_golden ARCHIVE COMMAND...
reads_golden() {
  local archive=$1
  shift
  rm -rf plain decoded
  "$@" "$archive" "$PWD/plain" >log 2>&1 || { cat log; return 1; }
  "$@" -D "$archive" "$PWD/decoded" >log 2>&1 || { cat log; return 1; }
  golden_matches "$archive" plain plain
  golden_matches "$archive" decoded decoded
}

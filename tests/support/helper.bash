# SPDX-License-Identifier: MIT
# Knows what the command-line tests share: where the programs are, and that a missing tool is a failure.

set -u
BUILD=${VXA_BUILD:?name the build folder in VXA_BUILD}
BUILD=$(cd "$BUILD" && pwd)
SUPPORT=$(cd "${BASH_SOURCE[0]%/*}" && pwd)
VXZIP=$BUILD/bin/vxzip
VXUNZIP=$BUILD/bin/vxunzip
VXRUN=$BUILD/bin/vxrun
export VXZIP VXUNZIP VXRUN SUPPORT
export LC_ALL=C.UTF-8 TZ=UTC
umask 022

need() {
  local tool
  for tool in "$@"; do
    command -v "$tool" >/dev/null || { echo "missing tool: $tool"; return 1; }
  done
}
need python3 zip unzip timeout

# Runs a command that must end with STATUS; its output and messages are in $output: ends STATUS COMMAND...
ends() {
  local expected=$1
  shift
  run timeout 120 "$@"
  [ "$status" -eq "$expected" ] || { echo "status $status, not $expected: $output"; return 1; }
}

# The output of the last command has all of these texts: says TEXT...
says() {
  local text
  for text in "$@"; do
    [[ $output == *"$text"* ]] || { echo "no '$text' in: $output"; return 1; }
  done
}

# The output of the last command has none of these texts: silent_about TEXT...
silent_about() {
  local text
  for text in "$@"; do
    [[ $output != *"$text"* ]] || { echo "'$text' in: $output"; return 1; }
  done
}

# Nothing exists under these names, not even a link: absent PATH...
absent() {
  local path
  for path in "$@"; do
    if [ -e "$path" ] || [ -L "$path" ]; then
      echo "should not be there: $(ls -ld "$path")"
      return 1
    fi
  done
}

# No unfinished file is left below the present folder.
no_partial_files() {
  local left
  left=$(find . -name '.vxa-*' -o -name '.vxzip-*')
  [ -z "$left" ] || { echo "left behind: $left"; return 1; }
}

# Writes an archive from Python expressions, see forge.py: forge ARCHIVE EXPRESSION...
forge() {
  python3 "$SUPPORT/forge.py" "$@"
}

# Answers questions on a terminal: answers ANSWERS COMMAND...
answers() {
  run timeout 120 python3 "$SUPPORT/terminal.py" "$@"
}

# Put in front of a command, takes the powers of the superuser away.
UNPRIVILEGED=()
if [ "$(id -u)" -eq 0 ]; then
  UNPRIVILEGED=(setpriv --reuid=65534 --regid=65534 --clear-groups)
fi

# Prepares a program of ours to be run with few rights, wherever the build stands: after
# "few_rights PROGRAM" the words "${FEW_RIGHTS[@]}" stand for it.
few_rights() {
  local place=$BATS_TEST_TMPDIR/programs
  mkdir -p "$place/bin" "$place/decoders"
  cp "$BUILD/bin/$1" "$place/bin/"
  cp "$BUILD"/decoders/*.elf "$place/decoders/"
  chmod -R a+rX "$place"
  chmod a+x "$BATS_RUN_TMPDIR"
  FEW_RIGHTS=(${UNPRIVILEGED[@]+"${UNPRIVILEGED[@]}"} "$place/bin/$1")
}

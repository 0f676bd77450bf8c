#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What the documentation says about tables in the code is what the code says.

setup() {
  set -u
  BUILD=${VXA_BUILD:?name the build folder in VXA_BUILD}
  PROJECT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
  cd "$PROJECT"
}

@test "docs/instructions.md is what vxisa prints now" {
  "$BUILD/bin/vxisa" "$BATS_TEST_TMPDIR/instructions.md"
  diff -u docs/instructions.md "$BATS_TEST_TMPDIR/instructions.md" ||
    { echo "build the target docs"; return 1; }
}

@test "the decoder accepts each encoding that docs/instructions.md lists, with its length, and no other" {
  local check=(python3 tests/project/specification.py)
  "${check[@]}" docs/instructions.md "$BUILD/bin/decode_lines"
  # A page that is wrong in one place is noticed.
  sed 's/^| bsf | 0F BC/| bsf | 0F BE/' docs/instructions.md >"$BATS_TEST_TMPDIR/wrong.md"
  run "${check[@]}" "$BATS_TEST_TMPDIR/wrong.md" "$BUILD/bin/decode_lines"
  [ "$status" -eq 1 ]
}

# Rows of vx32/syscalls.def as "NUMBER FUNCTION PROFILE", names of numbers replaced.
system_calls() {
  cat vx32/include/vx32_abi.h vx32/syscalls.def | awk -F'[(), ]+' '
    /^#define VX32_SYS_/ { split($0, word, /[[:space:]]+/); number[word[2]] = word[3] }
    /^SYSTEM_CALL\(/ { print ($2 in number ? number[$2] : $2), $4, $3 }'
}

@test "docs/guest.md names each system call under its profile" {
  local number function profile count=0
  while read -r number function profile; do
    count=$((count + 1))
    grep -qE "^\| $number \| [a-z0-9_]+ \| $profile \|" docs/guest.md ||
      { echo "docs/guest.md has no row for $number, $function, $profile"; return 1; }
  done < <(system_calls | sed 's/ARCHIVE/archive/; s/LINUX_FILTER/linux-filter/')
  [ "$count" -gt 40 ]
  [ "$(grep -cE '^\| [0-9]+ \| [a-z0-9_]+ \| (archive|linux-filter) \|' docs/guest.md)" -eq "$count" ]
}

@test "docs/format.md names each item of the VXA block with its number" {
  local name number count=0
  while read -r name number; do
    count=$((count + 1))
    grep -qE "^\| $(printf %02x "$number") \|" docs/format.md ||
      { echo "docs/format.md has no row for item $number ($name)"; return 1; }
  done < <(sed -n '/^enum item {/,/^}/p' vxa/vxa_block.c |
    sed -nE 's/^ *ITEM_([A-Z0-9_]+) = ([0-9]+),.*/\1 \2/p')
  [ "$count" -ge 9 ]
}

@test "links between the pages lead to files" {
  local file link
  while IFS=: read -r file link; do
    [ -e "$(dirname "$file")/${link%%#*}" ] || { echo "$file: $link leads nowhere"; return 1; }
  done < <(grep -oHE '\]\([^)#:]+(#[^)]*)?\)' ./*.md docs/*.md tests/*.md decoders/*.md |
    sed -E 's/:\]\((.*)\)$/:\1/')
}

# Paths in the pages, in code style, with a slash and a suffix; "NAME" and "*" stand for any name.
@test "files that the pages name exist" {
  local file path
  while IFS=: read -r file path; do
    [[ $path != *NAME* && $path != *'*'* && $path != .vxa/* ]] || continue
    [ -e "$path" ] || [ -e "$(dirname "$file")/$path" ] || [ -e "vx32/$path" ] ||
      { echo "$file: there is no $path"; return 1; }
  done < <(grep -oHE '`[a-zA-Z0-9_.*/-]+/[a-zA-Z0-9_.*-]+\.(c|h|def|md|bats|bash|py|sh|txt|cmake)`' \
    ./CONTRIBUTING.md ./SECURITY.md docs/*.md tests/README.md | tr -d '`')
}

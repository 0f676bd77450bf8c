#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The tree keeps its rules; and each check finds a tree that breaks its rule.

setup() {
  set -u
  BUILD=${VXA_BUILD:?name the build folder in VXA_BUILD}
  PROJECT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
  ROOT=$PROJECT
  # shellcheck source=tests/project/layering.bash
  source "$BATS_TEST_DIRNAME/layering.bash"
}

# The check prints nothing.
holds() {
  run "$@"
  [ "$status" -eq 0 ] || { echo "status $status: $output"; return 1; }
  [ -z "$output" ] || { echo "$output"; return 1; }
}

# A file in a tree that is wrong, from standard input: plant PATH
plant() {
  mkdir -p "$BATS_TEST_TMPDIR/tree/$(dirname "$1")"
  cat >"$BATS_TEST_TMPDIR/tree/$1"
}

# In the tree that is wrong the check prints this: finds TEXT CHECK...
finds() {
  local text=$1
  shift
  ROOT=$BATS_TEST_TMPDIR/tree
  run "$@"
  [ "$status" -eq 0 ] || { echo "status $status: $output"; return 1; }
  [[ $output == *"$text"* ]] || { echo "'$text' was not found, but: $output"; return 1; }
}

@test "each folder includes only what the dependency law allows" {
  holds check_dependency_law
}

@test "a file that includes across folders is found" {
  plant vxa/zip_read.c <<<'#include "vx32.h"'
  plant vxa/guest.c <<<'#include "vx32.h"'
  plant vxa/sneak.c <<<'#include "../vx32/include/vx32.h"'
  plant vxa/bracket.c <<<'#include <vx32.h>'
  plant vx32/include/vx32.h <<<'/* door */'
  plant vx32/include/vx32_abi.h <<<'/* numbers */'
  plant vx32/mem.c <<<'#include "path.h"'
  plant vxa/path.h <<<'/* files */'
  plant decoders/zstd/main.c <<<'#include "vx32.h"'
  plant decoders/guest/io.c <<<'#include "vx32_abi.h"'
  finds "vxa/zip_read.c: may not" check_dependency_law
  finds "vxa/sneak.c: may not" check_dependency_law
  finds "vxa/bracket.c: <vx32.h> is ours" check_dependency_law
  finds "vx32/mem.c: may not" check_dependency_law
  finds "decoders/zstd/main.c: may not" check_dependency_law
  [[ $output != *"vxa/guest.c"* && $output != *"guest/io.c"* ]] || { echo "$output"; return 1; }
}

@test "memory maps, signals, libraries and files are known only where the table says" {
  holds check_restricted_headers
}

@test "a header in the wrong file is found" {
  plant vx32/mem.c <<<'#include <sys/mman.h>'
  plant vx32/run.c <<<'#include <signal.h>'
  plant vxa/list.c <<<'#include <minizip/zip.h>'
  plant vx32/decode.c <<<'#include <stdio.h>'
  finds "vx32/mem.c: may not include <sys/mman.h>" check_restricted_headers
  finds "vx32/run.c: may not include <signal.h>" check_restricted_headers
  finds "vxa/list.c: may not include <minizip/zip.h>" check_restricted_headers
  finds "vx32/decode.c: may not include <stdio.h>" check_restricted_headers
}

@test "only the translator knows the host's processor" {
  holds check_host_processor
}

@test "a word about the host's processor in the wrong file is found" {
  plant vx32/mem.c <<<'#if defined(__x86_64__)'
  plant vx32/x64/emit.c <<<'#if defined(__x86_64__)'
  finds "vx32/mem.c:1" check_host_processor
  [[ $output != *x64/emit.c* ]] || { echo "$output"; return 1; }
}

@test "the libraries have no variables outside functions' frames" {
  holds check_no_state "$BUILD/vx32/libvx32.a" "$BUILD/vxa/libvxa_parts.a" \
    "$BUILD/cli/libcli.a"
}

@test "a variable in a library is found, and a constant is not one" {
  cd "$BATS_TEST_TMPDIR"
  cat >state.c <<'C'
static int count; int next(void) { return ++count; }
int shared = 3;
static const char *const words[] = {"a", "b"}; const char *word(int i) { return words[i]; }
int once(void) { static int calls = 7; return calls++; }
C
  cc -fPIC -c state.c && ar rc libstate.a state.o
  finds "variable count" check_no_state libstate.a
  finds "variable shared" check_no_state libstate.a
  finds "variable calls" check_no_state libstate.a
  [[ $output != *words* ]] || { echo "$output"; return 1; }
}

@test "every source file begins with its licence and a sentence" {
  holds check_headers
}

@test "a missing licence, a wrong one and a missing sentence are found" {
  plant vx32/none.c <<<'int a;'
  printf '/* SPDX-License-Identifier: MIT */\n/* Says it. */\n' | plant decoders/guest/wrong.c
  printf '/* SPDX-License-Identifier: MIT */\n#include "a.h"\nint a;\n' | plant vxa/silent.c
  printf '/* SPDX-License-Identifier: MIT */\n/*\n * Says it. */\n' | plant vxa/good.c
  printf '#!/bin/sh\n# SPDX-License-Identifier: MIT\n# Says it.\n' | plant tests/good.sh
  finds "vx32/none.c: no SPDX" check_headers
  finds "decoders/guest/wrong.c: no SPDX line for 0BSD" check_headers
  finds "vxa/silent.c: no sentence" check_headers
  [[ $output != *good* ]] || { echo "$output"; return 1; }
}

@test "no file is longer than 800 lines, tables aside" {
  holds check_file_length
}

@test "a file of 801 lines is found, a table is not" {
  yes 'int a;' | head -n 801 | plant vxa/long.c
  yes 'int a;' | head -n 800 | plant vxa/short.c
  yes 'ROW(1)' | head -n 900 | plant vx32/table.def
  finds "vxa/long.c: more than 800" check_file_length
  [[ $output != *short* && $output != *table* ]] || { echo "$output"; return 1; }
}

@test "no file names a place on somebody's machine or work that is left" {
  holds check_strangers
}

@test "a place on a machine and work that is left are found" {
  plant vxa/a.c <<<'/* see /home/someone/notes */'
  plant vxa/b.c <<<'/* TODO: more */'
  plant vxa/c.c <<<'/* ../lib/vxa/decoders, /proc/self/exe */'
  finds "vxa/a.c:1" check_strangers
  finds "vxa/b.c:1" check_strangers
  [[ $output != *c.c:* ]] || { echo "$output"; return 1; }
}

@test "no tabs, no blanks at line ends, a newline at each end" {
  holds check_whitespace
}

@test "tabs, blanks at line ends and a missing newline are found" {
  printf '\tint a;\n' | plant vxa/tab.c
  printf 'int a; \n' | plant vxa/blank.c
  printf 'int a;\r\n' | plant vxa/return.c
  printf 'int a;' | plant vxa/end.c
  for file in tab blank return end; do
    finds "vxa/$file.c" check_whitespace
  done
}

@test "no two sources of a folder have one name" {
  holds check_unique_names
}

@test "two sources of one name are found" {
  plant vx32/read.c <<<'int a;'
  plant vx32/host/read.c <<<'int b;'
  plant decoders/a/main.c <<<'int a;'
  plant decoders/b/main.c <<<'int a;'
  finds "vx32: more than one file is called read.c" check_unique_names
  [[ $output != *main.c* ]] || { echo "$output"; return 1; }
}

@test "every table is expanded somewhere" {
  holds check_tables_are_used
}

@test "a table that nobody expands is found" {
  plant vx32/used.def <<<'ROW(1)'
  plant vx32/forgotten.def <<<'ROW(1)'
  plant vx32/used.c <<<'#include "used.def"'
  finds "vx32/forgotten.def: no file" check_tables_are_used
  [[ $output != *used.def:* ]] || { echo "$output"; return 1; }
}

# SPDX-License-Identifier: MIT
# Knows the rules that the tree as a whole keeps: each check prints what breaks it, or nothing.
#
# A check looks at the tree below $ROOT, so that the tests can show it a tree that is wrong.

# All source files, relative to $ROOT: sources [FIND-EXPRESSION...]
sources() {
  (cd "$ROOT" && find . \( -name build -o -name .git -o -name corpus \) -prune -o \
    -type f ! -path './LICENSE' "$@" -print | sed 's|^\./||' | LC_ALL=C sort)
}

c_sources() {
  sources \( -name '*.c' -o -name '*.h' -o -name '*.S' -o -name '*.def' \)
}

text_sources() {
  sources \( -name '*.c' -o -name '*.h' -o -name '*.S' -o -name '*.def' -o -name '*.cmake' \
    -o -name 'CMakeLists.txt' -o -name '*.sh' -o -name '*.bash' -o -name '*.bats' -o -name '*.py' \
    -o -name '*.ld' -o -name '*.table' -o -name '*.md' -o -name '*.json' -o -path './.ci/*' \)
}

# Lines "FILE HEADER", the header with its brackets: includes of C and assembler files.
includes() {
  (cd "$ROOT" && c_sources | xargs grep -HE '^[[:space:]]*#[[:space:]]*include' |
    sed -nE 's/^([^:]*):[[:space:]]*#[[:space:]]*include[[:space:]]*(["<][^">]*[">]).*/\1 \2/p')
}

# Where a file may look for headers of ours besides its own folder.
roots_of() {
  case $1 in
    vx32/tools/*) echo vx32 vx32/include cli ;;
    vx32/*) echo vx32 vx32/include ;;
    vxa/guest.c) echo vxa vx32/include ;;
    vxa/*) echo vxa cli ;;
    reader/*) echo reader vx32 vx32/include vxa ;;
    decoders/*) echo decoders decoders/guest decoders/guest/include ;;
    tests/*) echo tests vx32 vx32/include vxa cli ;;
  esac
}

# decoders see the numbers of vx32_abi.h; the archiver's guest.c sees vx32.h; vx32 sees itself.
check_dependency_law() {
  local file header name root found
  includes | while read -r file header; do
    name=${header:1:-1}
    [[ $header == \"* ]] || {
      # In brackets only what is not ours, or what a guest's C library has as well.
      if [[ $file != tests/* && $file != decoders/* ]] &&
        [ -n "$(cd "$ROOT" && find cli vx32 vxa decoders/guest -maxdepth 3 -path "*/$name" \
          ! -path 'decoders/guest/include/*' 2>/dev/null)" ]; then
        echo "$file: $header is ours and stands in brackets"
      fi
      continue
    }
    [[ $file == decoders/* && $name == vx32_abi.h ]] && continue
    found=
    for root in "$(dirname "$file")" $(roots_of "$file"); do
      if [ -f "$ROOT/$root/$name" ]; then
        # A path with ".." must not lead out of the folder.
        [[ $name == *..* && $file != tests/* ]] || found=1
      fi
    done
    [ -n "$found" ] || echo "$file: may not include $header"
  done
}

# Headers of the system and of libraries that only some files may know: a pattern of the header,
# then those files.
RESTRICTED='
<sys/mman\.h> vx32/host/memory_posix.c vxa/spawner.c vxa/isolation.c
<(sys/prctl|linux/.*|seccomp)\.h> vxa/isolation.c vxa/spawner.c vxa/channel.c
<signal\.h> vx32/x64/fault.c vxa/watch.c vxa/interrupt.h vxa/sandbox.c vxa/spawner.c vxa/jobs.c vx32/tools/vxrun.c
<(libelf|gelf)\.h> vx32/image.c
<zstd\.h> vxa/encode_zstd.c vxa/native.c decoders/zstd/main.c
<bzlib\.h> vxa/encode_bzip2.c vxa/native.c decoders/bzip2/main.c
<lzma\.h> vxa/encode_xz.c vxa/native.c decoders/xz/main.c
<brotli/.*> vxa/encode_brotli.c decoders/brotli/main.c
<FLAC/.*> vxa/encode_flac.c decoders/flac/main.c
<minizip/.*> vxa/zip_write.c
<(setjmp|threads)\.h> vx32/cpu.h
<pthread\.h> vx32/x64/fault.c vxa/watch.c vxa/spawner.c vxa/jobs.c vxa/decoder_store.c vxa/zip_archive.h
<(ucontext|sys/ucontext)\.h> vx32/x64/fault.c
<[a-z]*intrin\.h> vx32/interp/hardfloat.h vx32/x64/*
<(stdio|fcntl|unistd|dirent|time|sys/[a-z]*)\.h> cli/* reader/vxread.c vx32/tools/* vx32/host/* vx32/x64/fault.c vxa/* decoders/*
'

check_restricted_headers() {
  local pattern allowed file header path ok
  set -f # the table's patterns are no file names yet
  echo "$RESTRICTED" | while read -r pattern allowed; do
    [ -n "$pattern" ] || continue
    includes | grep -E "^[^ ]+ $pattern\$" | while read -r file header; do
      [[ $file != tests/* ]] || continue
      ok=
      for path in $allowed; do
        # shellcheck disable=SC2053 # the right side is a pattern
        [[ $file != $path ]] || ok=1
      done
      [ -n "$ok" ] || echo "$file: may not include $header"
    done
  done
  set +f
}

# Only the translator knows the host's processor, and the list of engines that it exists.
check_host_processor() {
  (cd "$ROOT" && sources \( -path './vx32/*' -o -path './vxa/*' \) ! -path './vx32/x64/*' \
    ! -path './vx32/engine.c' ! -name CMakeLists.txt |
    xargs grep -nHiE 'x86[-_]64|amd64|\<x64\>|__i386__' /dev/null || true)
}

# Every file begins with its licence and a comment of at least one sentence.
check_headers() {
  local file licence
  sources \( -name '*.c' -o -name '*.h' -o -name '*.S' -o -name '*.def' -o -name '*.cmake' \
    -o -name 'CMakeLists.txt' -o -name '*.sh' -o -name '*.bash' -o -name '*.bats' -o -name '*.py' \
    -o -name '*.ld' -o -name '*.table' \) | while read -r file; do
    licence=MIT
    case $file in
      decoders/*.c | decoders/*.h | decoders/*.S | decoders/guest/*) licence=0BSD ;; # they become part of archives
      tests/decoders/*.c) licence='(MIT|0BSD)' ;;           # so are some of what is run there
    esac
    awk -v licence="$licence" '
      FNR == 1 && /^#!/ { next }
      !licensed {
        if ($0 !~ "^(/\\*|#|//) SPDX-License-Identifier: " licence "( \\*/)?$") {
          print FILENAME ": no SPDX line for " licence; exit
        }
        licensed = 1; next
      }
      !/^(\/\*|\/\/|#( |$)| \*|""")/ { print FILENAME ": no sentence behind the SPDX line"; told = 1; exit }
      /[A-Za-z].*[.:]/ { told = 1; exit }
      END { if (licensed && !told) print FILENAME ": no sentence behind the SPDX line" }
    ' "$ROOT/$file" | sed "s|^$ROOT/||"
  done
}

# Tables and pages that are made may be long; what people read and change may not.
check_file_length() {
  (cd "$ROOT" && text_sources | grep -vE '\.def$|\.md$' | xargs awk '
    FNR == 801 { print FILENAME ": more than 800 lines" }')
}

# Nothing of the machine that it was written on, and nothing left to be done.
check_strangers() {
  (cd "$ROOT" && text_sources | grep -v '^tests/project/' |
    xargs grep -nHE '(^|[^A-Za-z0-9_.])/(home|root|work|Users|mnt|opt)/|\<(TODO|FIXME)\>' || true)
}

check_whitespace() {
  (cd "$ROOT" && text_sources | while read -r file; do
    grep -nH $'\t' "$file" | sed 's/$/ (a tab)/'
    grep -nHE '[[:blank:]]+$' "$file" | sed 's/$/ (blanks at the end)/'
    grep -nH $'\r' "$file" | sed 's/$/ (a carriage return)/'
    [ -z "$(tail -c 1 "$file")" ] || echo "$file: no newline at the end"
  done)
}

# An object file is found by the name of its source; "main.c" is one program each.
check_unique_names() {
  local folder
  for folder in cli vx32 vxa decoders tests; do
    sources -name '*.c' -path "./$folder/*" | sed 's|.*/||' | grep -vx 'main\.c' | sort | uniq -d |
      sed "s|^|$folder: more than one file is called |"
  done
}

check_tables_are_used() {
  local table name all
  all=$(includes)
  sources -name '*.def' | while read -r table; do
    name=${table##*/}
    grep -qE "[\"/]${name//./\\.}\"\$" <<<"$all" || echo "$table: no file expands it"
  done
}

# Variables that are not constant, in the sections of a library's objects: check_no_state LIBRARY...
# Names that begin with two underscores are the compiler's: sanitizers and coverage add some. Those
# that begin with fault_ are the one hook that vx32.h tells of.
check_no_state() {
  local library
  for library in "$@"; do
    nm --format=sysv "$library" | awk -F'|' -v library="${library##*/}" '
      { for (i = 1; i <= NF; i++) gsub(/[[:space:]]/, "", $i) }
      $4 == "SECTION" || $4 == "FILE" { next }
      $1 ~ /^(__|\.L|fault_(hook|running))/ { next }
      $7 ~ /^(\.data|\.bss|\.tdata|\.tbss|\*COM\*|COMMON)/ && $7 !~ /^\.data\.rel\.ro/ {
        print library ": variable " $1 " in " $7
      }'
  done
}

#!/bin/sh
# SPDX-License-Identifier: MIT
# Knows where source archives come from: fetches one package of sources.table and checks its SHA-256.
#
# usage: fetch.sh TABLE PACKAGE CACHE RESULT [FOLDER]
#
# Looks in the folder CACHE, in the folder $VXA_SOURCES, in FOLDER, in the distribution's source
# packages and at the project's own address, in this order. The verified archive is kept in CACHE;
# its path is written to the file RESULT.
set -u
export LC_ALL=C

table=$1
package=$2
mkdir -p "$3" || exit 1
cache=$(cd "$3" && pwd)
result=$4
given_folder=${5-}
apt_folder=$cache/apt
index_minutes=60
scratch=$cache/.$package.$$
tried=

trap 'rm -rf "$scratch" "$scratch.log"' EXIT
trap 'exit 1' HUP INT TERM

# Remembers why an origin gave nothing.
note() {
  tried="$tried  $1
"
}

# Prints "file sha256 origin" for each archive of the package.
archives() {
  awk -v package="$package" '$1 == package { print $4, $5, $6 }' "$table"
}

sha256_of() {
  if command -v sha256sum >/dev/null; then
    sha256sum <"$1"
  else
    shasum -a 256 <"$1"
  fi | cut -d ' ' -f 1
}

# Succeeds when the file $1 has the hash $2; a wrong hash is noted for the origin $3.
has_hash() {
  actual=$(sha256_of "$1")
  [ "$actual" = "$2" ] && return
  note "$3: refused, wrong SHA-256 $actual (expected $2)"
  echo "fetch: $3: refused, wrong SHA-256" >&2
  return 1
}

finish() {
  printf '%s\n' "$cache/$1" >"$result.part" && mv "$result.part" "$result"
  exit
}

# Puts the verified file $1 into the cache as $2, in one step.
keep() {
  mkdir -p "$scratch" && cp "$1" "$scratch/kept" && mv "$scratch/kept" "$cache/$2" || exit 1
  finish "$2"
}

from_cache() {
  archives | while read -r file hash _; do
    if [ -f "$cache/$file" ] && [ "$(sha256_of "$cache/$file")" = "$hash" ]; then
      echo "$file"
      break
    fi
  done
}

from_folder() {
  if [ ! -d "$1" ]; then
    note "$1: no such folder"
    return
  fi
  while read -r file hash _; do
    if [ ! -f "$1/$file" ]; then
      note "$1: has no $file"
    elif has_hash "$1/$file" "$hash" "$1/$file"; then
      keep "$1/$file" "$file"
    fi
  done <<LIST
$(archives | sort -u -k 1,2)
LIST
}

# Turns the system's package sources, of both forms, into source-package lines.
write_source_lists() {
  one_line='/^[ \t]*deb(-src)?[ \t]/ && !/cdrom:/ { sub(/^[ \t]*deb(-src)?/, "deb-src"); print }'
  stanzas='
    function flush() { if (text != "" && wanted) print text; text = ""; wanted = 0 }
    /^[ \t]*$/ { flush(); next }
    /^#/ { next }
    tolower($0) ~ /^types:/ { if (/deb/) wanted = 1; $0 = "Types: deb-src" }
    tolower($0) ~ /^uris:.*cdrom:/ { wanted = -1e9 }
    { text = text $0 "\n" }
    END { flush() }'
  eval "$(apt-config shell main Dir::Etc::sourcelist/f parts Dir::Etc::sourceparts/d)"
  rm -rf "$apt_folder/sources.d"
  mkdir -p "$apt_folder/sources.d"
  for list in "${main-}" "${parts-}"/*.list; do
    [ -f "$list" ] && awk "$one_line" "$list"
  done | sort -u >"$apt_folder/sources.d/system.list"
  for list in "${parts-}"/*.sources; do
    [ -f "$list" ] && awk "$stanzas" "$list"
  done >"$apt_folder/sources.d/system.sources"
}

# An own configuration on top of the system's (keys, proxies): nothing outside CACHE is written.
write_apt_conf() {
  mkdir -p "$apt_folder/lists/partial" "$apt_folder/cache/archives/partial"
  : >"$apt_folder/status"
  cat >"$apt_folder/apt.conf" <<CONF
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
Dir::State "$apt_folder";
Dir::State::lists "$apt_folder/lists";
Dir::State::status "$apt_folder/status";
Dir::Cache "$apt_folder/cache";
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "$apt_folder/sources.d";
APT::Sandbox::User "root";
CONF
}

# A source that cannot be reached does not matter as long as another one lists the archive.
refresh_index() {
  [ -n "$(find "$apt_folder/refreshed" -mmin "-$index_minutes" 2>/dev/null)" ] && return
  write_source_lists
  write_apt_conf
  if apt-get -q -c "$apt_folder/apt.conf" --error-on=any update \
    </dev/null >"$apt_folder/update.log" 2>&1; then
    touch "$apt_folder/refreshed"
  fi
}

# Prints the version of the source package $1 that contains an archive of the hash $2.
version_with_hash() {
  apt-cache -c "$apt_folder/apt.conf" showsrc --only-source "$1" 2>/dev/null |
    awk -v hash="$2" '$1 == "Version:" { version = $2 } $1 == hash { print version; exit }'
}

# One fetch at a time writes the index; the others wait and find it fresh.
locked_version_with_hash() {
  {
    if command -v flock >/dev/null; then
      flock 9
    fi
    refresh_index
    version_with_hash "$1" "$2"
  } 9>"$apt_folder/lock"
}

from_debian() {
  source_package=$1
  hash=$2
  origin="source package $source_package"
  if ! command -v apt-get >/dev/null; then
    note "$origin: this system has no apt-get"
    return
  fi
  mkdir -p "$apt_folder" "$scratch"
  version=$(locked_version_with_hash "$source_package" "$hash")
  if [ -z "$version" ]; then
    reason=$(grep -m 1 '^[EW]:' "$apt_folder/update.log" 2>/dev/null)
    note "$origin: no version in the index has an archive with this SHA-256${reason:+ ($reason)}"
    return
  fi
  case $3 in
  *.debian.tar.*) part=--diff-only ;; # the distribution's own patches
  *) part=--tar-only ;;
  esac
  (cd "$scratch" && apt-get -q -c "$apt_folder/apt.conf" source --only-source --download-only \
    $part "$source_package=$version") </dev/null >"$scratch.log" 2>&1
  for found in "$scratch"/*; do
    if [ -f "$found" ] && [ "$(sha256_of "$found")" = "$hash" ]; then
      keep "$found" "$3"
    fi
  done
  note "$origin: version $version could not be downloaded ($(tail -n 1 "$scratch.log"))"
}

from_address() {
  mkdir -p "$scratch"
  if command -v curl >/dev/null; then
    reason=$(curl -fsSL --connect-timeout 20 --retry 2 -o "$scratch/download" "$1" 2>&1 </dev/null)
  elif command -v wget >/dev/null; then
    reason=$(wget -nv -T 20 -t 2 -O "$scratch/download" "$1" 2>&1 </dev/null)
  else
    note "$1: this system has neither curl nor wget"
    return
  fi || {
    note "$1: $(printf '%s' "$reason" | tail -n 1)"
    return
  }
  has_hash "$scratch/download" "$2" "$1" && keep "$scratch/download" "$3"
}

if [ -z "$(archives)" ]; then
  echo "fetch: $table has no package $package" >&2
  exit 1
fi
cached=$(from_cache)
[ -n "$cached" ] && finish "$cached"
if [ -n "${VXA_SOURCES-}" ]; then
  from_folder "$VXA_SOURCES"
fi
if [ -n "$given_folder" ] && [ "$given_folder" != "${VXA_SOURCES-}" ]; then
  from_folder "$given_folder"
fi
[ -n "${VXA_SOURCES-}$given_folder" ] || note "local folder: VXA_SOURCES is not set"
while read -r file hash origin; do
  case $origin in
  debian:*) from_debian "${origin#debian:}" "$hash" "$file" ;;
  https:*) from_address "$origin" "$hash" "$file" ;;
  esac
done <<LIST
$(archives)
LIST
{
  echo "fetch: no origin gave the source archive of $package. Tried:"
  printf '%s' "$tried"
  echo "Put one of these files into a folder, and name that folder by VXA_SOURCES"
  echo "(in the environment, or cmake -D VXA_SOURCES=FOLDER):"
  archives | awk '!seen[$1]++ { print "  " $1 "  SHA-256 " $2 }'
} >&2
exit 1

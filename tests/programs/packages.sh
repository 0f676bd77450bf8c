#!/bin/sh
# SPDX-License-Identifier: MIT
# Unpacks Debian's packages for i386, or for $VXA_ARCH, into a folder, without installing anything or
# touching the system's apt.
#   tests/programs/packages.sh FOLDER PACKAGE...      result: FOLDER/PACKAGE/usr/...
# A package comes from the folder $VXA_SOURCES, if there is a PACKAGE_VERSION_ARCH.deb in it, or from
# the system's own package sources, through an index of its own in FOLDER; apt checks the signatures.
set -eu
export LC_ALL=C

arch=${VXA_ARCH:-i386}
mkdir -p "$1"
folder=$(cd "$1" && pwd)
shift
apt=$folder/apt

write_apt_conf() {
  mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/download"
  : >"$apt/status"
  cat >"$apt/apt.conf" <<CONF
#clear APT::Architectures;
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
APT::Architecture "$arch";
APT::Architectures:: "$arch";
APT::Sandbox::User "root";
Acquire::Languages "none";
Dir::State "$apt";
Dir::State::lists "$apt/lists";
Dir::State::status "$apt/status";
Dir::Cache "$apt/cache";
CONF
}

# One of several sources may fail, as long as the package is in another one.
download() {
  if [ ! -f "$apt/apt.conf" ] || [ ! -f "$apt/refreshed" ]; then
    write_apt_conf
    apt-get -q -c "$apt/apt.conf" update >"$apt/update.log" 2>&1 </dev/null || true
    touch "$apt/refreshed"
  fi
  (cd "$apt/download" && apt-get -q -c "$apt/apt.conf" download "$1") >"$apt/$1.log" 2>&1 ||
    { cat "$apt/update.log" "$apt/$1.log" >&2; rm -f "$apt/refreshed"; return 1; }
  find "$apt/download" -name "$1_*_$arch.deb"
}

given() {
  [ -n "${VXA_SOURCES-}" ] && find "$VXA_SOURCES" -maxdepth 1 -name "$1_*_$arch.deb" | head -n 1
}

unpack() {
  deb=$(given "$1") || true
  [ -n "$deb" ] || deb=$(download "$1")
  rm -rf "$folder/$1.part"
  dpkg-deb -x "$deb" "$folder/$1.part"
  mv "$folder/$1.part" "$folder/$1"
}

# Several tests may ask at once.
exec 9>"$folder/lock"
flock 9
for package in "$@"; do
  [ -d "$folder/$package" ] || unpack "$package" ||
    { echo "packages: cannot get $package for $arch" >&2; exit 1; }
done

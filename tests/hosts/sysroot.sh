#!/bin/sh
# SPDX-License-Identifier: MIT
# Puts the libraries that the programs need into a folder, for another kind of host.
#   tests/hosts/sysroot.sh DEBIAN_ARCHITECTURE FOLDER      result: FOLDER/usr/include, FOLDER/usr/lib
set -eu
packages="libelf-dev zlib1g-dev libminizip-dev libzstd-dev libbz2-dev liblzma-dev libbrotli-dev
  libflac-dev libogg-dev libseccomp-dev"
here=$(cd "$(dirname "$0")" && pwd)
arch=$1
folder=$2

[ ! -e "$folder/complete" ] || exit 0
# shellcheck disable=SC2086 # a list of package names
VXA_ARCH=$arch sh "$here/../programs/packages.sh" "$folder" $packages
for package in $packages; do
  cp -R "$folder/$package/usr" "$folder/"
done
touch "$folder/complete"

#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs what building needs, and with "tests" also what the tests need. Debian 12, as root.
set -eu

build="gcc libc6-dev cmake ninja-build pkg-config clang lld llvm nasm patch dpkg-dev xz-utils zstd python3
  zlib1g-dev libminizip-dev libzstd-dev libbz2-dev liblzma-dev libbrotli-dev libflac-dev libelf-dev libseccomp-dev ca-certificates"
tests="bats libzydis-dev zip unzip p7zip-full libarchive-tools bzip2 python3 file
  binutils make procps mandoc zsh fish attr clang-format libclang-rt-14-dev git
  gcc-i686-linux-gnu libc6-dev-i386-cross csmith libcsmith-dev
  tcc musl-tools nodejs wasi-libc libclang-rt-14-dev-wasm32 qemu-user
  gcc-s390x-linux-gnu libc6-dev-s390x-cross gcc-arm-linux-gnueabihf libc6-dev-armhf-cross
  gcc-aarch64-linux-gnu libc6-dev-arm64-cross gcc-riscv64-linux-gnu libc6-dev-riscv64-cross
  gcc-powerpc64le-linux-gnu libc6-dev-ppc64el-cross
  brotli lz4 flac vorbis-tools opus-tools lame twolame mpg123 wavpack
  libjpeg-turbo-progs webp libopenjp2-tools netpbm"

wanted=$build
[ "${1:-}" = tests ] && wanted="$build $tests"

missing=
for package in $wanted; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' ||
    missing="$missing $package"
done

if [ -z "$missing" ]; then
  echo "setup: everything is installed"
  exit 0
fi
if [ "$(id -u)" != 0 ]; then
  echo "setup: these packages are missing, and installing them needs root:$missing" >&2
  exit 1
fi
echo "setup: installing$missing"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# shellcheck disable=SC2086 # a list of package names
apt-get install -y -qq --no-install-recommends $missing >/dev/null
echo "setup: done"

# SPDX-License-Identifier: MIT
# Knows that what is installed works by itself: programs, library, package.

load ../support/helper
need cmake cpack pkg-config cc dpkg dpkg-deb ldd unshare nm

PROJECT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)

setup_file() {
  export INSTALLED=$BATS_FILE_TMPDIR/usr
  cmake --install "$VXA_BUILD" --prefix "$INSTALLED" >/dev/null
}

setup() {
  cd "$BATS_TEST_TMPDIR"
  LIB=$(dirname "$(find "$INSTALLED" -name 'libvx32.so')")
  export PKG_CONFIG_PATH=$LIB/pkgconfig
  seq 3000 >text
}

# A program of somebody else: decodes deflate's raw stream with the installed decoder.
plant_program() {
  cat >program.c <<'C'
#include <stdio.h>
#include <stdlib.h>
#include <vx32.h>
#include <vx32_abi.h>

int main(int argc, char **argv)
{
    static char elf[1 << 20];
    struct vx32_image *image;
    struct vx32_instance *guest;
    struct vx32_exit exit;
    FILE *file = argc == 2 ? fopen(argv[1], "rb") : NULL;
    size_t nbytes = file ? fread(elf, 1, sizeof elf, file) : 0;

    if (vx32_image_parse(elf, nbytes, &image, NULL) || vx32_instance_new(image, NULL, &guest))
        return 1;
    for (;;) {
        int64_t count;

        vx32_run(guest, &exit);
        if (exit.reason == VX32_EXIT_NEED_INPUT)
            count = (int64_t)fread(exit.data, 1, exit.nbytes, stdin);
        else if (exit.reason == VX32_EXIT_HAVE_OUTPUT)
            count = (int64_t)fwrite(exit.data, 1, exit.nbytes, stdout);
        else
            return exit.reason == VX32_EXIT_EXITED ? exit.code : 2;
        if (vx32_complete(guest, count))
            return 3;
    }
}
C
  python3 -c 'import sys, zlib
c = zlib.compressobj(9, zlib.DEFLATED, -15)
sys.stdout.buffer.write(c.compress(open("text", "rb").read()) + c.flush())' >coded
}

decodes() {
  "$@" "$INSTALLED/lib/vxa/decoders/deflate.elf" <coded | cmp - text
}

@test "installed programs work with the installed decoders" {
  "$INSTALLED/bin/vxzip" -q -m zstd a.zip text
  "$INSTALLED/bin/vxunzip" -q -d out a.zip
  cmp text out/text
  zip -q b.zip text # its decoder is the installed one
  "$INSTALLED/bin/vxunzip" -tq b.zip
  mv "$INSTALLED/lib/vxa" "$INSTALLED/lib/elsewhere"
  run "$INSTALLED/bin/vxunzip" -tq b.zip
  mv "$INSTALLED/lib/elsewhere" "$INSTALLED/lib/vxa"
  [ "$status" -eq 81 ]
}

@test "what is installed: decoders as they were built, pages, completions, headers" {
  local file name
  for file in "$BUILD"/decoders/*.elf; do
    cmp "$file" "$INSTALLED/lib/vxa/decoders/${file##*/}"
  done
  for name in include/vx32.h include/vx32_abi.h share/man/man1/vxzip.1 share/man/man1/vxunzip.1 \
    share/man/man1/vxrun.1 share/man/man3/vx32.3 share/man/man5/vxa.5 share/doc/vxa/copyright \
    share/bash-completion/completions/vxzip share/zsh/vendor-completions/_vxunzip \
    share/fish/vendor_completions.d/vxrun.fish; do
    [ -s "$INSTALLED/$name" ] || { echo "no $name"; return 1; }
  done
  [ "$(find "$INSTALLED/include" -type f | wc -l)" -eq 2 ]
}

@test "the shared library shows the functions of vx32.h and nothing else" {
  nm -D --defined-only "$LIB/libvx32.so" | awk '$2 == "T" { sub("@.*", "", $3); print $3 }' |
    sort >shown
  grep -oE '\<vx32_[a-z0-9_]+\(' "$INSTALLED/include/vx32.h" | tr -d '(' | sort -u >declared
  diff declared shown
  [ "$(nm -D --defined-only "$LIB/libvx32.so" | awk '$2 != "T" && $2 != "A"' | wc -l)" -eq 0 ]
}

@test "a program outside the tree builds by pkg-config, with the shared and the static library" {
  plant_program
  # shellcheck disable=SC2046 # flags are words
  cc -Wall -Werror -o shared program.c $(pkg-config --cflags --libs vx32)
  ldd shared | grep -q 'libvx32.so' || env LD_LIBRARY_PATH="$LIB" ldd shared | grep 'libvx32.so'
  decodes env LD_LIBRARY_PATH="$LIB" ./shared
  # shellcheck disable=SC2046
  cc -o static program.c $(pkg-config --cflags vx32) "$LIB/libvx32.a" $(pkg-config --libs libelf)
  decodes ./static
}

@test "a program outside the tree builds by the CMake package" {
  plant_program
  cat >CMakeLists.txt <<'CMAKE'
cmake_minimum_required(VERSION 3.25)
project(outside LANGUAGES C)
find_package(vx32 0.1 REQUIRED)
add_executable(shared program.c)
target_link_libraries(shared PRIVATE vx32::vx32)
add_executable(static program.c)
target_link_libraries(static PRIVATE vx32::vx32_static)
CMAKE
  cmake -S . -B b -DCMAKE_PREFIX_PATH="$INSTALLED" >log 2>&1 && cmake --build b >>log 2>&1 ||
    { cat log; return 1; }
  decodes b/shared
  decodes b/static
  readelf -d b/shared | grep -q 'NEEDED.*libvx32.so.0.1'
  ! readelf -d b/static | grep 'libvx32'
}

# The superuser's chroot, or one in a name space of the user's own.
in_root() {
  if [ "$(id -u)" -eq 0 ]; then
    chroot "$@"
  else
    unshare --map-root-user chroot "$@"
  fi
}

@test "the Debian package installs into a clean root, and runs there" {
  cpack -G DEB --config "$BUILD/CPackConfig.cmake" -B "$PWD/made" >log 2>&1 || { cat log; return 1; }
  local deb=(made/vxa_*.deb) library program
  dpkg-deb -f "${deb[0]}" Depends | grep -q 'libelf1.*zlib1g'
  mkdir -p root/var/lib/dpkg/{info,updates} root/usr/lib root/usr/lib64 root/etc root/tmp
  touch root/var/lib/dpkg/status
  ln -s usr/lib root/lib
  ln -s usr/lib64 root/lib64
  # What it depends on, as copies of what is installed here.
  for program in vxzip vxunzip vxrun; do
    for library in $(ldd "$BUILD/bin/$program" | grep -oE '/[^ )]+'); do
      mkdir -p "root/$(dirname "$library")"
      cp -L "$library" "root/$library"
    done
  done
  # Its depends are not packages of this root, and there is no shell for ldconfig.
  dpkg-deb -x "${deb[0]}" root
  cp text root/tmp/
  in_root root /usr/bin/vxzip -q -m zstd /tmp/a.zip /tmp/text
  in_root root /usr/bin/vxunzip -q -d /tmp/out /tmp/a.zip
  cmp text root/tmp/out/tmp/text
  in_root root /usr/bin/vxrun --version
  for file in "$BUILD"/decoders/*.elf; do
    cmp "$file" "root/usr/lib/vxa/decoders/${file##*/}"
  done
}

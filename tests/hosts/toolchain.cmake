# SPDX-License-Identifier: MIT
# Static programs for another kind of Linux host: -DVXA_HOST=s390x -DVXA_SYSROOT=FOLDER (sysroot.sh).
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES VXA_HOST VXA_SYSROOT)
# Host: Debian's architecture, triplet, processor, qemu's name.
set(hosts
  "arm64 aarch64-linux-gnu aarch64 aarch64" "armhf arm-linux-gnueabihf arm arm"
  "ppc64el powerpc64le-linux-gnu ppc64le ppc64le"
  "s390x s390x-linux-gnu s390x s390x")
foreach(row ${hosts})
  separate_arguments(row)
  list(GET row 0 name)
  if(name STREQUAL VXA_HOST)
    list(GET row 1 triplet)
    list(GET row 2 processor)
    list(GET row 3 emulator)
  endif()
endforeach()

set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR ${processor})
set(CMAKE_C_COMPILER ${triplet}-gcc)
set(CMAKE_LIBRARY_ARCHITECTURE ${triplet})
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-${emulator})
set(CMAKE_EXE_LINKER_FLAGS_INIT -static)
# What the static libraries need of each other.
set(CMAKE_C_STANDARD_LIBRARIES_INIT "-lbrotlicommon -logg -lz -lm -lpthread")
set(CMAKE_C_FLAGS_INIT "-isystem ${VXA_SYSROOT}/usr/include -L${VXA_SYSROOT}/usr/lib/${triplet}")

# qemu-user has no CLONE_PARENT.
set(VXA_WORKERS OFF CACHE BOOL "")
set(CMAKE_FIND_ROOT_PATH ${VXA_SYSROOT})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(ENV{PKG_CONFIG_LIBDIR} ${VXA_SYSROOT}/usr/lib/${triplet}/pkgconfig)
set(ENV{PKG_CONFIG_SYSROOT_DIR} ${VXA_SYSROOT})

# SPDX-License-Identifier: MIT
# Knows how a decoder is built: sources fetched and unpacked, compiled for i386 and linked without the host's C library.

find_program(VXA_GUEST_CC NAMES clang-14 clang DOC "clang, which compiles the decoders")
find_program(VXA_GUEST_LD NAMES ld.lld-14 ld.lld DOC "LLVM's linker, which links the decoders")
find_program(VXA_GUEST_ASM NAMES nasm DOC "nasm, which assembles libjpeg-turbo's SSE2 routines")
foreach(tool VXA_GUEST_CC VXA_GUEST_LD VXA_GUEST_ASM)
  if(NOT ${tool})
    message(FATAL_ERROR "${tool} not found. The decoders need clang, lld and nasm (Debian packages "
      "of these names); set ${tool} when they are elsewhere.")
  endif()
endforeach()

execute_process(COMMAND ${VXA_GUEST_CC} -print-resource-dir
  OUTPUT_VARIABLE intrinsics_dir OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
string(APPEND intrinsics_dir /include)

set(VXA_SOURCES "" CACHE PATH "Folder with the decoders' source archives; looked into first")

set(join ${CMAKE_CURRENT_SOURCE_DIR}/join.cmake)
set(provenance ${CMAKE_CURRENT_SOURCE_DIR}/provenance.cmake)
set(guest_dir ${CMAKE_CURRENT_SOURCE_DIR}/guest)
set(abi_dir ${CMAKE_CURRENT_SOURCE_DIR}/../vx32/include)
set(elf_dir ${CMAKE_BINARY_DIR}/decoders)
set(source_dir ${elf_dir}/sources)
set(object_dir ${elf_dir}/objects)

# Code of fixed meaning: SSE2 and nothing newer, no contraction of floating-point operations, no
# thread area, no unwinding; and nothing of the building machine: own headers, no paths, no names.
set(guest_flags
  --target=i686-unknown-linux-gnu -march=pentium4 -mtune=generic -msse2 -mfpmath=sse
  -O3 -fomit-frame-pointer -ffp-contract=off -fno-strict-aliasing -DNDEBUG
  -fno-pic -fno-stack-protector -fno-asynchronous-unwind-tables -fno-unwind-tables
  -ffunction-sections -fdata-sections -fno-ident
  -ffile-prefix-map=${CMAKE_CURRENT_SOURCE_DIR}=/decoders -ffile-prefix-map=${source_dir}=/sources
  -nostdinc)
set(own_flags -std=c11 -Wall -Wextra -Wshadow -Wconversion -Wvla -Wmissing-prototypes
  -Wimplicit-fallthrough)
if(VXA_WERROR)
  list(APPEND own_flags -Werror)
endif()
set(link_flags -m elf_i386 -static --strip-all --gc-sections --build-id=none -z norelro
  -z max-page-size=4096 --fatal-warnings -T ${guest_dir}/guest.ld)

# Fetches and unpacks PACKAGE of sources.table into ${source_dir}/PACKAGE; its stamp tells when.
# PATCHES are applied in their order; they begin with the name of the package that they are in.
function(vxa_add_package package)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "PATCHES")
  set(table ${CMAKE_CURRENT_SOURCE_DIR}/sources.table)
  set(fetch ${CMAKE_CURRENT_SOURCE_DIR}/fetch.sh)
  set(unpack ${CMAKE_CURRENT_SOURCE_DIR}/unpack.cmake)
  set(result ${source_dir}/${package}.fetched)
  add_custom_command(OUTPUT ${result}
    COMMAND sh ${fetch} ${table} ${package} ${source_dir}/archives ${result} "${VXA_SOURCES}"
    DEPENDS ${table} ${fetch}
    COMMENT "Fetching the sources of ${package}" VERBATIM)
  set(patches ${arg_PATCHES})
  list(TRANSFORM patches PREPEND ${source_dir}/)
  set(patch_stamps ${arg_PATCHES})
  list(TRANSFORM patch_stamps REPLACE "^([^/]*)/.*$" "${source_dir}/\\1.stamp")
  list(REMOVE_DUPLICATES patch_stamps)
  add_custom_command(OUTPUT ${source_dir}/${package}.stamp
    COMMAND ${CMAKE_COMMAND} -D RESULT=${result} -D FOLDER=${source_dir}/${package}
      -D "PATCHES=${patches}" -D STAMP=${source_dir}/${package}.stamp -P ${unpack}
    DEPENDS ${result} ${unpack} ${patch_stamps}
    COMMENT "Unpacking ${package}" VERBATIM)
endfunction()

# Compiles SOURCE to OBJECT with the given FLAGS, after the files DEPENDS.
function(vxa_add_guest_object source object)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "" "FLAGS;DEPENDS")
  get_filename_component(folder ${object} DIRECTORY)
  file(MAKE_DIRECTORY ${folder})
  file(RELATIVE_PATH object_name ${CMAKE_BINARY_DIR} ${object})
  add_custom_command(OUTPUT ${object}
    COMMAND ${VXA_GUEST_CC} ${guest_flags} ${arg_FLAGS} -isystem ${guest_dir}/include
      -MD -MT ${object} -MF ${object}.d -c ${source} -o ${object}
    DEPENDS ${arg_DEPENDS} DEPFILE ${object}.d
    COMMENT "Compiling ${object_name}" VERBATIM)
endfunction()

# The same for SOURCE in nasm's language; INCLUDES are folders.
function(vxa_add_guest_assembly source object)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "" "INCLUDES;DEPENDS")
  get_filename_component(folder ${object} DIRECTORY)
  file(MAKE_DIRECTORY ${folder})
  file(RELATIVE_PATH object_name ${CMAKE_BINARY_DIR} ${object})
  list(TRANSFORM arg_INCLUDES PREPEND -I)
  list(TRANSFORM arg_INCLUDES APPEND /)
  add_custom_command(OUTPUT ${object}
    COMMAND ${VXA_GUEST_ASM} -f elf32 -DELF ${arg_INCLUDES}
      -MD ${object}.d -MT ${object} ${source} -o ${object}
    DEPENDS ${arg_DEPENDS} DEPFILE ${object}.d
    COMMENT "Assembling ${object_name}" VERBATIM)
endfunction()

# The C library of the guests, one object for each of FILES (in guest/).
function(vxa_add_guest_library)
  set(objects)
  foreach(file IN LISTS ARGN)
    set(object ${object_dir}/guest/${file}.o)
    vxa_add_guest_object(${guest_dir}/${file} ${object}
      FLAGS ${own_flags} -fno-builtin -I${abi_dir} DEPENDS ${guest_dir}/${file})
    list(APPEND objects ${object})
  endforeach()
  set(guest_objects ${objects} PARENT_SCOPE)
endfunction()

# The mathematics for decoders that ask for MATH: FILES of the package musl, below src/math.
function(vxa_add_math_library)
  set(objects)
  foreach(file IN LISTS ARGN)
    set(object ${object_dir}/math/${file}.o)
    vxa_add_guest_object(${source_dir}/musl/src/math/${file} ${object}
      FLAGS -std=c99 -w -fno-builtin -include ${guest_dir}/musl/features.h -isystem ${guest_dir}/musl
        -isystem ${source_dir}/musl/src/internal -isystem ${source_dir}/musl/arch/generic
      DEPENDS ${source_dir}/musl.stamp)
    list(APPEND objects ${object})
  endforeach()
  set(math_objects ${objects} PARENT_SCOPE)
endfunction()

# ${elf_dir}/NAME.elf from NAME/main.c and the OWN files here (the folder NAME/include comes first),
# and from FILES of PACKAGES; FILES, INCLUDES and LICENCE begin with the package's name. Without a
# package the licence is that of guest/. With
# INTRINSICS they see the compiler's own headers too, for SSE2. The licence texts go to NAME.licence
# beside the decoder, what it is made of to NAME.provenance.
function(vxa_add_decoder name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "MATH;INTRINSICS" ""
    "PACKAGES;LICENCE;INCLUDES;OWN;FILES;FLAGS")
  set(library_objects ${guest_objects})
  if(arg_MATH)
    list(APPEND library_objects ${math_objects})
    list(APPEND arg_PACKAGES musl)
    list(APPEND arg_LICENCE musl/COPYRIGHT)
  endif()
  if(arg_INTRINSICS)
    list(APPEND arg_FLAGS -idirafter${intrinsics_dir})
  endif()
  set(licences ${arg_LICENCE})
  list(TRANSFORM licences PREPEND ${source_dir}/)
  if(NOT licences)
    set(licences ${guest_dir}/LICENCE)
  endif()
  set(stamps ${arg_PACKAGES})
  list(TRANSFORM stamps PREPEND ${source_dir}/)
  list(TRANSFORM stamps APPEND .stamp)
  set(folders ${arg_INCLUDES})
  list(TRANSFORM folders PREPEND ${source_dir}/)
  if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/include)
    list(PREPEND folders ${CMAKE_CURRENT_SOURCE_DIR}/${name}/include)
  endif()
  set(includes ${folders})
  list(TRANSFORM includes PREPEND -isystem)

  set(objects)
  foreach(file IN ITEMS ${name}/main.c LISTS arg_OWN)
    set(source ${CMAKE_CURRENT_SOURCE_DIR}/${file})
    set(object ${object_dir}/${name}/own/${file}.o)
    vxa_add_guest_object(${source} ${object}
      FLAGS ${own_flags} ${arg_FLAGS} -I${CMAKE_CURRENT_SOURCE_DIR} ${includes}
      DEPENDS ${source} ${stamps})
    list(APPEND objects ${object})
  endforeach()
  foreach(file IN LISTS arg_FILES)
    set(object ${object_dir}/${name}/${file}.o)
    if(file MATCHES "\\.asm$")
      vxa_add_guest_assembly(${source_dir}/${file} ${object} INCLUDES ${folders} DEPENDS ${stamps})
    else()
      vxa_add_guest_object(${source_dir}/${file} ${object}
        FLAGS -std=gnu11 -w ${arg_FLAGS} ${includes} DEPENDS ${stamps})
    endif()
    list(APPEND objects ${object})
  endforeach()

  set(elf ${elf_dir}/${name}.elf)
  add_custom_command(OUTPUT ${elf}
    COMMAND ${VXA_GUEST_LD} ${link_flags} ${library_objects} ${objects} -o ${elf}
    DEPENDS ${library_objects} ${objects} ${guest_dir}/guest.ld
    COMMENT "Linking decoder ${name}.elf" VERBATIM)
  add_custom_command(OUTPUT ${elf_dir}/${name}.licence
    COMMAND ${CMAKE_COMMAND} -D "FILES=${licences}" -D TO=${elf_dir}/${name}.licence -P ${join}
    DEPENDS ${stamps} ${join} COMMENT "Copying ${name}.licence" VERBATIM)
  set(origin ${elf_dir}/${name}.provenance)
  set(table ${CMAKE_CURRENT_SOURCE_DIR}/sources.table)
  add_custom_command(OUTPUT ${origin}
    COMMAND ${CMAKE_COMMAND} -D CODEC=${name} -D "PACKAGES=${arg_PACKAGES}" -D TABLE=${table}
      -D SOURCE_DIR=${source_dir} -D compiler=${VXA_GUEST_CC} -D linker=${VXA_GUEST_LD}
      -D TO=${origin} -P ${provenance}
    DEPENDS ${stamps} ${table} ${provenance} COMMENT "Writing ${name}.provenance" VERBATIM)
  set_property(GLOBAL APPEND PROPERTY VXA_DECODER_FILES ${elf} ${elf_dir}/${name}.licence ${origin})
  install(PROGRAMS ${elf} DESTINATION lib/vxa/decoders)
  install(FILES ${elf_dir}/${name}.licence ${origin} DESTINATION lib/vxa/decoders)
endfunction()

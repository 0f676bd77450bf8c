# SPDX-License-Identifier: MIT
# Unpacks the archive named in the file RESULT into FOLDER, without the archive's own top folder, applies PATCHES, and touches STAMP.
file(STRINGS ${RESULT} archive LIMIT_COUNT 1)
set(scratch ${FOLDER}.unpacking)
file(REMOVE_RECURSE ${scratch} ${FOLDER})
file(ARCHIVE_EXTRACT INPUT ${archive} DESTINATION ${scratch})
file(GLOB tops ${scratch}/*)
list(LENGTH tops top_count)
if(NOT top_count EQUAL 1)
  message(FATAL_ERROR "${archive}: expected one top folder, found ${top_count}")
endif()
foreach(patch IN LISTS PATCHES)
  execute_process(COMMAND patch -p1 -f -s --no-backup-if-mismatch -i ${patch}
    WORKING_DIRECTORY ${tops} COMMAND_ERROR_IS_FATAL ANY)
endforeach()
file(RENAME ${tops} ${FOLDER})
file(REMOVE_RECURSE ${scratch})
file(TOUCH ${STAMP})

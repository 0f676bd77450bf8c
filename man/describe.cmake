# SPDX-License-Identifier: MIT
# Run as a script: asks PROGRAM for its options, and writes OUTPUTS: the page, and the
# completions for bash, zsh and fish.
function(describe form variable)
  execute_process(COMMAND ${EMULATOR} ${PROGRAM} --describe=${form}
    OUTPUT_VARIABLE text COMMAND_ERROR_IS_FATAL ANY)
  set(${variable} "${text}" PARENT_SCOPE)
endfunction()

describe(man-options OPTIONS)
describe(man-status STATUS)
string(STRIP "${OPTIONS}" OPTIONS)
string(STRIP "${STATUS}" STATUS)
list(POP_FRONT OUTPUTS page)
configure_file(${PAGE} ${page} @ONLY)
foreach(shell bash zsh fish)
  list(POP_FRONT OUTPUTS output)
  describe(${shell} text)
  file(WRITE ${output} "${text}")
endforeach()

# SPDX-License-Identifier: MIT
# Joins the licence texts in the list FILES into TO, a ruler between two of them.
set(text "")
foreach(file IN LISTS FILES)
  file(READ ${file} part)
  if(text)
    string(APPEND text "\n----------------------------------------\n\n")
  endif()
  string(APPEND text "${part}")
endforeach()
file(WRITE ${TO} "${text}")

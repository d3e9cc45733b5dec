# Where cargo lives, and where its output goes: outside the tree, so that a second build folder costs
# seconds instead of minutes.
if(DEFINED ENV{OUTLAYER_CACHE})
  set(OL_CACHE $ENV{OUTLAYER_CACHE})
elseif(DEFINED ENV{XDG_CACHE_HOME})
  set(OL_CACHE $ENV{XDG_CACHE_HOME}/outlayer)
elseif(DEFINED ENV{HOME})
  set(OL_CACHE $ENV{HOME}/.cache/outlayer)
else()
  set(OL_CACHE ${CMAKE_BINARY_DIR})
endif()

find_program(CARGO cargo HINTS $ENV{HOME}/.cargo/bin REQUIRED)

# Guests: C to wasm32-wasi, and from there to a component. The host's flags never come here.
#
#   ol_wasm(echo SOURCES echo.c [P2] [DIR examples] [COMPILE flags] [LINK flags])
#
# makes wasm/DIR/echo.wasm in the build folder, a preview-1 core module linked with the guest
# library (sdk/), and with P2 also wasm/DIR/echo.p2.wasm. Headers are tracked through dependency
# files. The target `wasm` builds all of them.

set(OL_WASM_CC clang-19 --target=wasm32-wasi --sysroot=/usr)
set(OL_WASM_FLAGS -std=gnu17 -Os -ffunction-sections -fdata-sections -fvisibility=hidden
  -Wall -Wextra -Wconversion -Wsign-conversion -Wshadow -Wswitch-enum -Wvla -Wundef -Wcast-qual
  -Wformat=2 -Wstrict-prototypes -Wmissing-prototypes
  -I${CMAKE_SOURCE_DIR} -I${CMAKE_SOURCE_DIR}/sdk
  -D_GNU_SOURCE -DOL_VERSION="${PROJECT_VERSION}" -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=
  # wasi-libc has the older of the two names only.
  -Dstrerrordesc_np=strerror)
if(OL_WERROR)
  list(APPEND OL_WASM_FLAGS -Werror)
endif()
# start.c of the guest library is the entry (Host interfaces 17). The stack lies below the data, so
# that running out of it traps instead of overwriting.
set(OL_WASM_LINK -nostartfiles -s -Wl,--gc-sections -Wl,--stack-first)
set(OL_WASM_DIR ${CMAKE_BINARY_DIR}/wasm)

add_custom_target(wasm ALL)

# Compiles one source of `name`, once the files AFTER are there; appends the object to the list `into`
# of the caller.
function(ol__wasm_object name source into)
  cmake_parse_arguments(ARG "" "" "AFTER;COMPILE" ${ARGN})
  cmake_path(ABSOLUTE_PATH source BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
  cmake_path(RELATIVE_PATH source BASE_DIRECTORY ${CMAKE_SOURCE_DIR} OUTPUT_VARIABLE inside)
  set(object ${CMAKE_BINARY_DIR}/wasm-objects/${name}/${inside}.o)
  cmake_path(GET object PARENT_PATH folder)
  file(MAKE_DIRECTORY ${folder})
  add_custom_command(OUTPUT ${object}
    COMMAND ${OL_WASM_CC} ${OL_WASM_FLAGS} ${ARG_COMPILE} -MD -MF ${object}.d -c ${source} -o ${object}
    DEPENDS ${source} ${ARG_AFTER} DEPFILE ${object}.d VERBATIM
    COMMENT "wasm: ${inside}")
  set(${into} ${${into}} ${object} PARENT_SCOPE)
endfunction()

# A part of the guest library, one archive: a guest carries only the members it calls. OBJECTS are
# made elsewhere.
function(ol_wasm_archive name)
  cmake_parse_arguments(ARG "" "" "SOURCES;COMPILE;AFTER;OBJECTS" ${ARGN})
  set(objects ${ARG_OBJECTS})
  foreach(source ${ARG_SOURCES})
    ol__wasm_object(${name} ${source} objects COMPILE ${ARG_COMPILE} AFTER ${ARG_AFTER})
  endforeach()
  set(archive ${CMAKE_BINARY_DIR}/wasm-objects/lib${name}.a)
  add_custom_command(OUTPUT ${archive}
    COMMAND ${CMAKE_COMMAND} -E rm -f ${archive}
    COMMAND llvm-ar-19 rcsD ${archive} ${objects}
    DEPENDS ${objects} VERBATIM COMMENT "wasm: lib${name}.a")
  add_custom_target(wasm_${name} DEPENDS ${archive})
endfunction()

function(ol_wasm name)
  cmake_parse_arguments(ARG "P2" "DIR" "SOURCES;COMPILE;LINK" ${ARGN})
  set(folder ${OL_WASM_DIR}/${ARG_DIR})
  cmake_path(NORMAL_PATH folder)
  file(MAKE_DIRECTORY ${folder})
  set(objects)
  foreach(source ${ARG_SOURCES})
    ol__wasm_object(${name} ${source} objects COMPILE ${ARG_COMPILE})
  endforeach()
  set(archives ${CMAKE_BINARY_DIR}/wasm-objects/liboutlayer_guest.a
    ${CMAKE_BINARY_DIR}/wasm-objects/liboutlayer_crypto.a)
  cmake_path(APPEND folder ${name}.wasm OUTPUT_VARIABLE module)
  add_custom_command(OUTPUT ${module}
    COMMAND ${OL_WASM_CC} ${OL_WASM_LINK} ${ARG_LINK} -o ${module} ${objects} ${archives}
    DEPENDS ${objects} ${archives} VERBATIM COMMENT "wasm: ${name}.wasm")
  set(made ${module})
  if(ARG_P2)
    cmake_path(APPEND folder ${name}.p2.wasm OUTPUT_VARIABLE component)
    file(GLOB wit CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/sdk/wit/*.wit)
    add_custom_command(OUTPUT ${component}
      COMMAND ${CMAKE_BINARY_DIR}/sdk/tool/componentize ${CMAKE_SOURCE_DIR}/sdk/wit ${module} ${component}
      DEPENDS ${module} ${wit} ${CMAKE_BINARY_DIR}/sdk/tool/componentize VERBATIM
      COMMENT "wasm: ${name}.p2.wasm")
    list(APPEND made ${component})
  endif()
  add_custom_target(wasm_${name} DEPENDS ${made})
  add_dependencies(wasm_${name} wasm_outlayer_guest wasm_outlayer_crypto)
  if(ARG_P2)
    add_dependencies(wasm_${name} componentize)
  endif()
  add_dependencies(wasm wasm_${name})
endfunction()

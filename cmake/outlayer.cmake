# Build helpers. A target is one call; source lists are explicit; include paths start at the root,
# so that an include names its layer: #include "lib/base/str.h".

set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

option(OL_WERROR "Warnings are errors" ON)
option(OL_FUZZ "Build the fuzz targets with libFuzzer" OFF)
option(OL_COVERAGE "Instrument for source coverage" OFF)
set(OL_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize takes them")

add_library(ol_flags INTERFACE)
target_include_directories(ol_flags INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_definitions(ol_flags INTERFACE _GNU_SOURCE OL_VERSION="${PROJECT_VERSION}")
target_compile_options(ol_flags INTERFACE
  -Wall -Wextra -Wconversion -Wsign-conversion -Wshadow -Wswitch-enum -Wvla -Wundef -Wcast-qual
  -Wformat=2 -Wstrict-prototypes -Wmissing-prototypes
  -Wno-missing-field-initializers # tables leave trailing members zero
  -fstack-protector-strong -fstack-clash-protection -ftrivial-auto-var-init=zero
  -fno-omit-frame-pointer -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
  # GCC does not take a cast to void as "ignored on purpose"; clang does, and checks the rest.
  target_compile_options(ol_flags INTERFACE -Wno-unused-result)
endif()
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64")
  target_compile_options(ol_flags INTERFACE -fcf-protection)
endif()
if(OL_WERROR)
  target_compile_options(ol_flags INTERFACE -Werror)
endif()
if(OL_SANITIZE)
  # A target with the property OL_PLAIN is left alone.
  set(instrumented $<NOT:$<BOOL:$<TARGET_PROPERTY:OL_PLAIN>>>)
  target_compile_options(ol_flags INTERFACE
    "$<${instrumented}:-fsanitize=${OL_SANITIZE};-fno-sanitize-recover=all>")
  target_link_options(ol_flags INTERFACE "$<${instrumented}:-fsanitize=${OL_SANITIZE}>")
  target_compile_definitions(ol_flags INTERFACE $<${instrumented}:OL_SANITIZED=1>)
else()
  target_compile_definitions(ol_flags INTERFACE
    $<$<NOT:$<CONFIG:Debug>>:_FORTIFY_SOURCE=3>)
endif()
if(OL_FUZZ)
  target_compile_options(ol_flags INTERFACE
    $<$<NOT:$<BOOL:$<TARGET_PROPERTY:OL_PLAIN>>>:-fsanitize=fuzzer-no-link>)
endif()
if(OL_COVERAGE)
  target_compile_options(ol_flags INTERFACE -fprofile-instr-generate -fcoverage-mapping)
  target_link_options(ol_flags INTERFACE -fprofile-instr-generate)
endif()
target_link_options(ol_flags INTERFACE -Wl,-z,relro,-z,now,-z,noexecstack)

find_package(Threads REQUIRED)

include(cmake/wasm.cmake)

# ol_library(ol_base SOURCES a.c b.c DEPS ol_other)
function(ol_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name} PUBLIC ol_flags ${ARG_DEPS})
endfunction()

# ol_program(outlayer-worker SOURCES main.c … DEPS ol_net …): lands in bin/.
function(ol_program name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ol_flags ${ARG_DEPS})
endfunction()

# A program that closes fences around itself; its lists of sources hold the libraries' sources, too.
# With ASan it is instrumented and leaves some fences open (lib/sandbox/sanitized.h). With TSan, and
# when fuzzing, it stays plain: wasmtime is not instrumented, and its processes have one thread.
if(OL_SANITIZE MATCHES "address" AND NOT OL_FUZZ)
  set(OL_SANDBOXED_INSTRUMENTED ON)
else()
  set(OL_SANDBOXED_INSTRUMENTED OFF)
endif()
function(ol_sandboxed_program name)
  ol_program(${name} ${ARGN})
  if(OL_SANDBOXED_INSTRUMENTED)
    target_sources(${name} PRIVATE ${CMAKE_SOURCE_DIR}/lib/sandbox/sanitized.c)
  else()
    set_target_properties(${name} PROPERTIES OL_PLAIN ON)
  endif()
endfunction()

# ol_test(unit_str SOURCES str_test.c DEPS ol_base [LABEL unit] [TIMEOUT 60] [ENV A=b …] [NEEDS target …])
# Runs with the source tree as working directory, so that tests name data as tests/data/….
# Exit code 77 is a skip, and visible as one.
function(ol_test name)
  cmake_parse_arguments(ARG "" "LABEL;TIMEOUT" "SOURCES;DEPS;ENV;NEEDS" ${ARGN})
  if(NOT ARG_LABEL)
    set(ARG_LABEL unit)
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  target_link_libraries(${name} PRIVATE ol_harness ${ARG_DEPS})
  if(ARG_NEEDS)
    add_dependencies(${name} ${ARG_NEEDS})
  endif()
  add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES LABELS ${ARG_LABEL} TIMEOUT ${ARG_TIMEOUT}
    SKIP_RETURN_CODE 77
    ENVIRONMENT "OL_BIN=${CMAKE_BINARY_DIR}/bin;OL_WASM=${CMAKE_BINARY_DIR}/wasm;${ARG_ENV}")
endfunction()

# ol_fuzz(json DEPS ol_codec): tests/fuzz/fuzz_json.c with tests/fuzz/corpus/json.
# In the fuzz preset a libFuzzer program; everywhere else the corpus runs as an ordinary test.
function(ol_fuzz name)
  cmake_parse_arguments(ARG "" "" "DEPS" ${ARGN})
  set(target fuzz_${name})
  if(OL_FUZZ)
    add_executable(${target} ${CMAKE_SOURCE_DIR}/tests/fuzz/${target}.c)
    target_link_options(${target} PRIVATE -fsanitize=fuzzer)
  else()
    add_executable(${target} ${CMAKE_SOURCE_DIR}/tests/fuzz/${target}.c
      ${CMAKE_SOURCE_DIR}/tests/fuzz/replay.c)
  endif()
  set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  target_link_libraries(${target} PRIVATE ol_flags ${ARG_DEPS})
  if(OL_FUZZ)
    add_test(NAME ${target} COMMAND ${target} -runs=0 ${CMAKE_SOURCE_DIR}/tests/fuzz/corpus/${name}
      WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  else()
    add_test(NAME ${target} COMMAND ${target} ${CMAKE_SOURCE_DIR}/tests/fuzz/corpus/${name}
      WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  endif()
  set_tests_properties(${target} PROPERTIES LABELS fuzz TIMEOUT 120)
endfunction()

# NEAR contracts: C to wasm32, freestanding (NEAR 2). Only what the protocol accepts is switched on.
#
#   ol_contract(counter SOURCES counter.c [COMPILE flags] [SIZE_MAX bytes])
#
# makes wasm/contracts/counter.wasm in the build folder, linked with the host library
# (contracts/host) and the parts of lib/ it calls, and counter.wasm.sha256 beside it. The same
# sources and compiler give the same bytes in every folder. A file above SIZE_MAX stops the build.

# The root of the sources, wherever the build was configured from.
cmake_path(SET OL_ROOT NORMALIZE ${CMAKE_CURRENT_LIST_DIR}/..)
cmake_path(ABSOLUTE_PATH OL_ROOT NORMALIZE)
string(REGEX REPLACE "/$" "" OL_ROOT ${OL_ROOT})
set(OL_CONTRACT_DIR ${CMAKE_BINARY_DIR}/wasm/contracts)
file(MAKE_DIRECTORY ${OL_CONTRACT_DIR})

set(OL_CONTRACT_CC clang-19 --target=wasm32-unknown-unknown)
set(OL_CONTRACT_FLAGS -std=gnu17 -Oz -ffreestanding -fvisibility=hidden
  # The compiler's default grows with its version; the network's set does not.
  -mcpu=mvp -msign-ext -mmutable-globals -mnontrapping-fptoint
  -nostdlibinc -isystem ${OL_ROOT}/contracts/host/libc
  -I${OL_ROOT} -DOL_NO_DOUBLES -DOL_ASSERT_TRAPS -DOL_TEXT_IS_UTF8 -DOL_SHORT_FAULTS -DOL_BIND_FEW -D_GNU_SOURCE
  -Wall -Wextra -Wconversion -Wsign-conversion -Wshadow -Wswitch-enum -Wvla -Wundef -Wcast-qual
  -Wformat=2 -Wstrict-prototypes -Wmissing-prototypes -Wno-missing-field-initializers
  -ffile-prefix-map=${OL_ROOT}/= -fno-ident)
if(OL_WERROR)
  list(APPEND OL_CONTRACT_FLAGS -Werror)
endif()
# The stack lies below the data, so that running out of it traps instead of overwriting.
set(OL_CONTRACT_LINK --no-entry --gc-sections --strip-all --stack-first -z stack-size=131072
  --lto-O2 -O2 --compress-relocations -mllvm -inline-threshold=-50 -mllvm -disable-lsr)

# binaryen, of Debian: six per cent of the bytes, one of the gas.
set(OL_CONTRACT_SQUEEZE -Oz --converge --low-memory-unused --enable-sign-ext --enable-mutable-globals
  --enable-nontrapping-float-to-int)

# Known in every folder that calls ol_contract.
foreach(name OL_ROOT OL_CONTRACT_DIR OL_CONTRACT_CC OL_CONTRACT_FLAGS OL_CONTRACT_LINK
    OL_CONTRACT_SQUEEZE)
  set(${name} ${${name}} CACHE INTERNAL "")
endforeach()

if(NOT TARGET contracts) # included by every folder that has contracts
  add_custom_target(contracts ALL)
endif()

# Compiles one source of `name`; appends the object to the list `into` of the caller.
function(ol__contract_object name source into)
  cmake_path(ABSOLUTE_PATH source BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
  cmake_path(RELATIVE_PATH source BASE_DIRECTORY ${OL_ROOT} OUTPUT_VARIABLE inside)
  set(object ${CMAKE_BINARY_DIR}/contract-objects/${name}/${inside}.o)
  cmake_path(GET object PARENT_PATH folder)
  file(MAKE_DIRECTORY ${folder})
  add_custom_command(OUTPUT ${object}
    COMMAND ${OL_CONTRACT_CC} ${OL_CONTRACT_FLAGS} ${ARGN} -MD -MF ${object}.d
      -c ${source} -o ${object}
    DEPENDS ${source} DEPFILE ${object}.d VERBATIM
    COMMENT "contract: ${inside}")
  set(${into} ${${into}} ${object} PARENT_SCOPE)
endfunction()

# The host library with lib/, one archive: a contract carries only what it calls. Sources named
# PLAIN stay out of link-time optimisation, which may itself call them (memcpy).
function(ol_contract_archive name)
  cmake_parse_arguments(ARG "" "" "SOURCES;PLAIN" ${ARGN})
  set(objects)
  foreach(source ${ARG_SOURCES})
    ol__contract_object(${name} ${source} objects -flto)
  endforeach()
  foreach(source ${ARG_PLAIN})
    ol__contract_object(${name} ${source} objects -fno-builtin -Os)
  endforeach()
  set(archive ${CMAKE_BINARY_DIR}/contract-objects/lib${name}.a)
  add_custom_command(OUTPUT ${archive}
    COMMAND ${CMAKE_COMMAND} -E rm -f ${archive}
    COMMAND llvm-ar-19 rcsD ${archive} ${objects}
    DEPENDS ${objects} VERBATIM COMMENT "contract: lib${name}.a")
  add_custom_target(contract_${name} DEPENDS ${archive})
endfunction()

function(ol_contract name)
  cmake_parse_arguments(ARG "" "SIZE_MAX" "SOURCES;COMPILE" ${ARGN})
  if(NOT ARG_SIZE_MAX)
    set(ARG_SIZE_MAX 90000)
  endif()
  set(objects)
  foreach(source ${ARG_SOURCES})
    ol__contract_object(${name} ${source} objects -flto ${ARG_COMPILE})
  endforeach()
  set(archive ${CMAKE_BINARY_DIR}/contract-objects/libnear_host.a)
  set(module ${OL_CONTRACT_DIR}/${name}.wasm)
  add_custom_command(OUTPUT ${module} ${module}.sha256
    COMMAND wasm-ld-19 ${OL_CONTRACT_LINK} -o ${module} ${objects} ${archive}
    COMMAND wasm-opt ${OL_CONTRACT_SQUEEZE} ${module} -o ${module}
    COMMAND ${CMAKE_COMMAND} -DMODULE=${module} -DSIZE_MAX=${ARG_SIZE_MAX}
      -P ${OL_ROOT}/cmake/contract_digest.cmake
    DEPENDS ${objects} ${archive} ${OL_ROOT}/cmake/contract_digest.cmake VERBATIM
    COMMENT "contract: ${name}.wasm")
  add_custom_target(contract_${name} DEPENDS ${module})
  add_dependencies(contract_${name} contract_near_host)
  add_dependencies(contracts contract_${name})
endfunction()

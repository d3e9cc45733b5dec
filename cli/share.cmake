# What `outlayer build` and `outlayer dev` use beside the programs: headers, archives, tools, contracts
# (cli/sdk_files.h). share/outlayer lies beside bin, here as in an installation.
set(share ${CMAKE_BINARY_DIR}/share/outlayer)

# Copies files of the tree, their folders kept, below share/INSIDE.
function(ol__share inside base)
  foreach(file ${ARGN})
    cmake_path(RELATIVE_PATH file BASE_DIRECTORY ${base} OUTPUT_VARIABLE name)
    add_custom_command(OUTPUT ${share}/${inside}/${name}
      COMMAND ${CMAKE_COMMAND} -E copy ${file} ${share}/${inside}/${name}
      DEPENDS ${file} VERBATIM COMMENT "share: ${inside}/${name}")
    set_property(GLOBAL APPEND PROPERTY ol_shared ${share}/${inside}/${name})
  endforeach()
endfunction()

set(tree ${CMAKE_SOURCE_DIR})
file(GLOB headers CONFIGURE_DEPENDS ${tree}/lib/base/*.h ${tree}/lib/codec/*.h
  ${tree}/lib/base/reasons.def ${tree}/lib/near/account_id.h ${tree}/contracts/host/near.h)
file(GLOB libc CONFIGURE_DEPENDS ${tree}/contracts/host/libc/*.h)
file(GLOB wit CONFIGURE_DEPENDS ${tree}/sdk/wit/*.wit)
ol__share(include ${tree} ${headers})
ol__share(include ${tree}/sdk ${tree}/sdk/outlayer.h ${tree}/sdk/outlayer_crypto.h)
ol__share(include-contract ${tree}/contracts/host/libc ${libc})
ol__share(wit ${tree}/sdk/wit ${wit})
ol__share(lib ${CMAKE_BINARY_DIR}/wasm-objects ${CMAKE_BINARY_DIR}/wasm-objects/liboutlayer_guest.a
  ${CMAKE_BINARY_DIR}/wasm-objects/liboutlayer_crypto.a)
# A program that is linked with the second archive carries parts of these two.
ol__share(licenses ${CMAKE_BINARY_DIR}/sdk/crypto
  ${CMAKE_BINARY_DIR}/sdk/crypto/libsodium/LICENSE
  ${CMAKE_BINARY_DIR}/sdk/crypto/libsecp256k1/COPYING)
ol__share(lib ${CMAKE_BINARY_DIR}/contract-objects
  ${CMAKE_BINARY_DIR}/contract-objects/libnear_host.a)
ol__share(bin ${CMAKE_BINARY_DIR}/sdk/tool ${CMAKE_BINARY_DIR}/sdk/tool/componentize)

foreach(contract outlayer token)
  if(TARGET contract_${contract})
    ol__share(contracts ${CMAKE_BINARY_DIR}/wasm/contracts
      ${CMAKE_BINARY_DIR}/wasm/contracts/${contract}.wasm)
    list(APPEND contracts contract_${contract})
  endif()
endforeach()

get_property(shared GLOBAL PROPERTY ol_shared)
add_custom_target(share ALL DEPENDS ${shared})
add_dependencies(share wasm_outlayer_guest wasm_outlayer_crypto contract_near_host componentize ${contracts})

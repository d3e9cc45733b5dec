# Puts the sources of libsodium and libsecp256k1 into the folder INTO: fetched by cargo (the program
# CARGO) as MANIFEST and its lock file say, from cargo's own cache where they are there already.
execute_process(
  COMMAND ${CARGO} metadata --locked --format-version 1 --filter-platform wasm32-wasip1
    --manifest-path ${MANIFEST}
  OUTPUT_VARIABLE metadata ERROR_VARIABLE said RESULT_VARIABLE failed)
if(failed)
  message(FATAL_ERROR "cargo cannot fetch the sources of the guest library's cryptography:\n${said}")
endif()

# The folder of crate `name`.
function(folder_of name ret)
  if(NOT metadata MATCHES "\"manifest_path\":\"([^\"]*/${name}-[0-9][^\"/]*)/Cargo.toml\"")
    message(FATAL_ERROR "cargo does not say where ${name} is")
  endif()
  set(${ret} ${CMAKE_MATCH_1} PARENT_SCOPE)
endfunction()

folder_of(libsodium-sys-stable sodium)
folder_of(secp256k1-sys secp256k1)

file(REMOVE_RECURSE ${INTO})
file(ARCHIVE_EXTRACT INPUT ${sodium}/LATEST.tar.gz DESTINATION ${INTO}
  PATTERNS libsodium-stable/LICENSE libsodium-stable/src/libsodium/*)
file(RENAME ${INTO}/libsodium-stable ${INTO}/libsodium)
file(COPY ${secp256k1}/depend/secp256k1/ DESTINATION ${INTO}/libsecp256k1
  FILES_MATCHING PATTERN "*.h" PATTERN "secp256k1.c" PATTERN "precomputed_ecmult.c" PATTERN "COPYING")
file(TOUCH ${INTO}/done)

/* Contracts as built. */
#ifndef OL_TESTS_CHAIN_FUZZ_FILE_H
#define OL_TESTS_CHAIN_FUZZ_FILE_H

#include "lib/base/arena.h"

/* $OL_WASM/contracts/NAME; ends the test when it is not there. */
ol_bytes contract_file_read(const char *name, ol_arena *arena);

#endif
